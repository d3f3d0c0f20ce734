"""The first schema."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("CREATE EXTENSION IF NOT EXISTS citext")
    op.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
    op.execute("CREATE EXTENSION IF NOT EXISTS unaccent")
    op.create_table(
        "audit_events",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("tag", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("user_agent", sa.Text(), nullable=True),
        sa.Column("details", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_events")),
    )
    op.create_index(op.f("ix_audit_events_subject_at"), "audit_events", ["subject", "at"], unique=False)
    op.create_table(
        "file_names",
        sa.Column("filename", sa.Text(), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("filename", name=op.f("pk_file_names")),
    )
    op.create_table(
        "flags",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_flags")),
    )
    op.create_table(
        "follower_cursors",
        sa.Column("follower", sa.Text(), nullable=False),
        sa.Column("serial", sa.BigInteger(), nullable=False),
        sa.Column("moved_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("follower", name=op.f("pk_follower_cursors")),
    )
    op.create_table(
        "journal",
        sa.Column("serial", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("project", sa.Text(), nullable=False),
        sa.Column("normalized_name", sa.Text(), nullable=False),
        sa.Column("version", sa.Text(), nullable=True),
        sa.Column("change", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("submitted_by", sa.Text(), nullable=True),
        sa.Column("submitted_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("serial", name=op.f("pk_journal")),
    )
    op.create_index(op.f("ix_journal_normalized_name_serial"), "journal", ["normalized_name", "serial"], unique=False)
    op.create_table(
        "prohibited_project_names",
        sa.Column("normalized_name", sa.Text(), nullable=False),
        sa.Column("comment", sa.Text(), server_default="", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("normalized_name", name=op.f("pk_prohibited_project_names")),
    )
    op.create_table(
        "project_serials",
        sa.Column("normalized_name", sa.Text(), nullable=False),
        sa.Column("serial", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("normalized_name", name=op.f("pk_project_serials")),
    )
    op.create_table(
        "projects",
        sa.Column("id", sa.Uuid(), server_default=sa.text("gen_random_uuid()"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("normalized_name", sa.Text(), nullable=False),
        sa.Column("lookalike_name", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), server_default="active", nullable=False),
        sa.Column("status_reason", sa.Text(), nullable=True),
        sa.Column("file_size_limit", sa.BigInteger(), nullable=True),
        sa.Column("total_size_limit", sa.BigInteger(), nullable=True),
        sa.Column("total_size", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "status IN ('active', 'archived', 'quarantined', 'deprecated')", name=op.f("ck_projects_status")
        ),
        sa.CheckConstraint("file_size_limit <= 1073741824", name=op.f("ck_projects_file_size_limit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_projects")),
        sa.UniqueConstraint("normalized_name", name=op.f("uq_projects_normalized_name")),
    )
    op.create_index(op.f("ix_projects_lookalike_name"), "projects", ["lookalike_name"], unique=False)
    op.create_table(
        "rate_windows",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("key", "starts_at", name=op.f("pk_rate_windows")),
        prefixes=["UNLOGGED"],
    )
    op.create_table(
        "users",
        sa.Column("id", sa.Uuid(), server_default=sa.text("gen_random_uuid()"), nullable=False),
        sa.Column("username", postgresql.CITEXT(), nullable=False),
        sa.Column("name", sa.Text(), server_default="", nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=True),
        sa.Column("totp_secret", sa.LargeBinary(), nullable=True),
        sa.Column("is_frozen", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("is_administrator", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("is_moderator", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_users")),
        sa.UniqueConstraint("username", name=op.f("uq_users_username")),
    )
    op.create_table(
        "emails",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("address", postgresql.CITEXT(), nullable=False),
        sa.Column("is_primary", sa.Boolean(), nullable=False),
        sa.Column("is_verified", sa.Boolean(), nullable=False),
        sa.Column("is_public", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_emails_user_id_users"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_emails")),
        sa.UniqueConstraint("address", name=op.f("uq_emails_address")),
    )
    op.create_index(op.f("ix_emails_user_id"), "emails", ["user_id"], unique=False)
    op.create_index("uq_emails_primary", "emails", ["user_id"], unique=True, postgresql_where=sa.text("is_primary"))
    op.create_table(
        "releases",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("canonical_version", sa.Text(), nullable=False),
        sa.Column("version_key", sa.LargeBinary(), nullable=False),
        sa.Column("is_prerelease", sa.Boolean(), nullable=False),
        sa.Column("yanked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("yanked_reason", sa.Text(), server_default="", nullable=False),
        sa.Column("is_quarantined", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("uploader_id", sa.Uuid(), nullable=True),
        sa.Column("uploaded_via", sa.Text(), nullable=True),
        sa.Column("metadata_version", sa.Text(), nullable=False),
        sa.Column("summary", sa.Text(), nullable=True),
        sa.Column("author", sa.Text(), nullable=True),
        sa.Column("author_email", sa.Text(), nullable=True),
        sa.Column("author_email_verified", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("maintainer", sa.Text(), nullable=True),
        sa.Column("maintainer_email", sa.Text(), nullable=True),
        sa.Column("maintainer_email_verified", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("license", sa.Text(), nullable=True),
        sa.Column("license_expression", sa.Text(), nullable=True),
        sa.Column("license_files", postgresql.ARRAY(sa.Text()), nullable=True),
        sa.Column("keywords", postgresql.ARRAY(sa.Text()), nullable=True),
        sa.Column("platforms", postgresql.ARRAY(sa.Text()), nullable=True),
        sa.Column("supported_platforms", postgresql.ARRAY(sa.Text()), nullable=True),
        sa.Column("classifiers", postgresql.ARRAY(sa.Text()), nullable=True),
        sa.Column("home_page", sa.Text(), nullable=True),
        sa.Column("home_page_verified", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("download_url", sa.Text(), nullable=True),
        sa.Column("download_url_verified", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("project_urls", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("requires_python", sa.Text(), nullable=True),
        sa.Column("requires_dist", postgresql.ARRAY(sa.Text()), nullable=True),
        sa.Column("requires_external", postgresql.ARRAY(sa.Text()), nullable=True),
        sa.Column("requires", postgresql.ARRAY(sa.Text()), nullable=True),
        sa.Column("provides", postgresql.ARRAY(sa.Text()), nullable=True),
        sa.Column("provides_dist", postgresql.ARRAY(sa.Text()), nullable=True),
        sa.Column("provides_extra", postgresql.ARRAY(sa.Text()), nullable=True),
        sa.Column("obsoletes", postgresql.ARRAY(sa.Text()), nullable=True),
        sa.Column("obsoletes_dist", postgresql.ARRAY(sa.Text()), nullable=True),
        sa.Column("dynamic", postgresql.ARRAY(sa.Text()), nullable=True),
        sa.Column("import_names", postgresql.ARRAY(sa.Text()), nullable=True),
        sa.Column("import_namespaces", postgresql.ARRAY(sa.Text()), nullable=True),
        sa.CheckConstraint("yanked_at IS NOT NULL OR yanked_reason = ''", name=op.f("ck_releases_yanked_reason")),
        sa.ForeignKeyConstraint(
            ["project_id"], ["projects.id"], name=op.f("fk_releases_project_id_projects"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["uploader_id"], ["users.id"], name=op.f("fk_releases_uploader_id_users"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_releases")),
        sa.UniqueConstraint("project_id", "canonical_version", name=op.f("uq_releases_project_id_canonical_version")),
        sa.UniqueConstraint("project_id", "version", name=op.f("uq_releases_project_id_version")),
    )
    op.create_index(op.f("ix_releases_uploader_id"), "releases", ["uploader_id"], unique=False)
    op.create_table(
        "roles",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("role_name", sa.Text(), nullable=False),
        sa.CheckConstraint("role_name IN ('Owner', 'Maintainer')", name=op.f("ck_roles_role_name")),
        sa.ForeignKeyConstraint(
            ["project_id"], ["projects.id"], name=op.f("fk_roles_project_id_projects"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_roles_user_id_users"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_roles")),
        sa.UniqueConstraint("project_id", "user_id", name=op.f("uq_roles_project_id_user_id")),
    )
    op.create_index(op.f("ix_roles_user_id"), "roles", ["user_id"], unique=False)
    op.create_table(
        "tokens",
        sa.Column("id", sa.Uuid(), server_default=sa.text("gen_random_uuid()"), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("salt", sa.LargeBinary(), nullable=False),
        sa.Column("caveats", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_used_from", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_tokens_user_id_users"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tokens")),
        sa.UniqueConstraint("user_id", "description", name=op.f("uq_tokens_user_id_description")),
    )
    op.create_table(
        "descriptions",
        sa.Column("release_id", sa.BigInteger(), nullable=False),
        sa.Column("content_type", sa.Text(), nullable=True),
        sa.Column("raw", sa.Text(), nullable=False),
        sa.Column("html", sa.Text(), nullable=False),
        sa.Column("rendered_by", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["release_id"], ["releases.id"], name=op.f("fk_descriptions_release_id_releases"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("release_id", name=op.f("pk_descriptions")),
    )
    op.create_table(
        "files",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("release_id", sa.BigInteger(), nullable=False),
        sa.Column("filename", sa.Text(), nullable=False),
        sa.Column("packagetype", sa.Text(), nullable=False),
        sa.Column("python_version", sa.Text(), nullable=False),
        sa.Column("requires_python", sa.Text(), nullable=True),
        sa.Column("comment", sa.Text(), nullable=True),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("md5", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("blake2_256", sa.Text(), nullable=False),
        sa.Column("metadata_sha256", sa.Text(), nullable=True),
        sa.Column("metadata_blake2_256", sa.Text(), nullable=True),
        sa.Column("sboms", postgresql.ARRAY(sa.Text()), nullable=True),
        sa.Column("uploaded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("uploaded_via", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "blake2_256 ~ '^[0-9a-f]{64}$' AND sha256 ~ '^[0-9a-f]{64}$'", name=op.f("ck_files_digests")
        ),
        sa.CheckConstraint("packagetype IN ('sdist', 'bdist_wheel')", name=op.f("ck_files_packagetype")),
        sa.ForeignKeyConstraint(
            ["project_id"], ["projects.id"], name=op.f("fk_files_project_id_projects"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["release_id"], ["releases.id"], name=op.f("fk_files_release_id_releases"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_files")),
        sa.UniqueConstraint("blake2_256", name=op.f("uq_files_blake2_256")),
        sa.UniqueConstraint("filename", name=op.f("uq_files_filename")),
    )
    op.create_index(op.f("ix_files_metadata_blake2_256"), "files", ["metadata_blake2_256"], unique=False)
    op.create_index(op.f("ix_files_project_id"), "files", ["project_id"], unique=False)
    op.create_index(op.f("ix_files_release_id"), "files", ["release_id"], unique=False)
    op.create_index(op.f("ix_files_sha256"), "files", ["sha256"], unique=False)
    op.create_index(
        "uq_files_sdist", "files", ["release_id"], unique=True, postgresql_where=sa.text("packagetype = 'sdist'")
    )
    op.execute(
        "INSERT INTO prohibited_project_names (normalized_name, comment) VALUES"
        " ('requirements-txt', 'a mistyped pip install -r'), ('rrequirements-txt', 'a mistyped pip install -r')"
    )
