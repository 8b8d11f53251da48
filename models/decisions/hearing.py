"""A hearing: announced ahead, open to those who apply, papers a week before, recorded in three parts, signed by those who spoke."""

import enum
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, Self

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, Integer, String, Text, UniqueConstraint, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.decisions.consultation import Channel
from models.decisions.decision import Decision, OfCaseKind
from models.decisions.material import materials
from models.decisions.matter import Procedure
from models.decisions.road import Going, Standing, by_need, station
from models.kernel import sealed
from models.kernel.base import Base, PublicId, choice, db
from models.kernel.clock import local, now, today
from models.kernel.lifecycle import act, birth, predicate, ruled, step
from models.kernel.lifecycle import resident as the_resident
from models.kernel.refusal import OutOfTurn, RuleUnmet
from models.kernel.rules import RuleSet
from models.kernel.trail import note
from models.people.officer import Officer
from models.people.resident import Resident
from models.texts.received import as_received


class HearingStage(enum.StrEnum):
    """How far a hearing has come."""

    DRAFTED = "drafted"
    ANNOUNCED = "announced"
    LISTED = "listed"
    HELD = "held"
    REPORTED = "reported"
    CANCELLED = "cancelled"

    @property
    def label(self) -> str:
        """The Chinese word."""
        return {
            "drafted": "拟公告",
            "announced": "正在报名",
            "listed": "名单已公布",
            "held": "已召开",
            "reported": "已出报告",
            "cancelled": "已取消",
        }[self.value]


class Party(enum.StrEnum):
    """Whom a participant speaks for; the law wants a fair share of each (条例第十六条)."""

    INTERESTED = "interested"
    PUBLIC = "public"
    DEPUTY = "deputy"
    EXPERT = "expert"
    ORGANISATION = "organisation"

    @property
    def label(self) -> str:
        """The Chinese words."""
        return {
            "interested": "利害关系人",
            "public": "社会公众",
            "deputy": "人大代表、政协委员",
            "expert": "专家学者",
            "organisation": "社会组织、基层组织",
        }[self.value]


class ApplicantStage(enum.StrEnum):
    """What became of somebody who wanted to take part."""

    APPLIED = "applied"
    CHOSEN = "chosen"
    NOT_CHOSEN = "not_chosen"

    @property
    def label(self) -> str:
        """The Chinese word."""
        return {"applied": "已报名", "chosen": "参加", "not_chosen": "没有选上"}[self.value]


TEXTS: dict[str, tuple[str, int]] = {
    "title": ("标题", 80),
    "matter": ("听证事项", 2000),
    "place": ("地点", 120),
    "how_to_apply": ("怎样报名", 500),
    "choosing": ("名额不够时怎样产生", 500),
    "contact": ("联系方式", 120),
    "chaired_by": ("主持人", 40),
    "recorded_by": ("记录人", 40),
}
PARTS: dict[str, str] = {
    "opening": "承办单位介绍情况",
    "debate": "参加人陈述意见、询问、质证和辩论",
    "closing": "参加人确认记录并签字",
}
"""The three parts of the procedure (条例第十七条)."""


class Hearing(OfCaseKind, PublicId, Base):
    """One hearing of a case."""

    __tablename__ = "hearing"
    __table_args__ = (
        Index("ix_hearing_decision", "decision_id", "id"),
        CheckConstraint(
            "stage IN ('drafted', 'cancelled') OR (held_at IS NOT NULL AND apply_until IS NOT NULL "
            "AND announced_at IS NOT NULL AND matter <> '' AND place <> '')",
            name="announced_with_time_place_and_matter",
        ),
        CheckConstraint(
            "stage NOT IN ('held', 'reported') OR (opening <> '' AND debate <> '' AND closing <> '')",
            name="recorded_in_three_parts",
        ),
        CheckConstraint("stage <> 'reported' OR report <> ''", name="reported_in_words"),
    )

    decision_id: Mapped[int] = mapped_column(ForeignKey("decision.id"))
    handler_id: Mapped[int] = mapped_column(ForeignKey("officer.id"))
    stage: Mapped[HearingStage] = mapped_column(choice(HearingStage), default=HearingStage.DRAFTED)
    title: Mapped[str] = mapped_column(String(80), default="")
    matter: Mapped[str] = mapped_column(Text, default="")
    held_at: Mapped[datetime | None]
    place: Mapped[str] = mapped_column(String(120), default="")
    apply_until: Mapped[date | None] = mapped_column(Date)
    how_to_apply: Mapped[str] = mapped_column(String(500), default="")
    choosing: Mapped[str] = mapped_column(String(500), default="")
    contact: Mapped[str] = mapped_column(String(120), default="")
    chaired_by: Mapped[str] = mapped_column(String(40), default="")
    recorded_by: Mapped[str] = mapped_column(String(40), default="")
    announced_at: Mapped[datetime | None]
    listed_at: Mapped[datetime | None]
    opening: Mapped[str] = mapped_column(Text, default="")
    debate: Mapped[str] = mapped_column(Text, default="")
    closing: Mapped[str] = mapped_column(Text, default="")
    report: Mapped[str] = mapped_column(Text, default="")
    reported_at: Mapped[datetime | None]
    moved_reason: Mapped[str] = mapped_column(String(300), default="")
    """Why the time or place was changed after the announcement; printed on it."""
    cancelled_reason: Mapped[str] = mapped_column(String(300), default="")
    version: Mapped[int] = mapped_column(Integer)

    decision: Mapped[Decision] = relationship()
    handler: Mapped[Officer] = relationship()
    seats: Mapped[list["HearingSeat"]] = relationship(order_by="HearingSeat.id", cascade="all, delete-orphan")
    applicants: Mapped[list["HearingApplicant"]] = relationship(
        order_by="HearingApplicant.id", back_populates="hearing"
    )

    __mapper_args__ = {"version_id_col": version}

    @property
    def held_on(self) -> date | None:
        """The day of the hearing."""
        return local(self.held_at).date() if self.held_at else None

    @property
    def papers_due_on(self) -> date | None:
        """The last day on which papers may reach the participants."""
        if self.held_on is None:
            return None
        return self.held_on - timedelta(days=self.rules.number("hearing.papers_days").value)

    @property
    def takes_applications(self) -> bool:
        """Whether somebody may apply today."""
        return self.stage == HearingStage.ANNOUNCED and self.apply_until is not None and today() <= self.apply_until

    @property
    def participants(self) -> list["HearingApplicant"]:
        """Those who take part."""
        return [one for one in self.applicants if one.stage == ApplicantStage.CHOSEN]

    @classmethod
    @birth(by=ruled("hearing.draft_new"), say="拟听证公告：{title}")
    def draft_new(cls, officer: Officer, decision: Decision, **fields: Any) -> Self:
        """An announcement to be worked on."""
        made = cls(decision=decision, handler=officer)
        db.session.add(made)
        made._write(fields)
        note(title=made.title)
        return made

    @act(HearingStage.DRAFTED, by=ruled("hearing.revise"), label="修改", say="修改听证公告")
    def revise(self, officer: Officer, **fields: Any) -> None:
        """Change the announcement while it is a draft."""
        self._write(fields)

    def _write(self, fields: Mapping[str, Any]) -> None:
        wrong: dict[str, str] = {}
        for name, value in fields.items():
            if name in TEXTS:
                label, most = TEXTS[name]
                try:
                    setattr(self, name, as_received(value or "", field=name, most=most, least=0).strip())
                except RuleUnmet as unmet:
                    wrong[name] = f"{label}：{unmet.message}"
            elif name == "seats":
                self.seats = [HearingSeat(party=Party(p), number=n) for p, n in value.items() if 0 < n <= 500]
            elif name in ("held_at", "apply_until"):
                setattr(self, name, value)
            else:
                raise TypeError(f"no field {name}")
        if wrong:
            raise RuleUnmet("有几处要改一改。", wrong)

    @step(
        HearingStage.DRAFTED,
        to=HearingStage.ANNOUNCED,
        by=ruled("hearing.announce"),
        needs="hearing.announce",
        label="公布听证公告",
        say="公布听证公告，{held_on}召开，报名到{apply_until}",
    )
    def announce(self, officer: Officer) -> None:
        """Matter, time, place, seats and how to apply, before the people."""
        self.announced_at = now()
        note(held_on=self.held_on, apply_until=self.apply_until)

    @act(
        HearingStage.ANNOUNCED,
        HearingStage.LISTED,
        by=ruled("hearing.move"),
        label="改时间、地点",
        say="听证改到{held_on}：{reason}",
        tells=True,
    )
    def move(self, officer: Officer, held_at: datetime, place: str, reason: str) -> None:
        """Another time or place, never an earlier day; everybody who applied is told."""
        reason = as_received(reason, field="reason", most=300, least=0).strip()
        wrong = {}
        if not reason:
            wrong["reason"] = "请写明为什么改，会印在公告上。"
        if self.held_on is not None and local(held_at).date() < self.held_on:
            wrong["held_at"] = "只能往后改，不能提前。"
        if wrong:
            raise RuleUnmet("还不能改。", wrong)
        self.held_at, self.moved_reason = held_at, reason
        self.place = as_received(place, field="place", most=120, least=0).strip() or self.place
        note(held_on=self.held_on, reason=reason)

    @act(
        HearingStage.ANNOUNCED,
        by=the_resident,
        label="",
        say="收到一份听证报名",
    )
    def apply(self, resident: Resident, party: Party, name: str, phone: str, words: str = "") -> "HearingApplicant":
        """A resident wants to take part; name and telephone are sealed."""
        if not self.takes_applications:
            raise OutOfTurn("报名已经截止了。还想说的话，可以在征求意见里提，也可以打公告上的电话。")
        return self._applicant(resident.current, party, name, phone, words)

    @act(
        HearingStage.ANNOUNCED,
        by=ruled("hearing.enter"),
        label="代录报名",
        say="代录一份听证报名",
    )
    def enter(self, officer: Officer, party: Party, name: str, phone: str, words: str = "") -> "HearingApplicant":
        """Somebody who applied by telephone, in the hall, or whom their organisation sent."""
        made = self._applicant(Resident.from_paper(), party, name, phone, words, officer)
        made.entered_by = officer
        return made

    def _applicant(
        self, who: Resident, party: Party, name: str, phone: str, words: str, officer: Officer | None = None
    ) -> "HearingApplicant":
        wrong = {}
        if not name.strip():
            wrong["name"] = "请写姓名，选上以后要印在参加人名单上。"
        if not phone.strip():
            wrong["phone"] = "请写电话，用来送听证材料和通知时间。"
        if party not in {seat.party for seat in self.seats}:
            wrong["party"] = "这次听证没有这一类的名额，请选别的。"
        if wrong:
            raise RuleUnmet("还差一点，您写的都在。", wrong)
        words = as_received(words, field="words", most=500, least=0).strip()
        if any(one.resident_id == who.id for one in self.applicants):
            raise OutOfTurn("您已经报过名了，不用再报。")
        who.introduce(
            who, name=name, phone=phone, door=Channel.HALL.value if officer else Channel.H5.value, officer=officer
        )
        made = HearingApplicant(hearing=self, resident=who, party=party, applied_at=now())
        if words:
            made.sealed_words = sealed.seal(who.key.secret, words, f"hearing_applicant.words:{made.public_id}")
        db.session.add(made)
        db.session.flush()
        note(applicant=made.public_id)
        return made

    @step(
        HearingStage.ANNOUNCED,
        to=HearingStage.LISTED,
        by=ruled("hearing.publish_list"),
        needs="hearing.publish_list",
        label="公布参加人名单",
        say="公布听证参加人名单：{chosen}人，没有选上{others}人",
        tells=True,
    )
    def publish_list(self, officer: Officer, chosen: Sequence["HearingApplicant"], how: str) -> None:
        """Who takes part, and how they were chosen; everybody who applied is told."""
        how = as_received(how, field="how", most=500, least=0).strip()
        taken = set(chosen)
        wrong = {}
        if not taken:
            wrong["chosen"] = "请选参加人。"
        if not how:
            wrong["how"] = "请写明名单是怎样产生的，会和名单一起公布。"
        for seat in self.seats:
            found = sum(1 for one in taken if one.party == seat.party)
            if found > seat.number:
                wrong["chosen"] = f"{seat.party.label}公告了{seat.number}个名额，选了{found}人。"
        if any(seat.party == Party.INTERESTED for seat in self.seats) and not any(
            one.party == Party.INTERESTED for one in taken
        ):
            applied = any(one.party == Party.INTERESTED for one in self.applicants)
            if applied:
                wrong["chosen"] = "利害关系人报了名，名单里不能一个都没有（条例第十六条）。"
        if wrong:
            raise RuleUnmet("名单还不能公布。", wrong)
        self.choosing, self.listed_at = how, now()
        for one in self.applicants:
            (one.choose if one in taken else one.pass_over)(officer)
        note(chosen=len(taken), others=len(self.applicants) - len(taken))

    @step(
        HearingStage.LISTED,
        to=HearingStage.HELD,
        by=ruled("hearing.hold"),
        needs="hearing.hold",
        label="登记听证记录",
        say="听证于{held_on}召开，到会{came}人",
    )
    def hold(
        self,
        officer: Officer,
        *,
        opening: str,
        debate: str,
        closing: str,
        came: Sequence["HearingApplicant"],
        chaired_by: str,
        recorded_by: str,
    ) -> None:
        """What was said in each of the three parts, and who was there."""
        told = {"opening": opening, "debate": debate, "closing": closing}
        wrong = {}
        for name, words in told.items():
            setattr(self, name, as_received(words, field=name, most=20_000, least=0).strip())
            if not getattr(self, name):
                wrong[name] = f"请写“{PARTS[name]}”这一段。"
        self._write({"chaired_by": chaired_by, "recorded_by": recorded_by})
        if not self.chaired_by:
            wrong["chaired_by"] = "请写主持人。"
        if not self.recorded_by:
            wrong["recorded_by"] = "请写记录人。"
        if not came:
            wrong["came"] = "请选到会的参加人。"
        if wrong:
            raise RuleUnmet("听证记录还不能存。", wrong)
        for one in self.participants:
            one.came = one in came
        note(held_on=self.held_on, came=len(came))

    @step(
        HearingStage.HELD,
        to=HearingStage.REPORTED,
        by=ruled("hearing.write_report"),
        needs="hearing.write_report",
        label="出听证报告",
        say="出听证报告",
    )
    def write_report(self, officer: Officer, report: str) -> None:
        """What was heard, what the office makes of it; the office has to weigh it (条例第十八条)."""
        self.report = as_received(report, field="report", most=20_000, least=0).strip()
        if not self.report:
            raise RuleUnmet("请写听证报告。", {"report": "请写明各方的主要意见、争议和处理建议。"})
        self.reported_at = now()

    @step(
        HearingStage.DRAFTED,
        HearingStage.ANNOUNCED,
        HearingStage.LISTED,
        to=HearingStage.CANCELLED,
        by=ruled("hearing.cancel"),
        label="取消听证",
        say="取消听证：{reason}",
        tells=True,
        primary=False,
    )
    def cancel(self, officer: Officer, reason: str) -> None:
        """It does not take place; everybody who applied is told why."""
        self.cancelled_reason = as_received(reason, field="reason", most=300, least=0).strip()
        if not self.cancelled_reason:
            raise RuleUnmet("请写明为什么取消。", {"reason": "请写明为什么取消，会告诉报了名的人。"})
        note(reason=self.cancelled_reason)


class HearingSeat(Base):
    """How many of one kind may take part."""

    __tablename__ = "hearing_seat"
    __table_args__ = (UniqueConstraint("hearing_id", "party"), CheckConstraint("number > 0", name="somebody"))

    hearing_id: Mapped[int] = mapped_column(ForeignKey("hearing.id"))
    party: Mapped[Party] = mapped_column(choice(Party))
    number: Mapped[int] = mapped_column(Integer)


class HearingApplicant(PublicId, Base):
    """Somebody who wants to take part, and who does: papers, presence, signature."""

    __tablename__ = "hearing_applicant"
    __table_args__ = (
        UniqueConstraint("hearing_id", "resident_id"),
        CheckConstraint("NOT (signed AND refused_reason <> '')", name="signed_or_refused"),
        CheckConstraint("served_on IS NULL OR stage = 'chosen'", name="papers_for_participants"),
    )

    hearing_id: Mapped[int] = mapped_column(ForeignKey("hearing.id"))
    resident_id: Mapped[int] = mapped_column(ForeignKey("resident.id"), index=True)
    party: Mapped[Party] = mapped_column(choice(Party))
    stage: Mapped[ApplicantStage] = mapped_column(choice(ApplicantStage), default=ApplicantStage.APPLIED)
    sealed_words: Mapped[bytes | None]
    """Why they want to take part."""
    applied_at: Mapped[datetime]
    entered_by_id: Mapped[int | None] = mapped_column(ForeignKey("officer.id"))
    served_on: Mapped[date | None] = mapped_column(Date)
    served_how: Mapped[str] = mapped_column(String(40), default="")
    came: Mapped[bool] = mapped_column(default=False)
    signed: Mapped[bool] = mapped_column(default=False)
    refused_reason: Mapped[str] = mapped_column(String(200), default="")
    """Why they did not sign the record, in their words (条例第十七条)."""

    hearing: Mapped[Hearing] = relationship(back_populates="applicants")
    resident: Mapped[Resident] = relationship(lazy="joined", innerjoin=True)
    entered_by: Mapped[Officer | None] = relationship()

    @property
    def chain(self) -> str:
        """The case's chain."""
        return self.hearing.chain

    @property
    def rules(self) -> RuleSet:
        """The case's rules."""
        return self.hearing.rules

    @property
    def name(self) -> str:
        """As the list prints it; empty when the person was forgotten."""
        return self.resident.name

    @property
    def words(self) -> str:
        """Why they want to take part."""
        if self.sealed_words is None or self.resident.key.wrapped is None:
            return ""
        return sealed.unseal(self.resident.key.secret, self.sealed_words, f"hearing_applicant.words:{self.public_id}")

    @step(
        ApplicantStage.APPLIED,
        to=ApplicantStage.CHOSEN,
        by=ruled("hearing.publish_list"),
        label="",
        say="列入听证参加人",
    )
    def choose(self, officer: Officer) -> None:
        """On the list."""

    @step(
        ApplicantStage.APPLIED,
        to=ApplicantStage.NOT_CHOSEN,
        by=ruled("hearing.publish_list"),
        label="",
        say="没有列入听证参加人",
    )
    def pass_over(self, officer: Officer) -> None:
        """Not on the list."""

    @act(ApplicantStage.CHOSEN, by=ruled("hearing.serve"), label="登记送达", say="听证材料{served_on}送达：{how}")
    def serve(self, officer: Officer, served_on: date, how: str) -> None:
        """The papers reached the participant; no later than the rules say, or the hearing has to be moved."""
        how = as_received(how, field="how", most=40, least=0).strip()
        wrong = {}
        if not how:
            wrong["how"] = "请写怎样送达，例如：当面送达并签收、邮寄、电子邮件。"
        if served_on > today():
            wrong["served_on"] = "送达日期不能晚于今天。"
        if self.hearing.stage != HearingStage.LISTED:
            raise OutOfTurn("名单公布以后、听证召开以前才登记送达。")
        due = self.hearing.papers_due_on
        if due is not None and served_on > due:
            days = self.rules.number("hearing.papers_days")
            raise RuleUnmet(
                f"听证材料要在召开{days.words}前送达，最晚{due.month}月{due.day}日；送晚了，请先把听证改到后面。",
                {"served_on": f"最晚{due.month}月{due.day}日。"},
                article=days.article,
            )
        if wrong:
            raise RuleUnmet("还不能登记。", wrong)
        self.served_on, self.served_how = served_on, how
        note(served_on=served_on, how=how)

    @act(ApplicantStage.CHOSEN, by=ruled("hearing.serve"), label="登记签字", say="听证记录签字：{words}")
    def sign(self, officer: Officer, signed: bool, refused_reason: str = "") -> None:
        """Confirmed the record by signing, or did not, and why (条例第十七条)."""
        reason = as_received(refused_reason, field="refused_reason", most=200, least=0).strip()
        if self.hearing.stage != HearingStage.HELD or not self.came:
            raise OutOfTurn("到了会的人，在听证召开以后、出报告以前登记签字。")
        if not signed and not reason:
            raise RuleUnmet("没有签字的，请写明理由。", {"refused_reason": "请写明为什么没有签字。"})
        self.signed, self.refused_reason = signed, "" if signed else reason
        note(words="已签" if signed else "未签")


@predicate
def hearing_announcement_complete(subject: Hearing, actor: object) -> str | None:
    """Matter, time, place, seats, how to apply, how they are chosen."""
    missing = [TEXTS[n][0] for n in ("title", "matter", "place", "how_to_apply", "choosing") if not getattr(subject, n)]
    if subject.held_at is None:
        missing.append("时间")
    if subject.apply_until is None:
        missing.append("报名截止")
    if not subject.seats:
        missing.append("名额")
    return f"还缺：{'、'.join(missing)}。" if missing else None


@predicate
def hearing_leaves_time_for_papers(subject: Hearing, actor: object) -> str | None:
    """After the last day to apply there is time left to send the papers."""
    due = subject.papers_due_on
    if due is None or subject.apply_until is None:
        return None
    if subject.apply_until < today():
        return "报名截止的日子已经过了。"
    return None if subject.apply_until < due else f"材料最晚{due.month}月{due.day}日送到，报名要在这一天以前截止。"


@predicate
def applications_are_closed(subject: Hearing, actor: object) -> str | None:
    """The last day to apply is over."""
    return "" if subject.takes_applications else None


@predicate
def hearing_papers_served(subject: Hearing, actor: object) -> str | None:
    """Every participant had the papers in time."""
    due = subject.papers_due_on
    late = [one for one in subject.participants if one.served_on is None or (due is not None and one.served_on > due)]
    return f"还有{len(late)}人没有按时送到。" if late else None


@predicate
def hearing_day_has_come(subject: Hearing, actor: object) -> str | None:
    """A record cannot be older than the hearing."""
    return "" if subject.held_at is None or now() < subject.held_at else None


@predicate
def hearing_record_signed(subject: Hearing, actor: object) -> str | None:
    """Who was there signed, or it is written down why not."""
    open_ = [one for one in subject.participants if one.came and not one.signed and not one.refused_reason]
    return f"还有{len(open_)}人没有登记签字。" if open_ else None


@predicate
def hearing_record_scanned(subject: Hearing, actor: object) -> str | None:
    """The signed record lies in the case."""
    return None if materials(subject.decision, "hearing") else ""


def hearings_of(decision: Decision) -> Sequence[Hearing]:
    """The hearings of a case, oldest first."""
    return db.session.scalars(select(Hearing).where(Hearing.decision_id == decision.id).order_by(Hearing.id)).all()


def by_public_id(public_id: str, *, announced: bool = True) -> Hearing | None:
    """One hearing by its address; one that was not announced only for the desks."""
    found = db.session.scalar(select(Hearing).where(Hearing.public_id == public_id))
    return None if found is not None and announced and found.announced_at is None else found


def announced(*, after: int | None = None, limit: int = 20) -> Sequence[Hearing]:
    """Announced hearings for the public, newest first."""
    query = select(Hearing).where(Hearing.announced_at.is_not(None)).order_by(Hearing.id.desc()).limit(limit)
    return db.session.scalars(query if after is None else query.where(Hearing.id < after)).all()


def applied(hearing: Hearing, resident: Resident) -> HearingApplicant | None:
    """This person's own application."""
    return db.session.scalar(
        select(HearingApplicant).where(
            HearingApplicant.hearing_id == hearing.id, HearingApplicant.resident_id.in_(resident.all_ids)
        )
    )


@station("hearing")
def _heard(decision: Decision) -> Standing | None:
    """Reported; under way; or what was decided about it."""
    found = [one for one in hearings_of(decision) if one.stage != HearingStage.CANCELLED]
    if not found:
        return by_need(decision, Procedure.HEARING)
    last = found[-1]
    who = last.handler.name
    if last.stage == HearingStage.REPORTED:
        came = sum(one.came for one in last.participants)
        signed = sum(one.signed for one in last.participants)
        assert last.reported_at is not None
        return Standing(
            Going.DONE, who, local(last.reported_at).date(), says=f"到会 {came} 人，签字 {signed} 人，已出报告"
        )
    says = {
        HearingStage.DRAFTED: "听证公告还没有公布",
        HearingStage.ANNOUNCED: f"正在报名，已有 {len(last.applicants)} 人",
        HearingStage.LISTED: f"参加人 {len(last.participants)} 人，材料已送 "
        f"{sum(one.served_on is not None for one in last.participants)} 人",
        HearingStage.HELD: "已经召开，还没有出报告",
    }[last.stage]
    due = last.papers_due_on if last.stage == HearingStage.LISTED else last.held_on
    return Standing(Going.NOW, who, local(last.announced_at).date() if last.announced_at else None, due, says)
