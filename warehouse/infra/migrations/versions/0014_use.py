"""How much projects are used: by one another, and by whoever downloads them."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "dependencies",
        sa.Column("normalized_name", sa.Text(), nullable=False),
        sa.Column("depends_on", sa.Text(), nullable=False),
        sa.Column("extra", sa.Text(), server_default="", nullable=False),
        sa.Column("specifier", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("normalized_name", "depends_on", "extra", name=op.f("pk_dependencies")),
    )
    op.create_index(
        op.f("ix_dependencies_depends_on_normalized_name"), "dependencies", ["depends_on", "normalized_name"]
    )
    op.create_table(
        "dependent_counts",
        sa.Column("normalized_name", sa.Text(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("normalized_name", name=op.f("pk_dependent_counts")),
    )
    op.create_table(
        "downloads",
        sa.Column("day", sa.Date(), nullable=False),
        *(
            sa.Column(name, sa.Text(), nullable=False)
            for name in ("normalized_name", "version", "kind", "installer", "python", "system")
        ),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint(
            *("day", "normalized_name", "version", "kind", "installer", "python", "system"),
            name=op.f("pk_downloads"),
        ),
    )
    op.create_index(op.f("ix_downloads_normalized_name_day"), "downloads", ["normalized_name", "day"])
    op.create_table(
        "recent_downloads",
        sa.Column("normalized_name", sa.Text(), nullable=False),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in ("day", "week", "month")),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("normalized_name", name=op.f("pk_recent_downloads")),
    )
    op.create_index(op.f("ix_recent_downloads_month"), "recent_downloads", ["month"])
