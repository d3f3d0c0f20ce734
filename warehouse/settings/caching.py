"""What the settings say about keeping answers: header fields for clients, for the CDN, and for caches between them."""

from __future__ import annotations

from datetime import timedelta
from typing import NamedTuple

from warehouse.settings.table import Settings

Headers = list[tuple[str, str]]


class Kept(NamedTuple):
    """How long answers of one kind are kept, where the settings let anybody keep pages at all.

    ``client`` None: nothing is said to clients. The CDN's ``max-age`` is the settings' for every kind; None for one of
    the other two: it is not to serve an old answer then.
    """

    client: timedelta | None
    stale_while_revalidate: timedelta | None
    stale_if_error: timedelta | None


STATS = Kept(timedelta(days=1), timedelta(days=1), timedelta(days=1))
"""The numbers of the whole index, as JSON and as a page."""


def cache_headers(
    settings: Settings,
    keys: list[str],
    *,
    longer: float = 1.0,
    kept: Kept | None = None,
    cdn: timedelta | None = None,
) -> Headers:
    """How long clients and the CDN may keep an answer, and by which keys the CDN is told to drop it.

    As long as a simple page, clients ``longer`` times as long; or as ``kept`` says. The CDN at most ``cdn``.

    Where no CDN is told of changes nothing is said to one: it may then keep what everybody may, for as long as they.
    """
    pages = settings.pages
    scope = "public" if settings.access.read == "everyone" else "private"
    if kept is None:
        client = pages.max_age * longer if pages.max_age is not None else None
        kept = Kept(client, pages.stale_while_revalidate, pages.stale_if_error)
    headers = []
    if pages.max_age is None or (kept.client is None and scope == "private"):
        headers.append(("cache-control", "no-cache" if scope == "public" else "private, no-cache"))
    elif kept.client is not None:
        headers.append(("cache-control", f"max-age={_seconds(kept.client)}, {scope}"))
    if pages.cdn_max_age is not None and scope == "public" and settings.cdn.is_told:
        longest = min(pages.cdn_max_age, cdn or pages.cdn_max_age)
        headers.append(("surrogate-control", _surrogate_control(longest, kept)))
        if keys:
            headers.append(("surrogate-key", " ".join(sorted(keys))))
    return headers


def vary(settings: Settings, *also: str) -> Headers:
    """What else an answer depends on; on a private index, also on who asks."""
    names = [*also, *(() if settings.access.read == "everyone" else ("Authorization",))]
    return [("vary", ", ".join(names))] if names else []


def _surrogate_control(max_age: timedelta, kept: Kept) -> str:
    said = {
        "max-age": max_age,
        "stale-while-revalidate": kept.stale_while_revalidate,
        "stale-if-error": kept.stale_if_error,
    }
    return ", ".join(f"{name}={_seconds(time)}" for name, time in said.items() if time is not None)


def _seconds(time: timedelta) -> int:
    return int(time.total_seconds())
