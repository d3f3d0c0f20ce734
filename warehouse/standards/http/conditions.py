"""Conditional requests (RFC 9110 section 13): does the client have it already, does it mean what is there now."""

from __future__ import annotations

import re
from enum import Enum

from warehouse.standards.http.dates import parse_http_date
from warehouse.standards.http.message import Headers

_ENTITY_TAG = re.compile(r'(W/)?("[\x21\x23-\x7e\x80-\uffff]*")')

# Headers are read on the event loop: of one that goes on and on, only the beginning counts.
_LONGEST_LIST = 8192  # characters: some two hundred entity tags


class Verdict(Enum):
    """What the conditions of a request come to."""

    PROCEED = 200
    NOT_MODIFIED = 304
    PRECONDITION_FAILED = 412


def judge(headers: Headers, *, method: str = "GET", etag: str | None = None, modified_at: int | None = None) -> Verdict:
    """Evaluate the conditions of a request in the order of RFC 9110 section 13.2.2, ``If-Range`` apart.

    ``etag`` is of what would be sent, quoted as it stands in the header, ``modified_at`` its ``Last-Modified`` in
    seconds since the epoch; None where there is none. What is malformed matches nothing, and a malformed date is
    ignored as the RFC wants. "*" stands for whatever there is now: call this only for what exists.
    """
    if (wanted := headers.get("if-match")) is not None:
        if not _strongly_listed(wanted, etag):
            return Verdict.PRECONDITION_FAILED
    elif (
        modified_at is not None and (since := _date(headers, "if-unmodified-since")) is not None and modified_at > since
    ):
        return Verdict.PRECONDITION_FAILED
    if not not_modified(headers, etag, modified_at):
        return Verdict.PROCEED
    if method in ("GET", "HEAD"):
        return Verdict.NOT_MODIFIED
    # "A recipient MUST ignore the If-Modified-Since header field if [...] the request method is neither GET nor HEAD."
    return Verdict.PROCEED if headers.get("if-none-match") is None else Verdict.PRECONDITION_FAILED


def not_modified(headers: Headers, etag: str | None, modified_at: int | None = None) -> bool:
    """May a GET or HEAD be answered with 304 because the client has this already?

    ``If-None-Match`` compares weakly, and where it is given ``If-Modified-Since`` does not count.
    """
    if (known := headers.get("if-none-match")) is not None:
        return known == etag or _weakly_listed(known, etag)
    if modified_at is None:
        return False
    since = _date(headers, "if-modified-since")
    return since is not None and modified_at <= since


def is_same_range_base(headers: Headers, etag: str | None, modified_at: int | None = None) -> bool:
    """May ``Range`` be honoured, or does ``If-Range`` name another state of the file?

    An entity tag has to match strongly, a date exactly.
    """
    base = headers.get("if-range")
    if base is None:
        return True
    if '"' in base:
        return etag is not None and not etag.startswith("W/") and base.strip() == etag
    return modified_at is not None and parse_http_date(base) == modified_at


def _weakly_listed(listed: str, etag: str | None) -> bool:
    if listed.strip() == "*":
        return True
    if etag is None:
        return False
    opaque = etag.removeprefix("W/")
    # Looking for it anywhere is quick, and nearly always the end of it.
    return opaque in listed and any(found[2] == opaque for found in _ENTITY_TAG.finditer(listed, 0, _LONGEST_LIST))


def _strongly_listed(listed: str, etag: str | None) -> bool:
    if listed.strip() == "*":
        return True
    if etag is None or etag.startswith("W/"):
        return False
    return etag in listed and any(
        found[1] is None and found[2] == etag for found in _ENTITY_TAG.finditer(listed, 0, _LONGEST_LIST)
    )


def _date(headers: Headers, name: str) -> int | None:
    text = headers.get(name)
    return None if text is None else parse_http_date(text)
