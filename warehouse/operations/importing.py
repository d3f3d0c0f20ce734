"""Taking distributions from files on this machine into the index, through the same rules as any upload."""

from __future__ import annotations

import hashlib
import os
import threading
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, NamedTuple

from packaging.metadata import parse_email
from sqlalchemy import exists, select

from warehouse.domain.accounts import User
from warehouse.domain.packaging import File, Project, Role, RoleName
from warehouse.errors import Refusal, Unavailable
from warehouse.infra.spool import Spooled, spool_path
from warehouse.operations.projects import find_project
from warehouse.operations.roles import give_if_ownerless
from warehouse.operations.upload import Posted, PostedFile, receive
from warehouse.standards import filenames, versions
from warehouse.standards import metadata as core_metadata
from warehouse.standards.archives import tar
from warehouse.standards.archives.refusal import BadArchive, invalid_file
from warehouse.standards.archives.sdist import MAX_METADATA
from warehouse.standards.archives.zip import ZipArchive
from warehouse.standards.metadata import FIELDS, VERSIONS
from warehouse.standards.names import normalize
from warehouse.work import OPERATOR, Tools, Work, attempt, begin

ENDINGS = tuple(ending for endings in filenames.EXTENSIONS.values() for ending in endings)
NAMES_AT_ONCE = 1000


class Fate(StrEnum):
    """What became of a file."""

    IMPORTED = "imported"
    THERE = "already there"
    REFUSED = "refused"


@dataclass(frozen=True)
class Outcome:
    """A file, what became of it and, for one that was refused, why.

    ``given`` names the project when it got its owner on this occasion.
    """

    path: Path
    fate: Fate
    sentence: str = ""
    code: str = ""
    given: str = ""


class Known(NamedTuple):
    """A file of the index that has the name of one to be imported."""

    size: int
    sha256: str
    project: str
    has_owner: bool


def distributions(paths: Iterable[Path]) -> list[Path]:
    """The files given, and those in and below the folders given that are named like distributions."""
    found: dict[Path, None] = {}
    for path in paths:
        found.update(dict.fromkeys(_below(path) if path.is_dir() else [path]))
    return list(found)


def import_files(
    tools: Tools, files: Sequence[Path], *, owner: User | None = None, threads: int = 2, told: Callable[[Outcome], None]
) -> None:
    """Take the files into the index as its operator, and tell each outcome when it is known, from any thread.

    A project that nobody owns is given to ``owner``, new or not. What is in the index already is recognised by its
    name and SHA-256 alone, so an import that was interrupted is simply run again. One thread works on one project,
    oldest version first and wheels before the sdist: a release has the metadata of its first file, and what a wheel
    says is final. Refused files do not stop the others; a store or database that cannot be used does (the error is
    raised).
    """
    known = _known(tools, files)
    stop = threading.Event()

    def import_all(of_one_project: Sequence[Path]) -> None:
        for path in of_one_project:
            if stop.is_set():
                return
            told(_imported(tools, path, known.get(path.name), owner))

    with ThreadPoolExecutor(threads, thread_name_prefix="import") as pool:
        try:
            for done in as_completed([pool.submit(import_all, group) for group in _by_project(files)]):
                done.result()
        except BaseException:
            stop.set()
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def form_of(path: Path, filename: str) -> dict[str, list[str]]:
    """The fields that an upload client would send with the archive at ``path``, without the digests.

    Every core metadata field is read from the archive itself. Refuses with :class:`BadArchive` or
    :class:`BadFilename` what does not let itself be read; all else is left to the rules of uploading.
    """
    is_wheel = filename.endswith(".whl")
    raw = _wheel_metadata(path, filename) if is_wheel else _sdist_metadata(path, filename)
    return {
        ":action": ["file_upload"],
        "protocol_version": ["1"],
        "filetype": ["bdist_wheel" if is_wheel else "sdist"],
        "pyversion": [filename.removesuffix(".whl").split("-")[-3] if is_wheel else "source"],
        **_fields(raw),
    }


def _below(folder: Path) -> Iterator[Path]:
    for parent, folders, names in os.walk(folder):
        folders.sort()
        yield from (Path(parent, name) for name in sorted(names) if name.endswith(ENDINGS))


def _known(tools: Tools, files: Sequence[Path]) -> dict[str, Known]:
    """The files in the index that have one of these names."""
    names = sorted({path.name for path in files})
    has_owner = exists().where(Role.project_id == Project.id, Role.role_name == RoleName.OWNER.value)
    columns = select(File.filename, File.size, File.sha256, Project.normalized_name, has_owner)
    of_projects = columns.join(Project, Project.id == File.project_id)
    known: dict[str, Known] = {}
    for start in range(0, len(names), NAMES_AT_ONCE):
        query = of_projects.where(File.filename.in_(names[start : start + NAMES_AT_ONCE]))
        with begin(tools, OPERATOR) as work:
            for name, size, sha256, project, is_owned in work.db.execute(query):
                known[name] = Known(size, sha256, project, is_owned)
    return known


def _by_project(files: Sequence[Path]) -> list[list[Path]]:
    groups = defaultdict(list)
    for path in sorted(files, key=lambda path: _place(path.name)):
        groups[_place(path.name)[0]].append(path)
    return list(groups.values())


def _place(filename: str) -> tuple[str, bytes, bool, str]:
    """Where a file stands in the order of an import: project, version, wheels before the sdist, name."""
    try:
        parsed: Any = filenames.parse_wheel(filename) if filename.endswith(".whl") else filenames.parse_sdist(filename)
    except filenames.BadFilename:
        return filename, b"", False, filename
    return normalize(parsed.name), versions.sort_key(parsed.version), not filename.endswith(".whl"), filename


def _imported(tools: Tools, path: Path, known: Known | None, owner: User | None) -> Outcome:
    try:
        if known is not None and _is_same(path, known.size, known.sha256):
            given = "" if known.has_owner else attempt(tools, OPERATOR, _give_away, known.project, owner)
            return Outcome(path, Fate.THERE, given=given)
        spooled = spool_path(path, tools.blobs.temporary())
    except OSError as error:
        if error.filename != str(path):
            raise  # trouble with our own disk is no fault of the file
        return Outcome(path, Fate.REFUSED, f"The file cannot be read: {error.strerror}.", "unreadable")
    try:
        is_new, given = attempt(tools, OPERATOR, _take, path.name, spooled, owner)
    except Unavailable:
        raise
    except Refusal as refusal:
        return Outcome(path, Fate.REFUSED, refusal.sentence, refusal.code)
    finally:
        spooled.path.unlink(missing_ok=True)
    return Outcome(path, Fate.IMPORTED if is_new else Fate.THERE, given=given)


def _is_same(path: Path, size: int, sha256: str) -> bool:
    if path.stat().st_size != size:
        return False
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest() == sha256


def _take(work: Work, filename: str, spooled: Spooled, owner: User | None) -> tuple[bool, str]:
    """Whether the file is new, and the name of its project if that was given to the owner."""
    problem = filenames.wrong_extension(filename, "bdist_wheel" if filename.endswith(".whl") else "sdist")
    if problem is not None:
        raise filenames.BadFilename(problem)
    fields = form_of(spooled.path, filename)
    fields["sha256_digest"] = [spooled.sha256]
    file = PostedFile(filename, "application/octet-stream", spooled)
    receipt = receive(work, Posted(core_metadata.clean(fields), (), file))
    return receipt.is_new, _give_away(work, receipt.project, owner)


def _give_away(work: Work, name: str, owner: User | None) -> str:
    """Make ``owner`` the owner of the project unless it has one, and return its name if that was done."""
    if owner is None:
        return ""
    project = find_project(work, name)
    return project.name if give_if_ownerless(work, project, owner) else ""


def _wheel_metadata(path: Path, filename: str) -> bytes:
    parsed = filenames.parse_wheel(filename)
    member = f"{parsed.name}-{parsed.version}.dist-info/METADATA"
    with ZipArchive(path) as archive:
        if member not in archive.members:
            raise BadArchive(f"Wheel {filename} does not contain the required file {member!r}.")
        return archive.read(member, limit=MAX_METADATA)


def _sdist_metadata(path: Path, filename: str) -> bytes:
    if filename.endswith(".zip"):
        with ZipArchive(path) as archive:
            for name in archive.members:
                if _is_metadata(name):
                    return archive.read(name, limit=MAX_METADATA)
    else:
        for member in tar.members(path):
            if member.kind == "file" and _is_metadata(member.name):
                return member.read(limit=MAX_METADATA)
    raise invalid_file("There is no PKG-INFO in its top-level directory. Build it with a build tool.")


def _is_metadata(name: str) -> bool:
    parts = [part for part in name.split("/") if part not in ("", ".")]
    return len(parts) == 2 and parts[1] == "PKG-INFO"


def _fields(raw: bytes) -> dict[str, list[str]]:
    """Core metadata as form fields. What the parser could not make sense of is passed on for the rules to refuse."""
    parsed, unread = parse_email(raw)
    fields = {}
    for field in FIELDS:
        value = parsed.get(field.attribute)
        if field.name.lower() in unread:
            fields[field.form] = list(unread[field.name.lower()])
        elif value is not None:
            fields[field.form] = _values(field.attribute, value)
    stated = fields.get("metadata_version", [""])[0]
    if stated in VERSIONS and VERSIONS.index(stated) < VERSIONS.index("2.4"):
        fields.pop("license_file", None)  # setuptools wrote License-File for years before there was such a field
    return fields


def _values(attribute: str, value: Any) -> list[str]:
    match attribute:
        case "keywords":
            return [", ".join(value)]
        case "project_urls":
            return [f"{label}, {url}" for label, url in value.items()]
        case "import_names":
            return value or [""]  # PEP 794: an empty one says that nothing can be imported
        case "description":
            return [_without_margin(value)]
    return list(value) if isinstance(value, list) else [value]


def _without_margin(description: str) -> str:
    """Core metadata 1.x: a description in a header has its further lines indented by eight blanks or seven and '|'."""
    first, *rest = description.split("\n")
    if rest and all(line.startswith((" " * 8, " " * 7 + "|")) or not line.strip() for line in rest):
        return "\n".join([first, *(line[8:] for line in rest)])
    return description
