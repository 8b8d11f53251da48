"""Every page of the desk by every post: what opens, what is refused, and that nothing opens without signing in."""

import re
from collections.abc import Callable
from html.parser import HTMLParser
from typing import Any

import pytest

from models.people.officer import Post
from server.console.door import OPEN_TO_ALL, seen_as
from server.house import House
from tests.console.world import World

LOGINS = {
    Post.HANDLER: "shenlin",
    Post.UNIT_HEAD: "xujing",
    Post.LEADER: "hexiulan",
    Post.CHIEF: "wuqiming",
    Post.OFFICE: "zhoumin",
    Post.JUSTICE: "luojing",
    Post.COUNSEL: "pengyuan",
    Post.PUBLICIST: "linxiao",
    Post.VILLAGE: "mafang",
    Post.GRID: "tianye",
    Post.ARCHIVIST: "yangfan",
    Post.INSPECTOR: "chenguodong",
    Post.SYSTEM_ADMIN: "xitong",
    Post.SECURITY_ADMIN: "anquan",
    Post.AUDIT_ADMIN: "shenji",
}
ALL = "handler unit_head leader chief office justice counsel publicist village grid archivist inspector system_admin security_admin audit_admin"
READERS = "handler unit_head leader chief office justice archivist inspector"
EXPERTS = "office handler unit_head leader justice inspector"
LECTURES = "publicist justice office unit_head leader village grid inspector"
CAMPAIGNS = "publicist justice office unit_head leader"
DOOR = "publicist justice office village"
POLLS = "handler unit_head leader office justice publicist village inspector"
REACHING = "publicist justice counsel office unit_head leader village grid inspector"
CASES = f"{READERS} village grid publicist"

# Address, and the posts for whom it opens. Everybody else gets 403.
PAGES: list[tuple[str, str]] = [
    ("/desk/points/{released_point}/correction", "handler unit_head leader chief office"),
    ("/desk/points/{released_point}/supplement", "handler unit_head leader chief office"),
    ("/desk/", ALL),
    ("/desk/password", ALL),
    ("/desk/cases", f"{READERS} counsel"),
    ("/desk/cases?stage=archived&kind=major", f"{READERS} counsel"),
    ("/desk/cases/new", "handler unit_head"),
    ("/desk/cases/{major}", f"{READERS} counsel"),
    ("/desk/cases/{fresh}", f"{READERS} counsel"),
    ("/desk/cases/{fresh}/classify", "handler unit_head"),
    ("/desk/cases/{fresh}/assign", "handler unit_head leader"),
    ("/desk/cases/{fresh}/catalogue", "handler unit_head leader"),
    ("/desk/cases/{fresh}/end", "unit_head leader"),
    ("/desk/cases/{major}/needs/expert", "handler unit_head leader"),
    ("/desk/cases/{major}/materials", f"{READERS} counsel"),
    ("/desk/cases/{major}/participation", f"{READERS} counsel village"),
    ("/desk/participation/{event}", f"{READERS} counsel village"),
    ("/desk/cases/{major}/hearing", f"{READERS} counsel"),
    ("/desk/hearings/{hearing}", f"{READERS} counsel village grid"),
    ("/desk/hearings/{drafted_hearing}/edit", "handler"),
    ("/desk/cases/{major}/rounds", f"{READERS} counsel"),
    ("/desk/cases/{major}/groups", f"{READERS} counsel"),
    ("/desk/groups", f"{READERS} counsel"),
    ("/desk/rounds/{round}", f"{READERS} counsel village grid"),
    ("/desk/cases/{revised}/drafts", f"{READERS} counsel"),
    ("/desk/cases/{revised}/drafts?view=side&all=1", f"{READERS} counsel"),
    ("/desk/cases/{fresh}/drafts", f"{READERS} counsel"),
    ("/desk/cases/{revised}/drafts/next", "handler"),
    ("/desk/cases/{revised}/drafts/2/{changed_clause}", "handler"),
    ("/desk/cases/{major}/archive", f"{READERS} counsel"),
    ("/desk/cases/{major}/expert", f"{READERS} counsel"),
    ("/desk/engagements/{engagement}", f"{READERS} counsel"),
    ("/desk/engagements/{heard}", f"{READERS} counsel"),
    ("/desk/engagements/{heard}/letter", f"{READERS} counsel"),
    ("/desk/cases/{major}/risk", f"{READERS} counsel"),
    ("/desk/risks/{risk}", f"{READERS} counsel"),
    ("/desk/risks/{submitted_risk}", f"{READERS} counsel"),
    ("/desk/cases/{major}/legal-review", f"{READERS} counsel"),
    ("/desk/cases/{major}/send-to-review", "handler"),
    ("/desk/legal-reviews", "justice counsel inspector"),
    ("/desk/legal-reviews/{sent_review}", READERS),
    ("/desk/legal-reviews/{review}", f"{READERS} counsel"),
    ("/desk/legal-reviews/{opinion}", f"{READERS} counsel"),
    ("/desk/legal-reviews/{opinion}/opinion", f"{READERS} counsel"),
    ("/desk/experts", EXPERTS),
    ("/desk/experts?stage=left&q=规划", EXPERTS),
    ("/desk/experts/new", "office"),
    ("/desk/experts/{expert}", EXPERTS),
    ("/desk/materials/{material}", f"{READERS} counsel"),
    ("/desk/materials/{material}/file", f"{READERS} counsel"),
    ("/desk/cases/{in_force}/execution", f"{READERS} counsel"),
    ("/desk/cases/{in_force}/remarks", f"{READERS} counsel village grid"),
    ("/desk/cases/{in_force}/evaluation", f"{READERS} counsel"),
    ("/desk/cases/{major}/meeting-pack", f"{READERS} counsel"),
    ("/desk/cases/{recorded_case}/meeting-pack", f"{READERS} counsel"),
    ("/desk/cases/{recorded_case}/deliberation", f"{READERS} counsel"),
    ("/desk/cases/{called_case}/deliberation", f"{READERS} counsel"),
    ("/desk/cases/{major}/deliberation", f"{READERS} counsel"),
    ("/desk/cases/{undecided_case}/deliberate", "office"),
    ("/desk/cases/{major}/deliberate", "office"),
    ("/desk/meetings/{called}/record", "office"),
    ("/desk/cases/{undecided_case}/decide", "office"),
    ("/desk/cases/{major}/party-report", f"{READERS} counsel"),
    ("/desk/cases/{decided_case}/secrecy", f"{READERS} counsel"),
    ("/desk/cases/{checked_case}/secrecy", f"{READERS} counsel"),
    ("/desk/cases/{publishable_case}/publish", f"{READERS} counsel"),
    ("/desk/cases/{public_case}/publish", f"{READERS} counsel"),
    ("/desk/cases/{major}/publish", f"{READERS} counsel"),
    ("/desk/cases/{signing_case}/sign-off", f"{READERS} counsel"),
    ("/desk/cases/{document_case}/sign-off", f"{READERS} counsel"),
    ("/desk/cases/{document_case}/filing", f"{READERS} counsel"),
    ("/desk/cases/{filed_case}/filing", f"{READERS} counsel"),
    ("/desk/normatives", f"{READERS} counsel"),
    ("/desk/normatives?force=in_force", f"{READERS} counsel"),
    ("/desk/normatives/statistics", f"{READERS} counsel"),
    ("/desk/older/new", "office"),
    ("/desk/older/{older}", f"{READERS} counsel"),
    ("/desk/older/{older}/file", f"{READERS} counsel"),
    ("/desk/older/{older_waiting}", f"{READERS} counsel"),
    ("/desk/normatives/{document}", f"{READERS} counsel"),
    ("/desk/normatives/{filed}", f"{READERS} counsel"),
    ("/desk/cleanups", f"{READERS} counsel"),
    ("/desk/cleanups/{cleanup}", f"{READERS} counsel"),
    ("/desk/campaigns", CAMPAIGNS),
    ("/desk/campaigns/new", "publicist justice office"),
    ("/desk/campaigns/new?article={published_article}", "publicist justice office"),
    ("/desk/campaigns/{drafted_campaign}", CAMPAIGNS),
    ("/desk/campaigns/{drafted_campaign}/edit", "publicist justice office"),
    ("/desk/campaigns/{campaign}", CAMPAIGNS),
    ("/desk/lectures", LECTURES),
    ("/desk/lectures/new", "publicist justice village"),
    ("/desk/lectures/{drafted_lecture}", LECTURES),
    ("/desk/lectures/{drafted_lecture}/edit", "publicist justice village"),
    ("/desk/lectures/{submitted_lecture}", LECTURES),
    ("/desk/lectures/{lecture}", LECTURES),
    ("/desk/lectures/{lecture}/edit", "publicist justice village"),
    ("/desk/lectures/{lecture}/people", DOOR),
    ("/desk/lectures/{running_lecture}/people", DOOR),
    ("/desk/lectures/{running_lecture}/room", DOOR),
    ("/desk/lectures/{lecture}/poster", LECTURES),
    ("/desk/lectures/{lecture}/poster.svg", LECTURES),
    ("/desk/lectures/{lecture}/files/{lecture_file}", LECTURES),
    ("/desk/lectures/years/2026", LECTURES),
    ("/desk/lectures/years/2026/xlsx", LECTURES),
    ("/desk/polls", POLLS),
    ("/desk/polls/new", "handler office justice publicist"),
    ("/desk/polls/{drafted_poll}", POLLS),
    ("/desk/polls/{drafted_poll}/edit", "handler office justice publicist"),
    ("/desk/polls/{drafted_poll}/questions/0", "handler office justice publicist"),
    ("/desk/polls/{drafted_poll}/questions/3", "handler office justice publicist"),
    ("/desk/polls/{submitted_poll}", POLLS),
    ("/desk/polls/{open_poll}", POLLS),
    ("/desk/polls/{open_poll}/slips", f"{POLLS} grid"),
    ("/desk/polls/{open_poll}/print?first=1&last=2", f"{POLLS} grid"),
    ("/desk/polls/{open_poll}/code.svg", f"{POLLS} grid"),
    ("/desk/polls/{open_poll}/papers", f"{POLLS} grid"),
    ("/desk/paper-ballots/{paper_ballot}", f"{POLLS} grid"),
    ("/desk/polls/{counted_poll}", POLLS),
    ("/desk/polls/{counted_poll}/xlsx", POLLS),
    ("/desk/drafts", READERS),
    ("/desk/drafts/new", "handler"),
    ("/desk/drafts/{drafted}/text", "handler"),
    ("/desk/sign-off", "unit_head leader chief office"),
    ("/desk/sign-off/{submitted}", READERS),
    ("/desk/sign-off/{signed}", READERS),
    ("/desk/consultations", CASES),
    ("/desk/consultations/{open}", CASES),
    ("/desk/consultations/{closed}", CASES),
    ("/desk/consultations/{released}", CASES),
    ("/desk/consultations/{open}/extend", "chief"),
    ("/desk/consultations/{open}/correct", "chief"),
    ("/desk/consultations/{open}/cancel", "chief"),
    ("/desk/consultations/{open}/intake", "handler village grid office"),
    ("/desk/comments/{comment}/shown", "handler unit_head leader office"),
    ("/desk/consultations/{open}/redact", "handler unit_head leader office"),
    ("/desk/consultations/{open}/redact?pattern=车位", "handler unit_head leader office"),
    ("/desk/consultations/{open}/topics", READERS),
    ("/desk/second-looks", "handler unit_head leader inspector"),
    ("/desk/second-looks/{look}", "handler unit_head leader inspector"),
    ("/desk/points/{released_point}/promise", "handler unit_head leader inspector"),
    ("/desk/slips/{comment}", CASES),
    ("/desk/slips/{letter}", CASES),
    ("/desk/slips/{letter}/counter", "handler village grid office"),
    ("/desk/consultations/{open}/table", "handler village grid office"),
    ("/desk/slips/code.svg", f"{CASES} counsel"),
    ("/desk/wx-articles", "handler office publicist inspector"),
    ("/desk/answering", "handler unit_head leader inspector"),
    ("/desk/answering/{closed}", "handler unit_head leader inspector"),
    ("/desk/answering/{closed}?p={point}", "handler unit_head leader inspector"),
    ("/desk/answering/{closed}?group={group}&stage=all&handler=me&due=late", "handler unit_head leader inspector"),
    ("/desk/answering/{closed}/groups", "handler unit_head leader inspector"),
    ("/desk/answering/{closed}/groups/{group}", "handler unit_head leader inspector"),
    ("/desk/answering/{closed}/alike/{alike}", "handler unit_head leader inspector"),
    ("/desk/answering/{closed}/{point}/split", "handler unit_head leader inspector"),
    ("/desk/answering/{closed}/charge", "handler unit_head leader inspector"),
    ("/desk/answering/{closed}/table", "handler unit_head leader inspector"),
    ("/desk/answering/{closed}/table/xlsx", "handler unit_head leader inspector"),
    ("/desk/answer-templates", "handler unit_head leader inspector"),
    ("/desk/answer-templates/{template}", "handler unit_head leader inspector"),
    ("/desk/approval", "unit_head leader"),
    ("/desk/approval/{submitted_point}", "unit_head leader"),
    ("/desk/amendments", "handler unit_head leader chief office"),
    ("/desk/amendments/{amendment}", "handler unit_head leader chief office"),
    ("/desk/points/{released_point}/correction", "handler unit_head leader chief office"),
    ("/desk/points/{released_point}/supplement", "handler unit_head leader chief office"),
    ("/desk/release", "chief office handler"),
    ("/desk/consultations/{open}/mentioned", "handler unit_head leader office"),
    ("/desk/consultations/{ready}/checks", "unit_head leader chief office handler inspector"),
    ("/desk/consultations/{released}/checks", "unit_head leader chief office handler inspector"),
    ("/desk/points/{submitted_point}", "unit_head leader chief office handler inspector"),
    ("/desk/points/{released_point}", "unit_head leader chief office handler inspector"),
    ("/desk/consultations/years", READERS),
    ("/desk/release/{ready}", "chief office handler"),
    ("/desk/release/{closed}", "chief office handler"),
    ("/desk/release/{ready}/preview", "chief office handler"),
    ("/desk/release/{closed}/preview", "chief office handler"),
    ("/desk/unplaced", "handler office"),
    ("/desk/transcripts", "handler village grid office"),
    ("/desk/catalogue", READERS),
    ("/desk/catalogue/{catalogue}", READERS),
    ("/desk/catalogue/{catalogue_draft}", READERS),
    ("/desk/catalogue/{catalogue_draft}/items/new", "justice office"),
    ("/desk/catalogue/{catalogue_draft}/items/{catalogue_item}", "justice office"),
    ("/desk/catalogue/{catalogue_draft}/table", "justice office"),
    ("/desk/proposals", "handler unit_head leader chief office inspector village grid"),
    ("/desk/proposals/new", "handler village grid office"),
    ("/desk/registers", READERS),
    ("/desk/registers/{register}", READERS),
    ("/desk/registers/{register_draft}", READERS),
    ("/desk/registers/{register_draft}/entries/new", "handler office"),
    ("/desk/registers/{register_draft}/entries/{entry}", READERS),
    ("/desk/articles", "publicist justice office unit_head leader"),
    ("/desk/articles/new", "publicist"),
    ("/desk/articles/{article}", "publicist justice office unit_head leader"),
    ("/desk/articles/{submitted_article}", "publicist justice office unit_head leader"),
    ("/desk/articles/{published_article}", "publicist justice office unit_head leader"),
    ("/desk/reaching", REACHING),
    ("/desk/scripts", REACHING),
    ("/desk/scripts?month=2026-01", REACHING),
    ("/desk/scripts/xlsx", REACHING),
    ("/desk/scripts/{script_draft}", REACHING),
    ("/desk/scripts/{script_submitted}", REACHING),
    ("/desk/scripts/{script}", REACHING),
    ("/desk/scripts/{script}/print?place={place}", REACHING),
    ("/desk/visits", REACHING),
    ("/desk/visits?month=2026-01", REACHING),
    ("/desk/visits/xlsx", REACHING),
    ("/desk/visits/new", "grid village justice publicist counsel"),
    ("/desk/visits/{visit}", "publicist justice office unit_head leader village inspector"),
    ("/desk/visits/{visit}/correct", "village justice"),
    ("/desk/exhibitions", REACHING),
    ("/desk/exhibitions/new", "publicist justice"),
    ("/desk/exhibitions/{exhibition_draft}", REACHING),
    ("/desk/exhibitions/{exhibition_submitted}", REACHING),
    ("/desk/exhibitions/{exhibition}", REACHING),
    ("/desk/letters", REACHING),
    ("/desk/letters/{mail_draft}", REACHING),
    ("/desk/letters/{mail_submitted}", REACHING),
    ("/desk/letters/{mail}", REACHING),
    ("/desk/questions", "justice counsel village grid office"),
    ("/desk/questions/new", "justice counsel village grid office"),
    ("/desk/questions/late", "justice leader chief"),
    ("/desk/hand-overs/{slip_over}", "justice"),
    ("/desk/duty", "justice counsel"),
    ("/desk/legal-places", "justice"),
    ("/desk/legal-places/{room}", "justice"),
    ("/desk/mediations", "justice village"),
    ("/desk/services", "justice counsel"),
    ("/desk/services/xlsx", "justice counsel"),
    ("/desk/common-questions", "justice counsel leader"),
    ("/desk/common-questions/new", "justice counsel"),
    ("/desk/common-questions/{common}", "justice counsel leader"),
    ("/desk/common-questions/{common_draft}", "justice counsel leader"),
    ("/desk/messages/{released}/calls", "handler office"),
    ("/desk/messages", "handler office inspector"),
    ("/desk/messages/hidden/{hidden}", "handler office"),
    ("/desk/messages/facts/{telling}", "handler office inspector"),
    ("/desk/messages/facts/{telling}/list", "handler office"),
    ("/desk/officers", "system_admin"),
    ("/desk/officers/new", "system_admin"),
    ("/desk/officers/{officer}", "system_admin"),
    ("/desk/places", "system_admin"),
    ("/desk/sessions", "security_admin"),
    ("/desk/trail", f"{READERS} audit_admin"),
    ("/desk/trail/{case}", f"{READERS} audit_admin"),
    ("/desk/trail/{case}/accountability", "chief inspector audit_admin"),
    ("/desk/trail/{case}/accountability?by=people", "chief inspector audit_admin"),
    ("/desk/trail/{case}/accountability?person={officer}", "chief inspector audit_admin"),
    ("/desk/find?q=停车", CASES),
    ("/desk/find?q={receipt}", CASES),
]


class Reader(HTMLParser):
    """Reads a page as strictly as a simple machine can: what is opened is closed, ids are there once."""

    VOID = frozenset("meta link input img br hr rect path source col circle".split())

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.points: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        if told.get("id"):
            self.ids.append(told["id"] or "")
        self.points += (told.get("aria-describedby") or "").split() + ([told["for"]] if told.get("for") else [])
        assert "style" not in told, f"inline style on {tag}"
        assert not any(name.startswith("on") for name in told), f"handler on {tag}"
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in self.VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        if tag in self.VOID:
            return
        assert self.open, f"</{tag}> closes nothing"
        assert self.open[-1] == tag, f"</{tag}> closes <{self.open[-1]}>"
        self.open.pop()

    def handle_data(self, data: str) -> None:
        self.text += data


def read(html: str) -> Reader:
    reader = Reader()
    reader.feed(html)
    assert not reader.open
    doubled = {i for i in reader.ids if reader.ids.count(i) > 1}
    assert not doubled, f"ids twice: {doubled}"
    lost = set(reader.points) - set(reader.ids)
    assert not lost, f"described by nothing: {lost}"
    return reader


def fill(address: str, world: World) -> str:
    return address.format(**vars(world))


@pytest.mark.timeout(400)
def test_every_page_opens_for_its_posts_and_for_nobody_else(world: World, desk: Callable[[str], Any]) -> None:
    wrong = []
    for post, login in LOGINS.items():
        browser = desk(login)
        for address, posts in PAGES:
            answer = browser.get(fill(address, world))
            expected = 200 if post.value in posts.split() else 403
            if answer.status_code != expected:
                wrong.append(f"{post.value} {address}: {answer.status_code}, not {expected}")
    assert not wrong, "\n".join(wrong)


def test_whoever_sees_a_page_may_go_where_its_crumbs_lead(world: World, desk: Callable[[str], Any]) -> None:
    wrong = []
    for post, login in LOGINS.items():
        browser, known = desk(login), dict[str, int]()
        for address, posts in PAGES:
            if post.value not in posts.split() or not address.startswith(("/desk/sign-off/", "/desk/release/")):
                continue
            html = browser.get(fill(address, world)).get_data(as_text=True)
            for link in re.findall(r'href="([^"]+)"', html[html.index('class="crumb"') :].partition("</nav>")[0]):
                status = known.setdefault(link, browser.get(link).status_code)
                if status >= 400:
                    wrong.append(f"{post.value} on {address}: {link} is {status}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(
    "login", ["shenlin", "xujing", "wuqiming", "zhoumin", "luojing", "linxiao", "xitong", "anquan", "shenji"]
)
def test_every_page_is_sound_html_in_chinese_without_a_hole(
    world: World, desk: Callable[[str], Any], login: str
) -> None:
    browser = desk(login)
    for address, _ in PAGES:
        answer = browser.get(fill(address, world))
        if answer.mimetype != "text/html":
            continue
        text = answer.get_data(as_text=True)
        try:
            reader = read(text)
        except AssertionError as why:
            raise AssertionError(f"{address}: {why}") from None
        assert "None" not in reader.text, address
        assert "{{" not in text, address
        assert not re.search(r"\bUndefined\b|<models\.|object at 0x", text), address


def test_without_signing_in_every_page_leads_to_the_door(world: World, client: Any) -> None:
    for address, _ in PAGES:
        answer = client.get(fill(address, world))
        assert answer.status_code == 303, address
        assert answer.headers["Location"].startswith("/desk/sign-in"), address


def test_every_view_says_whose_it_is(app: House) -> None:
    forgot = [
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if rule.endpoint.startswith("console.")
        and rule.endpoint not in OPEN_TO_ALL
        and seen_as(app.view_functions[rule.endpoint]) is None
    ]
    assert not forgot


def test_every_reading_page_is_in_the_table(app: House) -> None:
    """A new page has to be entered above, or it was never asked who may see it."""
    known = {re.sub(r"\{[^}]*\}", "X", address.partition("?")[0]) for address, _ in PAGES}
    known |= {
        "/desk/drafts/X",
        "/desk/articles/X/correct",
        "/desk/articles/X/pictures/X",
        "/desk/questions/X",
        "/desk/mediations/X",
        "/desk/proposals/X",
        "/desk/registers/X/entries/X/chart",
        "/desk/attachments/X",
        "/desk/sign-in",
        "/desk/consultations/X/said-file",
        "/desk/consultations/years/X",
        "/desk/consultations/X/empty-table",
        "/desk/consultations/years/X/xlsx",
    }
    known |= {
        "/desk/polls/X/questions/X",
        "/desk/lectures/X/room.svg",
        "/desk/visits/X/photo",
        "/desk/exhibitions/X/picture",
        "/desk/lectures/years/X",
        "/desk/lectures/years/X/xlsx",
        "/desk/consultations/X/X",
        "/desk/cases/X/needs/X",
        "/desk/cases/X/drafts/X/X",
        "/desk/points/X/X",
    }
    new = set()
    for rule in app.url_map.iter_rules():
        if rule.endpoint.startswith("console.") and "GET" in (rule.methods or ()) and rule.endpoint != "console.static":
            address = re.sub(r"<[^>]*>", "X", rule.rule)
            if address not in known:
                new.add(address)
    assert not new


def test_what_the_desk_shows_is_kept_by_no_cache(world: World, desk: Callable[[str], Any]) -> None:
    answer = desk("shenlin").get("/desk/")
    assert answer.headers["Cache-Control"] == "no-store"
    assert "'unsafe-inline'" not in answer.headers["Content-Security-Policy"]
    assert answer.headers["X-Frame-Options"] == "DENY"
