"""The village loudspeakers: scripts, when they are due where, and what was logged."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from models.kernel.base import BigInt, Instant
from models.kernel.triggers import install

revision: str = "0035"
down_revision: str | None = "0034"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def _choice(name: str, *words: str) -> sa.Enum:
    return sa.Enum(*words, name=name, native_enum=False, create_constraint=True, length=24)


def upgrade() -> None:
    """Forward."""
    op.create_table(
        "script",
        sa.Column("article_id", BigInt, nullable=False),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("stage", _choice("scriptstage", "drafted", "submitted", "agreed", "withdrawn"), nullable=False),
        sa.Column("title", sa.String(length=64), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("author_id", BigInt, nullable=False),
        sa.Column("agreer_id", BigInt, nullable=True),
        sa.Column("returned_reason", sa.String(length=300), nullable=False),
        sa.Column("withdrawn_reason", sa.String(length=300), nullable=False),
        sa.Column("made_at", Instant(), nullable=False),
        sa.Column("agreed_at", Instant(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=12), nullable=False),
        sa.Column("id", BigInt, autoincrement=True, nullable=False),
        sa.CheckConstraint(
            "stage <> 'agreed' OR (agreer_id IS NOT NULL AND agreer_id <> author_id)",
            name=op.f("ck_script_agreed_by_a_second_person"),
        ),
        sa.CheckConstraint(
            "stage <> 'withdrawn' OR withdrawn_reason <> ''", name=op.f("ck_script_withdrawn_with_a_reason")
        ),
        sa.ForeignKeyConstraint(["agreer_id"], ["officer.id"], name=op.f("fk_script_agreer_id_officer")),
        sa.ForeignKeyConstraint(["article_id"], ["article.id"], name=op.f("fk_script_article_id_article")),
        sa.ForeignKeyConstraint(["author_id"], ["officer.id"], name=op.f("fk_script_author_id_officer")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_script")),
        sa.UniqueConstraint("public_id", name=op.f("uq_script_public_id")),
    )
    op.create_index(op.f("ix_script_article_id"), "script", ["article_id"], unique=False)
    op.create_table(
        "airing",
        sa.Column("script_id", BigInt, nullable=False),
        sa.Column("place_id", BigInt, nullable=False),
        sa.Column("due_at", Instant(), nullable=False),
        sa.Column("called_off_at", Instant(), nullable=True),
        sa.Column("made_at", Instant(), nullable=False),
        sa.Column("public_id", sa.String(length=12), nullable=False),
        sa.Column("id", BigInt, autoincrement=True, nullable=False),
        sa.ForeignKeyConstraint(["place_id"], ["place.id"], name=op.f("fk_airing_place_id_place")),
        sa.ForeignKeyConstraint(["script_id"], ["script.id"], name=op.f("fk_airing_script_id_script")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_airing")),
        sa.UniqueConstraint("public_id", name=op.f("uq_airing_public_id")),
        sa.UniqueConstraint("script_id", "place_id", "due_at", name=op.f("uq_airing_script_id_place_id_due_at")),
    )
    op.create_index("ix_airing_due", "airing", ["due_at", "place_id"], unique=False)
    op.create_table(
        "airing_log",
        sa.Column("airing_id", BigInt, nullable=False),
        sa.Column("officer_id", BigInt, nullable=False),
        sa.Column("played_at", Instant(), nullable=True),
        sa.Column("reason", sa.String(length=60), nullable=False),
        sa.Column("made_at", Instant(), nullable=False),
        sa.Column("id", BigInt, autoincrement=True, nullable=False),
        sa.CheckConstraint("(played_at IS NULL) = (reason <> '')", name=op.f("ck_airing_log_played_or_why_not")),
        sa.ForeignKeyConstraint(["airing_id"], ["airing.id"], name=op.f("fk_airing_log_airing_id_airing")),
        sa.ForeignKeyConstraint(["officer_id"], ["officer.id"], name=op.f("fk_airing_log_officer_id_officer")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_airing_log")),
    )
    op.create_index(op.f("ix_airing_log_airing_id"), "airing_log", ["airing_id"], unique=False)
    install(op.get_bind())
