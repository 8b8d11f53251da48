"""Meetings, decisions and normative documents."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from models.kernel.base import Instant
from models.kernel.triggers import install

revision: str = "0007"
down_revision: str | None = "0006"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    """Forward."""
    op.create_table(
        "cleanup",
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column(
            "stage",
            sa.Enum("begun", "concluded", name="cleanupstage", native_enum=False, create_constraint=True, length=24),
            nullable=False,
        ),
        sa.Column("begun_on", sa.Date(), nullable=False),
        sa.Column("beginner_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("concluder_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("concluded_at", Instant(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=12), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.CheckConstraint(
            "stage <> 'concluded' OR concluder_id IS NOT NULL", name=op.f("ck_cleanup_concluded_by_somebody")
        ),
        sa.ForeignKeyConstraint(["beginner_id"], ["officer.id"], name=op.f("fk_cleanup_beginner_id_officer")),
        sa.ForeignKeyConstraint(["concluder_id"], ["officer.id"], name=op.f("fk_cleanup_concluder_id_officer")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cleanup")),
        sa.UniqueConstraint("public_id", name=op.f("uq_cleanup_public_id")),
    )
    op.create_table(
        "party_report",
        sa.Column("decision_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("reported_on", sa.Date(), nullable=False),
        sa.Column("number", sa.String(length=60), nullable=False),
        sa.Column("reply", sa.Text(), nullable=False),
        sa.Column("officer_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("made_at", Instant(), nullable=False),
        sa.Column("public_id", sa.String(length=12), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.CheckConstraint("number <> ''", name=op.f("ck_party_report_with_a_number")),
        sa.ForeignKeyConstraint(["decision_id"], ["decision.id"], name=op.f("fk_party_report_decision_id_decision")),
        sa.ForeignKeyConstraint(["officer_id"], ["officer.id"], name=op.f("fk_party_report_officer_id_officer")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_party_report")),
        sa.UniqueConstraint("public_id", name=op.f("uq_party_report_public_id")),
    )
    with op.batch_alter_table("party_report", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_party_report_decision_id"), ["decision_id"], unique=False)

    op.create_table(
        "secrecy_check",
        sa.Column("decision_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "stage",
            sa.Enum(
                "checked",
                "confirmed",
                "returned",
                name="checkstage",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column(
            "openness",
            sa.Enum("all", "partly", "none", name="openness", native_enum=False, create_constraint=True, length=24),
            nullable=False,
        ),
        sa.Column("withheld", sa.JSON(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("checker_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("confirmer_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("checked_on", sa.Date(), nullable=False),
        sa.Column("confirmed_at", Instant(), nullable=True),
        sa.Column("returned_reason", sa.String(length=300), nullable=False),
        sa.Column("public_id", sa.String(length=12), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.CheckConstraint("openness = 'all' OR reason <> ''", name=op.f("ck_secrecy_check_kept_back_with_a_reason")),
        sa.CheckConstraint(
            "stage <> 'confirmed' OR confirmer_id IS NOT NULL", name=op.f("ck_secrecy_check_confirmed_by_somebody")
        ),
        sa.CheckConstraint(
            "confirmer_id IS NULL OR confirmer_id <> checker_id", name=op.f("ck_secrecy_check_two_persons")
        ),
        sa.ForeignKeyConstraint(["checker_id"], ["officer.id"], name=op.f("fk_secrecy_check_checker_id_officer")),
        sa.ForeignKeyConstraint(["confirmer_id"], ["officer.id"], name=op.f("fk_secrecy_check_confirmer_id_officer")),
        sa.ForeignKeyConstraint(["decision_id"], ["decision.id"], name=op.f("fk_secrecy_check_decision_id_decision")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_secrecy_check")),
        sa.UniqueConstraint("public_id", name=op.f("uq_secrecy_check_public_id")),
    )
    with op.batch_alter_table("secrecy_check", schema=None) as batch_op:
        batch_op.create_index("ix_secrecy_check_decision", ["decision_id", "id"], unique=False)

    op.create_table(
        "deliberation",
        sa.Column("decision_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column(
            "stage",
            sa.Enum(
                "called",
                "recorded",
                "confirmed",
                "called_off",
                name="meetingstage",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("meeting", sa.String(length=40), nullable=False),
        sa.Column("draft_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("pack", sa.JSON(), nullable=False),
        sa.Column("planned_on", sa.Date(), nullable=True),
        sa.Column("called_at", Instant(), nullable=False),
        sa.Column("held_on", sa.Date(), nullable=True),
        sa.Column("place", sa.String(length=80), nullable=False),
        sa.Column("chair", sa.String(length=40), nullable=False),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column(
            "result",
            sa.Enum(
                "passed",
                "changed",
                "put_off",
                "rejected",
                name="result",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=True,
        ),
        sa.Column("remark", sa.Text(), nullable=False),
        sa.Column("departs", sa.Boolean(), nullable=False),
        sa.Column("departs_reason", sa.Text(), nullable=False),
        sa.Column("minutes_number", sa.String(length=60), nullable=False),
        sa.Column("recorder_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("confirmer_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("confirmed_at", Instant(), nullable=True),
        sa.Column("returned_reason", sa.String(length=300), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=12), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.CheckConstraint("NOT departs OR departs_reason <> ''", name=op.f("ck_deliberation_departing_with_a_reason")),
        sa.CheckConstraint(
            "result IS NULL OR result = 'passed' OR remark <> ''",
            name=op.f("ck_deliberation_no_plain_pass_is_explained"),
        ),
        sa.CheckConstraint(
            "stage <> 'confirmed' OR confirmer_id IS NOT NULL", name=op.f("ck_deliberation_confirmed_by_somebody")
        ),
        sa.CheckConstraint(
            "stage NOT IN ('recorded', 'confirmed') OR (held_on IS NOT NULL AND place <> '' AND result IS NOT NULL AND minutes_number <> '' AND recorder_id IS NOT NULL)",
            name=op.f("ck_deliberation_recorded_in_full"),
        ),
        sa.CheckConstraint(
            "confirmer_id IS NULL OR confirmer_id <> recorder_id", name=op.f("ck_deliberation_two_persons")
        ),
        sa.ForeignKeyConstraint(["confirmer_id"], ["officer.id"], name=op.f("fk_deliberation_confirmer_id_officer")),
        sa.ForeignKeyConstraint(["decision_id"], ["decision.id"], name=op.f("fk_deliberation_decision_id_decision")),
        sa.ForeignKeyConstraint(["draft_id"], ["draft.id"], name=op.f("fk_deliberation_draft_id_draft")),
        sa.ForeignKeyConstraint(["recorder_id"], ["officer.id"], name=op.f("fk_deliberation_recorder_id_officer")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deliberation")),
        sa.UniqueConstraint("decision_id", "number", name=op.f("uq_deliberation_decision_id_number")),
        sa.UniqueConstraint("public_id", name=op.f("uq_deliberation_public_id")),
    )
    op.create_table(
        "normative",
        sa.Column("decision_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("draft_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "stage",
            sa.Enum(
                "submitted",
                "checked",
                "reviewed",
                "signed",
                "registered",
                "returned",
                name="normativestage",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("submitter_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("checker_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("reviewer_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("signer_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("submitted_on", sa.Date(), nullable=False),
        sa.Column("signed_on", sa.Date(), nullable=True),
        sa.Column("registered_on", sa.Date(), nullable=True),
        sa.Column("returned_reason", sa.String(length=300), nullable=False),
        sa.Column("filed_on", sa.Date(), nullable=True),
        sa.Column("filed_to", sa.String(length=60), nullable=False),
        sa.Column("filed_pack", sa.JSON(), nullable=False),
        sa.Column("receipt_number", sa.String(length=60), nullable=False),
        sa.Column("receipt_on", sa.Date(), nullable=True),
        sa.Column(
            "ended_as",
            sa.Enum("repealed", "lapsed", name="ended", native_enum=False, create_constraint=True, length=24),
            nullable=True,
        ),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("ended_reason", sa.String(length=300), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=12), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.CheckConstraint(
            "ended_as IS NULL OR (ended_on IS NOT NULL AND ended_reason <> '')",
            name=op.f("ck_normative_ended_with_a_reason"),
        ),
        sa.CheckConstraint(
            "receipt_on IS NULL OR (filed_on IS NOT NULL AND receipt_number <> '')",
            name=op.f("ck_normative_filed_first"),
        ),
        sa.CheckConstraint(
            "stage <> 'registered' OR (number <> '' AND signer_id IS NOT NULL)",
            name=op.f("ck_normative_signed_and_numbered"),
        ),
        sa.CheckConstraint("signer_id IS NULL OR signer_id <> submitter_id", name=op.f("ck_normative_two_persons")),
        sa.ForeignKeyConstraint(["checker_id"], ["officer.id"], name=op.f("fk_normative_checker_id_officer")),
        sa.ForeignKeyConstraint(["decision_id"], ["decision.id"], name=op.f("fk_normative_decision_id_decision")),
        sa.ForeignKeyConstraint(["draft_id"], ["draft.id"], name=op.f("fk_normative_draft_id_draft")),
        sa.ForeignKeyConstraint(["reviewer_id"], ["officer.id"], name=op.f("fk_normative_reviewer_id_officer")),
        sa.ForeignKeyConstraint(["signer_id"], ["officer.id"], name=op.f("fk_normative_signer_id_officer")),
        sa.ForeignKeyConstraint(["submitter_id"], ["officer.id"], name=op.f("fk_normative_submitter_id_officer")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_normative")),
        sa.UniqueConstraint("decision_id", name=op.f("uq_normative_decision_id")),
        sa.UniqueConstraint("public_id", name=op.f("uq_normative_public_id")),
    )
    op.create_table(
        "cleanup_item",
        sa.Column("cleanup_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("normative_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "verdict",
            sa.Enum(
                "keep", "amend", "repeal", "lapse", name="verdict", native_enum=False, create_constraint=True, length=24
            ),
            nullable=True,
        ),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("judge_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("concluded", sa.Boolean(), nullable=False),
        sa.Column("public_id", sa.String(length=12), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.CheckConstraint(
            "verdict IS NULL OR (reason <> '' AND judge_id IS NOT NULL)",
            name=op.f("ck_cleanup_item_judged_with_a_reason"),
        ),
        sa.CheckConstraint("NOT concluded OR verdict IS NOT NULL", name=op.f("ck_cleanup_item_concluded_only_judged")),
        sa.ForeignKeyConstraint(["cleanup_id"], ["cleanup.id"], name=op.f("fk_cleanup_item_cleanup_id_cleanup")),
        sa.ForeignKeyConstraint(["judge_id"], ["officer.id"], name=op.f("fk_cleanup_item_judge_id_officer")),
        sa.ForeignKeyConstraint(
            ["normative_id"], ["normative.id"], name=op.f("fk_cleanup_item_normative_id_normative")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cleanup_item")),
        sa.UniqueConstraint("cleanup_id", "normative_id", name=op.f("uq_cleanup_item_cleanup_id_normative_id")),
        sa.UniqueConstraint("public_id", name=op.f("uq_cleanup_item_public_id")),
    )
    with op.batch_alter_table("cleanup_item", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_cleanup_item_cleanup_id"), ["cleanup_id"], unique=False)

    op.create_table(
        "expiry_review",
        sa.Column("normative_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "stage",
            sa.Enum(
                "proposed",
                "agreed",
                "returned",
                name="reviewstage",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column(
            "verdict",
            sa.Enum(
                "keep", "amend", "repeal", "lapse", name="verdict", native_enum=False, create_constraint=True, length=24
            ),
            nullable=False,
        ),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("proposer_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("agreer_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("proposed_on", sa.Date(), nullable=False),
        sa.Column("agreed_on", sa.Date(), nullable=True),
        sa.Column("returned_reason", sa.String(length=300), nullable=False),
        sa.Column("public_id", sa.String(length=12), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.CheckConstraint("reason <> ''", name=op.f("ck_expiry_review_with_a_reason")),
        sa.CheckConstraint(
            "stage <> 'agreed' OR agreer_id IS NOT NULL", name=op.f("ck_expiry_review_agreed_by_somebody")
        ),
        sa.CheckConstraint("verdict <> 'keep' OR until IS NOT NULL", name=op.f("ck_expiry_review_kept_until_when")),
        sa.CheckConstraint("agreer_id IS NULL OR agreer_id <> proposer_id", name=op.f("ck_expiry_review_two_persons")),
        sa.ForeignKeyConstraint(["agreer_id"], ["officer.id"], name=op.f("fk_expiry_review_agreer_id_officer")),
        sa.ForeignKeyConstraint(
            ["normative_id"], ["normative.id"], name=op.f("fk_expiry_review_normative_id_normative")
        ),
        sa.ForeignKeyConstraint(["proposer_id"], ["officer.id"], name=op.f("fk_expiry_review_proposer_id_officer")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_expiry_review")),
        sa.UniqueConstraint("public_id", name=op.f("uq_expiry_review_public_id")),
    )
    with op.batch_alter_table("expiry_review", schema=None) as batch_op:
        batch_op.create_index("ix_expiry_review_normative", ["normative_id", "id"], unique=False)

    op.create_table(
        "resolution",
        sa.Column("decision_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("deliberation_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("draft_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("decided_on", sa.Date(), nullable=False),
        sa.Column("decided_by", sa.String(length=120), nullable=False),
        sa.Column("officer_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("made_at", Instant(), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.CheckConstraint("decided_by <> ''", name=op.f("ck_resolution_says_who_decided")),
        sa.ForeignKeyConstraint(["decision_id"], ["decision.id"], name=op.f("fk_resolution_decision_id_decision")),
        sa.ForeignKeyConstraint(
            ["deliberation_id"], ["deliberation.id"], name=op.f("fk_resolution_deliberation_id_deliberation")
        ),
        sa.ForeignKeyConstraint(["draft_id"], ["draft.id"], name=op.f("fk_resolution_draft_id_draft")),
        sa.ForeignKeyConstraint(["officer_id"], ["officer.id"], name=op.f("fk_resolution_officer_id_officer")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_resolution")),
        sa.UniqueConstraint("decision_id", name=op.f("uq_resolution_decision_id")),
    )
    op.create_table(
        "seat",
        sa.Column("deliberation_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("officer_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("duty", sa.String(length=60), nullable=False),
        sa.Column(
            "role",
            sa.Enum("head", "member", "guest", name="role", native_enum=False, create_constraint=True, length=24),
            nullable=False,
        ),
        sa.Column("present", sa.Boolean(), nullable=False),
        sa.Column(
            "stance",
            sa.Enum(
                "agree",
                "conditions",
                "disagree",
                "abstain",
                name="stance",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=True,
        ),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.CheckConstraint(
            "stance NOT IN ('disagree', 'conditions') OR words <> ''", name=op.f("ck_seat_dissent_word_for_word")
        ),
        sa.CheckConstraint("present OR stance IS NULL", name=op.f("ck_seat_the_absent_say_nothing")),
        sa.ForeignKeyConstraint(
            ["deliberation_id"], ["deliberation.id"], name=op.f("fk_seat_deliberation_id_deliberation")
        ),
        sa.ForeignKeyConstraint(["officer_id"], ["officer.id"], name=op.f("fk_seat_officer_id_officer")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_seat")),
        sa.UniqueConstraint(
            "deliberation_id", "edition", "position", name=op.f("uq_seat_deliberation_id_edition_position")
        ),
    )
    with op.batch_alter_table("seat", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_seat_officer_id"), ["officer_id"], unique=False)

    op.create_table(
        "publication",
        sa.Column("decision_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("resolution_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("open", sa.Boolean(), nullable=False),
        sa.Column("withheld", sa.JSON(), nullable=False),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.Column("explanation", sa.Text(), nullable=False),
        sa.Column("published_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("officer_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("made_at", Instant(), nullable=False),
        sa.Column("public_id", sa.String(length=12), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.CheckConstraint("effective_on >= published_on", name=op.f("ck_publication_in_force_only_once_published")),
        sa.CheckConstraint(
            "valid_until IS NULL OR valid_until > effective_on", name=op.f("ck_publication_valid_in_order")
        ),
        sa.ForeignKeyConstraint(["decision_id"], ["decision.id"], name=op.f("fk_publication_decision_id_decision")),
        sa.ForeignKeyConstraint(["officer_id"], ["officer.id"], name=op.f("fk_publication_officer_id_officer")),
        sa.ForeignKeyConstraint(
            ["resolution_id"], ["resolution.id"], name=op.f("fk_publication_resolution_id_resolution")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_publication")),
        sa.UniqueConstraint("decision_id", name=op.f("uq_publication_decision_id")),
        sa.UniqueConstraint("number", name=op.f("uq_publication_number")),
        sa.UniqueConstraint("public_id", name=op.f("uq_publication_public_id")),
        sa.UniqueConstraint("resolution_id", name=op.f("uq_publication_resolution_id")),
    )
    install(op.get_bind())
