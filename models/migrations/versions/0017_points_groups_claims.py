"""Points, groups, claims and suggestions."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from models.kernel.base import BigInt, Instant
from models.kernel.triggers import install
from models.migrations import add_column

revision: str = "0017"
down_revision: str | None = "0016"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    """Forward."""
    op.create_table(
        "answer_template",
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column(
            "outcome",
            sa.Enum(
                "adopted",
                "partly_adopted",
                "not_adopted",
                "other",
                name="outcome",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column(
            "sub_reason",
            sa.Enum(
                "in_text",
                "reworded",
                "against_law",
                "covered",
                "not_now",
                "conflicts",
                "outweighed",
                "out_of_scope",
                "referred",
                "explained",
                "no_change_asked",
                "further_study",
                name="subreason",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=True,
        ),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("made_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("made_at", Instant(), nullable=False),
        sa.Column("retired_at", Instant(), nullable=True),
        sa.Column("public_id", sa.String(length=12), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.ForeignKeyConstraint(["made_by_id"], ["officer.id"], name=op.f("fk_answer_template_made_by_id_officer")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_answer_template")),
        sa.UniqueConstraint("public_id", name=op.f("uq_answer_template_public_id")),
    )
    with op.batch_alter_table("answer_template", schema=None) as batch_op:
        batch_op.create_index("ix_answer_template_list", ["retired_at", "id"], unique=False)

    op.create_table(
        "point_group",
        sa.Column("consultation_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("n_points", sa.Integer(), nullable=False),
        sa.Column("made_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("made_at", Instant(), nullable=False),
        sa.Column("public_id", sa.String(length=12), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.ForeignKeyConstraint(
            ["consultation_id"], ["consultation.id"], name=op.f("fk_point_group_consultation_id_consultation")
        ),
        sa.ForeignKeyConstraint(["made_by_id"], ["officer.id"], name=op.f("fk_point_group_made_by_id_officer")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_point_group")),
        sa.UniqueConstraint("public_id", name=op.f("uq_point_group_public_id")),
    )
    with op.batch_alter_table("point_group", schema=None) as batch_op:
        batch_op.create_index("ix_point_group_list", ["consultation_id", "n_points", "id"], unique=False)

    op.create_table(
        "reminder",
        sa.Column("officer_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("consultation_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("points", sa.Integer(), nullable=False),
        sa.Column("made_at", Instant(), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.ForeignKeyConstraint(
            ["consultation_id"], ["consultation.id"], name=op.f("fk_reminder_consultation_id_consultation")
        ),
        sa.ForeignKeyConstraint(["officer_id"], ["officer.id"], name=op.f("fk_reminder_officer_id_officer")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reminder")),
        sa.UniqueConstraint(
            "officer_id",
            "consultation_id",
            "due_on",
            "day",
            name=op.f("uq_reminder_officer_id_consultation_id_due_on_day"),
        ),
    )
    op.create_table(
        "alike_set",
        sa.Column("consultation_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("leader_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("found_at", Instant(), nullable=False),
        sa.Column("settled_at", Instant(), nullable=True),
        sa.Column("public_id", sa.String(length=12), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.ForeignKeyConstraint(
            ["consultation_id"], ["consultation.id"], name=op.f("fk_alike_set_consultation_id_consultation")
        ),
        sa.ForeignKeyConstraint(["leader_id"], ["point.id"], name=op.f("fk_alike_set_leader_id_point")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alike_set")),
        sa.UniqueConstraint("leader_id", name=op.f("uq_alike_set_leader_id")),
        sa.UniqueConstraint("public_id", name=op.f("uq_alike_set_public_id")),
    )
    with op.batch_alter_table("alike_set", schema=None) as batch_op:
        batch_op.create_index("ix_alike_set_list", ["consultation_id", "settled_at", "size", "id"], unique=False)

    op.create_table(
        "point_move",
        sa.Column("batch", sa.String(length=12), nullable=False),
        sa.Column("point_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("before_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("after_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("officer_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("made_at", Instant(), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.ForeignKeyConstraint(["after_id"], ["point_group.id"], name=op.f("fk_point_move_after_id_point_group")),
        sa.ForeignKeyConstraint(["before_id"], ["point_group.id"], name=op.f("fk_point_move_before_id_point_group")),
        sa.ForeignKeyConstraint(["officer_id"], ["officer.id"], name=op.f("fk_point_move_officer_id_officer")),
        sa.ForeignKeyConstraint(["point_id"], ["point.id"], name=op.f("fk_point_move_point_id_point")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_point_move")),
    )
    with op.batch_alter_table("point_move", schema=None) as batch_op:
        batch_op.create_index("ix_point_move_batch", ["batch"], unique=False)
        batch_op.create_index("ix_point_move_point", ["point_id", "id"], unique=False)

    op.create_table(
        "template_use",
        sa.Column("template_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("point_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("used_at", Instant(), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.ForeignKeyConstraint(["point_id"], ["point.id"], name=op.f("fk_template_use_point_id_point")),
        sa.ForeignKeyConstraint(
            ["template_id"], ["answer_template.id"], name=op.f("fk_template_use_template_id_answer_template")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_template_use")),
    )
    with op.batch_alter_table("template_use", schema=None) as batch_op:
        batch_op.create_index("ix_template_use_point", ["point_id"], unique=False)
        batch_op.create_index("ix_template_use_where", ["template_id", "id"], unique=False)

    op.create_table(
        "likeness",
        sa.Column("set_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("point_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("copy", "edited", "topic", name="kind", native_enum=False, create_constraint=True, length=24),
            nullable=False,
        ),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.Column("together", sa.Boolean(), nullable=True),
        sa.Column("decided_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("decided_at", Instant(), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.CheckConstraint("decided_at IS NOT NULL OR together IS NULL", name=op.f("ck_likeness_decided_at_a_moment")),
        sa.CheckConstraint("score BETWEEN 1 AND 100", name=op.f("ck_likeness_in_hundredths")),
        sa.ForeignKeyConstraint(["decided_by_id"], ["officer.id"], name=op.f("fk_likeness_decided_by_id_officer")),
        sa.ForeignKeyConstraint(["point_id"], ["point.id"], name=op.f("fk_likeness_point_id_point")),
        sa.ForeignKeyConstraint(["set_id"], ["alike_set.id"], name=op.f("fk_likeness_set_id_alike_set")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_likeness")),
        sa.UniqueConstraint("set_id", "point_id", name=op.f("uq_likeness_set_id_point_id")),
    )
    with op.batch_alter_table("likeness", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_likeness_point_id"), ["point_id"], unique=False)

    add_column("point", "begins", sa.Integer())
    add_column("point", "ends", sa.Integer(), checks={"marks_some_words": "ends > begins AND begins >= 0"})
    add_column("point", "joined_into_id", BigInt, references="point")
    add_column("point", "group_id", BigInt, references="point_group")
    add_column("point", "channel", sa.String(24), default="''")
    add_column("point", "place_id", BigInt, references="place")
    add_column("point", "handler_id", BigInt, references="officer")
    add_column("point", "due_on", sa.Date())
    add_column("point", "claimed_by_id", BigInt, references="officer")
    claimed = {"claimed_until_a_moment": "(claimed_by_id IS NULL) = (claimed_until IS NULL)"}
    add_column("point", "claimed_until", Instant(), checks=claimed)
    op.execute(
        "UPDATE point SET channel = (SELECT c.channel FROM comment c WHERE c.id = point.comment_id), "
        "place_id = (SELECT c.place_id FROM comment c WHERE c.id = point.comment_id)"
    )
    with op.batch_alter_table("point", schema=None) as batch_op:
        batch_op.create_index("ix_point_beside", ["consultation_id", "clause_id", "answered_at", "id"])
        batch_op.create_index("ix_point_channel", ["consultation_id", "stage", "channel", "id"])
        batch_op.create_index("ix_point_clause", ["consultation_id", "stage", "clause_id", "id"])
        batch_op.create_index("ix_point_group", ["group_id", "stage", "id"])
        batch_op.create_index("ix_point_handler", ["consultation_id", "stage", "handler_id", "id"])
        batch_op.create_index("ix_point_place", ["consultation_id", "stage", "place_id", "id"])
        batch_op.create_index("ix_point_waiting", ["stage", "answered_at", "id"])
    install(op.get_bind())
