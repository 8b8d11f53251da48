"""A second person reads what was written down for somebody."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from models.kernel.base import BigInt, Instant
from models.kernel.ids import new_public_id
from models.kernel.triggers import install
from models.migrations import one_of

revision: str = "0021"
down_revision: str | None = "0020"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

HERE = {"paper": "letter", "phone": "phone", "email": "email", "hall": "visit"}


def upgrade() -> None:
    """Forward: what staff entered on consultations that are not answered yet waits for a second person."""
    made = op.create_table(
        "transcription",
        sa.Column("comment_id", BigInt, nullable=True),
        sa.Column("attachment_id", BigInt, nullable=True),
        sa.Column("source", sa.String(24), nullable=False),
        sa.Column("said_on", sa.Date(), nullable=True),
        sa.Column("stage", sa.String(24), nullable=False),
        sa.Column("author_id", BigInt, nullable=False),
        sa.Column("checker_id", BigInt, nullable=True),
        sa.Column("sealed_mended", sa.LargeBinary(), nullable=True),
        sa.Column("remark", sa.String(300), nullable=False),
        sa.Column("made_at", Instant(), nullable=False),
        sa.Column("checked_at", Instant(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(12), nullable=False),
        sa.Column("id", BigInt, autoincrement=True, nullable=False),
        sa.CheckConstraint(
            one_of("source", "letter box phone email visit minutes grid voice"), name=op.f("ck_transcription_source")
        ),
        sa.CheckConstraint(
            one_of("stage", "waiting confirmed mended"), name=op.f("ck_transcription_transcriptionstage")
        ),
        sa.CheckConstraint(
            "(comment_id IS NULL) <> (attachment_id IS NULL)", name=op.f("ck_transcription_of_one_thing")
        ),
        sa.CheckConstraint(
            "stage = 'waiting' OR (checker_id IS NOT NULL AND checker_id <> author_id AND checked_at IS NOT NULL)",
            name=op.f("ck_transcription_read_by_a_second_person"),
        ),
        sa.CheckConstraint(
            "stage <> 'mended' OR (sealed_mended IS NOT NULL AND remark <> '')",
            name=op.f("ck_transcription_mended_with_words"),
        ),
        sa.ForeignKeyConstraint(["comment_id"], ["comment.id"], name=op.f("fk_transcription_comment_id_comment")),
        sa.ForeignKeyConstraint(
            ["attachment_id"], ["attachment.id"], name=op.f("fk_transcription_attachment_id_attachment")
        ),
        sa.ForeignKeyConstraint(["author_id"], ["officer.id"], name=op.f("fk_transcription_author_id_officer")),
        sa.ForeignKeyConstraint(["checker_id"], ["officer.id"], name=op.f("fk_transcription_checker_id_officer")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_transcription")),
        sa.UniqueConstraint("comment_id", name=op.f("uq_transcription_comment_id")),
        sa.UniqueConstraint("attachment_id", name=op.f("uq_transcription_attachment_id")),
        sa.UniqueConstraint("public_id", name=op.f("uq_transcription_public_id")),
    )
    op.create_index("ix_transcription_waiting", "transcription", ["stage", "id"])
    rows = op.get_bind().execute(
        sa.text(
            "SELECT comment.id, comment.channel, comment.entered_by_id, comment.received_at FROM comment "
            "JOIN consultation ON consultation.id = comment.consultation_id WHERE comment.entered_by_id IS NOT NULL "
            "AND comment.channel IN ('paper', 'phone', 'email', 'hall') AND consultation.stage = 'published'"
        ).columns(received_at=Instant())
    )
    waiting = [
        {
            "comment_id": row.id, "source": HERE[row.channel], "stage": "waiting", "author_id": row.entered_by_id,
            "remark": "", "made_at": row.received_at, "version": 1, "public_id": new_public_id(),
        }
        for row in rows
    ]  # fmt: skip
    if waiting:
        op.bulk_insert(made, waiting)
    install(op.get_bind())
