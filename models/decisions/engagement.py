"""An expert is asked about a case by letter, declares to be independent, gives an opinion that stays for good, and is answered."""

import enum
from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Self

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, Integer, String, Text, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.decisions.decision import Decision, OfCaseKind
from models.decisions.expert import Expert
from models.decisions.material import Material, Publicity, about
from models.decisions.matter import Procedure
from models.decisions.road import Going, Standing, by_need, lacking, station
from models.kernel.base import Base, PublicId, choice, db
from models.kernel.clock import local, now, today
from models.kernel.installation import Installation
from models.kernel.lifecycle import act, birth, predicate, ruled, step
from models.kernel.numbering import Numbering, document_number
from models.kernel.refusal import OutOfTurn, RuleUnmet
from models.kernel.trail import commitment, note
from models.people.officer import Officer
from models.texts.received import as_received

NEUTRAL = "条例第二十条"
KEPT_BACK = "专家论证的过程性材料（信息公开条例第十六条）；意见是否公开另行登记"


class Way(enum.StrEnum):
    """How experts are asked (条例第十九条、第二十条)."""

    MEETING = "meeting"
    WRITTEN = "written"
    COMMISSION = "commission"

    @property
    def label(self) -> str:
        """The Chinese word."""
        return {"meeting": "论证会", "written": "书面咨询", "commission": "委托咨询论证"}[self.value]


class EngagementStage(enum.StrEnum):
    """How far one expert has come with one case."""

    INVITED = "invited"
    DECLARED = "declared"
    HEARD = "heard"
    RECUSED = "recused"
    REVOKED = "revoked"

    @property
    def label(self) -> str:
        """The Chinese word."""
        return {
            "invited": "已发函，等声明",
            "declared": "已声明，等意见",
            "heard": "已提出意见",
            "recused": "回避",
            "revoked": "已撤回聘请",
        }[self.value]


class View(enum.StrEnum):
    """What the expert thinks of the draft."""

    AGREE = "agree"
    CHANGES = "changes"
    DISAGREE = "disagree"

    @property
    def label(self) -> str:
        """The Chinese word."""
        return {"agree": "同意", "changes": "修改后同意", "disagree": "不同意"}[self.value]


class Taken(enum.StrEnum):
    """What became of an expert's opinion."""

    ADOPTED = "adopted"
    PARTLY = "partly_adopted"
    NOT = "not_adopted"

    @property
    def label(self) -> str:
        """The Chinese word."""
        return {"adopted": "采纳", "partly_adopted": "部分采纳", "not_adopted": "未采纳"}[self.value]


class Engagement(OfCaseKind, PublicId, Base):
    """One letter to one expert about one case."""

    __tablename__ = "engagement"
    __table_args__ = (
        Index("ix_engagement_decision", "decision_id", "id"),
        CheckConstraint("stage NOT IN ('declared', 'heard') OR declared_on IS NOT NULL", name="declared_first"),
        CheckConstraint("stage NOT IN ('recused', 'revoked') OR reason <> ''", name="ended_with_a_reason"),
    )

    decision_id: Mapped[int] = mapped_column(ForeignKey("decision.id"))
    expert_id: Mapped[int] = mapped_column(ForeignKey("expert.id"), index=True)
    as_named: Mapped[str] = mapped_column(String(200))
    """Name, unit and title as they were when the letter was written."""
    knows: Mapped[str] = mapped_column(String(120))
    way: Mapped[Way] = mapped_column(choice(Way))
    stage: Mapped[EngagementStage] = mapped_column(choice(EngagementStage), default=EngagementStage.INVITED)
    number: Mapped[str] = mapped_column(String(40), unique=True)
    task: Mapped[str] = mapped_column(String(500))
    """What the expert is asked to look at."""
    no_interest: Mapped[str] = mapped_column(String(300), default="")
    """Why the interests that the pool knows of do not concern this case."""
    engaged_on: Mapped[date] = mapped_column(Date)
    due_on: Mapped[date | None] = mapped_column(Date)
    declared_on: Mapped[date | None] = mapped_column(Date)
    reason: Mapped[str] = mapped_column(String(300), default="")
    """Why the expert stands back, or the letter was taken back."""
    published: Mapped[bool] = mapped_column(default=False)
    """Whether the opinion is shown with the decision."""
    officer_id: Mapped[int] = mapped_column(ForeignKey("officer.id"))
    version: Mapped[int] = mapped_column(Integer)

    decision: Mapped[Decision] = relationship()
    expert: Mapped[Expert] = relationship(lazy="joined")
    officer: Mapped[Officer] = relationship()
    opinions: Mapped[list["ExpertOpinion"]] = relationship(order_by="ExpertOpinion.id", lazy="selectin")
    answers: Mapped[list["ExpertAnswer"]] = relationship(order_by="ExpertAnswer.id", lazy="selectin")

    __mapper_args__ = {"version_id_col": version}

    @property
    def opinion(self) -> "ExpertOpinion | None":
        """The opinion that counts now: the last one; the earlier ones stay beside it."""
        return self.opinions[-1] if self.opinions else None

    @property
    def answer(self) -> "ExpertAnswer | None":
        """What the office says to the opinion that counts now."""
        last = self.answers[-1] if self.answers else None
        return last if last is not None and last.opinion is self.opinion else None

    @property
    def dissents(self) -> bool:
        """Whether the expert is, or ever was, against it."""
        return any(one.view == View.DISAGREE for one in self.opinions)

    @classmethod
    @birth(by=ruled("expert.engage"), say="以{number}聘请专家，{way}")
    def engage(
        cls,
        officer: Officer,
        decision: Decision,
        expert: Expert | None,
        way: Way,
        task: str,
        due_on: date | None = None,
        no_interest: str = "",
    ) -> Self:
        """A numbered letter to somebody of the pool who serves, and whom nothing known binds to the matter (条例第二十条)."""
        if not decision.going_on:
            raise OutOfTurn("这一件已经决定或者不再办理，不能再聘请专家。")
        wrong: dict[str, str] = {}
        if expert is None:
            raise RuleUnmet("请选一位专家。", {"expert": "请选一位专家。"})
        if not expert.serves():
            wrong["expert"] = f"{expert.name}不在聘期内，请先在专家库续聘。"
        elif _own_unit(decision, expert):
            wrong["expert"] = f"{expert.name}是承办单位自己的人，不得选为这件事的专家（{NEUTRAL}）。"
        elif any(e.stage != EngagementStage.REVOKED for e in engagements_of(decision) if e.expert_id == expert.id):
            wrong["expert"] = f"已经为这件事聘请过{expert.name}。"
        no_interest = as_received(no_interest, field="no_interest", most=300, least=0).strip()
        if expert.interests and not no_interest:
            wrong["no_interest"] = (
                f"专家库登记了利害关系：{expert.interests}。请写明为什么与这件事无关；有关的，不得选（{NEUTRAL}）。"
            )
        task = as_received(task, field="task", most=500, least=0).strip()
        if not task:
            wrong["task"] = "请写明请专家论证什么，例如：技术上是否可行、费用是否合理。"
        if due_on is not None and due_on < today():
            wrong["due_on"] = "提出意见的日期已经过了。"
        if wrong:
            raise RuleUnmet(
                "还不能发聘请函。", wrong, article=NEUTRAL if "expert" in wrong or "no_interest" in wrong else ""
            )
        day = today()
        made = cls(
            decision=decision,
            expert=expert,
            as_named=expert.as_named,
            knows=expert.fields,
            way=way,
            task=task,
            no_interest=no_interest,
            number=document_number(Installation.here().office_short, "聘", day.year, Numbering.next("聘", day.year)),
            engaged_on=day,
            due_on=due_on,
            officer=officer,
        )
        db.session.add(made)
        db.session.flush()
        note(number=made.number, way=way.label)
        return made

    @step(
        EngagementStage.INVITED,
        to=EngagementStage.DECLARED,
        by=ruled("expert.declare"),
        needs="expert.declare",
        label="登记声明：无利害关系",
        say="专家声明与决策事项没有直接利害关系",
    )
    def declare(self, officer: Officer, data: bytes) -> None:
        """The expert signed that nothing binds them to the matter; the paper is kept."""
        self.declared_on = today()
        self._keep(officer, "利害关系声明", data)

    @step(
        EngagementStage.INVITED,
        EngagementStage.DECLARED,
        to=EngagementStage.RECUSED,
        by=ruled("expert.declare"),
        needs="expert.recuse",
        label="登记回避",
        say="专家回避：{reason}",
        primary=False,
    )
    def recuse(self, officer: Officer, reason: str) -> None:
        """Something binds the expert to the matter: no opinion is asked any more (条例第二十条)."""
        self._end(reason, "请写明有什么利害关系，例如：参与了这个项目的设计投标。")

    @step(
        EngagementStage.HEARD,
        to=EngagementStage.RECUSED,
        by=ruled("expert.discount"),
        needs="expert.discount",
        label="意见不计",
        say="意见不计，但保留：{reason}",
        primary=False,
    )
    def discount(self, officer: Officer, reason: str) -> None:
        """An interest came to light after the opinion: it no longer counts, and stays to be read."""
        self._end(reason, "请写明后来发现了什么利害关系；意见仍然保留、照样显示，只是不计入人数。")

    @step(
        EngagementStage.INVITED,
        EngagementStage.DECLARED,
        to=EngagementStage.REVOKED,
        by=ruled("expert.engage"),
        needs="expert.revoke",
        label="撤回聘请",
        say="撤回聘请：{reason}",
        primary=False,
    )
    def revoke(self, officer: Officer, reason: str) -> None:
        """The letter is taken back before there is an opinion; after it, never."""
        self._end(reason, "请写明撤回的原因，例如：专家出差，期限内不能提出意见。")

    @step(
        EngagementStage.INVITED,
        EngagementStage.DECLARED,
        EngagementStage.HEARD,
        to=EngagementStage.HEARD,
        by=ruled("expert.hear"),
        needs="expert.hear",
        label="登记意见",
        say="专家提出意见：{view}",
    )
    def hear(self, officer: Officer, view: View, text: str, data: bytes) -> None:
        """A signed opinion. A later one stands beside the first, which is never changed (条例第二十条、第二十一条)."""
        text = as_received(text, field="text", most=5000, least=0).strip()
        if not text:
            raise RuleUnmet("请把专家意见的内容录进来。", {"text": "请把专家意见的内容录进来，照原文，不要改写。"})
        paper = self._keep(officer, f"专家意见（{self.expert.name}）", data)
        self.opinions.append(ExpertOpinion(view=view, text=text, material=paper, officer=officer, made_at=now()))
        self.published = False
        note(view=view.label, said=commitment(text))

    @act(
        EngagementStage.HEARD,
        EngagementStage.RECUSED,
        by=ruled("expert.answer"),
        needs="expert.reply",
        label="答复意见",
        say="对专家意见：{taken}",
    )
    def reply(self, officer: Officer, taken: Taken, reason: str) -> None:
        """Adopted or not, and why: the meeting pack needs it (条例第二十九条第三项)."""
        if self.opinion is None:
            raise OutOfTurn("这位专家还没有提出意见。")
        reason = as_received(reason, field="reason", most=1000, least=0).strip()
        if not reason:
            words = "请写明怎么采纳的，或者为什么不采纳；会印在上会材料里。"
            raise RuleUnmet(words, {"reason": words}, article="条例第二十九条")
        self.answers.append(
            ExpertAnswer(opinion=self.opinion, taken=taken, reason=reason, officer=officer, made_at=now())
        )
        note(taken=taken.label, said=commitment(reason))

    @act(EngagementStage.HEARD, by=ruled("expert.publish"), label="公开意见", say="公开专家意见")
    def publish(self, officer: Officer) -> None:
        """The opinion and what became of it are shown with the decision."""
        self.published = True

    @act(EngagementStage.HEARD, by=ruled("expert.publish"), label="不公开意见", say="不公开专家意见：{reason}")
    def withhold(self, officer: Officer, reason: str) -> None:
        """The opinion is shown to the office alone, and why."""
        reason = as_received(reason, field="reason", most=300, least=0).strip()
        if not reason:
            raise RuleUnmet("请写明不公开的理由。", {"reason": "请写明不公开的理由。"})
        self.published = False
        note(reason=reason)

    def _end(self, reason: str, words: str) -> None:
        self.reason = as_received(reason, field="reason", most=300, least=0).strip()
        if not self.reason:
            raise RuleUnmet(words, {"reason": words}, article=NEUTRAL)
        note(reason=self.reason)

    def _keep(self, who: Officer, title: str, data: bytes) -> Material:
        if not data:
            words = "请交署名、盖章的扫描件。"
            raise RuleUnmet(words, {"file": words}, article="条例第二十条")
        kept: Material = Material.add(
            who,
            self.decision,
            "expert",
            f"{title}，{self.number}",
            data,
            publicity=Publicity.CLOSED,
            publicity_reason=KEPT_BACK,
            subject=about(self),
        )
        db.session.flush()
        return kept


class ExpertOpinion(Base):
    """What an expert said, letter for letter, with the signed paper. Written once."""

    __tablename__ = "expert_opinion"

    engagement_id: Mapped[int] = mapped_column(ForeignKey("engagement.id"), index=True)
    view: Mapped[View] = mapped_column(choice(View))
    text: Mapped[str] = mapped_column(Text)
    material_id: Mapped[int] = mapped_column(ForeignKey("material.id"))
    officer_id: Mapped[int] = mapped_column(ForeignKey("officer.id"))
    made_at: Mapped[datetime]

    material: Mapped[Material] = relationship(lazy="joined")
    officer: Mapped[Officer] = relationship()

    @property
    def made_on(self) -> date:
        """The day in Beijing."""
        return local(self.made_at).date()


class ExpertAnswer(Base):
    """What the office did with one opinion, and why. Written once; the newest counts."""

    __tablename__ = "expert_answer"
    __table_args__ = (CheckConstraint("reason <> ''", name="with_a_reason"),)

    engagement_id: Mapped[int] = mapped_column(ForeignKey("engagement.id"), index=True)
    opinion_id: Mapped[int] = mapped_column(ForeignKey("expert_opinion.id"))
    taken: Mapped[Taken] = mapped_column(choice(Taken))
    reason: Mapped[str] = mapped_column(Text)
    officer_id: Mapped[int] = mapped_column(ForeignKey("officer.id"))
    made_at: Mapped[datetime]

    opinion: Mapped[ExpertOpinion] = relationship()
    officer: Mapped[Officer] = relationship(lazy="joined")


def _own_unit(decision: Decision, expert: Expert) -> bool:
    """Whether the expert works in a unit that handles the case; 青禾街道经济发展办 is the unit 经济发展办 too."""
    own = {decision.unit.name} if decision.unit else set()
    own |= {one.strip() for one in decision.partners.replace("，", "、").replace(",", "、").split("、") if one.strip()}
    employer = "".join(expert.employer.split())
    return any(employer.endswith(name) for name in own)


def by_public_id(public_id: str) -> Engagement | None:
    """One engagement by its address."""
    return db.session.scalar(select(Engagement).where(Engagement.public_id == public_id))


def engagements_of(decision: Decision) -> Sequence[Engagement]:
    """The letters of a case, oldest first; none is ever left out."""
    return db.session.scalars(
        select(Engagement).where(Engagement.decision_id == decision.id).order_by(Engagement.id)
    ).all()


def engagements_with(expert: Expert) -> Sequence[Engagement]:
    """What an expert was asked about, newest first."""
    return db.session.scalars(
        select(Engagement).where(Engagement.expert_id == expert.id).order_by(Engagement.id.desc())
    ).all()


def opinions_of(decision: Decision) -> list[Engagement]:
    """For the meeting pack: every expert with an opinion, those against it first, each with the office's answer."""
    found = [e for e in engagements_of(decision) if e.opinion is not None]
    return sorted(found, key=lambda e: not e.dissents)


def published_opinions(decision: Decision) -> list[Engagement]:
    """What is shown with the decision: opinions whose switch is on."""
    return [e for e in opinions_of(decision) if e.published and e.stage == EngagementStage.HEARD]


@station("expert")
def _experts(decision: Decision) -> Standing | None:
    """Enough independent experts heard, each answered, nobody who was asked left out."""
    standing = by_need(decision, Procedure.EXPERT)
    letters = engagements_of(decision)
    if standing is None or standing.going == Going.EXCUSED or (standing.going == Going.WAIT and not letters):
        return standing
    heard = [e for e in letters if e.stage == EngagementStage.HEARD]
    waiting = [e for e in letters if e.stage in (EngagementStage.INVITED, EngagementStage.DECLARED)]
    unanswered = [e for e in heard if e.answer is None]
    least = decision.rules.number("expert.persons").value
    who = standing.who or (letters[-1].officer.name if letters else "")
    due = min((e.due_on for e in waiting if e.due_on), default=standing.due_on)
    lack = []
    if len(heard) < least:
        lack.append(f"提出意见的独立专家{len(heard)}位，要{least}位以上")
    if waiting:
        lack.append(f"还有{len(waiting)}位专家没有提出意见")
    if unanswered:
        lack.append(f"{len(unanswered)}份专家意见还没有答复")
    if lack:
        return Standing(Going.NOW, who, due_on=due, says="，".join(lack) + "。")
    views = Counter(e.opinion.view for e in heard if e.opinion)
    says = f"{len(heard)}位专家，" + "，".join(f"{v.label}{views[v]}" for v in View if views[v])
    return Standing(Going.DONE, who, max(e.opinion.made_on for e in heard if e.opinion), says=says)


@predicate
def experts_heard_or_excused(subject: Any, actor: object) -> str | None:
    """Independent experts were heard, or somebody in charge said why not."""
    return lacking(subject.decision, "expert")


@predicate
def independence_declared(subject: Engagement, actor: object) -> str | None:
    """The expert signed that nothing binds them to the matter."""
    return None if subject.declared_on is not None else ""
