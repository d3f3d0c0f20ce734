"""Where visitors get the images of descriptions from: never from the server that a description names.

It would learn who reads what, and could show everybody something else.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable
from urllib.parse import urlsplit

from warehouse.settings import Settings
from warehouse.standards.description_html import LONGEST_URL, with_images

BASE = "/_/image/"

Address = Callable[[str], str | None]


def with_shown_images(settings: Settings, secret: bytes, html: str, word: str) -> str:
    """A rendered description as a page shows it: each image from where the settings say, or a link that says ``word``.

    Made whenever the page is made, and not when the description is rendered: addresses are signed with the key of
    today.
    """
    return with_images(html, image_addresses(settings, secret), word)


def image_addresses(settings: Settings, secret: bytes) -> Address:
    """Where the image of a URL is to be had; None where images are not shown."""
    images = settings.images
    if images.is_proxied:
        key = _key(secret)
        return lambda url: f"{BASE}{_signature(key, url)}/{_hex(url)}"
    if images.mode == "camo" and images.camo_url is not None and images.camo_key is not None:
        base, camo_key = images.camo_url.rstrip("/"), images.camo_key.get_secret_value().encode()
        # As every camo reads it: SHA-1 is its choice, and a keyed digest by SHA-1 still cannot be forged.
        return lambda url: f"{base}/{hmac.digest(camo_key, url.encode(), hashlib.sha1).hex()}/{_hex(url)}"
    return lambda url: None


def image_sources(settings: Settings) -> tuple[str, ...]:
    """What a page with a description may load images from, beside this index itself."""
    images = settings.images
    if images.mode != "camo" or images.camo_url is None:
        return ()
    camo = urlsplit(images.camo_url)
    return (f"{camo.scheme}://{camo.netloc}",)


def image_url(secret: bytes, signature: str, written: str) -> str | None:
    """The URL in an address that this index has signed; None for any other."""
    if len(written) > 8 * LONGEST_URL:  # four bytes a character, two digits a byte
        return None
    try:
        url = bytes.fromhex(written).decode()
    except ValueError:
        return None
    is_ours = hmac.compare_digest(_signature(_key(secret), url).encode(), signature.encode())
    return url if is_ours else None


def _key(secret: bytes) -> bytes:
    return hmac.digest(secret, b"images", hashlib.sha256)


def _signature(key: bytes, url: str) -> str:
    return hmac.digest(key, url.encode(), hashlib.sha256).hex()


def _hex(url: str) -> str:
    return url.encode().hex()
