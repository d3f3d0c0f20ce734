"""What the index needs to know of a wheel, read from its ``.dist-info`` directory."""

from __future__ import annotations

import configparser
import csv
import io
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from warehouse.standards.archives.obfuscation import Scan
from warehouse.standards.archives.refusal import BadArchive, invalid_file, quoted
from warehouse.standards.archives.zip import ZipArchive

MAX_METADATA = 10 * 2**20
MAX_RECORD = 64 * 2**20
MAX_ENTRY_POINTS = 2**20
MAX_LINE = 1024

_SCRIPT_GROUPS = ("console_scripts", "gui_scripts")
_SCRIPT = re.compile(r"[\w.-]+")
_LONG_GAP = re.compile(r"\s{64}")


class WheelName(Protocol):
    """A wheel's file name, parsed and found valid elsewhere."""

    @property
    def filename(self) -> str: ...


@dataclass(frozen=True)
class WheelFacts:
    """An accepted wheel; ``metadata`` is METADATA byte for byte, what PEP 658 serves beside the file.

    ``record_matches`` tells whether RECORD lists exactly the files of the archive; if not, its owners should hear
    of it. ``sboms`` are the members below ``.dist-info/sboms/`` (PEP 770). ``unscanned`` says why the scan for
    obfuscated source did not see all of it, None if it did.
    """

    metadata: bytes
    dist_info: str
    record_matches: bool
    sboms: tuple[str, ...]
    unscanned: str | None


def inspect_wheel(
    path: str | os.PathLike[str], filename: WheelName, *, license_files: Sequence[str] = (), scan: bool = True
) -> WheelFacts:
    """Read a wheel whose ``.dist-info`` directory must be named exactly as in the file name.

    Refuses with `BadArchive` an unacceptable ZIP file; a wheel without WHEEL, METADATA or RECORD, with a malformed
    RECORD or ``entry_points.txt``, or that lacks a license file (PEP 639: below ``.dist-info/licenses/``); and
    obfuscated source, unless ``scan`` is off. The contents of WHEEL and the hashes in RECORD are not looked at.
    """
    name, version = filename.filename.split("-")[:2]
    dist_info = f"{name}-{version}.dist-info"
    with ZipArchive(path) as archive:
        if f"{dist_info}/WHEEL" not in archive.members:
            raise invalid_file(f"WHEEL not found at {quoted(f'{dist_info}/WHEEL')}. Build it with a build tool.")
        source = Scan()
        if scan:
            _scan(archive, source)
        _check_licenses(archive, filename.filename, dist_info, license_files)
        record_matches = _record_matches(archive, filename.filename, dist_info)
        _check_entry_points(archive, filename.filename, dist_info)
        return WheelFacts(
            metadata=_required(archive, filename.filename, f"{dist_info}/METADATA", MAX_METADATA),
            dist_info=dist_info,
            record_matches=record_matches,
            sboms=_sboms(archive, dist_info),
            unscanned=source.unfinished,
        )


def _scan(archive: ZipArchive, source: Scan) -> None:
    for member in archive.members.values():
        source.look(member.name, member.size, lambda member=member: archive.read(member.name, limit=member.size))  # type: ignore[misc]


def _check_licenses(archive: ZipArchive, filename: str, dist_info: str, license_files: Sequence[str]) -> None:
    for license_file in license_files:
        place = f"{dist_info}/licenses/{license_file}"
        if place not in archive.members:
            raise BadArchive(
                f"License-File {quoted(license_file)} does not exist in distribution file {filename} "
                f"at {quoted(place)}. Add the file, or remove it from the metadata."
            )


def _required(archive: ZipArchive, filename: str, member: str, limit: int) -> bytes:
    if member not in archive.members:
        raise BadArchive(f"Wheel {filename} does not contain the required file {quoted(member)}.")
    return archive.read(member, limit=limit)


def _record_matches(archive: ZipArchive, filename: str, dist_info: str) -> bool:
    """Whether RECORD lists the files of the archive, signatures of RECORD aside; refuses one that is malformed."""
    content = _required(archive, filename, f"{dist_info}/RECORD", MAX_RECORD)
    try:
        text = io.TextIOWrapper(io.BytesIO(content), encoding="utf-8", newline="")
        listed = {row[0].replace("\\", "/") for row in csv.reader(text) if row}
    except UnicodeDecodeError:
        raise BadArchive(f"RECORD of wheel {filename} is not UTF-8.") from None
    except csv.Error:
        raise BadArchive(f"RECORD of wheel {filename} is not CSV.") from None
    signatures = {f"{dist_info}/RECORD.jws", f"{dist_info}/RECORD.p7s"}
    present = {name for name, member in archive.members.items() if not member.is_directory}
    return listed - signatures == present - signatures


def _check_entry_points(archive: ZipArchive, filename: str, dist_info: str) -> None:
    """Refuse entry points that installers could not read, and script names that are not file names."""
    member = f"{dist_info}/entry_points.txt"
    if member not in archive.members:
        return
    try:
        text = archive.read(member, limit=MAX_ENTRY_POINTS).decode()
    except UnicodeDecodeError:
        raise BadArchive(f"entry_points.txt of wheel {filename} is not UTF-8.") from None
    if any(len(line) > MAX_LINE or _LONG_GAP.search(line) for line in text.splitlines()):
        # The parser takes quadratic time for such lines.
        raise BadArchive(
            f"entry_points.txt of wheel {filename} has a line of more than {MAX_LINE} characters or blanks."
        )
    parser = configparser.RawConfigParser(delimiters=("=",), default_section="")
    parser.optionxform = str  # type: ignore[method-assign,assignment]
    try:
        parser.read_string(text)
    except configparser.Error as error:
        reason = ascii(str(error).splitlines()[0])[1:-1]
        raise BadArchive(f"entry_points.txt of wheel {filename} is malformed: {reason[:200]}") from None
    for group in _SCRIPT_GROUPS:
        for script in parser.options(group) if parser.has_section(group) else ():
            if not _SCRIPT.fullmatch(script):
                raise BadArchive(
                    f"Entry point {quoted(script)} of group {group} in wheel {filename} is not a valid script name. "
                    "Use letters, digits, '_', '.' and '-'."
                )


def _sboms(archive: ZipArchive, dist_info: str) -> tuple[str, ...]:
    within = f"{dist_info}/sboms/"
    return tuple(
        name for name, member in archive.members.items() if name.startswith(within) and not member.is_directory
    )
