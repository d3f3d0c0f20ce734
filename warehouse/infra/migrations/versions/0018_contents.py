"""What is inside files, as far as somebody has looked."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
UNLOGGED = ["UNLOGGED"]  # all of it can be made again from the files


def upgrade() -> None:
    op.create_table(
        "contents",
        sa.Column("file_id", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("problem", sa.Text(), server_default="", nullable=False),
        sa.Column("weight", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("looked_at", MOMENT, nullable=False),
        sa.CheckConstraint("state IN ('waiting', 'unpacked', 'refused')", name=op.f("ck_contents_state")),
        sa.ForeignKeyConstraint(["file_id"], ["files.id"], name=op.f("fk_contents_file_id_files"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("file_id", name=op.f("pk_contents")),
        prefixes=UNLOGGED,
    )
    op.create_index(op.f("ix_contents_looked_at"), "contents", ["looked_at"])
    op.create_table(
        "content_members",
        sa.Column("file_id", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("lines", sa.Integer(), nullable=True),
        sa.Column("link", sa.Text(), nullable=True),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["file_id"],
            ["contents.file_id"],
            name=op.f("fk_content_members_file_id_contents"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("file_id", "position", name=op.f("pk_content_members")),
        prefixes=UNLOGGED,
    )
    op.create_index(op.f("ix_content_members_digest"), "content_members", ["digest"])
    op.create_table(
        "content_texts",
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_content_texts")),
        prefixes=UNLOGGED,
    )
    # It is compressed already.
    op.execute("ALTER TABLE content_texts ALTER COLUMN body SET STORAGE EXTERNAL")
    op.create_table(
        "content_comparisons",
        sa.Column("old_file_id", sa.BigInteger(), nullable=False),
        sa.Column("new_file_id", sa.BigInteger(), nullable=False),
        sa.Column("counted_by", sa.SmallInteger(), nullable=False),
        sa.Column("counts", sa.LargeBinary(), nullable=False),
        *(
            sa.ForeignKeyConstraint(
                [column],
                ["contents.file_id"],
                name=op.f(f"fk_content_comparisons_{column}_contents"),
                ondelete="CASCADE",
            )
            for column in ("old_file_id", "new_file_id")
        ),
        sa.PrimaryKeyConstraint("old_file_id", "new_file_id", name=op.f("pk_content_comparisons")),
        prefixes=UNLOGGED,
    )
    op.create_index(op.f("ix_content_comparisons_new_file_id"), "content_comparisons", ["new_file_id"])
