"""Taking part: events, hearings and people who are asked by name."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from models.kernel.base import Instant
from models.kernel.triggers import install

revision: str = "0013"
down_revision: str | None = "0012"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    """Forward."""

    op.create_table(
        "hearing",
        sa.Column("decision_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("handler_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "stage",
            sa.Enum(
                "drafted",
                "announced",
                "listed",
                "held",
                "reported",
                "cancelled",
                name="hearingstage",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("title", sa.String(length=80), nullable=False),
        sa.Column("matter", sa.Text(), nullable=False),
        sa.Column("held_at", Instant(), nullable=True),
        sa.Column("place", sa.String(length=120), nullable=False),
        sa.Column("apply_until", sa.Date(), nullable=True),
        sa.Column("how_to_apply", sa.String(length=500), nullable=False),
        sa.Column("choosing", sa.String(length=500), nullable=False),
        sa.Column("contact", sa.String(length=120), nullable=False),
        sa.Column("chaired_by", sa.String(length=40), nullable=False),
        sa.Column("recorded_by", sa.String(length=40), nullable=False),
        sa.Column("announced_at", Instant(), nullable=True),
        sa.Column("listed_at", Instant(), nullable=True),
        sa.Column("opening", sa.Text(), nullable=False),
        sa.Column("debate", sa.Text(), nullable=False),
        sa.Column("closing", sa.Text(), nullable=False),
        sa.Column("report", sa.Text(), nullable=False),
        sa.Column("reported_at", Instant(), nullable=True),
        sa.Column("moved_reason", sa.String(length=300), nullable=False),
        sa.Column("cancelled_reason", sa.String(length=300), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=12), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.CheckConstraint("stage <> 'reported' OR report <> ''", name=op.f("ck_hearing_reported_in_words")),
        sa.CheckConstraint(
            "stage IN ('drafted', 'cancelled') OR (held_at IS NOT NULL AND apply_until IS NOT NULL AND announced_at IS NOT NULL AND matter <> '' AND place <> '')",
            name=op.f("ck_hearing_announced_with_time_place_and_matter"),
        ),
        sa.CheckConstraint(
            "stage NOT IN ('held', 'reported') OR (opening <> '' AND debate <> '' AND closing <> '')",
            name=op.f("ck_hearing_recorded_in_three_parts"),
        ),
        sa.ForeignKeyConstraint(["decision_id"], ["decision.id"], name=op.f("fk_hearing_decision_id_decision")),
        sa.ForeignKeyConstraint(["handler_id"], ["officer.id"], name=op.f("fk_hearing_handler_id_officer")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hearing")),
        sa.UniqueConstraint("public_id", name=op.f("uq_hearing_public_id")),
    )
    with op.batch_alter_table("hearing", schema=None) as batch_op:
        batch_op.create_index("ix_hearing_decision", ["decision_id", "id"], unique=False)

    op.create_table(
        "participation",
        sa.Column("decision_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "mode",
            sa.Enum(
                "forum",
                "hearing",
                "visit",
                "written",
                "open",
                "survey",
                "poll",
                "other",
                name="mode",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column(
            "stage",
            sa.Enum("kept", "void", name="eventstage", native_enum=False, create_constraint=True, length=24),
            nullable=False,
        ),
        sa.Column("held_on", sa.Date(), nullable=False),
        sa.Column("place", sa.String(length=120), nullable=False),
        sa.Column("organised_by", sa.String(length=60), nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.Column("kinds", sa.String(length=200), nullable=False),
        sa.Column("gist", sa.Text(), nullable=False),
        sa.Column("sample", sa.Integer(), nullable=False),
        sa.Column("method", sa.String(length=500), nullable=False),
        sa.Column("result", sa.Text(), nullable=False),
        sa.Column("officer_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("made_at", Instant(), nullable=False),
        sa.Column("void_reason", sa.String(length=300), nullable=False),
        sa.Column("public_id", sa.String(length=12), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.CheckConstraint(
            "mode NOT IN ('survey', 'poll') OR (sample >= people AND method <> '' AND result <> '')",
            name=op.f("ck_participation_asked_with_sample_method_and_result"),
        ),
        sa.CheckConstraint("stage <> 'void' OR void_reason <> ''", name=op.f("ck_participation_void_with_a_reason")),
        sa.CheckConstraint("people > 0", name=op.f("ck_participation_somebody_came")),
        sa.ForeignKeyConstraint(["decision_id"], ["decision.id"], name=op.f("fk_participation_decision_id_decision")),
        sa.ForeignKeyConstraint(["officer_id"], ["officer.id"], name=op.f("fk_participation_officer_id_officer")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_participation")),
        sa.UniqueConstraint("public_id", name=op.f("uq_participation_public_id")),
    )
    with op.batch_alter_table("participation", schema=None) as batch_op:
        batch_op.create_index("ix_participation_decision", ["decision_id", "id"], unique=False)

    op.create_table(
        "hearing_applicant",
        sa.Column("hearing_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("resident_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "party",
            sa.Enum(
                "interested",
                "public",
                "deputy",
                "expert",
                "organisation",
                name="party",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column(
            "stage",
            sa.Enum(
                "applied",
                "chosen",
                "not_chosen",
                name="applicantstage",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("sealed_words", sa.LargeBinary(), nullable=True),
        sa.Column("applied_at", Instant(), nullable=False),
        sa.Column("entered_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("served_on", sa.Date(), nullable=True),
        sa.Column("served_how", sa.String(length=40), nullable=False),
        sa.Column("came", sa.Boolean(), nullable=False),
        sa.Column("signed", sa.Boolean(), nullable=False),
        sa.Column("refused_reason", sa.String(length=200), nullable=False),
        sa.Column("public_id", sa.String(length=12), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.CheckConstraint(
            "NOT (signed AND refused_reason <> '')", name=op.f("ck_hearing_applicant_signed_or_refused")
        ),
        sa.CheckConstraint(
            "served_on IS NULL OR stage = 'chosen'", name=op.f("ck_hearing_applicant_papers_for_participants")
        ),
        sa.ForeignKeyConstraint(
            ["entered_by_id"], ["officer.id"], name=op.f("fk_hearing_applicant_entered_by_id_officer")
        ),
        sa.ForeignKeyConstraint(["hearing_id"], ["hearing.id"], name=op.f("fk_hearing_applicant_hearing_id_hearing")),
        sa.ForeignKeyConstraint(
            ["resident_id"], ["resident.id"], name=op.f("fk_hearing_applicant_resident_id_resident")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hearing_applicant")),
        sa.UniqueConstraint("hearing_id", "resident_id", name=op.f("uq_hearing_applicant_hearing_id_resident_id")),
        sa.UniqueConstraint("public_id", name=op.f("uq_hearing_applicant_public_id")),
    )
    with op.batch_alter_table("hearing_applicant", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_hearing_applicant_resident_id"), ["resident_id"], unique=False)

    op.create_table(
        "hearing_seat",
        sa.Column("hearing_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "party",
            sa.Enum(
                "interested",
                "public",
                "deputy",
                "expert",
                "organisation",
                name="party",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.CheckConstraint("number > 0", name=op.f("ck_hearing_seat_somebody")),
        sa.ForeignKeyConstraint(["hearing_id"], ["hearing.id"], name=op.f("fk_hearing_seat_hearing_id_hearing")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hearing_seat")),
        sa.UniqueConstraint("hearing_id", "party", name=op.f("uq_hearing_seat_hearing_id_party")),
    )
    op.create_table(
        "invitation",
        sa.Column("consultation_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "asked_group",
            sa.Enum(
                "deputies",
                "cppcc",
                "mass",
                "grassroots",
                "social",
                "interested",
                "heads",
                "leaders",
                "staff",
                "cadres",
                "villagers",
                name="group",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("resident_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("organisation", sa.Boolean(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(length=32), nullable=True),
        sa.Column("sent_on", sa.Date(), nullable=True),
        sa.Column("sent_how", sa.String(length=40), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=True),
        sa.Column("reminders", sa.Integer(), nullable=False),
        sa.Column("reminded_on", sa.Date(), nullable=True),
        sa.Column("nothing_to_say", sa.Boolean(), nullable=False),
        sa.Column("made_at", Instant(), nullable=False),
        sa.Column("public_id", sa.String(length=12), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.CheckConstraint(
            "received_on IS NULL OR sent_on IS NOT NULL", name=op.f("ck_invitation_sent_before_received")
        ),
        sa.ForeignKeyConstraint(
            ["consultation_id"], ["consultation.id"], name=op.f("fk_invitation_consultation_id_consultation")
        ),
        sa.ForeignKeyConstraint(["resident_id"], ["resident.id"], name=op.f("fk_invitation_resident_id_resident")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invitation")),
        sa.UniqueConstraint("public_id", name=op.f("uq_invitation_public_id")),
        sa.UniqueConstraint("resident_id", name=op.f("uq_invitation_resident_id")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_invitation_token_hash")),
    )
    with op.batch_alter_table("invitation", schema=None) as batch_op:
        batch_op.create_index("ix_invitation_consultation", ["consultation_id", "id"], unique=False)

    op.create_table(
        "said_there",
        sa.Column("participation_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("comment_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.ForeignKeyConstraint(["comment_id"], ["comment.id"], name=op.f("fk_said_there_comment_id_comment")),
        sa.ForeignKeyConstraint(
            ["participation_id"], ["participation.id"], name=op.f("fk_said_there_participation_id_participation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_said_there")),
        sa.UniqueConstraint("comment_id", name=op.f("uq_said_there_comment_id")),
    )
    with op.batch_alter_table("said_there", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_said_there_participation_id"), ["participation_id"], unique=False)

    install(op.get_bind())
