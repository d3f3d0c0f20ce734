"""An object store that an index may lose and find again: behind a door that the test opens and closes."""

from __future__ import annotations

import selectors
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import urlsplit

from tests.contracts import s3_server
from tests.contracts.s3_server import BUCKET, S3Server


class Store:
    """A bucket, reached through a door. What is in it stays while the door is closed."""

    def __init__(self, server: S3Server) -> None:
        self._server = server
        address = urlsplit(server.endpoint)
        assert address.hostname is not None and address.port is not None
        self._behind = (address.hostname, address.port)
        self._listening: socket.socket | None = None
        self._open: set[socket.socket] = set()
        self._port = s3_server.free_port()
        self.open()

    @property
    def environ(self) -> dict[str, str]:
        """The settings of an index that keeps its files here."""
        config = {**self._server.config, "endpoint": f"http://127.0.0.1:{self._port}"}
        return {
            "WAREHOUSE_STORAGE__URL": f"s3://{BUCKET}/files",
            "WAREHOUSE_STORAGE__OPTIONS": ",".join(f"{name}={value}" for name, value in config.items()),
        }

    def open(self) -> None:
        """Let connections through."""
        self._listening = socket.create_server(("127.0.0.1", self._port), backlog=64)
        threading.Thread(target=self._accept, args=(self._listening,), daemon=True).start()

    def close(self) -> None:
        """Cut every connection and refuse new ones."""
        if self._listening is not None:
            with suppress(OSError):
                self._listening.shutdown(socket.SHUT_RDWR)  # or the thread that accepts would keep it open
            self._listening.close()
        for connection in list(self._open):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def _accept(self, listening: socket.socket) -> None:
        while True:
            try:
                near, _ = listening.accept()
            except OSError:
                return
            threading.Thread(target=self._carry, args=(near,), daemon=True).start()

    def _carry(self, near: socket.socket) -> None:
        """Both directions of one connection, until either side or the door closes it."""
        with near, socket.create_connection(self._behind) as far, selectors.DefaultSelector() as ready:
            self._open.add(near)
            ready.register(near, selectors.EVENT_READ, far)
            ready.register(far, selectors.EVENT_READ, near)
            with suppress(OSError):
                while self._pass_on(ready):
                    pass
            self._open.discard(near)

    def _pass_on(self, ready: selectors.BaseSelector) -> bool:
        for key, _ in ready.select():
            assert isinstance(key.fileobj, socket.socket)
            if not (block := key.fileobj.recv(65536)):
                return False
            key.data.sendall(block)
        return True


@contextmanager
def store_in(folder: Path) -> Iterator[Store]:
    """An empty store."""
    with s3_server.moto(folder / "moto.log") as server:
        store = Store(server)
        try:
            yield store
        finally:
            store.close()
