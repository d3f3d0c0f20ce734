"""Tokens that are made from other tokens, and how each was made."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("tokens", sa.Column("parent_id", sa.Uuid(), nullable=True))
    op.add_column(
        "tokens",
        sa.Column("details", postgresql.JSONB(), server_default=sa.text("'{}'"), nullable=False),
    )
    op.create_foreign_key(
        op.f("fk_tokens_parent_id_tokens"), "tokens", "tokens", ["parent_id"], ["id"], ondelete="CASCADE"
    )
    op.create_index(op.f("ix_tokens_parent_id"), "tokens", ["parent_id"])
    op.create_index(op.f("ix_tokens_user_id_created_at"), "tokens", ["user_id", "created_at"])
    op.drop_constraint(op.f("uq_tokens_user_id_description"), "tokens", type_="unique")
    op.create_index(
        op.f("uq_tokens_user_id_description"),
        "tokens",
        ["user_id", "description"],
        unique=True,
        postgresql_where=sa.text("parent_id IS NULL"),
    )
