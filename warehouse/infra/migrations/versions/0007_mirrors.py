"""Being a mirror of another index."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "mirror",
        sa.Column("id", sa.SmallInteger(), server_default="1", autoincrement=False, nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("names", postgresql.ARRAY(sa.Text()), nullable=True),
        sa.Column("serial", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("is_copied", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_mirror_one")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mirror")),
    )
    op.create_table(
        "mirrored_projects",
        sa.Column("normalized_name", sa.Text(), nullable=False),
        sa.Column("display", sa.Text(), nullable=False),
        sa.Column("serial", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("failures", sa.Integer(), server_default="0", nullable=False),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.Column("try_again_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("retold_serial", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("normalized_name", name=op.f("pk_mirrored_projects")),
    )
    for column in ("try_again_at", "retold_serial"):
        op.create_index(
            op.f(f"ix_mirrored_projects_{column}"),
            "mirrored_projects",
            [column],
            postgresql_where=sa.text(f"{column} IS NOT NULL"),
        )
