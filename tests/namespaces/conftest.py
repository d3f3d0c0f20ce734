"""An index with namespaces, and what tests do with them."""

from __future__ import annotations

import pytest

from tests.index import Index
from tests.upload.conftest import MakeIndex, index_with
from warehouse.domain.accounts import User
from warehouse.operations.namespaces import find_namespace, grant_namespace, revoke_namespace
from warehouse.work import OPERATOR, Actor

__all__ = ["grant", "index_with", "named", "revoke"]


@pytest.fixture
def named(index_with: MakeIndex) -> Index:
    """An index with namespaces; ada and bob have accounts."""
    index = index_with(NAMESPACES__ENABLED="true")
    index.ada, index.bob = index.user("ada"), index.user("bob")
    return index


def grant(index: Index, name: str, owner: User, *, actor: Actor = OPERATOR) -> None:
    with index.work(actor) as work:
        grant_namespace(work, name, owner)


def revoke(index: Index, name: str, *, actor: Actor = OPERATOR) -> None:
    with index.work(actor) as work:
        revoke_namespace(work, find_namespace(work, name))
