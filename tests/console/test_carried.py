"""What the desks carry on from look to look are the numbers of a full count, whatever was done, by whomever, in whatever order."""

import dataclasses
import random
import threading
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm.exc import StaleDataError

from models.comments import since
from models.comments.arrange import Mark, gather, relate, split, undo
from models.comments.claims import claim
from models.comments.comment import Comment
from models.comments.forget import forget
from models.comments.look_through import Kind, Looks, look_through
from models.comments.on_behalf import withdraw_for
from models.comments.point import Outcome, Point, PointStage, clause_counts, counts, outcome_counts
from models.comments.receive import receive
from models.comments.release import copies, totals
from models.comments.showing import Hiding, redact, redact_all, redactions_of, uncover
from models.comments.sums import Summed, Sums, clause_sums
from models.comments.transcription import Transcription, TranscriptionStage
from models.decisions.consultation import Channel, Consultation
from models.decisions.draft import Clause
from models.kernel import clock as law
from models.kernel.base import db
from models.kernel.clock import local
from models.kernel.refusal import Refusal
from models.kernel.trail import SYSTEM
from models.messages.budget import lost_follower, spend_grant, spend_window
from models.people.place import Place, villages
from models.people.resident import Grant, Identity, Resident, ResidentKind
from server.console.forecast import Ways
from server.console.progress import carried
from server.house import House, brief
from tests.conftest import MINI, OFFICIAL, People, SignedIn
from tests.making import a_consultation, a_release, an_amendment, answer_all, read_all

pytestmark = pytest.mark.both_engines
REASONS = (
    ("not_adopted", "第二条要让更多人停得下，我们数了三天，一小时够买一次菜。"),
    ("adopted", "第二条已改为两小时。"),
    ("not_adopted", "您的意见已知悉，不予采纳。"),
    ("other", "请打13712345678问老李。"),
)
GISTS = ("嫌一小时太短", "要求延长到两小时", "要求把时间延长到两小时", "王小明（13912345678）要求回电")
SAID = (
    "一小时太短，改两小时！",
    "一小时太短， 改两小时。",
    "我电话13812345678，找我。路灯也太暗，晚上看不见。",
    "装个岗亭。",
)


class Street:
    """Whoever does something, each time something else."""

    def __init__(self, seed: int, number: int) -> None:
        self.dice, self.number, self.spoken = random.Random(seed), number, 0
        self.people = People()

    @property
    def asked(self) -> Consultation:
        return db.session.get_one(Consultation, self.number)

    def asked_points(self) -> list[int]:
        return list(db.session.scalars(select(Point.id).where(Point.consultation_id == self.number).order_by(Point.id)))

    def answers(self, number: int, way: int) -> None:
        db.session.get_one(Point, number).answer(self.people["shenlin"], *REASONS[way], gist=GISTS[way])

    def point(self, *stages: PointStage) -> Point:
        """Any, mostly at one of these stages."""
        query = select(Point).where(Point.consultation_id == self.number).order_by(Point.id)
        rows = list(db.session.scalars(query).unique())
        return self.dice.choice([row for row in rows if row.stage in stages] or rows)

    def comment(self) -> Comment:
        return self.point(PointStage.OPEN).comment

    def who(self) -> Resident:
        return Resident.by_identity(OFFICIAL.appid, f"openid-{self.dice.randrange(12)}")

    def identity(self) -> Identity:
        query = select(Identity).order_by(Identity.id)
        return self.dice.choice(db.session.scalars(query).all())

    def speak(self) -> None:
        self.spoken += 1
        joint = self.dice.random() < 0.2
        clauses = [*self.asked.draft.speakable, None] if self.asked.draft else [None]
        receive(
            self.asked, self.who(), self.dice.choice(SAID), channel=self.dice.choice((Channel.CHAT, Channel.H5)),
            clause=self.dice.choice(clauses), place=self.dice.choice([*list(villages())[:3], None]),
            kind=ResidentKind.JOINT if joint else ResidentKind.INDIVIDUAL, signers=7 if joint else 1,
            show_text=self.dice.random() < 0.7, key=f"key-{self.spoken}",
        )  # fmt: skip

    def write_down(self) -> None:
        who = Resident.from_paper()
        if self.dice.random() < 0.5:
            who.introduce(who, phone="0000-5550123", door="paper", officer=self.people["mafang"])
        receive(
            self.asked, who, "西侧也划。", channel=Channel.PAPER, officer=self.people["mafang"], show_text=True,
            place=self.dice.choice(list(villages())[:3]),
        )  # fmt: skip

    def withdraw(self) -> None:
        said = self.comment()
        if self.dice.random() < 0.5:
            withdraw_for(said, self.people["mafang"], "card")
        else:
            said.withdraw(said.resident.current)

    def supplement(self) -> None:
        said = self.comment()
        said.add(said.resident.current, "还有一句。")

    def split(self) -> None:
        said = self.comment()
        half = len(said.text) // 2
        clause = self.dice.choice(
            list(db.session.scalars(select(Clause).where(Clause.draft_id == self.asked.draft_id)))
        )
        split(said, self.people["shenlin"], [Mark(half, len(said.text), clause)])

    def arrange(self) -> None:
        clerk, point = self.people["shenlin"], self.point(PointStage.OPEN)
        deed = self.dice.randrange(7)
        if deed > 4:
            clause = self.dice.choice([*self.asked.draft.speakable, None] if self.asked.draft else [None])
            relate(self.asked, clerk, clause, [point.id, self.point(PointStage.OPEN, PointStage.DRAFTED).id])
        elif deed == 0:
            gather(self.asked, clerk, "停车", [point.id, self.point(PointStage.OPEN).id])
        elif deed == 1:
            undo(self.asked, clerk)
        elif deed == 2:
            claim(self.asked, clerk, [point.id])
        else:
            several = [p for p in point.comment.points if p.number > 1]
            one = self.dice.choice(several or [point])
            one.part(clerk) if one.stage == PointStage.WITHDRAWN else one.join(clerk)

    def answer(self) -> None:
        outcome, reason = self.dice.choice(REASONS)
        point = self.point(PointStage.OPEN, PointStage.DRAFTED)
        gist = self.dice.choice((*GISTS, ""))
        revised = "每次不超过2小时。" if outcome == "adopted" and self.dice.random() < 0.5 else None
        point.answer(self.people["shenlin"], outcome, reason, gist=gist, revised=revised)

    def submit(self) -> None:
        self.point(PointStage.DRAFTED).submit(self.people["shenlin"])

    def approve(self) -> None:
        self.point(PointStage.SUBMITTED).approve(self.people["xujing"], may_show=self.dice.random() < 0.8)

    def whole_way(self) -> None:
        self.answer()
        db.session.flush()
        self.submit()
        db.session.flush()
        self.approve()

    def send_back(self) -> None:
        self.point(PointStage.SUBMITTED, PointStage.APPROVED).send_back(self.people["xujing"], "请写明依据")

    def show(self) -> None:
        said = self.comment() if self.dice.random() < 0.5 else self.point(PointStage.APPROVED).comment
        deed = self.dice.randrange(5)
        if deed == 0:
            Hiding.hide(self.people["zhoumin"], said, "personal", "通篇是电话。")
        elif deed == 1:
            query = select(Hiding).where(Hiding.lifted_at.is_(None)).order_by(Hiding.id)
            away = db.session.scalars(query).first()
            if away is not None:
                away.lift(self.people["zhoumin"], "弄错了")
        elif deed == 2:
            redact(said, self.people["shenlin"], ["13812345678"], "personal", "电话。")
        elif deed == 3:
            uncover(said, self.people["shenlin"], [one.public_id for one in redactions_of(said)])
        else:
            redact_all(self.asked, self.people["shenlin"], "phones", "personal", "电话。")

    def read_back(self) -> None:
        query = select(Transcription).where(Transcription.stage == TranscriptionStage.WAITING)
        waits = db.session.scalars(query.order_by(Transcription.id)).first()
        if waits is not None and self.dice.random() < 0.5:
            waits.mend(self.people["tianye"], "西侧也划，请打13612345678。", "漏了电话。")
        elif waits is not None:
            waits.confirm(self.people["tianye"])

    def somebody(self) -> None:
        deed, who = self.dice.randrange(6), self.who()
        if deed == 0:
            forget(who, SYSTEM)
        elif deed == 1:
            who.merge_into(who, self.who())
        elif deed == 2:
            self.comment().resident.current.merge_into(SYSTEM, self.comment().resident.current)
        else:
            who.introduce(who, phone="0000-5550188", door="h5")

    def reach(self) -> None:
        one, deed = self.identity(), self.dice.randrange(8)
        if deed < 2:
            one.follow() if deed else one.unfollow()
        elif deed < 4:
            one.heard_from("message" if deed == 2 else "menu")
        elif deed == 4:
            other = Identity.seen(MINI.appid, f"mini-{one.id}", unionid=one.unionid)
            other.resident = one.resident
            Grant.accepted(other, MINI.template_answer)
        elif deed == 5:
            spend_window(one.id)
        elif deed == 6:
            spend_grant(one.id, MINI.template_answer)
        else:
            lost_follower(one.id)

    def time_passes(self) -> None:
        law.move(self.dice.choice((90, 3600, 50 * 3600)))


DEEDS: tuple[tuple[Callable[[Street], None], int], ...] = (
    (Street.speak, 8), (Street.write_down, 2), (Street.withdraw, 2), (Street.supplement, 2), (Street.split, 3),
    (Street.arrange, 4), (Street.answer, 6), (Street.submit, 4), (Street.approve, 4), (Street.whole_way, 8),
    (Street.send_back, 2), (Street.show, 5), (Street.read_back, 2), (Street.somebody, 4), (Street.reach, 5),
    (Street.time_passes, 1),
)  # fmt: skip


def attempt(deed: Callable[[], Any]) -> bool:
    """Committed; or refused, and nothing was done."""
    try:
        with brief():
            deed()
    except Refusal:
        return False
    except (StaleDataError, DBAPIError):
        return False  # somebody was quicker
    return True


Books = tuple[Sums, Looks, Ways]


def books() -> Books:
    return Sums(), Looks(), Ways()


def told(kept: Books, asked: Consultation) -> list[Any]:
    """What a book says, so that it can be compared: the people who stand for a way may be others."""
    sums, found, ways = kept[0].now(asked), kept[1].now(asked), kept[2].now(asked)
    return [
        dataclasses.asdict(sums),
        {kind: (found.number[kind], spots) for kind, spots in found.spots.items()},
        (ways.total, ways.told, ways.rows, ways.reasons, {way: set(people) for way, people in ways.by_way.items()}),
    ]


def same_as_the_database(asked: Consultation, summed: Summed) -> None:
    """The same by statements that know nothing of what is carried."""
    total = totals(asked)
    assert (summed.people, summed.texts, summed.points) == (total["people"], total["texts"], total["points"])
    assert (summed.signers, summed.withdrawn) == (total["signers"], total["withdrawn"])
    letters = copies(asked)
    assert (summed.templates, summed.copies) == (letters["templates"], letters["texts"])
    assert {stage.value: n for stage, n in summed.stages.items()} == counts(asked)
    assert (
        {outcome.value: summed.outcomes[outcome] for outcome in Outcome} == outcome_counts(asked) == total["outcomes"]
    )
    assert {channel.value: n for channel, n in summed.channels} == {value: n for value, _, n in total["channels"]}
    assert {kind.value: n for kind, n in summed.kinds.items()} == {value: n for value, _, n in total["kinds"]}
    names: dict[int | None, str] = dict(db.session.execute(select(Place.id, Place.name)).all())
    by_name = {names.get(place, "没有填"): told for place, told in summed.places.items()}
    assert by_name == {name: (people, texts) for name, people, texts in total["places"]}
    assert sorted(clause_sums(summed.clauses), key=str) == sorted(map(tuple, clause_counts(asked)), key=str)
    waits = select(Point.author_id, func.count()).where(
        Point.consultation_id == asked.id, Point.stage == PointStage.SUBMITTED
    )
    assert summed.written == dict(db.session.execute(waits.group_by(Point.author_id)).all())
    stands = select(Comment.received_at, Comment.tokens).where(
        Comment.consultation_id == asked.id, ~Comment.withdrawal.has()
    )
    said = [(local(at).date(), tokens) for at, tokens in db.session.execute(stands)]
    assert summed.days == Counter(day for day, _ in said)
    again = Counter(tokens for _, tokens in said if tokens)
    assert summed.copied == Counter(day for day, tokens in said if again[tokens] > 1)
    assert sum(summed.doors.values()) == summed.texts


def a_street(app: House, seed: int) -> Street:
    with brief():
        return Street(seed, a_consultation(People()).id)


@pytest.mark.parametrize("seed", [1, 2])
def test_whatever_is_done_the_numbers_are_those_of_a_full_count(app: House, seed: int) -> None:
    """Two processes look, one after every deed and one now and then; each is told what somebody is told who counts everything."""
    with app.app_context():
        street, done = a_street(app, seed), Counter[str]()
        often, seldom = books(), books()
        deeds = [deed for deed, weight in DEEDS for _ in range(weight)]
        for n in range(220):
            deed = Street.speak if n < 12 else street.dice.choice(deeds)
            done[deed.__name__] += attempt(lambda deed=deed: deed(street))
            with brief(write=False):
                full = told(books(), street.asked)
                assert told(often, street.asked) == full, deed.__name__
                if street.dice.random() < 0.1:
                    assert told(seldom, street.asked) == full
                same_as_the_database(street.asked, often[0].now(street.asked))
        assert {deed.__name__ for deed, _ in DEEDS} == {name for name, times in done.items() if times}
        assert not attempt(lambda: a_release(street.people, street.asked))
        law.move(40 * 86_400)
        attempt(lambda: (answer_all(street.people, street.asked), read_all(street.people)))
        for last in (
            lambda: a_release(street.people, street.asked),
            lambda: an_amendment(street.people, street.point(PointStage.RELEASED)),
            lambda: Hiding.hide(street.people["zhoumin"], street.comment(), "personal", "通篇是电话。"),
        ):
            attempt(last)
            with brief(write=False):
                assert told(often, street.asked) == told(books(), street.asked)


def test_each_deed_by_itself_changes_what_it_should(app: House) -> None:
    """What chance seldom meets: a number that one deed alone, or time alone, has to change."""
    with app.app_context():
        street, kept = a_street(app, 5), books()
        clerk, said = "shenlin", SAID[2]

        def after(deed: Callable[[], Any]) -> tuple[int, dict[str, int]]:
            """Places with personal data, and people by the way in which they will be told."""
            assert attempt(deed)
            with brief(write=False):
                assert told(kept, street.asked) == told(books(), street.asked)
                ways = kept[2].now(street.asked).by_way
                return kept[1].now(street.asked).number[Kind.PERSONAL], {way: len(who) for way, who in ways.items()}

        def the_point() -> Point:
            return db.session.get_one(Point, street.asked_points()[0])

        def speak() -> None:
            receive(street.asked, street.who(), said, channel=Channel.CHAT, show_text=True)

        def answer(gist: str) -> None:
            the_point().answer(street.people[clerk], *REASONS[0], gist=gist)
            the_point().submit(street.people[clerk])

        def approve() -> None:
            the_point().approve(street.people["xujing"], may_show=True)

        def show_again() -> None:
            db.session.scalars(select(Hiding)).one().lift(street.people["zhoumin"], "弄错了")

        def uncovered() -> None:
            one = the_point().comment
            uncover(one, street.people[clerk], [covered.public_id for covered in redactions_of(one)])

        def heard(kind: str) -> None:
            street.identity().heard_from(kind)

        assert after(speak) == (0, {"inbox": 1})
        assert after(lambda: answer(GISTS[0]))[0] == 0
        assert after(approve)[0] == 1
        assert after(lambda: Hiding.hide(street.people["zhoumin"], the_point().comment, "personal", "有电话。"))[0] == 0
        assert after(show_again)[0] == 1
        covering = ["13812345678"]
        assert after(lambda: redact(the_point().comment, street.people[clerk], covering, "personal", "电话。"))[0] == 0
        assert after(uncovered)[0] == 1
        assert after(lambda: redact_all(street.asked, street.people[clerk], "phones", "personal", "电话。"))[0] == 0
        assert after(uncovered)[0] == 1
        assert after(lambda: the_point().send_back(street.people["xujing"], "请写明依据"))[0] == 0
        assert after(lambda: answer(GISTS[3]))[0] == 1, "a number in the gist"
        assert after(approve)[0] == 2
        assert after(lambda: heard("menu"))[1] == {"customer": 1}
        assert after(lambda: law.move(30))[1] == {"customer": 1}
        assert after(lambda: law.move(40))[1] == {"inbox": 1}
        assert after(lambda: heard("message"))[1] == {"customer": 1}
        assert after(lambda: law.move(47 * 3600))[1] == {"customer": 1}
        assert after(lambda: law.move(2 * 3600))[1] == {"inbox": 1}, "the window has closed by itself"
        assert after(lambda: street.identity().follow())[1] == {"template": 1}
        assert after(lambda: lost_follower(street.identity().id))[1] == {"inbox": 1}
        assert after(lambda: forget(the_point().comment.resident, SYSTEM)) == (1, {})


def test_several_threads_look_while_others_work(app: House, desk: Callable[[str], SignedIn]) -> None:
    """Through the pages, in one process, while comments and answers come in: at the end every page knows all of them."""
    with app.app_context():
        street = a_street(app, 7)
        for _ in range(12):
            attempt(street.speak)
        with brief(write=False):
            name = street.asked.public_id
    stop, wrong = threading.Event(), list[Any]()

    def work(seed: int) -> None:
        with app.app_context():
            mine = Street(seed, street.number)
            mine.spoken = seed * 1000
            for _ in range(30):
                attempt(
                    lambda: mine.dice.choice((mine.speak, mine.answer, mine.whole_way, mine.withdraw, mine.somebody))()
                )

    def look(browser: SignedIn) -> None:
        while not stop.is_set():
            for page in ("", "/topics", "/checks"):
                if browser.get(f"/desk/consultations/{name}{page}").status_code != 200:
                    wrong.append(page)

    lookers = [threading.Thread(target=look, args=(desk(login),)) for login in ("shenlin", "xujing")]
    workers = [threading.Thread(target=work, args=(seed,)) for seed in (8, 9)]
    for one in (*lookers, *workers):
        one.start()
    for one in workers:
        one.join()
    stop.set()
    for one in lookers:
        one.join()
    assert not wrong
    with app.test_request_context("/desk/"):
        asked = street.asked
        assert carried(Sums, asked) == Sums().now(asked)
        assert vars(carried(Looks, asked)) == vars(look_through(asked))
        same_as_the_database(asked, carried(Sums, asked))


def test_a_deed_that_is_committed_after_later_ones_is_not_overlooked(app: House) -> None:
    """On PostgreSQL its trace has a lower number than those that were seen already. SQLite lets nobody write beside it."""
    with app.app_context():
        street = a_street(app, 3)
        for _ in range(12):
            attempt(street.speak)
        with brief(write=False):
            if db.engine.dialect.name == "sqlite":
                return
            first, second = street.asked_points()[:2]
    begun, end = threading.Event(), threading.Event()

    def slow() -> None:
        with app.app_context(), brief():
            street.answers(first, 0)
            db.session.flush()
            begun.set()
            assert end.wait(20)

    for settled in (True, False):  # a book that was opened before, and one that is opened meanwhile
        begun.clear()
        end.clear()
        with app.app_context():
            kept = books()
            if settled:
                with brief(write=False):
                    told(kept, street.asked)
            late = threading.Thread(target=slow)
            late.start()
            assert begun.wait(20)
            for n in range(3):
                assert attempt(lambda n=n: street.answers(second, n))
                with brief(write=False):
                    assert told(kept, street.asked) == told(books(), street.asked)
            end.set()
            late.join()
            for _ in range(3):
                with brief(write=False):
                    assert told(kept, street.asked) == told(books(), street.asked)
                assert attempt(street.speak)
            assert attempt(lambda: street.answers(first, 1))


def test_what_was_read_by_halves_is_read_anew(app: House, monkeypatch: pytest.MonkeyPatch) -> None:
    with app.app_context():
        street, kept = a_street(app, 5), books()
        for _ in range(12):
            attempt(street.speak)
        with brief(write=False):
            told(kept, street.asked)
        attempt(street.speak)
        for module in ("models.comments.sums", "models.comments.look_through", "server.console.forecast"):
            monkeypatch.setattr(f"{module}.rows_of", _breaks_off)
        for book in kept:
            with brief(write=False), pytest.raises(ConnectionError):
                book.now(street.asked)
        monkeypatch.undo()
        with brief(write=False):
            assert told(kept, street.asked) == told(books(), street.asked)


def _breaks_off(*told: Any) -> Any:
    yield next(since.rows_of(*told))
    raise ConnectionError


def test_only_the_comment_that_was_touched_is_read_again(app: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """A deed that changes nothing that is counted reads nothing, an answer reads one comment, and what nobody knows reads everything."""
    read: list[Any] = []

    def listening(query: Any, column: Any, touched: Any) -> Any:
        read.append(touched)
        return since.rows_of(query, column, touched)

    with app.app_context():
        street, kept = a_street(app, 5), Looks()
        for _ in range(12):
            attempt(street.speak)
        monkeypatch.setattr("models.comments.look_through.rows_of", listening)

        def after(deed: Callable[[], Any]) -> list[Any]:
            read.clear()
            assert attempt(deed)
            with brief(write=False):
                kept.now(street.asked)
                kept.now(street.asked)
            return read[:]

        with brief(write=False):
            point = street.point()
            number, comment = point.id, point.comment_id
        assert after(street.speak) == [None], "the first look"
        assert after(lambda: street.answers(number, 0)) == [{comment}]
        assert after(lambda: claim(street.asked, street.people["shenlin"], [number])) == []
        assert after(lambda: street.asked.extend(street.people["wuqiming"], 7, "再听听。")) == []
        assert after(lambda: law.move(86_400)) == [None], "every morning"
