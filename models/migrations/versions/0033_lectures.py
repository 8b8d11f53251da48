"""Lectures: who signs up and comes, what was changed, papers and photographs; the chat knows which ones it listed."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from models.kernel.base import BigInt, Instant
from models.kernel.triggers import install
from models.migrations import change_check

revision: str = "0033"
down_revision: str | None = "0032"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def _choice(name: str, *words: str) -> sa.Enum:
    return sa.Enum(*words, name=name, native_enum=False, create_constraint=True, length=24)


def upgrade() -> None:
    """Forward."""
    change_check(
        "conversation",
        "expecting",
        "expecting IN ('nothing', 'question', 'follow_up', 'choice', 'placing')",
        "expecting IN ('nothing', 'question', 'follow_up', 'choice', 'placing', 'lecture')",
    )
    op.create_table(
        "lecture",
        sa.Column(
            "stage", _choice("lecturestage", "drafted", "submitted", "announced", "held", "cancelled"), nullable=False
        ),
        sa.Column("title", sa.String(60), nullable=False),
        sa.Column("speaker", sa.String(60), nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("venue", sa.String(80), nullable=False),
        sa.Column("contact", sa.String(60), nullable=False),
        sa.Column("topic_id", BigInt, nullable=True),
        sa.Column("place_id", BigInt, nullable=True),
        sa.Column("starts_at", Instant(), nullable=False),
        sa.Column("ends_at", Instant(), nullable=False),
        sa.Column("seats", sa.Integer(), nullable=False),
        sa.Column("author_id", BigInt, nullable=False),
        sa.Column("announcer_id", BigInt, nullable=True),
        sa.Column("announced_at", Instant(), nullable=True),
        sa.Column("returned_reason", sa.String(300), nullable=False),
        sa.Column("cancelled_reason", sa.String(300), nullable=False),
        sa.Column("reminded_at", Instant(), nullable=True),
        sa.Column("heads", sa.Integer(), nullable=True),
        sa.Column("heads_words", sa.String(200), nullable=False),
        sa.Column("counter_id", BigInt, nullable=True),
        sa.Column("wx_appid", sa.String(32), nullable=False),
        sa.Column("wx_url", sa.String(300), nullable=False),
        sa.Column("made_at", Instant(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(12), nullable=False),
        sa.Column("id", BigInt, autoincrement=True, nullable=False),
        sa.CheckConstraint("ends_at > starts_at", name=op.f("ck_lecture_ends_after_it_began")),
        sa.CheckConstraint("seats >= 0", name=op.f("ck_lecture_seats_counted")),
        sa.CheckConstraint(
            "stage NOT IN ('announced', 'held') OR (announcer_id IS NOT NULL AND announcer_id <> author_id "
            "AND announced_at IS NOT NULL)",
            name=op.f("ck_lecture_released_by_a_second_person"),
        ),
        sa.CheckConstraint(
            "stage <> 'held' OR (heads IS NOT NULL AND heads >= 0)", name=op.f("ck_lecture_held_with_its_heads")
        ),
        sa.CheckConstraint(
            "stage <> 'cancelled' OR cancelled_reason <> ''", name=op.f("ck_lecture_cancelled_with_a_reason")
        ),
        sa.ForeignKeyConstraint(["topic_id"], ["topic.id"], name=op.f("fk_lecture_topic_id_topic")),
        sa.ForeignKeyConstraint(["place_id"], ["place.id"], name=op.f("fk_lecture_place_id_place")),
        sa.ForeignKeyConstraint(["author_id"], ["officer.id"], name=op.f("fk_lecture_author_id_officer")),
        sa.ForeignKeyConstraint(["announcer_id"], ["officer.id"], name=op.f("fk_lecture_announcer_id_officer")),
        sa.ForeignKeyConstraint(["counter_id"], ["officer.id"], name=op.f("fk_lecture_counter_id_officer")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lecture")),
        sa.UniqueConstraint("public_id", name=op.f("uq_lecture_public_id")),
    )
    op.create_index("ix_lecture_stage", "lecture", ["stage", "starts_at"])
    op.create_index(op.f("ix_lecture_place_id"), "lecture", ["place_id"])
    op.create_table(
        "lecture_change",
        sa.Column("lecture_id", BigInt, nullable=False),
        sa.Column("remark", sa.String(300), nullable=False),
        sa.Column("made_at", Instant(), nullable=False),
        sa.Column("id", BigInt, autoincrement=True, nullable=False),
        sa.ForeignKeyConstraint(["lecture_id"], ["lecture.id"], name=op.f("fk_lecture_change_lecture_id_lecture")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lecture_change")),
    )
    op.create_index(op.f("ix_lecture_change_lecture_id"), "lecture_change", ["lecture_id"])
    op.create_table(
        "attendee",
        sa.Column("lecture_id", BigInt, nullable=False),
        sa.Column("resident_id", BigInt, nullable=False),
        sa.Column("stage", _choice("attendeestage", "seated", "waiting", "withdrawn", "walked_in"), nullable=False),
        sa.Column("seat", sa.Integer(), nullable=True),
        sa.Column(
            "channel", _choice("channel", "chat", "mini", "h5", "paper", "phone", "hall", "email"), nullable=False
        ),
        sa.Column("signed_at", Instant(), nullable=False),
        sa.Column("came_at", Instant(), nullable=True),
        sa.Column("came_how", _choice("arrival", "scan", "code", "staff"), nullable=True),
        sa.Column("entered_by_id", BigInt, nullable=True),
        sa.Column("key", sa.String(160), nullable=True),
        sa.Column("public_id", sa.String(12), nullable=False),
        sa.Column("id", BigInt, autoincrement=True, nullable=False),
        sa.CheckConstraint("(stage = 'seated') = (seat IS NOT NULL)", name=op.f("ck_attendee_seated_on_a_seat")),
        sa.CheckConstraint("(came_at IS NULL) = (came_how IS NULL)", name=op.f("ck_attendee_came_somehow")),
        sa.CheckConstraint("stage <> 'walked_in' OR came_at IS NOT NULL", name=op.f("ck_attendee_walked_in_and_came")),
        sa.ForeignKeyConstraint(["lecture_id"], ["lecture.id"], name=op.f("fk_attendee_lecture_id_lecture")),
        sa.ForeignKeyConstraint(["resident_id"], ["resident.id"], name=op.f("fk_attendee_resident_id_resident")),
        sa.ForeignKeyConstraint(["entered_by_id"], ["officer.id"], name=op.f("fk_attendee_entered_by_id_officer")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attendee")),
        sa.UniqueConstraint("lecture_id", "resident_id", name=op.f("uq_attendee_lecture_id_resident_id")),
        sa.UniqueConstraint("lecture_id", "seat", name=op.f("uq_attendee_lecture_id_seat")),
        sa.UniqueConstraint("key", name=op.f("uq_attendee_key")),
        sa.UniqueConstraint("public_id", name=op.f("uq_attendee_public_id")),
    )
    op.create_index("ix_attendee_queue", "attendee", ["lecture_id", "stage", "signed_at"])
    op.create_index(op.f("ix_attendee_resident_id"), "attendee", ["resident_id"])
    op.create_table(
        "lecture_file",
        sa.Column("lecture_id", BigInt, nullable=False),
        sa.Column("kind", _choice("lecturefilekind", "material", "photograph"), nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("file", sa.String(64), nullable=False),
        sa.Column("mime", sa.String(80), nullable=False),
        sa.Column("extension", sa.String(8), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("shown", sa.Boolean(), nullable=False),
        sa.Column("made_at", Instant(), nullable=False),
        sa.Column("public_id", sa.String(12), nullable=False),
        sa.Column("id", BigInt, autoincrement=True, nullable=False),
        sa.CheckConstraint("name <> ''", name=op.f("ck_lecture_file_said_in_words")),
        sa.ForeignKeyConstraint(["lecture_id"], ["lecture.id"], name=op.f("fk_lecture_file_lecture_id_lecture")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lecture_file")),
        sa.UniqueConstraint("public_id", name=op.f("uq_lecture_file_public_id")),
    )
    op.create_index("ix_lecture_file_of", "lecture_file", ["lecture_id", "kind"])
    install(op.get_bind())
