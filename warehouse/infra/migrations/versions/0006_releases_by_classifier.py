"""What releases are found by when classifiers are asked for."""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        op.f("ix_releases_classifiers"),
        "releases",
        ["classifiers"],
        postgresql_using="gin",
        postgresql_with={"fastupdate": "off"},
    )
