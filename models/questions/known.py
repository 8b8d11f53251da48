"""A good answer for everybody: without any trace of who asked, agreed to by a second person, found before asking."""

import enum
from collections.abc import Sequence
from datetime import date, datetime
from math import log
from typing import Any, Self

from sqlalchemy import CheckConstraint, Date, ForeignKey, Integer, String, Text, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.kernel.base import Base, PublicId, choice, db
from models.kernel.clock import now
from models.kernel.lifecycle import act, birth, office_rules, predicate, ruled, step
from models.kernel.refusal import Missing, RuleUnmet
from models.kernel.rules import RuleSet
from models.kernel.trail import note
from models.outreach.article import Topic
from models.people.officer import Officer
from models.questions.question import Question
from models.texts.bigrams import bigrams, normal
from models.texts.reasons import personal_data
from models.texts.received import reason_given, texts_received

ALIKE = 0.3
"""The share of an item's weighty pairs of characters that a question has to hold, to be shown it."""
COPIED = 20
"""So many characters on end out of the private question are a copy of it, not its kind."""
_SAID_ALWAYS = frozenset(bigrams("请问怎么办怎样可以吗我想问一下能不能该怎么办我家我的他的是不是有没有"))


class CommonStage(enum.StrEnum):
    """How far."""

    DRAFTED = "drafted"
    SUBMITTED = "submitted"
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"

    @property
    def label(self) -> str:
        """The Chinese word."""
        return {"drafted": "草稿", "submitted": "待审核", "published": "已公开", "withdrawn": "已撤下"}[self.value]


FIELDS: dict[str, tuple[str, int]] = {
    "question": ("问题", 120),
    "answer": ("回答", 3000),
    "basis": ("依据条文", 300),
}


class CommonQuestion(PublicId, Base):
    """A question that many have, with its answer and the law it rests on."""

    __tablename__ = "common_question"
    __table_args__ = (
        CheckConstraint(
            "stage <> 'published' OR (approver_id IS NOT NULL AND approver_id <> author_id AND published_at IS NOT NULL)",
            name="agreed_to_by_a_second_person",
        ),
    )

    stage: Mapped[CommonStage] = mapped_column(choice(CommonStage), default=CommonStage.DRAFTED)
    topic_id: Mapped[int | None] = mapped_column(ForeignKey("topic.id"), index=True)
    question: Mapped[str] = mapped_column(String(120), default="")
    answer: Mapped[str] = mapped_column(Text, default="")
    basis: Mapped[str] = mapped_column(String(300), default="")
    basis_on: Mapped[date | None] = mapped_column(Date)
    source_id: Mapped[int | None] = mapped_column(ForeignKey("question.id"), index=True)
    """The private question that it was made from; no page says so."""
    author_id: Mapped[int] = mapped_column(ForeignKey("officer.id"))
    approver_id: Mapped[int | None] = mapped_column(ForeignKey("officer.id"))
    returned_reason: Mapped[str] = mapped_column(String(200), default="")
    withdrawn_reason: Mapped[str] = mapped_column(String(200), default="")
    made_at: Mapped[datetime]
    published_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(Integer)

    topic: Mapped[Topic | None] = relationship(lazy="joined")
    author: Mapped[Officer] = relationship(foreign_keys=[author_id])
    approver: Mapped[Officer | None] = relationship(foreign_keys=[approver_id])
    source: Mapped[Question | None] = relationship()

    __mapper_args__ = {"version_id_col": version}

    @property
    def rules(self) -> RuleSet:
        """The office's rules."""
        return office_rules()

    @classmethod
    @birth(by=ruled("common.write"), say="起草常见问答")
    def draft_new(cls, officer: Officer, source: Question | None = None, **fields: Any) -> Self:
        """Begun by who answered, in other words than those of the person who asked."""
        made = cls(author=officer, source=source, made_at=now(), topic=source.topic if source else None)
        made._write(fields)
        db.session.add(made)
        db.session.flush()
        return made

    @act(CommonStage.DRAFTED, by=ruled("common.write"), label="修改", say="修改常见问答")
    def revise(self, officer: Officer, **fields: Any) -> None:
        """Changed while it is a draft."""
        self._write(fields)

    @classmethod
    def of(cls, question: Question) -> Self | None:
        """The item that was made from this private question."""
        return db.session.scalar(select(cls).where(cls.source_id == question.id).order_by(cls.id.desc()).limit(1))

    def _write(self, fields: dict[str, Any]) -> None:
        good, wrong = texts_received(fields, FIELDS)
        others = {name: value for name, value in fields.items() if name not in FIELDS}
        assert others.keys() <= {"topic", "basis_on"}, others
        for name, value in (good | others).items():
            setattr(self, name, value)
        if wrong:
            raise RuleUnmet("有几处要改一改。", wrong)

    @step(
        CommonStage.DRAFTED,
        to=CommonStage.SUBMITTED,
        by=ruled("common.write"),
        needs="common.submit",
        label="送审",
        say="送审常见问答",
    )
    def submit(self, officer: Officer) -> None:
        """A second person looks whether anybody could be recognised."""
        self.returned_reason = ""

    @step(
        CommonStage.SUBMITTED,
        to=CommonStage.PUBLISHED,
        by=ruled("common.approve"),
        needs="common.approve",
        label="同意公开",
        say="同意公开常见问答：{question}",
        wants=("index",),
    )
    def approve(self, officer: Officer) -> None:
        """Public from now on, and found before asking."""
        self.approver, self.published_at = officer, now()
        note(question=self.question)

    @step(
        CommonStage.SUBMITTED,
        to=CommonStage.DRAFTED,
        by=ruled("common.approve"),
        label="退回修改",
        say="退回修改：{reason}",
        primary=False,
    )
    def send_back(self, officer: Officer, reason: str) -> None:
        """Back to the author, who sees why."""
        self.returned_reason = reason_given(reason, "请写明退回的原因。", most=200)
        note(reason=self.returned_reason)

    @step(
        CommonStage.PUBLISHED,
        to=CommonStage.WITHDRAWN,
        by=ruled("common.approve"),
        label="撤下",
        say="撤下常见问答：{reason}",
        wants=("index",),
        primary=False,
    )
    def withdraw(self, officer: Officer, reason: str) -> None:
        """The law has changed, or somebody could be recognised after all."""
        self.withdrawn_reason = reason_given(reason, "请写明撤下的原因。", most=200)
        note(reason=self.withdrawn_reason)


@predicate
def common_is_whole(subject: CommonQuestion, actor: object) -> str | None:
    """A question, an answer, and the law with its date."""
    lacking = [label for name, (label, _) in FIELDS.items() if not getattr(subject, name)]
    lacking += [] if subject.basis_on else ["法律版本的日期"]
    return f"还差：{'、'.join(lacking)}。" if lacking else None


@predicate
def common_names_nobody(subject: CommonQuestion, actor: object) -> str | None:
    """No name, number, address or plate."""
    found = [one.words for name in FIELDS for one in personal_data(getattr(subject, name))]
    return f"{'；'.join(dict.fromkeys(found))}" if found else None


@predicate
def common_is_no_copy(subject: CommonQuestion, actor: object) -> str | None:
    """Not the words of who asked."""
    if subject.source is None:
        return None
    try:
        private = normal(subject.source.text)
    except Missing:
        return None
    shown = normal(subject.question + subject.answer)
    return "" if any(shown[n : n + COPIED] in private for n in range(len(shown) - COPIED + 1)) else None


@predicate
def common_is_agreed_by_another(subject: CommonQuestion, actor: Any) -> str | None:
    """Two persons, not two roles."""
    return "" if getattr(actor, "id", None) == subject.author_id else None


def by_public_id(public_id: str) -> CommonQuestion | None:
    """One item by its address, in any stage."""
    return db.session.scalar(select(CommonQuestion).where(CommonQuestion.public_id == public_id))


def published(*, topic: Topic | None = None, after: int | None = None, limit: int = 20) -> Sequence[CommonQuestion]:
    """What everybody may read, newest first."""
    query = (
        select(CommonQuestion)
        .where(CommonQuestion.stage == CommonStage.PUBLISHED)
        .order_by(CommonQuestion.id.desc())
        .limit(limit)
    )
    if topic is not None:
        query = query.where(CommonQuestion.topic_id == topic.id)
    if after is not None:
        query = query.where(CommonQuestion.id < after)
    return db.session.scalars(query).unique().all()


def for_the_desk(limit: int = 100) -> Sequence[CommonQuestion]:
    """All of them, newest first."""
    return db.session.scalars(select(CommonQuestion).order_by(CommonQuestion.id.desc()).limit(limit)).unique().all()


def like(text: str, limit: int = 3) -> list[CommonQuestion]:
    """Items that ask much the same, the likest first: pairs of characters that few items have weigh more."""
    given = set(bigrams(text)) - _SAID_ALWAYS
    if len(given) < 2:
        return []
    rows: Sequence[Any] = db.session.execute(
        select(CommonQuestion.id, CommonQuestion.question).where(CommonQuestion.stage == CommonStage.PUBLISHED)
    ).all()
    pairs = {row.id: set(bigrams(row.question)) - _SAID_ALWAYS for row in rows}
    among: dict[str, int] = {}
    for mine in pairs.values():
        for pair in mine:
            among[pair] = among.get(pair, 0) + 1
    weight = {pair: log(1 + len(pairs) / number) for pair, number in among.items()}
    scores = {
        number: sum(weight[p] for p in mine & given) / sum(weight[p] for p in mine)
        for number, mine in pairs.items()
        if mine
    }
    best = sorted((n for n, score in scores.items() if score >= ALIKE), key=lambda n: (-scores[n], -n))[:limit]
    found = {
        one.id: one for one in db.session.scalars(select(CommonQuestion).where(CommonQuestion.id.in_(best))).unique()
    }
    return [found[number] for number in best]
