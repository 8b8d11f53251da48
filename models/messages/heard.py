"""What was heard from WeChat and what was replied, so that a repeat gets the same reply and no second effect."""

from datetime import datetime, timedelta
from functools import cache
from typing import Self

from sqlalchemy import String, Text, bindparam, delete, func, select, update
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.sql.dml import ReturningInsert

from models.kernel.base import Base, db, engine_name, insert_into, table_of
from models.kernel.clock import wall

DAYS = 3


class Heard(Base):
    """One message or event, by its key within its account."""

    __tablename__ = "heard"

    key: Mapped[str] = mapped_column(String(255), unique=True)
    """appid, then MsgId, or FromUserName+CreateTime+Event+EventKey (hashed when long)."""
    kind: Mapped[str] = mapped_column(String(40), default="")
    reply: Mapped[str] = mapped_column(Text, default="")
    """What was replied, sealed under the account's own key (a reply may hold a personal link); empty for none."""
    heard_at: Mapped[datetime]

    @classmethod
    def before(cls, key: str) -> Self | None:
        """What was replied the first time."""
        return db.session.scalar(select(cls).where(cls.key == key))

    @classmethod
    def first(cls, key: str, kind: str) -> int | None:
        """The number of a new row for what was not heard before; None for a repeat. Of two at once the second waits for the first one's end."""
        told = {"key": key, "kind": kind, "reply": "", "heard_at": wall()}
        return db.session.scalar(_first(engine_name()), told)

    @classmethod
    def replied(cls, number: int, kind: str, reply: str) -> None:
        """What the repeats will be told."""
        db.session.execute(_REPLIED, {"number": number, "as_kind": kind, "with_reply": reply})

    @classmethod
    def remember(cls, key: str, kind: str, reply: str) -> Self:
        """Keep the reply for the repeats."""
        row = cls(key=key, kind=kind, reply=reply, heard_at=wall())
        db.session.add(row)
        return row

    @classmethod
    def how_many(cls, kind: str, since: datetime) -> int:
        """How often something of this kind was heard since then."""
        found = select(func.count()).select_from(cls).where(cls.kind == kind, cls.heard_at >= since)
        return db.session.scalar(found) or 0

    @classmethod
    def sweep(cls) -> None:
        """WeChat repeats within seconds; three days are plenty."""
        db.session.execute(delete(cls).where(cls.heard_at < wall() - timedelta(days=DAYS)))


_REPLIED = (
    update(table_of(Heard))
    .where(table_of(Heard).c.id == bindparam("number"))
    .values(kind=bindparam("as_kind"), reply=bindparam("with_reply"))
)


@cache
def _first(_engine: str) -> ReturningInsert[int]:
    """The statement of Heard.first(), built once."""
    table = table_of(Heard)
    return insert_into(table).on_conflict_do_nothing(index_elements=["key"]).returning(table.c.id)
