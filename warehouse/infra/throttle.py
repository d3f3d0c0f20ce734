"""How often each client may ask: one count for all processes of a machine, in two megabytes however many clients.

For each client the time is kept at which its allowance will be whole again; each request moves it on (the generic
cell rate algorithm). Times pass by themselves, so nothing is ever cleared. A client has one of many places in each of
two rows, chosen by a keyed digest, and the earlier of its two times counts: clients that share a place in one row
hardly ever share the other, and nobody can choose whom to share with.
"""

from __future__ import annotations

import hashlib
import mmap
import os
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

PLACES = 1 << 17  # in each of the two rows
SIZE = 2 * PLACES * 8
REMEMBERED = 8192  # clients whose places this process need not compute again


class Throttle:
    """Lets everybody do something ``count`` times at once and, on average, in any ``period``.

    ``whose`` says what an address counts as; clients without an address are let through. Processes may read and write
    a place at the same time: then one request is not counted, which costs less than a lock on each.
    """

    def __init__(
        self, path: Path, count: int, period: timedelta, *, key: bytes, whose: Callable[[str], str] = str
    ) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            if os.fstat(descriptor).st_size < SIZE:
                # Written, not just made longer: on a full disk a hole is noticed only when it is written to, by SIGBUS.
                os.pwrite(descriptor, bytes(SIZE), 0)
            # An aligned view of eight-byte numbers: each is read and written as a whole.
            self._times = memoryview(mmap.mmap(descriptor, SIZE)).cast("d")
        finally:
            os.close(descriptor)
        self._period = period.total_seconds()
        self._each = self._period / count
        self._key = hashlib.sha256(b"throttle" + key).digest()
        self._whose = whose
        self._places: dict[str, tuple[int, int]] = {}

    def wait(self, address: str) -> float:
        """Count one; 0.0 if the client may, else the seconds until it may, and then nothing is counted."""
        places = self._places.get(address)
        if places is None:
            if not address:
                return 0.0
            places = self._find(address)
        one, other = places
        times = self._times
        now = time.monotonic()
        due = times[one]
        if times[other] < due:
            due = times[other]
        latest = now + self._period
        if not now < due <= latest:  # long ago; or in a future that only the clock of an earlier boot had
            due = now
        due += self._each
        if due > latest:
            return due - latest
        # A time is only moved on: it is that of whoever shares the place, too.
        if not due < times[one] <= latest:
            times[one] = due
        if not due < times[other] <= latest:
            times[other] = due
        return 0.0

    def left(self, address: str) -> tuple[int, float]:
        """How many more times the client may right now, and the seconds until it may as often as ever; counts none."""
        allowed = round(self._period / self._each)
        if not address:
            return allowed, 0.0
        one, other = self._places.get(address) or self._find(address)
        now = time.monotonic()
        owed = min(self._times[one], self._times[other]) - now
        if not 0.0 < owed <= self._period:
            return allowed, 0.0
        # What is owed is a sum of rounded times: a thousandth of a turn is no turn.
        return int((self._period - owed) / self._each + 0.001), owed

    def _find(self, address: str) -> tuple[int, int]:
        digest = hashlib.blake2b(self._whose(address).encode(), digest_size=8, key=self._key).digest()
        places = int.from_bytes(digest[:4]) % PLACES, PLACES + int.from_bytes(digest[4:]) % PLACES
        if len(self._places) >= REMEMBERED:
            self._places.clear()
        self._places[address] = places
        return places
