"""Small valid source distributions, the same bytes for the same arguments."""

from __future__ import annotations

import gzip
import io
import tarfile
from collections.abc import Mapping

from tests.builders.dist import Dist, FieldValue, as_bytes, core_metadata, escaped
from tests.builders.wheels import zip_of


def sdist(
    name: str = "demo",
    version: str = "1.0",
    *,
    suffix: str = ".tar.gz",
    top: str | None = None,
    files: Mapping[str, str | bytes | None] | None = None,
    licenses: Mapping[str, str | bytes] | None = None,
    metadata: bytes | None = None,
    filename: str | None = None,
    **fields: FieldValue,
) -> Dist:
    """An sdist of ``name`` holding PKG-INFO, ``pyproject.toml`` and a module below one directory, ``top``.

    ``files`` adds, replaces or (None) leaves out members below it. ``fields`` are core metadata by form name,
    ``metadata`` replaces all of it; ``licenses`` adds license files and their ``license_file`` fields.
    """
    stem = f"{escaped(name)}-{version}"
    top = stem if top is None else top
    licenses = licenses or {}
    if licenses:
        fields.setdefault("license_file", list(licenses))
    metadata = core_metadata(name, version, fields) if metadata is None else metadata
    contents: dict[str, str | bytes | None] = {
        "PKG-INFO": metadata,
        "pyproject.toml": f'[project]\nname = "{name}"\nversion = "{version}"\n',
        f"{escaped(name)}.py": f'"""{name}."""\n',
        **licenses,
        **(files or {}),
    }
    members = {f"{top}/{path}": as_bytes(content) for path, content in contents.items() if content is not None}
    return Dist(
        filename=filename or f"{stem}{suffix}",
        content=zip_of(members) if suffix == ".zip" else tar_gz_of(members),
        metadata=metadata,
        filetype="sdist",
        pyversion="source",
    )


def tar_gz_of(members: Mapping[str, bytes], *, format: int = tarfile.PAX_FORMAT) -> bytes:
    """A gzip-compressed tar of these regular files, dated 1970."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=format) as archive:
        for path, content in members.items():
            member = tarfile.TarInfo(path)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return gzip.compress(buffer.getvalue(), compresslevel=1, mtime=0)
