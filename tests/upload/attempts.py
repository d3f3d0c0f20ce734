"""Uploads as a test puts them together, and everything that an upload could leave behind."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import uuid4

from sqlalchemy import text

from tests.builders import Dist, wheel
from tests.index import Index, basic, multipart_body
from warehouse.domain.accounts import User
from warehouse.domain.site import FlagName, set_flag
from warehouse.operations.tokens import create_token
from warehouse.standards.http import Answer

# Not part of what an upload writes: counters count refusals too, and a token remembers its use.
BESIDE = {"alembic_version", "kept_names", "rate_windows", "tokens"}


@dataclass
class Attempt:
    """One upload before it is sent; every part of it can be spoilt."""

    dist: Dist = field(default_factory=lambda: wheel("demo", "1.0"))
    by: User | None = None
    token: str | None = None
    authorization: str | None = None
    changes: dict[str, Any] = field(default_factory=dict)
    content_type: str | None = "application/octet-stream"
    filename: str | None = None
    content: bytes | None = None
    has_file: bool = True
    files: list[tuple[str, str, str | None, bytes]] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)
    query: str = ""

    def send(self, index: Index) -> Answer:
        """Post it through the real door."""
        files = list(self.files)
        if self.has_file:
            content = self.dist.content if self.content is None else self.content
            files.append(("content", self.filename or self.dist.filename, self.content_type, content))
        body, boundary = multipart_body(self.dist.form(**self.changes), files)
        authorization = self.authorization
        if self.token is not None:
            authorization = basic("__token__", self.token)
        elif self.by is not None:
            authorization = basic("__token__", token_of(index, self.by))
        return index.post(body, boundary, authorization=authorization, headers=self.headers, query=self.query)


def token_of(index: Index, user: User, *projects: str, lifetime: timedelta | None = None) -> str:
    """A new token, made from the user's row as it is now."""
    with index.work() as work:
        owner = work.db.get_one(User, user.id)
        _, made = create_token(work, owner, description=uuid4().hex, projects=projects, lifetime=lifetime)
    return made


def rows(index: Index) -> dict[str, list[str]]:
    """Every row of every table that uploads write to."""
    with index.tools.database.connection() as connection:
        names = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
        tables = sorted(name for (name,) in names if name not in BESIDE and not name.startswith("procrastinate"))
        found = {
            table: [row for (row,) in connection.execute(f"SELECT t::text FROM {table} t ORDER BY 1").fetchall()]
            for table in tables
        }
        connection.rollback()
    # Made for the attempt itself.
    found["audit_events"] = [row for row in found["audit_events"] if "account:" not in row]
    return found


def blobs(index: Index) -> list[str]:
    """The keys of all stored blobs."""
    return [blob.key for blob in index.tools.blobs.keys(prefix="")]


def temporary_files(index: Index) -> list[str]:
    """The names of files that are not stored yet."""
    return sorted(path.name for path in index.tools.blobs.temporary().parent.iterdir())


@contextmanager
def nothing_changes(index: Index) -> Iterator[None]:
    """Neither rows nor blobs nor temporary files are other after the block than before."""
    before = rows(index), blobs(index), temporary_files(index)
    yield
    assert (rows(index), blobs(index), temporary_files(index)) == before


def refused(index: Index, attempt: Attempt, status: int, sentence: str | tuple[str, ...]) -> Answer:
    """The answer to an attempt that must be refused with a sentence that begins like this, and leave no trace."""
    if attempt.by is not None and attempt.token is None:
        attempt.token = token_of(index, attempt.by)
    with nothing_changes(index):
        answer = attempt.send(index)
    assert answer.status == status, answer
    assert (answer.reason or "").startswith(sentence), answer.reason
    return answer


def accepted(index: Index, attempt: Attempt) -> Answer:
    """The answer to an attempt that must be accepted."""
    answer = attempt.send(index)
    assert (answer.status, answer.reason) == (200, None)
    return answer


def throw(index: Index, *flags: FlagName) -> None:
    """Throw these switches."""
    with index.work() as work:
        for flag in flags:
            set_flag(work.db, flag, True)


def run(index: Index, statement: str, **values: Any) -> Sequence[Any]:
    """Do something to the database that no operation does."""
    with index.work() as work:
        result = work.db.execute(text(statement), values)
        return result.all() if result.returns_rows else []
