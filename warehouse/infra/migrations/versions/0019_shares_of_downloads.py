"""Downloads of each day and project added up in every way that pages divide them."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "download_shares",
        sa.Column("day", sa.Date(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("normalized_name", "by", "value")),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in ("number", "apart")),
        sa.PrimaryKeyConstraint("day", "normalized_name", "by", "value", name=op.f("pk_download_shares")),
    )
    op.create_index(
        op.f("ix_download_shares_normalized_name_by_day"), "download_shares", ["normalized_name", "by", "day"]
    )
    # What says up to which day all is added up: the job begins again with the first, and until then details are read.
    op.execute("DELETE FROM download_days")
    op.execute("DELETE FROM recent_downloads")
