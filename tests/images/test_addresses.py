"""Where a page has the images of descriptions come from."""

from __future__ import annotations

import hashlib
import hmac

import pytest

from warehouse.operations.images import BASE, image_addresses, image_sources, image_url, with_shown_images
from warehouse.settings import load_settings
from warehouse.standards.description_html import fitted

URL = "http://example.com/ä.png?a=1&b=2"
CAMO = {"WAREHOUSE_IMAGES__MODE": "camo", "WAREHOUSE_IMAGES__CAMO_URL": "https://camo.example:8443/x"}


def test_our_own_proxy_knows_the_addresses_that_it_signed():
    address = image_addresses(load_settings({}), b"secret")(URL)
    assert address is not None and address.startswith(BASE)
    signature, written = address.removeprefix(BASE).split("/")
    assert bytes.fromhex(written).decode() == URL
    assert image_url(b"secret", signature, written) == URL
    for other in (
        (b"other", signature, written),
        (b"secret", signature[:-1] + "x", written),
        (b"secret", signature, written[:-2]),
        (b"secret", signature, written[:-1]),
        (b"secret", signature, "ff"),
        (b"secret", signature, "61" * 100_000),
        (b"secret", "ä", written),
    ):
        assert image_url(*other) is None


def test_a_camo_is_asked_as_it_wants_to_be():
    settings = load_settings({**CAMO, "WAREHOUSE_IMAGES__CAMO_KEY": "sesame"})
    digest = hmac.new(b"sesame", URL.encode(), hashlib.sha1).hexdigest()
    assert image_addresses(settings, b"secret")(URL) == f"https://camo.example:8443/x/{digest}/{URL.encode().hex()}"
    assert image_sources(settings) == ("https://camo.example:8443",)


@pytest.mark.parametrize("mode", ["proxy", "blocked"])
def test_otherwise_pages_load_images_from_the_index_alone(mode):
    assert image_sources(load_settings({"WAREHOUSE_IMAGES__MODE": mode})) == ()


def test_a_blocked_image_is_a_link():
    settings = load_settings({"WAREHOUSE_IMAGES__MODE": "blocked"})
    page = with_shown_images(settings, b"secret", fitted('<img src="https://example.com/a.png">'), "image")
    assert page == '<a href="https://example.com/a.png" rel="nofollow noopener ugc">image</a>'
