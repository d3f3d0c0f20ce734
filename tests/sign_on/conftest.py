"""An issuer on this machine, and an index that trusts it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.conftest import MakeIndex
from tests.index import Index
from tests.sign_on.issuer import LocalIssuer
from tests.sign_on.trip import Trip

MakeTrip = Callable[..., Trip]


@pytest.fixture
def local() -> Iterator[LocalIssuer]:
    with LocalIssuer() as running:
        yield running


@pytest.fixture
def trusting(index_with: MakeIndex, local: LocalIssuer) -> Callable[..., Index]:
    """Makes an index that trusts the issuer under the name "corp"; ``about`` are that issuer's settings."""

    def make(variables: dict[str, str] | None = None, **about: Any) -> Index:
        corp = {"issuer": local.url, "client_id": local.client_id, "title": "Corp", **about}
        issuers = {"corp": corp, "other": {"issuer": local.url, "client_id": "other"}}
        return index_with(
            SIGN_ON__ISSUERS=json.dumps(issuers),
            SIGN_ON__CLIENT_SECRETS=f"corp={local.client_secret}",
            SITE__URL="https://index.test",
            **(variables or {}),
        )

    return make


@pytest.fixture
def trip(trusting: Callable[..., Index], local: LocalIssuer) -> MakeTrip:
    """Makes a way to the issuer and back, on an index that trusts it."""

    def make(variables: dict[str, str] | None = None, **about: Any) -> Trip:
        return Trip(trusting(variables, **about), local)

    return make
