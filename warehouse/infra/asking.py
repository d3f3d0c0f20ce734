"""One question to a web service, with a limit on the time until its whole answer is here, and on its size."""

from __future__ import annotations

import http.client
import socket
import ssl
import time
from collections.abc import Callable, Mapping
from datetime import timedelta
from threading import Event, Timer
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from warehouse.infra.fetching import is_public

LARGEST_ANSWER = 256 * 1024  # bytes


class NotAnswered(Exception):
    """There is no answer, or none that can be used; the message is one sentence that says who was asked."""


class Reply(NamedTuple):
    """What a service answered. Names of headers are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def ask(
    who: str,
    method: str,
    url: str,
    *,
    time_limit: timedelta,
    headers: Mapping[str, str] | None = None,
    body: bytes = b"",
    limit: int = LARGEST_ANSWER,
    inside: bool = True,
) -> Reply:
    """Send one request over a connection of its own and read its answer, of any status and at most ``limit`` bytes.

    Looking up the host's name is not within the time limit, as nothing can break that off; the machine's resolver has
    one of its own. Redirects are not followed. Unless ``inside``, only the internet is asked and nothing in a network
    of our own: for addresses that somebody else named. Raises :class:`NotAnswered`, which says ``who`` it was.
    """
    try:
        return _ask(method, url, headers or {}, body, time_limit.total_seconds(), limit, inside)
    except ssl.SSLError as error:
        raise NotAnswered(f"The connection to {who} cannot be secured: {error.reason or error}.") from error
    except OSError as error:
        raise NotAnswered(f"{who} does not answer: {error.strerror or error}.") from error
    except http.client.HTTPException as error:  # whose text is what was sent, whatever that may be
        raise NotAnswered(f"{who} does not answer as a web server does.") from error
    except ValueError as error:  # a port or a name that cannot be one
        raise NotAnswered(f"The address of {who} is not one on the web.") from error


def _ask(
    method: str, url: str, headers: Mapping[str, str], body: bytes, seconds: float, limit: int, inside: bool
) -> Reply:
    parts = urlsplit(url)
    assert parts.hostname is not None
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(parts.hostname, parts.port, timeout=seconds)
    # A socket's own timeout begins again with each byte, so a server that drips could hold us for ever.
    over = Event()
    used: list[socket.socket] = []
    connection._create_connection = _connecting(used, seconds, inside)  # type: ignore[attr-defined]
    clock = Timer(seconds, _break, [used, over])
    clock.daemon = True
    clock.start()
    answer = None
    try:
        connection.connect()
        if over.is_set():  # a socket that was just being made could not be broken
            raise TimeoutError("the time was up before there was a connection")
        connection.request(method, path, body, {"User-Agent": "warehouse", **headers})
        answer = connection.getresponse()
        read = answer.read(limit + 1)
        if len(read) > limit:
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
        if answer is not None:
            answer.close()
        connection.close()
        for sock in used:
            sock.close()


def _connecting(used: list[socket.socket], seconds: float, inside: bool) -> Callable[..., socket.socket]:
    """What makes the socket of a connection within the time, and puts a second handle of it into ``used``.

    The first one is taken away by TLS until its handshake is over, and forgotten when an answer ends with its
    connection.
    """
    end = time.monotonic() + seconds

    def connect(address: tuple[str, int], *_: Any) -> socket.socket:
        host, port = address
        places = [host] if inside else _public_addresses(host, port)
        refusal: OSError = TimeoutError("the time was up before there was a connection")
        for place in places:
            left = end - time.monotonic()
            if left <= 0:  # of a name with many addresses each could take the whole time
                break
            try:
                sock = socket.create_connection((place, port), left)
            except OSError as error:
                refusal = error
                continue
            sock.settimeout(seconds)
            used.append(sock.dup())
            return sock
        raise refusal

    return connect


def _public_addresses(host: str, port: int) -> list[str]:
    """Where the host is on the internet; the addresses themselves, as the name could have others a moment later.

    Nothing else is connected to: that there is a connection, or how long it takes, tells of the network it is in.
    """
    found = [str(place[4][0]) for place in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    if not all(map(is_public, found)):
        raise OSError("its address is inside a network, where it has no business")
    return list(dict.fromkeys(found))


def _break(used: list[socket.socket], over: Event) -> None:
    over.set()
    for sock in used:
        try:
            sock.shutdown(socket.SHUT_RDWR)
        except OSError:
            return  # it is closed already, which is all that was wanted
