"""What the pages cost when somebody makes files to have them cost much."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from tests.builders import Dist, sdist
from tests.builders.sdists import tar_gz_of
from tests.contents.files import put
from tests.contents.test_pages import COMPARISON, SDIST, seen
from tests.web.client import Client, site
from warehouse.errors import Unavailable
from warehouse.infra.apart import Apart
from warehouse.operations.contents import apart
from warehouse.work import Tools


@pytest.fixture
def web(tools: Tools) -> Client:
    return site(tools)


def made(members: dict[str, bytes], version: str = "1.0") -> Dist:
    return Dist(f"demo-{version}.tar.gz", tar_gz_of(members), b"", "sdist", "source")


def test_folders_within_folders_are_no_deeper_than_a_page_can_be(tools: Tools, web: Client) -> None:
    deep = {f"d/{'a/b/' * depth}x": b"" for depth in range(0, 900, 30)}
    put(tools, made(deep))
    got = seen(tools, web, SDIST)
    assert got.status == 200
    assert len([one for one in got.page.all("a") if one.attributes.get("class") == "tree__name"]) == len(deep)
    depth = most = 0
    for part in got.text.split("<")[1:]:
        depth += part.startswith("details") - part.startswith("/details")
        most = max(most, depth)
    assert most <= 21


HOSTILE = {
    "lines": ("a.py", "\n" * 300_000),
    "a line": ("a.md", "x" * 1_000_000),
    "braces": ("a.json", "{\n" * 100_000),
    "strings": ("a.py", "f'''{\n" * 20_000),
    "tags": ("a.html", "<a \n" * 50_000),
    "hidden": ("a.txt", "\r" * 100_000 + "\u202e" * 100_000),
}


@pytest.mark.parametrize("case", HOSTILE)
def test_whatever_a_text_holds_its_page_is_bounded(case: str) -> None:
    name, text = HOSTILE[case]
    lines = apart.colour(case.encode(), lambda: text, name)
    assert lines is None or len(lines) <= 20_000
    assert sum(map(len, lines or ())) < 10_000_000


@pytest.mark.slow
def test_the_most_that_two_texts_can_differ_is_bounded(tools: Tools, web: Client) -> None:
    texts = b"".join(b"%d\n" % (number * 7919 % 65536) for number in range(65536)), b"a\nb\n" * 60_000
    for version, text in zip(("1.0", "1.1"), texts, strict=True):
        put(tools, made({f"demo-{version}/a.py": text, f"demo-{version}/PKG-INFO": b""}, version), version=version)
    seen(tools, web, COMPARISON)
    got = web.get(f"{COMPARISON}demo-1.1/a.py")
    assert got.status == 200 and len(got.body) < 8_000_000


@pytest.fixture
def busy() -> Iterator[None]:
    with apart._showing._turn:
        yield


@pytest.mark.usefixtures("busy")
def test_while_many_read_texts_come_without_colours(tools: Tools, web: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    put(tools, sdist(files={"busy.py": "import this  # busy\n"}))
    seen(tools, web, SDIST)
    monkeypatch.setattr(apart._showing, "_waiting", 0.0)
    got = web.get(f"{SDIST}demo-1.0/busy.py")
    assert got.status == 200 and "import this  # busy" in got.text


def test_no_more_wait_than_there_are_places() -> None:
    slow = Apart("warehouse.operations.contents.child", memory=2**30, waiting=5.0, crowd=1)
    with slow._turn:
        waiting = threading.Thread(target=lambda: slow.ask({"task": "count", "old": "", "new": ""}, time_limit=5.0))
        waiting.start()
        held = slow._places.acquire(blocking=False)
        with pytest.raises(Unavailable):
            slow.ask({"task": "count", "old": "", "new": ""}, time_limit=5.0)
        if held:
            slow._places.release()
    waiting.join()
    slow._end()
