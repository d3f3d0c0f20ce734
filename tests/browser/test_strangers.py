"""What strangers put into their projects and into addresses is shown, and runs nowhere."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from tests.attacks import payloads
from tests.browser.chromium import Person
from tests.browser.conftest import Place
from tests.builders import wheel
from tests.contracts.web_service import web_service
from tests.images.pictures import PNG
from tests.served import eventually

# Every violation of the page's policy, and every script that gets to run.
WATCH = """
    window.seen = [];
    const note = (event) => seen.push(event.violatedDirective + " " + event.blockedURI);
    document.addEventListener("securitypolicyviolation", note);
    for (const name of ["alert", "confirm", "prompt"]) window[name] = (words) => seen.push(name + " " + words);
"""

ONE_LINE = " ".join(payloads.TEXTS)
WRITTEN: dict[str, Any] = {
    "summary": ONE_LINE,
    "author": payloads.TEXTS[0],
    "maintainer": payloads.TEXTS[1],
    "keywords": ",".join(payloads.TEXTS),
    "license": ONE_LINE,
    "project_urls": [
        "<script>alert(1)</script>, https://example.com/?'onclick='alert(1)",
        "\"'><svg onload=alert(1)>, https://example.com/#javascript:alert(1)",
    ],
}
RELEASES = {
    "1": {"description": payloads.DESCRIPTION, "description_content_type": "text/markdown"},
    "2": {"description": payloads.RST, "description_content_type": "text/x-rst"},
    "3": {"description": payloads.DESCRIPTION, "description_content_type": "text/plain"},
}
PLACES = [
    *(f"/project/trap/{version}/" for version in RELEASES),
    "/project/trap/1/files/trap-1-py3-none-any.whl/",
    *(f"{path}{quote(payloads.TEXTS[1], safe='')}/" for path in ("/project/", "/user/", "/nothing/")),
    f"/search/?q={quote(ONE_LINE)}&c={quote(payloads.TEXTS[1])}&o={quote(payloads.TEXTS[0])}",
    f"/classifiers/?{quote(payloads.TEXTS[1])}",
    f"/account/login/?next={quote('javascript:alert(1)')}",
]


@pytest.fixture(scope="module")
def trap(place: Place, tmp_path_factory: pytest.TempPathFactory) -> Place:
    """The index with a project of somebody who wants no good, rendered."""
    folder = tmp_path_factory.mktemp("trap")
    for version, description in RELEASES.items():
        dist = wheel("trap", version, **WRITTEN, **description)
        (folder / dist.filename).write_bytes(dist.content)
    place.index.run("import", str(folder))

    def is_rendered() -> bool:
        return all(b'class="description"' in place.index.get(path, accept="text/html").body for path in PLACES[:3])

    eventually(is_rendered)
    return place


@pytest.fixture(scope="module")
def victim(trap: Place, windows: Callable[..., Person]) -> Person:
    person = windows(trap.url)
    person.context.add_init_script(WATCH)
    return person


@pytest.mark.parametrize("path", PLACES, ids=lambda path: path[:30])
def test_nothing_runs_and_the_policy_has_nothing_to_stop(victim: Person, path: str):
    asked: list[str] = []
    listen = lambda request: asked.append(request.url)  # noqa: E731
    victim.page.on("request", listen)
    page = victim.open(path)
    page.mouse.move(300, 400)
    page.keyboard.press("Tab")
    page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
    page.wait_for_timeout(100)
    victim.page.remove_listener("request", listen)
    assert page.evaluate("seen") == []
    assert victim.complaints == []
    assert {url for url in asked if not url.startswith(victim.url)} == set()


def test_the_watch_sees_what_it_is_there_for(victim: Person):
    page = victim.open("/project/trap/1/")
    page.evaluate("document.body.insertAdjacentHTML('beforeend', '<img src=x: onerror=alert(1)>')")
    eventually(lambda: any(one.startswith("script-src") for one in page.evaluate("seen")))
    page.evaluate("alert(2)")
    assert "alert 2" in page.evaluate("seen")
    victim.complaints.clear()


def test_an_image_comes_through_the_index(place: Place, windows: Callable[..., Person], tmp_path: Path):
    with web_service() as elsewhere:
        elsewhere.body, elsewhere.pause = PNG, 0.3
        description = f"Look: ![a dot]({elsewhere.url}/dot.png)"
        dist = wheel("painted", "1", description=description, description_content_type="text/markdown")
        (tmp_path / dist.filename).write_bytes(dist.content)
        place.index.run("import", str(tmp_path))
        path = "/project/painted/"
        eventually(lambda: b'class="description"' in place.index.get(path, accept="text/html").body)
        person = windows(place.url)
        page = person.open(path)
        eventually(lambda: page.evaluate("document.querySelector('.description img').naturalWidth") == 1)
        assert person.complaints == []
        assert [one.path for one in elsewhere.asked] == ["/dot.png"]


def test_a_link_within_a_description_leads_to_its_place(victim: Person):
    page = victim.open("/project/trap/1/")
    link = page.locator(".description a[href^='#user-content-']").first
    link.click()
    assert page.locator(".description").is_visible()
    assert page.url.partition("#")[2].startswith("user-content-")
