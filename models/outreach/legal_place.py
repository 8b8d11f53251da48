"""Where the law can be found near home: service stations, mediation rooms, the aid centre, the notary, places of practice."""

import enum
from collections.abc import Sequence
from typing import Any, Self

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, or_, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.kernel.base import Base, PublicId, choice, db
from models.kernel.lifecycle import act, birth, office_rules, ruled
from models.kernel.refusal import RuleUnmet
from models.kernel.rules import RuleSet
from models.kernel.trail import note
from models.people.officer import Officer
from models.people.place import Place
from models.texts.received import as_received


class LegalPlaceKind(enum.StrEnum):
    """What is done there."""

    STATION = "station"
    MEDIATION = "mediation"
    AID = "aid"
    NOTARY = "notary"
    PRACTICE = "practice"

    @property
    def label(self) -> str:
        """The Chinese words."""
        return {
            "station": "公共法律服务站",
            "mediation": "人民调解室",
            "aid": "法律援助",
            "notary": "公证",
            "practice": "实践站、宣传点",
        }[self.value]


FIELDS: dict[str, tuple[str, int]] = {
    "name": ("名称", 40),
    "address": ("地址", 80),
    "phone": ("电话", 30),
    "hours": ("什么时候有人", 60),
    "about": ("还要告诉居民什么", 500),
}


class LegalPlace(PublicId, Base):
    """One place, of a village or of the whole street."""

    __tablename__ = "legal_place"
    __table_args__ = (
        Index("ix_legal_place_where", "place_id", "kind"),
        CheckConstraint("name <> ''", name="named"),
    )

    kind: Mapped[LegalPlaceKind] = mapped_column(choice(LegalPlaceKind))
    place_id: Mapped[int | None] = mapped_column(ForeignKey("place.id"))
    """None: for the whole street."""
    name: Mapped[str] = mapped_column(String(40))
    address: Mapped[str] = mapped_column(String(80), default="")
    phone: Mapped[str] = mapped_column(String(30), default="")
    hours: Mapped[str] = mapped_column(String(60), default="")
    about: Mapped[str] = mapped_column(Text, default="")
    """Members of a mediation committee, an exhibition, what to bring."""
    open: Mapped[bool] = mapped_column(default=True)

    place: Mapped[Place | None] = relationship(lazy="joined")

    @property
    def rules(self) -> RuleSet:
        """The office's rules."""
        return office_rules()

    @property
    def where(self) -> str:
        """Whose it is."""
        return self.place.name if self.place else "全街道"

    @classmethod
    @birth(by=ruled("legal_place.keep"), say="登记{kind_words}：{name}")
    def add(cls, officer: Officer, kind: LegalPlaceKind, place: Place | None, **fields: Any) -> Self:
        """A place that people may go to."""
        made = cls(kind=kind, place=place, name="")
        made._write(fields)
        db.session.add(made)
        note(kind_words=kind.label, name=made.name)
        return made

    @act(by=ruled("legal_place.keep"), label="修改", say="修改{name}")
    def change(self, officer: Officer, kind: LegalPlaceKind, place: Place | None, **fields: Any) -> None:
        """It moved, or its hours did."""
        self.kind, self.place = kind, place
        self._write(fields)
        note(name=self.name)

    @act(by=ruled("legal_place.keep"), label="停用", say="停用{name}")
    def close(self, officer: Officer) -> None:
        """Nobody is sent there any more."""
        self.open = False
        note(name=self.name)

    def _write(self, fields: dict[str, Any]) -> None:
        wrong: dict[str, str] = {}
        for name, (label, most) in FIELDS.items():
            try:
                words = as_received(fields.get(name) or "", field=name, most=most, least=name == "name", label=label)
                setattr(self, name, words.strip())
            except RuleUnmet as unmet:
                wrong |= unmet.fields
        if wrong:
            raise RuleUnmet("有几处要改一改。", wrong)


def by_public_id(public_id: str) -> LegalPlace | None:
    """One place by its address."""
    return db.session.scalar(select(LegalPlace).where(LegalPlace.public_id == public_id))


def places_of(village: Place | None, kind: LegalPlaceKind | None = None) -> Sequence[LegalPlace]:
    """What a village has, and what is for the whole street; the village's own first."""
    query = (
        select(LegalPlace)
        .where(LegalPlace.open)
        .order_by(LegalPlace.place_id.is_(None), LegalPlace.kind, LegalPlace.id)
        .limit(100)
    )
    if village is not None:
        query = query.where(or_(LegalPlace.place_id == village.id, LegalPlace.place_id.is_(None)))
    if kind is not None:
        query = query.where(LegalPlace.kind == kind)
    return db.session.scalars(query).unique().all()
