"""What the blob suite does in a process of its own: be killed, be watched, be weighed. Answers in JSON lines."""

from __future__ import annotations

import json
import os
import resource
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

from warehouse.infra.blobs import (
    BlobStore,
    BlobStoreUnavailable,
    LocalBlobs,
    RemoteOptions,
    digest_of,
    digest_of_path,
    key_of,
    open_blobs,
)


def be_killed_everywhere(root: str) -> None:
    """Put one blob after the other, each time killed (SIGKILL) one call into C later, until a put comes through.

    Every system call of a put is such a call, and the kill falls both before and after it.
    """
    for moment in range(1, 1000):
        data = f"blob {moment} ".encode() * 1000
        process = os.fork()
        if not process:
            store = LocalBlobs(Path(root))
            path = store.temporary()
            path.write_bytes(data)
            _kill_after(moment)
            store.put(key_of(data), path, size=len(data))
            sys.setprofile(None)
            os._exit(0)
        _, status = os.waitpid(process, 0)
        store = LocalBlobs(Path(root))
        visible = store.stat(key_of(data)) is not None
        _say(
            killed=os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL,
            visible=visible,
            whole=visible and digest_of(store, key_of(data)) == key_of(data),
        )
        if os.WIFEXITED(status):
            return


def _kill_after(moment: int) -> None:
    seen = 0

    def count(frame: FrameType, event: str, argument: object) -> None:
        nonlocal seen
        if event in ("c_call", "c_return"):
            seen += 1
            if seen == moment:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.setprofile(count)


def be_watched(root: str, synced: str) -> None:
    """Put one blob, telling every name that is made or changed and every file or directory that is synced, in order."""
    store = LocalBlobs(Path(root))
    data = b"a file that matters"
    path = store.temporary()
    path.write_bytes(data)
    sync = os.fsync

    def told_sync(fd: Any) -> None:
        sync(fd)
        _say(act="fsync", path=str(Path(f"/proc/self/fd/{fd}").readlink()))

    def tell(event: str, arguments: tuple[Any, ...]) -> None:
        if event in ("os.mkdir", "os.rename"):
            _say(act=event.removeprefix("os."), path=str(arguments[1 if event == "os.rename" else 0]))

    os.fsync = told_sync
    sys.addaudithook(tell)
    store.put(key_of(data), path, size=len(data), synced=synced == "synced")
    _say(act="done", path="")


def be_weighed(place: str, options: str) -> None:
    """Put a large file from its spool and read it back, and tell by how many bytes the process grew."""
    store = _opened(place, options)
    path = store.temporary()
    size = _write_large(path)
    key = digest_of_path(path)
    # What is loaded once is not what is asked about.
    store.put_bytes(key_of(b"warm"), b"warm")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    store.put(key, path, size=size)
    same = digest_of(store, key) == key
    _say(grown=(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024, same=same, size=size)


def _write_large(path: Path) -> int:
    block = os.urandom(1 << 20)
    with path.open("wb") as file:
        for number in range(300):
            file.write(number.to_bytes(8, "big") + block)
    return path.stat().st_size


def be_filled(root: str) -> None:
    """Put more than a small disk can take."""
    store = LocalBlobs(Path(root))
    data = os.urandom(1_000_000)
    try:
        store.put_bytes(key_of(data), data)
    except BlobStoreUnavailable as full:
        _say(
            said=full.sentence,
            status=full.status,
            visible=store.stat(key_of(data)) is not None,
            left=len(list((store.root / "tmp").iterdir())),
        )


def be_put(place: str, options: str, path: str) -> None:
    """Say the key, then put the file at ``path``, then say that it is done."""
    store = _opened(place, options)
    file = Path(path)
    key = digest_of_path(file)
    _say(key=key)
    store.put(key, file, size=file.stat().st_size)
    _say(done=True)


def _opened(place: str, options: str) -> BlobStore:
    told = json.loads(options)
    return open_blobs(place, told and RemoteOptions(spool=Path(told["spool"]), config=told["config"]))


def _say(**facts: object) -> None:
    sys.stdout.write(json.dumps(facts) + "\n")
    sys.stdout.flush()


ERRANDS: dict[str, Callable[..., None]] = {
    "killed-everywhere": be_killed_everywhere,
    "watched": be_watched,
    "weighed": be_weighed,
    "filled": be_filled,
    "put": be_put,
}

if __name__ == "__main__":
    ERRANDS[sys.argv[1]](*sys.argv[2:])
