"""Document numbers, one series a year, none given twice."""

from sqlalchemy import Integer, String, UniqueConstraint, select, update
from sqlalchemy.orm import Mapped, mapped_column

from models.kernel.base import Base, db, insert_into


class Numbering(Base):
    """The last number given in a series and year."""

    __tablename__ = "numbering"
    __table_args__ = (UniqueConstraint("series", "year"),)

    series: Mapped[str] = mapped_column(String(24))
    year: Mapped[int] = mapped_column(Integer)
    last: Mapped[int] = mapped_column(Integer, default=0)

    @classmethod
    def next(cls, series: str, year: int) -> int:
        """The next number; the row stays locked until the transaction ends, so there are no gaps but by rollback."""
        db.session.execute(insert_into(cls).values(series=series, year=year, last=0).on_conflict_do_nothing())
        here = (cls.series == series) & (cls.year == year)
        db.session.execute(update(cls).where(here).values(last=cls.last + 1))
        return db.session.scalar(select(cls.last).where(here)) or 0


def document_number(short: str, series: str, year: int, number: int) -> str:
    """青街征〔2026〕5号, with the brackets that official documents use."""
    return f"{short}{series}〔{year}〕{number}号"
