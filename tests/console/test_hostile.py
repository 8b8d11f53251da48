"""Forged, hostile and absurd input: refused in words, never an error, never a change, never markup."""

import hashlib
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import text

from models.decisions.consultation import by_public_id
from models.kernel.base import db
from models.people.officer import Officer
from models.questions.question import QuestionStage
from models.questions.question import by_public_id as by_number
from server.house import House
from tests.console.test_every_page import LOGINS, PAGES, fill, read
from tests.console.world import World
from tests.making import a_comment, a_resident
from tests.torture.ways import WAYS

# Every address that writes, with an officer who may, and fields that would be right.
WRITES: list[tuple[str, str, dict[str, str]]] = [
    ("/desk/sign-out", "shenlin", {}),
    ("/desk/password", "shenlin", {"old": "huiyin-demo-2026", "new": "a-new-password-1", "again": "a-new-password-1"}),
    ("/desk/drafts/split", "shenlin", {"title": "办法", "source": "第一条 好。"}),
    (
        "/desk/drafts/cuts",
        "shenlin",
        {"title": "办法", "source": "第一条 好。\n第二条 行。", "cuts": "0,7", "deed": "save"},
    ),
    (
        "/desk/drafts/{drafted}",
        "shenlin",
        {"title": "新标题", "window_days": "30", "answer_workdays": "15", "deed": "keep"},
    ),
    ("/desk/sign-off/{submitted}", "xujing", {"deed": "check", "note": "好"}),
    ("/desk/sign-off/{submitted}/hand-over", "shenlin", {"to": "{officer}"}),
    ("/desk/consultations/{open}/extend", "wuqiming", {"days": "3", "reason": "放假"}),
    (
        "/desk/consultations/{open}/correct",
        "wuqiming",
        {"remark": "改", "title": "办法", "purpose": "一", "basis": "二", "content": "三", "impact": "四"},
    ),
    ("/desk/consultations/{open}/cancel", "wuqiming", {"reason": "不办", "sure": "y"}),
    ("/desk/consultations/{open}/intake", "mafang", {"channel": "paper", "text": "话", "kind": "individual"}),
    (
        "/desk/answering/{closed}/{point}",
        "shenlin",
        {"outcome": "adopted", "reason": "第二条已改为两小时。", "gist": "好", "deed": "keep"},
    ),
    ("/desk/answering/{closed}/{point}/look", "shenlin", {"outcome": "adopted", "reason": "第二条已改为两小时。"}),
    ("/desk/approval/{submitted_point}", "xujing", {"deed": "approve"}),
    ("/desk/release/{ready}", "wuqiming", {"points": "1"}),
    ("/desk/unplaced/{unplaced}", "zhoumin", {"deed": "place", "consultation": "{open}"}),
    ("/desk/transcripts/{voice}", "tianye", {"text": "听到的话"}),
    ("/desk/articles/new", "linxiao", {"title": "标题", "body": "正文", "deed": "keep"}),
    ("/desk/articles/{article}", "linxiao", {"title": "标题", "body": "正文", "deed": "keep"}),
    ("/desk/articles/{submitted_article}/deed", "luojing", {"deed": "send_back", "reason": "再改"}),
    ("/desk/questions/{question}/assign", "luojing", {"counsel": "{counsel}"}),
    ("/desk/questions/{question}/answer", "luojing", {"text": "答复"}),
    ("/desk/wx-articles/{question}", "zhoumin", {"url": "https://mp.weixin.qq.com/s/x"}),
    (
        "/desk/officers/new",
        "xitong",
        {"login": "wang", "name": "王", "post": "handler", "password": "a-first-password"},
    ),
    ("/desk/officers/{officer}/appoint", "xitong", {"post": "archivist"}),
    ("/desk/officers/{officer}/relieve", "xitong", {"post": "handler"}),
    ("/desk/officers/{officer}/password", "xitong", {"password": "a-first-password"}),
    (
        "/desk/officers/{officer}/delegate",
        "xitong",
        {"to": "{counsel}", "from_on": "2027-01-01", "until_on": "2027-01-09"},
    ),
    ("/desk/officers/{officer}/leave", "xitong", {}),
    ("/desk/officers/{officer}/come_back", "xitong", {}),
    ("/desk/places", "xitong", {"name": "三组", "kind": "group", "parent": "{place}", "residents": "10"}),
    ("/desk/places/{place}", "xitong", {"name": "改名", "residents": "10"}),
    ("/desk/units", "xitong", {"name": "新单位", "phone": ""}),
    ("/desk/units/{unit}", "xitong", {"name": "改名", "phone": ""}),
    ("/desk/sessions/{session}", "anquan", {}),
    ("/desk/messages", "zhoumin", {"number": "1", "deed": "sent"}),
]


@pytest.fixture
def told(app: House, world: World) -> World:
    """The world, with the few numbers that only these tests need."""
    with app.app_context():
        world.extra["counsel"] = Officer.by_login("pengyuan").public_id
    return world


def filled(address: str, world: World) -> str:
    return address.format(**{**vars(world), "session": "nobodyssesss", **world.extra})


def fields(told: dict[str, str], world: World) -> dict[str, str]:
    return {name: filled(value, world) for name, value in told.items()}


LOOKED = ("look_into", "print_list", "call_list", "open_number", "print_slip", "read", "read_names")
"""Readings that leave a trace: who asked what one person did, who printed the list of whom nothing reached."""


def everything(app: House) -> str:
    """What is in the database, sessions and traced readings apart."""
    with app.app_context():
        seen = hashlib.sha256()
        tables = db.session.execute(text("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")).scalars()
        for table in list(tables):
            if table != "session":
                for row in db.session.execute(text(f'SELECT * FROM "{table}" ORDER BY 1')):
                    if table != "trace" or row.verb not in LOOKED:
                        seen.update(repr(tuple(row)).encode())
        return seen.hexdigest()


def test_every_writing_page_is_in_the_table(app: House) -> None:
    known = {re.sub(r"\{[^}]*\}", "X", address) for address, _, _ in WRITES} | {"/desk/sign-in", "/desk/sign-in/as"}
    ways = {re.sub(r"<[^>]*>", "X", way.rule) for way in WAYS if way.door == "console"}
    new = set()
    for rule in app.url_map.iter_rules():
        if rule.endpoint.startswith("console.") and "POST" in (rule.methods or ()):
            address = re.sub(r"<[^>]*>", "X", rule.rule)
            wild = {address.replace("/X/X", f"/X/{deed}") for deed in ("appoint", "extend", "X")} | {address}
            tortured = re.compile(address.replace("X", "[^/]+"))
            if not wild & known and not any(tortured.fullmatch(each) for each in ways):
                new.add(address)
    assert not new


def test_without_its_token_no_form_changes_anything(app: House, told: World, desk: Callable[[str], Any]) -> None:
    browsers = {login: desk(login) for _, login, _ in WRITES}
    before = everything(app)
    for address, login, right in WRITES:
        if address.endswith("{question}/answer"):
            continue  # the page that comes back shows the question again, and each showing leaves its trace
        for token in ({}, {"csrf_token": "0" * 64}, {"csrf_token": "汉"}):
            answer = browsers[login].post(filled(address, told), data={**fields(right, told), **token})
            assert answer.status_code in (400, 422), (address, answer.status_code)
    assert everything(app) == before


def test_without_its_token_a_question_is_not_answered(app: House, told: World, desk: Callable[[str], Any]) -> None:
    assert (
        desk("luojing")
        .submit(f"/desk/questions/{told.question}/assign", {"counsel": told.extra["counsel"]})
        .status_code
        == 303
    )
    answer = desk("pengyuan").post(f"/desk/questions/{told.question}/answer", data={"text": "写了很久的答复"})
    assert answer.status_code == 422
    assert "写了很久的答复" in answer.get_data(as_text=True), "nothing is lost"
    with app.app_context():
        assert by_number(told.question).stage == QuestionStage.ASSIGNED


def test_another_site_cannot_send_our_forms(app: House, told: World, desk: Callable[[str], Any]) -> None:
    browsers = {login: desk(login) for _, login, _ in WRITES}
    before = everything(app)
    for address, login, right in WRITES:
        for strange in ({"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}):
            answer = browsers[login].submit(filled(address, told), fields(right, told), headers=strange)
            assert answer.status_code == 400, address
    assert everything(app) == before


def test_reading_changes_nothing_but_the_trail_of_readings(
    app: House, world: World, desk: Callable[[str], Any]
) -> None:
    browsers = {post.value: desk(login) for post, login in LOGINS.items()}
    before = everything(app)
    for address, posts in PAGES:
        browsers[posts.split()[0]].get(fill(address, world))
    assert everything(app) == before


def test_every_deed_is_refused_to_every_post_that_has_no_part_in_it(
    app: House, told: World, desk: Callable[[str], Any]
) -> None:
    """Whoever only reads changes nothing, whatever they send."""
    browsers = [desk(login) for login in ("chenguodong", "yangfan", "shenji")]
    before = everything(app)
    for address, _, right in WRITES:
        if address in ("/desk/sign-out", "/desk/password") or address.endswith("/look"):
            continue
        for browser in browsers:
            answer = browser.submit(filled(address, told), fields(right, told))
            assert answer.status_code in (403, 404, 409), (address, answer.status_code)
    assert everything(app) == before


XSS = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "'><svg onload=alert(1)>",
    "{{7*7}}",
    "${7*7}",
    "</textarea><script>alert(1)</script>",
    "javascript:alert(1)",
    "<!--",
    "&lt;b&gt;",
    "\u202e\u2066<b>",
)


def test_what_people_write_stays_text_on_every_page(app: House, world: World, desk: Callable[[str], Any]) -> None:
    with app.app_context():
        asked = by_public_id(world.open)
        assert asked
        for number, hostile in enumerate(XSS):
            who = a_resident(900 + number)
            who.introduce(who, name=hostile[:40], door="h5")
            a_comment(asked, who, f"{hostile} 意见", show_text=True, show_name=True)
        db.session.commit()
    handler, head = desk("shenlin"), desk("xujing")
    for hostile in XSS:
        handler.submit("/desk/drafts/split", {"title": hostile[:60], "source": hostile})
    page = handler.submit(
        "/desk/drafts/cuts", {"title": XSS[0], "source": f"第一条 {XSS[5]}", "cuts": "0", "deed": "save"}
    )
    notice = dict.fromkeys(
        ("title", "summary", "whom", "content", "purpose", "basis", "impact", "contact_unit"), XSS[1]
    )
    draft = page.headers["Location"]
    handler.submit(draft, {**notice, "window_days": "30", "answer_workdays": "15", "deed": "keep"})
    first = f"/desk/answering/{world.open}"
    for browser, addresses in (
        (
            handler,
            [
                first,
                f"{first}?stage=all",
                draft,
                "/desk/drafts",
                "/desk/",
                f"/desk/find?q={XSS[1]}",
                "/desk/trail",
                f"/desk/consultations/{world.open}",
            ],
        ),
        (head, ["/desk/approval", f"/desk/sign-off/{draft.rsplit('/', 1)[1]}"]),
    ):
        for address in addresses:
            html = browser.get(address).get_data(as_text=True)
            read(html)
            assert "<script>alert" not in html, address
            assert "<img src=x" not in html, address


def torture() -> Iterator[str]:
    yield from (
        "",
        "a\x00b",
        "\ud800",
        "\ufffe",
        "\u202e" * 50,
        "’ OR 1=1 --",
        "%",
        "\\",
        "0",
        "-1",
        "1e9",
        "9" * 400,
        str(2**63),
        "NaN",
        "[]",
        "٣",
        "½",
        "\r\n\r\n",
        "字" * 70_000,
        "👨‍👩‍👧‍👦",
        "\x1b[31m",
        "../../../../etc/passwd",
        "2026-02-30",
        "0000-00-00",
    )


@pytest.mark.parametrize("chunk", range(4))
def test_absurd_input_is_never_an_error(told: World, desk: Callable[[str], Any], chunk: int) -> None:
    """Each hostile string in every field of every form at once, and in each address that takes a number."""
    wrong = []
    for address, login, right in WRITES[chunk::4]:
        if address == "/desk/sign-out":
            continue
        browser = desk(login)
        for hostile in torture():
            raw = hostile.encode("utf-8", "surrogatepass")
            keep = {"deed": right["deed"]} if "deed" in right else {}
            answer = browser.submit(filled(address, told), dict.fromkeys(right, raw) | keep)
            if answer.status_code >= 500:
                wrong.append(f"{address} {hostile[:20]!r}: {answer.status_code}")
        odd = {"deed": "\x00", "version": "\x00", "key": "\x00", "of": "\x00", "to": "\x00", "p": "\x00"}
        answer = browser.submit(filled(address, told), fields(right, told) | odd)
        if answer.status_code >= 500:
            wrong.append(f"{address} odd: {answer.status_code}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.both_engines
def test_absurd_addresses_are_never_an_error(world: World, desk: Callable[[str], Any]) -> None:
    browser = desk("shenlin")
    wrong = []
    for hostile in ("x", "0" * 300, "%00", "%ED%A0%80", "..%2f..", "2026-13", "undefined", "'", "🀄"):
        for address in (
            f"/desk/drafts/{hostile}",
            f"/desk/sign-off/{hostile}",
            f"/desk/consultations/{hostile}",
            f"/desk/answering/{hostile}",
            f"/desk/answering/{world.closed}?p={hostile}",
            f"/desk/answering/{world.closed}?clause={hostile}&place={hostile}&stage={hostile}&channel={hostile}&outcome={hostile}",
            f"/desk/release/{hostile}",
            f"/desk/slips/{hostile}",
            f"/desk/attachments/{hostile}",
            f"/desk/trail/{hostile}",
            f"/desk/trail/{world.case}?before={hostile}&kind={hostile}",
            f"/desk/find?q={hostile}",
            f"/desk/consultations?state={hostile}",
            f"/desk/consultations/{world.open}/{hostile}",
            f"/desk/trail/{world.case}?before={2**70}",
            f"/desk/sign-in?to={hostile}",
        ):
            answer = browser.get(address)
            if answer.status_code >= 500:
                wrong.append(f"{address}: {answer.status_code}")
    assert not wrong, "\n".join(wrong)
