"""The history of an account or a project is read newest first, piece by piece."""

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(op.f("ix_audit_events_subject_id"), "audit_events", ["subject", "id"])
    op.drop_index(op.f("ix_audit_events_subject_at"), "audit_events")
