"""What each project adds up to."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "project_totals",
        sa.Column("normalized_name", sa.Text(), nullable=False),
        sa.Column("releases", sa.Integer(), nullable=False),
        sa.Column("files", sa.Integer(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("latest_version", sa.Text(), nullable=True),
        sa.Column("updated_serial", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("normalized_name", name=op.f("pk_project_totals")),
    )
    op.create_index(op.f("ix_project_totals_updated_serial"), "project_totals", ["updated_serial"], unique=False)
