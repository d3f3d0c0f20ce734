"""Parts of other deployments than the one on a single machine, each started once per file of tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.deployments.deployed import empty_database
from tests.deployments.stores import Store, store_in
from warehouse.infra.postgres import EmbeddedPostgres


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """An object store."""
    with store_in(tmp_path_factory.mktemp("store")) as opened:
        yield opened


@pytest.fixture(scope="module")
def database(postgres: EmbeddedPostgres) -> Iterator[str]:
    """A database of the file's own, on the server that all tests share."""
    with empty_database(postgres.url) as url:
        yield url
