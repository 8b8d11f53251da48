"""Answering a poll: one person, one answer; answers lie sealed in a box that is opened once, shaken, and read in any order but that of coming in."""

import enum
import hmac
import json
import secrets
from collections.abc import Mapping, Sequence
from datetime import date
from random import SystemRandom
from typing import Any, Self

from sqlalchemy import (
    JSON,
    CheckConstraint,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    UniqueConstraint,
    delete,
    func,
    insert,
    select,
)
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.decisions.consultation import Channel
from models.kernel import sealed
from models.kernel.base import Base, PublicId, choice, db
from models.kernel.clock import now, today
from models.kernel.ids import new_public_id
from models.kernel.lifecycle import act, birth, predicate, ruled, step
from models.kernel.refusal import NotAllowed, OutOfTurn, Refusal, RuleUnmet
from models.kernel.rules import RuleSet
from models.kernel.trail import note
from models.people.officer import Officer
from models.people.place import Place
from models.people.resident import Resident
from models.polls.poll import LONGEST_ANSWER, Poll, PollStage, QuestionKind
from models.texts.received import as_received

PADDED = 1024
"""Envelopes are filled up to a multiple of so many characters: what a choice is cannot be told from its length."""
MOST_SLIPS = 500
Answers = dict[str, Any]
"""Position of the question to a number, a list of numbers, or words."""


class PollSlip(Base):
    """A numbered slip of paper that a village hands to one person: it answers once, on the telephone or on paper."""

    __tablename__ = "poll_slip"
    __table_args__ = (UniqueConstraint("poll_id", "serial"),)

    poll_id: Mapped[int] = mapped_column(ForeignKey("poll.id"))
    place_id: Mapped[int | None] = mapped_column(ForeignKey("place.id"))
    serial: Mapped[int] = mapped_column(Integer)

    poll: Mapped[Poll] = relationship()
    place: Mapped[Place | None] = relationship()

    @property
    def code(self) -> str:
        """The number on the slip: the serial, and eight digits that nobody can guess."""
        secret = sealed.blind(f"{self.poll.public_id}:{self.serial}", "poll slip")
        return f"{self.serial:04d}{int.from_bytes(secret[:8]) % 10**8:08d}"

    @property
    def spaced(self) -> str:
        """The number in groups of four, to be read and typed."""
        return " ".join(self.code[n : n + 4] for n in range(0, len(self.code), 4))

    @classmethod
    def find(cls, poll: Poll, code: str) -> Self | None:
        """The slip of a number, as it was typed."""
        digits = "".join(c for c in code if c.isdecimal() and c.isascii())
        if not 12 <= len(digits) <= 15:
            return None
        found = db.session.scalar(select(cls).where(cls.poll_id == poll.id, cls.serial == int(digits[:-8])))
        return found if found is not None and hmac.compare_digest(found.code, digits) else None


@act(
    PollStage.REVIEWED,
    PollStage.PUBLISHED,
    by=ruled("poll.print_slips"),
    label="",
    say="印选票{first}到{last}号，给{place}",
    of=Poll,
)
def print_slips(poll: Poll, officer: Officer, place: Place | None, count: int) -> list[PollSlip]:
    """New slips for a village; who gets which is written down nowhere."""
    if not 1 <= count <= MOST_SLIPS:
        words = f"一次印1到{MOST_SLIPS}张。"
        raise RuleUnmet(words, {"count": words})
    db.session.refresh(poll, with_for_update=True)
    last = db.session.scalar(select(func.max(PollSlip.serial)).where(PollSlip.poll_id == poll.id)) or 0
    made = [PollSlip(poll=poll, place=place, serial=last + n) for n in range(1, count + 1)]
    db.session.add_all(made)
    db.session.flush()
    note(first=last + 1, last=last + count, place=place.name if place else "全街道")
    return made


def _somebody(subject: Any, actor: Any) -> Refusal | None:
    """Guard: a resident, or the clockwork for whoever holds a slip and signs in nowhere."""
    known = getattr(actor, "actor_kind", "") in ("resident", "system")
    return None if known else NotAllowed("工作人员不能替人投票；纸质选票请录入。")


class Voter(Base):
    """Somebody has answered. What they answered does not stand here. Insert-only."""

    __tablename__ = "voter"
    __table_args__ = (
        UniqueConstraint("poll_id", "resident_id"),
        Index("ix_voter_poll", "poll_id", "place_id"),
    )

    poll_id: Mapped[int] = mapped_column(ForeignKey("poll.id"))
    resident_id: Mapped[int | None] = mapped_column(ForeignKey("resident.id"), index=True)
    slip_id: Mapped[int | None] = mapped_column(ForeignKey("poll_slip.id"), unique=True)
    place_id: Mapped[int | None] = mapped_column(ForeignKey("place.id"))
    channel: Mapped[Channel] = mapped_column(choice(Channel))
    day: Mapped[date] = mapped_column(Date)

    resident: Mapped[Resident | None] = relationship()

    @classmethod
    @birth(by=_somebody, say="参加了民意调查：{channel_words}")
    def cast(
        cls,
        actor: Any,
        poll: Poll,
        answers: Mapping[str, Any],
        *,
        channel: Channel,
        slip: str = "",
        place: Place | None = None,
    ) -> Self:
        """The answers go into the box. Who signs in answers in their own name, who does not by a slip; each once."""
        if not poll.is_open:
            raise OutOfTurn(closed_words(poll))
        who = actor.current if isinstance(actor, Resident) and not actor.anonymous else None
        paper = PollSlip.find(poll, slip) if slip.strip() else None
        if slip.strip() and paper is None:
            raise RuleUnmet("选票号不对。", {"slip": "请照选票上的号码填，一共12位数字。"})
        if paper is None and (poll.by_slip or who is None):
            words = "请填选票上的号码；选票由村和社区发到每个人手里。"
            raise RuleUnmet(words, {"slip": words})
        if who is not None and has_answered(poll, who):
            raise OutOfTurn("您已经参加过这次调查了，一人只答一次。", code="answered_before")
        if paper is not None and spent(paper):
            raise OutOfTurn("这张选票已经用过了，一张只答一次。", code="answered_before")
        kept = read_answers(poll, answers)
        where = (paper.place if paper is not None else None) or place or (who.place if who is not None else None)
        made = cls(poll_id=poll.id, resident=who, slip_id=paper.id if paper else None, channel=channel, day=today())
        made.place_id = where.id if where is not None else None
        try:
            with db.session.begin_nested():
                db.session.add(made)
                db.session.flush()
        except IntegrityError:
            raise OutOfTurn("您已经参加过这次调查了，一人只答一次。", code="answered_before") from None
        Envelope.put(poll, kept, made)
        note(channel_words=channel.label, poll=poll.public_id)
        return made


def closed_words(poll: Poll) -> str:
    """Why nobody can answer now."""
    return "这次调查已经截止。" if poll.opens_on else "这次调查还没有开始。"


def has_answered(poll: Poll, who: Resident) -> bool:
    """Whether this person has, under any of the names they were merged from."""
    query = select(Voter.id).where(Voter.poll_id == poll.id, Voter.resident_id.in_(who.current.all_ids))
    return db.session.scalar(query.limit(1)) is not None


def spent(slip: PollSlip) -> bool:
    """Whether this slip has been answered with, on the telephone or on paper."""
    used = db.session.scalar(select(Voter.id).where(Voter.slip_id == slip.id))
    written = db.session.scalar(select(PaperBallot.id).where(PaperBallot.slip_id == slip.id))
    return used is not None or written is not None


def read_answers(poll: Poll, given: Mapping[str, Any]) -> Answers:
    """What was answered, question by question (`q1`, `q2` …), as numbers and words; RuleUnmet names what is lacking."""
    kept: Answers = {}
    wrong: dict[str, str] = {}
    for question in poll.questions:
        value = given.get(question.name)
        if question.kind == QuestionKind.TEXT:
            try:
                words = as_received(str(value or ""), field=question.name, most=LONGEST_ANSWER, least=0, label="回答")
            except RuleUnmet as unmet:
                wrong |= unmet.fields
                continue
            if words.strip():
                kept[str(question.position)] = words
        else:
            several = question.kind == QuestionKind.MULTIPLE
            told = value if isinstance(value, list | tuple) else [value]
            numbers = [_number(one) for one in told if one not in (None, "")]
            if any(n not in question.numbers for n in numbers) or (not several and len(numbers) > 1):
                wrong[question.name] = "请从给出的里面选。"
                continue
            if numbers:
                kept[str(question.position)] = sorted(set(numbers)) if several else numbers[0]
        if question.needed and str(question.position) not in kept:
            wrong[question.name] = "请回答这一题。" if question.kind == QuestionKind.TEXT else "请选一个。"
    if not wrong and not kept:
        wrong[poll.questions[0].name] = "请至少回答一题。"
    if wrong:
        raise RuleUnmet("还有几题没有答好，您答的都在。" if len(wrong) > 1 else "还有一题没有答好，您答的都在。", wrong)
    return kept


def _number(value: Any) -> int:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    return int(value) if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 4 else -1


class Envelope(Base):
    """Answers in the box, until it is opened. No reference to who put them in, no time."""

    __tablename__ = "poll_envelope"

    poll_id: Mapped[int] = mapped_column(ForeignKey("poll.id"), index=True)
    name: Mapped[str] = mapped_column(String(12), unique=True)
    content: Mapped[bytes] = mapped_column(LargeBinary)

    @classmethod
    def put(cls, poll: Poll, answers: Answers, voter: Voter) -> None:
        """Into the box, under its key."""
        told = {"answers": answers, "place": voter.place_id, "voter": None if poll.confidential else voter.id}
        text = json.dumps(told, ensure_ascii=False)
        name = new_public_id()
        assert poll.urn is not None
        content = sealed.seal(poll.urn.secret, text + " " * (-len(text.encode()) % PADDED), f"poll_envelope:{name}")
        db.session.add(cls(poll_id=poll.id, name=name, content=content))


class Ballot(Base):
    """One person's answers once the box was opened; its number was drawn. Insert-only."""

    __tablename__ = "ballot"
    __table_args__ = (Index("ix_ballot_poll", "poll_id", "id"),)

    poll_id: Mapped[int] = mapped_column(ForeignKey("poll.id"))
    place_id: Mapped[int | None] = mapped_column(ForeignKey("place.id"))
    answers: Mapped[dict[str, Any]] = mapped_column(JSON)
    sealed_words: Mapped[bytes | None] = mapped_column(LargeBinary)
    """What was written, under the poll's own key, or under the person's where the poll is not confidential."""
    voter_id: Mapped[int | None] = mapped_column(ForeignKey("voter.id"))
    """Only where the poll is not confidential."""


@step(
    PollStage.PUBLISHED,
    to=PollStage.COUNTED,
    by=ruled("poll.open_urn"),
    needs="poll.open_urn",
    label="开箱计票",
    say="开箱计票：{ballots}份",
    of=Poll,
)
def open_urn(poll: Poll, officer: Officer) -> int:
    """All envelopes at once, shaken, under drawn numbers; then the key is thrown away."""
    assert poll.urn is not None
    assert poll.words_key is not None
    secret, words_secret = poll.urn.secret, poll.words_key.secret
    told = [
        json.loads(sealed.unseal(secret, row.content, f"poll_envelope:{row.name}"))
        for row in db.session.execute(select(Envelope.name, Envelope.content).where(Envelope.poll_id == poll.id))
    ]
    SystemRandom().shuffle(told)
    voters = _residents(poll)
    rows = []
    for one in told:
        number = secrets.randbits(52)
        words = {position: said for position, said in one["answers"].items() if isinstance(said, str)}
        answers = {position: said for position, said in one["answers"].items() if position not in words}
        who = voters.get(one["voter"])
        blob = None
        if words and (who is None or who.key.wrapped is not None):
            key = words_secret if who is None else who.key.secret
            blob = sealed.seal(key, json.dumps(words, ensure_ascii=False), f"ballot.words:{number}")
        rows.append(
            {
                "id": number,
                "poll_id": poll.id,
                "place_id": one["place"],
                "answers": answers,
                "sealed_words": blob,
                "voter_id": one["voter"],
            }
        )
    if rows:
        db.session.execute(insert(Ballot), rows)
    db.session.execute(delete(Envelope).where(Envelope.poll_id == poll.id))
    poll.urn.drop()
    poll.counted_at = now()
    note(ballots=len(rows))
    return len(rows)


def _residents(poll: Poll) -> dict[int | None, Resident]:
    if poll.confidential:
        return {}
    found = db.session.scalars(select(Voter).where(Voter.poll_id == poll.id, Voter.resident_id.is_not(None)))
    return {voter.id: voter.resident.current for voter in found if voter.resident is not None}


def ballots(poll: Poll) -> list[tuple[Place | None, Answers]]:
    """Every ballot of an opened box with what was written on it: from where, and what. In the order of their drawn numbers."""
    assert poll.words_key is not None
    places = {place.id: place for place in db.session.scalars(select(Place))}
    writers, words_secret = _residents(poll), poll.words_key.secret
    found = []
    for row in db.session.execute(
        select(Ballot.id, Ballot.place_id, Ballot.answers, Ballot.sealed_words, Ballot.voter_id)
        .where(Ballot.poll_id == poll.id)
        .order_by(Ballot.id)
    ):
        told = dict(row.answers)
        if row.sealed_words is not None:
            who = writers.get(row.voter_id) if row.voter_id is not None else None
            if who is None or who.key.wrapped is not None:
                key = who.key.secret if who is not None else words_secret
                told |= json.loads(sealed.unseal(key, row.sealed_words, f"ballot.words:{row.id}"))
        found.append((places.get(row.place_id), told))
    return found


# --- paper ------------------------------------------------------------------------------------------------------------


class PaperStage(enum.StrEnum):
    """Where a ballot on paper stands."""

    ENTERED = "entered"
    READ = "read"
    VOID = "void"

    @property
    def label(self) -> str:
        """The Chinese word."""
        return {"entered": "待核对", "read": "已核对，投进箱里", "void": "无效票"}[self.value]


class PaperBallot(PublicId, Base):
    """A slip that was answered on paper: typed by one, read against the paper by another, then in the box like every other."""

    __tablename__ = "paper_ballot"
    __table_args__ = (
        Index("ix_paper_ballot_poll", "poll_id", "stage"),
        CheckConstraint(
            "stage <> 'read' OR (reader_id IS NOT NULL AND reader_id <> writer_id AND content IS NULL)",
            name="read_by_a_second_person",
        ),
        CheckConstraint("stage <> 'void' OR void_reason <> ''", name="void_with_a_reason"),
    )

    poll_id: Mapped[int] = mapped_column(ForeignKey("poll.id"))
    slip_id: Mapped[int] = mapped_column(ForeignKey("poll_slip.id"), unique=True)
    stage: Mapped[PaperStage] = mapped_column(choice(PaperStage), default=PaperStage.ENTERED)
    content: Mapped[bytes | None] = mapped_column(LargeBinary)
    writer_id: Mapped[int] = mapped_column(ForeignKey("officer.id"))
    reader_id: Mapped[int | None] = mapped_column(ForeignKey("officer.id"))
    void_reason: Mapped[str] = mapped_column(String(300), default="")
    version: Mapped[int] = mapped_column(Integer)

    poll: Mapped[Poll] = relationship()
    slip: Mapped[PollSlip] = relationship(lazy="joined")
    writer: Mapped[Officer] = relationship(foreign_keys=[writer_id])
    reader: Mapped[Officer | None] = relationship(foreign_keys=[reader_id])

    __mapper_args__ = {"version_id_col": version}

    @property
    def rules(self) -> RuleSet:
        """The poll's."""
        return self.poll.rules

    @property
    def answers(self) -> Answers:
        """What was typed, until it lies in the box."""
        if self.content is None or self.poll.urn is None:
            return {}
        opened: Answers = json.loads(sealed.unseal(self.poll.urn.secret, self.content, self._row))
        return opened

    @property
    def _row(self) -> str:
        return f"paper_ballot:{self.public_id}"

    @classmethod
    @birth(by=ruled("poll.enter_paper"), say="录入纸质选票{serial}号")
    def enter(cls, officer: Officer, poll: Poll, code: str, answers: Mapping[str, Any]) -> Self:
        """Typed from the paper, until the box is opened."""
        if poll.stage != PollStage.PUBLISHED:
            raise OutOfTurn("已经开箱计票，不能再录入了。" if poll.counted_at else closed_words(poll))
        slip = PollSlip.find(poll, code)
        if slip is None:
            raise RuleUnmet("选票号不对。", {"slip": "请照选票上的号码填，一共12位数字。"})
        if spent(slip):
            raise RuleUnmet(
                "这张选票已经用过了。", {"slip": f"{slip.serial}号已经录入过，或者本人已经在手机上答过了。"}
            )
        made = cls(public_id=new_public_id(), poll=poll, slip=slip, writer=officer)
        made._keep(read_answers(poll, answers))
        try:
            with db.session.begin_nested():
                db.session.add(made)
                db.session.flush()
        except IntegrityError:
            raise RuleUnmet("这张选票刚刚有人录入了。", {"slip": "请刷新页面看看。"}) from None
        note(serial=slip.serial)
        return made

    def _keep(self, answers: Answers) -> None:
        assert self.poll.urn is not None
        text = json.dumps(answers, ensure_ascii=False)
        text += " " * (-len(text.encode()) % PADDED)
        self.content = sealed.seal(self.poll.urn.secret, text, self._row)

    @act(PaperStage.ENTERED, by=ruled("poll.enter_paper"), label="改正", say="改正纸质选票{serial}号的录入")
    def put_right(self, officer: Officer, answers: Mapping[str, Any]) -> None:
        """It had been typed wrongly; whoever types it anew needs a second reader again."""
        self._keep(read_answers(self.poll, answers))
        self.writer = officer
        note(serial=self.slip.serial)

    @step(
        PaperStage.ENTERED,
        to=PaperStage.READ,
        by=ruled("poll.enter_paper"),
        needs="paper_ballot.confirm",
        label="和纸上一致",
        say="核对纸质选票{serial}号",
    )
    def confirm(self, officer: Officer) -> None:
        """Read against the paper by a second person: into the box, and gone from here."""
        voter = Voter(poll_id=self.poll_id, slip_id=self.slip_id, place_id=self.slip.place_id, channel=Channel.PAPER)
        voter.day = today()
        db.session.add(voter)
        db.session.flush()
        Envelope.put(self.poll, self.answers, voter)
        self.content, self.reader = None, officer
        note(serial=self.slip.serial)

    @step(
        PaperStage.ENTERED,
        to=PaperStage.VOID,
        by=ruled("poll.enter_paper"),
        label="作废",
        say="纸质选票{serial}号无效：{reason}",
        primary=False,
    )
    def void(self, officer: Officer, reason: str) -> None:
        """It cannot be counted: nothing ticked, two boxes where one was asked for, not a slip of ours."""
        words = as_received(reason or "", field="reason", most=300, least=0).strip()
        if not words:
            raise RuleUnmet("请写明为什么无效。", {"reason": "请写明为什么无效，例如：第2题勾了两个。"})
        self.void_reason, self.content, self.reader = words, None, officer
        note(serial=self.slip.serial, reason=words)


@predicate
def ballot_reader_is_not_writer(subject: PaperBallot, actor: Any) -> str | None:
    """Two persons."""
    return "" if getattr(actor, "id", None) == subject.writer_id else None


@predicate
def paper_ballots_read(subject: Poll, actor: object) -> str | None:
    """What was typed and nobody has read yet is not left behind."""
    waiting = len(papers(subject, PaperStage.ENTERED))
    return f"还有{waiting}张没有核对。" if waiting else None


def papers(poll: Poll, *stages: PaperStage) -> Sequence[PaperBallot]:
    """Ballots on paper, oldest first."""
    query = select(PaperBallot).where(PaperBallot.poll_id == poll.id).order_by(PaperBallot.id)
    if stages:
        query = query.where(PaperBallot.stage.in_(stages))
    return db.session.scalars(query).unique().all()


def paper_by_public_id(public_id: str) -> PaperBallot | None:
    """One ballot on paper by its address."""
    return db.session.scalar(select(PaperBallot).where(PaperBallot.public_id == public_id))


def slips(poll: Poll, first: int = 1, last: int = 10**9) -> Sequence[PollSlip]:
    """Slips from one serial to another."""
    return db.session.scalars(
        select(PollSlip)
        .where(PollSlip.poll_id == poll.id, PollSlip.serial.between(first, last))
        .order_by(PollSlip.serial)
    ).all()
