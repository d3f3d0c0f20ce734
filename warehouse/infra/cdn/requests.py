"""One request to a cache, and what it means when it does not take it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from warehouse.infra import asking
from warehouse.infra.asking import NotAnswered, Reply
from warehouse.infra.cdn.contract import PurgeFailed

LONGEST_WAIT = 3600  # seconds; who asks for more is asked again all the same


def ask(
    who: str, method: str, url: str, *, headers: Mapping[str, str], body: bytes = b"", time_limit: timedelta
) -> Reply:
    """Send one request over a connection of its own.

    Raises :class:`PurgeFailed`, which says ``who`` it was, when there is no answer in time, and when the answer is 429
    or 5xx.
    """
    try:
        reply = asking.ask(who, method, url, headers=headers, body=body, time_limit=time_limit)
    except NotAnswered as error:
        raise PurgeFailed(str(error)) from error
    if reply.status == 429:
        raise PurgeFailed(f"{who} takes no more purges for now (429).", retry_after=_seconds_of(reply))
    if reply.status >= 500 and reply.status != 501:  # Not Implemented: waiting does not help
        raise PurgeFailed(f"{who} is in trouble itself ({reply.status}).", retry_after=_seconds_of(reply))
    return reply


def _seconds_of(reply: Reply) -> int:
    """How long it asks to be left alone (RFC 9110, 10.2.3: a number of seconds or a date); 0 when it does not."""
    said = reply.headers.get("retry-after", "").strip()
    if said.isascii() and said.isdigit():
        return min(int(said[:9]), LONGEST_WAIT)
    try:
        wait = parsedate_to_datetime(said) - datetime.now(UTC)
    except (ValueError, TypeError):  # no date at all, or one without a zone
        return 0
    return min(max(0, round(wait.total_seconds())), LONGEST_WAIT)
