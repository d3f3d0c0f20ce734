"""Reads documents and files from another index over HTTP, within limits on time, size and place.

Whatever the other side does - drip its bytes, never end, lead somewhere else, name addresses inside our own network -
a call ends within its time, holds no more than its limit in memory, and says what went wrong in one sentence.
"""

from __future__ import annotations

import ipaddress
import logging
import re
import socket
import time
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from threading import Event, Timer
from typing import Any
from urllib.parse import urljoin, urlsplit

from urllib3 import BaseHTTPResponse, HTTPConnectionPool, HTTPSConnectionPool, PoolManager, Retry, Timeout
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError, LocationParseError

from warehouse import __version__

CONNECT_SECONDS = 10.0
SILENCE_SECONDS = 30.0
HEAD_SECONDS = 40.0
"""From the request to the end of the answer's head, beyond what the other side was asked to wait."""
SLOWEST = 16 * 1024
"""Bytes per second that a file has to come with, on average."""

# Their last bits, or those in the middle, are an IPv4 address of any network: RFC 4291 2.5.5.1, RFC 6052, RFC 8215,
# RFC 3056.
_LEADING_TO_IPV4 = tuple(map(ipaddress.IPv6Network, ("::/96", "64:ff9b::/96", "64:ff9b:1::/48", "2002::/16")))

MOST_REDIRECTS = 5
_REDIRECTS = (301, 302, 303, 307, 308)
_BLOCK = 256 * 1024
# A kept connection that was closed meanwhile is only noticed when it is used.
_RETRY = Retry(
    connect=1, read=1, redirect=0, status=0, other=0, raise_on_redirect=False, respect_retry_after_header=False
)


# It warns of every attempt that fails, whatever becomes of the next one.
logging.getLogger("urllib3").setLevel(logging.ERROR)


class NotFetched(Exception):
    """What was asked for did not come; the message is one sentence.

    ``status`` is the answer's, 0 when there was none; ``retry_after`` the seconds that were asked for, or 0.
    """

    def __init__(self, sentence: str, *, status: int = 0, retry_after: int = 0) -> None:
        super().__init__(sentence)
        self.status = status
        self.retry_after = retry_after


@dataclass(frozen=True)
class Document:
    """An answer, read whole; ``url`` is where it came from in the end."""

    url: str
    body: bytes


class Fetcher:
    """Reads from the index at ``origin`` (``https://host/``), and from wherever it keeps its files.

    ``token`` is sent to the origin and to nobody else. The origin may be anywhere, since whoever runs this index named
    it; another host that it leads to must have a public address, unless ``anywhere``.
    """

    def __init__(self, origin: str, *, token: str | None = None, connections: int = 8, anywhere: bool = False) -> None:
        self.origin = origin.rstrip("/") + "/"
        self._place = _place_of(self.origin)
        if self._place is None:
            raise ValueError("The address of an index begins with http:// or https://.")
        self._headers = {"User-Agent": f"warehouse/{__version__}"}
        self._token = {"Authorization": "Basic " + b64encode(f"__token__:{token}".encode()).decode()} if token else {}
        options: dict[str, Any] = {"maxsize": connections, "block": False, "retries": _RETRY, "num_pools": 4}
        self._trusted = _pools(PoolManager(**options), guarded=False)
        self._others = _pools(PoolManager(**options), guarded=not anywhere)

    def document(
        self, path: str, *, limit: int, accept: str = "application/json", seconds: float = 60.0, wait: float = 0.0
    ) -> Document | None:
        """The document at this path below the origin, at most ``limit`` bytes; None when there is none (404).

        ``wait`` is how long the origin may take before it begins to answer. Raises :class:`NotFetched`.
        """
        end = time.monotonic() + seconds + wait
        url = _joined(self.origin, path)
        body = bytearray()
        with self._opened(url, {"Accept": accept, "Accept-Encoding": "gzip"}, end, wait) as (answer, url):
            if answer.status == 404:
                return None
            _refuse(answer, url)
            for block in _blocks(answer, url, decode=True):
                body += block
                if len(body) > limit:
                    raise NotFetched(f"{url} holds more than {limit} bytes.")
        return Document(url, bytes(body))

    def download(self, url: str, take: Callable[[bytes], None], *, size: int) -> None:
        """Hand the bytes of a file to ``take``, block by block. Raises :class:`NotFetched` unless they are ``size``.

        The address may be relative to the origin's.
        """
        end = time.monotonic() + SILENCE_SECONDS + size / SLOWEST
        received = 0
        with self._opened(_joined(self.origin, url), {"Accept-Encoding": "identity"}, end, 0.0) as (answer, url):
            _refuse(answer, url)
            for block in _blocks(answer, url, decode=False):
                received += len(block)
                if received > size:
                    raise NotFetched(f"{url} holds more than the {size} bytes that were announced.")
                take(block)
        if received != size:
            raise NotFetched(f"{url} ended after {received} of {size} bytes.")

    @contextmanager
    def _opened(
        self, url: str, headers: dict[str, str], end: float, wait: float
    ) -> Iterator[tuple[BaseHTTPResponse, str]]:
        """The answer that is no redirect any more, and where it came from."""
        for _ in range(MOST_REDIRECTS + 1):
            answer = self._ask(url, headers, end, wait)
            try:
                to = answer.headers.get("location")
                if answer.status not in _REDIRECTS or to is None:
                    with broken_off(answer.connection, end - time.monotonic()):
                        yield answer, url
                    return
                url = _joined(url, to)
            except HTTPError as error:
                raise NotFetched(f"{url} cannot be read to its end: {_said(error)}.") from error
            finally:
                answer.close()  # and its connection, unless it was read to the end
        raise NotFetched(f"{url} leads on and on.")

    def _ask(self, url: str, headers: dict[str, str], end: float, wait: float) -> BaseHTTPResponse:
        place = _place_of(url)
        if place is None:
            raise NotFetched(f"{url[:200]!r} is not an address on the web.")
        is_ours = place == self._place
        pools = self._trusted if is_ours else self._others
        try:
            return pools.request(
                "GET",
                url,
                headers={**self._headers, **headers, **(self._token if is_ours else {})},
                preload_content=False,
                redirect=False,
                timeout=Timeout(
                    connect=CONNECT_SECONDS, read=SILENCE_SECONDS + wait, total=max(0.1, end - time.monotonic())
                ),
            )
        except (HTTPError, ValueError, OSError) as error:  # ValueError: an address that cannot be put into a request
            raise NotFetched(f"{place[1]} does not answer: {_said(error)}.") from error


def _place_of(url: str) -> tuple[str, str, int] | None:
    """Scheme, host and port; None for what is not on the web."""
    try:
        parts = urlsplit(url)
        port = parts.port or {"http": 80, "https": 443}[parts.scheme]
    except (ValueError, KeyError, LocationParseError):
        return None
    return (parts.scheme, parts.hostname, port) if parts.hostname else None


def _joined(base: str, to: str) -> str:
    try:
        return urljoin(base, to)
    except ValueError as error:
        raise NotFetched(f"{to[:200]!r} is not an address on the web.") from error


def _refuse(answer: BaseHTTPResponse, url: str) -> None:
    if answer.status == 200:
        return
    after = answer.headers.get("retry-after", "")
    sentence = f"{url} was answered with {answer.status}."
    if answer.status == 401:
        sentence = f"{url} is read with a token: give one with --token."
    raise NotFetched(
        sentence, status=answer.status, retry_after=int(after) if after.isdecimal() and len(after) < 6 else 0
    )


def _blocks(answer: BaseHTTPResponse, url: str, *, decode: bool) -> Iterator[bytes]:
    if not decode and answer.headers.get("content-encoding", "identity") != "identity":
        raise NotFetched(f"{url} comes in an encoding that was not asked for.")
    while block := answer.read1(_BLOCK, decode_content=decode):
        yield block


def _said(error: BaseException) -> str:
    """The innermost reason, on one line."""
    reason = getattr(error, "reason", None)
    while isinstance(reason, BaseException):
        error, reason = reason, getattr(reason, "reason", None)
    said = re.sub(r"^\w+\(host=.*?\): ", "", " ".join(str(error).split()))
    return said[:300].rstrip(".") or type(error).__name__


class _Bounded:
    """A connection whose handshakes and heads are limited as a whole: a timeout alone begins anew with each byte."""

    sock: Any
    timeout: Any
    used: Any = None
    """The socket, which a connection forgets when the end of an answer is to be its own."""
    guarded = False

    def connect(self) -> None:
        with broken_off(self, CONNECT_SECONDS):
            super().connect()  # type: ignore[misc]

    def getresponse(self) -> Any:
        self.used = self.sock
        waited = self.timeout if isinstance(self.timeout, float | int) else SILENCE_SECONDS
        with broken_off(self, HEAD_SECONDS + max(0.0, waited - SILENCE_SECONDS)):
            return super().getresponse()  # type: ignore[misc]

    def _new_conn(self) -> socket.socket:
        sock: socket.socket = super()._new_conn()  # type: ignore[misc]
        if self.guarded and not is_public(sock.getpeername()[0]):
            # Asked of the connection itself: a name could have another address the next time it is looked up.
            sock.close()
            raise NotFetched(f"{self.host} has an address inside a network, where the origin has no business.")  # type: ignore[attr-defined]
        return sock


@contextmanager
def broken_off(connection: Any, seconds: float) -> Iterator[None]:
    """Break the connection when the block takes longer, and raise :class:`NotFetched`.

    To whoever reads a head or a body, a broken connection may look like the end of it.
    """
    is_over = Event()

    def end() -> None:
        is_over.set()
        with suppress(AttributeError, OSError):  # not made yet, or closed by now
            (connection.sock or connection.used).shutdown(socket.SHUT_RDWR)

    clock = Timer(max(0.0, seconds), end)
    clock.daemon = True
    clock.start()
    try:
        yield
    finally:
        clock.cancel()
        if is_over.is_set():
            raise NotFetched(f"{getattr(connection, 'host', 'The server')} takes too long.")


class _Http(_Bounded, HTTPConnection):
    pass


class _Https(_Bounded, HTTPSConnection):
    pass


class _GuardedHttp(_Http):
    guarded = True


class _GuardedHttps(_Https):
    guarded = True


class _HttpPool(HTTPConnectionPool):
    ConnectionCls = _Http


class _HttpsPool(HTTPSConnectionPool):
    ConnectionCls = _Https


class _GuardedHttpPool(HTTPConnectionPool):
    ConnectionCls = _GuardedHttp


class _GuardedHttpsPool(HTTPSConnectionPool):
    ConnectionCls = _GuardedHttps


def _pools(manager: PoolManager, *, guarded: bool) -> PoolManager:
    manager.pool_classes_by_scheme = (
        {"http": _GuardedHttpPool, "https": _GuardedHttpsPool} if guarded else {"http": _HttpPool, "https": _HttpsPool}
    )
    return manager


def is_public(address: str) -> bool:
    """Whether this IP address is one of the internet's, and of nobody's own network."""
    parsed = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(parsed, ipaddress.IPv6Address) and parsed.ipv4_mapped is not None:
        parsed = parsed.ipv4_mapped
    if isinstance(parsed, ipaddress.IPv6Address) and (
        parsed.is_site_local or any(parsed in network for network in _LEADING_TO_IPV4)
    ):
        return False
    return parsed.is_global and not parsed.is_multicast
