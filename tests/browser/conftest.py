"""One browser, one mail server and one index for all of these tests, and a browser window for each."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass

import pytest

from tests.browser.chromium import DESK, PROGRAM, Person, chromium
from tests.browser.mailbox import Mailbox, free_port, mailbox
from tests.browser.pages import fill
from tests.served import Served, served


@dataclass(frozen=True)
class Place:
    """An index that strangers may register with, and the mail server that it knows."""

    index: Served
    url: str
    mail: Mailbox


@pytest.fixture(scope="package")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """The index, at a name that browsers take for secure without TLS."""
    port = free_port()
    url = f"http://localhost:{port}"
    with mailbox() as (box, settings):
        environ = {
            "WAREHOUSE_LISTEN": f"127.0.0.1:{port}",
            "WAREHOUSE_SITE__URL": url,
            "WAREHOUSE_ACCOUNTS__REGISTRATION": "open",
            "WAREHOUSE_LIMITS__SEARCHES_PER_ADDRESS": "1000 per second",
            "WAREHOUSE_SITE__DEVELOPMENT": "true",
            "WAREHOUSE_IMAGES__FROM_INSIDE": "true",
            "WAREHOUSE_ACCESS__REQUIRE_SECOND_FACTOR": "true",
            "WAREHOUSE_ACCESS__REQUIRE_VERIFIED_EMAIL": "true",
            **settings,
        }
        with served(tmp_path_factory.mktemp("browser"), **environ) as index:
            yield Place(index, url, box)


@pytest.fixture(scope="package")
def filled(place: Place, tmp_path_factory: pytest.TempPathFactory) -> Place:
    """The same index with projects in it."""
    fill(place.index, tmp_path_factory.mktemp("distributions") / "dist")
    return place


@pytest.fixture(scope="package")
def windows() -> Iterator[Callable[..., Person]]:
    """Opens a window of the browser, whose cookies nobody else has."""
    if not PROGRAM.exists():
        pytest.skip(f"{PROGRAM} is not here: apt-get install chromium")
    with chromium() as browser, ExitStack() as opened:

        def window(url: str, **options: object) -> Person:
            context = browser.new_context(viewport=DESK, **options)  # type: ignore[arg-type]
            opened.callback(context.close)
            return Person(context, url)

        yield window


@pytest.fixture(scope="package")
def visitor(filled: Place, windows: Callable[..., Person]) -> Person:
    """One window for all who only look around."""
    return windows(filled.url)


@pytest.fixture
def person(place: Place, windows: Callable[..., Person]) -> Iterator[Person]:
    """Somebody at the index, whose browser has nothing to complain about."""
    person = windows(place.url)
    yield person
    person.context.close()
    assert person.complaints == []
