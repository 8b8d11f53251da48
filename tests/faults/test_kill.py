"""Kill -9 in a loop, while people speak and answers go out: nothing acknowledged is lost, nothing is there twice."""

import random
import re
import sqlite3
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from sqlalchemy import func, select, text, update

from models.comments.comment import Comment
from models.comments.point import Point
from models.comments.receipt import Receipt
from models.comments.release import Release
from models.decisions.consultation import Consultation
from models.kernel import clock, trail
from models.kernel.base import db
from models.kernel.clock import wall
from models.kernel.evidence import check
from models.kernel.trail import Trace
from models.kernel.work import ATTEMPTS, Work, WorkState
from models.messages.message import Message, MessageState
from models.people.resident import Identity, Resident
from models.people.session import Session
from server.house import brief
from tests.conftest import MINI, OFFICIAL, Engine, People, settle
from tests.faults.crowd import CUT, Crowd
from tests.faults.running import Running, afresh, looking, quoted, running
from tests.making import a_comment, a_consultation, answer_all

PHONES = 24
"""Followers whom every release has to reach."""


@dataclass
class Kill:
    """One kill -9, and what it met."""

    what: str
    at: float
    cut: int = 0
    """Requests under way that broke without an answer."""
    in_hand: int = 0
    """Pieces of work that were leased to the one that died."""


@dataclass
class Scene:
    """What the loop begins with, and what happened."""

    product: Running
    consultation: str = ""
    matters: list[tuple[str, int]] = field(default_factory=list)
    """Closed consultations whose answers are approved: public id and points."""
    chief: str = ""
    csrf: str = ""
    tokens: list[str] = field(default_factory=list)
    kills: list[Kill] = field(default_factory=list)
    released: dict[str, int] = field(default_factory=dict)
    """Each release that was acknowledged, and how often its line broke before."""
    recoveries: list[float] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def met(self, crowd: Crowd) -> int:
        """Kills that met an open write: somebody was cut off without an answer before the next kill."""
        ends = [k.at for k in self.kills[1:]] + [time.monotonic()] * bool(self.kills)
        for killed, end in zip(self.kills, ends, strict=True):
            killed.cut = crowd.cut_between(killed.at, min(end, killed.at + 3))
        return sum(k.cut > 0 for k in self.kills)


@pytest.fixture
def scene(engine: Engine, tmp_path: Path) -> Iterator[Scene]:
    """A running product with its simulator, prepared by `prepare`."""
    with running(tmp_path / "run", engine.fresh("street", settle), web=2) as product:
        yield Scene(product)


def prepare(scene: Scene, matters: int, residents: int) -> None:
    """Followers, closed matters with approved answers for them, one open matter, and people who are signed in."""
    product = scene.product
    product.stand_in()
    openids = []
    for n in range(1, PHONES + 1):
        phone = product.wechat("POST", "/phones", {"n": n})["phone"]
        product.wechat("POST", f"/phones/{n}/follow", {"wait": False})
        openids.append(phone["openid"])
    with looking(product, write=True):
        who = People()
        followers = []
        for openid in openids:
            identity = Identity.seen(OFFICIAL.appid, openid)
            identity.follow()
            followers.append(identity.resident)
        closed = []
        for n in range(matters):
            asked = a_consultation(who, title=f"第{n + 1}号办法")
            for follower in followers:
                a_comment(asked, follower, f"对第{n + 1}号办法，我有话说。")
            closed.append(asked)
        db.session.flush()
        clock.move(40 * 86_400)
        for asked in closed:
            scene.matters.append((asked.public_id, len(answer_all(who, asked))))
        scene.consultation = a_consultation(who, title="正在征求意见的办法").public_id
        for n in range(residents):
            resident = Resident.by_identity(MINI.appid, f"oMini{n:023d}")
            scene.tokens.append(Session.open_for(resident, "mini", "a test"))
        scene.chief = Session.open_for(who["wuqiming"], "console", "a test")
        db.session.flush()
        row = Session.find(scene.chief, "console")
        assert row
        scene.csrf = row.csrf
        Work.take_wanted()
        db.session.commit()
        clock.forget()


def release_all(scene: Scene, every: float, stop: threading.Event) -> None:
    """The chief releases one matter after the other; when the line breaks, they look and press again."""
    for public_id, points in scene.matters:
        broken = 0
        while True:
            try:
                answer = scene.product.call(
                    "POST",
                    f"/desk/release/{public_id}",
                    body=quoted(points=points, csrf_token=scene.csrf).encode(),
                    Content_Type="application/x-www-form-urlencoded",
                    Cookie=f"huiyin_o={scene.chief}",
                )
            except ConnectionRefusedError:
                time.sleep(0.1)
                continue
            except CUT:
                broken += 1
                continue
            if answer.status == 503:
                time.sleep(0.2)
                continue
            # 422 after a broken line: it had been released, and is not released again.
            if answer.status == 303 or (answer.status in (409, 422) and broken):
                scene.released[public_id] = broken
            else:
                scene.notes.append(f"release {public_id}: {answer.status}")
            break
        if stop.wait(every):
            every = 0


def in_hand() -> int:
    """Work that somebody has leased now."""
    with afresh():
        return db.session.scalar(select(func.count()).select_from(Work).where(Work.state == WorkState.CLAIMED)) or 0


def kill_child(scene: Scene, crowd: Crowd, chance: random.Random) -> None:
    """One of the web server's children that is serving; its parent makes a new one."""
    serving: list = []
    scene.product.until(lambda: bool(serving.extend(scene.product.children()) or serving), 30, "no child serves", "web")
    victim = chance.choice(serving)
    until = time.monotonic() + 2
    while crowd.under_way < 4 and time.monotonic() < until:
        time.sleep(0.001)
    time.sleep(chance.random() * 0.02)
    killed = Kill("child", time.monotonic())
    victim.kill()
    settle_down(scene, crowd, killed)


def kill_worker(scene: Scene, crowd: Crowd, chance: random.Random) -> None:
    """The worker, with something in its hands where there is something."""
    until = time.monotonic() + 1.5
    while not (found := in_hand()) and time.monotonic() < until:
        time.sleep(0.01)
    killed = Kill("worker", time.monotonic(), in_hand=found)
    scene.product.kill("worker")
    scene.product.start("worker")
    settle_down(scene, crowd, killed)


def kill_all(scene: Scene, crowd: Crowd, chance: random.Random) -> None:
    """Web server and worker, whole; started again by nobody's hand but the supervisor's."""
    killed = Kill("all", time.monotonic(), in_hand=in_hand())
    scene.product.kill("web")
    scene.product.kill("worker")
    scene.product.start("web", "worker")
    settle_down(scene, crowd, killed)
    scene.recoveries.append(scene.product.ready())


def settle_down(scene: Scene, crowd: Crowd, killed: Kill) -> None:
    """Give those who were cut off a moment to notice."""
    scene.kills.append(killed)
    time.sleep(0.15)


def loop(scene: Scene, crowd: Crowd, kills: int, submissions: int, patience: float, every: float) -> None:
    """Kill until enough kills met an open write and enough was said."""
    chance = random.Random(crowd.seed)
    stop = threading.Event()
    product = scene.product
    product.start("web", "worker")
    product.ready()
    chief = threading.Thread(target=release_all, args=(scene, every, stop), daemon=True)
    crowd.begin()
    chief.start()
    began = time.monotonic()
    plan = [kill_child, kill_child, kill_worker, kill_child, kill_child, kill_worker, kill_child, kill_all]
    try:
        while scene.met(crowd) < kills or len(crowd.said) < submissions:
            assert time.monotonic() - began < patience, (
                f"only {scene.met(crowd)} kills met a write\n{product.last_words()}"
            )
            if scene.met(crowd) >= kills:
                time.sleep(0.5)
                continue
            plan[len(scene.kills) % len(plan)](scene, crowd, chance)
    finally:
        stop.set()
        crowd.end()
    chief.join(90)
    assert not chief.is_alive(), "the chief still waits for an answer"
    for name in ("web", "worker"):
        assert product.alive(name)


def drained(scene: Scene, patience: float, *, hurry: bool, needs: tuple[str, ...] = ("web", "worker")) -> float:
    """Wait until no work is left. `hurry`: the minute of a dead worker's lease, and every other wait, has passed."""
    if hurry:
        soon = {"synchronize_session": False}
        with brief():
            claimed = update(Work).where(Work.state == WorkState.CLAIMED).values(lease_until=wall())
            ready = update(Work).where(Work.state == WorkState.READY).values(run_at=wall())
            db.session.execute(claimed.execution_options(**soon))
            db.session.execute(ready.execution_options(**soon))

    def nothing_left() -> bool:
        with afresh():
            left = select(func.count()).select_from(Work).where(Work.state.in_((WorkState.READY, WorkState.CLAIMED)))
            return not db.session.scalar(left) and not trail.unlinked(1)

    return scene.product.until(nothing_left, patience, "work is left over", *needs)


def check_comments(scene: Scene, crowd: Crowd) -> dict[str, int]:
    """Acknowledged: there once. Not acknowledged: there once or not at all; asked again, it is there once."""
    gone = [one for one in crowd.said if one.answer is None]
    had = texts(scene)
    assert not [one for one in crowd.said if one.answer is not None and had[one.text] != 1], "lost or doubled"
    assert not [one for one in gone if had[one.text] > 1], "doubled"
    kept_unheard = sum(had[one.text] for one in gone)
    known = {row.public_id for row in comments(scene)}
    db.session.rollback()
    for one in gone:
        crowd.deliver(one, random.Random(1), give_up=False)
        assert one.answer is not None, crowd.wrong
        if had[one.text] and one.door == "mini":
            assert one.answer["id"] in known, "another comment under the same key"
    with afresh():
        assert Counter({one.text: 1 for one in crowd.said}) == texts(scene), (
            "something is lost, doubled, or from nobody"
        )
        by_id = {row.public_id: row for row in comments(scene)}
        for one in crowd.said:
            if one.door == "mini":
                row = by_id[one.answer["id"]]
                assert row.key and row.key.endswith(f":{one.key}")
                assert row.text == one.text and row.serial_words == one.answer["serial"]
                receipt = Receipt.of(row)
                assert receipt and receipt.number == one.answer["receipt"]
    return {"said": len(crowd.said), "kept without an answer": kept_unheard, "never answered": len(gone)}


def comments(scene: Scene) -> list[Comment]:
    asked = select(Consultation.id).where(Consultation.public_id == scene.consultation).scalar_subquery()
    return list(db.session.scalars(select(Comment).where(Comment.consultation_id == asked)).unique())


def texts(scene: Scene) -> Counter[str]:
    """Every text on the open matter, as often as it is there: comments and what was added to them."""
    found: Counter[str] = Counter()
    for row in comments(scene):
        found[row.text] += 1
        for more in row.supplements:
            found[more.readable] += 1
    return found


def check_counts(scene: Scene) -> None:
    """Serials without a gap, one point, one receipt and one trace for each, and the counters agree."""
    asked = db.session.scalar(select(Consultation).where(Consultation.public_id == scene.consultation))
    assert asked
    rows = comments(scene)
    assert sorted(row.serial for row in rows) == list(range(1, len(rows) + 1))
    assert (asked.n_texts, asked.n_points, asked.serials) == (len(rows), len(rows), len(rows))
    points = db.session.scalar(select(func.count()).select_from(Point).where(Point.consultation_id == asked.id))
    assert points == len(rows)
    traced = db.session.scalars(
        select(Trace.detail).where(Trace.subject_kind == "Consultation", Trace.subject_id == asked.id)
    )
    named = Counter(detail["comment"] for detail in traced if "comment" in detail)
    assert named == Counter(row.public_id for row in rows), (
        "a comment without its trace, or a trace without its comment"
    )


def check_trail() -> int:
    """Every chain whole, every row in its place."""
    rows = 0
    for chain in trail.chains():
        verdict = check(chain)
        assert verdict.whole and not verdict.waiting, (chain, verdict.wrong, verdict.waiting)
        rows += verdict.rows
    return rows


def check_work() -> Counter[str]:
    """All work ended, none of it after more tries than allowed."""
    rows = db.session.execute(select(Work.kind, Work.state, Work.attempts)).all()
    assert not [r for r in rows if r.state not in (WorkState.DONE, WorkState.HELD, WorkState.DEAD)]
    assert max(r.attempts for r in rows) <= ATTEMPTS + 1
    return Counter(f"{r.kind} {r.state.value}" for r in rows)


def check_told(scene: Scene) -> dict[str, int]:
    """Each release once; each commenter one message of it, with one card at most on the telephone, or listed."""
    for public_id, _ in scene.matters:
        asked = db.session.scalar(select(Consultation).where(Consultation.public_id == public_id))
        assert asked and Release.of(asked), f"{public_id} was not released: {scene.notes}"
    assert len(scene.released) == len(scene.matters), scene.notes
    messages = db.session.scalars(select(Message).where(Message.topic == "Consultation.release")).all()
    assert Counter(m.fact_id for m in messages) == {m.fact_id: PHONES for m in messages}
    assert len(messages) == PHONES * len(scene.matters), "somebody was left out"
    states = Counter(m.state for m in messages)
    settled = {MessageState.SENT, MessageState.DELIVERED, MessageState.HELD, MessageState.FAILED, MessageState.INBOX}
    assert set(states) <= settled, states
    listed = {m.client_key for m in messages if m.state in (MessageState.HELD, MessageState.FAILED, MessageState.INBOX)}
    scene.product.wechat("POST", "/later", {})
    book = scene.product.folder / "data" / "simulator" / "wechat.sqlite"
    with closing(sqlite3.connect(f"file:{book}?mode=ro", uri=True)) as wechat:
        keys = Counter(key for (key,) in wechat.execute("select key from fact where key like 'template:%'"))
        cards = wechat.execute(
            "select phone, body, count(*) from message where kind = 'template' group by phone, body"
        ).fetchall()
        calls = Counter(
            found[1]
            for (asked,) in wechat.execute("select asked from wire where tag = 'send' and way = 'out'")
            if (found := re.search(r'"client_msg_id":\s*"(m\d+)"', asked))
        )
    assert not [card for card in cards if card[2] != 1], "somebody was told twice"
    reached = {key.removeprefix("template:") for key in keys}
    assert reached | listed == {m.client_key for m in messages}, "somebody was neither told nor listed"
    assert len(cards) == len(reached)
    return {
        "releases": len(scene.matters),
        "to be told": len(messages),
        "cards on telephones": len(cards),
        "listed": len(listed - reached),
        "keys sent again after a kill": sum(n > 1 for n in calls.values()),
    }


def check_file(scene: Scene) -> None:
    """SQLite's own look at its file."""
    if db.engine.dialect.name == "sqlite":
        with db.engine.connect() as connection:
            assert connection.execute(text("PRAGMA integrity_check")).scalar() == "ok"


def told_of(scene: Scene, crowd: Crowd, engine: str, more: dict[str, object]) -> None:
    """The figures, for whoever reads the run."""
    kinds = Counter(k.what for k in scene.kills)
    print(f"\nkill -9 on {engine}, seed {crowd.seed}:")
    print(f"  kills {len(scene.kills)} {dict(kinds)}, of which {scene.met(crowd)} met an open write,")
    print(f"  {sum(k.in_hand > 0 for k in scene.kills)} met a piece of work in a worker's hands")
    print(f"  said {len(crowd.said)}, acknowledged {len(crowd.acknowledged())}, repeated on purpose {crowd.repeats},")
    print(
        f"  in flight when the line broke {len(crowd.cuts)}; answered 503 {crowd.busy}, no door for a moment {crowd.refused}"
    )
    if scene.recoveries:
        print(f"  ready again after everything was killed: {', '.join(f'{r:.1f} s' for r in scene.recoveries)}")
    for name, value in more.items():
        print(f"  {name}: {value}")


def survive(scene: Scene, engine: str, *, kills: int, submissions: int, matters: int, residents: int, patience: float,
            every: float, hurry: bool) -> None:  # fmt: skip
    """The whole of it."""
    seed = random.randrange(10_000)
    prepare(scene, matters, residents)
    crowd = Crowd(scene.product, scene.consultation, scene.tokens, seed, patience=0.3)
    with looking(scene.product):
        loop(scene, crowd, kills, submissions, patience, every)
        assert not crowd.wrong, crowd.wrong[:10]
        emptied = drained(scene, 150, hurry=hurry)
        figures = check_comments(scene, crowd)
        drained(scene, 30, hurry=False)
        check_counts(scene)
        check_file(scene)
        told_of(
            scene,
            crowd,
            engine,
            {
                "comments": figures,
                "telling": check_told(scene),
                "work": dict(check_work()),
                "rows of the trail, all in their chains": check_trail(),
                "queue empty after": f"{emptied:.1f} s",
            },
        )
    assert scene.met(crowd) >= kills, "no kill met an open write"
    assert not re.search(r'"level": "error".*bug [0-9a-f]{8} at', scene.product.logs()), "a bug is in the log"


@pytest.mark.both_engines
@pytest.mark.timeout(500)
def test_what_was_acknowledged_survives_kill_9(scene: Scene, engine: Engine) -> None:
    """Once around the plan: children, workers, and everything at once."""
    survive(scene, engine.kind, kills=8, submissions=150, matters=2, residents=80, patience=330, every=4, hurry=True)


@pytest.mark.long
@pytest.mark.both_engines
@pytest.mark.timeout(3600)
def test_what_was_acknowledged_survives_two_hundred_kills(scene: Scene, engine: Engine) -> None:
    survive(
        scene,
        engine.kind,
        kills=200,
        submissions=10_000,
        matters=24,
        residents=500,
        patience=3000,
        every=20,
        hurry=False,
    )
