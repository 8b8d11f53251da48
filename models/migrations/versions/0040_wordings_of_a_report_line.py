"""Points that were put together and got one answer are one line of the report; how each was worded stands beneath it.

Reports that are out keep the lines with which they went out.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from models.kernel.base import BigInt
from models.kernel.triggers import install
from models.migrations import add_column

revision: str = "0040"
down_revision: str | None = "0039"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    """Forward."""
    add_column("report_line", "wordings", sa.Integer(), default="1")
    add_column("report_line", "people", sa.Integer())
    op.create_table(
        "report_wording",
        sa.Column("line_id", BigInt, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("lead_id", BigInt, nullable=False),
        sa.Column("points", sa.Integer(), nullable=False),
        sa.Column("id", BigInt, autoincrement=True, nullable=False),
        sa.ForeignKeyConstraint(["lead_id"], ["point.id"], name=op.f("fk_report_wording_lead_id_point")),
        sa.ForeignKeyConstraint(["line_id"], ["report_line.id"], name=op.f("fk_report_wording_line_id_report_line")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report_wording")),
        sa.UniqueConstraint("lead_id", name=op.f("uq_report_wording_lead_id")),
        sa.UniqueConstraint("line_id", "number", name=op.f("uq_report_wording_line_id_number")),
    )
    add_column("report_entry", "wording_id", BigInt, references="report_wording")
    which = sa.text("wording_id IS NOT NULL")
    op.create_index(
        "ix_report_entry_wording", "report_entry", ["wording_id", "id"], sqlite_where=which, postgresql_where=which
    )
    install(op.get_bind())
