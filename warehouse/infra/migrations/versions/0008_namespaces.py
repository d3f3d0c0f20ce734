"""Who has which namespace, and finding projects by how their names begin."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "namespaces",
        sa.Column("name", sa.Text(collation="C"), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("granted_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["owner_id"], ["users.id"], name=op.f("fk_namespaces_owner_id_users")),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_namespaces")),
    )
    op.create_index(op.f("ix_namespaces_owner_id"), "namespaces", ["owner_id"])
    op.create_index(
        "ix_projects_beginning", "projects", ["normalized_name"], postgresql_ops={"normalized_name": "text_pattern_ops"}
    )
