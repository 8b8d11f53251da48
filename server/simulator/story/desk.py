"""An officer at the desk: drafts, signs, takes in, answers, approves, releases; everything by pages and forms."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from server.simulator.story.browser import Browser, File, NoForm, Page, Trouble, option, squeezed


@dataclass(frozen=True)
class Answer:
    """What the office answers to one point."""

    outcome: str
    reason: str
    gist: str
    finer: str = ""
    revised: str = ""


@dataclass
class Officer:
    """One officer with a browser at a host name of their own."""

    login: str
    name: str
    web: Browser

    def sign_in(self) -> None:
        """One click, as a demonstration allows it."""
        page = self.web.get("/desk/sign-in")
        if page.path.rstrip("/").endswith("/desk"):
            return
        done = self.web.submit(page, page.form(action="/desk/sign-in/as"))
        if "sign-in" in done.path:
            raise Trouble(f"{self.name}没有登录成功：{done.complaint}")

    # a draft becomes a notice

    def drafts(self) -> dict[str, str]:
        """What is in hand: title to address."""
        return {
            words: href for href, words in self.web.get("/desk/drafts").links("/desk/drafts/") if href[-4:] != "/new"
        }

    def draft(self, title: str, source: str, case: str = "") -> Page:
        """Paste a text, look at its clauses, save; ends on the empty notice. `case`: the case that it is written for."""
        page = self.web.get(f"/desk/drafts/new?case={case.rsplit('/', 1)[-1]}" if case else "/desk/drafts/new")
        cut = self.web.submit(page, page.form("title", "source"), title=title, source=source)
        return self.web.submit(cut, cut.form("cuts", "source"), press=("deed", "save"))

    def write_notice(self, page: Page, fields: dict[str, Any]) -> Page:
        """Fill in the notice and send it to the unit head."""
        done = self.web.submit(page, page.form("purpose", "basis"), press=("deed", "submit"), **fields)
        if "/sign-off/" not in done.path:
            raise Trouble(f"公告没有送出去：{done.complaint}")
        return done

    def sign(self, title: str, deed: str, note: str = "") -> Page:
        """Open what waits for me under this title, and do what is due."""
        desk = self.web.get("/desk/sign-off")
        where = next((href for href, words in desk.links("/desk/sign-off/") if title in words), None)
        if where is None:
            raise Trouble(f"{self.name}的案头上没有《{title}》")
        page = self.web.get(where)
        form = page.form("deed", action=urlsplit(where).path)
        buttons = form.xpath('.//button[@name="deed"]/@value')
        if deed not in buttons:
            raise Trouble(f"{self.name}不能办这一步（{deed}），页面说：{page.complaint}")
        filled: dict[str, Any] = {"note": note} if note and form.xpath('.//*[@name="note"]') else {}
        return self.web.submit(page, form, press=("deed", deed), **filled)

    def in_hand(self, title: str) -> str | None:
        """At which step a notice is that waits for a signature; None when it is not among them."""
        for row in self.web.get("/desk/sign-off").tree.xpath("//tr"):
            if title in row.text_content():
                return " ".join(row.text_content().split())
        return None

    # comments come in by hand

    def take_in(self, consultation: str, fields: dict[str, Any]) -> Page:
        """Write down what somebody said on paper or by telephone."""
        page = self.web.get(f"/desk/consultations/{consultation}/intake")
        form = page.form("text", "channel")
        told = dict(fields)
        for name in ("clause", "place"):
            if name in told:
                told[name] = option(form, name, str(told[name]))
        done = self.web.submit(page, form, **told)
        if done.has_form("text", "channel"):
            raise Trouble(f"没有录进去：{done.complaint}")
        return done

    # answering

    def points(self, consultation: str, stage: str = "todo") -> Iterator[Page]:
        """Every point of a worklist, one page each."""
        seen: set[str] = set()
        page = self.web.get(f"/desk/answering/{consultation}?stage={stage}")
        while True:
            fresh = [
                href
                for href, _ in page.links(f"/desk/answering/{consultation}?")
                if (p := point_of(href)) and p not in seen and f"stage={stage}" in href
            ]
            if not fresh:
                return
            for href in dict.fromkeys(fresh):
                if point_of(href) not in seen:
                    seen.add(point_of(href))
                    page = self.web.get(href)
                    yield page

    def answer(self, page: Page, answer: Answer, deed: str = "submit") -> Page:
        """Outcome, reason, gist and new words for the clause, sent to a second person."""
        form = page.form("outcome", "reason")
        filled: dict[str, Any] = {"outcome": answer.outcome, "reason": answer.reason, "gist": answer.gist}
        if answer.finer:
            filled["sub_reason"] = answer.finer
        if answer.revised and form.xpath('.//*[@name="revised"]'):
            filled["revised"] = answer.revised
        return self.web.submit(page, form, press=("deed", deed), **filled)

    def to_approve(self) -> list[str]:
        """The addresses of what waits for a second person."""
        links = self.web.get("/desk/approval").links("/desk/approval/")
        return list(dict.fromkeys(href for href, _ in links))

    def judge(self, where: str, verdict: Callable[[Page], tuple[str, str]]) -> tuple[Page, str]:
        """Read one answer; approve it, or send it back with a reason."""
        page = self.web.get(where)
        deed, reason = verdict(page)
        if not deed:
            return page, ""
        form = page.form("deed")
        filled: dict[str, Any] = {"reason": reason} if reason else {}
        if deed == "approve" and form.xpath('.//*[@name="may_show"]'):
            filled["may_show"] = True
        self.web.submit(page, form, press=("deed", deed), **filled)
        return page, deed

    def release(self, consultation: str) -> tuple[Page, int]:
        """Type the total, and let everybody know."""
        page = self.web.get(f"/desk/release/{consultation}")
        form = page.form("points")
        total = self.total(page)
        done = self.web.submit(page, form, points=total)
        if done.has_form("points"):
            raise Trouble(f"没有发布：{done.complaint}")
        return done, total

    def fetched(self, consultation: str) -> bool:
        """Whether every picture and voice message has been fetched from WeChat, before it expires there."""
        return not any("（正在取）" in page.words for page in self.points(consultation, "all"))

    def place(self, opening: str, title: str) -> bool:
        """Words from the chat that waited: say which consultation they are about. False when they are not there."""
        page = self.web.get("/desk/unplaced")
        for form in page.tree.forms:
            if opening in squeezed(form.text_content()):
                self.web.submit(page, form, press=("deed", "place"), consultation=option(form, "consultation", title))
                return True
        return False

    def transcribe(self, text: str) -> bool:
        """Listen to the first voice message that waits, and write down what is heard. False when none waits."""
        page = self.web.get("/desk/transcripts")
        if not page.has_form("text", action="/transcripts/", but="/check"):
            return False
        self.web.submit(page, page.form("text", action="/transcripts/", but="/check"), text=text)
        return True

    # the year's catalogue, the lists, proposals

    def paste_catalogue(self, year: int, table: str) -> Page:
        """Begin a year's catalogue, paste the table, look at what was understood, keep it."""
        begun = self._begin("/desk/catalogue", year=str(year))
        page = self.web.get(f"{begun.path}/table")
        read = self.web.submit(page, page.form("table"), table=table)
        kept = self.web.submit(read, read.form("rows-0-title"), press=("deed", "keep"))
        if kept.path != begun.path:
            raise Trouble(f"目录没有收下：{kept.complaint}")
        return kept

    def in_list(self, desk: str, words: str) -> str | None:
        """The address of what is in hand under these words on a desk of lists."""
        for row in self.web.get(desk).tree.xpath("//tbody[.//h2[starts-with(normalize-space(), '在办')]]//tr[td]"):
            if words in row.text_content():
                return str(row.xpath(".//a/@href")[0])
        return None

    def write_powers(self, intro: str, entries: Sequence[Mapping[str, str]], unit: str) -> Page:
        """Begin the list of powers, write its entries, send it to the justice office."""
        begun = self._begin("/desk/registers", kind="powers")
        for entry in entries:
            page = self.web.get(f"{begun.path}/entries/new")
            form = page.form("name", "basis")
            told: dict[str, Any] = {**entry, "unit": option(form, "unit", unit)}
            done = self.web.submit(page, form, press=("deed", "keep"), **told)
            if done.path != begun.path:
                raise Trouble(f"「{entry['name']}」没有存下：{done.complaint}")
        page = self.web.get(begun.path)
        self.web.submit(page, page.form("intro"), intro=intro)
        return self.deed_on(begun.path, "submit")

    def deed_on(self, where: str, deed: str, **filled: Any) -> Page:
        """One of the deeds at the foot of a page."""
        page = self.web.get(where)
        form = page.form(action=f"{where}/deed")
        if deed not in form.xpath('.//button[@name="deed"]/@value'):
            raise Trouble(f"{self.name}不能办这一步（{deed}），页面说：{page.complaint}")
        done = self.web.submit(page, form, press=("deed", deed), **filled)
        if done.tree.xpath('//main//*[@role="alert"]'):
            raise Trouble(f"{self.name}没有办成（{deed}）：{done.complaint}")
        return done

    # a case on its road

    def case(self, title: str) -> str:
        """The address of the case of this title; nothing when there is none."""
        for stage in ("going", "decided", "archived"):
            for href, words in self.web.get(f"/desk/cases?stage={stage}").links("/desk/cases/"):
                if title in words:
                    return href
        return ""

    def stations(self, case: str) -> dict[str, str]:
        """How each station of a case stands, as its page says it: name to the word in its tag."""
        rows = self.web.get(case).tree.xpath('//table[contains(@class,"stations")]/tbody/tr')
        return {
            " ".join(row.xpath("./td[1]")[0].text_content().split()): " ".join(
                row.xpath("./td[2]")[0].text_content().split()
            )
            for row in rows
        }

    def fill(
        self,
        where: str,
        *,
        at: str = "",
        but: str = "",
        press: tuple[str, str] | None = None,
        choose: Mapping[str, str] | None = None,
        paper: File | None = None,
        **told: Any,
    ) -> Page:
        """Open a page, fill in its form (the one that leads `at` an address `but` not that one), choose by words, send it."""
        page = self.web.get(where)
        form = page.form(*told, *(choose or {}), action=at, but=but)
        told |= {name: option(form, name, words) for name, words in (choose or {}).items()}
        done = self.web.submit(page, form, press=press, paper=paper, **told)
        if done.tree.xpath('//main//*[@role="alert"]'):
            raise Trouble(f"{self.name}没有办成：{done.complaint}")
        return done

    def _begin(self, desk: str, **told: Any) -> Page:
        page = self.web.get(desk)
        begun = self.web.submit(page, page.form(*told, action=desk), **told)
        if begun.path == desk:
            raise Trouble(f"{self.name}没有开成头：{begun.complaint}")
        return begun

    def proposal(self, title: str) -> Page | None:
        """What somebody proposed under this title; None when it is not on the desk."""
        found = next(
            (href for href, words in self.web.get("/desk/proposals").links("/desk/proposals/") if title in words), None
        )
        return self.web.get(found) if found else None

    # the legal side

    def articles(self) -> dict[str, str]:
        """The articles on the desk: title to address."""
        found = self.web.get("/desk/articles").links("/desk/articles/")
        return {words: href for href, words in found if not href.endswith("/new")}

    def write_article(self, fields: dict[str, Any], topic: str) -> Page:
        """Write an article and send it to another reader."""
        page = self.web.get("/desk/articles/new")
        form = page.form("title", "body")
        return self.web.submit(page, form, press=("deed", "submit"), topic=option(form, "topic", topic), **fields)

    def article_deed(self, title: str, deed: str, topic: str = "") -> Page:
        """Review, publish, push: what the article's page lets me do."""
        where = next((href for words, href in self.articles().items() if title in words), None)
        if where is None:
            raise Trouble(f"{self.name}的案头上没有《{title}》这篇文章")
        page = self.web.get(where)
        form = page.form(action="/deed")
        if deed not in form.xpath('.//button[@name="deed"]/@value'):
            raise Trouble(f"{self.name}对《{title}》不能做这一步（{deed}）：{page.complaint}")
        filled: dict[str, Any] = (
            {"topic": option(form, "topic", topic)} if form.xpath('.//select[@name="topic"]') else {}
        )
        return self.web.submit(page, form, press=("deed", deed), **filled)

    def questions(self, having: str = "") -> list[str]:
        """The legal questions that wait: their addresses, oldest promise first."""
        rows = self.web.get("/desk/questions").tree.xpath("//table[1]//tr[.//a]")
        waiting = [row for row in rows if having in row.text_content() and "答过的" not in row.text_content()]
        return [str(href) for row in waiting for href in row.xpath('.//a[starts-with(@href,"/desk/questions/")]/@href')]

    def assign(self, where: str, counsel: str) -> Page:
        """Give a question to a counsel."""
        page = self.web.get(where)
        form = page.form("counsel")
        return self.web.submit(page, form, counsel=option(form, "counsel", counsel))

    def reply(self, where: str, opening: str, text: str) -> bool:
        """Answer a question, if it is the one that begins so."""
        page = self.web.get(where)
        if opening not in squeezed(page.tree.text_content()) or not page.has_form("text", action="/answer"):
            return False
        self.web.submit(page, page.form("text", action="/answer"), text=text)
        return True

    def total(self, page: Page) -> int:
        """The number of points, as the page itself says it."""
        for foot in page.tree.xpath("//tfoot/tr"):
            cells = [" ".join(cell.text_content().split()) for cell in foot.xpath("./td|./th")]
            if len(cells) > 1 and cells[0] == "要点":
                return int(cells[1].replace(",", ""))
        raise NoForm(f"{page.path} 上没有写要点总数：{page.complaint}")


def point_of(href: str) -> str:
    """The point that an address of the worklist names."""
    return next((part[2:] for part in urlsplit(href).query.split("&") if part.startswith("p=")), "")
