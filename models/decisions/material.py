"""Papers of a case: what was handed in at a station, each version kept, each with whether the public may read it."""

import enum
from collections.abc import Sequence
from datetime import datetime
from typing import Self

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, String, func, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models import files
from models.decisions.decision import Decision, OfCase
from models.decisions.road import STATIONS
from models.kernel.base import Base, PublicId, choice, db
from models.kernel.clock import now
from models.kernel.lifecycle import birth, ruled
from models.kernel.refusal import RuleUnmet
from models.kernel.trail import note
from models.people.officer import Officer
from models.texts.received import as_received

KINDS = ("pdf", "docx", "jpg", "png", "webp")
"""What may be handed in: documents and scans."""


class Publicity(enum.StrEnum):
    """Whether the public may read it (政府信息公开条例第十五条、第十六条、第十九条)."""

    OPEN = "open"
    ON_REQUEST = "on_request"
    CLOSED = "closed"

    @property
    def label(self) -> str:
        """The Chinese word."""
        return {"open": "主动公开", "on_request": "依申请公开", "closed": "不公开"}[self.value]


class Material(OfCase, PublicId, Base):
    """One version of one paper. Insert-only: a new version, or another publicity, is a new row that names the one before it."""

    __tablename__ = "material"
    __table_args__ = (
        Index("ix_material_decision", "decision_id", "station", "id"),
        CheckConstraint("publicity = 'open' OR publicity_reason <> ''", name="kept_back_with_a_reason"),
    )

    decision_id: Mapped[int] = mapped_column(ForeignKey("decision.id"))
    station: Mapped[str] = mapped_column(String(24))
    """The station of the road that it belongs to."""
    subject: Mapped[str] = mapped_column(String(60), default="")
    """The record it belongs to there, as Kind:public_id; empty for the station itself."""
    title: Mapped[str] = mapped_column(String(120))
    file: Mapped[str] = mapped_column(String(64))
    """SHA-256 of the file, its name in the store."""
    mime: Mapped[str] = mapped_column(String(80))
    extension: Mapped[str] = mapped_column(String(8))
    size: Mapped[int] = mapped_column(Integer)
    edition: Mapped[int] = mapped_column(Integer, default=1)
    replaces_id: Mapped[int | None] = mapped_column(ForeignKey("material.id"), unique=True)
    publicity: Mapped[Publicity] = mapped_column(choice(Publicity))
    publicity_reason: Mapped[str] = mapped_column(String(200), default="")
    officer_id: Mapped[int] = mapped_column(ForeignKey("officer.id"))
    made_at: Mapped[datetime]

    decision: Mapped[Decision] = relationship()
    officer: Mapped[Officer] = relationship(lazy="joined")

    @property
    def download_name(self) -> str:
        """What the file is called when somebody takes it away."""
        return (
            f"{self.title}（第{self.edition}版）.{self.extension}"
            if self.edition > 1
            else f"{self.title}.{self.extension}"
        )

    @classmethod
    @birth(by=ruled("material.add"), say="交入材料《{title}》第{edition}版，{publicity}")
    def add(
        cls,
        officer: Officer,
        decision: Decision,
        station: str,
        title: str,
        data: bytes,
        *,
        publicity: Publicity = Publicity.ON_REQUEST,
        publicity_reason: str = "",
        subject: str = "",
        replaces: Self | None = None,
    ) -> Self:
        """A file handed in at a station: typed by what it holds, size-capped, kept under its hash outside every web root."""
        if station not in {one.key for one in STATIONS}:
            raise RuleUnmet("请选这份材料属于哪一个环节。", {"station": "请选环节。"})
        title = as_received(title, field="title", most=120, least=0).strip()
        if not title:
            raise RuleUnmet("请写材料名称。", {"title": "请写材料名称，例如：专家论证意见书。"})
        mime, extension = files.admitted(data, only=KINDS)
        made = cls._row(officer, decision, station, title, publicity, publicity_reason, subject, replaces)
        made.file, made.mime, made.extension, made.size = files.keep(data), mime, extension, len(data)
        return made

    @classmethod
    @birth(by=ruled("material.add"), say="《{title}》改为{publicity}：{reason}")
    def reclassify(cls, officer: Officer, material: Self, publicity: Publicity, reason: str) -> Self:
        """The same file under another publicity, with the reason."""
        if newest(material).id != material.id:
            raise RuleUnmet("这份材料已经有新的版本，请在新版本上改。")
        made = cls._row(
            officer, material.decision, material.station, material.title, publicity, reason, material.subject, material
        )
        made.edition = material.edition
        made.file, made.mime, made.extension, made.size = (
            material.file,
            material.mime,
            material.extension,
            material.size,
        )
        note(reason=made.publicity_reason)
        return made

    @classmethod
    def _row(
        cls,
        who: Officer,
        decision: Decision,
        station: str,
        title: str,
        publicity: Publicity,
        reason: str,
        subject: str,
        replaces: Self | None,
    ) -> Self:
        reason = as_received(reason, field="publicity_reason", most=200, least=0).strip()
        if publicity != Publicity.OPEN and not reason:
            words = "不主动公开的材料要写明理由，例如：过程性信息（信息公开条例第十六条）、个人隐私（第十五条）。"
            raise RuleUnmet(words, {"publicity_reason": words})
        if replaces is not None and (replaces.decision_id != decision.id or newest(replaces).id != replaces.id):
            raise RuleUnmet("这份材料已经有新的版本，请刷新页面再交。")
        made = cls(
            decision=decision,
            station=station,
            subject=subject,
            title=title,
            edition=replaces.edition + 1 if replaces is not None else 1,
            replaces_id=replaces.id if replaces is not None else None,
            publicity=publicity,
            publicity_reason=reason,
            officer=who,
            made_at=now(),
        )
        db.session.add(made)
        note(title=title, edition=made.edition, publicity=publicity.label)
        return made


def newest(material: Material) -> Material:
    """The version that counts now of the same paper."""
    found = material
    while (later := db.session.scalar(select(Material).where(Material.replaces_id == found.id))) is not None:
        found = later
    return found


def materials(decision: Decision, station: str | None = None, *, subject: str | None = None) -> Sequence[Material]:
    """The newest version of every paper of a case, in the order of the road's stations and of coming in."""
    replaced = select(Material.replaces_id).where(
        Material.decision_id == decision.id, Material.replaces_id.is_not(None)
    )
    query = select(Material).where(Material.decision_id == decision.id, Material.id.not_in(replaced))
    if station is not None:
        query = query.where(Material.station == station)
    if subject is not None:
        query = query.where(Material.subject == subject)
    order = {one.key: n for n, one in enumerate(STATIONS)}
    return sorted(db.session.scalars(query), key=lambda m: (order.get(m.station, 99), m.id))


def versions(decision: Decision) -> Sequence[Material]:
    """Every version of every paper of a case, oldest first."""
    return db.session.scalars(select(Material).where(Material.decision_id == decision.id).order_by(Material.id)).all()


def counted(decision: Decision) -> dict[str, int]:
    """How many papers lie at each station."""
    replaced = select(Material.replaces_id).where(
        Material.decision_id == decision.id, Material.replaces_id.is_not(None)
    )
    rows = db.session.execute(
        select(Material.station, func.count().label("number"))
        .where(Material.decision_id == decision.id, Material.id.not_in(replaced))
        .group_by(Material.station)
    )
    return {row.station: row.number for row in rows}


def by_public_id(public_id: str) -> Material | None:
    """One version by its address."""
    return db.session.scalar(select(Material).where(Material.public_id == public_id))


def about(record: PublicId) -> str:
    """How a material names the record it belongs to."""
    return f"{type(record).__name__}:{record.public_id}"
