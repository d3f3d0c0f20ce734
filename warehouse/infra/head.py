"""The newest serial that this machine has committed, shared by its processes without a query.

A page cache may answer from memory only if nothing was committed since it last looked at the journal. Every
process of one machine maps the same eight bytes: whoever commits raises the number after COMMIT and before
it answers its own client, and whoever serves compares it with how far it has read. That costs nanoseconds,
and makes an install right after an accepted upload see it in every worker process.
"""

from __future__ import annotations

import fcntl
import mmap
import os
import struct
import threading
from pathlib import Path

_NUMBER = struct.Struct("=Q")


class Head:
    """A number in a shared file that only ever rises."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        if os.fstat(self._descriptor).st_size < _NUMBER.size:
            # Written, not just made longer: on a full disk a hole is noticed only when it is written to, by SIGBUS.
            os.pwrite(self._descriptor, bytes(_NUMBER.size), 0)
        self._map = mmap.mmap(self._descriptor, _NUMBER.size)
        # An aligned eight-byte view: reading it is one load, never a torn one.
        self._view = memoryview(self._map).cast("Q")
        self._lock = threading.Lock()

    @property
    def serial(self) -> int:
        """The newest serial known to be committed on this machine."""
        return self._view[0]

    def raise_to(self, serial: int) -> None:
        """Make :attr:`serial` at least ``serial``.

        The file lock orders processes and the thread lock orders threads: without them a slow writer that
        read an older number could put the head back below an entry that is already committed.
        """
        with self._lock:
            fcntl.lockf(self._descriptor, fcntl.LOCK_EX)
            try:
                if self._view[0] < serial:
                    self._view[0] = serial
            finally:
                fcntl.lockf(self._descriptor, fcntl.LOCK_UN)

    def reset(self, serial: int) -> None:
        """Set the number outright: at start, when the data folder may have been restored from a copy."""
        with self._lock:
            self._view[0] = serial

    def close(self) -> None:
        """Unmap the file."""
        self._view.release()
        self._map.close()
        os.close(self._descriptor)
