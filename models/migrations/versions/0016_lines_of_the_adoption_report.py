"""Lines of the adoption report: points that would be printed in the same words stand once."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from models.kernel.base import BigInt
from models.kernel.triggers import install

revision: str = "0016"
down_revision: str | None = "0015"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

LED = """
    SELECT point.id AS id, point.consultation_id AS consultation_id, point.clause_id AS clause_id,
           min(point.id) OVER (PARTITION BY point.consultation_id, point.clause_id, point.gist, point.outcome, point.sub_reason,
           point.reason, clause_revision.text, point.shown_text, point.shown_name) AS lead_id
    FROM point LEFT JOIN clause_revision ON clause_revision.id = point.revision_id
    WHERE point.stage = 'released'
"""
LINES = (
    "INSERT INTO report_line (consultation_id, clause_id, lead_id, points) "  # noqa: S608  made of constants
    f"SELECT consultation_id, clause_id, lead_id, count(*) FROM ({LED}) AS led "
    "GROUP BY consultation_id, clause_id, lead_id ORDER BY lead_id"
)
ENTRIES = (
    f"INSERT INTO report_entry (line_id, point_id) SELECT report_line.id, led.id FROM ({LED}) AS led "  # noqa: S608
    "JOIN report_line ON report_line.lead_id = led.lead_id ORDER BY led.id"
)


def upgrade() -> None:
    """Forward: what was released before gets its lines too."""
    op.create_table(
        "report_line",
        sa.Column("consultation_id", BigInt, nullable=False),
        sa.Column("clause_id", BigInt, nullable=True),
        sa.Column("lead_id", BigInt, nullable=False),
        sa.Column("points", sa.Integer(), nullable=False),
        sa.Column("id", BigInt, autoincrement=True, nullable=False),
        sa.ForeignKeyConstraint(
            ["consultation_id"], ["consultation.id"], name=op.f("fk_report_line_consultation_id_consultation")
        ),
        sa.ForeignKeyConstraint(["clause_id"], ["clause.id"], name=op.f("fk_report_line_clause_id_clause")),
        sa.ForeignKeyConstraint(["lead_id"], ["point.id"], name=op.f("fk_report_line_lead_id_point")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report_line")),
        sa.UniqueConstraint("lead_id", name=op.f("uq_report_line_lead_id")),
    )
    op.create_index("ix_report_line_order", "report_line", ["consultation_id", "id"])
    op.create_index("ix_report_line_clause", "report_line", ["consultation_id", "clause_id", "id"])
    op.create_table(
        "report_entry",
        sa.Column("line_id", BigInt, nullable=False),
        sa.Column("point_id", BigInt, nullable=False),
        sa.Column("id", BigInt, autoincrement=True, nullable=False),
        sa.ForeignKeyConstraint(["line_id"], ["report_line.id"], name=op.f("fk_report_entry_line_id_report_line")),
        sa.ForeignKeyConstraint(["point_id"], ["point.id"], name=op.f("fk_report_entry_point_id_point")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report_entry")),
        sa.UniqueConstraint("point_id", name=op.f("uq_report_entry_point_id")),
    )
    op.create_index("ix_report_entry_line_id", "report_entry", ["line_id"])
    op.execute(LINES)
    op.execute(ENTRIES)
    install(op.get_bind())
