"""Every page of the running street, found by its links: no barrier, no complaint, no sideways scroll, nothing left out."""

import dataclasses
import os
import re
from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

import pytest
from flask import Flask
from playwright.sync_api import Error, Page, expect
from sqlalchemy import select
from werkzeug.exceptions import HTTPException

from models.comments.point import Point
from models.comments.report_line import ReportLine
from models.decisions.consultation import Consultation
from models.kernel.base import db
from models.messages.follow import stop_token
from models.messages.halt import Halt
from models.people.link import OneOffLink
from models.people.resident import Resident
from server.app import create_app
from server.simulator.app import create_app as create_simulator
from server.simulator.settings import Setup
from server.simulator.story.stage import Stage
from tests import axe
from tests.browser.conftest import PATIENCE, Windows
from tests.conftest import OFFICIAL, People, close, ignore
from tests.console.test_every_page import PAGES
from tests.console.world import build
from tests.stories.conftest import Town
from tests.stories.test_the_loop import DRAFT, NOTICE, signed_in

expect.set_options(timeout=PATIENCE)
pytestmark = pytest.mark.timeout(1200)

SHOTS = Path(os.environ["SHOTS"]) if os.environ.get("SHOTS") else None
"""Where pictures of every page go (make shots); nowhere when the pages are only tested."""
GONE = """() => [...document.querySelectorAll('del')].every(one => {
  const look = getComputedStyle(one); return look.backgroundColor !== 'rgba(0, 0, 0, 0)' && look.borderBottomStyle !== 'none' })"""
WIDE = "() => { const d = document.documentElement; return d.scrollWidth > d.clientWidth ? d.scrollWidth : 0 }"

NO_PAGE = {
    "site.static": "a file",
    "console.static": "a file",
    "api_docs.static": "a file",
    "vendor.vendored": "a file",
    "console.attachment": "a file that a resident sent",
    "console.code": "a picture; the slip shows it",
    "console.entry_chart": "a picture",
    "console.said_file": "a file",
    "console.lecture_poster_code": "a picture; the poster shows it",
    "console.lecture_room_code": "a picture; the page for the room shows it",
    "console.lectures_of_year_file": "a file",
    "console.desk_lecture_file": "a file",
    "site.lecture_file": "a file",
    "console.airings_table": "a file",
    "console.visits_table": "a file",
    "console.visit_photo": "a picture; each look leaves its trace",
    "console.exhibition_picture": "a picture",
    "site.exhibition_picture": "a picture",
    "console.poll_code": "a picture; the slip shows it",
    "console.poll_results": "a file",
    "site.poll_file": "a file",
    "metrics.metrics": "read by machines",
    "health.healthz": "read by machines",
    "health.readyz": "read by machines",
    "demonstration.read_clock": "read by the simulator",
    "wechat.prove": "read by WeChat, which gets its own word back",
    "site.oauth_start": "leads on; the story in test_five_minutes.py goes through it",
    "site.oauth_callback": "leads on; the same story",
    "site.heads_file": "read by machines; the page beside it is for eyes",
    "site.came": "leads on to the article; tests/stories/test_a_campaign.py goes through it",
    "site.text_size": "leads back to the page it was asked from; the test at 320 pixels goes through it",
}
"""The routes that show nothing to anybody's eyes. Everything below /api/v1 is JSON, described at /api/docs."""
THEIRS = {
    "site.article_picture": "a picture",
    "console.article_picture": "a picture",
    "console.mediation": "of whoever asked for it; tests/stories/test_near_home.py",
    "site.common_question": "none is public until counsel wrote one; tests/stories/test_a_legal_question.py",
    "site.mediation": "of whoever asked for it; tests/stories/test_near_home.py",
    "site.catalogue_version": "an earlier version; tests/stories/test_catalogue.py",
    "site.cleanup": "a clean-up that is concluded; tests/console/test_deciding.py",
    "site.invited": "by a letter's own address; tests/console/test_taking_part.py",
    "site.poll_done": "after answering; tests/site/test_polls.py",
    "site.proposal": "of whoever proposed; tests/stories/test_proposals.py",
    "site.proposal_receipt": "the same",
    "site.proposals": "only when there are more than the page of one's own holds; the same",
    "site.duties": "until it is published there is none; tests/stories/test_registers.py",
    "site.negative": "the same",
    "site.register_version": "an earlier version; tests/stories/test_registers.py",
    "site.remark": "of whoever spoke; tests/site/test_remarks.py",
    "site.register_chart": "a picture",
    "site.table": "a file",
}
"""Pages that only somebody has, or that come later than this street is: opened by the tests that are named. Every page of the
desk stands in the table of tests/console/test_every_page.py and is looked at in a browser at three widths there."""
NO_PAGE_OF_THE_SIMULATOR = {
    "pages.healthz": "read by machines",
    "pages.showqrcode": "a picture",
    "pages.picture": "a picture",
    "pages.drawing": "a picture",
    "pages.fetched": "a picture",
}

MANY = {
    "console.answering": 2,
    "console.article": 3,
    "console.consultation": 4,
    "console.home": 4,
    "site.consultation": 3,
    "site.home": 2,
    "site.mine": 2,
}
"""How many of a kind are looked at; of most kinds one is enough, and one more with each single filter."""


@dataclass
class Crawl:
    """Walks along the links of the product, as one person after another."""

    rules: Flask
    seen: Counter[tuple[str, ...]] = field(default_factory=Counter)
    visited: list[tuple[str, str]] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    """Links that lead to a page which refuses."""

    def kind(self, address: str) -> str:
        """The endpoint that shows an address."""
        try:
            endpoint, _ = self.rules.url_map.bind("localhost").match(urlsplit(address).path, "GET")
        except HTTPException:
            return "nowhere"
        return str(endpoint)

    def walk(self, page: Page, base: str, *first: str) -> Iterator[str]:
        """Yields each address while its page is shown, as often as its kind is looked at; where to begin is always opened."""
        who = urlsplit(base).netloc
        ahead, met = deque(first), set(first)
        while ahead:
            address = ahead.popleft()
            kind = self.kind(address)
            assert kind != "nowhere", f"{page.url} has a link that leads nowhere: {address}"
            asked = sorted({name for name, _ in parse_qsl(urlsplit(address).query)})
            key = (kind, *asked)
            many = 1 if asked else MANY.get(kind, 1)
            if kind in NO_PAGE or (kind.startswith("api_") and kind != "api_docs.docs"):
                continue
            if address not in first and (len(asked) > 1 or self.seen[key] >= many):
                continue
            try:
                answer = page.goto(base + address)
            except Error as stopped:
                if "Download is starting" not in str(stopped):
                    raise
                self.visited.append((kind, address))
                self.seen[key] += 1
                continue
            assert answer is not None
            if answer.status >= 400:
                self.lost.append(f"{who}: somebody is led to {address}, which answers {answer.status}")
                continue
            self.visited.append((kind, address))
            self.seen[key] += 1
            if self.seen[key] <= many:
                yield address
            for link in page.eval_on_selector_all("a[href]", "links => links.map(one => one.href)"):
                to = urlsplit(link)
                found = to.path + (f"?{to.query}" if to.query else "")
                if to.netloc == who and found not in met:
                    met.add(found)
                    ahead.append(found)


@dataclass
class Lived:
    """A street where the player has been, with a case at every stage besides."""

    town: Town
    inside: Flask
    open: str
    receipt: str
    article: str
    link: str
    stop: str
    wordings: str
    """A line of the report in several wordings; only one with more than twenty has a link to all of them."""


@pytest.fixture(scope="module")
def lived(town: Town, stage: Stage) -> Iterator[Lived]:
    """The demonstration, played; and a draft in hand, one to be signed, an article in hand; a receipt, a link."""
    axe.script()
    code, told = town.play()
    assert code == 0, told
    handler = signed_in(stage, "shenlin")
    handler.draft("青禾街道社区图书角开放办法", DRAFT)
    handler.write_notice(handler.draft("青禾街道夜市摊位管理办法", DRAFT), dict(NOTICE))
    author = signed_in(stage, "linxiao")
    page = author.web.get("/desk/articles/new")
    author.web.submit(page, page.form("title", "body"), press=("deed", "keep"), title="借条怎么写", body="写清楚。")
    inside = create_app(town.product.settings, wake=ignore)
    town.product.kill("worker")  # SQLite has one writer, and this one writes long
    with inside.app_context():
        world = build(People())
        for halt in db.session.scalars(select(Halt)):
            db.session.delete(halt)  # what the desk shows of it is looked at elsewhere; here messages go out
        link = f"/in/{OneOffLink.make(db.session.scalars(select(Resident).limit(1)).one())}"
        stop = f"/stop/{stop_token(db.session.scalars(select(Resident).limit(1)).one())}"
        several = (
            select(Consultation.public_id, Point.public_id)
            .join(ReportLine, ReportLine.consultation_id == Consultation.id)
            .join(Point, Point.id == ReportLine.lead_id)
            .where(ReportLine.wordings > 1)
        )
        wordings = "/reports/{}/lines/{}".format(*db.session.execute(several.limit(1)).one())
        db.session.commit()
    town.product.start("worker")
    woman = stage.phones[1]
    woman.sign_in()
    receipt = woman.comment(world.open, None, "杨柳社区", text="桥头再添一盏灯。").path
    handler.take_in(world.open, {"channel": "phone", "text": "夜里太亮。"})
    article = str(stage.anybody.get("/api/v1/articles").json()["items"][0]["id"])
    yield Lived(town, inside, world.open, receipt, article, link, stop, wordings)
    close(inside)


def barriers(page: Page, words: str = "", *, judged: tuple[int, ...] = (390, 1280)) -> list[str]:
    """At the width of a phone and of a desk: what axe calls serious or critical (where it has to judge), whether the page scrolls
    sideways, whether it is marked as a demonstration, whether words that are gone can be told from those that stay. With SHOTS,
    a picture of each."""
    at = urlsplit(page.url)
    name = words or at.path + (f"?{at.query}" if at.query else "")
    size, found = page.viewport_size, list[str]()
    for width, height in ((390, 844), (1280, 900)):
        page.set_viewport_size({"width": width, "height": height})
        wide = page.evaluate(WIDE)
        wrong = axe.barriers(page) if width in judged else []
        found += [f"{name} at {width}: {one}" for one in wrong + ([f"{wide} pixels wide"] if wide else [])]
        if "演示" not in page.locator("body").inner_text():
            found.append(f"{name} at {width}: no mark of the demonstration")
        if not page.evaluate(GONE):
            found.append(f"{name} at {width}: words that are gone look like words that stay")
        if SHOTS:
            who = (at.hostname or "").removesuffix("localhost").rstrip(".") or "anybody"
            file = re.sub(r"[^\w-]+", "-", unquote(name)).strip("-")[:80] or "first"
            page.screenshot(path=SHOTS / str(width) / f"{who}-{file}.png", full_page=True)
    page.set_viewport_size(size or {"width": 1280, "height": 900})
    return found


def test_every_page_of_the_product(windows: Windows, lived: Lived) -> None:
    crawl, found = Crawl(lived.inside), list[str]()

    # Residents on a phone: nobody, somebody who only has a receipt, somebody whom WeChat knows.
    nobody = windows.open(390, 844)
    for _ in crawl.walk(
        nobody,
        windows.site(),
        "/",
        "/demo",
        "/sign-in?next=/mine",
        lived.link,
        lived.stop,
        lived.wordings,
        f"/search?q={quote('停车')}",
        "/api/docs",
    ):
        found += barriers(nobody)
    woman = windows.open(390, 844)
    woman.goto(f"{windows.site('phone-1')}/oauth/start?next=/mine")
    for _ in crawl.walk(woman, windows.site("phone-1"), "/", "/mine", lived.receipt, "/questions"):
        found += barriers(woman)
    reader = windows.open(390, 844)
    reader.goto(f"{windows.site('phone-2')}/oauth/start?next=/questions")
    for _ in crawl.walk(reader, windows.site("phone-2"), "/questions"):
        found += barriers(reader)

    # Officers at a desk; and the same pages as they look on a phone.
    case = f"/desk/consultations/{lived.open}"
    first = {
        "shenlin": (case, "/desk/drafts", f"/desk/find?q={quote('停车')}", "/desk/find?q=0001"),
        "xujing": ("/desk/sign-off", "/desk/approval"),
        "hexiulan": (),
        "wuqiming": (case, "/desk/release"),
        "zhoumin": ("/desk/unplaced", "/desk/transcripts", "/desk/wx-articles"),
        "linxiao": ("/desk/articles",),
        "luojing": ("/desk/questions", f"/desk/articles/{lived.article}"),
        "pengyuan": ("/desk/questions",),
        "mafang": (f"{case}/intake",),
        "chenguodong": (),
        "xitong": ("/desk/officers",),
        "anquan": ("/desk/sessions",),
        "shenji": ("/desk/trail",),
    }
    # Axe judges every page of that table at the width of a desk in tests/console/test_in_a_browser.py; here it does as a phone shows it.
    tabled = {crawl.kind(re.sub(r"\{[^}]*\}", "a" * 12, address)) for address, _ in PAGES}
    stranger = windows.open()
    for _ in crawl.walk(stranger, windows.site(), "/desk/sign-in"):
        found += barriers(stranger)
    for login, begin in first.items():
        desk = windows.officer(login)
        for address in crawl.walk(desk, windows.site(login), "/desk/", *begin):
            found += barriers(desk, judged=(390,) if crawl.kind(address) in tabled else (390, 1280))

    found += crawl.lost
    assert not found, "\n".join(found)
    pages = {
        rule.endpoint
        for rule in lived.inside.url_map.iter_rules()
        if "GET" in (rule.methods or ()) and not rule.rule.startswith("/api/v1/") and rule.endpoint != "static"
    }
    shown = {kind for kind, _ in crawl.visited}
    lonely = sorted(pages - shown - tabled - set(NO_PAGE) - set(THEIRS))
    assert not lonely, f"pages that no link leads to: {' '.join(lonely)}"
    assert set(NO_PAGE) - pages == set(), "what is listed as no page exists"


def test_what_is_shown_when_something_is_wrong(windows: Windows, lived: Lived) -> None:
    found = list[str]()

    def at(page: Page, address: str, status: int) -> None:
        answer = page.goto(address)
        assert answer is not None
        assert answer.status == status, address
        found.extend(barriers(page, address))

    # The site: a lost page, a spent link, a form sent empty, a wrong number.
    page = windows.open(390, 844)
    at(page, f"{windows.site()}/nothing", 404)
    at(page, f"{windows.site()}/in/{'0' * 64}", 410)
    for form, button in ((f"/consultations/{lived.open}/comment", "提交意见"), ("/receipt", "查询")):
        page.goto(windows.site() + form)
        page.get_by_role("button", name=button).click()
        expect(page.get_by_role("alert")).to_be_visible()
        found += barriers(page)

    # The desk: not yours, not there, a form sent empty, the cuts of a draft, a password mistyped.
    desk = windows.officer("pengyuan")
    at(desk, f"{windows.site('pengyuan')}/desk/drafts", 403)
    at(desk, f"{windows.site('pengyuan')}/desk/nothing", 404)
    desk.goto(f"{windows.site('pengyuan')}/desk/password")
    desk.get_by_role("button", name="改密码").click()
    expect(desk.get_by_role("alert")).to_be_visible()
    found += barriers(desk)
    desk = windows.officer("shenlin")
    desk.goto(f"{windows.site('shenlin')}/desk/drafts/new")
    desk.get_by_label("标题").fill("青禾街道图书角办法")
    desk.get_by_label("草案全文").fill(DRAFT)
    desk.get_by_role("button", name="分条看看").click()
    expect(desk.get_by_role("heading", name="核对分条")).to_be_visible()
    found += barriers(desk)
    desk.goto(f"{windows.site('shenlin')}/desk/consultations/{lived.open}/intake")
    desk.get_by_role("button", name="录入，打印回执").click()
    expect(desk.get_by_role("alert")).to_be_visible()
    found += barriers(desk)
    assert not found, "\n".join(found)


def test_large_letters_on_the_smallest_phone(windows: Windows, lived: Lived) -> None:
    crawl, found = Crawl(lived.inside), list[str]()
    page = windows.open(320, 568)
    page.goto(f"{windows.site('phone-1')}/oauth/start?next=/")
    page.get_by_role("link", name="大字").click()
    expect(page.get_by_role("link", name="标准字")).to_be_visible()
    for address in crawl.walk(page, windows.site("phone-1"), "/", "/mine", lived.receipt, "/sign-in", lived.link):
        if wide := page.evaluate(WIDE):
            found.append(f"{address}: {wide} pixels wide")
        if page.locator("html.large").count() == 0:
            found.append(f"{address}: small letters")
    assert not found + crawl.lost, "\n".join(found + crawl.lost)
    assert len(crawl.visited) > 20


def test_without_scripts_one_is_heard_and_gets_a_receipt(windows: Windows, lived: Lived) -> None:
    page = windows.open(390, 844, scripts=False)
    page.goto(windows.site())
    page.get_by_role("link", name="看草案，提意见").first.click()
    page.get_by_role("link", name=re.compile("对这一条说两句")).first.click()
    page.get_by_label("您的意见").fill("不用脚本也要听得见。")
    page.get_by_role("button", name="提交意见").click()
    expect(page.get_by_role("heading", name="意见收到了")).to_be_visible()
    number, pin = (page.locator(".number strong").nth(n).inner_text() for n in (0, 1))
    assert re.fullmatch(r"\d{3} \d{3} \d{2}", number)
    assert re.fullmatch(r"\d{3} \d{3}", pin)

    # Somewhere else, with nothing but the number and the code.
    elsewhere = windows.open(390, 844, scripts=False)
    elsewhere.goto(f"{windows.site()}/receipt")
    elsewhere.get_by_label("编号").fill(number)
    elsewhere.get_by_label("查询码").fill(pin)
    elsewhere.get_by_role("button", name="查询").click()
    expect(elsewhere.get_by_role("main")).to_contain_text("不用脚本也要听得见。")
    elsewhere.get_by_label("要补充的话").fill("再补一句。")
    elsewhere.get_by_role("button", name="补充上去").click()
    expect(elsewhere.get_by_role("main")).to_contain_text("再补一句。")
    elsewhere.get_by_role("link", name=re.compile("撤回这份意见")).click()
    elsewhere.get_by_role("button", name="撤回").click()
    expect(elsewhere.get_by_role("main")).to_contain_text("已经撤回")


def test_every_page_of_the_phones(windows: Windows, lived: Lived) -> None:
    found, shown = list[str](), set[str]()
    page = windows.open()

    def at(address: str, endpoint: str, status: int = 200) -> None:
        page.goto("about:blank")
        answer = page.goto(address)
        assert answer is not None
        assert answer.status == status, address
        shown.add(endpoint)

    at(windows.wechat(), "pages.front")
    found += barriers(page, "the phones")

    # Every place on a phone.
    for place in ("chats", "contacts", "discover", "myself", "profile", "settings", "codes", "talk/service", "mini"):
        at(f"{windows.wechat(1)}/#{place}", "pages.front")
        expect(page.locator("#phone .screen")).not_to_contain_text("正在")
        expect(page.locator("#side .road").first).to_be_visible()
        found += barriers(page, place)

    # The mini program's pages: a notice, writing, what was written.
    at(f"{windows.wechat(3)}/#mini", "pages.front")
    mini = page.locator(".mp")
    mini.locator(".slip", has=page.locator(".due:not(.over)")).first.click()
    mini.get_by_role("button", name="对整个草案提意见").click()
    expect(mini.get_by_label("您的意见")).to_be_visible()
    found += barriers(page, "mini: writing")
    page.get_by_role("button", name="返回").click()
    expect(mini.locator(".clause").first).to_be_visible()
    found += barriers(page, "mini: a notice")
    page.get_by_role("button", name="返回").click()
    mini.get_by_role("button", name="我的意见").click()
    mini.locator(".slip").first.click()
    expect(mini.locator(".lead")).to_be_visible()
    found += barriers(page, "mini: a comment")

    # The conversation with everything open that can be opened.
    at(f"{windows.wechat(1)}/#talk/official", "pages.front")
    page.locator(".menu").get_by_role("button", name="学法问法").click()
    expect(page.locator(".sub")).to_be_visible()
    found += barriers(page, "the menu")
    page.get_by_role("button", name="用键盘").click()
    page.locator(".write").get_by_role("button", name="更多").click()
    expect(page.locator(".tray")).to_be_visible()
    found += barriers(page, "the tray")
    page.locator(".write").get_by_role("button", name="说一段话").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    found += barriers(page, "a half sheet")
    page.get_by_role("button", name="取消").click()
    page.locator(".wire summary").first.click()
    page.locator("#side").get_by_text("微信后台").click()
    expect(page.locator(".wire .raw").first).to_be_visible()
    found += barriers(page, "the wire")

    # A web page in the phone, and the article behind a card.
    page.locator(".write").get_by_role("button", name="看菜单").click()
    page.locator(".menu").get_by_role("button", name="我的意见").click()
    expect(page.frame_locator("#phone iframe").get_by_role("heading", name="我的意见")).to_be_visible()
    found += barriers(page, "a web page")
    cards = [
        a for m in windows.town.product.wechat("GET", "/phones/1/chat")["messages"] for a in m.get("articles") or []
    ]
    address = next(str(a["url"]) for a in cards if "/s/" in a["url"])
    at(windows.wechat(1) + urlsplit(address).path, "pages.article")
    found += barriers(page, "an article")
    at(f"{windows.wechat(1)}/s/nothing", "pages.article", 404)
    found += barriers(page, "no article")
    at(f"{windows.wechat(1)}/s?preview=nothing", "pages.preview", 404)

    # Asking who somebody is, where the account wants to know a name.
    ask = {
        "appid": OFFICIAL.appid,
        "redirect_uri": f"{windows.site('phone-1')}/oauth/callback",
        "response_type": "code",
        "scope": "snsapi_userinfo",
        "state": "anything",
    }
    at(f"{windows.wechat()}/connect/oauth2/authorize?{urlencode(ask)}#wechat_redirect", "pages.authorize")
    expect(page.get_by_role("button", name="允许")).to_be_visible()
    found += barriers(page, "asking")
    page.goto(f"{windows.wechat()}/connect/oauth2/authorize?{urlencode({**ask, 'appid': 'wx0'})}")
    found += barriers(page, "refused")

    assert not found, "\n".join(found)
    setup = dataclasses.replace(Setup.from_environment(lived.town.product.env), data=None)
    rules = create_simulator(setup, clerk=False)
    pages = {r.endpoint for r in rules.url_map.iter_rules() if r.endpoint.startswith("pages.")}
    assert pages - shown == set(NO_PAGE_OF_THE_SIMULATOR), "the rest of the simulator speaks JSON"
    rules.extensions["world"].book.close()
