"""What the index needs to know of a source distribution, found in one pass over it."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from warehouse.standards.archives import tar
from warehouse.standards.archives.obfuscation import Scan
from warehouse.standards.archives.refusal import BadArchive, invalid_file, quoted
from warehouse.standards.archives.tar import Limits
from warehouse.standards.archives.zip import ZipArchive

MAX_METADATA = 10 * 2**20
MAX_LINKS = 10_000


@dataclass(frozen=True)
class SdistFacts:
    """An accepted sdist; ``metadata`` is PKG-INFO byte for byte, ``top`` the directory that holds everything.

    ``unscanned`` says why the scan for obfuscated source did not see all of it, None if it did.
    """

    metadata: bytes
    top: str
    unscanned: str | None


class _Member(Protocol):
    @property
    def name(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def size(self) -> int: ...
    def read(self, *, limit: int) -> bytes: ...


@dataclass(frozen=True)
class _ZipFile:
    """A member of a ZIP file, used like one of a tar archive."""

    archive: ZipArchive
    name: str
    kind: str
    size: int

    def read(self, *, limit: int) -> bytes:
        return self.archive.read(self.name, limit=limit)


def inspect_sdist(
    path: str | os.PathLike[str],
    filename: str,
    *,
    license_files: Sequence[str] = (),
    scan: bool = True,
    limits: Limits | None = None,
) -> SdistFacts:
    """Read a source distribution, ``.tar.gz`` or ``.zip`` by its ``filename``.

    Refuses with `BadArchive` an unacceptable archive, one without a single top-level directory or without PKG-INFO
    in it, obfuscated source (unless ``scan`` is off), and one that lacks a license file. PEP 639: "License-File ...
    each file must exist in the archive", in an sdist below the top-level directory. Links are never followed and
    never taken for PKG-INFO or a license.
    """
    if filename.endswith(".zip"):
        with ZipArchive(path) as archive:
            return _inspect(_files(archive), filename, license_files, scan)
    return _inspect(tar.members(path, limits), filename, license_files, scan)


def _files(archive: ZipArchive) -> Iterator[_ZipFile]:
    for member in archive.members.values():
        yield _ZipFile(archive, member.name, "directory" if member.is_directory else "file", member.size)


def _inspect(members: Iterable[_Member], filename: str, license_files: Sequence[str], scan: bool) -> SdistFacts:
    layout = _Layout(license_files)
    source = Scan()
    for member in members:
        layout.add(member)
        if scan and member.kind == "file":
            source.look(member.name, member.size, lambda member=member: member.read(limit=member.size))  # type: ignore[misc]
    top, metadata = layout.top(), layout.metadata()
    for license_file in license_files:
        if (top, license_file) not in layout.licenses:
            raise BadArchive(
                f"License-File {quoted(license_file)} does not exist in distribution file {filename} "
                f"at {quoted(f'{top}/{license_file}')}. Add the file, or remove it from the metadata."
            )
    return SdistFacts(metadata=metadata, top=top, unscanned=source.unfinished)


class _Layout:
    """What is below the top-level directory, found while members pass though it is only known after the last.

    The top-level directory is the longest path that all members share. It only gets shorter as members pass, so what
    is kept (one PKG-INFO, license files per possible directory) is only what lies in the present one or above.
    """

    def __init__(self, license_files: Sequence[str]) -> None:
        self.licenses: set[tuple[str, str]] = set()
        self._license_files = frozenset(license_files)
        self._license_depths = frozenset(path.count("/") + 1 for path in license_files)
        self._common: list[str] | None = None
        self._metadata: bytes | None = None
        self._metadata_in: list[str] = []
        self._links: set[str] = set()

    def add(self, member: _Member) -> None:
        parts = [part for part in member.name.split("/") if part not in ("", ".")]
        self._common = parts if self._common is None else _shared(self._common, parts)
        self._check_links(parts, member)
        parent = parts[:-1]
        if parts[-1:] == ["PKG-INFO"] and parent == self._common[: len(parent)]:
            self._take_metadata(parent, member)
        if member.kind == "file":
            self._take_licenses(parts)

    def top(self) -> str:
        """The one top-level directory; refuses an archive without."""
        if not self._common:
            raise invalid_file("It must hold one top-level directory, and everything else in it.")
        return "/".join(self._common)

    def metadata(self) -> bytes:
        """The content of PKG-INFO; refuses an archive without."""
        if self._metadata is None or self._metadata_in != self._common:
            raise invalid_file(f"PKG-INFO not found at {quoted(self.top() + '/PKG-INFO')}. Build it with a build tool.")
        return self._metadata

    def _take_metadata(self, parent: list[str], member: _Member) -> None:
        if self._metadata is not None and self._metadata_in == parent:
            raise invalid_file("PKG-INFO is there twice.")
        if member.kind != "file":
            raise invalid_file("PKG-INFO is not a regular file.")
        self._metadata, self._metadata_in = member.read(limit=MAX_METADATA), parent

    def _take_licenses(self, parts: list[str]) -> None:
        """Looked up by what is below each directory that may become the top: there may be thousands of them."""
        assert self._common is not None
        for depth in range(1, min(len(parts) - 1, len(self._common)) + 1):
            if len(parts) - depth in self._license_depths and (path := "/".join(parts[depth:])) in self._license_files:
                self.licenses.add(("/".join(parts[:depth]), path))

    def _check_links(self, parts: list[str], member: _Member) -> None:
        """Refuse members below a link: extracting them would write, say, another PKG-INFO where the link leads."""
        if self._links and any("/".join(parts[:depth]) in self._links for depth in range(1, len(parts))):
            raise invalid_file(f"Member {quoted(member.name)} is below a link.")
        if member.kind == "symlink":
            self._links.add("/".join(parts))
            if len(self._links) > MAX_LINKS:
                raise invalid_file(f"It has more than {MAX_LINKS} links.")


def _shared(first: list[str], second: list[str]) -> list[str]:
    """The parts that two paths begin with."""
    for at, (one, other) in enumerate(zip(first, second, strict=False)):
        if one != other:
            return first[:at]
    return first[: min(len(first), len(second))]
