"""Readers of feeds, sitemaps and small texts: what they ask, and an index with settings of its own."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from xml.etree import ElementTree

import pytest

from tests.conftest import MakeIndex
from tests.index import Index
from warehouse.domain.accounts import User
from warehouse.domain.packaging import Project, Release
from warehouse.standards.names import lookalike, normalize
from warehouse.standards.versions import canonical, is_prerelease, sort_key

HOST = "index.example"
NOW = datetime.now(UTC)


@pytest.fixture
def public(index_with: MakeIndex) -> Index:
    """An index like the public one, behind a CDN that is told of changes."""
    return index_with(PROFILE="public", SITE__URL=f"https://{HOST}", SITE__NAME="Example", **CDN)


CDN = {"CDN__BACKEND": "fastly", "CDN__FASTLY_SERVICE": "service", "CDN__FASTLY_TOKEN": "token"}


def add_project(index: Index, name: str, *, created_at: datetime = NOW, size: int = 0) -> None:
    """A project without releases, as old and as large as it is wanted; the journal does not hear of it."""
    with index.work() as work:
        work.db.add(
            Project(
                name=name,
                normalized_name=normalize(name),
                lookalike_name=lookalike(name),
                created_at=created_at,
                total_size=size,
            )
        )


def add_release(index: Index, name: str, version: str, *, created_at: datetime = NOW, **metadata: Any) -> None:
    """A release without files."""
    with index.work() as work:
        project = work.db.query(Project).filter_by(normalized_name=normalize(name)).one()
        work.db.add(
            Release(
                project_id=project.id,
                version=version,
                canonical_version=canonical(version),
                version_key=sort_key(version),
                is_prerelease=is_prerelease(version),
                metadata_version="2.1",
                created_at=created_at,
                **metadata,
            )
        )


def add_user(index: Index, name: str, *, created_at: datetime) -> None:
    """An account that was opened then."""
    with index.work() as work:
        work.db.add(User(username=name, created_at=created_at))


def ago(**duration: float) -> datetime:
    """So long before now."""
    return NOW - timedelta(**duration)


def read(index: Index, path: str, *, query: str = "", **headers: str) -> str:
    """The text at an address that there is."""
    answer = index.get(path, query=query, **{"host": HOST, **headers})
    assert answer.status == 200, answer
    assert isinstance(answer.body, bytes)
    return answer.body.decode()


def tree(index: Index, path: str, **headers: str) -> ElementTree.Element:
    """The XML document at an address."""
    return ElementTree.fromstring(read(index, path, **headers))


def fields(answer: Any) -> dict[str, str]:
    """The header fields of an answer, whether its wire bytes are made already or not."""
    if hasattr(answer, "head"):
        lines = answer.head.decode("latin-1").split("\r\n")[1:]
        return {name.lower(): value for name, value in (line.split(": ", 1) for line in lines if ": " in line)}
    return {name.lower(): value for name, value in answer.headers}
