"""One installation is one street office: its name, its address, and whether it is a demonstration."""

from datetime import datetime

from flask import current_app
from sqlalchemy import CheckConstraint, String, select
from sqlalchemy.orm import Mapped, mapped_column

from models.kernel.base import Base, BigInt, db
from models.kernel.refusal import Missing


class Installation(Base):
    """The office that this database belongs to. There is exactly one row, with id 1."""

    __tablename__ = "installation"
    __table_args__ = (
        CheckConstraint("id = 1", name="only_one"),
        CheckConstraint("demonstration OR clock_offset = 0", name="no_offset_but_in_a_demonstration"),
    )

    office_name: Mapped[str] = mapped_column(String(40))
    """As people call it: 青禾街道."""
    office_full_name: Mapped[str] = mapped_column(String(80))
    """As documents sign it: 青禾街道办事处."""
    office_short: Mapped[str] = mapped_column(String(12))
    """As document numbers start: 青街."""
    phone: Mapped[str] = mapped_column(String(40), default="")
    hours: Mapped[str] = mapped_column(String(60), default="工作日 8:30—17:30")
    address: Mapped[str] = mapped_column(String(120), default="")
    email: Mapped[str] = mapped_column(String(80), default="")
    demonstration: Mapped[bool] = mapped_column(default=False)
    """Set when the database is created; a trigger refuses to change it."""
    clock_offset: Mapped[int] = mapped_column(BigInt, default=0)
    """Seconds between wall() and now()."""
    created_at: Mapped[datetime]

    @classmethod
    def here(cls) -> "Installation":
        """This office; Missing before `flask setup` ran."""
        office = db.session.get(cls, 1)
        if office is None:
            raise Missing("这里还没有安装好，请管理员先运行 flask setup。")
        return office

    @classmethod
    def is_demonstration(cls) -> bool:
        """Asked often, so the answer, which never changes, is remembered by the application."""
        known = current_app.extensions.get("demonstration")
        if known is None:
            found = db.session.scalar(select(cls.demonstration))
            if found is None:
                return False
            known = current_app.extensions["demonstration"] = bool(found)
        return bool(known)
