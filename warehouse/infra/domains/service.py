"""Asks a web service about the status of domains, for whoever pays for what registries know."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any
from urllib.parse import quote

from warehouse.infra.asking import NotAnswered, ask

WHO = "The service for the status of domains"
LONGEST_ANSWER = 64 * 1024  # bytes
MOST_WORDS = 20


class ServiceDomainStatus:
    """Asks ``url`` with ``?domain=…``, and reads the answers of Domainr and Fastly.

    Those are ``{"status": [{"domain": …, "status": "undelegated inactive"}]}`` and the inner object alone.
    """

    def __init__(self, url: str, *, key: tuple[str, str] | None = None, time_limit: timedelta) -> None:
        self._url = url
        self._headers = {"Accept": "application/json", **dict([key] if key else [])}
        self._time_limit = time_limit

    def of(self, domain: str) -> tuple[str, ...] | None:
        mark = "&" if "?" in self._url else "?"
        address = f"{self._url}{mark}domain={quote(domain, safe='')}"
        try:
            reply = ask(WHO, "GET", address, headers=self._headers, time_limit=self._time_limit, limit=LONGEST_ANSWER)
        except NotAnswered:
            return None
        return _words(reply.body, domain) if reply.status == 200 else None


def _words(body: bytes, domain: str) -> tuple[str, ...] | None:
    try:
        read: Any = json.loads(body)
    except (ValueError, RecursionError):
        return None
    found = read.get("status") if isinstance(read, dict) else None
    if isinstance(found, list):
        about = [one for one in found if isinstance(one, dict) and one.get("domain", domain) == domain]
        found = about[0].get("status") if about else None
    return tuple(found.lower().split()[:MOST_WORDS]) if isinstance(found, str) and found.strip() else None
