"""At the counter and on the telephone: the status is read out, the deeds are the same, and a table comes in whole or shows where it is wrong."""

import io
import re
from collections.abc import Callable
from typing import Any

from PIL import Image

from models.comments.comment import Attachment, Comment
from models.comments.point import Point
from models.comments.receipt import Receipt
from models.comments.transcription import Source, Transcription, TranscriptionStage
from models.kernel.base import db
from models.texts.xlsx import read_xlsx
from server.house import House
from tests.console.world import World
from tests.making import a_pdf
from tests.models.comments.test_by_hand import good, table


def upload(browser: Any, path: str, data: dict[str, Any], name: str, file: bytes, filename: str) -> Any:
    return browser.submit(path, {**data, name: (io.BytesIO(file), filename)}, content_type="multipart/form-data")


def test_a_letter_is_entered_with_its_scan_its_day_and_what_it_is_and_its_slip_has_receipt_and_square(
    world: World, desk: Callable[[str], Any], app: House
) -> None:
    told = {
        "channel": "hall", "source": "grid", "said_on": "2026-01-05", "text": "路灯下面也划两个。", "kind": "individual",
        "name": "孙阿婆", "phone": "13800000010", "key": "a" * 32,
    }  # fmt: skip
    answer = upload(desk("tianye"), f"/desk/consultations/{world.open}/intake", told, "scan", a_pdf("本子"), "本子.pdf")
    slip = answer.get_data(as_text=True)
    assert answer.status_code == 200 and "录好了" in slip and "网格走访" in slip
    assert re.search(r"查询码</span> [0-9]{6}", slip) and 'src="/desk/slips/code.svg"' in slip
    with app.app_context():
        made = db.session.query(Transcription).order_by(Transcription.id.desc()).first()
        assert made is not None and (made.source, str(made.said_on)) == (Source.GRID, "2026-01-05")
        assert [a.mime for a in made.of.attachments] == ["application/pdf"]
    bad = upload(desk("tianye"), f"/desk/consultations/{world.open}/intake", told | {"key": "b" * 32, "channel": "phone"},
                 "scan", b"", "")  # fmt: skip
    assert bad.status_code == 422 and "对不上" in bad.get_data(as_text=True)


def test_a_second_person_finds_it_reads_it_and_confirms_or_says_what_differs(
    world: World, desk: Callable[[str], Any], app: House
) -> None:
    assert world.transcription not in desk("mafang").get("/desk/transcripts").get_data(as_text=True)
    page = desk("tianye").get("/desk/transcripts").get_data(as_text=True)
    assert f"/desk/transcripts/{world.transcription}/check" in page and "西侧也划几个。" in page
    assert re.search(r"<textarea[^>]*>\s*西侧也划几个。</textarea>", page), "what differs is mended, not typed anew"
    path = f"/desk/transcripts/{world.transcription}/check"
    refused = desk("tianye").submit(path, {"deed": "mend", "text": "西侧也划六个。", "remark": ""})
    assert refused.status_code == 422 and "西侧也划六个。" in refused.get_data(as_text=True)
    assert desk("mafang").submit(path, {"deed": "confirm"}).status_code == 422
    assert desk("tianye").submit(path, {"deed": "confirm"}).status_code == 303
    with app.app_context():
        (made,) = db.session.query(Transcription).filter_by(public_id=world.transcription).all()
        assert made.stage == TranscriptionStage.CONFIRMED


def test_a_scan_stands_beside_what_was_written_down(world: World, desk: Callable[[str], Any], app: House) -> None:
    scan = io.BytesIO()
    Image.new("RGB", (30, 40), "white").save(scan, "PNG")
    told = {"channel": "paper", "text": "西侧留两个车位。", "kind": "individual", "key": "c" * 32}
    path = f"/desk/consultations/{world.open}/intake"
    assert upload(desk("tianye"), path, told, "scan", scan.getvalue(), "信.png").status_code == 200
    with app.app_context():
        letter = db.session.query(Attachment).order_by(Attachment.id.desc()).first()
        assert letter is not None
        where = f"/desk/attachments/{letter.public_id}"
    page = desk("mafang").get("/desk/transcripts").get_data(as_text=True)
    assert re.search(rf'<img[^>]*src="{where}"', page)
    assert desk("mafang").get(where).mimetype.startswith("image/")


def test_a_voice_message_is_read_by_a_second_person_too(world: World, desk: Callable[[str], Any], app: House) -> None:
    assert desk("tianye").submit(f"/desk/transcripts/{world.voice}", {"text": "再留两个。"}).status_code == 303
    with app.app_context():
        (waits,) = db.session.query(Transcription).filter(Transcription.attachment_id.is_not(None)).all()
        public_id = waits.public_id
        assert (waits.source, waits.written) == (Source.VOICE, "再留两个。")
    assert desk("mafang").submit(f"/desk/transcripts/{public_id}/check", {"deed": "confirm"}).status_code == 303
    again = desk("tianye").submit(f"/desk/transcripts/{world.voice}", {"text": "改一改。"})
    assert again.status_code == 409
    with app.app_context():
        assert db.session.query(Attachment).filter_by(public_id=world.voice).one().transcript == "再留两个。"


def test_on_the_telephone_the_same_status_is_read_out_as_stands_on_the_phone(
    world: World, desk: Callable[[str], Any], app: House
) -> None:
    with app.app_context():
        comment = db.session.query(Comment).filter_by(public_id=world.letter).one()
        words, receipt = comment.progress.words, Receipt.of(comment).number  # type: ignore[union-attr]
    found = desk("mafang").get(f"/desk/find?q={receipt}").get_data(as_text=True)
    assert f"/desk/slips/{world.letter}/counter" in found
    page = desk("mafang").get(f"/desk/slips/{world.letter}/counter").get_data(as_text=True)
    assert words in page and "代为撤回" in page


def test_at_the_counter_a_new_pin_is_given_once_and_a_withdrawal_is_one(
    world: World, desk: Callable[[str], Any], app: House
) -> None:
    office, path = desk("zhoumin"), f"/desk/slips/{world.letter}"
    assert office.submit(f"{path}/withdraw", {}).status_code == 422
    slip = office.submit(f"{path}/pin", {"known": "card"}).get_data(as_text=True)
    (pin,) = re.findall(r"查询码</span> ([0-9]{6})", slip)
    wrong = office.submit(f"{path}/withdraw", {"known": "pin", "pin": "000000" if pin != "000000" else "111111"})
    assert wrong.status_code == 422 and "查询码不对" in wrong.get_data(as_text=True)
    assert office.submit(f"{path}/withdraw", {"known": "pin", "pin": pin}).status_code == 303
    with app.app_context():
        comment = db.session.query(Comment).filter_by(public_id=world.letter).one()
        assert comment.withdrawn
    assert "已经撤回" in office.get(f"{path}/counter").get_data(as_text=True)


def test_wrong_pins_at_the_counter_are_counted_like_everywhere(
    world: World, desk: Callable[[str], Any], app: House
) -> None:
    office, path = desk("zhoumin"), f"/desk/slips/{world.letter}"
    office.submit(f"{path}/pin", {"known": "card"})
    answers = [
        office.submit(f"{path}/add", {"known": "pin", "pin": "99", "text": "补充"}).status_code for _ in range(6)
    ]
    assert answers[:5] == [422] * 5 and answers[5] == 429


def test_a_table_is_handed_out_filled_in_and_taken_in_whole(world: World, desk: Callable[[str], Any]) -> None:
    browser, path = desk("mafang"), f"/desk/consultations/{world.open}/table"
    empty = read_xlsx(browser.get(f"/desk/consultations/{world.open}/empty-table").get_data())
    assert empty[-1].cells[:3] == ["来源", "日期", "原话"]
    filled = table([good(n) for n in (1, 2)])
    page = upload(browser, path, {}, "file", filled, "意见.xlsx").get_data(as_text=True)
    assert "导入了 2 份" in page and page.count("/counter") == 2
    again = upload(browser, path, {}, "file", filled, "意见.xlsx")
    assert "没有重复录入" in again.get_data(as_text=True)


def test_a_table_with_mistakes_shows_row_and_column_and_takes_in_nothing(
    world: World, desk: Callable[[str], Any], app: House
) -> None:
    browser, path = desk("mafang"), f"/desk/consultations/{world.open}/table"
    with app.app_context():
        before = db.session.query(Comment).count()
    answer = upload(browser, path, {}, "file", table([good(1), good(2, source="口信", clause="第九十条")]), "意见.xlsx")
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422 and "一份也没有导入" in page
    rows = re.findall(r'data-l="行">(\d+)</td><td data-l="列">(\w+)</td>', page)
    assert rows == [("4", "A"), ("4", "D")]
    assert upload(browser, path, {}, "file", b"hello", "x.xlsx").status_code == 422
    assert browser.submit(path, {}).status_code == 422
    with app.app_context():
        assert db.session.query(Comment).count() == before


def test_after_the_release_the_answer_is_read_out_at_the_counter(
    world: World, desk: Callable[[str], Any], app: House
) -> None:
    with app.app_context():
        asked = db.session.query(Comment).filter(Comment.consultation.has(public_id=world.released)).first()
        assert asked is not None
        public_id = asked.public_id
    page = desk("mafang").get(f"/desk/slips/{public_id}/counter").get_data(as_text=True)
    assert "未采纳" in page and "一小时够买一次菜" in page
    assert desk("mafang").submit(f"/desk/slips/{public_id}/withdraw", {"known": "card"}).status_code in (409, 422)


def test_after_the_release_a_caller_says_whether_it_met_the_point_and_has_it_looked_at_once_more(
    world: World, desk: Callable[[str], Any], app: House
) -> None:
    with app.app_context():
        public_id = db.session.query(Point).filter_by(public_id=world.released_point).one().comment.public_id
    office, path = desk("zhoumin"), f"/desk/slips/{public_id}"
    told = {"known": "card", "point": world.released_point, "reason": ""}
    assert office.submit(f"{path}/answer", told | {"deed": "sing"}).status_code == 403
    assert office.submit(f"{path}/answer", told | {"deed": "met", "known": ""}).status_code == 422
    assert office.submit(f"{path}/answer", told | {"deed": "met", "point": world.point}).status_code == 404
    assert office.submit(f"{path}/answer", told | {"deed": "met"}).status_code == 303
    assert "他说：答到点子上了" in office.get(f"{path}/counter").get_data(as_text=True)
    no_reason = office.submit(f"{path}/answer", told | {"deed": "again"})
    assert no_reason.status_code == 422 and "请写一句哪里没答到" in no_reason.get_data(as_text=True)
    assert office.submit(f"{path}/answer", told | {"deed": "again", "reason": "没说北侧。"}).status_code == 303
    page = office.get(f"{path}/counter").get_data(as_text=True)
    assert "他说：没答到。" in page and "正由另一位工作人员再看" in page and "已经请人再看过一次了" in page
    assert office.submit(f"{path}/answer", told | {"deed": "again", "reason": "再来。"}).status_code == 409
