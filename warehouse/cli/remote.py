"""What commands ask of an index elsewhere, with a token."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from warehouse.errors import Invalid, Refusal
from warehouse.infra.asking import NotAnswered, Reply, ask
from warehouse.settings.written import read_url

TIME_LIMIT = timedelta(seconds=30)


class Declined(Refusal):
    """The index elsewhere declines, or is none."""


def derive_at(url: str, token: str, wanted: Mapping[str, Any]) -> str:
    """The text of a token that the index at ``url`` derives from ``token``; refuses with what the index says."""
    address = _address(url)
    if not re.fullmatch(r"[!-~]+", token):
        raise Invalid("Give the token to make another one from in WAREHOUSE_TOKEN, or as a line of standard input.")
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json", "Accept": "application/json"}
    try:
        body = json.dumps(wanted).encode()
        reply = ask(address, "POST", f"{address}/api/tokens/", headers=headers, body=body, time_limit=TIME_LIMIT)
    except NotAnswered as error:
        raise Declined(str(error)) from error
    return _said(reply, address, 201, "token")


def _address(url: str) -> str:
    try:
        address = read_url(url)
        parts = urlsplit(address)
        is_one = parts.port != 0 and parts.hostname is not None
    except ValueError:  # a port that is no number, an IPv6 address without its end
        is_one = False
    if not is_one:
        raise Invalid("--url is the address of an index, such as 'https://packages.example.org'.")
    return address


def _said(reply: Reply, address: str, status: int, name: str) -> str:
    try:
        said = json.loads(reply.body)
    except (ValueError, RecursionError):
        said = None
    wanted = name if reply.status == status else "message"
    if not isinstance(said, dict) or not isinstance(said.get(wanted), str):
        to = f" and leads to {reply.headers['location'][:200]}" if "location" in reply.headers else ""
        raise Declined(f"{address} answered with {reply.status}{to}: it makes no tokens. Is it the index's address?")
    text: str = said[wanted]
    if reply.status != status:
        raise Declined(f"{address} declines: {' '.join(text.split())[:500]}")
    return text
