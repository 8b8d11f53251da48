"""A month of a street's telling on the law's clock: quotas, refusals, people who leave, answers that get lost, WeChat away for hours."""

import json
import random
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select, update

from models.decisions.consultation import Consultation, Stage, to_remind
from models.kernel import clock as law
from models.kernel.base import db
from models.kernel.clock import local, now, wall
from models.kernel.sealed import PersonKey
from models.kernel.trail import SYSTEM, Trace
from models.kernel.work import Work, WorkState
from models.messages import allowance
from models.messages.allowance import Limit
from models.messages.message import Message, MessageState
from models.messages.telling import Telling, TellingStage
from models.messages.urgency import Urgency
from models.people.resident import Identity, Resident
from server.app import create_app
from server.house import House, brief
from server.jobs.kinds import JOBS
from server.jobs.queue import Queue
from server.voice.voice import Voice
from server.wire.errors import Unknown, Unreached, WireError
from server.wire.many import Outcome
from tests.bench.test_goals import a_fact
from tests.conftest import OFFICIAL, Engine, People, close, ignore, settings_for, settle
from tests.making import a_comment, a_consultation, a_release, answer_all

TEMPLATE = "/cgi-bin/message/template/send"
S = MessageState


@dataclass
class WeChat:
    """What WeChat knows: who follows, who refuses, what was sent today, which keys it has seen; and its bad hours."""

    day: Callable[[], str]
    quota: int
    chance: random.Random
    left: set[str] = field(default_factory=set)
    blocked: set[str] = field(default_factory=set)
    away: bool = False
    """Nobody answers the door."""
    losing: int = 0
    """Answers that will get lost on their way back."""
    spent: Counter[str] = field(default_factory=Counter)
    refused: int = 0
    """Calls over the quota."""
    delivered: dict[str, str] = field(default_factory=dict)
    """Key to openid."""
    order: list[str] = field(default_factory=list)
    """Keys as they were delivered."""
    twice: list[str] = field(default_factory=list)

    def ask(self, method: str, path: str, *, body: Any = None, **_: Any) -> dict[str, Any]:
        """One call through the line."""
        if path.endswith("stable_token"):
            if self.away:
                raise Unreached("stable_token", "away")
            return {"access_token": "TOKEN-OF-THE-MONTH-1", "expires_in": 7200}
        if path != TEMPLATE:
            raise Unreached(path, "the month is about messages alone")
        outcome = self.answer(body)
        if isinstance(outcome, dict):
            return outcome
        assert outcome is not None
        raise outcome

    def post(
        self, path: str, token: str, bodies: Sequence[bytes], *, ends: Any, stopping: Any, seconds: float
    ) -> list[Outcome]:
        """Many calls at once."""
        found: list[Outcome] = [None] * len(bodies)
        for n, raw in enumerate(bodies):
            found[n] = self.answer(json.loads(raw))
            if ends(found[n]):
                break
        return found

    def close(self) -> None:
        """Nothing is open."""

    def answer(self, told: Any) -> Outcome:
        """What becomes of one message."""
        api = "message/template/send"
        if self.away:
            return Unreached(api, "away")
        today = self.day()
        if self.spent[today] >= self.quota:
            self.refused += 1
            return WireError.answered(api, 45009, "reach max api daily quota limit")
        self.spent[today] += 1
        who, key = told["touser"], told["client_msg_id"]
        if who in self.blocked:
            return WireError.answered(api, 43019, "require remove blacklist")
        if who in self.left:
            return WireError.answered(api, 43004, "require subscribe")
        if key in self.delivered:
            self.twice.append(key)  # the same key again: WeChat shows nothing, and says what it said
        else:
            self.delivered[key] = who
            self.order.append(key)
        if self.losing:
            self.losing -= 1
            return Unknown(api, "ReadTimeout")
        return {"errcode": 0, "msgid": int(key[1:]) + 10**6}


@dataclass
class Month:
    """The office and its WeChat."""

    app: House
    wechat: WeChat
    queue: Queue
    followers: int

    def work(self) -> None:
        """Everything that is due, and what waits only for the wall's clock; the law's clock stands meanwhile."""
        idle = 0
        while idle < 2:
            before = (len(self.wechat.order), len(self.wechat.twice), sum(self.wechat.spent.values()))
            with self.app.app_context(), brief():
                db.session.execute(
                    update(Work)
                    .where(Work.state == WorkState.READY, Work.kind.in_(("tell", "send")))
                    .values(run_at=wall() - timedelta(seconds=1))
                    .execution_options(synchronize_session=False)
                )
            if not self.queue.drain(40):
                return
            after = (len(self.wechat.order), len(self.wechat.twice), sum(self.wechat.spent.values()))
            idle = idle + 1 if after == before else 0

    def forward(self, **more: int) -> None:
        """Time passes."""
        with self.app.app_context(), brief():
            law.move(int(timedelta(**more).total_seconds()))

    def do(self, deed: Callable[[], Any]) -> Any:
        with self.app.app_context(), brief():
            return deed()


@pytest.fixture
def month(
    engine: Engine, tmp_path: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Month]:
    followers, quota = request.param
    # The same book-keeping as in an office, with the quota of the month's size.
    monkeypatch.setattr(allowance, "limits", lambda: {"message/template/send": Limit(day=quota)})
    settings = settings_for(engine.fresh("street", settle), tmp_path / "data")
    app = create_app(settings, wake=ignore)
    wire = app.extensions["wire"]

    def day() -> str:
        with app.app_context(), brief(write=False):
            return f"{local(now()):%Y-%m-%d}"

    wechat = WeChat(day, quota, random.Random(7))
    wire.line.ask = wechat.ask
    wire.official._many = wechat
    app.extensions["voice"] = Voice.of(settings, wire)
    yield Month(app, wechat, Queue(app, JOBS, "month"), followers)
    close(app)


def messages(month: Month, fact: int) -> Counter[MessageState]:
    with month.app.app_context(), brief(write=False):
        rows = db.session.execute(
            select(Message.state, func.count()).where(Message.fact_id == fact).group_by(Message.state)
        )
        return Counter({row[0]: row[1] for row in rows})


def last(verb: str) -> int:
    return db.session.scalars(select(Trace.id).where(Trace.verb == verb).order_by(Trace.id.desc()).limit(1)).one()


@pytest.mark.parametrize(
    "month",
    [
        pytest.param((1_200, 700), id="twelve hundred", marks=pytest.mark.timeout(400)),
        pytest.param((200_000, 100_000), id="200 thousand", marks=[pytest.mark.long, pytest.mark.timeout(7200)]),
    ],
    indirect=True,
)
def test_a_month(month: Month) -> None:
    wechat, began = month.wechat, time.monotonic()
    commenters = 60

    # Day 1: an older matter waits for its answers; people speak.
    def speak() -> int:
        asked = a_consultation(People(), title="河滨步道延伸工程")
        for n in range(commenters):
            a_comment(asked, _known(n), f"第{n}句：路灯太暗。")
        return asked.id

    older = month.do(speak)
    month.forward(days=31)

    # Day 32: a notice that concerns everybody who follows; more than one day's quota.
    big = month.do(lambda: a_fact(month.followers))
    month.do(lambda: _spread(wechat, 0.03, 0.02))
    month.work()
    assert sum(wechat.spent.values()) <= month.wechat.quota
    first = messages(month, big)
    assert first[S.PENDING] > 0, "not everybody can be told on the first day"

    # The same evening the older matter is answered: its people come first, the next morning, before all others.
    def release() -> int:
        asked = db.session.get_one(Consultation, older)
        answer_all(People(), asked)
        a_release(People(), asked)
        return last("release")

    own = month.do(release)
    sent_before = len(wechat.order)
    month.work()
    assert len(wechat.order) == sent_before, "nothing before midnight"
    month.forward(days=1)
    month.work()
    with month.app.app_context(), brief(write=False):
        urgency = {f"m{n}": u for n, u in db.session.execute(select(Message.id, Message.urgency)).all()}
    those = [urgency[key] for key in wechat.order[sent_before:]]
    assert Urgency.OWN in those and Urgency.FOLLOWED in those
    assert those == sorted(those), "own answers, then the notice"
    assert messages(month, own)[S.SENT] == commenters

    # Days pass; once WeChat is away for a night.
    for day in range(1, 5):
        month.forward(hours=8)
        wechat.losing = 5 if day == 1 else 0
        wechat.away = day == 2
        month.work()
        wechat.away = False
        month.forward(hours=16)
        month.work()
    assert not {S.PENDING, S.SENDING} & set(messages(month, big)), messages(month, big)

    # Three days before it closes, those who have said nothing are reminded.
    def some_speak() -> None:
        asked = db.session.scalars(select(Consultation).where(Consultation.stage == Stage.PUBLISHED)).unique().all()[-1]
        for number in db.session.scalars(select(Message.resident_id).where(Message.fact_id == big).limit(40)):
            who = db.session.get_one(Resident, number)
            who.key = PersonKey.make()  # the crowd was put in by the database and shares one that opens nothing
            db.session.flush()
            a_comment(asked, who, "说过了。")

    month.do(some_speak)
    month.forward(days=23)

    def remind() -> int:
        (number,) = to_remind()
        db.session.get_one(Consultation, number).remind(SYSTEM)
        return last("remind")

    reminded = month.do(remind)
    for _ in range(4):
        month.work()
        month.forward(days=1)
    month.work()

    # What the month was.
    with month.app.app_context(), brief(write=False):
        total = dict(db.session.execute(select(Message.state, func.count()).group_by(Message.state)).all())
        unexplained = db.session.scalar(
            select(func.count()).where(Message.state.in_((S.INBOX, S.HELD, S.FAILED)), Message.why == "")
        )
        spoke = db.session.scalar(select(func.count()).select_from(Message).where(Message.fact_id == reminded))
        stages = set(db.session.scalars(select(Telling.stage)))
        somebody = (
            select(Identity.id)
            .where(Identity.resident_id == Message.resident_id, Identity.followed, ~Identity.blocked)
            .where(Identity.appid == OFFICIAL.appid)
        )
        reachable = db.session.scalar(select(func.count()).where(Message.state == S.INBOX, somebody.exists()))
    print(
        f"\na month for {month.followers:,} followers in {time.monotonic() - began:.0f} s: messages "
        f"{ {state.value: n for state, n in total.items()} }, calls by day {dict(wechat.spent)}, "
        f"answers lost and asked again under the same key {len(wechat.twice)}, calls over the quota {wechat.refused}"
    )
    assert wechat.refused == 0, "the book knew the quota before WeChat said so"
    assert max(wechat.spent.values()) <= wechat.quota
    assert set(total) <= {S.SENT, S.INBOX}, "everybody is told or listed, and nobody is in doubt"
    assert total[S.SENT] == len(wechat.delivered), "who is called told holds a card, and nobody else"
    assert unexplained == 0, "each unreached one has a reason"
    assert reachable == 0, "everybody who can be reached was"
    assert total[S.INBOX] >= 0.03 * month.followers
    assert 0 < len(wechat.twice) <= 5, "a lost answer costs one more call under the same key"
    assert spoke == month.followers - 40, "nobody is reminded of what they did"
    assert stages == {TellingStage.FINISHED}


def _known(number: int) -> Resident:
    """Somebody who follows the account."""
    identity = Identity.seen(OFFICIAL.appid, f"oSpoke{number:022d}")
    identity.follow()
    return identity.resident


def _spread(wechat: WeChat, leave: float, block: float) -> None:
    """Some have left and some have blocked the account, and nobody told us."""
    for openid in db.session.scalars(select(Identity.openid).where(Identity.openid.like("oBench%"))):
        drawn = wechat.chance.random()
        if drawn < leave:
            wechat.left.add(openid)
        elif drawn < leave + block:
            wechat.blocked.add(openid)
