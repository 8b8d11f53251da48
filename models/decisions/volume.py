"""The sealed case file: volume one when the case is archived, numbered supplements after it, each chained to the one before; written once."""

import enum
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Self

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, Integer, String, UniqueConstraint, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models import files
from models.decisions.casefile import Item, gather
from models.decisions.decision import Decision, OfCase
from models.kernel.base import Base, BigInt, PublicId, choice, db
from models.kernel.clock import now, wall
from models.kernel.lifecycle import act, birth, post, system
from models.kernel.refusal import Missing, NotAllowed, OutOfTurn, Refusal, RuleUnmet
from models.kernel.sealed import keyring
from models.kernel.trail import note
from models.people.officer import Officer

KEEPERS = ("archivist", "office", "handler", "inspector")
"""Who may take a case file away; a handler only that of an own case."""
COPY_KEPT = timedelta(days=14)
"""How long a copy for working with lies here: it holds in the clear what people said, and can be packed again at any time."""
STALE = timedelta(minutes=10)
"""How long a packing may be silent before another one may be asked for."""


def _keeps(decision: Decision, actor: Any) -> Refusal | None:
    """A refusal for a handler of another case; None for whoever may take the file away."""
    refusal: Refusal | None = post(*KEEPERS)(decision, actor)
    if refusal is None and not actor.has("archivist", "office", "inspector") and actor.id != decision.handler_id:
        return NotAllowed("承办人只能导出自己承办的案卷；别的案卷请找档案员或者党政办。")
    return refusal


def keeper(subject: Any, actor: Any) -> Refusal | None:
    """Guard: the archivist, the office, the inspector, or the handler of this very case."""
    return _keeps(subject.decision, actor)


def store_key() -> bytes:
    """What packed files are sealed with where they lie: they hold what people said in the clear."""
    return keyring().derived("casefile")


class CaseFile(OfCase, PublicId, Base):
    """One packed file: a sealed volume, or a copy for working with. Insert-only; its hash stands in the trail."""

    __tablename__ = "case_file"
    __table_args__ = (
        UniqueConstraint("decision_id", "volume"),
        Index("ix_case_file_decision", "decision_id", "id"),
        CheckConstraint("volume IS NULL OR (volume >= 1 AND file <> '' AND number <> '')", name="volume_with_its_file"),
        CheckConstraint(
            "(volume IS NOT NULL AND volume > 1) = (previous_id IS NOT NULL)", name="supplement_names_the_one_before"
        ),
    )

    decision_id: Mapped[int] = mapped_column(ForeignKey("decision.id"))
    volume: Mapped[int | None] = mapped_column(Integer)
    """1 for the file as it was archived, 2 and more for supplements; None for a copy for working with."""
    number: Mapped[str] = mapped_column(String(60), default="")
    previous_id: Mapped[int | None] = mapped_column(ForeignKey("case_file.id"), unique=True)
    sha256: Mapped[str] = mapped_column(String(64), index=True)
    """Of the zip, as it is taken away."""
    file: Mapped[str] = mapped_column(String(64), default="")
    """Its sealed form in the store; empty for a copy that was written elsewhere at once."""
    size: Mapped[int] = mapped_column(BigInt)
    position: Mapped[int] = mapped_column(Integer)
    """How far the case's chain is in it."""
    head: Mapped[str] = mapped_column(String(64))
    items: Mapped[int] = mapped_column(Integer)
    lacking: Mapped[list[str]] = mapped_column(JSON)
    held: Mapped[dict[str, Any]] = mapped_column(JSON)
    """What it holds: the key of each item with what tells its version; later volumes hold what is not here."""
    officer_id: Mapped[int | None] = mapped_column(ForeignKey("officer.id"))
    """Who asked for it; None for the command line."""
    made_at: Mapped[datetime]

    decision: Mapped[Decision] = relationship()
    officer: Mapped[Officer | None] = relationship(lazy="joined")
    previous: Mapped["CaseFile | None"] = relationship(remote_side="CaseFile.id")

    @property
    def name(self) -> str:
        """第1卷, 补充卷（第2卷）, or 副本."""
        return volume_name(self.volume)

    @property
    def download_name(self) -> str:
        """What the zip is called when somebody takes it away."""
        return f"{self.number or self.decision.number or self.decision.title} {self.name}.zip"

    @classmethod
    @birth(by=system, say="{what}封存，SHA-256 {sha256}", keeps=("sha256",))
    def seal(
        cls,
        actor: object,
        decision: Decision,
        *,
        volume: int | None,
        number: str,
        previous: "CaseFile | None",
        sha256: str,
        file: str,
        size: int,
        position: int,
        head: str,
        held: Mapping[str, str],
        lacking: Sequence[str],
        officer: Officer | None = None,
    ) -> Self:
        """A file was packed: its hash goes into the trail, and so under the next daily head."""
        made = cls(
            decision=decision,
            volume=volume,
            number=number,
            previous=previous,
            sha256=sha256,
            file=file,
            size=size,
            position=position,
            head=head,
            items=len(held),
            lacking=list(lacking),
            held=dict(held),
            officer=officer,
            made_at=now(),
        )
        db.session.add(made)
        note(what=f"案卷{made.name}", number=number, volume=volume, size=size, position=position)
        return made

    @property
    def there(self) -> bool:
        """Whether it can still be taken away."""
        return bool(self.file) and files.exists(self.file)

    @act(by=keeper, label="", say="下载了{what}")
    def fetch(self, officer: Officer) -> "files.Stored":
        """The zip, to be taken away."""
        if not files.exists(self.file):
            raise Missing("这个文件已经不在了。副本可以再导出一次；封存的卷不见了，请马上告诉系统管理员。")
        note(what=f"案卷{self.name}", file=self.public_id)
        return files.Stored(self.file, store_key(), self.size)


def volume_name(volume: int | None) -> str:
    """How a volume is called."""
    if volume is None:
        return "副本"
    return "第1卷" if volume == 1 else f"补充卷（第{volume}卷）"


def volumes(decision: Decision) -> Sequence[CaseFile]:
    """The sealed volumes of a case, the first one first."""
    return db.session.scalars(
        select(CaseFile)
        .where(CaseFile.decision_id == decision.id, CaseFile.volume.is_not(None))
        .order_by(CaseFile.volume)
    ).all()


def copies(decision: Decision, limit: int = 5) -> Sequence[CaseFile]:
    """The newest copies that are kept here."""
    return db.session.scalars(
        select(CaseFile)
        .where(CaseFile.decision_id == decision.id, CaseFile.volume.is_(None), CaseFile.file != "")
        .order_by(CaseFile.id.desc())
        .limit(limit)
    ).all()


def sweep_copies() -> int:
    """Delete the copies that have lain here long enough, never a sealed volume; that they were made stays in the trail."""
    sealed = select(CaseFile.file).where(CaseFile.volume.is_not(None))
    names = db.session.scalars(
        select(CaseFile.file)
        .where(
            CaseFile.volume.is_(None),
            CaseFile.file != "",
            CaseFile.made_at < now() - COPY_KEPT,
            CaseFile.file.not_in(sealed),
        )
        .execution_options(yield_per=500)
    )
    return sum(files.forget(name) for name in names)


def by_public_id(public_id: str) -> CaseFile | None:
    """One packed file by its name."""
    return db.session.scalar(select(CaseFile).where(CaseFile.public_id == public_id))


def by_hash(sha256: str) -> CaseFile | None:
    """The file that has this hash; the newest where several have it."""
    return db.session.scalar(select(CaseFile).where(CaseFile.sha256 == sha256).order_by(CaseFile.id.desc()).limit(1))


def held_already(decision: Decision) -> dict[str, str]:
    """What the sealed volumes hold, the later ones on top."""
    found: dict[str, str] = {}
    for one in volumes(decision):
        found |= one.held
    return found


def fresh(items: Sequence[Item], held: Mapping[str, str]) -> list[Item]:
    """The items that no volume holds yet in this version."""
    return [item for item in items if held.get(item.key) != mark_of(item)]


def mark_of(item: Item) -> str:
    """What tells this version of an item from another, its publicity included."""
    return f"{item.publicity}:{item.body.mark}"


# --- packing ----------------------------------------------------------------------------------------------------------


class Purpose(enum.StrEnum):
    """What is packed."""

    COPY = "copy"
    VOLUME = "volume"
    SUPPLEMENT = "supplement"

    @property
    def label(self) -> str:
        """The Chinese word."""
        return {"copy": "导出副本", "volume": "封存第1卷", "supplement": "封存补充卷"}[self.value]


class Progress(enum.StrEnum):
    """How a packing stands."""

    WAITING = "waiting"
    PACKING = "packing"
    DONE = "done"


class Packing(PublicId, Base):
    """Somebody asked for a file; the worker packs it and says here how far it is."""

    __tablename__ = "packing"
    __table_args__ = (
        Index("ix_packing_decision", "decision_id", "id"),
        CheckConstraint("(progress = 'done') = (file_id IS NOT NULL)", name="done_with_its_file"),
    )

    decision_id: Mapped[int] = mapped_column(ForeignKey("decision.id"))
    officer_id: Mapped[int] = mapped_column(ForeignKey("officer.id"))
    purpose: Mapped[Purpose] = mapped_column(choice(Purpose))
    number: Mapped[str] = mapped_column(String(60), default="")
    progress: Mapped[Progress] = mapped_column(choice(Progress), default=Progress.WAITING)
    done: Mapped[int] = mapped_column(Integer, default=0)
    total: Mapped[int] = mapped_column(Integer, default=0)
    phase: Mapped[str] = mapped_column(String(120), default="")
    file_id: Mapped[int | None] = mapped_column(ForeignKey("case_file.id"))
    asked_at: Mapped[datetime]
    heard_at: Mapped[datetime]
    """By the wall's clock, when the worker last said something."""

    decision: Mapped[Decision] = relationship()
    officer: Mapped[Officer] = relationship(lazy="joined")
    made: Mapped[CaseFile | None] = relationship()

    @property
    def chain(self) -> str:
        """The case's chain."""
        return self.decision.chain

    @property
    def going(self) -> bool:
        """Whether a worker has it in hand, or will."""
        return self.progress in (Progress.WAITING, Progress.PACKING) and wall() - self.heard_at < STALE

    @property
    def percent(self) -> int:
        """How far, out of a hundred."""
        return min(99, 100 * self.done // self.total) if self.total else 0

    @classmethod
    @birth(by=post(*KEEPERS), say="要求{what}", wants=("pack_case_file",))
    def ask(cls, officer: Officer, decision: Decision, purpose: Purpose, number: str = "") -> Self:
        """A file is wanted; one at a time of a case."""
        refusal = _keeps(decision, officer)
        if refusal:
            raise refusal
        last = latest(decision)
        if last is not None and last.going:
            raise OutOfTurn("这个案卷正在打包，等它完成以后再点。")
        if purpose == Purpose.SUPPLEMENT:
            number = _supplement_number(decision, officer)
        elif purpose == Purpose.VOLUME:
            number = number or _number_again(decision, last)
        elif decision.filed:
            raise OutOfTurn("案卷已经归档，请直接下载封存的卷。")
        made = cls(
            decision=decision,
            officer=officer,
            purpose=purpose,
            number=number,
            asked_at=now(),
            heard_at=wall(),
        )
        db.session.add(made)
        note(what=purpose.label, number=number)
        return made


def _number_again(decision: Decision, last: Packing | None) -> str:
    """The number that archiving gave, for a volume whose packing did not come to its end."""
    if last is None or not decision.filed or volumes(decision):
        raise OutOfTurn("第1卷只在归档的时候封存一次。")
    return last.number


def _supplement_number(decision: Decision, officer: Officer) -> str:
    refusal = officer.lacks(("archivist",))
    if refusal:
        raise refusal
    sealed = volumes(decision)
    if not sealed:
        raise OutOfTurn("第1卷还没有封存，不能做补充卷。")
    if not fresh(gather(decision).items, held_already(decision)):
        raise RuleUnmet("归档以后没有新的材料，不用做补充卷。")
    return f"{sealed[0].number}（补{len(sealed)}）"


def may_take(decision: Decision, officer: Officer) -> Refusal | None:
    """Why this officer may not take the file of a case away; None when nothing stands in the way."""
    return _keeps(decision, officer)


def latest(decision: Decision) -> Packing | None:
    """What was asked for last."""
    return db.session.scalar(
        select(Packing).where(Packing.decision_id == decision.id).order_by(Packing.id.desc()).limit(1)
    )
