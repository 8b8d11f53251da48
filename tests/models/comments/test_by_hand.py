"""Every channel is equal: what staff write down is read by a second person, whole tables come in or not at all, and a telephone call can do what a phone can."""

import io
from datetime import timedelta
from typing import Any

import pytest
from PIL import Image

from models import files
from models.comments.arrange import Mark, split, words_of
from models.comments.attach import attach_scan
from models.comments.comment import Comment, MediaKind
from models.comments.intake_table import HEADS, MOST, TableWrong, take_table
from models.comments.on_behalf import add_for, give_pin, look_again_for, rate_for, withdraw_for
from models.comments.point import Point
from models.comments.receipt import Receipt
from models.comments.receive import receive
from models.comments.release import totals
from models.comments.second_look import LookStage, SecondLook, ratings_of
from models.comments.transcription import BY_HAND, Source, Transcription, TranscriptionStage, to_confirm
from models.decisions.consultation import Channel
from models.kernel.base import db
from models.kernel.clock import today
from models.kernel.lifecycle import sentence
from models.kernel.refusal import NotAllowed, OutOfTurn, RuleUnmet
from models.kernel.trail import Trace
from models.kernel.workdays import add_workdays
from models.people.place import villages
from models.people.resident import Resident, ResidentKind
from server.papers.sheets import Book
from tests.conftest import Clock
from tests.making import a_comment, a_consultation, a_pdf, a_release, a_resident, answer_all

pytestmark = pytest.mark.both_engines


def written_down(people: Any, **more: Any) -> Comment:
    """A letter that a village officer typed in, with a number to call back."""
    who = Resident.from_paper()
    who.introduce(who, name="孙阿婆", phone="13800000009", door="paper", officer=people["mafang"])
    asked = more.pop("asked", None) or a_consultation(people)
    told = {"channel": Channel.PAPER, "officer": people["mafang"]} | more
    return receive(asked, who, "早上一小时不够。", **told).comment


def traces(verb: str) -> list[Trace]:
    return db.session.query(Trace).filter_by(verb=verb).all()


def test_what_staff_wrote_down_waits_for_a_second_person_and_never_for_the_first(people: Any) -> None:
    comment = written_down(people)
    waits = comment.transcription
    assert waits is not None and (waits.source, waits.stage) == (Source.LETTER, TranscriptionStage.WAITING)
    assert not list(to_confirm(people["mafang"]))
    with pytest.raises(RuleUnmet, match="两个人"):
        waits.confirm(people["mafang"])
    assert list(to_confirm(people["tianye"])) == [waits]
    waits.confirm(people["tianye"])
    db.session.flush()
    assert (waits.stage, waits.checker) == (TranscriptionStage.CONFIRMED, people["tianye"])
    assert traces("confirm")[-1].detail["serial"] == comment.serial_words


def test_what_differs_stands_beside_what_was_written_which_stays(people: Any) -> None:
    comment = written_down(people)
    waits = comment.transcription
    assert waits is not None
    with pytest.raises(RuleUnmet) as same:
        waits.mend(people["tianye"], "早上一小时不够。", "没有")
    assert "核对一致" in same.value.fields["text"]
    waits.mend(people["tianye"], "早上两小时不够。", "「两」误录为「一」")
    db.session.flush()
    db.session.expire_all()
    assert (comment.text, waits.mended, waits.stage) == (
        "早上一小时不够。",
        "早上两小时不够。",
        TranscriptionStage.MENDED,
    )
    assert "两小时" not in str(traces("mend")[-1].detail)


def test_every_way_of_writing_down_has_its_channel_and_its_day(people: Any) -> None:
    asked = a_consultation(people)
    for source in BY_HAND:
        given = receive(
            asked, Resident.from_paper(), f"{source.label}说的。", channel=source.channel, officer=people["shenlin"],
            source=source, said_on=today() - timedelta(days=1),
        )  # fmt: skip
        made = given.comment.transcription
        assert made is not None and (made.source, made.said_on) == (source, today() - timedelta(days=1))
    assert {Source(s).channel for s in (Source.MINUTES, Source.GRID, Source.VISIT)} == {Channel.HALL}
    with pytest.raises(RuleUnmet, match="日期还没有到"):
        receive(asked, Resident.from_paper(), "明天的话。", channel=Channel.HALL, officer=people["shenlin"],
                source=Source.MINUTES, said_on=today() + timedelta(days=1))  # fmt: skip


def test_what_people_write_themselves_needs_no_second_reader(people: Any) -> None:
    assert a_comment(a_consultation(people), a_resident()).comment.transcription is None


def test_the_letter_is_attached_and_sealed_under_its_writers_key(people: Any, app: Any) -> None:
    comment = written_down(people)
    made = attach_scan(comment, people["mafang"], a_pdf("信"))
    assert (made.kind, made.mime) == (MediaKind.SCAN, "application/pdf")
    assert files.read(made.sha256, comment.resident.key.secret) == a_pdf("信")  # type: ignore[arg-type]
    photo = io.BytesIO()
    Image.new("RGB", (8, 8)).save(photo, "JPEG")
    assert attach_scan(comment, people["mafang"], photo.getvalue()).mime == "image/jpeg"
    call = attach_scan(comment, people["mafang"], b"ID3\x04\x00" + bytes(600))
    assert (call.kind, call.mime, call.label, made.label) == (MediaKind.SCAN, "audio/mpeg", "录音", "扫描件")
    assert attach_scan(comment, people["mafang"], b"\x00\x00\x00\x18ftypM4A " + bytes(64)).label == "录音"
    for bad in (b"", b"MZ hello"):
        with pytest.raises(RuleUnmet):
            attach_scan(comment, people["mafang"], bad)
    with pytest.raises(NotAllowed):
        attach_scan(comment, people["chenguodong"], a_pdf())


# --- by telephone -----------------------------------------------------------------------------------------------------


def test_by_telephone_with_number_and_pin_a_comment_is_taken_back_like_on_a_phone(people: Any) -> None:
    comment = written_down(people)
    asked = comment.consultation
    receipt = Receipt.of(comment)
    assert receipt is not None
    pin = receipt.guard()
    db.session.flush()
    with pytest.raises(RuleUnmet, match="查询码不对"):
        withdraw_for(comment, people["mafang"], "pin", Receipt.open_with(receipt.number, "000000"))
    other = written_down(people, asked=asked)
    with pytest.raises(RuleUnmet, match="查询码不对"):
        withdraw_for(other, people["mafang"], "pin", Receipt.open_with(receipt.number, pin))
    withdraw_for(comment, people["mafang"], "pin", Receipt.open_with(receipt.number, pin))
    db.session.expire_all()
    assert comment.withdrawn
    assert (totals(asked)["texts"], totals(asked)["withdrawn"]) == (1, 1)
    assert asked.n_texts == 1
    assert traces("withdraw_for")[-1].detail["known"] == "pin"


def test_who_calls_may_add_and_who_lost_the_pin_gets_another_after_being_called_back(people: Any) -> None:
    comment = written_down(people)
    add_for(comment, people["zhoumin"], "还有，晚上也不够。", "called_back")
    assert [more.text for more in comment.supplements] == ["还有，晚上也不够。"]
    old = Receipt.of(comment).guard()  # type: ignore[union-attr]
    new = give_pin(comment, people["zhoumin"], "card")
    number = Receipt.of(comment).number  # type: ignore[union-attr]
    assert Receipt.open_with(number, old) is None and Receipt.open_with(number, new) is not None
    nobody = receive(
        comment.consultation, Resident.from_paper(), "没留电话。", channel=Channel.HALL, officer=people["mafang"]
    ).comment
    with pytest.raises(RuleUnmet, match="没有留电话"):
        add_for(nobody, people["zhoumin"], "补充", "called_back")
    with pytest.raises(RuleUnmet, match="先核对"):
        withdraw_for(nobody, people["zhoumin"], "")


def test_the_right_to_take_it_back_ends_for_everybody_on_the_same_day(people: Any, clock: Clock) -> None:
    comment = written_down(people)
    clock.forward(days=31)
    db.session.expire_all()
    with pytest.raises(RuleUnmet) as by_hand:
        withdraw_for(comment, people["mafang"], "card")
    with pytest.raises(RuleUnmet) as alone:
        comment.withdraw(comment.resident)
    assert by_hand.value.message == alone.value.message


def test_who_wrote_by_letter_says_by_telephone_whether_the_answer_met_it_and_asks_once_for_another_look(
    people: Any, clock: Clock
) -> None:
    comment = written_down(people)
    receipt = Receipt.of(comment)
    assert receipt is not None and comment.transcription is not None
    pin = receipt.guard()
    comment.transcription.confirm(people["tianye"])
    clock.forward(days=31)
    db.session.expire_all()
    (point,) = answer_all(people, comment.consultation)
    with pytest.raises(OutOfTurn):
        rate_for(point, people["mafang"], True, "card")
    a_release(people, comment.consultation)
    db.session.expire_all()
    with pytest.raises(RuleUnmet, match="查询码不对"):
        rate_for(point, people["mafang"], True, "pin", Receipt.open_with(receipt.number, "000000"))
    with pytest.raises(NotAllowed):
        rate_for(point, people["chenguodong"], True, "card")
    rate_for(point, people["mafang"], True, "pin", Receipt.open_with(receipt.number, pin))
    assert ratings_of([point.id], comment.resident) == {point.id: True}
    with pytest.raises(RuleUnmet, match="先核对"):
        look_again_for(point, people["zhoumin"], "没说北侧停车场。", "")
    with pytest.raises(RuleUnmet) as why:
        look_again_for(point, people["zhoumin"], "  ", "called_back")
    assert "reason" in why.value.fields
    clock.forward(days=1)
    look = look_again_for(point, people["zhoumin"], "没说北侧停车场。", "called_back")
    assert (look.reason, look.stage, look.due_on) == ("没说北侧停车场。", LookStage.ASKED, add_workdays(today(), 10))
    assert ratings_of([point.id], comment.resident) == {point.id: False}
    with pytest.raises(OutOfTurn, match="已经请人再看过一次"):
        look_again_for(point, people["mafang"], "再来一次", "card")
    with pytest.raises(OutOfTurn, match="已经请人再看过一次"):
        SecondLook.ask(comment.resident, point, "自己再来一次")
    (trace,) = traces("look_again_for")
    assert trace.actor_name == people["zhoumin"].name and "北侧" not in str(trace.detail)
    assert sentence(trace).startswith("应本人要求代请人再看") and "按留下的电话打回去核对了" in sentence(trace)
    assert [t.detail["good"] for t in traces("rate_for")] == [True, False]


# --- a whole table ----------------------------------------------------------------------------------------------------


def table(rows: list[dict[str, Any]], heads: Any = HEADS) -> bytes:
    file = io.BytesIO()
    book = Book(file)
    book.sheet(
        "意见", [(head, 12) for _, head in heads], [[row.get(n, "") for n, _ in heads] for row in rows], title="登记表"
    )
    book.close()
    return file.getvalue()


def good(n: int = 1, **more: Any) -> dict[str, Any]:
    return {
        "source": "会议记录",
        "said_on": "2026-01-05",
        "text": f"第{n}个人说：东侧多留车位。",
        "name": f"居民{n}",
    } | more


def test_a_table_comes_in_whole_and_each_row_is_a_comment_like_any_other(people: Any) -> None:
    asked = a_consultation(people)
    town = villages()[0]
    rows = [
        good(1, clause="第二条", place=town.name, phone="13800000001", show_text="是", show_name="是"),
        good(2, source="信函", kind="单位", organisation="农贸市场", said_on="2026年11月1日"),
        good(3, source="网格走访", kind="联名", signers=25, text="两行的话\n第二行，=1+1"),
    ]
    given = take_table(asked, people["mafang"], table(rows))
    first, second, third = (one.comment for one in given)
    assert [c.serial for c in (first, second, third)] == [1, 2, 3]
    assert (first.target, first.place, first.show_text, first.show_name) == ("第二条", town, True, True)
    assert (first.resident.name, first.resident.phone) == ("居民1", "13800000001")
    assert (second.kind, second.organisation, second.channel) == (ResidentKind.ORGANISATION, "农贸市场", Channel.PAPER)
    assert (third.signers, third.text) == (25, "两行的话\n第二行，=1+1")
    assert [t.transcription.source for t in (first, second, third)] == [Source.MINUTES, Source.LETTER, Source.GRID]  # type: ignore[union-attr]
    assert all(c.entered_by == people["mafang"] and Receipt.of(c) for c in (first, second, third))


def test_one_mistake_and_nothing_comes_in_and_every_mistake_is_named_with_row_and_column(people: Any) -> None:
    asked = a_consultation(people)
    rows = [
        good(1),
        good(2, source="口信", text=""),
        good(3, clause="第九十九条", said_on="昨天", place="没有这个村"),
        good(4, kind="联名", signers=1, phone="打我电话", show_text="随便"),
        good(5, kind="单位", text="长" * 2001),
    ]
    with pytest.raises(TableWrong) as why:
        take_table(asked, people["mafang"], table(rows))
    places = {(w.row, w.column) for w in why.value.wrongs}
    # Row 1 is the title, row 2 the headings; A source, B day, C words, D clause, F organisation, G signers, I phone, J place, K shown.
    assert places == {
        (4, "A"),
        (4, "C"),
        (5, "B"),
        (5, "D"),
        (5, "J"),
        (6, "G"),
        (6, "I"),
        (6, "K"),
        (7, "C"),
        (7, "F"),
    }
    assert "有 10 处要改，一份也没有导入" in why.value.message
    assert db.session.query(Comment).count() == 0
    assert db.session.query(Transcription).count() == 0
    db.session.refresh(asked)
    assert (asked.n_texts, asked.serials) == (0, 0)


def test_the_same_file_twice_takes_nothing_in_twice(people: Any) -> None:
    asked = a_consultation(people)
    data = table([good(n) for n in range(1, 4)])
    first = take_table(asked, people["mafang"], data)
    second = take_table(asked, people["mafang"], data)
    assert [one.comment.id for one in first] == [one.comment.id for one in second]
    assert all(one.repeated for one in second)
    assert db.session.query(Comment).count() == 3


def test_a_table_without_headings_without_rows_or_too_long_says_what_to_do(people: Any) -> None:
    asked = a_consultation(people)
    with pytest.raises(RuleUnmet, match="没有找到表头"):
        take_table(asked, people["mafang"], table([good()], heads=[("text", "话"), ("source", "哪里")]))
    with pytest.raises(RuleUnmet, match="没有意见"):
        take_table(asked, people["mafang"], table([]))
    with pytest.raises(RuleUnmet, match="一次最多"):
        take_table(asked, people["mafang"], table([good(n) for n in range(MOST + 1)]))
    with pytest.raises(NotAllowed):
        take_table(asked, people["chenguodong"], table([good()]))


def test_the_second_reading_is_what_is_answered_and_shown(people: Any, clock: Clock) -> None:
    """A letter with two points, mended by its second reader: each point shows its own words as they are right, and the first ones stay."""
    asked = a_consultation(people)
    comment = receive(
        asked,
        Resident.from_paper(),
        "早上一小时不够。路灯太暗。",
        channel=Channel.PAPER,
        officer=people["mafang"],
        show_text=True,
    ).comment
    split(comment, people["shenlin"], [Mark(8, 13)])
    assert comment.transcription
    comment.transcription.mend(people["tianye"], "早上两小时不够。路灯实在太暗了。", "漏了字，「两」误录为「一」")
    db.session.flush()
    points = {p.number: p for p in db.session.query(Point).filter_by(comment_id=comment.id)}
    said = {1: "早上两小时不够。", 2: "路灯实在太暗了。"}
    words = words_of(list(points.values()))
    assert {number: words[point.id] for number, point in points.items()} == said
    clock.forward(days=31)
    asked = db.session.merge(asked)
    answer_all(people, asked)
    a_release(people, asked)
    db.session.expire_all()
    shown = {p.number: p.shown_text for p in db.session.query(Point).filter_by(comment_id=comment.id)}
    assert shown == said
    assert comment.text == "早上一小时不够。路灯太暗。", "the first words stay as they were written"
    assert comment.mended == "早上两小时不够。路灯实在太暗了。"
