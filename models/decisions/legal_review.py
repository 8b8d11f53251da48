"""The justice office examines whether the case is within the law: authority, procedure, content; counsel is heard first."""

import enum
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Self

from sqlalchemy import CheckConstraint, Date, ForeignKey, Integer, String, Text, UniqueConstraint, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.decisions.decision import Decision, Kind, OfCaseKind
from models.decisions.draft import Draft, drafts_of
from models.decisions.material import Material, Publicity, about, materials
from models.decisions.road import REVIEWED, Going, Standing, lacking, road, standing_of, station
from models.kernel.base import Base, PublicId, choice, db
from models.kernel.clock import local, now, today
from models.kernel.installation import Installation
from models.kernel.lifecycle import act, birth, predicate, ruled, step
from models.kernel.numbering import Numbering, document_number
from models.kernel.refusal import NotAllowed, OutOfTurn, Refusal, RuleUnmet
from models.kernel.rules import Number
from models.kernel.trail import commitment, note
from models.kernel.workdays import provisional_between
from models.people.officer import Officer, Post
from models.texts.received import as_received


class ReviewStage(enum.StrEnum):
    """How far one round of the review has come."""

    PREPARED = "prepared"
    SENT = "sent"
    RETURNED = "returned"
    ACCEPTED = "accepted"
    CONCLUDED = "concluded"

    @property
    def label(self) -> str:
        """The Chinese word."""
        return {
            "prepared": "准备送审",
            "sent": "已送审，等受理",
            "returned": "退回补充",
            "accepted": "审查中",
            "concluded": "已出具意见",
        }[self.value]


class Result(enum.StrEnum):
    """What the justice office says (条例第二十五条、第二十七条)."""

    LAWFUL = "lawful"
    AMEND = "amend"
    FAIL = "fail"
    EXPLICIT_RISK = "explicit_risk"

    @property
    def label(self) -> str:
        """The Chinese word."""
        return {"lawful": "合法", "amend": "需修改", "fail": "不合法", "explicit_risk": "明示法律风险"}[self.value]


class Counselling(enum.StrEnum):
    """As whom counsel speaks (条例第二十八条)."""

    ADVISER = "adviser"
    PUBLIC_LAWYER = "public_lawyer"

    @property
    def label(self) -> str:
        """The Chinese word."""
        return {"adviser": "法律顾问", "public_lawyer": "公职律师"}[self.value]


ASPECTS: tuple[tuple[str, str, str], ...] = (
    ("authority", "权限", "决策事项是否符合法定权限"),
    ("procedure", "程序", "决策草案的形成是否履行相关法定程序"),
    ("content", "内容", "决策草案内容是否符合有关法律、法规、规章和国家政策的规定"),
)
"""The three things that are examined (条例第二十七条): name, word, question."""


def asked_counsel(subject: Any, actor: Any) -> Refusal | None:
    """Guard: the counsel who was asked about this very case."""
    if subject.counsel_id == getattr(actor, "id", None):
        return None
    return NotAllowed("只有司法所请了的法律顾问或者公职律师，才能对这一件提出法律意见（条例第二十八条）。")


class LegalReview(OfCaseKind, PublicId, Base):
    """One round: sent with its papers, accepted or returned for what is lacking, counsel heard, concluded."""

    __tablename__ = "legal_review"
    __table_args__ = (
        UniqueConstraint("decision_id", "round"),
        CheckConstraint(
            "stage = 'prepared' OR (sent_on IS NOT NULL AND draft_id IS NOT NULL)", name="sent_with_a_draft"
        ),
        CheckConstraint(
            "stage <> 'concluded' OR (result IS NOT NULL AND number <> '' AND concluded_on IS NOT NULL "
            "AND opinion <> '' AND reviewer_id IS NOT NULL AND reviewer_id <> sender_id)",
            name="concluded_by_another",
        ),
        CheckConstraint(
            "result <> 'lawful' OR (authority_ok AND procedure_ok AND content_ok)", name="lawful_in_all_three"
        ),
        CheckConstraint("result <> 'explicit_risk' OR reform <> ''", name="risk_only_for_reform"),
    )

    decision_id: Mapped[int] = mapped_column(ForeignKey("decision.id"))
    round: Mapped[int] = mapped_column(Integer)
    stage: Mapped[ReviewStage] = mapped_column(choice(ReviewStage), default=ReviewStage.PREPARED)
    sender_id: Mapped[int] = mapped_column(ForeignKey("officer.id"))
    draft_id: Mapped[int | None] = mapped_column(ForeignKey("draft.id"))
    basis: Mapped[str] = mapped_column(Text, default="")
    """The laws, regulations and rules that the draft rests on."""
    procedures: Mapped[str] = mapped_column(Text, default="")
    """The statement of how the procedure was followed."""
    sent_on: Mapped[date | None] = mapped_column(Date)
    """The day on which the papers came complete: of the last sending. The days of the review are counted from it."""
    accepted_on: Mapped[date | None] = mapped_column(Date)
    counsel_id: Mapped[int | None] = mapped_column(ForeignKey("officer.id"))
    counsel_due_on: Mapped[date | None] = mapped_column(Date)
    short_reason: Mapped[str] = mapped_column(String(300), default="")
    """Why less than the usual time is enough; printed on the opinion."""
    long_reason: Mapped[str] = mapped_column(String(300), default="")
    """Why a hard case takes longer than the days in which an opinion is promised."""
    authority_ok: Mapped[bool | None]
    authority: Mapped[str] = mapped_column(Text, default="")
    procedure_ok: Mapped[bool | None]
    procedure: Mapped[str] = mapped_column(Text, default="")
    content_ok: Mapped[bool | None]
    content: Mapped[str] = mapped_column(Text, default="")
    result: Mapped[Result | None] = mapped_column(choice(Result))
    opinion: Mapped[str] = mapped_column(Text, default="")
    reform: Mapped[str] = mapped_column(Text, default="")
    """Why it is a reform that the state has not yet ruled on, and which legal risk is taken (条例第二十五条)."""
    number: Mapped[str] = mapped_column(String(40), default="")
    reviewer_id: Mapped[int | None] = mapped_column(ForeignKey("officer.id"))
    concluded_on: Mapped[date | None] = mapped_column(Date)
    version: Mapped[int] = mapped_column(Integer)

    decision: Mapped[Decision] = relationship()
    draft: Mapped[Draft | None] = relationship()
    sender: Mapped[Officer] = relationship(foreign_keys=[sender_id], lazy="joined")
    counsel: Mapped[Officer | None] = relationship(foreign_keys=[counsel_id], lazy="joined")
    reviewer: Mapped[Officer | None] = relationship(foreign_keys=[reviewer_id], lazy="joined")
    returns: Mapped[list["ReviewReturn"]] = relationship(order_by="ReviewReturn.id")
    counselled: Mapped[list["CounselOpinion"]] = relationship(order_by="CounselOpinion.id")

    __mapper_args__ = {"version_id_col": version}

    @property
    def words(self) -> str:
        """All that the review says, as the trail commits to it."""
        aspects = [f"{getattr(self, f'{name}_ok')}{getattr(self, name)}" for name, _, _ in ASPECTS]
        return "\0".join((str(self.result), *aspects, self.opinion, self.reform))

    # time

    @property
    def least(self) -> Number:
        """The shortest time that the review is given, by the kind of case."""
        normative = self.decision.kind == Kind.NORMATIVE
        return self.rules.number("normative.review_workdays_least" if normative else "legal_review.workdays")

    @property
    def earliest_on(self) -> date | None:
        """The last of the days that the review is given: the opinion comes on this day or later."""
        return self.least.after(self.sent_on) if self.sent_on else None

    @property
    def latest_on(self) -> date | None:
        """The day by which a normative document has its opinion; other cases have none."""
        if self.sent_on is None or self.decision.kind != Kind.NORMATIVE:
            return None
        return self.rules.number("normative.review_workdays_most").after(self.sent_on)

    @property
    def reply(self) -> Number | None:
        """In how many days after the papers came an opinion is promised, where a county's rules say so; for normative documents."""
        normative = self.decision.kind == Kind.NORMATIVE
        return self.rules.numbers.get("legal_review.normative_reply_workdays") if normative else None

    @property
    def due_on(self) -> date | None:
        """The day on which the opinion is expected: the promised one, or for a hard case the latest that the rules allow."""
        promised, latest = self.reply, self.latest_on
        if self.sent_on is None or promised is None or self.long_reason or self.earliest_on is None:
            return latest
        day = max(promised.after(self.sent_on), self.earliest_on)
        return min(day, latest) if latest is not None else day

    @property
    def provisional(self) -> bool:
        """Whether the dates may still move because a year's holidays are not announced."""
        last = self.latest_on or self.earliest_on
        return self.sent_on is not None and last is not None and provisional_between(self.sent_on, last)

    @property
    def late(self) -> bool:
        """The day has passed without an opinion, or the opinion came after it."""
        latest = self.due_on
        if latest is None or self.stage == ReviewStage.RETURNED:
            return False
        return (self.concluded_on or today()) > latest

    @property
    def papers(self) -> Sequence[Material]:
        """What was handed in for the review."""
        return materials(self.decision, "legal_review", subject=about(self))

    # preparing and sending

    @classmethod
    @birth(by=ruled("legal_review.prepare"), say="准备第{round}轮合法性审查的送审材料")
    def begin(cls, officer: Officer, decision: Decision) -> Self:
        """A new round begins with what the last one said of basis and procedure."""
        before = review_of(decision)
        if not to_be_sent(decision):
            raise OutOfTurn("合法性审查已经在进行，或者已经通过。")
        made = cls(
            decision=decision,
            round=before.round + 1 if before else 1,
            sender=officer,
            basis=before.basis if before else decision.basis_words,
            procedures=statement(decision),
        )
        db.session.add(made)
        db.session.flush()
        note(round=made.round)
        return made

    @act(
        ReviewStage.PREPARED,
        ReviewStage.RETURNED,
        by=ruled("legal_review.prepare"),
        label="改送审材料",
        say="改送审材料",
    )
    def prepare(self, officer: Officer, basis: str, procedures: str) -> None:
        """Basis and statement as they will be sent; the draft is the newest one."""
        self.basis = as_received(basis, field="basis", most=3000, least=0, label="依据").strip()
        self.procedures = as_received(
            procedures, field="procedures", most=5000, least=0, label="履行程序的说明"
        ).strip()
        found = drafts_of(self.decision)
        self.draft, self.sender = (found[-1] if found else None), officer

    @act(
        ReviewStage.PREPARED,
        ReviewStage.RETURNED,
        by=ruled("legal_review.prepare"),
        label="附材料",
        say="附送审材料《{title}》",
    )
    def attach(self, officer: Officer, title: str, data: bytes) -> Material:
        """One more paper."""
        kept: Material = Material.add(
            officer,
            self.decision,
            "legal_review",
            title.strip() or "送审材料",
            data,
            publicity=Publicity.CLOSED,
            publicity_reason="决策过程性信息（信息公开条例第十六条）",
            subject=about(self),
        )
        note(title=kept.title)
        return kept

    @step(
        ReviewStage.PREPARED,
        to=ReviewStage.SENT,
        by=ruled("decision.send_to_review"),
        needs="decision.send_to_review",
        label="",
        say="第{round}轮送审，草案第{draft}稿",
    )
    def send(self, officer: Officer) -> None:
        """What the deed of the case does with its papers: they are fixed, and the days begin."""
        self._send(officer)

    @step(
        ReviewStage.RETURNED,
        to=ReviewStage.SENT,
        by=ruled("decision.send_to_review"),
        needs="decision.send_to_review",
        label="补充后再送",
        say="补充后再送，草案第{draft}稿",
    )
    def resubmit(self, officer: Officer) -> None:
        """What was lacking is there; the days are counted anew."""
        self._send(officer)

    def _send(self, who: Officer) -> None:
        self.draft = drafts_of(self.decision)[-1]
        self.sender, self.sent_on, self.accepted_on = who, today(), None
        note(round=self.round, draft=self.draft.number)

    # the justice office

    @step(
        ReviewStage.SENT,
        to=ReviewStage.ACCEPTED,
        by=ruled("legal_review.accept"),
        label="受理",
        say="受理合法性审查，请{counsel}提出法律意见",
    )
    def accept(self, officer: Officer, counsel: Officer | None, due_on: date | None = None) -> None:
        """The papers are complete; counsel is asked."""
        self.accepted_on = today()
        self._ask(counsel, due_on)

    @act(ReviewStage.ACCEPTED, by=ruled("legal_review.accept"), label="改请法律顾问", say="改请{counsel}提出法律意见")
    def ask(self, officer: Officer, counsel: Officer | None, due_on: date | None = None) -> None:
        """Another counsel is asked."""
        self._ask(counsel, due_on)

    def _ask(self, counsel: Officer | None, due_on: date | None) -> None:
        if counsel is None or not counsel.active or not counsel.has(Post.COUNSEL):
            words = "请选一位法律顾问或者公职律师。"
            raise RuleUnmet(words, {"counsel": words}, article="条例第二十八条")
        if due_on is not None and due_on < today():
            raise RuleUnmet("提出意见的日期已经过了。", {"due_on": "提出意见的日期已经过了。"})
        self.counsel, self.counsel_due_on = counsel, due_on
        note(counsel=counsel.name, due_on=due_on)

    @step(
        ReviewStage.SENT,
        ReviewStage.ACCEPTED,
        to=ReviewStage.RETURNED,
        by=ruled("legal_review.accept"),
        label="退回补充",
        say="退回补充：{lacking}",
        primary=False,
    )
    def send_back(self, officer: Officer, lacking: str) -> None:
        """Something is lacking, said once and completely (条例第二十六条)."""
        words = as_received(lacking, field="lacking", most=1000, least=0).strip()
        if not words:
            told = "请一次写清楚缺什么，例如：缺专家论证意见；缺听证不召开的理由。"
            raise RuleUnmet(told, {"lacking": told}, article="条例第二十六条")
        self.returns.append(ReviewReturn(lacking=words, officer=officer, made_at=now()))
        note(lacking=words)

    @act(
        ReviewStage.ACCEPTED,
        by=ruled("legal_review.shorten"),
        label="缩短审查时间",
        say="同意缩短审查时间：{reason}",
    )
    def shorten(self, officer: Officer, reason: str) -> None:
        """The law says "usually": the reviewer alone may need less, and says why on the opinion (条例第二十六条)."""
        self.short_reason = as_received(reason, field="reason", most=300, least=0).strip()
        if not self.short_reason:
            words = "请写明为什么不需要这么长时间；理由会印在审查意见书上。"
            raise RuleUnmet(words, {"reason": words}, article="条例第二十六条")
        note(reason=self.short_reason)

    @act(
        ReviewStage.ACCEPTED,
        by=ruled("legal_review.lengthen"),
        label="延长审查时间",
        say="重大疑难，延长审查时间到{until}：{reason}",
    )
    def lengthen(self, officer: Officer, reason: str) -> None:
        """A hard case may take longer than was promised, never longer than the rules allow; who asked sees why and until when."""
        promised, latest = self.reply, self.latest_on
        if promised is None or latest is None or self.due_on == latest:
            raise OutOfTurn("这一件不用再延长：没有约定更短的答复期限，或者已经到了最长的期限。")
        words = as_received(reason, field="reason", most=300, least=0).strip()
        if not words:
            told = f"请写明疑难在哪里；{promised.words}内出具不了的，最迟{latest.month}月{latest.day}日。"
            raise RuleUnmet(told, {"reason": told}, article=promised.article)
        self.long_reason = words
        note(reason=words, until=latest)

    @act(
        ReviewStage.ACCEPTED,
        by=(ruled("legal_review.advise"), asked_counsel),
        label="提出法律意见",
        say="{role}提出法律意见",
    )
    def advise(
        self, officer: Officer, role: Counselling, findings: dict[str, bool | None], text: str, data: bytes = b""
    ) -> None:
        """Counsel's opinion on the three aspects; a later one stands beside the first."""
        wrong = {name: f"请选{word}有没有问题。" for name, word, _ in ASPECTS if findings.get(name) is None}
        text = as_received(text, field="text", most=5000, least=0).strip()
        if not text:
            wrong["text"] = "请写法律意见。"
        if wrong:
            raise RuleUnmet("法律意见还不完整。", wrong, article="条例第二十八条")
        paper = self._signed(officer, data) if data else None
        self.counselled.append(
            CounselOpinion(
                role=role,
                **{f"{name}_ok": findings[name] for name, _, _ in ASPECTS},
                text=text,
                material=paper,
                officer=officer,
                made_at=now(),
            )
        )
        note(role=role.label, said=commitment(text))

    def _signed(self, who: Officer, data: bytes) -> Material:
        kept: Material = Material.add(
            who,
            self.decision,
            "legal_review",
            f"法律意见（{who.name}）",
            data,
            publicity=Publicity.CLOSED,
            publicity_reason="决策过程性信息（信息公开条例第十六条）",
            subject=about(self),
        )
        db.session.flush()
        return kept

    @step(
        ReviewStage.ACCEPTED,
        to=ReviewStage.CONCLUDED,
        by=ruled("legal_review.conclude"),
        needs="legal_review.conclude",
        label="出具审查意见",
        say="出具{number}合法性审查意见：{result}",
    )
    def conclude(
        self,
        officer: Officer,
        result: Result,
        findings: dict[str, tuple[bool | None, str]],
        opinion: str,
        reform: str = "",
    ) -> None:
        """Authority, procedure and content each with its finding, then what follows (条例第二十七条)."""
        wrong: dict[str, str] = {}
        for name, word, _ in ASPECTS:
            ok, words = findings.get(name, (None, ""))
            words = as_received(words, field=name, most=3000, least=0).strip()
            if ok is None:
                wrong[f"{name}_ok"] = f"请选{word}是否合法。"
            elif not ok and not words:
                wrong[name] = f"{word}有问题的，请写明是什么问题、依据哪一条。"
            setattr(self, f"{name}_ok", ok)
            setattr(self, name, words)
        sound = all(getattr(self, f"{name}_ok") for name, _, _ in ASPECTS)
        if result == Result.LAWFUL and not sound and not wrong:
            wrong["result"] = "三个方面都合法，结论才能是合法。"
        if result != Result.LAWFUL and sound and result != Result.EXPLICIT_RISK:
            wrong["result"] = "三个方面都合法，结论不能是需修改或者不合法；请写明是哪个方面有问题。"
        self.reform = as_received(reform, field="reform", most=2000, least=0).strip()
        if result == Result.EXPLICIT_RISK and not self.reform:
            wrong["reform"] = "只有国家尚无明确规定的探索性改革，才能明示法律风险；请写明是什么改革、有什么法律风险。"
        self.opinion = as_received(opinion, field="opinion", most=5000, least=0).strip()
        if not self.opinion:
            wrong["opinion"] = "请写审查意见。"
        if wrong:
            article = "条例第二十五条" if "reform" in wrong else "条例第二十七条"
            raise RuleUnmet("审查意见还不完整。", wrong, article=article)
        if result != Result.EXPLICIT_RISK:
            self.reform = ""
        year = today().year
        self.number = document_number(Installation.here().office_short, "合审", year, Numbering.next("合审", year))
        self.result, self.reviewer, self.concluded_on = result, officer, today()
        note(number=self.number, result=result.label, said=commitment(self.words))


class ReviewReturn(Base):
    """What was lacking when the papers were sent back. Written once."""

    __tablename__ = "review_return"

    review_id: Mapped[int] = mapped_column(ForeignKey("legal_review.id"), index=True)
    lacking: Mapped[str] = mapped_column(Text)
    officer_id: Mapped[int] = mapped_column(ForeignKey("officer.id"))
    made_at: Mapped[datetime]

    officer: Mapped[Officer] = relationship(lazy="joined")


class CounselOpinion(Base):
    """What counsel said, and as whom. Written once."""

    __tablename__ = "counsel_opinion"

    review_id: Mapped[int] = mapped_column(ForeignKey("legal_review.id"), index=True)
    role: Mapped[Counselling] = mapped_column(choice(Counselling))
    authority_ok: Mapped[bool]
    procedure_ok: Mapped[bool]
    content_ok: Mapped[bool]
    text: Mapped[str] = mapped_column(Text)
    material_id: Mapped[int | None] = mapped_column(ForeignKey("material.id"))
    officer_id: Mapped[int] = mapped_column(ForeignKey("officer.id"))
    made_at: Mapped[datetime]

    material: Mapped[Material | None] = relationship()
    officer: Mapped[Officer] = relationship(lazy="joined")


def statement(decision: Decision) -> str:
    """The statement of the procedure as the records tell it, for the handler to complete (条例第二十六条)."""
    told: list[str] = []
    for stop in road(decision):
        if stop.station.key == "legal_review":
            break
        standing = stop.standing
        day = f"{standing.since.year}年{standing.since.month}月{standing.since.day}日，" if standing.since else ""
        says = standing.says.rstrip("。")
        told.append(f"{len(told) + 1}. {stop.station.name}（{stop.station.article}）：{day}{says}。")
    return "\n".join(told)


def untold(decision: Decision, told: str) -> list[str]:
    """What the records say by now and a statement that was kept earlier does not: a line for each station."""
    return [line for line in statement(decision).splitlines() if line.partition(". ")[2] not in told]


def by_public_id(public_id: str) -> LegalReview | None:
    """One round by its address."""
    return db.session.scalar(select(LegalReview).where(LegalReview.public_id == public_id))


def reviews_of(decision: Decision) -> Sequence[LegalReview]:
    """Every round of a case, oldest first."""
    return db.session.scalars(
        select(LegalReview).where(LegalReview.decision_id == decision.id).order_by(LegalReview.round)
    ).all()


def review_of(decision: Decision) -> LegalReview | None:
    """The last round."""
    return db.session.scalar(
        select(LegalReview).where(LegalReview.decision_id == decision.id).order_by(LegalReview.round.desc()).limit(1)
    )


def to_be_sent(decision: Decision) -> bool:
    """Whether the next thing is to send it: never sent, or the last opinion asks for something else."""
    last = review_of(decision)
    if last is None or last.stage == ReviewStage.PREPARED:
        return True
    return last.stage == ReviewStage.CONCLUDED and not passed(decision)


def passed(decision: Decision) -> LegalReview | None:
    """The opinion that opens the way to deliberation: lawful, or with its legal risk said openly; for the draft as it is now.

    A draft written after the opinion has not been examined (条例第二十五条); once it is decided, the opinion stands.
    """
    last = review_of(decision)
    if last is None or last.stage != ReviewStage.CONCLUDED or last.result not in (Result.LAWFUL, Result.EXPLICIT_RISK):
        return None
    if not decision.going_on:
        return last
    found = drafts_of(decision)
    return last if found and last.draft_id == found[-1].id else None


def waiting_reviews(officer: Officer) -> list[LegalReview]:
    """What waits for the justice office, or for this counsel, or for the handler who has to complete it; oldest first."""
    query = select(LegalReview).where(LegalReview.stage.not_in([ReviewStage.CONCLUDED, ReviewStage.PREPARED]))
    return [
        one for one in db.session.scalars(query.order_by(LegalReview.sent_on, LegalReview.id)) if turn_of(one, officer)
    ]


def turn_of(review: LegalReview, officer: Officer) -> str:
    """What this officer has to do with it now: accept, advise, conclude, complete; empty when it is not their turn."""
    if review.stage == ReviewStage.RETURNED:
        return "complete" if officer.id in (review.sender_id, review.decision.handler_id) else ""
    if review.stage == ReviewStage.SENT and officer.has(*review.rules.post_for("legal_review.accept")):
        return "accept"
    if review.stage != ReviewStage.ACCEPTED:
        return ""
    if review.counsel_id == officer.id and not any(c.officer_id == officer.id for c in review.counselled):
        return "advise"
    if officer.has(*review.rules.post_for("legal_review.conclude")):
        return "conclude"
    return ""


def seen_by(officer: Officer, limit: int = 100) -> Sequence[LegalReview]:
    """The rounds that an officer may look through, newest first: counsel sees those that they were asked about."""
    query: Any = select(LegalReview).where(LegalReview.stage != ReviewStage.PREPARED)
    if not officer.has(Post.JUSTICE, Post.LEADER, Post.CHIEF, Post.INSPECTOR):
        query = query.where(LegalReview.counsel_id == officer.id)
    found: Sequence[LegalReview] = db.session.scalars(query.order_by(LegalReview.id.desc()).limit(limit)).all()
    return found


@station("legal_review")
def _reviewed(decision: Decision) -> Standing | None:
    """Sent, accepted, concluded; what the law asks, what is lacking, by when."""
    last = review_of(decision)
    if last is None or last.stage == ReviewStage.PREPARED:
        if decision.kind is not None and decision.kind not in REVIEWED and last is None:
            return None
        normative = decision.kind == Kind.NORMATIVE
        least = decision.rules.number("normative.review_workdays_least" if normative else "legal_review.workdays")
        plan = f"送审后至少{least.words}"
        return Standing(Going.WAIT, decision.handler.name, says="还没有送合法性审查。", plan=plan)
    assert last.sent_on is not None
    if last.stage == ReviewStage.RETURNED:
        return Standing(Going.NOW, last.sender.name, says=f"退回补充：{last.returns[-1].lacking}")
    if last.stage == ReviewStage.SENT:
        return Standing(Going.NOW, "司法所", last.sent_on, last.due_on, "已送审，等司法所受理。")
    if last.stage == ReviewStage.ACCEPTED:
        heard = f"{last.counselled[-1].officer.name}已提出法律意见" if last.counselled else "等法律意见"
        earliest = last.earliest_on
        says = f"审查中，{heard}；最早{earliest.month}月{earliest.day}日出具。" if earliest else f"审查中，{heard}。"
        return Standing(Going.NOW, "司法所", last.sent_on, last.due_on, says)
    assert last.result is not None
    assert last.reviewer is not None
    if passed(decision):
        return Standing(Going.DONE, last.reviewer.name, last.concluded_on, says=f"{last.result.label}，{last.number}")
    if last.result in (Result.LAWFUL, Result.EXPLICIT_RISK):
        return Standing(Going.NOW, decision.handler.name, says="审查以后草案又改了，新的一稿要再送审。")
    says = f"{last.number}：{last.result.label}，改好以后再送。"
    return Standing(Going.NOW, decision.handler.name, last.concluded_on, says=says)


@predicate
def participation_done(subject: Any, actor: object) -> str | None:
    """Every public consultation is over and every point answered; the other ways that were begun are finished."""
    for key in ("consultation", "answers", "participation"):
        standing = standing_of(subject.decision, key)
        if standing is not None and standing.going not in (Going.DONE, Going.EXCUSED):
            return standing.says
    return None


@predicate
def hearing_held_or_excused(subject: Any, actor: object) -> str | None:
    """A hearing was held, or somebody in charge said why not."""
    return lacking(subject.decision, "hearing")


@predicate
def poll_taken_or_excused(subject: Any, actor: object) -> str | None:
    """In the five fields of livelihood the people were polled, or somebody in charge said why not."""
    return lacking(subject.decision, "poll") if subject.decision.livelihood is not None else None


@predicate
def review_papers_complete(subject: Any, actor: object) -> str | None:
    """The draft, what it rests on, and the statement that the procedure was followed; after "amend" a draft that was amended."""
    decision: Decision = subject.decision
    if passed(decision):
        return None
    rounds = reviews_of(decision)
    now_ = rounds[-1] if rounds and rounds[-1].stage != ReviewStage.CONCLUDED else None
    drafts = drafts_of(decision)
    lack = [
        words
        for words, there in (
            ("草案", drafts),
            ("依据", now_ is not None and now_.basis),
            ("履行程序的说明", now_ is not None and now_.procedures),
        )
        if not there
    ]
    if lack:
        return f"现在还缺：{'、'.join(lack)}。"
    before = next((one for one in reversed(rounds) if one.stage == ReviewStage.CONCLUDED), None)
    if before is not None and before.result == Result.AMEND and before.draft_id == drafts[-1].id:
        return f"{before.number}要求修改，草案还没有改，请先写出新的一稿。"
    return None


@predicate
def review_time_given(subject: LegalReview, actor: object) -> str | None:
    """The review had the working days that it is given, or the reviewer said why fewer were enough."""
    return None if subject.decision.kind == Kind.NORMATIVE else _too_early(subject)


@predicate
def normative_review_time_given(subject: LegalReview, actor: object) -> str | None:
    """The same for a normative document."""
    return _too_early(subject) if subject.decision.kind == Kind.NORMATIVE else None


def _too_early(review: LegalReview) -> str | None:
    earliest = review.earliest_on
    if earliest is None:
        return ""
    if today() >= earliest or review.short_reason:
        return None
    mark = "（放假安排未公布，暂定）" if review.provisional else ""
    return f"最早{earliest.year}年{earliest.month}月{earliest.day}日{mark}；确实不需要这么长的，请先写明缩短的理由。"


@predicate
def counsel_heard(subject: LegalReview, actor: Any) -> str | None:
    """Counsel spoke since the papers came complete, and counsel is not who concludes."""
    sent = subject.sent_on
    said = [
        one
        for one in subject.counselled
        if one.officer_id != getattr(actor, "id", None) and (sent is None or local(one.made_at).date() >= sent)
    ]
    return None if said else ""


@predicate
def reviewer_is_not_sender(subject: LegalReview, actor: Any) -> str | None:
    """Who sent it, or handles the case, does not examine it."""
    return "" if getattr(actor, "id", None) in (subject.sender_id, subject.decision.handler_id) else None
