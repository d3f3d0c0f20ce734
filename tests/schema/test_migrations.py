"""The schema's history leads to the tables that the code describes, also with data in place."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from datetime import date
from functools import partial

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from procrastinate.schema import SchemaManager
from sqlalchemy import text

from tests.web.browser import PASSWORD
from warehouse.domain.packaging import totals
from warehouse.domain.tokens import Token
from warehouse.follow import FOLLOWERS, follower
from warehouse.infra import migrations
from warehouse.infra.db import Base, Database, libpq_url
from warehouse.operations.downloads import add_up_downloads
from warehouse.operations.history import history_of
from warehouse.operations.password_sign_in import sign_in
from warehouse.operations.sessions import session_of
from warehouse.operations.sign_in import Finished
from warehouse.operations.tokens import tokens_of
from warehouse.sources.downloads import read_shares
from warehouse.toolbox import open_tools
from warehouse.work import ANONYMOUS, SYSTEM, begin

# The domain's tables register themselves when they are imported; these two import all the others.
ALL_TABLES = (Token, totals.ProjectTotals)


@pytest.fixture
def empty(postgres) -> Iterator[Database]:
    """A database without any table."""
    name = "schema_history"
    with psycopg.connect(libpq_url(postgres.url), autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        connection.execute(f"CREATE DATABASE {name}")
    database = Database(postgres.url.replace("/warehouse?", f"/{name}?", 1))
    yield database
    database.dispose()


def test_the_migrations_make_the_tables_that_the_code_describes(empty):
    assert not migrations.is_current(empty)
    migrations.migrate(empty)
    assert migrations.is_current(empty)
    with empty.engine.connect() as connection:
        differences = compare_metadata(MigrationContext.configure(connection), Base.metadata)
    assert [found for found in differences if "procrastinate" not in str(found)] == []


def test_migrating_again_does_nothing(empty):
    assert migrations.migrate(empty)[0] == "0001"
    assert migrations.migrate(empty) == []


def test_counters_that_may_be_lost_are_not_written_to_the_log(empty):
    migrations.migrate(empty)
    with empty.engine.connect() as connection:
        query = text("SELECT relpersistence FROM pg_class WHERE relname = 'rate_windows'")
        assert connection.scalar(query) == "u"


def test_two_that_migrate_at_once_do_it_once(empty):
    applied: list[list[str]] = []
    threads = [threading.Thread(target=lambda: applied.append(migrations.migrate(empty))) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(map(len, applied))[:2] == [0, 0]
    assert migrations.is_current(empty)


def test_an_index_of_the_first_schema_keeps_its_data(empty, settings):
    migrations.migrate(empty, to="0001")
    with empty.engine.begin() as connection:
        connection.execute(text(FIRST_DATA))
    migrations.migrate(empty, to="0018")
    with empty.engine.begin() as connection:
        connection.execute(text(DOWNLOADS_IN_DETAIL))
    migrations.migrate(empty)
    tools = open_tools(settings, empty.url)
    with tools.database.session() as db:
        assert db.scalar(text("SELECT filename FROM files")) == "demo-1.0-py3-none-any.whl"
        assert db.execute(text("SELECT description, parent_id, details FROM tokens")).one() == ("CI", None, {})
        for query, name in (
            ("SELECT sitemap_bucket FROM projects", b"Demo"),
            ("SELECT sitemap_bucket FROM users", b"ada"),
        ):
            assert db.scalar(text(query)) == hashlib.sha512(name).hexdigest()[:2]
    told = partial(read_shares, tools.database, "demo", date(2026, 1, 1), date(2026, 1, 2))
    from_details = told()
    assert from_details["day"] == [(date(2026, 1, 1), 5, 0), (date(2026, 1, 2), 3, 0)]
    with begin(tools, SYSTEM) as work:
        add_up_downloads(work)
        work.db.execute(text("DELETE FROM downloads"))
    assert told() == from_details
    for one in FOLLOWERS:
        follower.catch_up(tools, one)
    with tools.database.session() as db:
        found = totals.ProjectTotals.__table__
        assert db.execute(found.select()).mappings().one()["files"] == 1
    tools.database.dispose()


def test_somebody_from_before_there_were_sessions_signs_in_and_sees_what_happened(empty, settings):
    migrations.migrate(empty, to="0008")
    tools = open_tools(settings, empty.url)
    with empty.engine.begin() as connection:
        connection.execute(text(FIRST_PERSON))
        connection.execute(text("UPDATE users SET password_hash = :hash"), {"hash": tools.passwords.hash(PASSWORD)})
    migrations.migrate(empty)
    with begin(tools, ANONYMOUS) as work:
        arrived = sign_in(work, "ada", PASSWORD)
        assert isinstance(arrived, Finished) and arrived.secret is not None
        found = session_of(work, arrived.secret)
        assert found is not None
        _, user = found
        assert user.primary_email is not None and user.primary_email.is_verified
        assert [one.tag for one in history_of(work, user)] == ["account:login:success", "account:create"]
        assert [token.description for token in tokens_of(work.db, user)] == ["CI"]
    tools.database.dispose()


FIRST_PERSON = """
    INSERT INTO users (username) VALUES ('ada');
    INSERT INTO emails (user_id, address, is_primary, is_verified) SELECT id, 'ada@example.com', true, true FROM users;
    INSERT INTO tokens (user_id, description, salt, caveats) SELECT id, 'CI', '\\x01', '[]' FROM users;
    INSERT INTO audit_events (at, subject, tag, actor, details)
        SELECT now() - interval '1 year', 'account:' || id, 'account:create', 'operator', '{}' FROM users;
"""

DOWNLOADS_IN_DETAIL = """
INSERT INTO downloads (day, normalized_name, version, kind, installer, python, system, number) VALUES
    ('2026-01-01', 'demo', '1.0', 'installer', 'pip', '3.12', 'Linux', 5),
    ('2026-01-02', 'demo', '1.0', 'installer', 'uv', '3.13', 'Linux', 3);
INSERT INTO download_days (day, number, apart) VALUES ('2026-01-01', 5, 0);
"""

FIRST_DATA = """
    INSERT INTO users (username) VALUES ('ada');
    INSERT INTO tokens (user_id, description, salt, caveats) SELECT id, 'CI', '\\x01', '[]' FROM users;
    INSERT INTO projects (name, normalized_name, lookalike_name, total_size) VALUES ('Demo', 'demo', 'dem0', 3);
    INSERT INTO roles (project_id, user_id, role_name) SELECT p.id, u.id, 'Owner' FROM projects p, users u;
    INSERT INTO releases (project_id, version, canonical_version, version_key, is_prerelease, metadata_version)
        SELECT id, '1.0', '1', '\\x01', false, '2.1' FROM projects;
    INSERT INTO files (project_id, release_id, filename, packagetype, python_version, size, md5, sha256, blake2_256)
        SELECT project_id, id, 'demo-1.0-py3-none-any.whl', 'bdist_wheel', 'py3', 3, md5('x'), repeat('a', 64),
               repeat('b', 64)
        FROM releases;
    INSERT INTO file_names (filename) SELECT filename FROM files;
    INSERT INTO journal (project, normalized_name, version, change, action)
        VALUES ('Demo', 'demo', '1.0', 'file added', 'add py3 file demo-1.0-py3-none-any.whl');
    INSERT INTO project_serials SELECT 'demo', max(serial) FROM journal;
"""


def test_the_job_queue_is_the_one_that_its_migration_has_always_made():
    """Otherwise new indexes would have another queue than those that were brought up to date."""
    made = hashlib.sha256(SchemaManager.get_schema().encode()).hexdigest()
    assert made == "c70ec4b400a60ad9592787653aae5ae77ae41bf801d56b5bd2712751a07f2009", (
        "The library has a new schema: keep the former one beside migration 0002, and add a migration to the new one."
    )
