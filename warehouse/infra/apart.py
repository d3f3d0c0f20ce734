"""What strangers can make expensive, done in a process of its own: threads cannot be stopped, processes can.

The child is started with the first question and kept for a while. It takes one at a time; when one takes too long, or
too much memory, the child is killed, and the next question gets a new one. It ends by itself when nobody asks any more,
and when its parent does.
"""

from __future__ import annotations

import atexit
import json
import resource
import select
import selectors
import signal
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from typing import IO, Any

from warehouse.errors import Unavailable

IDLE_LIMIT = 600  # seconds after which a child that nobody asks ends
LARGEST_ANSWER = 256 * 1024**2  # bytes

_SIZES = struct.Struct("!II")

Answer = tuple[dict[str, Any], bytes]
"""What a child says: some values, and bytes beside them."""


class Apart:
    """A child that runs ``module``, whose `serve` answers questions.

    ``memory`` is the bytes of address space that it may take, ``waiting`` the seconds that a question waits for those
    before it, of which there are at most ``crowd``: whoever waits keeps a thread that others could use.
    """

    def __init__(self, module: str, *, memory: int, waiting: float, crowd: int = 1) -> None:
        self._module = module
        self._memory = memory
        self._waiting = waiting
        self._turn = threading.Lock()
        self._places = threading.BoundedSemaphore(crowd + 1)
        self._process: subprocess.Popen[bytes] | None = None
        atexit.register(self._end)

    def ask(self, question: dict[str, Any], *, time_limit: float) -> Answer | None:
        """The child's answer; None when it gave none within ``time_limit`` seconds.

        Refuses with :class:`Unavailable` when too many others wait.
        """
        if not self._places.acquire(blocking=False):
            raise _busy()
        try:
            if not self._turn.acquire(timeout=self._waiting):
                raise _busy()
            try:
                return self._ask(json.dumps(question).encode(), time_limit)
            finally:
                self._turn.release()
        finally:
            self._places.release()

    def _ask(self, message: bytes, time_limit: float) -> Answer | None:
        """A child that has ended while idle is replaced once."""
        for process in (self._running(), None):
            process = process or self._started()
            assert process.stdin is not None
            deadline = time.monotonic() + time_limit
            try:
                process.stdin.write(_SIZES.pack(len(message), int(time_limit) + 2) + message)
                process.stdin.flush()
            except BrokenPipeError:
                self._end()
                continue
            answer = _read(process, deadline)
            if answer is None:
                self._end()
            return answer
        return None

    def _running(self) -> subprocess.Popen[bytes] | None:
        if self._process is not None and self._process.poll() is not None:
            self._end()
        return self._process

    def _started(self) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-W", "ignore", "-m", self._module, str(self._memory)]
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


def _busy() -> Unavailable:
    return Unavailable("Too many ask for the same at once. Try again in a moment.", code="busy")


def _read(process: subprocess.Popen[bytes], deadline: float) -> Answer | None:
    """One answer, or None when the deadline passes, the child ends, or it says too much."""
    assert process.stdout is not None
    received = bytearray()
    expected = _SIZES.size
    values = 0
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ)
        while len(received) < expected:
            if not selector.select(max(0.0, deadline - time.monotonic())):
                return None
            block = process.stdout.read1(256 * 1024)  # type: ignore[attr-defined]
            if not block:
                return None
            received += block
            if expected == _SIZES.size and len(received) >= _SIZES.size:
                values, others = _SIZES.unpack_from(received)
                expected += values + others
                if expected > LARGEST_ANSWER:
                    return None
    begin = _SIZES.size
    return json.loads(received[begin : begin + values]), bytes(received[begin + values :])


def serve(answer: Callable[[dict[str, Any]], Answer]) -> None:
    """Be the child: answer until the parent is gone or asks no more, and never outlive a question's time."""
    memory = int(sys.argv[1])
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # A terminal's Ctrl-C goes to the whole group; the parent ends its child by closing the pipe.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    questions, answers = sys.stdin.buffer, sys.stdout.buffer
    while (question := _question(questions)) is not None:
        values, others = answer(question)
        signal.alarm(0)
        message = json.dumps(values).encode()
        answers.write(_SIZES.pack(len(message), len(others)) + message + others)
        answers.flush()


def _question(questions: IO[bytes]) -> dict[str, Any] | None:
    if not select.select([questions], [], [], IDLE_LIMIT)[0]:
        return None
    sizes = questions.read(_SIZES.size)
    if len(sizes) < _SIZES.size:
        return None
    size, seconds = _SIZES.unpack(sizes)
    signal.alarm(seconds)  # for the case that the parent is not there to kill us
    return json.loads(questions.read(size))
