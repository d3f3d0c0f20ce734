"""Pages about one's account ask the database as often for somebody with much to show as for somebody new."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import event

from tests.index import Index
from tests.structure.test_doors import doors
from tests.upload.attempts import run
from tests.web.browser import Browser, browser
from warehouse.web.routes import ROUTES

PAGES = [
    *sorted(
        {
            ROUTES[view["route_name"]]
            for view in doors()
            if view["route_name"].startswith("manage.")
            and "GET" in view["request_methods"]
            and ROUTES[view["route_name"]].endswith(("/", "generate", "burn", ".json"))
            and "{" not in ROUTES[view["route_name"]]
        }
    ),
    "/manage/account/history/export.json",
    "/manage/account/history/export.csv",
    "/user/ada/",
]

MANY = [
    "INSERT INTO emails (user_id, address, is_primary, is_verified) "
    "SELECT id, 'ada+' || n || '@example.com', false, n % 2 = 0 FROM users, generate_series(1, 19) n",
    "INSERT INTO user_sessions (id, digest, user_id, csrf_token, method, used_at, expires_at, authenticated_at, "
    "password_set_at, data) SELECT gen_random_uuid(), decode(md5(n::text), 'hex'), id, 'x', 'password', now(), "
    "now() + interval '1 day', now(), password_set_at, '{}' FROM users, generate_series(1, 30) n",
    "INSERT INTO security_keys (user_id, label, credential_id, public_key, sign_count) "
    "SELECT id, 'key ' || n, decode(md5(n::text), 'hex'), '\\x01', 0 FROM users, generate_series(1, 30) n",
    "INSERT INTO devices (user_id, address, status, last_used_at) "
    "SELECT id, ('198.51.100.' || n)::inet, 'confirmed', now() FROM users, generate_series(1, 30) n",
    "INSERT INTO associations (user_id, service, external_id, external_username, details) "
    "SELECT id, 'github', n::text, 'ada' || n, '{}' FROM users, generate_series(1, 30) n",
    "INSERT INTO tokens (user_id, description, salt, caveats) "
    "SELECT id, 'token ' || n, '\\x01', '[]' FROM users, generate_series(1, 30) n",
    "INSERT INTO projects (name, normalized_name, lookalike_name) "
    "SELECT 'p' || n, 'p' || n, 'p' || n FROM generate_series(1, 30) n",
    "INSERT INTO roles (project_id, user_id, role_name) SELECT p.id, u.id, 'Owner' FROM projects p, users u",
    "INSERT INTO invitations (address, invited_by, expires_at) "
    "SELECT 'guest' || n || '@example.com', 'ada', now() + interval '1 day' FROM generate_series(1, 30) n",
    "INSERT INTO audit_events (at, subject, tag, actor, details) "
    "SELECT now(), 'account:' || id, 'account:login:success', 'ada', '{}' FROM users, generate_series(1, 60) n",
    "INSERT INTO terms_engagements (user_id, revision, engagement) "
    "SELECT id, n::text, 'viewed' FROM users, generate_series(1, 30) n",
]


@pytest.fixture
def ada(index: Index) -> Browser:
    """Somebody who sees all pages, and has typed the password just now however long the test takes."""
    index.user("ada", verified=True, administrator=True)
    visitor = browser(index.tools)
    visitor.sign_in("ada")
    run(index, "UPDATE user_sessions SET authenticated_at = now() + interval '1 hour'")
    return visitor


@contextmanager
def statements(index: Index) -> Iterator[list[str]]:
    """What the database is asked in the block."""
    seen: list[str] = []

    def note(connection, cursor, statement, *details):
        seen.append(statement)

    event.listen(index.tools.database.engine, "before_cursor_execute", note)
    yield seen
    event.remove(index.tools.database.engine, "before_cursor_execute", note)


def asked(index: Index, visitor: Browser, path: str) -> int:
    """How many statements the page takes."""
    with statements(index) as seen:
        got = visitor.get(path)
    assert got.status in (200, 303), path
    return len(seen)


def test_however_much_there_is_to_show_a_page_takes_as_many_queries(index: Index, ada: Browser) -> None:
    few = {path: asked(index, ada, path) for path in PAGES}
    for statement in MANY:
        run(index, statement)
    many = {path: asked(index, ada, path) for path in PAGES}
    assert many == few
    assert {path: count for path, count in few.items() if count > 9 and not path.endswith(".json")} == {}
    assert "/manage/account/emails/" in few and "/manage/account/token/" in few
