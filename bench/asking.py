"""Requests one after the other on one kept connection, with as little as possible between them and the clock."""

from __future__ import annotations

import socket
import time
from typing import NamedTuple
from urllib.parse import urlsplit

JSON = "application/vnd.pypi.simple.v1+json"
HTML = "application/vnd.pypi.simple.v1+html"


class Told(NamedTuple):
    """An answer: ``took`` is milliseconds from sending to the last byte."""

    status: int
    headers: dict[str, str]
    body: bytes
    took: float


def request(path: str, headers: dict[str, str] | None = None) -> bytes:
    """The wire bytes of a GET."""
    fields = "".join(f"{name}: {value}\r\n" for name, value in (headers or {}).items())
    return f"GET {path} HTTP/1.1\r\nHost: bench\r\n{fields}\r\n".encode()


class Line:
    """One connection, so one web worker."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._socket = socket.create_connection((parts.hostname, parts.port), timeout=120)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._window = memoryview(bytearray(1 << 20))

    def get(self, path: str, headers: dict[str, str] | None = None) -> Told:
        """Ask and read the whole answer."""
        sent = request(path, headers)
        began = time.perf_counter()
        self._socket.sendall(sent)
        first = self._read()
        while (end := first.find(b"\r\n\r\n")) < 0:
            first += self._read()
        status, *lines = first[:end].decode("latin-1").split("\r\n")
        fields = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
        pieces = [first[end + 4 :]]
        missing = int(fields.get("content-length", 0)) - len(pieces[0])
        while missing > 0:
            pieces.append(self._read())
            missing -= len(pieces[-1])
        took = (time.perf_counter() - began) * 1e3
        return Told(int(status.split()[1]), fields, b"".join(pieces), took)

    def close(self) -> None:
        """Close it."""
        self._socket.close()

    def _read(self) -> bytes:
        size = self._socket.recv_into(self._window)
        if not size:
            raise ConnectionError("the index closed the connection")
        return bytes(self._window[:size])
