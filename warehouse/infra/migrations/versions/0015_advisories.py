"""What is known to be wrong with releases, and which descriptions did not render."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("descriptions", sa.Column("problem", sa.Text(), server_default="", nullable=False))
    op.create_index(op.f("ix_descriptions_rendered_by"), "descriptions", ["rendered_by"])
    op.create_table(
        "advisories",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("identifier", sa.Text(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=True) for name in ("link", "summary", "details")),
        *(
            sa.Column(name, postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False)
            for name in ("aliases", "fixed_in")
        ),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["project_id"], ["projects.id"], name=op.f("fk_advisories_project_id_projects"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_advisories")),
        sa.UniqueConstraint(
            "project_id", "source", "identifier", name=op.f("uq_advisories_project_id_source_identifier")
        ),
    )
    op.create_index(op.f("ix_advisories_identifier"), "advisories", ["identifier"])
    op.create_table(
        "release_advisories",
        sa.Column("release_id", sa.BigInteger(), nullable=False),
        sa.Column("advisory_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["release_id"], ["releases.id"], name=op.f("fk_release_advisories_release_id_releases"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["advisory_id"],
            ["advisories.id"],
            name=op.f("fk_release_advisories_advisory_id_advisories"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("release_id", "advisory_id", name=op.f("pk_release_advisories")),
    )
    op.create_index(op.f("ix_release_advisories_advisory_id"), "release_advisories", ["advisory_id"])
