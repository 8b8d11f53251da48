"""Groups that are asked by name: six outside the office, five inside; sent, received, reminded, answered, all to be seen."""

import enum
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Self

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, Integer, LargeBinary, String, func, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.comments.comment import Comment
from models.comments.receive import Given, receive
from models.decisions.consultation import Audience, Channel, Consultation, Stage
from models.decisions.decision import Decision
from models.decisions.draft import Clause
from models.kernel.base import Base, PublicId, choice, db
from models.kernel.clock import now, today
from models.kernel.ids import digest, new_token
from models.kernel.installation import Installation
from models.kernel.lifecycle import act, birth, predicate, ruled, step
from models.kernel.numbering import Numbering, document_number
from models.kernel.refusal import NotAllowed, OutOfTurn, Refusal, RuleUnmet
from models.kernel.rules import RuleSet
from models.kernel.trail import note
from models.kernel.workdays import add_workdays, window_end
from models.people.consent import Consent
from models.people.officer import Officer
from models.people.resident import Resident, ResidentKind
from models.texts.received import as_received


class Group(enum.StrEnum):
    """Who is asked by name (源报告：征求对象到位)."""

    DEPUTIES = "deputies"
    CPPCC = "cppcc"
    MASS = "mass"
    GRASSROOTS = "grassroots"
    SOCIAL = "social"
    INTERESTED = "interested"
    HEADS = "heads"
    LEADERS = "leaders"
    STAFF = "staff"
    CADRES = "cadres"
    VILLAGERS = "villagers"

    @property
    def label(self) -> str:
        """The Chinese words."""
        return {
            "deputies": "人大代表",
            "cppcc": "政协委员",
            "mass": "群众团体",
            "grassroots": "基层组织",
            "social": "社会组织",
            "interested": "利害关系人",
            "heads": "主要领导",
            "leaders": "分管领导",
            "staff": "干部职工",
            "cadres": "村干部",
            "villagers": "普通群众",
        }[self.value]

    @property
    def audience(self) -> Audience:
        """Which kind of round it is asked in."""
        return Audience.INTERNAL if self in INSIDE else Audience.DIRECTED


INSIDE = (Group.HEADS, Group.LEADERS, Group.STAFF, Group.CADRES, Group.VILLAGERS)
OUTSIDE = (Group.DEPUTIES, Group.CPPCC, Group.MASS, Group.GRASSROOTS, Group.SOCIAL, Group.INTERESTED)


def _invitee(subject: "Invitation", actor: Any) -> Refusal | None:
    """Guard: whoever holds the personal link, or an officer who may write for others."""
    if getattr(actor, "actor_kind", "") == "resident":
        same = actor.current.id == subject.resident.current.id
        return None if same else NotAllowed("这份邀请是给别人的。")
    return ruled("comment.intake")(subject, actor)


class Invitation(PublicId, Base):
    """One person or organisation that is asked by name in a round."""

    __tablename__ = "invitation"
    __table_args__ = (
        Index("ix_invitation_consultation", "consultation_id", "id"),
        CheckConstraint("received_on IS NULL OR sent_on IS NOT NULL", name="sent_before_received"),
    )

    consultation_id: Mapped[int] = mapped_column(ForeignKey("consultation.id"))
    group: Mapped[Group] = mapped_column("asked_group", choice(Group))
    resident_id: Mapped[int] = mapped_column(ForeignKey("resident.id"), unique=True)
    """Keeps the name sealed, and owns what is said."""
    organisation: Mapped[bool] = mapped_column(default=False)
    token_hash: Mapped[bytes | None] = mapped_column(LargeBinary(32), unique=True)
    sent_on: Mapped[date | None] = mapped_column(Date)
    sent_how: Mapped[str] = mapped_column(String(40), default="")
    received_on: Mapped[date | None] = mapped_column(Date)
    reminders: Mapped[int] = mapped_column(Integer, default=0)
    reminded_on: Mapped[date | None] = mapped_column(Date)
    nothing_to_say: Mapped[bool] = mapped_column(default=False)
    made_at: Mapped[datetime]

    consultation: Mapped[Consultation] = relationship()
    resident: Mapped[Resident] = relationship(lazy="joined", innerjoin=True)

    @property
    def chain(self) -> str:
        """The case's chain."""
        return self.consultation.chain

    @property
    def rules(self) -> RuleSet:
        """The case's rules."""
        return self.consultation.rules

    @property
    def name(self) -> str:
        """Who it is, for the desk alone."""
        return self.resident.name

    @classmethod
    @birth(by=ruled("invitation.invite"), say="把{group}一位列为征求对象")
    def invite(
        cls, officer: Officer, consultation: Consultation, group: Group, name: str, *, organisation: bool = False
    ) -> Self:
        """One more to be asked."""
        if consultation.audience != group.audience:
            raise RuleUnmet("这一轮不征求这类对象，请另开一轮。", {"group": "请选这一轮的对象。"})
        if consultation.stage not in (Stage.DRAFTED, Stage.PUBLISHED):
            raise OutOfTurn("这一轮已经结束，不能再加征求对象。")
        if not name.strip():
            raise RuleUnmet("请写姓名或者单位名称。", {"name": "请写姓名或者单位名称。"})
        who = Resident.from_paper()
        # Named by the office in its duty, not by themselves: no consent is written down for them.
        who.name = as_received(name, field="name", most=40).strip()
        made = cls(consultation=consultation, group=group, resident=who, organisation=organisation, made_at=now())
        db.session.add(made)
        note(group=group.label)
        return made

    @act(by=ruled("invitation.send"), label="送出", say="给{group}一位送出征求意见：{how}")
    def send(self, officer: Officer, how: str) -> str:
        """Sent, on paper or with a personal link; returns the link's token, which is shown this one time."""
        how = as_received(how, field="how", most=40, least=0).strip()
        if not how:
            raise RuleUnmet("请写怎样送的。", {"how": "请写怎样送的，例如：当面送达、微信转发链接、公文交换。"})
        _must_be_open(self.consultation)
        token = new_token()
        self.token_hash = digest(token)
        self.sent_on, self.sent_how = self.sent_on or today(), how
        note(group=self.group.label, how=how)
        return token

    @act(by=_invitee, label="登记收到", say="{group}一位收到了征求意见")
    def take(self, actor: Any) -> None:
        """It arrived: confirmed by staff, or by opening the personal link."""
        if self.sent_on is None:
            raise OutOfTurn("还没有送出，先登记送出。")
        self.received_on = self.received_on or today()
        note(group=self.group.label)

    @act(by=ruled("invitation.send"), label="催办", say="提醒{group}一位答复，第{times}次")
    def remind(self, officer: Officer) -> None:
        """Asked once more."""
        if self.sent_on is None:
            raise OutOfTurn("还没有送出，先登记送出。")
        if self.nothing_to_say or answered(self):
            raise OutOfTurn("已经答复了，不用再催。")
        self.reminders, self.reminded_on = self.reminders + 1, today()
        note(group=self.group.label, times=self.reminders)

    @act(by=_invitee, label="没有意见", say="{group}一位答复没有意见")
    def agree(self, actor: Any) -> None:
        """Answered: nothing to add."""
        _must_be_open(self.consultation)
        self._arrived()
        self.nothing_to_say = True
        if actor.actor_kind == "resident":
            Consent.give(self.resident, door=Channel.H5.value)
        note(group=self.group.label)

    def _arrived(self) -> None:
        self.sent_on = self.sent_on or today()
        self.received_on = self.received_on or today()


def _must_be_open(consultation: Consultation) -> None:
    if not consultation.is_open():
        raise OutOfTurn("这一轮还没有开始，或者已经截止。")


def reply(
    invitation: Invitation,
    text: str,
    *,
    clause: Clause | None = None,
    officer: Officer | None = None,
    key: str | None = None,
) -> Given:
    """What the invitee says: a comment like every other, by themselves through the link or entered by staff."""
    given = receive(
        invitation.consultation,
        invitation.resident,
        text,
        channel=Channel.PAPER if officer else Channel.H5,
        clause=clause,
        kind=ResidentKind.ORGANISATION if invitation.organisation else ResidentKind.INDIVIDUAL,
        organisation=invitation.name[:60] if invitation.organisation else "",
        key=key,
        officer=officer,
    )
    if invitation.received_on is None:
        if invitation.sent_on is None:
            invitation._arrived()
        else:
            invitation.take(officer or invitation.resident)
    return given


@step(
    Stage.DRAFTED,
    to=Stage.PUBLISHED,
    by=ruled("consultation.ask"),
    needs="consultation.ask",
    label="开始征求",
    say="以{number}开始{audience}，到{closes_on}截止，征求{people}个对象",
    of=Consultation,
)
def ask(consultation: Consultation, officer: Officer) -> None:
    """A round among those who are named opens today; nothing of it is shown to the public."""
    day = today()
    short = Installation.here().office_short
    consultation.number = document_number(short, "询", day.year, Numbering.next("询", day.year))
    consultation.opens_on = day
    consultation.closes_on = window_end(day, consultation.window_days)
    consultation.answer_due_on = add_workdays(consultation.closes_on, consultation.answer_workdays)
    consultation.published_at = now()
    consultation.edition += 1
    note(
        number=consultation.number,
        audience=consultation.audience.label,
        closes_on=consultation.closes_on,
        people=len(invitations(consultation)),
    )


@predicate
def round_is_not_public(subject: Consultation, actor: object) -> str | None:
    """An open consultation is signed and published on its own road."""
    return "" if subject.audience == Audience.PUBLIC else None


@predicate
def somebody_is_invited(subject: Consultation, actor: object) -> str | None:
    """A round has somebody to ask."""
    return None if invitations(subject) else ""


def invitations(consultation: Consultation) -> Sequence[Invitation]:
    """Who is asked in a round, in the order of the groups and of being listed."""
    found = db.session.scalars(select(Invitation).where(Invitation.consultation_id == consultation.id)).all()
    order = {group: n for n, group in enumerate(Group)}
    return sorted(found, key=lambda one: (order[one.group], one.id))


def by_public_id(public_id: str) -> Invitation | None:
    """One invitation by its address."""
    return db.session.scalar(select(Invitation).where(Invitation.public_id == public_id))


def by_token(token: str) -> Invitation | None:
    """The invitation that a personal link opens."""
    return db.session.scalar(select(Invitation).where(Invitation.token_hash == digest(token)))


def texts_of(consultation: Consultation) -> dict[int, int]:
    """How many comments came from each invitee of a round, by the invitation's number; whoever sent none is not in it."""
    rows = db.session.execute(
        select(Invitation.id, func.count().label("texts"))
        .join(Comment, Comment.resident_id == Invitation.resident_id)
        .where(Invitation.consultation_id == consultation.id)
        .group_by(Invitation.id)
    )
    return {row.id: row.texts for row in rows}


def answered(invitation: Invitation) -> int:
    """How many comments came from an invitee."""
    return (
        db.session.scalar(
            select(func.count()).select_from(Comment).where(Comment.resident_id == invitation.resident_id)
        )
        or 0
    )


def inside_not_asked(decision: Decision) -> list[Group]:
    """Which of the five groups inside nobody has been sent the draft in; a normative document needs all of them."""
    sent = db.session.scalars(
        select(Invitation.group)
        .join(Consultation, Consultation.id == Invitation.consultation_id)
        .where(
            Consultation.decision_id == decision.id,
            Consultation.stage != Stage.CANCELLED,
            Invitation.sent_on.is_not(None),
        )
        .distinct()
    ).all()
    return [group for group in INSIDE if group not in sent]


@predicate
def inside_groups_asked(subject: Any, actor: object) -> str | None:
    """For a normative document all five groups inside were sent the draft (源报告：征求对象到位)."""
    missing = inside_not_asked(subject.decision)
    return f"还没有征求：{'、'.join(group.label for group in missing)}。" if missing else None


def group_of(comment_ids: Sequence[int]) -> dict[int, Group]:
    """Which group said what: for reports that name groups, never persons."""
    rows = db.session.execute(
        select(Comment.id, Invitation.group)
        .join(Invitation, Invitation.resident_id == Comment.resident_id)
        .where(Comment.id.in_(comment_ids))
    )
    return {row.id: row.group for row in rows}
