"""What is in a backup, written when everything else is there."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path

from warehouse.errors import Conflict, NotFound
from warehouse.infra.disk import write_durably

MANIFEST = "manifest.json"
SECRET = "secret.key"
BLOBS = "blobs"
FORMAT = 1

THREADS = 8
BATCH = 256


@dataclass(frozen=True)
class Manifest:
    """One backup. ``version`` is Warehouse's, ``serial`` the newest journal entry, ``bytes`` those of all files.

    ``dump`` and ``blob_list`` are file names. ``blobs`` is None for a backup without them. ``secret_mark`` tells
    whether a secret is the right one without telling the secret; ``has_secret`` is False when the settings give it.
    """

    format: int
    version: str
    created_at: str
    serial: int
    users: int
    projects: int
    releases: int
    files: int
    bytes: int
    dump: str
    dump_sha256: str
    blob_list: str
    blob_list_sha256: str
    blobs: int | None
    has_secret: bool
    secret_mark: str


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Declare the backup finished, in one step that a power cut does or does not undo, and nothing in between."""
    write_durably(folder / MANIFEST, json.dumps(asdict(manifest), indent=2).encode() + b"\n")


def read_manifest(folder: Path) -> Manifest:
    """The manifest of a finished backup; refuses with :class:`NotFound` or :class:`Conflict`."""
    path = folder / MANIFEST
    if not path.exists():
        unfinished = folder.is_dir() and any(folder.glob("database-*"))
        what = "an unfinished backup: run it again" if unfinished else f"no backup: there is no {MANIFEST}"
        raise NotFound(f"{folder} holds {what}.", code="no_backup")
    said = json.loads(path.read_text())
    if said.get("format") != FORMAT:
        raise Conflict(f"{folder} holds a backup of another format. Use the Warehouse that made it.", code="format")
    return Manifest(**said)


def mark_of(secret: bytes) -> str:
    """Tells secrets apart; 64 bits of an HMAC say nothing about one."""
    return hmac.new(secret, b"backup", hashlib.sha256).hexdigest()[:16]


def keys_in(path: Path) -> Iterator[str]:
    """The blobs of a list, in order."""
    with path.open(encoding="ascii") as lines:
        for line in lines:
            yield line.strip()


def for_each(keys: Iterator[str], move: Callable[[str], None], tell: Callable[[int], None]) -> None:
    """Move every blob, several at a time because disks and object stores take long to say that they have one.

    ``tell`` hears how many are done. The first error ends it; a bounded number is under way at any time.
    """
    done = 0
    with ThreadPoolExecutor(THREADS, thread_name_prefix="blobs") as pool:
        while batch := list(islice(keys, BATCH)):
            for _ in pool.map(move, batch):
                done += 1
                tell(done)


def sha256_of(path: Path) -> str:
    """The file's SHA-256, read in constant memory."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
