"""Purges at Fastly, or at what speaks like its API."""

from __future__ import annotations

import json
from collections.abc import Collection
from datetime import timedelta
from typing import Any
from urllib.parse import quote

from warehouse.infra.cdn.contract import PurgeFailed, check_key
from warehouse.infra.cdn.requests import Reply, ask

WHO = "Fastly"
AT_ONCE = 256  # keys that one request may name


class FastlyPurger:
    """Purges a service by surrogate key: one key by its own address, more of them up to 256 in one request.

    The public index sends one request for each key. What a client of the CDN sees is the same, and a burst of a
    thousand changed projects takes four requests instead of a thousand, of which an account may make so many an hour.
    """

    def __init__(self, api: str, service: str, token: str, *, time_limit: timedelta = timedelta(seconds=10)) -> None:
        self.name = f"fastly {service}"
        self._service = f"{api}/service/{quote(service, safe='')}"
        self._token = token
        self._time_limit = time_limit

    def purge(self, keys: Collection[str]) -> None:
        ordered = sorted({check_key(key) for key in keys})
        for start in range(0, len(ordered), AT_ONCE):
            self._purge_some(ordered[start : start + AT_ONCE])

    def purge_all(self) -> None:
        # "Purge-all requests cannot be done in soft mode", says its manual.
        if self._post("purge_all").get("status") != "ok":
            raise _not_purged()

    def _purge_some(self, keys: list[str]) -> None:
        soft = {"Fastly-Soft-Purge": "1"}
        if len(keys) == 1:
            done = self._post(f"purge/{quote(keys[0], safe='/')}", soft).get("status") == "ok"
        else:
            answer = self._post("purge", soft, json.dumps({"surrogate_keys": keys}).encode())
            done = answer.keys() >= set(keys)  # each with the number of its purge
        if not done:
            raise _not_purged()

    def _post(self, path: str, headers: dict[str, str] | None = None, body: bytes = b"") -> dict[str, Any]:
        sent = {"Fastly-Key": self._token, "Accept": "application/json", **(headers or {})}
        if body:
            sent["Content-Type"] = "application/json"
        reply = ask(WHO, "POST", f"{self._service}/{path}", headers=sent, body=body, time_limit=self._time_limit)
        return self._read(reply)

    def _read(self, reply: Reply) -> dict[str, Any]:
        match reply.status:
            case 200:
                return _object(reply.body)
            case 401 | 403:
                sentence = "does not let our token purge: set cdn.fastly_token to one that may purge the service"
            case 404:
                sentence = "knows no such service: set cdn.fastly_service to its id, and look at cdn.fastly_api"
            case status if 300 <= status < 400:
                sentence = "is somewhere else now: set cdn.fastly_api to the address that it sends us to"
            case _:
                sentence = "does not understand our purges"
        raise PurgeFailed(f"{WHO} {sentence} ({reply.status}).")


def _object(body: bytes) -> dict[str, Any]:
    try:
        read = json.loads(body)
    except ValueError:
        read = None
    if not isinstance(read, dict):
        raise _not_purged()
    return read


def _not_purged() -> PurgeFailed:
    return PurgeFailed(f"{WHO} answers, but not that it has purged: look at cdn.fastly_api.")
