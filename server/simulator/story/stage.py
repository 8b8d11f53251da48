"""Where the story is played: two addresses, the people with their browsers, and what a stranger can see of the product."""

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from server.simulator.story.browser import Browser, Trouble
from server.simulator.story.desk import Officer
from server.simulator.story.matter import Matter
from server.simulator.story.people import OFFICERS, RESIDENTS, Person
from server.simulator.story.phone import Heard, Phone, unheard

A_DAY = 86_400


@dataclass
class Stage:
    """The two programs as one who only knows their addresses meets them."""

    product: str
    simulator: str
    write: Callable[..., None] = unheard
    """Keeps the player's own log of what it did."""
    phones: dict[int, Phone] = field(default_factory=dict)
    officers: dict[str, Officer] = field(default_factory=dict)
    ids: dict[str, str] = field(default_factory=dict)
    """Title to public id, as the public interface lists them."""
    visitors: list[Browser] = field(default_factory=list)
    notes: dict[str, Any] = field(default_factory=dict)
    """What one step leaves for a later one: a receipt page, an address."""
    passed: int = 0
    """The day of the story."""
    resumed: bool = False
    """Whether it is an interrupted story that is taken up again, so that a step may be there already."""
    heard_before: set[str] = field(default_factory=set)
    """How what the office has heard begins, when an interrupted story is taken up again."""
    _said: dict[int, Counter[str]] = field(default_factory=dict)
    _now_said: dict[int, Counter[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        port = urlsplit(self.product).port
        self.tail = f":{port}" if port else ""
        self.anybody = Browser(f"http://localhost{self.tail}")
        self.wechat = Browser(self.simulator)
        for person in RESIDENTS:
            self.phones[person.number] = Phone(
                person.number,
                person.name,
                person.village,
                self.wechat,
                self.browser(f"phone-{person.number}"),
                self.write,
            )
        for login, (name, _) in OFFICERS.items():
            self.officers[login] = Officer(login, name, self.browser(login))

    def browser(self, host: str) -> Browser:
        """A fresh browser at a host name of this machine."""
        return Browser(f"http://{host}.localhost{self.tail}")

    def close(self) -> None:
        """Everybody hangs up."""
        people = [p.web for p in self.phones.values()] + [o.web for o in self.officers.values()]
        for browser in (self.anybody, self.wechat, *people, *self.visitors):
            browser.close()

    def visitor(self) -> Phone:
        """Somebody at a computer, whom nobody knows."""
        browser = Browser(f"http://localhost{self.tail}", agent="Mozilla/5.0 (demonstration)")
        self.visitors.append(browser)
        return Phone(0, "没有登录的居民", "", self.wechat, browser)

    def phone(self, person: Person) -> Phone:
        """Somebody's phone."""
        return self.phones[person.number]

    # what a stranger sees

    def consultations(self) -> dict[str, dict[str, Any]]:
        """What has been published: title to line."""
        lines = self.anybody.get("/api/v1/consultations?limit=50").json()["items"]
        self.ids.update({str(line["title"]): str(line["id"]) for line in lines})
        return {str(line["title"]): line for line in lines}

    def articles(self) -> set[str]:
        """The titles of what has been published for legal education."""
        return {str(one["title"]) for one in self.anybody.get("/api/v1/articles?limit=50").json()["items"]}

    def catalogue(self) -> set[str]:
        """The titles of the matters that the published catalogue has; none before there is one."""
        page = self.anybody.get("/api/v1/catalogue", ok=())
        return {str(item["title"]) for item in page.json()["items"]} if page.status == 200 else set()

    def powers(self) -> str:
        """What the public list of powers says; nothing before there is one."""
        page = self.anybody.get("/registers/powers", ok=())
        return page.words if page.status == 200 else ""

    def id_of(self, matter: Matter) -> str:
        """The public id of a consultation that is out."""
        if matter.title not in self.ids:
            self.consultations()
        if matter.title not in self.ids:
            raise Trouble(f"公开的列表里没有《{matter.title}》")
        return self.ids[matter.title]

    def clause(self, matter: Matter, number: int) -> str:
        """The id of an article of a draft, for the mini program."""
        pieces = self.anybody.get(f"/api/v1/consultations/{self.id_of(matter)}").json()["clauses"]
        return next(str(p["id"]) for p in pieces if p["label"] == numeral(number))

    def position(self, matter: Matter, number: int) -> int:
        """The place of an article on the page: where its 「对这一条说两句」 leads."""
        page = self.anybody.get(f"/consultations/{self.id_of(matter)}")
        for href, words in page.links(f"/consultations/{self.id_of(matter)}/comment?clause="):
            if numeral(number) in words:
                return int(href.rsplit("=", 1)[1])
        raise Trouble(f"公告页上没有可以对{numeral(number)}提意见的地方")

    def kind(self) -> str:
        """What kind of account the office has, as WeChat knows it."""
        return str(self.wechat.get("/sim/state").json()["kind"])

    # time

    def now(self) -> datetime:
        """The story's time on a Beijing clock."""
        return datetime.fromtimestamp(self.wechat.get("/sim/state").json()["now"] + 8 * 3600, tz=UTC)

    def today(self) -> date:
        """The story's date."""
        return self.now().date()

    def wait_for_morning(self) -> None:
        """Whoever starts the story at night sees a street by day all the same: nobody holds a lecture at two in the morning."""
        day = morning_after(self.now())
        if day is None:
            return
        moved = self.wechat.send_json("/sim/clock", {"until": day.isoformat()}, ok=())
        if not moved.get("ok"):
            raise Trouble(f"时间没有走到早上：{moved.get('message')}")

    def day_after(self, days: int) -> str:
        """A day to come, as a form takes it."""
        return (self.today() + timedelta(days)).isoformat()

    def forward(self, days: int) -> None:
        """Days pass, for the phones and for the office."""
        moved = self.wechat.send_json("/sim/clock", {"days": days}, ok=())
        if not moved.get("ok"):
            raise Trouble(f"时间没有往前走：{moved.get('message')}")
        self.passed += days

    def wait(self, what: str, until: Callable[[], Any], seconds: float = 20.0) -> Any:
        """Something that happens behind the pages: look until it is there."""
        end = time.monotonic() + seconds
        while True:
            if found := until():
                return found
            if time.monotonic() > end:
                raise Trouble(f"等了{seconds:.0f}秒，{what}")
            time.sleep(0.25)

    # in the chat, without saying the same thing again when the story is taken up once more

    def say(self, person: Person, text: str) -> Heard | None:
        """Say something, unless this phone has said exactly this at this place of the story before."""
        number = person.number
        if number not in self._said:
            self._said[number] = Counter(self.phone(person).said())
            self._now_said[number] = Counter()
        self._now_said[number][text] += 1
        if self._now_said[number][text] <= self._said[number][text]:
            return None
        return self.phone(person).say(text)


def at_desk(stage: Stage, login: str) -> Officer:
    """An officer who has signed in."""
    officer = stage.officers[login]
    if login not in stage.notes.setdefault("signed_in", set()):
        officer.sign_in()
        stage.notes["signed_in"].add(login)
    return officer


def numeral(number: int) -> str:
    """第四条."""
    ones = "零一二三四五六七八九"
    return f"第{ones[number] if number < 10 else '十' + (ones[number - 10] if number > 10 else '')}条"


def morning_after(moment: datetime) -> date | None:
    """The day whose morning comes next, for whoever comes before eight or after five in the afternoon; None by day."""
    if 8 <= moment.hour < 17:
        return None
    return moment.date() + timedelta(1 if moment.hour >= 17 else 0)
