"""A publisher that does not give up: uploads many small wheels and notes each one that was accepted.

Run as ``python -m tests.durability.loader URL TOKEN NAME COUNT LEDGER``. What could not be sent, or was
answered with 5xx, is sent again. A line of the ledger is the HTTP status, file name and SHA-256; it is written when
the answer has arrived. Answers 4xx end the loader with status 1.
"""

from __future__ import annotations

import http.client
import os
import queue
import sys
import threading
import time
from pathlib import Path
from urllib.parse import urlsplit

from tests.builders import Dist, wheel
from tests.served import upload_request

CONNECTIONS = 4
PROJECTS = 20
ANSWER_SECONDS = 30
PATIENCE = 90


class Ledger:
    """What was answered, in a file that another process reads."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    def note(self, status: int, dist: Dist) -> None:
        """Add a line, in one write."""
        os.write(self._file, f"{status} {dist.filename} {dist.sha256}\n".encode())


def project(name: str, number: int) -> str:
    """The project that the wheel with this number belongs to."""
    return f"{name}-{number % PROJECTS}"


def dist(name: str, number: int) -> Dist:
    """The wheel with this number; no two have the same bytes."""
    return wheel(project(name, number), f"1.{number}", summary=f"Number {number}.")


def main(url: str, token: str, name: str, count: int, ledger: Ledger) -> int:
    """Upload wheels 0 to ``count``; the exit status."""
    todo: queue.SimpleQueue[Dist] = queue.SimpleQueue()
    for number in range(count):
        todo.put(dist(name, number))
    refused: list[str] = []
    threads = [threading.Thread(target=_publish, args=(url, token, todo, ledger, refused)) for _ in range(CONNECTIONS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    sys.stderr.write("\n".join(refused))
    return 1 if refused else 0


def _publish(url: str, token: str, todo: queue.SimpleQueue[Dist], ledger: Ledger, refused: list[str]) -> None:
    address = urlsplit(url)
    assert address.hostname is not None
    connection = http.client.HTTPConnection(address.hostname, address.port, timeout=ANSWER_SECONDS)
    while not refused:
        try:
            built = todo.get_nowait()
        except queue.Empty:
            return
        end = time.monotonic() + PATIENCE
        while (trouble := _attempt(connection, built, token, ledger)) is not None:
            if time.monotonic() > end or trouble.startswith("4"):
                refused.append(f"{built.filename}: {trouble}")
                return
            time.sleep(0.1)


def _attempt(connection: http.client.HTTPConnection, built: Dist, token: str, ledger: Ledger) -> str | None:
    """Send it once; what went wrong."""
    body, headers = upload_request(built, token)
    try:
        connection.request("POST", "/legacy/", body, headers)
        answer = connection.getresponse()
        answer.read()
    except (OSError, http.client.HTTPException) as error:
        connection.close()
        return repr(error)
    ledger.note(answer.status, built)
    return None if answer.status == 200 else f"{answer.status} {answer.reason}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4]), Ledger(Path(sys.argv[5]))))
