"""What feeds, sitemaps and statistics are read by."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table, name in (("projects", "name"), ("users", "username")):
        # Computed for the rows that are there, too.
        bucket = sa.Computed(
            "substr(encode(sha512("
            rf"decode(replace({name}::text, '\'::text, '\\'::text), 'escape'::text)"
            "), 'hex'::text), 1, 2)",
            persisted=True,
        )
        op.add_column(table, sa.Column("sitemap_bucket", sa.Text(), bucket, nullable=False))
        op.create_index(f"ix_{table}_sitemap", table, ["sitemap_bucket", "created_at"], postgresql_include=[name])
    op.create_index(op.f("ix_projects_created_at_id"), "projects", ["created_at", "id"])
    op.create_index(op.f("ix_projects_total_size"), "projects", ["total_size"])
    op.create_index(op.f("ix_releases_created_at_id"), "releases", ["created_at", "id"])
    op.create_index(op.f("ix_releases_project_id_created_at_id"), "releases", ["project_id", "created_at", "id"])
