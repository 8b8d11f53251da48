"""Units of the office: 科室 and 站所."""

from collections.abc import Sequence
from typing import Self

from sqlalchemy import String, select
from sqlalchemy.orm import Mapped, mapped_column

from models.kernel.base import Base, PublicId, db
from models.kernel.lifecycle import act, birth, post


class Unit(PublicId, Base):
    """One unit."""

    __tablename__ = "unit"

    name: Mapped[str] = mapped_column(String(40), unique=True)
    phone: Mapped[str] = mapped_column(String(40), default="")

    @classmethod
    @birth(by=post("system_admin"), say="设立{name}", keeps=("name",))
    def found(cls, officer: object, name: str, phone: str = "") -> Self:
        """A new unit."""
        unit = cls(name=name, phone=phone)
        db.session.add(unit)
        return unit

    @act(by=post("system_admin"), label="修改", say="把名称改为{name}", keeps=("name",))
    def rename(self, officer: object, name: str, phone: str) -> None:
        """Correct name and telephone."""
        self.name, self.phone = name, phone


def units() -> Sequence[Unit]:
    """All units."""
    return db.session.scalars(select(Unit).order_by(Unit.id)).all()
