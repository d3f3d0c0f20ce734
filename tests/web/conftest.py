"""The site on a fresh index."""

from __future__ import annotations

import pytest

from tests.web.client import Client, site
from warehouse.operations.registration import first_start_key
from warehouse.work import Tools


@pytest.fixture
def web(tools: Tools) -> Client:
    """The site, with the private profile's settings."""
    return site(tools)


@pytest.fixture
def setup_path(tools: Tools) -> str:
    """The first-start link."""
    return f"/setup/{first_start_key(tools.secret)}"
