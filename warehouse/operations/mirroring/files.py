"""Bringing the bytes of a file: from the origin, or from our own store when an interrupted copy has left them there."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from warehouse.errors import Invalid
from warehouse.infra.blobs import BlobDamaged, BlobMissing
from warehouse.infra.fetching import Fetcher
from warehouse.infra.spool import Spool
from warehouse.operations.mirroring.documents import FileSaid, Misstated
from warehouse.operations.upload.store import Companion
from warehouse.standards import filenames
from warehouse.standards.archives.sdist import inspect_sdist
from warehouse.standards.archives.wheel import inspect_wheel
from warehouse.standards.metadata import ArchiveMetadata, from_archive
from warehouse.work import Tools

LARGEST_METADATA = 10 * 1024**2  # bytes


@dataclass(frozen=True)
class Brought:
    """A file whose bytes are in the store, and what they say that no page of the origin tells."""

    said: FileSaid
    companion: Companion | None
    metadata: ArchiveMetadata
    sboms: tuple[str, ...] = ()

    @property
    def keys(self) -> list[str]:
        """The blobs that belong to it."""
        return [self.said.digests.blake2b_256, *([self.companion.blake2_256] if self.companion else [])]


def bring(tools: Tools, fetcher: Fetcher, said: FileSaid) -> Brought:
    """Have the file's bytes, and those of its metadata file, durable in the store.

    Nothing gets there before its digests are found right: raises :class:`Misstated` when they are not, and
    :class:`NotFetched` when nothing comes.
    """
    companion = _companion(tools, fetcher, said)
    found = _again(tools, said) or _anew(tools, fetcher, said)
    return Brought(said, companion, *found)


def _again(tools: Tools, said: FileSaid) -> tuple[ArchiveMetadata, tuple[str, ...]] | None:
    """What was brought before, read again: that its key is right does not say that the other digests are."""
    key = said.digests.blake2b_256
    stat = tools.blobs.stat(key)
    if stat is None or stat.size != said.size:
        return None

    def fill(write: Callable[[bytes], None]) -> None:
        for block in tools.blobs.open(key):
            write(block)

    with suppress(BlobMissing, BlobDamaged, Misstated):
        return _spooled(tools, said, fill, is_kept=True)
    return None


def _anew(tools: Tools, fetcher: Fetcher, said: FileSaid) -> tuple[ArchiveMetadata, tuple[str, ...]]:
    return _spooled(tools, said, lambda write: fetcher.download(said.url, write, size=said.size), is_kept=False)


def _spooled(
    tools: Tools, said: FileSaid, fill: Callable[[Callable[[bytes], None]], None], *, is_kept: bool
) -> tuple[ArchiveMetadata, tuple[str, ...]]:
    spool = Spool(tools.blobs.temporary(), most=said.size)
    try:
        fill(spool.write)
        spooled = spool.finish()
        digests = said.digests
        if (spooled.size, spooled.blake2_256, spooled.sha256, spooled.md5) != (
            *(said.size, digests.blake2b_256, digests.sha256, digests.md5),
        ):
            raise Misstated(f"{said.filename} has other bytes than the origin's digests say.")
        facts = _facts(spooled.path, said)
        if not is_kept:
            tools.blobs.put(spooled.blake2_256, spooled.path, size=spooled.size)
        return facts
    finally:
        spool.abandon()


def _companion(tools: Tools, fetcher: Fetcher, said: FileSaid) -> Companion | None:
    """The file's own metadata file (PEP 658), whose bytes are the origin's, not what we would read from the archive."""
    if said.metadata_sha256 is None:
        return None
    document = fetcher.document(f"{said.url}.metadata", limit=LARGEST_METADATA, accept="*/*")
    if document is None or hashlib.sha256(document.body).hexdigest() != said.metadata_sha256:
        raise Misstated(f"The metadata file of {said.filename} has other bytes than the origin's digest says.")
    companion = Companion.of(document.body)
    tools.blobs.put_bytes(companion.blake2_256, companion.content)
    return companion


def _facts(path: Path, said: FileSaid) -> tuple[ArchiveMetadata, tuple[str, ...]]:
    """What the archive says; nothing when it cannot be read within limits, for no reader of the index sees this."""
    with suppress(Invalid):
        if said.packagetype == "bdist_wheel":
            wheel = inspect_wheel(str(path), filenames.parse_wheel(said.filename), scan=False)
            return from_archive(wheel.metadata), wheel.sboms
        return from_archive(inspect_sdist(str(path), said.filename, scan=False).metadata), ()
    return ArchiveMetadata(), ()
