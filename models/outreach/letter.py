"""The farmers' mailbox 农民信箱: an article as a letter that somebody sends there by hand, and the record of it.

What is known: the street's own report of 2021 says that it uses 农民信箱 to push law about village collectives, labour disputes,
building and land (shared/domain/systems.md, row 50). What is not known: which 农民信箱 it is, who runs it here, whether it has an
interface, how long a title or a text may be, whether it forwards as SMS. No public interface was found; so nothing is sent from
here. The text goes out as a plain file and as a Word document, one for each list of villages, and an officer enters afterwards
on which day it was sent. The two lengths below stand in the rule set as not verified and can be set by the office.
"""

import enum
from collections.abc import Sequence
from datetime import date, datetime
from typing import Self

from sqlalchemy import CheckConstraint, Date, ForeignKey, Integer, String, Text, UniqueConstraint, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.kernel.base import Base, PublicId, choice, db
from models.kernel.clock import local, now, today
from models.kernel.installation import Installation
from models.kernel.lifecycle import act, birth, office_rules, predicate, ruled, step
from models.kernel.refusal import RuleUnmet
from models.kernel.rules import RuleSet
from models.kernel.trail import note
from models.outreach.article import Article, ArticleStage
from models.people.officer import Officer
from models.people.place import Place
from models.texts.mailbox import letter, plain
from models.texts.reasons import personal_data
from models.texts.received import as_received, reason_given

LONGEST = 8000


class LetterStage(enum.StrEnum):
    """How far a letter has come."""

    DRAFTED = "drafted"
    SUBMITTED = "submitted"
    AGREED = "agreed"
    SENT = "sent"
    WITHDRAWN = "withdrawn"

    @property
    def label(self) -> str:
        """The Chinese word."""
        return {
            "drafted": "草稿",
            "submitted": "待审核",
            "agreed": "可以发",
            "sent": "发过了",
            "withdrawn": "不发了",
        }[self.value]


class ExportForm(enum.StrEnum):
    """As what it was taken out."""

    TXT = "txt"
    DOCX = "docx"

    @property
    def label(self) -> str:
        """The Chinese word."""
        return {"txt": "纯文本", "docx": "Word 文件"}[self.value]


class Letter(PublicId, Base):
    """One article as a letter to some villages; written by one person, agreed to by another, sent by hand."""

    __tablename__ = "letter"
    __table_args__ = (
        CheckConstraint(
            "stage NOT IN ('agreed', 'sent') OR (agreer_id IS NOT NULL AND agreer_id <> author_id)",
            name="agreed_by_a_second_person",
        ),
        CheckConstraint("stage <> 'sent' OR sent_on IS NOT NULL", name="sent_on_a_day"),
        CheckConstraint("stage <> 'withdrawn' OR withdrawn_reason <> ''", name="withdrawn_with_a_reason"),
    )

    article_id: Mapped[int] = mapped_column(ForeignKey("article.id"), index=True)
    edition: Mapped[int] = mapped_column(Integer)
    """The article's edition that it was made from."""
    stage: Mapped[LetterStage] = mapped_column(choice(LetterStage), default=LetterStage.DRAFTED)
    title: Mapped[str] = mapped_column(String(64))
    text: Mapped[str] = mapped_column(Text)
    sender: Mapped[str] = mapped_column(String(40))
    """The name that it is signed with."""
    author_id: Mapped[int] = mapped_column(ForeignKey("officer.id"))
    agreer_id: Mapped[int | None] = mapped_column(ForeignKey("officer.id"))
    sent_on: Mapped[date | None] = mapped_column(Date)
    sender_officer_id: Mapped[int | None] = mapped_column(ForeignKey("officer.id"))
    """Who says that it was sent."""
    returned_reason: Mapped[str] = mapped_column(String(300), default="")
    withdrawn_reason: Mapped[str] = mapped_column(String(300), default="")
    made_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(Integer)

    article: Mapped[Article] = relationship(lazy="joined", innerjoin=True)
    author: Mapped[Officer] = relationship(foreign_keys=[author_id])
    agreer: Mapped[Officer | None] = relationship(foreign_keys=[agreer_id])
    sent_by: Mapped[Officer | None] = relationship(foreign_keys=[sender_officer_id])
    towns: Mapped[list["LetterPlace"]] = relationship(order_by="LetterPlace.place_id", cascade="all, delete-orphan")
    exports: Mapped[list["LetterExport"]] = relationship(order_by="LetterExport.id")

    __mapper_args__ = {"version_id_col": version}

    wrote = ("draft_new", "revise")
    """The deeds that write a word of it."""

    @property
    def rules(self) -> RuleSet:
        """The office's rules."""
        return office_rules()

    @property
    def places(self) -> list[Place]:
        """To whom it goes."""
        return [one.place for one in self.towns]

    @property
    def out_of_date(self) -> str:
        """Why it is not to be sent any more; empty when all is well. What was sent before is shown with it, too."""
        return self.article.changed_since(self.edition)

    @property
    def hints(self) -> list[str]:
        """What the channel may not take, as far as anybody knows."""
        found = []
        for key, words, named in (("letter.title", self.title, "标题"), ("letter.characters", self.text, "正文")):
            most = self.rules.number(key)
            if len(words) > most.value:
                unsure = "" if most.verified else "（这个数待当地核实）"
                found.append(f"{named}有{len(words)}字，超过{most.words}{unsure}。")
        return found

    @classmethod
    @birth(by=ruled("letter.draft_new"), say="写农民信箱稿：{title}")
    def draft_new(cls, officer: Officer, article: Article) -> Self:
        """Out of a published article."""
        if article.stage != ArticleStage.PUBLISHED:
            raise RuleUnmet("文章还没有发布，不能发到农民信箱。", {"article": "请选一篇已经发布的文章。"})
        office = Installation.here().office_name
        made = cls(
            article=article,
            edition=article.edition,
            title=article.title,
            text=letter(article.digest, article.body, article.basis, office)[:LONGEST],
            sender=office,
            author=officer,
            made_at=now(),
        )
        db.session.add(made)
        note(title=made.title, article=article.public_id)
        return made

    @act(LetterStage.DRAFTED, by=ruled("letter.draft_new"), label="修改", say="修改农民信箱稿")
    def revise(self, officer: Officer, title: str, text: str, sender: str, places: Sequence[Place]) -> None:
        """Plain words only."""
        wrong: dict[str, str] = {}
        told = {}
        for name, words, most, label in (
            ("title", title, 64, "标题"),
            ("text", text, LONGEST, "正文"),
            ("sender", sender, 40, "署名"),
        ):
            try:
                told[name] = as_received(words or "", field=name, most=most, label=label).strip()
            except RuleUnmet as unmet:
                wrong |= unmet.fields
        if wrong:
            raise RuleUnmet("有几处要改一改。", wrong)
        self.title, self.sender = told["title"], told["sender"]
        self.text = "\n".join(plain(line) for line in told["text"].split("\n")).strip()
        kept = {one.place_id: one for one in self.towns}
        self.towns = [kept.get(place.id) or LetterPlace(place=place) for place in places]

    @step(
        LetterStage.DRAFTED,
        to=LetterStage.SUBMITTED,
        by=ruled("letter.draft_new"),
        label="送审",
        say="农民信箱稿送审",
    )
    def submit(self, officer: Officer) -> None:
        """Another person reads it first."""
        if not self.towns:
            raise RuleUnmet("还没写完。", {"places": "请选发给哪些村、社区。"})
        if found := next((one for one in personal_data(self.text) if one.severity == "stop"), None):
            raise RuleUnmet("信里不能有个人信息。", {"text": found.words})
        self.returned_reason = ""

    @step(
        LetterStage.SUBMITTED,
        to=LetterStage.AGREED,
        by=ruled("letter.agree"),
        needs="letter.agree",
        label="审核通过",
        say="审核通过农民信箱稿：{title}",
    )
    def agree(self, officer: Officer) -> None:
        """Read by somebody who did not write it."""
        self.agreer = officer
        note(title=self.title)

    @step(
        LetterStage.SUBMITTED,
        to=LetterStage.DRAFTED,
        by=ruled("letter.agree"),
        label="退回修改",
        say="退回农民信箱稿：{reason}",
        primary=False,
    )
    def send_back(self, officer: Officer, reason: str) -> None:
        """Back to the author, who sees why."""
        self.returned_reason = reason_given(reason, "请写明退回的原因。")
        note(reason=self.returned_reason)

    @act(
        LetterStage.AGREED,
        LetterStage.SENT,
        by=ruled("letter.export"),
        needs="letter.export",
        label="",
        say="导出农民信箱稿：{form_words}",
    )
    def export(self, officer: Officer, form: ExportForm) -> None:
        """Taken out as a file; by whom and when is written down."""
        self.exports.append(LetterExport(officer=officer, form=form, made_at=now()))
        note(form_words=form.label)

    @step(
        LetterStage.AGREED,
        to=LetterStage.SENT,
        by=ruled("letter.export"),
        needs="letter.mark_sent",
        label="登记发了",
        say="农民信箱稿已在{sent_on}发出",
        keeps=("sent_on",),
    )
    def mark_sent(self, officer: Officer, sent_on: date | None) -> None:
        """Entered by hand: no answer comes back from there."""
        first = local(self.exports[0].made_at).date()
        if sent_on is None or not first <= sent_on <= today():
            raise RuleUnmet("请填哪天发的。", {"sent_on": "请填哪天发的：导出那天以后，今天以前。"})
        self.sent_on, self.sent_by = sent_on, officer

    @step(
        LetterStage.DRAFTED,
        LetterStage.SUBMITTED,
        LetterStage.AGREED,
        to=LetterStage.WITHDRAWN,
        by=ruled("letter.draft_new"),
        label="不发了",
        say="农民信箱稿不发了：{reason}",
        primary=False,
    )
    def withdraw(self, officer: Officer, reason: str) -> None:
        """Not sent; what was taken out before stays written down."""
        self.withdrawn_reason = reason_given(reason, "请写明为什么不发。")
        note(reason=self.withdrawn_reason)


class LetterPlace(Base):
    """A village that a letter goes to."""

    __tablename__ = "letter_place"
    __table_args__ = (UniqueConstraint("letter_id", "place_id"),)

    letter_id: Mapped[int] = mapped_column(ForeignKey("letter.id"))
    place_id: Mapped[int] = mapped_column(ForeignKey("place.id"))

    place: Mapped[Place] = relationship(lazy="joined", innerjoin=True)


class LetterExport(Base):
    """Who took a letter out as a file, and when. Insert-only."""

    __tablename__ = "letter_export"

    letter_id: Mapped[int] = mapped_column(ForeignKey("letter.id"), index=True)
    officer_id: Mapped[int] = mapped_column(ForeignKey("officer.id"))
    form: Mapped[ExportForm] = mapped_column(choice(ExportForm))
    made_at: Mapped[datetime]

    officer: Mapped[Officer] = relationship(lazy="joined", innerjoin=True)


@predicate
def letter_is_current(subject: Letter, actor: object) -> str | None:
    """The article stands as it was when the letter was made from it."""
    return subject.out_of_date or None


@predicate
def letter_was_exported(subject: Letter, actor: object) -> str | None:
    """Somebody has taken it out."""
    return None if subject.exports else ""


def by_public_id(public_id: str) -> Letter | None:
    """One letter by its address."""
    return db.session.scalar(select(Letter).where(Letter.public_id == public_id))


def letters(*stages: LetterStage, limit: int = 100) -> Sequence[Letter]:
    """For the desk, newest first."""
    query = select(Letter).order_by(Letter.id.desc()).limit(limit)
    if stages:
        query = query.where(Letter.stage.in_(stages))
    return db.session.scalars(query).unique().all()


def as_text(made: Letter) -> str:
    """The file: title, text, who signs, to whom; lines end as Windows wants them."""
    day = today()
    lines = [
        made.title,
        "",
        made.text,
        "",
        made.sender,
        f"{day.year}年{day.month}月{day.day}日",
        "",
        f"（发给：{'、'.join(place.name for place in made.places)}）",
    ]
    return "\r\n".join("\n".join(lines).split("\n")) + "\r\n"
