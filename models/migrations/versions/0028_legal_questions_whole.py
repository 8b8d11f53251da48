"""Legal questions whole: follow-ups, hand-overs, the duty roster, counsel's volumes, common questions, deletion."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from models.kernel.base import BigInt, Instant
from models.kernel.triggers import install
from models.migrations import add_column, change_check

revision: str = "0028"
down_revision: str | None = "0027"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def _choice(name: str, *words: str) -> sa.Enum:
    return sa.Enum(*words, name=name, native_enum=False, create_constraint=True, length=24)


def _record(*, named: bool = True) -> list[sa.Column[object]]:
    public: list[sa.Column[object]] = [sa.Column("public_id", sa.String(12), nullable=False)] if named else []
    return [*public, sa.Column("id", BigInt, autoincrement=True, nullable=False)]


def _keys(table: str, *uniques: str, **to: str) -> list[sa.Constraint]:
    return [
        *(
            sa.ForeignKeyConstraint([column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}_{other}"))
            for column, other in to.items()
        ),
        *(sa.UniqueConstraint(one, name=op.f(f"uq_{table}_{one}")) for one in uniques),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    ]


def upgrade() -> None:
    """Forward."""
    change_check(
        "question",
        "questionstage",
        "stage IN ('asked', 'assigned', 'answered')",
        "stage IN ('asked', 'assigned', 'answered', 'passed_on', 'erased')",
    )
    change_check(
        "conversation",
        "expecting",
        "expecting IN ('nothing', 'question', 'choice', 'placing')",
        "expecting IN ('nothing', 'question', 'follow_up', 'choice', 'placing')",
    )
    add_column("question", "limit_on", sa.Date())
    add_column("question", "topic_id", BigInt, references="topic")
    add_column("question", "decision_id", BigInt, references="decision")
    add_column("question", "helpful", sa.Boolean())
    add_column("question", "rated_at", Instant())
    add_column("question", "urged_at", Instant())
    add_column("question", "entered_by_id", BigInt, references="officer")
    op.create_index("ix_question_waiting", "question", ["stage", "due_on"])
    op.create_index("ix_question_topic_id", "question", ["topic_id"])
    # SQLite makes the table anew and leaves its checks behind; nothing points at a receipt, so nothing else is touched.
    anew = op.get_bind().dialect.name == "sqlite"
    with op.batch_alter_table("receipt", recreate="always" if anew else "never") as batch:
        if not anew:
            batch.drop_constraint(batch.f("ck_receipt_for_something"), type_="check")
        batch.add_column(sa.Column("question_id", BigInt, nullable=True))
        batch.create_unique_constraint(batch.f("uq_receipt_question_id"), ["question_id"])
        batch.create_foreign_key(batch.f("fk_receipt_question_id_question"), "question", ["question_id"], ["id"])
        batch.create_check_constraint(
            batch.f("ck_receipt_for_something"),
            "comment_id IS NOT NULL OR unplaced_id IS NOT NULL OR proposal_id IS NOT NULL OR question_id IS NOT NULL",
        )
    op.create_table(
        "follow_up",
        sa.Column("question_id", BigInt, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("sealed_text", sa.LargeBinary(), nullable=False),
        sa.Column("sealed_answer", sa.LargeBinary(), nullable=True),
        sa.Column("counsel_id", BigInt, nullable=True),
        sa.Column("asked_at", Instant(), nullable=False),
        sa.Column("answered_at", Instant(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("key", sa.String(160), nullable=True),
        *_record(named=False),
        sa.CheckConstraint(
            "(sealed_answer IS NULL) = (answered_at IS NULL)", name=op.f("ck_follow_up_answered_at_a_moment")
        ),
        sa.UniqueConstraint("question_id", "number", name=op.f("uq_follow_up_question_id_number")),
        *_keys("follow_up", "key", question_id="question", counsel_id="officer"),
    )
    op.create_table(
        "hand_over",
        sa.Column("question_id", BigInt, nullable=False),
        sa.Column("road", _choice("road", "comment", "petition", "aid"), nullable=False),
        sa.Column("stage", _choice("handoverstage", "sent", "taken", "sent_back"), nullable=False),
        sa.Column("number", sa.String(40), nullable=False),
        sa.Column("receiver", sa.String(60), nullable=False),
        sa.Column("sealed_words", sa.LargeBinary(), nullable=False),
        sa.Column("comment_id", BigInt, nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("taken_on", sa.Date(), nullable=True),
        sa.Column("their_number", sa.String(40), nullable=False),
        sa.Column("returned_reason", sa.String(200), nullable=False),
        sa.Column("made_at", Instant(), nullable=False),
        sa.Column("officer_id", BigInt, nullable=False),
        *_record(),
        sa.CheckConstraint(
            "road <> 'comment' OR comment_id IS NOT NULL", name=op.f("ck_hand_over_a_comment_stands_somewhere")
        ),
        sa.CheckConstraint("stage <> 'taken' OR taken_on IS NOT NULL", name=op.f("ck_hand_over_taken_on_a_day")),
        sa.CheckConstraint(
            "stage <> 'sent_back' OR returned_reason <> ''", name=op.f("ck_hand_over_sent_back_with_a_reason")
        ),
        *_keys("hand_over", "number", "public_id", question_id="question", comment_id="comment", officer_id="officer"),
    )
    op.create_index("ix_hand_over_question_id", "hand_over", ["question_id"])
    op.create_table(
        "duty",
        sa.Column("counsel_id", BigInt, nullable=False),
        sa.Column("place_id", BigInt, nullable=True),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=False),
        *_record(),
        sa.CheckConstraint("from_on <= until_on", name=op.f("ck_duty_in_order")),
        *_keys("duty", "public_id", counsel_id="officer", place_id="place"),
    )
    op.create_index("ix_duty_counsel_id", "duty", ["counsel_id"])
    op.create_index("ix_duty_place_id", "duty", ["place_id"])
    op.create_table(
        "stint",
        sa.Column("counsel_id", BigInt, nullable=False),
        sa.Column("place_id", BigInt, nullable=True),
        sa.Column("question_id", BigInt, nullable=True),
        sa.Column(
            "kind",
            _choice("stintkind", "answer", "on_site", "document", "mediation", "lecture", "review"),
            nullable=False,
        ),
        sa.Column("held_on", sa.Date(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("gist", sa.String(300), nullable=False),
        sa.Column("result", sa.String(300), nullable=False),
        sa.Column("made_at", Instant(), nullable=False),
        *_record(),
        sa.CheckConstraint("minutes > 0 AND minutes <= 720", name=op.f("ck_stint_some_time")),
        sa.CheckConstraint("gist <> ''", name=op.f("ck_stint_says_something")),
        *_keys("stint", "public_id", counsel_id="officer", place_id="place", question_id="question"),
    )
    op.create_index("ix_stint_volume", "stint", ["place_id", "held_on"])
    op.create_index("ix_stint_counsel_id", "stint", ["counsel_id"])
    op.create_table(
        "common_question",
        sa.Column("stage", _choice("commonstage", "drafted", "submitted", "published", "withdrawn"), nullable=False),
        sa.Column("topic_id", BigInt, nullable=True),
        sa.Column("question", sa.String(120), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("basis", sa.String(300), nullable=False),
        sa.Column("basis_on", sa.Date(), nullable=True),
        sa.Column("source_id", BigInt, nullable=True),
        sa.Column("author_id", BigInt, nullable=False),
        sa.Column("approver_id", BigInt, nullable=True),
        sa.Column("returned_reason", sa.String(200), nullable=False),
        sa.Column("withdrawn_reason", sa.String(200), nullable=False),
        sa.Column("made_at", Instant(), nullable=False),
        sa.Column("published_at", Instant(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        *_record(),
        sa.CheckConstraint(
            "stage <> 'published' OR (approver_id IS NOT NULL AND approver_id <> author_id AND published_at IS NOT NULL)",
            name=op.f("ck_common_question_agreed_to_by_a_second_person"),
        ),
        *_keys(
            "common_question",
            "public_id",
            topic_id="topic",
            source_id="question",
            author_id="officer",
            approver_id="officer",
        ),
    )
    op.create_index("ix_common_question_topic_id", "common_question", ["topic_id"])
    op.create_index("ix_common_question_source_id", "common_question", ["source_id"])
    install(op.get_bind())
