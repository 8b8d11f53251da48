"""Publishing a decision: its words, its number, the day it begins to hold, within the days that the law allows."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Self

from sqlalchemy import JSON, CheckConstraint, Date, ForeignKey, String, Text, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.decisions.decision import CaseStage, Decision, Kind
from models.decisions.draft import Clause, Draft
from models.decisions.matter import Procedure
from models.decisions.normative import Normative, trial
from models.decisions.resolution import Resolution
from models.decisions.road import Going, Standing, by_need, lacking, station
from models.decisions.secrecy import Openness, confirmed
from models.kernel.base import Base, PublicId, db
from models.kernel.clock import now, today
from models.kernel.installation import Installation
from models.kernel.lifecycle import predicate, ruled, step
from models.kernel.numbering import Numbering, document_number
from models.kernel.refusal import RuleUnmet
from models.kernel.rules import Number
from models.kernel.trail import note
from models.kernel.workdays import provisional_between
from models.people.officer import Officer
from models.texts.received import as_received
from models.texts.titles import finished, unfinished


class Publication(PublicId, Base):
    """What was published of a decision. Insert-only."""

    __tablename__ = "publication"
    __table_args__ = (
        CheckConstraint("effective_on >= published_on", name="in_force_only_once_published"),
        CheckConstraint("valid_until IS NULL OR valid_until > effective_on", name="valid_in_order"),
    )

    decision_id: Mapped[int] = mapped_column(ForeignKey("decision.id"), unique=True)
    resolution_id: Mapped[int] = mapped_column(ForeignKey("resolution.id"), unique=True)
    number: Mapped[str] = mapped_column(String(40), unique=True)
    title: Mapped[str] = mapped_column(String(300), default="")
    """The title it went out under, where the decided text still called itself a draft; otherwise empty."""
    open: Mapped[bool]
    """False where the secrecy check let nothing out: numbered and issued, but on no public page."""
    withheld: Mapped[list[Any]] = mapped_column(JSON, default=list)
    """Public ids of the clauses that are not shown."""
    basis: Mapped[str] = mapped_column(Text)
    explanation: Mapped[str] = mapped_column(Text)
    published_on: Mapped[date] = mapped_column(Date)
    due_on: Mapped[date] = mapped_column(Date)
    effective_on: Mapped[date] = mapped_column(Date)
    valid_until: Mapped[date | None] = mapped_column(Date)
    """The last day of a normative document, unless an evaluation prolongs it."""
    officer_id: Mapped[int] = mapped_column(ForeignKey("officer.id"))
    made_at: Mapped[datetime]

    decision: Mapped[Decision] = relationship()
    resolution: Mapped[Resolution] = relationship()
    officer: Mapped[Officer] = relationship()

    @property
    def draft(self) -> Draft:
        """The decided words."""
        return self.resolution.draft

    @property
    def texts(self) -> list[tuple[Clause, str]]:
        """Every clause as it went out: the decided words, in the title without the words that say it is a draft."""
        return published_texts(self.draft) if self.title else [(c, c.text) for c in self.draft.clauses]

    @property
    def name(self) -> str:
        """What the decision is called before everybody."""
        return finished(self.decision.title).strip()

    @property
    def late(self) -> bool:
        """Published after the last day."""
        return self.published_on > self.due_on

    @classmethod
    def of(cls, decision: Decision) -> Self | None:
        """What was published of this case."""
        return db.session.scalar(select(cls).where(cls.decision_id == decision.id))


def title_of(draft: Draft) -> str:
    """What a text calls itself, on one line; empty where it has no title."""
    return "".join(line.strip() for c in draft.clauses if c.kind == "title" for line in c.text.splitlines())


def mended_title(draft: Draft) -> str:
    """The title without 征求意见稿, 草案, 送审稿; empty where there is nothing to mend."""
    return finished(title_of(draft)).strip() if unfinished(title_of(draft)) else ""


def published_texts(draft: Draft) -> list[tuple[Clause, str]]:
    """The clauses with a mended title."""
    return [(c, finished(c.text) if c.kind == "title" else c.text) for c in draft.clauses]


def publish_by(decision: Decision) -> date | None:
    """The last day for publishing: counted from the day of deciding, which itself is not counted."""
    if decision.decided_on is None:
        return None
    return decision.rules.number("decision.publish_workdays").after(decision.decided_on)


@step(
    CaseStage.DECIDED,
    to=CaseStage.PUBLISHED,
    by=ruled("decision.publish"),
    needs="decision.publish",
    label="公布",
    say="以{number}{how}，{effective_on}起施行",
    wants=("index",),
    of=Decision,
)
def publish(
    decision: Decision,
    officer: Officer,
    *,
    basis: str,
    explanation: str,
    effective_on: date | None = None,
    number: str = "",
    title: str = "",
) -> Publication:
    """The decided words go out under a number; nothing holds before it is published.

    A text that still calls itself a draft goes out under `title`, which is its own without those words (mended_title).
    """
    decided, checked, due_on = Resolution.of(decision), confirmed(decision), publish_by(decision)
    assert decided is not None
    assert checked is not None
    assert due_on is not None
    day, wrong = today(), dict[str, str]()
    basis = as_received(basis or "", field="basis", most=2000, least=0).strip()
    explanation = as_received(explanation or "", field="explanation", most=6000, least=0).strip()
    number = as_received(number or "", field="number", most=40, least=0).strip()
    if not basis:
        wrong["basis"] = "请写明作决定的依据。"
    if not explanation:
        wrong["explanation"] = "请写明说明：为什么作这个决定，主要内容是什么。"
    effective_on = effective_on or day
    if effective_on < day:
        wrong["effective_on"] = "施行日期不能早于今天：没有公布的，不得施行。"
    mended, title = mended_title(decided.draft), as_received(title or "", field="title", most=300, least=0).strip()
    if mended and title != mended:
        mark = unfinished(title_of(decided.draft))
        wrong["title"] = f"文本的标题还写着“{mark}”，不能就这样公布。标题请改成“{mended}”，别的字一个也不变。"
    elif not mended and title not in ("", title_of(decided.draft)):
        wrong["title"] = "公布的标题要和决定的文本一样，不能在公布时另写。"
    if number and db.session.scalar(select(Publication.id).where(Publication.number == number)):
        wrong["number"] = "这个文号已经用过了。"
    if wrong:
        raise RuleUnmet("还不能公布。", wrong, article="条例第三十二条" if "title" in wrong else "")
    normative = Normative.of(decision) if decision.kind == Kind.NORMATIVE else None
    if normative is not None:
        number = normative.number
    made = Publication(
        decision=decision,
        resolution=decided,
        number=number
        or document_number(Installation.here().office_short, "发", day.year, Numbering.next("发", day.year)),
        title=mended,
        open=checked.openness != Openness.NONE and not decision.secret,
        withheld=list(checked.withheld),
        basis=basis,
        explanation=explanation,
        published_on=day,
        due_on=due_on,
        effective_on=effective_on,
        valid_until=validity_rule(decision).after(effective_on) if normative is not None else None,
        officer=officer,
        made_at=now(),
    )
    db.session.add(made)
    decision.published_on = day
    how = "公布" if made.open else "印发（不公开）"
    note(number=made.number, how=how, effective_on=effective_on, due_on=due_on, late=made.late)
    return made


def validity_rule(decision: Decision) -> Number:
    """How long a normative document holds, by what its title calls it."""
    key = "normative.trial_validity_years" if trial(decision.title) else "normative.validity_years"
    return decision.rules.number(key)


def published(after: int | None = None, limit: int = 20) -> Sequence[Any]:
    """Core rows of the decisions that everybody may read, newest first, keyset by id."""
    query = (
        select(
            Publication.id,
            Publication.number,
            Publication.published_on,
            Publication.effective_on,
            Publication.valid_until,
            Publication.public_id.label("publication"),
            Publication.decision_id,
            Decision.public_id,
            Decision.title,
            Decision.kind,
            Decision.stage,
            Decision.decided_on,
        )
        .join(Decision, Decision.id == Publication.decision_id)
        .where(Publication.open)
        .order_by(Publication.id.desc())
        .limit(limit)
    )
    if after is not None:
        query = query.where(Publication.id < after)
    return db.session.execute(query).all()


def open_publication(public_id: str) -> Publication | None:
    """What everybody may read of a case, by the case's address."""
    query = select(Publication).join(Decision, Decision.id == Publication.decision_id)
    return db.session.scalar(query.where(Decision.public_id == public_id, Publication.open))


@station("publish")
def _published(decision: Decision) -> Standing | None:
    """Out, or due by when."""
    made = Publication.of(decision)
    if made is not None:
        says = f"{made.number}，{'公布' if made.open else '印发，不公开'}"
        if made.late:
            says += f"，比期限 {made.due_on} 晚了 {(made.published_on - made.due_on).days} 天"
        return Standing(Going.DONE, made.officer.name, made.published_on, says=says)
    if decision.stage == CaseStage.DECIDED:
        due = publish_by(decision)
        mark = "期限要算到放假安排还没有公布的年份，暂定。" if due and provisional_between(today(), due) else ""
        return Standing(Going.NOW, "党政办", decision.decided_on, due, f"决定了，还没有公布。{mark}")
    within = decision.rules.number("decision.publish_workdays").words
    return Standing(Going.WAIT, "党政办", says="还没有作出决定。", plan=f"决定后{within}内")


@predicate
def adoption_report_ready(subject: Decision, actor: object) -> str | None:
    """What became of the people's opinions is out; or by name and reason nobody was asked in public."""
    need = by_need(subject, Procedure.CONSULTATION)
    if need is not None and need.going == Going.EXCUSED:
        return None
    return lacking(subject, "answers")


@predicate
def signed_and_registered(subject: Decision, actor: object) -> str | None:
    """A normative document went through its three hands and got its number."""
    return lacking(subject, "sign_off")
