"""Tells a cache in front of the index that pages have changed: Fastly, Varnish, or a list that tests look at."""

from __future__ import annotations

from warehouse.infra.cdn.contract import PurgeFailed, Purger, check_key
from warehouse.infra.cdn.fastly import FastlyPurger
from warehouse.infra.cdn.memory import MemoryPurger
from warehouse.infra.cdn.varnish import VarnishPurger
from warehouse.settings import BadSettings, Settings

__all__ = [
    "FastlyPurger",
    "MemoryPurger",
    "PurgeFailed",
    "Purger",
    "VarnishPurger",
    "check_key",
    "open_purgers",
]


def open_purgers(settings: Settings) -> tuple[Purger, ...]:
    """One purger for each cache that has to be told. Refuses with BadSettings when a setting is missing for that."""
    cdn = settings.cdn
    match cdn.backend:
        case "fastly":
            if not cdn.fastly_service or cdn.fastly_token is None:
                raise BadSettings("With cdn.backend fastly, set cdn.fastly_service and cdn.fastly_token, too.")
            token = cdn.fastly_token.get_secret_value().strip()
            if not (token.isascii() and token.isprintable()):
                raise BadSettings("cdn.fastly_token is no token: it holds characters that cannot be sent.")
            return (FastlyPurger(cdn.fastly_api, cdn.fastly_service, token, time_limit=cdn.time_limit),)
        case "varnish":
            if not cdn.varnish:
                raise BadSettings("With cdn.backend varnish, set cdn.varnish to the servers' addresses, too.")
            return tuple(VarnishPurger(url, time_limit=cdn.time_limit) for url in cdn.varnish)
    return ()
