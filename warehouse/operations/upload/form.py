"""The upload form: what describes the file, apart from the core metadata beside it."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from warehouse.errors import Invalid, TooLarge
from warehouse.infra.spool import Spooled

HEX_64 = re.compile(r"[0-9a-fA-F]{64}")

FILETYPES = ("sdist", "bdist_wheel")

LONGEST = 240
"""Characters of a name, a version or a Python tag: file names have no room for more."""

MOST_METADATA = 1024 * 1024
"""Characters. The largest that are published have a tenth of it, and to check a million takes seconds."""

# May be sent as file parts; everything else is text.
FILE_FIELDS = frozenset({"content", "gpg_signature"})


@dataclass(frozen=True)
class PostedFile:
    """The ``content`` part: its file name and content type as the client states them, and the bytes."""

    filename: str
    content_type: str | None
    spooled: Spooled


@dataclass(frozen=True)
class Posted:
    """A parsed request: text fields in order of arrival, the names of fields sent as file parts, the file."""

    fields: Mapping[str, Sequence[str]]
    file_parts: Collection[str]
    file: PostedFile | None

    def first(self, name: str) -> str | None:
        """The field's first value; an empty one counts as absent."""
        values = self.fields.get(name) or ()
        return values[0] if values and values[0] else None


@dataclass(frozen=True)
class UploadForm:
    """The checked fields that describe the file. Digests are lower-case hexadecimal."""

    filetype: str
    pyversion: str
    comment: str | None
    md5: str | None
    sha256: str | None
    blake2_256: str | None


def refuse_file_parts(posted: Posted) -> None:
    """Only the distribution itself is a file."""
    for name in sorted(set(posted.file_parts) - FILE_FIELDS):
        raise Invalid(f"{name}: Should not be a tuple. Send this field as text, not as a file.", code="file_part")


def refuse_too_much_metadata(posted: Posted) -> None:
    """All that core metadata says, apart from the description, fits in :data:`MOST_METADATA`."""
    size = sum(len(value) for name, values in posted.fields.items() if name != "description" for value in values)
    if size > MOST_METADATA:
        raise TooLarge(
            f"The metadata beside the description has {size} characters; at most {MOST_METADATA} are allowed. "
            "Leave out what nobody needs to install the file.",
            code="too_much_metadata",
        )


def parse_form(posted: Posted) -> UploadForm:
    """The form's own fields, or :class:`Invalid` for the first that is wrong, by name.

    Fields that depend on one another are compared only when each of them is right by itself.
    """
    protocol = posted.first("protocol_version")
    if protocol not in (None, "1"):
        raise Invalid("Unknown protocol version.", code="protocol_version")
    checks = (_blake2_256_digest, _filetype, _name, _pyversion_for_sdist, _sha256_digest, _version)
    errors = {error[0]: error[1] for check in checks if (error := check(posted))}
    if errors:
        field = min(
            errors, key=lambda name: (("name", "version").index(name) if name in ("name", "version") else 2, name)
        )
        raise Invalid(f"Invalid value for {field}. Error: {errors[field]}", code="form")
    filetype = posted.first("filetype") or ""
    pyversion = posted.first("pyversion") or ("source" if filetype == "sdist" else "")
    if len(pyversion) > LONGEST:
        raise Invalid(f"Invalid value for pyversion. Error: Use at most {LONGEST} characters.", code="form")
    if not pyversion:
        raise Invalid("Invalid value for pyversion. Error: Python version is required for wheels.", code="form")
    digests = {name: posted.first(f"{name}_digest") for name in ("md5", "sha256", "blake2_256")}
    if not any(digests.values()):
        raise Invalid(
            "Include at least one message digest: md5_digest, sha256_digest or blake2_256_digest.", code="no_digest"
        )
    return UploadForm(
        filetype=filetype,
        pyversion=pyversion,
        comment=posted.first("comment"),
        md5=_lowered(digests["md5"]),
        sha256=_lowered(digests["sha256"]),
        blake2_256=_lowered(digests["blake2_256"]),
    )


def _lowered(digest: str | None) -> str | None:
    return digest.lower() if digest else None


def _name(posted: Posted) -> tuple[str, str] | None:
    return _required("name", posted)


def _version(posted: Posted) -> tuple[str, str] | None:
    return _required("version", posted)


def _required(field: str, posted: Posted) -> tuple[str, str] | None:
    """Both are part of the file's name, which has an end; and what is longer has no place in an index either."""
    value = posted.first(field)
    if value is None:
        return field, "This field is required."
    if len(value) > LONGEST:
        return field, f"Use at most {LONGEST} characters, not {value[:30]!r}...{value[-30:]!r}."
    return None


def _filetype(posted: Posted) -> tuple[str, str] | None:
    filetype = posted.first("filetype")
    if filetype is None:
        return "filetype", "This field is required."
    if filetype not in FILETYPES:
        return "filetype", "Use a known file type: sdist or bdist_wheel."
    return None


def _pyversion_for_sdist(posted: Posted) -> tuple[str, str] | None:
    if posted.first("filetype") == "sdist" and posted.first("pyversion") not in (None, "source"):
        return "pyversion", "Use 'source' as Python version for an sdist."
    return None


def _sha256_digest(posted: Posted) -> tuple[str, str] | None:
    return _hex("sha256_digest", posted)


def _blake2_256_digest(posted: Posted) -> tuple[str, str] | None:
    return _hex("blake2_256_digest", posted)


def _hex(field: str, posted: Posted) -> tuple[str, str] | None:
    digest = posted.first(field)
    if digest is not None and not HEX_64.fullmatch(digest):
        return field, "Use a valid, hex-encoded, 256-bit message digest."
    return None
