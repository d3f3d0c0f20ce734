"""What every purger promises, and what a key may be."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Protocol

from warehouse.errors import Invalid, Unavailable

_KEY = re.compile(
    r"[!-+\--~]{1,1024}"
)  # ASCII without what stands between keys: white space, and for Varnish the comma


class PurgeFailed(Unavailable):
    """The CDN has not taken a purge, or only a part of it, and nobody knows which (503): purge all of it again.

    The sentence says what an operator can do. ``retry_after`` is the seconds that the CDN asked to be left alone for,
    0 when it did not.
    """

    def __init__(self, sentence: str, *, retry_after: int = 0) -> None:
        super().__init__(sentence, retry_after=retry_after, code="purge_failed")


class Purger(Protocol):
    """Tells one cache that pages have changed. All methods may be called from several threads."""

    name: str
    """Which cache it is; different for each, and the same after a restart."""

    def purge(self, keys: Collection[str]) -> None:
        """Have every page with one of these surrogate keys fetched again before it counts as fresh.

        Softly: the cache keeps the old page for answering while it fetches the new one, and while the index is away.
        When this returns, all keys have been taken. Raises :class:`PurgeFailed`, within a time limit for each request.
        """

    def purge_all(self) -> None:
        """Have the cache forget everything, at once and not softly. Raises :class:`PurgeFailed`."""


def check_key(key: str) -> str:
    """The key, when it may be one. Refuses with :class:`Invalid` what no cache could tell from several keys."""
    if not _KEY.fullmatch(key):
        raise Invalid("A surrogate key is a word of printable ASCII characters such as project/demo.", code="bad_key")
    return key
