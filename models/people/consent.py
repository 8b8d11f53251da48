"""What people agreed to, with the version of the text they saw."""

from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Self

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint, bindparam, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, mapped_column

from models.kernel.base import Base, db, engine_name, insert_into, table_of
from models.kernel.clock import now
from models.kernel.refusal import RuleUnmet

if TYPE_CHECKING:
    from models.people.officer import Officer
    from models.people.resident import Resident

PRIVACY = "privacy"
RETENTION = "保存期限"
"""What a privacy text has to say (个人信息保护法第十七条), in these words, so that a reader finds it."""


class ConsentText(Base):
    """One version of a text that people agree to; never changed, only followed by the next."""

    __tablename__ = "consent_text"
    __table_args__ = (UniqueConstraint("kind", "version"),)

    kind: Mapped[str] = mapped_column(String(24))
    version: Mapped[str] = mapped_column(String(24))
    body: Mapped[str] = mapped_column(Text)
    since: Mapped[datetime]

    @classmethod
    def publish(cls, kind: str, version: str, body: str) -> Self:
        """A version of the text; the same version twice stays as it was."""
        if kind == PRIVACY and RETENTION not in body:
            raise RuleUnmet("个人信息告知要写明保存期限（个人信息保护法第十七条）。")
        found = db.session.scalar(select(cls).where(cls.kind == kind, cls.version == version))
        if found is None:
            found = cls(kind=kind, version=version, body=body, since=now())
            db.session.add(found)
            db.session.flush()
        return found

    @classmethod
    def current(cls, kind: str = PRIVACY) -> Self | None:
        """The text in force."""
        return db.session.scalar(select(cls).where(cls.kind == kind).order_by(cls.id.desc()).limit(1))

    @classmethod
    def version_of(cls, version: str, kind: str = PRIVACY) -> Self | None:
        """The text of this version, in force or not any more."""
        return db.session.scalar(select(cls).where(cls.kind == kind, cls.version == version))


class Consent(Base):
    """One person's agreement to one version: how they came to see it, and who read it out to those without a telephone."""

    __tablename__ = "consent"
    __table_args__ = (UniqueConstraint("resident_id", "text_id"),)

    resident_id: Mapped[int] = mapped_column(ForeignKey("resident.id"))
    text_id: Mapped[int] = mapped_column(ForeignKey("consent_text.id"))
    given_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]
    door: Mapped[str] = mapped_column(String(12), default="")
    """Where the text was shown first: chat, mini, h5; for what staff write down paper, phone, hall, email."""
    officer_id: Mapped[int | None] = mapped_column(ForeignKey("officer.id"))
    """Who read it out, or gave it on paper with the receipt."""

    @classmethod
    def give(
        cls, resident: "Resident", kind: str = PRIVACY, *, door: str = "", officer: "Officer | None" = None
    ) -> None:
        """Agreed to the text in force, which this door shows; saying it again changes nothing.

        One statement, so that two comments that a person sends at the same moment agree once and neither fails.
        """
        said = {
            "resident_id": resident.id,
            "given_at": now(),
            "door": door,
            "officer_id": officer.id if officer else None,
        }
        db.session.execute(_agreed(engine_name()), {**said, "of_kind": kind})

    @classmethod
    def given(cls, resident: "Resident", kind: str = PRIVACY) -> bool:
        """Whether this person agrees to the text in force."""
        text = ConsentText.current(kind)
        return text is not None and bool(
            db.session.scalar(
                select(cls.id).where(cls.resident_id == resident.id, cls.text_id == text.id, cls.withdrawn_at.is_(None))
            )
        )

    @classmethod
    def withdraw(cls, resident: "Resident") -> None:
        """Agreement is taken back."""
        for row in db.session.scalars(select(cls).where(cls.resident_id == resident.id, cls.withdrawn_at.is_(None))):
            row.withdrawn_at = now()


@cache
def _agreed(_engine: str) -> postgresql.Insert | sqlite.Insert:
    """The statement of Consent.give(), built once: building it anew costs three times what asking it does."""
    table, texts = table_of(Consent), table_of(ConsentText).c
    said = [table.c.resident_id, table.c.given_at, table.c.door, table.c.officer_id]
    in_force = (
        select(texts.id, *(bindparam(column.name, type_=column.type) for column in said))
        .where(texts.kind == bindparam("of_kind", type_=texts.kind.type))
        .order_by(texts.id.desc())
        .limit(1)
    )
    row = insert_into(table).from_select([table.c.text_id, *said], in_force)
    again = {"given_at": row.excluded.given_at, "withdrawn_at": None, "door": row.excluded.door}
    return row.on_conflict_do_update(
        index_elements=["resident_id", "text_id"], set_=again, where=table.c.withdrawn_at.is_not(None)
    )
