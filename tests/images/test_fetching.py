"""Images are fetched within limits, and told by what they are."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.contracts.web_service import WebService, web_service
from tests.images.pictures import GIF, PNG, SVG
from warehouse.infra.images import NotAnImage, fetch_image, kind_of

KINDS = {
    "PNG": (PNG, "image/png"),
    "JPEG": (b"\xff\xd8\xff\xe0", "image/jpeg"),
    "GIF": (GIF, "image/gif"),
    "WebP": (b"RIFF\x1a\0\0\0WEBPVP8L", "image/webp"),
    "AVIF": (b"\0\0\0\x20ftypavif", "image/avif"),
    "SVG": (SVG, "image/svg+xml"),
    "SVG with all that may come before": (
        b'\xef\xbb\xbf\n<?xml version="1.0"?>\n<!-- a -->\n<!DOCTYPE svg PUBLIC "a" "b">\n<!-- b --> <SVG>',
        "image/svg+xml",
    ),
    "SVG with entities": (b'<!DOCTYPE svg [<!ENTITY a "b">]><svg>', None),
    "SVG that hides what it is": (b"<!-- a -->" * 500 + b"<svg>", None),
    "SVG in a page": (b"<html><svg>", None),
    "a page": (b"<!DOCTYPE html><p>", None),
    "a wave": (b"RIFF\x1a\0\0\0WAVEfmt ", None),
    "nothing": (b"", None),
}


@pytest.mark.parametrize(("content", "kind"), KINDS.values(), ids=KINDS.keys())
def test_images_are_told_by_their_content(content, kind):
    assert kind_of(content) == kind


@pytest.fixture(scope="module")
def elsewhere():
    with web_service() as service:
        yield service


@pytest.fixture
def service(elsewhere: WebService):
    elsewhere.status, elsewhere.headers, elsewhere.body, elsewhere.pause = 200, {}, PNG, 0.0
    elsewhere.asked.clear()
    return elsewhere


def fetch(url: str, *, limit: int = 1000, seconds: float = 5.0, inside: bool = True) -> bytes:
    return fetch_image(url, limit=limit, time_limit=timedelta(seconds=seconds), inside=inside)


def test_an_image_is_fetched_whatever_its_server_says_it_were(service):
    service.headers = {"Content-Type": "text/html"}
    assert fetch(f"{service.url}/ä b.png?ö#top") == PNG
    (asked,) = service.asked
    assert asked.path == "/%C3%A4%20b.png?%C3%B6"
    assert not {"cookie", "referer", "authorization"} & asked.headers.keys()


@pytest.mark.parametrize(
    ("status", "body", "sentence"),
    [(404, PNG, "answered with 404"), (200, b"<p>no", "is no image"), (200, PNG * 20, "is too long")],
)
def test_what_is_no_image_or_too_large_is_not_taken(service, status, body, sentence):
    service.status, service.body = status, body
    with pytest.raises(NotAnImage, match=sentence):
        fetch(service.url)


def test_a_server_that_takes_too_long_is_given_up(service):
    service.pause = 1.0
    with pytest.raises(NotAnImage, match="the time was up"):
        fetch(service.url, seconds=0.2)


def test_redirects_end(service):
    service.status, service.headers = 302, {"Location": "/again"}
    with pytest.raises(NotAnImage, match="leads on and on"):
        fetch(service.url)
    assert len(service.asked) == 5


@pytest.mark.parametrize("to", ["file:///etc/passwd", "gopher://127.0.0.1/", "https://[", "//["])
def test_redirects_lead_nowhere_but_to_the_web(service, to):
    service.status, service.headers = 302, {"Location": to}
    with pytest.raises(NotAnImage):
        fetch(service.url)
    assert len(service.asked) == 1


def test_nothing_inside_our_own_network_is_asked(service):
    with pytest.raises(NotAnImage, match="inside a network"):
        fetch(service.url, inside=False)
    assert service.asked == []


@pytest.mark.parametrize("url", ["ftp://example.com/a", "https:///a", "https://[a", "https://a:b/", "https://\x00/"])
def test_what_is_no_address_is_refused(url):
    with pytest.raises(NotAnImage):
        fetch(url)
