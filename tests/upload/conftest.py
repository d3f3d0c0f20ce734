"""Fixtures of uploads: an index with the public profile, and people who may publish there."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tests.conftest import CHEAP_PASSWORDS
from tests.index import Index
from warehouse.domain.accounts import User
from warehouse.settings import load_settings
from warehouse.toolbox import open_tools

MakeIndex = Callable[..., Index]


@pytest.fixture
def index_with(tmp_path, database_url) -> Iterator[MakeIndex]:
    """Makes an index with these settings in the form of environment variables, without their common beginning."""
    opened = []

    def make(**variables: str) -> Index:
        given = {f"WAREHOUSE_{name}": value for name, value in variables.items()}
        settings = load_settings({**CHEAP_PASSWORDS, "WAREHOUSE_DATA": str(tmp_path / "own"), **given})
        opened.append(open_tools(settings, database_url))
        return Index(opened[-1])

    yield make
    for tools in opened:
        tools.database.dispose()
        tools.head.close()


@pytest.fixture
def public(index_with) -> Index:
    """An index for everyone."""
    return index_with(PROFILE="public")


def publisher(index: Index, name: str, *, second_factor: bool = True, verified: bool = True) -> User:
    """Somebody with all that a public index asks of people who publish."""
    user = index.user(name, verified=verified)
    if second_factor:
        with index.work() as work:
            work.db.merge(user).totp_secret = b"secret"
    return user
