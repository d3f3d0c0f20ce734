"""Kernel locks on files: exact about who is alive, because the kernel frees them when the last holder dies."""

from __future__ import annotations

import fcntl
import os
import time
from pathlib import Path
from types import TracebackType
from typing import Self

PAUSE = 0.02


class FileLock:
    """A held ``flock``. It belongs to the open file, so a process that inherits ``fd`` holds it too."""

    def __init__(self, fd: int) -> None:
        self.fd = fd

    @classmethod
    def attempt(cls, path: Path, *, shared: bool = False) -> FileLock | None:
        """Take the lock now, or answer None when somebody else's lock is in the way."""
        fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        try:
            fcntl.flock(fd, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(fd)
            return None
        except BaseException:
            os.close(fd)
            raise
        return cls(fd)

    @classmethod
    def within(cls, path: Path, seconds: float, *, shared: bool = False) -> FileLock | None:
        """Take the lock within so many seconds, or answer None."""
        end = time.monotonic() + seconds
        while True:
            lock = cls.attempt(path, shared=shared)
            if lock is not None or time.monotonic() >= end:
                return lock
            time.sleep(PAUSE)

    def release(self) -> None:
        """Give up our copy; processes that inherited the file keep the lock. Harmless twice."""
        if self.fd >= 0:
            os.close(self.fd)
            self.fd = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.release()


def is_held(path: Path) -> bool:
    """Whether some process holds the lock exclusively right now. A few microseconds."""
    probe = FileLock.attempt(path, shared=True)
    if probe is None:
        return True
    probe.release()
    return False
