"""After the answer: whether it met the point, a second look, and promises with a day."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from models.kernel.base import BigInt, Instant
from models.kernel.triggers import install
from models.migrations import one_of

revision: str = "0022"
down_revision: str | None = "0021"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    """Forward."""
    op.create_table(
        "rating",
        sa.Column("point_id", BigInt, nullable=False),
        sa.Column("resident_id", BigInt, nullable=False),
        sa.Column("good", sa.Boolean(), nullable=False),
        sa.Column("made_at", Instant(), nullable=False),
        sa.Column("id", BigInt, autoincrement=True, nullable=False),
        sa.ForeignKeyConstraint(["point_id"], ["point.id"], name=op.f("fk_rating_point_id_point")),
        sa.ForeignKeyConstraint(["resident_id"], ["resident.id"], name=op.f("fk_rating_resident_id_resident")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rating")),
        sa.UniqueConstraint("point_id", "resident_id", name=op.f("uq_rating_point_id_resident_id")),
    )
    op.create_table(
        "second_look",
        sa.Column("point_id", BigInt, nullable=False),
        sa.Column("stage", sa.String(24), nullable=False),
        sa.Column("sealed_reason", sa.LargeBinary(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("officer_id", BigInt, nullable=True),
        sa.Column("amendment_id", BigInt, nullable=True),
        sa.Column("made_at", Instant(), nullable=False),
        sa.Column("taken_at", Instant(), nullable=True),
        sa.Column("answered_at", Instant(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(12), nullable=False),
        sa.Column("id", BigInt, autoincrement=True, nullable=False),
        sa.CheckConstraint(one_of("stage", "asked taken answered"), name=op.f("ck_second_look_lookstage")),
        sa.CheckConstraint("stage = 'asked' OR officer_id IS NOT NULL", name=op.f("ck_second_look_taken_by_somebody")),
        sa.CheckConstraint(
            "stage <> 'answered' OR amendment_id IS NOT NULL", name=op.f("ck_second_look_answered_by_a_supplement")
        ),
        sa.ForeignKeyConstraint(["point_id"], ["point.id"], name=op.f("fk_second_look_point_id_point")),
        sa.ForeignKeyConstraint(["officer_id"], ["officer.id"], name=op.f("fk_second_look_officer_id_officer")),
        sa.ForeignKeyConstraint(["amendment_id"], ["amendment.id"], name=op.f("fk_second_look_amendment_id_amendment")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_second_look")),
        sa.UniqueConstraint("point_id", name=op.f("uq_second_look_point_id")),
        sa.UniqueConstraint("amendment_id", name=op.f("uq_second_look_amendment_id")),
        sa.UniqueConstraint("public_id", name=op.f("uq_second_look_public_id")),
    )
    op.create_index("ix_second_look_waiting", "second_look", ["stage", "due_on"])
    op.create_table(
        "promise",
        sa.Column("point_id", BigInt, nullable=False),
        sa.Column("words", sa.String(200), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("first_due_on", sa.Date(), nullable=False),
        sa.Column("delay_reason", sa.String(300), nullable=False),
        sa.Column("stage", sa.String(24), nullable=False),
        sa.Column("officer_id", BigInt, nullable=False),
        sa.Column("kept_words", sa.String(300), nullable=False),
        sa.Column("made_at", Instant(), nullable=False),
        sa.Column("kept_at", Instant(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(12), nullable=False),
        sa.Column("id", BigInt, autoincrement=True, nullable=False),
        sa.CheckConstraint(one_of("stage", "open kept"), name=op.f("ck_promise_promisestage")),
        sa.CheckConstraint("words <> ''", name=op.f("ck_promise_promises_something")),
        sa.CheckConstraint(
            "stage <> 'kept' OR (kept_at IS NOT NULL AND kept_words <> '')", name=op.f("ck_promise_kept_with_words")
        ),
        sa.CheckConstraint("due_on = first_due_on OR delay_reason <> ''", name=op.f("ck_promise_later_with_a_reason")),
        sa.ForeignKeyConstraint(["point_id"], ["point.id"], name=op.f("fk_promise_point_id_point")),
        sa.ForeignKeyConstraint(["officer_id"], ["officer.id"], name=op.f("fk_promise_officer_id_officer")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_promise")),
        sa.UniqueConstraint("public_id", name=op.f("uq_promise_public_id")),
    )
    op.create_index("ix_promise_point_id", "promise", ["point_id"])
    op.create_index("ix_promise_due", "promise", ["stage", "due_on"])
    install(op.get_bind())
