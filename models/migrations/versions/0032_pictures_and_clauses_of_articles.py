"""Pictures inside articles, and articles beside clauses."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from models.kernel.base import BigInt, Instant
from models.kernel.triggers import install

revision: str = "0032"
down_revision: str | None = "0031"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    """Forward."""
    op.create_table(
        "picture",
        sa.Column("article_id", BigInt, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("file", sa.String(64), nullable=False),
        sa.Column("mime", sa.String(40), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("caption", sa.String(80), nullable=False),
        sa.Column("made_at", Instant(), nullable=False),
        sa.Column("wx_appid", sa.String(32), nullable=False),
        sa.Column("wx_url", sa.String(300), nullable=False),
        sa.Column("id", BigInt, autoincrement=True, nullable=False),
        sa.CheckConstraint("caption <> ''", name=op.f("ck_picture_said_in_words")),
        sa.ForeignKeyConstraint(["article_id"], ["article.id"], name=op.f("fk_picture_article_id_article")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_picture")),
        sa.UniqueConstraint("article_id", "number", name=op.f("uq_picture_article_id_number")),
    )
    op.create_table(
        "beside",
        sa.Column("clause_id", BigInt, nullable=False),
        sa.Column("article_id", BigInt, nullable=False),
        sa.Column("id", BigInt, autoincrement=True, nullable=False),
        sa.ForeignKeyConstraint(["clause_id"], ["clause.id"], name=op.f("fk_beside_clause_id_clause")),
        sa.ForeignKeyConstraint(["article_id"], ["article.id"], name=op.f("fk_beside_article_id_article")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_beside")),
        sa.UniqueConstraint("clause_id", "article_id", name=op.f("uq_beside_clause_id_article_id")),
    )
    op.create_index("ix_beside_article_id", "beside", ["article_id"])
    install(op.get_bind())
