"""One request to a cache, with a limit on the time until its whole answer is here, and on its size."""

from __future__ import annotations

import http.client
import socket
import ssl
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from threading import Event, Timer
from typing import NamedTuple
from urllib.parse import urlsplit

from warehouse.infra.cdn.contract import PurgeFailed

LARGEST_ANSWER = 256 * 1024  # bytes
LONGEST_WAIT = 3600  # seconds; who asks for more is asked again all the same


class Reply(NamedTuple):
    """What a cache answered. Names of headers are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def ask(
    who: str, method: str, url: str, *, headers: Mapping[str, str], body: bytes = b"", time_limit: timedelta
) -> Reply:
    """Send one request over a connection of its own.

    Raises :class:`PurgeFailed`, which says ``who`` it was, when there is no answer in time, and when the answer is 429
    or 5xx.
    """
    try:
        reply = _ask(method, url, headers, body, time_limit.total_seconds())
    except ssl.SSLError as error:
        raise PurgeFailed(f"The connection to {who} cannot be secured: {error.reason or error}.") from error
    except OSError as error:
        raise PurgeFailed(f"{who} does not answer: {error.strerror or error}.") from error
    except http.client.HTTPException as error:  # whose text is what was sent, whatever that may be
        raise PurgeFailed(f"{who} does not answer as a web server does.") from error
    if reply.status == 429:
        raise PurgeFailed(f"{who} takes no more purges for now (429).", retry_after=_seconds_of(reply))
    if reply.status >= 500 and reply.status != 501:  # Not Implemented: waiting does not help
        raise PurgeFailed(f"{who} is in trouble itself ({reply.status}).", retry_after=_seconds_of(reply))
    return reply


def _ask(method: str, url: str, headers: Mapping[str, str], body: bytes, seconds: float) -> Reply:
    parts = urlsplit(url)
    assert parts.hostname is not None
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(parts.hostname, parts.port, timeout=seconds)
    # A socket's own timeout begins again with each byte, so a server that drips could hold us for ever.
    over = Event()
    clock = Timer(seconds, _break, [connection, over])
    clock.daemon = True
    clock.start()
    try:
        connection.connect()
        if over.is_set():  # a socket that was just being made could not be broken
            raise TimeoutError("the time was up before there was a connection")
        connection.request(method, parts.path or "/", body, {"User-Agent": "warehouse", **headers})
        answer = connection.getresponse()
        read = answer.read(LARGEST_ANSWER + 1)
        if len(read) > LARGEST_ANSWER:
            raise OSError("its answer is too long")
        if over.is_set():  # what was cut short may look like the end
            raise TimeoutError("the time was up")
        return Reply(answer.status, {name.lower(): value for name, value in answer.getheaders()}, read)
    except (OSError, http.client.HTTPException):
        if over.is_set():
            raise TimeoutError("the time was up") from None
        raise
    finally:
        clock.cancel()
        connection.close()


def _break(connection: http.client.HTTPConnection, over: Event) -> None:
    over.set()
    if connection.sock is not None:
        try:
            socket.socket.shutdown(connection.sock, socket.SHUT_RDWR)
        except OSError:
            return  # it is closed already, which is all that was wanted


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
