"""The job queue's own tables and functions, as its library ships them."""

from alembic import op
from procrastinate.schema import SchemaManager

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # The text holds `%` and `:name` of its own, so it goes to the driver unread.
    op.get_bind().exec_driver_sql(SchemaManager.get_schema().replace("%", "%%"))
