"""Visits, exhibitions, and letters for the farmers' mailbox."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from models.kernel.base import BigInt, Instant
from models.kernel.triggers import install

revision: str = "0037"
down_revision: str | None = "0036"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def _choice(name: str, *words: str) -> sa.Enum:
    return sa.Enum(*words, name=name, native_enum=False, create_constraint=True, length=24)


def upgrade() -> None:
    """Forward."""
    op.create_table(
        "exhibition",
        sa.Column("legal_place_id", BigInt, nullable=False),
        sa.Column(
            "stage", _choice("exhibitionstage", "drafted", "submitted", "published", "withdrawn"), nullable=False
        ),
        sa.Column("title", sa.String(length=40), nullable=False),
        sa.Column("theme", sa.String(length=20), nullable=False),
        sa.Column("shown", sa.Text(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=True),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("picture", sa.String(length=64), nullable=False),
        sa.Column("picture_mime", sa.String(length=40), nullable=False),
        sa.Column("caption", sa.String(length=80), nullable=False),
        sa.Column("author_id", BigInt, nullable=False),
        sa.Column("reviewer_id", BigInt, nullable=True),
        sa.Column("returned_reason", sa.String(length=300), nullable=False),
        sa.Column("withdrawn_reason", sa.String(length=300), nullable=False),
        sa.Column("made_at", Instant(), nullable=False),
        sa.Column("published_at", Instant(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=12), nullable=False),
        sa.Column("id", BigInt, autoincrement=True, nullable=False),
        sa.CheckConstraint("picture = '' OR caption <> ''", name=op.f("ck_exhibition_picture_said_in_words")),
        sa.CheckConstraint(
            "stage <> 'published' OR (reviewer_id IS NOT NULL AND reviewer_id <> author_id AND starts_on IS NOT NULL)",
            name=op.f("ck_exhibition_let_out_by_a_second_person"),
        ),
        sa.CheckConstraint("ends_on IS NULL OR starts_on <= ends_on", name=op.f("ck_exhibition_in_order")),
        sa.ForeignKeyConstraint(["author_id"], ["officer.id"], name=op.f("fk_exhibition_author_id_officer")),
        sa.ForeignKeyConstraint(
            ["legal_place_id"], ["legal_place.id"], name=op.f("fk_exhibition_legal_place_id_legal_place")
        ),
        sa.ForeignKeyConstraint(["reviewer_id"], ["officer.id"], name=op.f("fk_exhibition_reviewer_id_officer")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exhibition")),
        sa.UniqueConstraint("public_id", name=op.f("uq_exhibition_public_id")),
    )
    op.create_index("ix_exhibition_where", "exhibition", ["legal_place_id", "starts_on"], unique=False)
    op.create_table(
        "visit",
        sa.Column("kind", _choice("visitkind", "household", "van", "stall"), nullable=False),
        sa.Column("place_id", BigInt, nullable=False),
        sa.Column("visited_on", sa.Date(), nullable=False),
        sa.Column("households", sa.Integer(), nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.Column("leaflets", sa.Integer(), nullable=False),
        sa.Column("asked", sa.Integer(), nullable=False),
        sa.Column("gist", sa.String(length=300), nullable=False),
        sa.Column("photo", sa.String(length=64), nullable=False),
        sa.Column("photo_mime", sa.String(length=40), nullable=False),
        sa.Column("officer_id", BigInt, nullable=False),
        sa.Column("corrects_id", BigInt, nullable=True),
        sa.Column("remark", sa.String(length=200), nullable=False),
        sa.Column("void", sa.Boolean(), nullable=False),
        sa.Column("key", sa.String(length=160), nullable=True),
        sa.Column("made_at", Instant(), nullable=False),
        sa.Column("public_id", sa.String(length=12), nullable=False),
        sa.Column("id", BigInt, autoincrement=True, nullable=False),
        sa.CheckConstraint("corrects_id IS NULL OR remark <> ''", name=op.f("ck_visit_corrected_with_a_reason")),
        sa.CheckConstraint(
            "kind <> 'household' OR void OR households > 0", name=op.f("ck_visit_a_visit_has_a_household")
        ),
        sa.CheckConstraint("NOT void OR corrects_id IS NOT NULL", name=op.f("ck_visit_void_is_a_correction")),
        sa.CheckConstraint(
            "households >= 0 AND people >= 0 AND leaflets >= 0 AND asked >= 0", name=op.f("ck_visit_counted")
        ),
        sa.CheckConstraint("void OR people > 0 OR leaflets > 0", name=op.f("ck_visit_somebody_was_reached")),
        sa.ForeignKeyConstraint(["corrects_id"], ["visit.id"], name=op.f("fk_visit_corrects_id_visit")),
        sa.ForeignKeyConstraint(["officer_id"], ["officer.id"], name=op.f("fk_visit_officer_id_officer")),
        sa.ForeignKeyConstraint(["place_id"], ["place.id"], name=op.f("fk_visit_place_id_place")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visit")),
        sa.UniqueConstraint("corrects_id", name=op.f("uq_visit_corrects_id")),
        sa.UniqueConstraint("key", name=op.f("uq_visit_key")),
        sa.UniqueConstraint("public_id", name=op.f("uq_visit_public_id")),
    )
    op.create_index("ix_visit_officer", "visit", ["officer_id", "visited_on"], unique=False)
    op.create_index("ix_visit_place", "visit", ["place_id", "visited_on"], unique=False)
    op.create_table(
        "letter",
        sa.Column("article_id", BigInt, nullable=False),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column(
            "stage", _choice("letterstage", "drafted", "submitted", "agreed", "sent", "withdrawn"), nullable=False
        ),
        sa.Column("title", sa.String(length=64), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("sender", sa.String(length=40), nullable=False),
        sa.Column("author_id", BigInt, nullable=False),
        sa.Column("agreer_id", BigInt, nullable=True),
        sa.Column("sent_on", sa.Date(), nullable=True),
        sa.Column("sender_officer_id", BigInt, nullable=True),
        sa.Column("returned_reason", sa.String(length=300), nullable=False),
        sa.Column("withdrawn_reason", sa.String(length=300), nullable=False),
        sa.Column("made_at", Instant(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=12), nullable=False),
        sa.Column("id", BigInt, autoincrement=True, nullable=False),
        sa.CheckConstraint("stage <> 'sent' OR sent_on IS NOT NULL", name=op.f("ck_letter_sent_on_a_day")),
        sa.CheckConstraint(
            "stage <> 'withdrawn' OR withdrawn_reason <> ''", name=op.f("ck_letter_withdrawn_with_a_reason")
        ),
        sa.CheckConstraint(
            "stage NOT IN ('agreed', 'sent') OR (agreer_id IS NOT NULL AND agreer_id <> author_id)",
            name=op.f("ck_letter_agreed_by_a_second_person"),
        ),
        sa.ForeignKeyConstraint(["agreer_id"], ["officer.id"], name=op.f("fk_letter_agreer_id_officer")),
        sa.ForeignKeyConstraint(["article_id"], ["article.id"], name=op.f("fk_letter_article_id_article")),
        sa.ForeignKeyConstraint(["author_id"], ["officer.id"], name=op.f("fk_letter_author_id_officer")),
        sa.ForeignKeyConstraint(
            ["sender_officer_id"], ["officer.id"], name=op.f("fk_letter_sender_officer_id_officer")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_letter")),
        sa.UniqueConstraint("public_id", name=op.f("uq_letter_public_id")),
    )
    op.create_index(op.f("ix_letter_article_id"), "letter", ["article_id"], unique=False)
    op.create_table(
        "visit_told",
        sa.Column("visit_id", BigInt, nullable=False),
        sa.Column("topic_id", BigInt, nullable=True),
        sa.Column("article_id", BigInt, nullable=True),
        sa.Column("id", BigInt, autoincrement=True, nullable=False),
        sa.CheckConstraint("topic_id IS NULL OR article_id IS NULL", name=op.f("ck_visit_told_one_of_both")),
        sa.ForeignKeyConstraint(["article_id"], ["article.id"], name=op.f("fk_visit_told_article_id_article")),
        sa.ForeignKeyConstraint(["topic_id"], ["topic.id"], name=op.f("fk_visit_told_topic_id_topic")),
        sa.ForeignKeyConstraint(["visit_id"], ["visit.id"], name=op.f("fk_visit_told_visit_id_visit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visit_told")),
        sa.UniqueConstraint("visit_id", "article_id", name=op.f("uq_visit_told_visit_id_article_id")),
        sa.UniqueConstraint("visit_id", "topic_id", name=op.f("uq_visit_told_visit_id_topic_id")),
    )
    op.create_index(op.f("ix_visit_told_article_id"), "visit_told", ["article_id"], unique=False)
    op.create_table(
        "letter_export",
        sa.Column("letter_id", BigInt, nullable=False),
        sa.Column("officer_id", BigInt, nullable=False),
        sa.Column("form", _choice("exportform", "txt", "docx"), nullable=False),
        sa.Column("made_at", Instant(), nullable=False),
        sa.Column("id", BigInt, autoincrement=True, nullable=False),
        sa.ForeignKeyConstraint(["letter_id"], ["letter.id"], name=op.f("fk_letter_export_letter_id_letter")),
        sa.ForeignKeyConstraint(["officer_id"], ["officer.id"], name=op.f("fk_letter_export_officer_id_officer")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_letter_export")),
    )
    op.create_index(op.f("ix_letter_export_letter_id"), "letter_export", ["letter_id"], unique=False)
    op.create_table(
        "letter_place",
        sa.Column("letter_id", BigInt, nullable=False),
        sa.Column("place_id", BigInt, nullable=False),
        sa.Column("id", BigInt, autoincrement=True, nullable=False),
        sa.ForeignKeyConstraint(["letter_id"], ["letter.id"], name=op.f("fk_letter_place_letter_id_letter")),
        sa.ForeignKeyConstraint(["place_id"], ["place.id"], name=op.f("fk_letter_place_place_id_place")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_letter_place")),
        sa.UniqueConstraint("letter_id", "place_id", name=op.f("uq_letter_place_letter_id_place_id")),
    )
    install(op.get_bind())
