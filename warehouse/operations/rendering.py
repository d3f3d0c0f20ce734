"""Descriptions rendered in a process of their own: strangers' markup can cost minutes, and threads cannot be stopped.

The child is started with the first description and kept. It takes one at a time; when one takes too long, or too
much memory, the child is killed, that description is refused, and the next one gets a new child. It ends by itself
when its parent does. It runs this very module, which therefore imports little.
"""

from __future__ import annotations

import atexit
import json
import resource
import selectors
import signal
import struct
import subprocess
import sys
import threading
import time
from typing import IO, Any

from warehouse.errors import Unavailable
from warehouse.standards import readme
from warehouse.standards.readme import BadDescription

TIME_LIMIT = 10.0  # seconds for one description; a long one takes a tenth of one
WAIT_LIMIT = 20.0  # seconds that a description waits for those before it
MEMORY_LIMIT = 1024**3  # bytes of address space
LONGEST_ANSWER = 64 * 1024**2  # bytes

_SIZE = struct.Struct("!I")


def render(raw: str, content_type: str | None = None) -> str:
    """The description as safe HTML, as :func:`warehouse.standards.readme.render` makes it.

    Refuses with :class:`BadDescription` what does not render, or not within `TIME_LIMIT`; with
    :class:`Unavailable` when too many others wait.
    """
    return _child.ask(raw, content_type, only_check=False)


def check(raw: str, content_type: str | None = None) -> None:
    """Refuse what `render` refuses, for much less."""
    _child.ask(raw, content_type, only_check=True)


class _Child:
    def __init__(self) -> None:
        self._turn = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None

    def ask(self, raw: str, content_type: str | None, *, only_check: bool) -> Any:
        if not self._turn.acquire(timeout=WAIT_LIMIT):
            raise Unavailable("Too many descriptions are being rendered. Try again in a moment.", code="rendering")
        try:
            answer = self._ask({"raw": raw, "content_type": content_type, "only_check": only_check})
        finally:
            self._turn.release()
        if answer is None:
            raise BadDescription("The description takes too long or too much memory to render. Simplify it.")
        if "refused" in answer:
            raise BadDescription(answer["refused"])
        return answer["html"]

    def _ask(self, question: dict[str, Any]) -> dict[str, Any] | None:
        """The child's answer, None when it gave none; a child that died while idle is replaced once."""
        message = json.dumps(question).encode()
        for process in (self._running(), None):
            process = process or self._started()
            assert process.stdin is not None
            try:
                process.stdin.write(_SIZE.pack(len(message)) + message)
                process.stdin.flush()
            except BrokenPipeError:
                self._end()
                continue
            answer = _read(process, time.monotonic() + TIME_LIMIT)
            if answer is None:
                self._end()
                return None
            return json.loads(answer)
        return None

    def _running(self) -> subprocess.Popen[bytes] | None:
        if self._process is not None and self._process.poll() is not None:
            self._end()
        return self._process

    def _started(self) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-W", "ignore", "-m", "warehouse.operations.rendering"]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        return self._process

    def _end(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            for pipe in (self._process.stdin, self._process.stdout):
                if pipe is not None:
                    pipe.close()
            self._process = None


_child = _Child()
atexit.register(_child._end)


def _read(process: subprocess.Popen[bytes], deadline: float) -> bytes | None:
    """One message from the child, or None when the deadline passes, the child ends, or it says too much."""
    assert process.stdout is not None
    received = bytearray()
    expected = _SIZE.size
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ)
        while len(received) < expected:
            if not selector.select(max(0.0, deadline - time.monotonic())):
                return None
            block = process.stdout.read1(256 * 1024)  # type: ignore[attr-defined]
            if not block:
                return None
            received += block
            if expected == _SIZE.size and len(received) >= _SIZE.size:
                expected += _SIZE.unpack_from(received)[0]
                if expected > LONGEST_ANSWER:
                    return None
    return bytes(received[_SIZE.size :])


def main(questions: IO[bytes], answers: IO[bytes]) -> None:
    """Be the child: answer until the parent is gone, and never outlive a description that takes too long."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_LIMIT, MEMORY_LIMIT))
    # A terminal's Ctrl-C goes to the whole group; the parent ends its child by closing the pipe.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    while len(size := questions.read(_SIZE.size)) == _SIZE.size:
        question = json.loads(questions.read(_SIZE.unpack(size)[0]))
        signal.alarm(int(TIME_LIMIT) + 2)  # for the case that the parent is not there to kill us
        try:
            render_or_check = readme.check if question["only_check"] else readme.render
            answer = {"html": render_or_check(question["raw"], question["content_type"])}
        except BadDescription as error:
            answer = {"refused": str(error)}
        signal.alarm(0)
        message = json.dumps(answer).encode()
        answers.write(_SIZE.pack(len(message)) + message)
        answers.flush()


if __name__ == "__main__":
    main(sys.stdin.buffer, sys.stdout.buffer)
