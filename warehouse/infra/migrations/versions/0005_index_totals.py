"""What all projects add up to."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "index_totals",
        sa.Column("is_the_only_one", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("is_the_only_one", name=op.f("ck_index_totals_is_the_only_one")),
        sa.PrimaryKeyConstraint("is_the_only_one", name=op.f("pk_index_totals")),
    )
    op.execute("INSERT INTO index_totals (size) SELECT coalesce(sum(size), 0) FROM project_totals")
