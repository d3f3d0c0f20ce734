"""An index that tests stop, kill and start again."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.served import Served, served


@pytest.fixture(scope="package")
def lasting_index(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """One index for all of these tests, with whatever they have done to it: it has to bear that."""
    with served(tmp_path_factory.mktemp("lasting")) as index:
        index.token()
        yield index


@pytest.fixture
def index(lasting_index: Served) -> Served:
    """The index, running."""
    if not lasting_index.is_running:
        lasting_index.start()
    return lasting_index
