"""From a pasted text to a published notice: cut under the officer's eyes, explained, signed by four people, numbered."""

import io
import re
from collections.abc import Callable
from html import unescape
from typing import Any

import docx
from werkzeug.test import encode_multipart

from models.decisions.consultation import Consultation, Stage, by_public_id
from models.kernel.base import db
from models.kernel.trail import story
from models.people.officer import Officer
from server.house import House
from tests.console.world import World

SOURCE = """青禾街道犬只管理公约（征求意见稿）

第一章　总则
第一条　为了大家住得安心，制定本公约。
第二条　遛狗要牵绳。绳长不超过1.5米；电梯里要抱起来。
第三条　本公约自2027年5月1日起施行。
"""
FIELDS = {
    "title": "青禾街道犬只管理公约",
    "summary": "遛狗牵绳。",
    "whom": "养狗的和怕狗的",
    "content": "牵绳、办证。",
    "purpose": "住得安心。",
    "basis": "动物防疫法第三十条。",
    "impact": "养狗的人要办证。",
    "window_days": "30",
    "answer_workdays": "15",
    "channels": ["chat", "h5", "paper"],
    "contact_unit": "城市管理科",
    "contact_phone": "0000-5550123",
}


def hidden(html: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', html)
    assert found, f"no field {name}"
    return unescape(found[1])


def source_in(html: str) -> str:
    """What the page would send back: a browser drops the first line end of a textarea."""
    found = re.search(r'<textarea[^>]*name="source"[^>]*>\n?(.*?)</textarea>', html, re.DOTALL)
    assert found
    return unescape(found[1])


def pieces_in(html: str) -> list[str]:
    return [unescape(re.sub(r"<[^>]*>", "", t)) for t in re.findall(r'<div class="t">(.*?)</div>', html, re.DOTALL)]


def sent(html: str) -> dict[str, str]:
    """The form of the page of pieces as a browser sends it: line ends as CR LF."""
    return {
        "title": hidden(html, "title"),
        "cuts": hidden(html, "cuts"),
        "source": source_in(html).replace("\n", "\r\n"),
    }


def one(title: str) -> Consultation:
    found = db.session.query(Consultation).filter_by(title=title).one()
    return found


def test_a_pasted_draft_is_cut_corrected_and_kept_to_the_letter(app: House, desk: Callable[[str], Any]) -> None:
    browser = desk("shenlin")
    page = browser.submit("/desk/drafts/split", {"title": FIELDS["title"], "source": SOURCE.replace("\n", "\r\n")})
    assert page.status_code == 200
    first = page.get_data(as_text=True)
    assert "".join(source_in(first)) == SOURCE
    assert len(pieces_in(first)) == 5

    second_article = SOURCE.index("第二条")
    opened = browser.submit("/desk/drafts/cuts", sent(first) | {"open": str(second_article)}).get_data(as_text=True)
    assert opened.count("从这里断开") == 2
    within = SOURCE.index("电梯里")
    parted = browser.submit("/desk/drafts/cuts", sent(opened) | {"cut": str(within)}).get_data(as_text=True)
    assert len(pieces_in(parted)) == 6
    merged = browser.submit("/desk/drafts/cuts", sent(parted) | {"merge": str(within)}).get_data(as_text=True)
    assert pieces_in(merged) == pieces_in(first)
    assert source_in(merged) == SOURCE
    again = browser.submit("/desk/drafts/cuts", sent(parted) | {"deed": "anew"}).get_data(as_text=True)
    assert pieces_in(again) == pieces_in(first)

    with app.app_context():
        assert db.session.query(Consultation).count() == 0
    saved = browser.submit("/desk/drafts/cuts", sent(parted) | {"deed": "save"})
    assert saved.status_code == 303
    with app.app_context():
        draft = one(FIELDS["title"]).draft
        assert draft
        assert draft.source == SOURCE
        assert "".join(c.text for c in draft.clauses) == SOURCE
        assert len(draft.clauses) == 6


def test_a_word_file_brings_its_text_and_a_broken_one_is_refused_in_words(desk: Callable[[str], Any]) -> None:
    paper = docx.Document()
    for line in SOURCE.splitlines():
        paper.add_paragraph(line)
    made = io.BytesIO()
    paper.save(made)
    browser = desk("shenlin")
    page = browser.submit(
        "/desk/drafts/split",
        {"title": "公约", "source": "", "word": (io.BytesIO(made.getvalue()), "公约.docx")},
        content_type="multipart/form-data",
    )
    assert page.status_code == 200
    assert "绳长不超过1.5米" in source_in(page.get_data(as_text=True))
    broken = browser.submit(
        "/desk/drafts/split",
        {"title": "公约", "source": "留着的话", "word": (io.BytesIO(b"PK no zip"), "x.docx")},
        content_type="multipart/form-data",
    )
    assert broken.status_code == 422
    assert "留着的话" in broken.get_data(as_text=True)


def whole(browser: Any, path: str, fields: dict[str, str]) -> Any:
    """As a browser sends a form of parts, without a file of the test's own in between."""
    boundary, body = encode_multipart({**fields, "csrf_token": browser.csrf})
    return browser.post(path, data=body, content_type=f'multipart/form-data; boundary="{boundary}"')


def test_a_very_long_draft_goes_the_whole_way(app: House, desk: Callable[[str], Any]) -> None:
    long = "办法\n" + "".join(f"第{n}条　{'这一条写得很长。' * 60}\n" for n in range(1, 360))
    assert 150_000 < len(long) < 200_000
    browser = desk("shenlin")
    page = whole(browser, "/desk/drafts/split", {"title": "长办法", "source": long.replace("\n", "\r\n")})
    assert page.status_code == 200
    saved = whole(browser, "/desk/drafts/cuts", sent(page.get_data(as_text=True)) | {"deed": "save"})
    assert saved.status_code == 303
    with app.app_context():
        assert one("长办法").draft.source == long
    too_long = whole(browser, "/desk/drafts/split", {"title": "长办法", "source": "字" * 200_001})
    assert too_long.status_code == 422
    assert "最多 200000 个字" in too_long.get_data(as_text=True)


def test_an_empty_draft_is_refused_and_nothing_is_lost(desk: Callable[[str], Any]) -> None:
    page = desk("shenlin").submit("/desk/drafts/split", {"title": "公约", "source": "  "})
    assert page.status_code == 422
    text = page.get_data(as_text=True)
    assert "请粘贴草案全文" in text
    assert 'value="公约"' in text


def drafted(browser: Any) -> str:
    page = browser.submit("/desk/drafts/split", {"title": FIELDS["title"], "source": SOURCE}).get_data(as_text=True)
    saved = browser.submit("/desk/drafts/cuts", sent(page) | {"deed": "save"})
    return str(saved.headers["Location"]).rsplit("/", 1)[1]


def test_a_notice_may_be_kept_half_written_and_says_what_is_missing(app: House, desk: Callable[[str], Any]) -> None:
    browser = desk("shenlin")
    matter = drafted(browser)
    half = {**FIELDS, "impact": "", "window_days": "10"}
    kept = browser.submit(f"/desk/drafts/{matter}", {**half, "deed": "keep"})
    assert kept.status_code == 303
    refused = browser.submit(f"/desk/drafts/{matter}", {**half, "deed": "submit"})
    text = refused.get_data(as_text=True)
    assert refused.status_code == 422
    assert "差 2 处" in text
    assert "影响" in text
    assert "动物防疫法第三十条" in text
    with app.app_context():
        found = by_public_id(matter, published=False)
        assert found
        assert found.stage == Stage.DRAFTED
        assert found.window_days == 10


def test_fields_are_checked_each_in_its_place(desk: Callable[[str], Any]) -> None:
    browser = desk("shenlin")
    matter = drafted(browser)
    bad = {**FIELDS, "title": "长" * 61, "window_days": "三十", "answer_workdays": "99", "channels": ["chat", "fax"]}
    page = browser.submit(f"/desk/drafts/{matter}", {**bad, "deed": "keep"})
    text = page.get_data(as_text=True)
    assert page.status_code == 422
    assert "最多 60 个字" in text
    assert "请填一个整数" in text
    assert "长" * 61 in text


def test_four_people_sign_and_the_office_numbers_it(app: House, desk: Callable[[str], Any]) -> None:
    browser = desk("shenlin")
    matter = drafted(browser)
    assert browser.submit(f"/desk/drafts/{matter}", {**FIELDS, "deed": "submit"}).status_code == 303
    steps = (
        ("xujing", "check", Stage.CHECKED),
        ("hexiulan", "review", Stage.REVIEWED),
        ("wuqiming", "sign", Stage.SIGNED),
        ("zhoumin", "publish", Stage.PUBLISHED),
    )
    for login, deed, stage in steps:
        for other, _, _ in steps:
            if other != login:
                refused = desk(other).submit(f"/desk/sign-off/{matter}", {"deed": deed})
                assert refused.status_code in (403, 409), (other, deed)
        mine = desk(login)
        assert FIELDS["title"] in mine.get("/desk/sign-off").get_data(as_text=True)
        done = mine.submit(f"/desk/sign-off/{matter}", {"deed": deed, "note": "看过了"})
        assert done.status_code == 303, done.get_data(as_text=True)
        with app.app_context():
            found = by_public_id(matter, published=False)
            assert found
            assert found.stage == stage
    with app.app_context():
        found = by_public_id(matter)
        assert found
        assert found.is_open()
        assert found.number.endswith("号")
        assert [row[0].verb for row in story(subject=found)][:5] == ["publish", "sign", "review", "check", "submit"]


def test_a_reviewer_sends_it_back_with_a_reason_that_the_handler_sees(world: World, desk: Callable[[str], Any]) -> None:
    head = desk("xujing")
    silent = head.submit(f"/desk/sign-off/{world.submitted}", {"deed": "send_back", "reason": " "})
    assert silent.status_code == 422
    assert "请写明退回的原因" in silent.get_data(as_text=True)
    assert (
        head.submit(f"/desk/sign-off/{world.submitted}", {"deed": "send_back", "reason": "影响写得太短"}).status_code
        == 303
    )
    assert "影响写得太短" in desk("shenlin").get(f"/desk/drafts/{world.submitted}").get_data(as_text=True)


def test_another_handler_takes_a_case_on(app: House, world: World, desk: Callable[[str], Any]) -> None:
    with app.app_context():
        other = Officer.by_login("mafang")
        other.give("handler")
        db.session.commit()
        number = other.public_id
    handler = desk("shenlin")
    page = handler.get(f"/desk/sign-off/{world.submitted}").get_data(as_text=True)
    assert "换人承办" in page
    assert handler.submit(f"/desk/sign-off/{world.submitted}/hand-over", {"to": "nobody"}).status_code == 422
    assert handler.submit(f"/desk/sign-off/{world.submitted}/hand-over", {"to": number}).status_code == 303
    with app.app_context():
        assert by_public_id(world.submitted, published=False).handler.login == "mafang"


def test_a_page_that_somebody_overtook_is_refused(world: World, desk: Callable[[str], Any]) -> None:
    page = desk("xujing").submit(f"/desk/sign-off/{world.submitted}", {"deed": "check", "version": "1"})
    assert page.status_code == 409
    assert "请再看一遍" in page.get_data(as_text=True)


def test_a_window_is_extended_corrected_and_cancelled_in_the_open(
    app: House, world: World, desk: Callable[[str], Any]
) -> None:
    chief = desk("wuqiming")
    where = f"/desk/consultations/{world.open}"
    assert chief.submit(f"{where}/extend", {"days": "0", "reason": "春节"}).status_code == 422
    assert chief.submit(f"{where}/extend", {"days": "7", "reason": "春节放假"}).status_code == 303
    notice = {
        "title": "青禾街道农贸市场周边停车管理办法",
        "summary": "早上留给买菜的，晚上留给住在附近的。",
        "whom": "买菜的居民",
        "purpose": "让短时买菜的车停得下。",
        "basis": "年度目录第3项。",
        "content": "分时段。",
        "impact": "46个车位。",
        "contact_phone": "0000-5550199",
        "contact_unit": "城市管理科",
    }
    assert chief.submit(f"{where}/correct", notice).status_code == 422
    assert chief.submit(f"{where}/correct", {**notice, "remark": "电话写错了"}).status_code == 303
    page = chief.get(where).get_data(as_text=True)
    assert "春节放假" in page
    assert "更正：电话写错了" in page
    assert "0000-5550199" in page
    assert chief.submit(f"{where}/cancel", {"reason": "不办了"}).status_code == 422
    assert chief.submit(f"{where}/cancel", {"reason": "不办了", "sure": "y"}).status_code == 303
    with app.app_context():
        found = by_public_id(world.open)
        assert found
        assert found.stage == Stage.CANCELLED


def test_a_fresh_notice_knows_how_the_office_is_reached_and_what_was_written_stays(
    app: House, world: World, desk: Callable[[str], Any]
) -> None:
    handler = desk("shenlin")
    with app.app_context():
        matter = by_public_id(world.drafted, published=False)
        matter.revise(Officer.by_login("shenlin"), contact_phone="")
        db.session.commit()

    def told(name: str) -> str:
        found = re.search(
            rf'<input[^>]*name="{name}"[^>]*>', handler.get(f"/desk/drafts/{world.drafted}").get_data(as_text=True)
        )
        assert found
        value = re.search(r'value="([^"]*)"', found[0])
        return value[1] if value else ""

    assert told("contact_phone") == "0000-5550123"
    assert told("contact_email") == "yijian@qinghe.example"
    assert told("contact_address") == "青禾街道桥头巷1号"
    with app.app_context():
        matter = by_public_id(world.drafted, published=False)
        assert matter.contact_phone == "", "nothing is written before the officer keeps it"
        matter.revise(Officer.by_login("shenlin"), contact_phone="0000-5559999")
        db.session.commit()
    assert told("contact_phone") == "0000-5559999"
    assert told("contact_email") == ""
