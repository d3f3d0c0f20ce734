"""Small valid wheels, the same bytes for the same arguments."""

from __future__ import annotations

import base64
import hashlib
import io
import zipfile
from collections.abc import Mapping

from tests.builders.dist import Dist, FieldValue, as_bytes, core_metadata, escaped


def wheel(
    name: str = "demo",
    version: str = "1.0",
    *,
    tag: str = "py3-none-any",
    build: str = "",
    files: Mapping[str, str | bytes] | None = None,
    dist_info: Mapping[str, str | bytes | None] | None = None,
    licenses: Mapping[str, str | bytes] | None = None,
    metadata: bytes | None = None,
    filename: str | None = None,
    **fields: FieldValue,
) -> Dist:
    """A wheel of ``name`` with one module, or with ``files`` (path to content).

    ``fields`` are core metadata by form name (``requires_dist=["idna>=3"]``); ``metadata`` replaces all of it.
    ``licenses`` adds license files and their ``license_file`` fields. ``dist_info`` adds, replaces or (None) leaves
    out members below ``.dist-info``.
    """
    stem = f"{escaped(name)}-{version}"
    licenses = licenses or {}
    if licenses:
        fields.setdefault("license_file", list(licenses))
    metadata = core_metadata(name, version, fields) if metadata is None else metadata
    info: dict[str, str | bytes | None] = {
        "METADATA": metadata,
        "WHEEL": "Wheel-Version: 1.0\nGenerator: warehouse-tests 1.0\nRoot-Is-Purelib: true\n" + _tags(tag, build),
        **{f"licenses/{path}": content for path, content in licenses.items()},
        **(dist_info or {}),
    }
    members = {
        path: as_bytes(content)
        for path, content in (files if files is not None else {f"{escaped(name)}.py": f'"""{name}."""\n'}).items()
    }
    members |= {f"{stem}.dist-info/{path}": as_bytes(content) for path, content in info.items() if content is not None}
    if "RECORD" not in info:
        record = f"{stem}.dist-info/RECORD"
        members[record] = _record(members, record)
    middle = f"-{build}" if build else ""
    return Dist(
        filename=filename or f"{stem}{middle}-{tag}.whl",
        content=zip_of(members),
        metadata=metadata,
        filetype="bdist_wheel",
        pyversion=tag.split("-")[0],
    )


def zip_of(members: Mapping[str, bytes], *, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A zip file of these members, dated 1980."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for path, content in members.items():
            archive.writestr(zipfile.ZipInfo(path), content, compress_type=method)
    return buffer.getvalue()


def _tags(tag: str, build: str) -> str:
    pythons, abis, platforms = tag.split("-")
    lines = [
        f"Tag: {python}-{abi}-{platform}\n"
        for python in pythons.split(".")
        for abi in abis.split(".")
        for platform in platforms.split(".")
    ]
    return "".join(lines) + (f"Build: {build}\n" if build else "")


def _record(members: Mapping[str, bytes], record: str) -> bytes:
    lines = []
    for path, content in members.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
        lines.append(f"{path},sha256={digest},{len(content)}\n")
    return ("".join(lines) + f"{record},,\n").encode()
