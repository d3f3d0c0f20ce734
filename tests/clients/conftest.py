"""One index for all clients, and a fresh machine for each test."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.clients.registry import Registry
from tests.clients.tools import Desk, Watcher
from tests.served import Served, served


@pytest.fixture(scope="package")
def index(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """An index that anybody may read. Tests use projects of their own, which exist nowhere else."""
    with served(tmp_path_factory.mktemp("index")) as index:
        yield index


@pytest.fixture(scope="package")
def token(index: Served) -> str:
    """A token to publish with."""
    return index.token()


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """A machine without configuration."""
    return Desk(tmp_path / "home")


@pytest.fixture
def watcher(index: Served) -> Iterator[Watcher]:
    """The way to the index on which requests are counted."""
    watcher = Watcher(index.url)
    yield watcher
    watcher.close()


@pytest.fixture(scope="session")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Registry:
    """Real files and programs, kept in WAREHOUSE_TEST_CORPUS from one run to the next."""
    folder = os.environ.get("WAREHOUSE_TEST_CORPUS")
    return Registry(Path(folder) if folder else tmp_path_factory.mktemp("registry"))
