"""Each error code of WeChat's has its reaction, asked of the simulator over the wire and seen in what is left afterwards."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete, select, update

from config.settings import Settings
from models.decisions.consultation import Channel
from models.kernel import clock as law
from models.kernel.base import db
from models.kernel.clock import wall
from models.kernel.work import Work, WorkState
from models.messages.allowance import Allowance
from models.messages.halt import Halt, HaltKind
from models.messages.message import Message, MessageChannel, MessageState
from models.messages.token import WireToken
from models.people.officer import Officer
from models.people.resident import Grant, Identity
from models.questions.question import Question
from server.app import create_app
from server.house import brief
from server.voice.voice import Voice
from server.wire.errors import RULES
from tests.conftest import MINI, OFFICIAL, Engine, close, ignore, settings_for, settle
from tests.jobs.conftest import CUSTOMER, SUBSCRIBE, TEMPLATE, Works
from tests.wire.conftest import Stub
from tests.wire.simulator import Simulator

S, C, W, H = MessageState, MessageChannel, WorkState, HaltKind
TOKEN = "/cgi-bin/stable_token"
SOON, MINUTE, TEN, LONG = "soon", "a minute", "ten minutes", "long"


@dataclass(frozen=True)
class After:
    """What is left after the error was met."""

    state: MessageState
    channel: MessageChannel | None = None
    work: WorkState = W.DONE
    wait: str = ""
    halt: HaltKind | None = None
    learnt: str = ""


SENT = After(S.SENT, C.TEMPLATE)
FELL_BACK = After(S.INBOX, C.INBOX)
STOPPED = After(S.PENDING, None, W.READY, TEN, H.ACCOUNT)
WRONG_TEMPLATE = After(S.PENDING, None, W.HELD, "", H.TEMPLATE)
LEFT_TO_A_PERSON = After(S.FAILED, C.TEMPLATE)

ROWS: list[tuple[str, int, int, After]] = [
    # path, errcode, how often it is answered, what is left
    (TEMPLATE, -1, 1, After(S.PENDING, None, W.READY, SOON)),
    *((TEMPLATE, code, 1, SENT) for code in (40001, 40014, 42001)),
    *((TEMPLATE, code, 9, STOPPED) for code in (40001, 40014, 42001)),
    *((TOKEN, code, 9, STOPPED) for code in (40001, 40125, 40164, 40013)),
    *((TEMPLATE, code, 1, STOPPED) for code in (41001, 40164, 40013, 40125, 48004, 50002)),
    (TEMPLATE, 40003, 1, After(S.INBOX, C.INBOX, learnt="blocked")),
    (TEMPLATE, 43004, 1, After(S.INBOX, C.INBOX, learnt="unfollowed")),
    (TEMPLATE, 43019, 1, After(S.INBOX, C.INBOX, learnt="blocked")),
    (TEMPLATE, 48002, 1, After(S.INBOX, C.INBOX, learnt="blocked")),
    (SUBSCRIBE, 43101, 1, After(S.INBOX, C.INBOX, learnt="no consent")),
    (CUSTOMER, 45015, 1, After(S.INBOX, C.INBOX, learnt="window closed")),
    (CUSTOMER, 45047, 1, After(S.INBOX, C.INBOX, learnt="window closed")),
    *((TEMPLATE, code, 1, WRONG_TEMPLATE) for code in (40037, 47003, 41030)),
    (TEMPLATE, 45009, 1, After(S.PENDING, None, W.READY, LONG, H.DAY)),
    (TEMPLATE, 45011, 1, After(S.PENDING, None, W.READY, MINUTE, H.MINUTE)),
    (TEMPLATE, 45066, 1, After(S.PENDING, None, W.READY, MINUTE, H.MINUTE)),
    (TEMPLATE, 45028, 1, After(S.PENDING, None, W.READY, LONG, H.MASS)),
    (TEMPLATE, 45065, 1, SENT),
    (TEMPLATE, 48001, 1, After(S.INBOX, C.INBOX, halt=H.CAPABILITY)),
    *((TEMPLATE, code, 1, LEFT_TO_A_PERSON) for code in (40007, 40009, 44003, 45002, 87014, 61010, 99999)),
]
ASKED_OF_NOBODY_HERE = {40029, 40163}
"""Sign-in codes: test_a_spent_code_is_asked_for_anew_and_never_tried_twice."""


@pytest.fixture
def simulator(tmp_path: Path) -> Iterator[Simulator]:
    simulator = Simulator(tmp_path / "simulator")
    yield simulator
    simulator.close()


@pytest.fixture
def settings(engine: Engine, tmp_path: Path, simulator: Simulator) -> Settings:
    return settings_for(engine.fresh("street", settle), tmp_path / "data", wechat_api_base=simulator.url)


@pytest.fixture
def works(settings: Settings, stub: Stub) -> Iterator[Works]:
    app = create_app(settings, wake=ignore)
    app.extensions["voice"] = Voice.of(settings, app.extensions["wire"])
    yield Works(app, stub)
    app.extensions["wire"].line.close()
    close(app)


def put_right(works: Works, openid: str, path: str) -> None:
    """Everybody can be reached again, by the way that is asked about alone; nothing stands still."""
    tokens = works.app.extensions["wire"].tokens
    tokens._failed.clear()
    tokens._held.clear()
    for account in (works.app.extensions["wire"].official, works.app.extensions["wire"].mini):
        account._lacking.clear()

    def deed() -> None:
        for row in (Halt, Allowance, WireToken):
            db.session.execute(delete(row))
        db.session.execute(
            update(Work).where(Work.state != W.DONE).values(state=W.DONE).execution_options(synchronize_session=False)
        )
        identity = Identity.seen(OFFICIAL.appid, openid, "u-1")
        identity.follow()
        identity.window_until, identity.window_left = None, 0
        there = Identity.seen(MINI.appid, "m-1", "u-1")
        Grant.zero(there, MINI.template_notice or "MINI_NOTICE")
        if path == SUBSCRIBE:
            identity.unfollow()
            Grant.accepted(there, "MINI_NOTICE")
        if path == CUSTOMER:
            identity.unfollow()
            identity.heard_from("message")

    works.change(deed)


def fact(works: Works, openid: str) -> None:
    """Something this one person has to hear of."""

    def deed() -> None:
        who = Identity.seen(OFFICIAL.appid, openid).resident.current
        luo, counsel = Officer.by_login("luojing"), Officer.by_login("pengyuan")
        question = Question.ask(who, "租金涨了三成，合法吗？", channel=Channel.CHAT)
        question.assign(luo, counsel)
        question.answer_it(counsel, "合同没有写的，要协商。")

    works.change(deed)


def left(works: Works, openid: str) -> After:
    """What is left of the newest message."""
    with works.app.app_context(), brief(write=False):
        message = db.session.scalars(select(Message).order_by(Message.id.desc()).limit(1)).one()
        work = db.session.scalars(select(Work).where(Work.kind == "send").order_by(Work.id.desc()).limit(1)).one()
        halt = db.session.scalars(select(Halt)).one_or_none()
        identity = Identity.find(OFFICIAL.appid, openid)
        assert identity
        consent = db.session.scalar(select(Grant.remaining).where(Grant.template == "MINI_NOTICE"))
        seconds = (work.run_at - wall()).total_seconds() if work.state is W.READY else -1
        waits = ((3, SOON), (70, MINUTE), (605, TEN), (40 * 86_400, LONG))
        wait = next(words for most, words in waits if seconds <= most) if seconds > -1 else ""
        learnt = ""
        if identity.blocked:
            learnt = "blocked"
        elif message.errcode == 43004 and not identity.followed:
            learnt = "unfollowed"
        elif message.errcode == 43101 and not consent:
            learnt = "no consent"
        elif message.errcode in (45015, 45047) and not identity.window_left:
            learnt = "window closed"
        channel = message.channel if message.state is not S.PENDING else None
        return After(message.state, channel, work.state, wait, halt.kind if halt else None, learnt)


@pytest.mark.timeout(300)
def test_each_error_has_its_reaction(works: Works, simulator: Simulator, caplog: pytest.LogCaptureFixture) -> None:
    works.app.extensions["voice"].channels[1].templates["notice"] = "MINI_NOTICE"
    openid = simulator.phone(1)["openid"]
    wrong: list[str] = []
    for path, code, times, expected in ROWS:
        put_right(works, openid, path)
        fact(works, openid)
        simulator.trouble(path, "error", errcode=code, errmsg="no rid: 66f-1a-2b", times=times)
        caplog.clear()
        works.do("tell")
        newest = works.work("send")[-1].id
        works.queue.do(newest)
        found = left(works, openid)
        if found != expected:
            wrong.append(f"{path} {code} ×{times}: {found}, not {expected}")
        alarmed = "ALARM" in caplog.text
        if alarmed is not (expected.halt in (H.ACCOUNT, H.TEMPLATE, H.CAPABILITY, H.DAY, H.MASS)):
            wrong.append(f"{path} {code}: alarm {alarmed}")
    simulator.sim("errors", {"clear": True})
    assert not wrong, "\n".join(wrong)


def test_every_row_of_the_table_is_in_this_one() -> None:
    written = {
        -1, 40001, 40014, 42001, 41001, 40164, 40013, 40003, 43004, 43019, 43101, 45015, 45047, 48002, 40037, 47003, 41030,
        45009, 45011, 45028, 45065, 45066, 48001, 48004, 50002, 40029, 40163, 61010, 87014, 40007, 40009, 44003, 45002, 40125,
    }  # fmt: skip
    assert written <= {code for _, code, _, _ in ROWS} | ASKED_OF_NOBODY_HERE
    assert written <= set(RULES)


@pytest.mark.parametrize("code", sorted(ASKED_OF_NOBODY_HERE))
def test_a_spent_code_is_asked_for_anew_and_never_tried_twice(works: Works, simulator: Simulator, code: int) -> None:
    simulator.trouble("/sns/jscode2session", "error", errcode=code, times=1)
    mini = works.app.extensions["wire"].mini
    assert mini.session_by_code("a-code") is None
    assert not simulator.sim("errors")["errors"], "asked once, and once only"


@pytest.mark.parametrize("code", [61010, 87014, -1])
def test_what_wechat_cannot_judge_goes_to_a_person(works: Works, simulator: Simulator, code: int) -> None:
    simulator.trouble("/wxa/msg_sec_check", "error", errcode=code, times=1)
    with works.app.app_context():
        assert works.app.extensions["wire"].mini.check_text("m-1", "路灯坏了").suggest == "review"


def test_what_was_stopped_goes_on_by_itself_when_its_time_has_come(works: Works, simulator: Simulator) -> None:
    """45009 at noon: nothing is asked of WeChat before midnight; then the message goes out without a hand."""
    openid = simulator.phone(1)["openid"]
    put_right(works, openid, TEMPLATE)
    fact(works, openid)
    simulator.trouble(TEMPLATE, "error", errcode=45009, times=1)
    works.do("tell")
    works.do("send")
    past = wall() - timedelta(seconds=1)

    def due() -> None:
        db.session.execute(
            update(Work).where(Work.state == W.READY).values(run_at=past).execution_options(synchronize_session=False)
        )

    works.change(due)
    works.do("send")
    assert works.messages()[0].state is S.PENDING, "another machine, another try: still not before midnight"
    simulator.sim("clock", {"days": 1, "alone": True})
    works.change(lambda: law.move(86_400))
    works.change(due)
    works.do("send")
    assert works.messages()[0].state is S.SENT
