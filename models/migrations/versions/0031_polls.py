"""Opinion polls: their questions, slips, the box, ballots, and ballots on paper."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from models.kernel.base import BigInt, Instant
from models.kernel.triggers import install

revision: str = "0031"
down_revision: str | None = "0030"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def _choice(name: str, *words: str) -> sa.Enum:
    return sa.Enum(*words, name=name, native_enum=False, create_constraint=True, length=24)


def upgrade() -> None:
    """Forward."""

    op.create_table(
        "poll",
        sa.Column("decision_id", BigInt, nullable=True),
        sa.Column(
            "stage",
            _choice("pollstage", "drafted", "submitted", "reviewed", "published", "counted", "concluded", "cancelled"),
            nullable=False,
        ),
        sa.Column("title", sa.String(length=60), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("whom", sa.String(length=120), nullable=False),
        sa.Column("reach", _choice("reach", "willing", "everybody", "sample"), nullable=False),
        sa.Column("method", sa.String(length=500), nullable=False),
        sa.Column("sample", sa.Integer(), nullable=False),
        sa.Column("confidential", sa.Boolean(), nullable=False),
        sa.Column("by_slip", sa.Boolean(), nullable=False),
        sa.Column("window_days", sa.Integer(), nullable=False),
        sa.Column("opens_on", sa.Date(), nullable=True),
        sa.Column("closes_on", sa.Date(), nullable=True),
        sa.Column("stopped_reason", sa.String(length=300), nullable=False),
        sa.Column("author_id", BigInt, nullable=False),
        sa.Column("reviewer_id", BigInt, nullable=True),
        sa.Column("returned_reason", sa.String(length=300), nullable=False),
        sa.Column("cancelled_reason", sa.String(length=300), nullable=False),
        sa.Column("urn_id", BigInt, nullable=True),
        sa.Column("words_id", BigInt, nullable=True),
        sa.Column("counted_at", Instant(), nullable=True),
        sa.Column("report", sa.Text(), nullable=False),
        sa.Column("reporter_id", BigInt, nullable=True),
        sa.Column("concluder_id", BigInt, nullable=True),
        sa.Column("concluded_at", Instant(), nullable=True),
        sa.Column("made_at", Instant(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=12), nullable=False),
        sa.Column("id", BigInt, autoincrement=True, nullable=False),
        sa.CheckConstraint(
            "stage <> 'cancelled' OR cancelled_reason <> ''", name=op.f("ck_poll_cancelled_with_a_reason")
        ),
        sa.CheckConstraint(
            "stage <> 'concluded' OR (report <> '' AND concluded_at IS NOT NULL AND reporter_id IS NOT NULL AND concluder_id IS NOT NULL AND concluder_id <> reporter_id)",
            name=op.f("ck_poll_concluded_by_two_persons"),
        ),
        sa.CheckConstraint(
            "stage IN ('drafted', 'submitted', 'cancelled') OR (reviewer_id IS NOT NULL AND reviewer_id <> author_id)",
            name=op.f("ck_poll_reviewed_by_a_second_person"),
        ),
        sa.CheckConstraint(
            "stage NOT IN ('counted', 'concluded') OR counted_at IS NOT NULL", name=op.f("ck_poll_counted_at_a_moment")
        ),
        sa.CheckConstraint(
            "stage NOT IN ('published', 'counted', 'concluded') OR (opens_on IS NOT NULL AND closes_on IS NOT NULL)",
            name=op.f("ck_poll_published_with_its_days"),
        ),
        sa.ForeignKeyConstraint(["author_id"], ["officer.id"], name=op.f("fk_poll_author_id_officer")),
        sa.ForeignKeyConstraint(["concluder_id"], ["officer.id"], name=op.f("fk_poll_concluder_id_officer")),
        sa.ForeignKeyConstraint(["decision_id"], ["decision.id"], name=op.f("fk_poll_decision_id_decision")),
        sa.ForeignKeyConstraint(["reporter_id"], ["officer.id"], name=op.f("fk_poll_reporter_id_officer")),
        sa.ForeignKeyConstraint(["reviewer_id"], ["officer.id"], name=op.f("fk_poll_reviewer_id_officer")),
        sa.ForeignKeyConstraint(["urn_id"], ["person_key.id"], name=op.f("fk_poll_urn_id_person_key")),
        sa.ForeignKeyConstraint(["words_id"], ["person_key.id"], name=op.f("fk_poll_words_id_person_key")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_poll")),
        sa.UniqueConstraint("public_id", name=op.f("uq_poll_public_id")),
    )
    op.create_index(op.f("ix_poll_decision_id"), "poll", ["decision_id"], unique=False)
    op.create_index("ix_poll_stage", "poll", ["stage", "closes_on"], unique=False)
    op.create_table(
        "poll_envelope",
        sa.Column("poll_id", BigInt, nullable=False),
        sa.Column("name", sa.String(length=12), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("id", BigInt, autoincrement=True, nullable=False),
        sa.ForeignKeyConstraint(["poll_id"], ["poll.id"], name=op.f("fk_poll_envelope_poll_id_poll")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_poll_envelope")),
        sa.UniqueConstraint("name", name=op.f("uq_poll_envelope_name")),
    )
    op.create_index(op.f("ix_poll_envelope_poll_id"), "poll_envelope", ["poll_id"], unique=False)
    op.create_table(
        "poll_question",
        sa.Column("poll_id", BigInt, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("kind", _choice("questionkind", "single", "multiple", "scale", "rating", "text"), nullable=False),
        sa.Column("text", sa.String(length=200), nullable=False),
        sa.Column("options", sa.JSON(), nullable=False),
        sa.Column("needed", sa.Boolean(), nullable=False),
        sa.Column("groups", sa.Boolean(), nullable=False),
        sa.Column("low", sa.String(length=12), nullable=False),
        sa.Column("high", sa.String(length=12), nullable=False),
        sa.Column("id", BigInt, autoincrement=True, nullable=False),
        sa.ForeignKeyConstraint(["poll_id"], ["poll.id"], name=op.f("fk_poll_question_poll_id_poll")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_poll_question")),
        sa.UniqueConstraint("poll_id", "position", name=op.f("uq_poll_question_poll_id_position")),
    )
    op.create_table(
        "poll_slip",
        sa.Column("poll_id", BigInt, nullable=False),
        sa.Column("place_id", BigInt, nullable=True),
        sa.Column("serial", sa.Integer(), nullable=False),
        sa.Column("id", BigInt, autoincrement=True, nullable=False),
        sa.ForeignKeyConstraint(["place_id"], ["place.id"], name=op.f("fk_poll_slip_place_id_place")),
        sa.ForeignKeyConstraint(["poll_id"], ["poll.id"], name=op.f("fk_poll_slip_poll_id_poll")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_poll_slip")),
        sa.UniqueConstraint("poll_id", "serial", name=op.f("uq_poll_slip_poll_id_serial")),
    )
    op.create_table(
        "paper_ballot",
        sa.Column("poll_id", BigInt, nullable=False),
        sa.Column("slip_id", BigInt, nullable=False),
        sa.Column("stage", _choice("paperstage", "entered", "read", "void"), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.Column("writer_id", BigInt, nullable=False),
        sa.Column("reader_id", BigInt, nullable=True),
        sa.Column("void_reason", sa.String(length=300), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=12), nullable=False),
        sa.Column("id", BigInt, autoincrement=True, nullable=False),
        sa.CheckConstraint(
            "stage <> 'read' OR (reader_id IS NOT NULL AND reader_id <> writer_id AND content IS NULL)",
            name=op.f("ck_paper_ballot_read_by_a_second_person"),
        ),
        sa.CheckConstraint("stage <> 'void' OR void_reason <> ''", name=op.f("ck_paper_ballot_void_with_a_reason")),
        sa.ForeignKeyConstraint(["poll_id"], ["poll.id"], name=op.f("fk_paper_ballot_poll_id_poll")),
        sa.ForeignKeyConstraint(["reader_id"], ["officer.id"], name=op.f("fk_paper_ballot_reader_id_officer")),
        sa.ForeignKeyConstraint(["slip_id"], ["poll_slip.id"], name=op.f("fk_paper_ballot_slip_id_poll_slip")),
        sa.ForeignKeyConstraint(["writer_id"], ["officer.id"], name=op.f("fk_paper_ballot_writer_id_officer")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paper_ballot")),
        sa.UniqueConstraint("public_id", name=op.f("uq_paper_ballot_public_id")),
        sa.UniqueConstraint("slip_id", name=op.f("uq_paper_ballot_slip_id")),
    )
    op.create_index("ix_paper_ballot_poll", "paper_ballot", ["poll_id", "stage"], unique=False)
    op.create_table(
        "voter",
        sa.Column("poll_id", BigInt, nullable=False),
        sa.Column("resident_id", BigInt, nullable=True),
        sa.Column("slip_id", BigInt, nullable=True),
        sa.Column("place_id", BigInt, nullable=True),
        sa.Column(
            "channel", _choice("channel", "chat", "mini", "h5", "paper", "phone", "hall", "email"), nullable=False
        ),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("id", BigInt, autoincrement=True, nullable=False),
        sa.ForeignKeyConstraint(["place_id"], ["place.id"], name=op.f("fk_voter_place_id_place")),
        sa.ForeignKeyConstraint(["poll_id"], ["poll.id"], name=op.f("fk_voter_poll_id_poll")),
        sa.ForeignKeyConstraint(["resident_id"], ["resident.id"], name=op.f("fk_voter_resident_id_resident")),
        sa.ForeignKeyConstraint(["slip_id"], ["poll_slip.id"], name=op.f("fk_voter_slip_id_poll_slip")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_voter")),
        sa.UniqueConstraint("poll_id", "resident_id", name=op.f("uq_voter_poll_id_resident_id")),
        sa.UniqueConstraint("slip_id", name=op.f("uq_voter_slip_id")),
    )
    op.create_index("ix_voter_poll", "voter", ["poll_id", "place_id"], unique=False)
    op.create_index(op.f("ix_voter_resident_id"), "voter", ["resident_id"], unique=False)
    op.create_table(
        "ballot",
        sa.Column("poll_id", BigInt, nullable=False),
        sa.Column("place_id", BigInt, nullable=True),
        sa.Column("answers", sa.JSON(), nullable=False),
        sa.Column("sealed_words", sa.LargeBinary(), nullable=True),
        sa.Column("voter_id", BigInt, nullable=True),
        sa.Column("id", BigInt, autoincrement=True, nullable=False),
        sa.ForeignKeyConstraint(["place_id"], ["place.id"], name=op.f("fk_ballot_place_id_place")),
        sa.ForeignKeyConstraint(["poll_id"], ["poll.id"], name=op.f("fk_ballot_poll_id_poll")),
        sa.ForeignKeyConstraint(["voter_id"], ["voter.id"], name=op.f("fk_ballot_voter_id_voter")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ballot")),
    )
    op.create_index("ix_ballot_poll", "ballot", ["poll_id", "id"], unique=False)
    install(op.get_bind())
