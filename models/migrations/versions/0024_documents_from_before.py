"""Normative documents from before this system, their place in clean-ups, and the reminders that went out."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from models.kernel.base import BigInt, Instant
from models.kernel.triggers import install

revision: str = "0024"
down_revision: str | None = "0023"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def _choice(name: str, *words: str) -> sa.Enum:
    return sa.Enum(*words, name=name, native_enum=False, create_constraint=True, length=24)


def upgrade() -> None:
    """Forward."""
    op.create_table(
        "older_document",
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("stage", _choice("olderstage", "registered", "proposed"), nullable=False),
        sa.Column("published_on", sa.Date(), nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=False),
        sa.Column("receipt_number", sa.String(length=60), nullable=False),
        sa.Column("file", sa.String(length=64), nullable=False),
        sa.Column("mime", sa.String(length=80), nullable=False),
        sa.Column("extension", sa.String(length=8), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("officer_id", BigInt, nullable=False),
        sa.Column("registered_at", Instant(), nullable=False),
        sa.Column("verdict", _choice("verdict", "keep", "amend", "repeal", "lapse"), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("proposer_id", BigInt, nullable=True),
        sa.Column("agreer_id", BigInt, nullable=True),
        sa.Column("returned_reason", sa.String(length=300), nullable=False),
        sa.Column("ended_as", _choice("ended", "repealed", "lapsed"), nullable=True),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("ended_reason", sa.String(length=300), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=12), nullable=False),
        sa.Column("id", BigInt, autoincrement=True, nullable=False),
        sa.CheckConstraint("effective_on >= published_on", name=op.f("ck_older_document_in_force_only_once_published")),
        sa.CheckConstraint("valid_until > effective_on", name=op.f("ck_older_document_valid_in_order")),
        sa.CheckConstraint(
            "stage <> 'proposed' OR (verdict IS NOT NULL AND reason <> '' AND proposer_id IS NOT NULL)",
            name=op.f("ck_older_document_proposed_with_a_reason"),
        ),
        sa.CheckConstraint("agreer_id IS NULL OR agreer_id <> proposer_id", name=op.f("ck_older_document_two_persons")),
        sa.CheckConstraint(
            "ended_as IS NULL OR (ended_on IS NOT NULL AND ended_reason <> '')",
            name=op.f("ck_older_document_ended_with_a_reason"),
        ),
        sa.ForeignKeyConstraint(["officer_id"], ["officer.id"], name=op.f("fk_older_document_officer_id_officer")),
        sa.ForeignKeyConstraint(["proposer_id"], ["officer.id"], name=op.f("fk_older_document_proposer_id_officer")),
        sa.ForeignKeyConstraint(["agreer_id"], ["officer.id"], name=op.f("fk_older_document_agreer_id_officer")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_older_document")),
        sa.UniqueConstraint("number", name=op.f("uq_older_document_number")),
        sa.UniqueConstraint("public_id", name=op.f("uq_older_document_public_id")),
    )
    op.create_table(
        "older_cleanup_item",
        sa.Column("cleanup_id", BigInt, nullable=False),
        sa.Column("document_id", BigInt, nullable=False),
        sa.Column("verdict", _choice("verdict", "keep", "amend", "repeal", "lapse"), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("judge_id", BigInt, nullable=True),
        sa.Column("concluded", sa.Boolean(), nullable=False),
        sa.Column("public_id", sa.String(length=12), nullable=False),
        sa.Column("id", BigInt, autoincrement=True, nullable=False),
        sa.CheckConstraint(
            "verdict IS NULL OR (reason <> '' AND judge_id IS NOT NULL)",
            name=op.f("ck_older_cleanup_item_judged_with_a_reason"),
        ),
        sa.CheckConstraint(
            "NOT concluded OR verdict IS NOT NULL", name=op.f("ck_older_cleanup_item_concluded_only_judged")
        ),
        sa.ForeignKeyConstraint(["cleanup_id"], ["cleanup.id"], name=op.f("fk_older_cleanup_item_cleanup_id_cleanup")),
        sa.ForeignKeyConstraint(
            ["document_id"], ["older_document.id"], name=op.f("fk_older_cleanup_item_document_id_older_document")
        ),
        sa.ForeignKeyConstraint(["judge_id"], ["officer.id"], name=op.f("fk_older_cleanup_item_judge_id_officer")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_older_cleanup_item")),
        sa.UniqueConstraint("cleanup_id", "document_id", name=op.f("uq_older_cleanup_item_cleanup_id_document_id")),
        sa.UniqueConstraint("public_id", name=op.f("uq_older_cleanup_item_public_id")),
    )
    op.create_index(op.f("ix_older_cleanup_item_cleanup_id"), "older_cleanup_item", ["cleanup_id"])
    op.create_table(
        "expiry_notice",
        sa.Column("normative_id", BigInt, nullable=True),
        sa.Column("older_id", BigInt, nullable=True),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("call", _choice("call", "notice", "last", "lapsed"), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("made_at", Instant(), nullable=False),
        sa.Column("id", BigInt, autoincrement=True, nullable=False),
        sa.CheckConstraint(
            "(normative_id IS NULL) <> (older_id IS NULL)", name=op.f("ck_expiry_notice_of_one_document")
        ),
        sa.ForeignKeyConstraint(
            ["normative_id"], ["normative.id"], name=op.f("fk_expiry_notice_normative_id_normative")
        ),
        sa.ForeignKeyConstraint(
            ["older_id"], ["older_document.id"], name=op.f("fk_expiry_notice_older_id_older_document")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_expiry_notice")),
        sa.UniqueConstraint("normative_id", "until", "call", name=op.f("uq_expiry_notice_normative_id_until_call")),
        sa.UniqueConstraint("older_id", "until", "call", name=op.f("uq_expiry_notice_older_id_until_call")),
    )
    install(op.get_bind())
