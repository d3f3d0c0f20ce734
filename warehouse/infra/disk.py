"""Files that a power cut does not lose, and what is wrong with a disk that cannot keep them."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from uuid import uuid4

# What an operator can cure; every other error of a disk is a bug of ours.
_TROUBLE = {
    errno.ENOSPC: "is full",
    errno.EDQUOT: "is full",
    errno.EFBIG: "takes no file of this size",
    errno.EROFS: "is read-only",
    errno.EIO: "has failed",
    errno.ESTALE: "has gone away",
}


def trouble(error: OSError) -> str | None:
    """What the disk suffers from, to go on after "The disk"; None when the error is not the disk's."""
    return _TROUBLE.get(error.errno or 0)


def sync(path: Path) -> None:
    """Make the file's bytes, or the folder's names, survive a power cut."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write_durably(path: Path, content: bytes) -> None:
    """Replace the file as a whole, readable by its owner only; when this returns, a power cut does not lose it."""
    fresh = path.with_name(f"{path.name}.new")
    fresh.unlink(missing_ok=True)
    _write(fresh, content)
    fresh.replace(path)
    sync(path.parent)


def write_once(path: Path, content: bytes) -> None:
    """As :func:`write_durably`, unless there is such a file: of several who do it at once, one wins.

    Nobody ever sees a part of it, and a process that is killed in the middle does not leave an empty one in the way.
    """
    fresh = path.with_name(f".{path.name}.{uuid4().hex}")
    try:
        _write(fresh, content)
        os.link(fresh, path)
    except FileExistsError:
        return
    finally:
        fresh.unlink(missing_ok=True)
    sync(path.parent)


def _write(path: Path, content: bytes) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
