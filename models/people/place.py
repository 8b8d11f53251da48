"""Places as a tree: street, villages and communities, groups; grids beside it."""

import enum
from collections.abc import Sequence
from typing import Self

from sqlalchemy import ForeignKey, Integer, String, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.kernel.base import Base, PublicId, choice, db
from models.kernel.lifecycle import act, birth, post
from models.kernel.refusal import RuleUnmet


class PlaceKind(enum.StrEnum):
    """What kind of place."""

    STREET = "street"
    VILLAGE = "village"
    COMMUNITY = "community"
    GROUP = "group"
    GRID = "grid"

    @property
    def label(self) -> str:
        """The Chinese word."""
        return {"street": "街道", "village": "村", "community": "社区", "group": "组", "grid": "网格"}[self.value]


_PARENTS: dict[PlaceKind, set[PlaceKind | None]] = {
    PlaceKind.STREET: {None},
    PlaceKind.VILLAGE: {PlaceKind.STREET},
    PlaceKind.COMMUNITY: {PlaceKind.STREET},
    PlaceKind.GROUP: {PlaceKind.VILLAGE, PlaceKind.COMMUNITY},
    PlaceKind.GRID: {PlaceKind.VILLAGE, PlaceKind.COMMUNITY},
}


class Place(PublicId, Base):
    """One place of the street."""

    __tablename__ = "place"

    kind: Mapped[PlaceKind] = mapped_column(choice(PlaceKind))
    name: Mapped[str] = mapped_column(String(40))
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("place.id"), index=True)
    residents: Mapped[int] = mapped_column(Integer, default=0)
    """People who live here, for coverage; 0 when unknown."""

    parent: Mapped["Place | None"] = relationship(remote_side="Place.id")

    @property
    def full_name(self) -> str:
        """A group with its village: every village has a first one."""
        return f"{self.parent.name}{self.name}" if self.kind == PlaceKind.GROUP and self.parent else self.name

    @classmethod
    @birth(by=post("system_admin"), say="设立{name}", keeps=("name",))
    def found(cls, officer: object, name: str, kind: PlaceKind, parent: Self | None, residents: int = 0) -> Self:
        """A new place; its kind decides under what it may stand."""
        above: PlaceKind | None = parent.kind if parent else None
        if above not in _PARENTS[kind]:
            raise RuleUnmet(f"{kind.label}不能设在这里。", {"parent": "请选择正确的上级。"})
        place = cls(kind=kind, name=name, parent=parent, residents=residents)
        db.session.add(place)
        return place

    @act(
        by=post("system_admin"), label="修改", say="把名称改为{name}、人口改为{residents}", keeps=("name", "residents")
    )
    def rename(self, officer: object, name: str, residents: int) -> None:
        """Correct name and head count."""
        self.name, self.residents = name, residents


def by_public_id(public_id: str) -> Place | None:
    """One place by its address."""
    return db.session.scalar(select(Place).where(Place.public_id == public_id))


def villages() -> Sequence[Place]:
    """The villages and communities, as they are listed everywhere."""
    return db.session.scalars(_VILLAGES).all()


_VILLAGES = select(Place).where(Place.kind.in_((PlaceKind.VILLAGE, PlaceKind.COMMUNITY))).order_by(Place.id)


def with_groups() -> list[tuple[Place, list[Place]]]:
    """The villages and communities, each with its groups."""
    groups = db.session.scalars(select(Place).where(Place.kind == PlaceKind.GROUP).order_by(Place.id)).all()
    return [(village, [g for g in groups if g.parent_id == village.id]) for village in villages()]


def street() -> Place | None:
    """The street itself."""
    return db.session.scalar(select(Place).where(Place.kind == PlaceKind.STREET))
