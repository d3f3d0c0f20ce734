"""Writing the embedded index: one folder for each version of it, and a pointer to the one that is searched."""

from __future__ import annotations

import fcntl
import os
import secrets
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import orjson

from warehouse.infra.search import schema as fields
from warehouse.infra.search.contract import SearchDocument

MARK = "mark"
MEMORY = 32 * 1024**2  # bytes; for a few documents at a time
BUILDING_MEMORY = 128 * 1024**2


class Mark(NamedTuple):
    """How far an index has followed the journal, and which entry that was: another database has another there."""

    serial: int = 0
    entry: str = ""


class Versions:
    """The folder with the versions of the index."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.pointer = folder / "current"

    def current(self) -> Path | None:
        """The version that is searched; None when there is none that this code can read."""
        try:
            name = self.pointer.read_text().strip()
        except FileNotFoundError:
            return None
        found = self.folder / name
        return found if name.startswith(f"v{fields.VERSION}-") and (found / "meta.json").exists() else None

    def fresh(self) -> Path:
        """A new empty folder for a version that nobody searches yet."""
        made = self.folder / f"v{fields.VERSION}-{secrets.token_hex(5)}"
        made.mkdir(parents=True)
        return made

    def swap(self, version: Path) -> None:
        """Have this version searched from now on, and remove all others. Those who search one can end what they do."""
        _replace(self.pointer, version.name.encode())
        for other in self.folder.glob("v*-*"):
            if other != version:
                shutil.rmtree(other, ignore_errors=True)  # should a reader make something there meanwhile, next time

    @contextmanager
    def lock(self, purpose: str, *, wait: bool) -> Iterator[bool]:
        """Whether this process has the lock while the block runs; it is free when the process is gone."""
        self.folder.mkdir(parents=True, exist_ok=True)
        fd = os.open(self.folder / f"{purpose}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            try:
                fcntl.flock(fd, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
            except BlockingIOError:
                yield False
            else:
                yield True
        finally:
            os.close(fd)


class SearchWriter:
    """Changes one version. There is one writer of a version at a time; what is not committed was never there."""

    def __init__(self, version: Path, *, memory: int = MEMORY) -> None:
        library = fields.tantivy_library()
        self.version = version
        self.index = library.Index(fields.schema(), path=str(version))
        for name, analyzer in fields.analyzers().items():
            self.index.register_tokenizer(name, analyzer)
        self._writer = self.index.writer(memory, 1)

    @property
    def mark(self) -> Mark:
        """How far the journal was followed, at least: it is written after the commit, and entries may come twice."""
        return read_mark(self.version)

    def add(self, documents: Iterable[SearchDocument]) -> int:
        """Add projects that are not there yet; how many."""
        number = 0
        for document in documents:
            self._writer.add_document(fields.to_document(document))
            number += 1
        return number

    def replace(self, names: Iterable[str], documents: Iterable[SearchDocument]) -> None:
        """Take out the projects of these normalized names, and put these in."""
        for name in names:
            self._writer.delete_documents_by_term("key", name)
        self.add(documents)

    def commit(self, mark: Mark) -> None:
        """Let readers see what was done, and remember how far that is."""
        self._writer.commit()
        _replace(self.version / MARK, orjson.dumps(list(mark)))

    def close(self) -> None:
        """Wait for merges that run, and let go."""
        self._writer.wait_merging_threads()


def read_mark(version: Path) -> Mark:
    """How far this version has come; none at all where that cannot be read."""
    try:
        serial, entry = orjson.loads((version / MARK).read_bytes())
    except (FileNotFoundError, ValueError, TypeError):
        return Mark()
    return Mark(int(serial), str(entry))


def _replace(path: Path, content: bytes) -> None:
    beside = path.with_name(f"{path.name}.{secrets.token_hex(4)}.new")
    with beside.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)
