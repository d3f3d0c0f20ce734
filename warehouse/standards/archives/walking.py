"""The files inside a wheel or a source distribution, one after the other, whichever archive it is."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from warehouse.standards.archives import tar
from warehouse.standards.archives.refusal import invalid_file
from warehouse.standards.archives.tar import Limits
from warehouse.standards.archives.zip import ZipArchive

LINKS = ("symlink", "hardlink")


@dataclass(frozen=True)
class Packed:
    """A file or a link in an archive; ``size`` is bytes, ``link`` where a link leads.

    The path has no empty parts and none that say "here", so each file has one. ``chunks`` gives the content in pieces,
    before the next file is asked for.
    """

    path: str
    size: int
    link: str | None
    chunks: Callable[[], Iterator[bytes]]


def files_in(path: str | os.PathLike[str], filename: str, *, limits: Limits | None = None) -> Iterator[Packed]:
    """What is packed in the archive at ``path``, in its order; directories are left out.

    Refuses with `BadArchive` what the readers of ZIP and tar archives do, and other formats.
    """
    if filename.endswith((".whl", ".zip")):
        return _in_zip(path)
    if filename.endswith(".tar.gz"):
        return _in_tar(path, limits)
    raise invalid_file("It is neither a ZIP file nor a gzip-compressed tar file.")


def _in_zip(path: str | os.PathLike[str]) -> Iterator[Packed]:
    with ZipArchive(path) as archive:
        for member in archive.members.values():
            name = tidy(member.name)
            if name and not member.is_directory:
                yield Packed(name, member.size, None, lambda name=member.name: archive.chunks(name))  # type: ignore[misc]


def _in_tar(path: str | os.PathLike[str], limits: Limits | None) -> Iterator[Packed]:
    for member in tar.members(path, limits):
        name = tidy(member.name)
        if name and member.kind != "directory":
            yield Packed(name, member.size, member.link if member.kind in LINKS else None, member.chunks)


def tidy(path: str) -> str:
    """The path without what changes nothing: ``./a//b`` is ``a/b``."""
    return "/".join(part for part in path.split("/") if part not in ("", "."))
