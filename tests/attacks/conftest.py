"""The parts that are attacked."""

from __future__ import annotations

import pytest

from tests.web.client import Client, site
from warehouse.work import Tools


@pytest.fixture
def web(tools: Tools) -> Client:
    """The site, with the private profile's settings."""
    return site(tools)
