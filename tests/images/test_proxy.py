"""The image proxy: visitors get images from the index, which fetches each once."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from tests.contracts.web_service import WebService, web_service
from tests.images.pictures import GIF, PNG, SVG
from warehouse.api import images
from warehouse.api.images import Images, Line
from warehouse.errors import NotFound, Unavailable
from warehouse.infra.images import NotAnImage
from warehouse.operations.images import image_addresses
from warehouse.server.files import opened
from warehouse.server.later import Later
from warehouse.settings import load_settings
from warehouse.standards.http import Answer, Ask

SECRET = b"secret"


@pytest.fixture(scope="module")
def elsewhere():
    with web_service() as service:
        yield service


@pytest.fixture
def service(elsewhere: WebService):
    elsewhere.status, elsewhere.body = 200, PNG
    elsewhere.asked.clear()
    return elsewhere


@pytest.fixture
def door_with(tmp_path) -> Callable[..., Images]:
    def make(**changes: str) -> Images:
        variables = {"WAREHOUSE_DATA": str(tmp_path), "WAREHOUSE_IMAGES__FROM_INSIDE": "true", **changes}
        return Images(load_settings(variables), SECRET)

    return make


def address(url: str) -> str:
    found = image_addresses(load_settings({}), SECRET)(url)
    assert found is not None
    return found


def get(door: Images, url: str, method: str = "GET", **headers: str) -> Answer:
    """The answer, as the server waits for it: whenever the bell rings it looks again."""
    ask = Ask(method, address(url), "", {name.replace("_", "-"): value for name, value in headers.items()})
    rung = threading.Event()
    end = time.monotonic() + 20
    found: Any = None
    while not isinstance(found, Answer):
        assert time.monotonic() < end
        rung.clear()
        found = door.glance(ask) or door.answer(ask)
        if isinstance(found, Later):
            found.bell.hear(rung.set)
            found = door.glance(ask) or door.answer(ask)
            if isinstance(found, Later):
                rung.wait(5)
    return found


def body(answer: Answer) -> bytes:
    with_parts = opened(answer)
    try:
        return b"".join(
            part if isinstance(part, bytes) else open(part.fd, "rb", closefd=False).read() for part in with_parts.parts
        )
    finally:
        with_parts.close()


def test_an_image_is_fetched_once_and_sent_to_everybody(door_with, service):
    door = door_with()
    answers = [get(door, f"{service.url}/a.png") for _ in range(3)] + [get(door_with(), f"{service.url}/a.png")]
    assert [one.path for one in service.asked] == ["/a.png"]
    for answer in answers:
        assert answer.status == 200 and body(answer) == PNG
        said = dict(answer.headers)
        assert said["content-type"] == "image/png"
        assert said["cache-control"] == "max-age=14400, public"
        assert said["x-content-type-options"] == "nosniff"
    assert get(door, f"{service.url}/a.png", if_none_match=dict(answers[0].headers)["etag"]).status == 304


def test_a_drawing_opened_by_itself_runs_no_script(door_with, service):
    service.body = SVG
    said = dict(get(door_with(), f"{service.url}/a.svg").headers)
    assert said["content-type"] == "image/svg+xml"
    assert said["content-security-policy"] == "default-src 'none'; style-src 'unsafe-inline'; sandbox"


def test_an_image_that_has_changed_is_fetched_anew_after_a_while(door_with, service):
    door, url = door_with(), f"{service.url}/c"
    assert body(get(door, url)) == PNG
    service.body = GIF
    assert body(get(door, url)) == PNG
    kept = door._store.get(url)
    assert kept is not None
    os.utime(kept.path, (time.time() - 5 * 3600,) * 2)
    assert body(get(door, url)) == GIF


def test_a_server_without_the_image_is_left_alone_for_a_while(door_with, service):
    service.status = 404
    door = door_with()
    for _ in range(2):
        answer = get(door, f"{service.url}/d")
        assert answer.status == 404
        assert dict(answer.headers)["cache-control"] == "max-age=300, public"
    assert len(service.asked) == 1


def test_an_old_image_is_better_than_none(door_with, service):
    assert body(get(door_with(), f"{service.url}/e")) == PNG
    service.status = 500
    door = door_with()
    door._kept_for = -1.0
    assert body(get(door, f"{service.url}/e")) == PNG
    assert len(service.asked) == 2


@pytest.mark.parametrize("path", ["/_/image/", "/_/image/00/00", f"/_/image/{'0' * 64}/68747470", "/_/image/a/b/c"])
def test_only_what_the_index_signed_is_fetched(door_with, path):
    door = door_with()
    assert door.owns(path)
    with pytest.raises(NotFound):
        door.answer(Ask("GET", path, "", {}))


@pytest.mark.parametrize("mode", ["camo", "blocked"])
def test_there_is_no_proxy_where_it_is_not_used(door_with, service, mode):
    with pytest.raises(NotFound):
        door_with(WAREHOUSE_IMAGES__MODE=mode).answer(Ask("GET", address(service.url), "", {}))


def test_whoever_waited_for_too_long_is_told_so(door_with, service):
    service.pause = 0.5
    later = door_with().answer(Ask("GET", address(f"{service.url}/f"), "", {}))
    assert isinstance(later, Later)
    answer = door_with().answer(later.instead)
    assert isinstance(answer, Answer) and answer.status == 404
    assert dict(answer.headers)["cache-control"] == "no-store"
    service.pause = 0.0


def test_other_addresses_that_begin_alike_are_not_its_own(door_with):
    assert not door_with().owns("/_/secrets/disclose-token")


@pytest.mark.parametrize("read", ["everyone", "signed_in"])
def test_the_index_answers_whoever_has_the_address(index_with, read):
    doors = index_with(ACCESS__READ=read).doors
    path = image_addresses(doors._tools.settings, doors._tools.secret)("http://127.0.0.1:9/a.png")
    assert isinstance(doors.answer(Ask("GET", path, "", {})), Later)
    with pytest.raises(NotFound):
        doors.answer(Ask("GET", path[:-2], "", {}))
    assert doors.answer(Ask("GET", "/_/components", "", {})) is None


def test_a_slow_server_does_not_take_all_turns(monkeypatch):
    monkeypatch.setattr(images, "MOST_OF_A_HOST", 2)
    monkeypatch.setattr(images, "MOST_WAITING", 3)
    go_on = threading.Event()
    line = Line(lambda url: (go_on.wait(5), None)[1])
    line.add("1", "https://slow.example/1")
    line.add("1", "https://slow.example/1")
    line.add("2", "https://slow.example/2")
    with pytest.raises(Unavailable):
        line.add("3", "https://slow.example/3")
    line.add("4", "https://other.example/4")
    with pytest.raises(Unavailable):
        line.add("5", "https://third.example/5")
    go_on.set()
    while any(map(line.has, "124")):
        time.sleep(0.01)
    line.add("3", "https://slow.example/3")


def test_what_goes_wrong_with_one_stops_no_other(monkeypatch, caplog):
    monkeypatch.setattr(images, "MOST_FAILURES", 2)

    def fetch(url: str) -> None:
        raise NotAnImage("It is none.") if url.endswith("/1") else OSError("The disk is full.")

    line = Line(fetch)
    for number in "123":
        line.add(number, f"https://example.com/{number}")
        while line.has(number):
            time.sleep(0.01)
    assert [line.has_failed(number) for number in "123"] == [False, True, True]
    assert "could not be fetched or kept" in caplog.text
