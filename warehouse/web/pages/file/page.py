"""What the page of one file shows: all that is known of it, and how to be sure that one has got it."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from warehouse.domain.packaging import ProjectStatus
from warehouse.errors import NotFound
from warehouse.settings import Settings
from warehouse.sources import file_page as source
from warehouse.sources.file_page import FoundFile
from warehouse.standards.filenames import LONGEST_NAME
from warehouse.standards.json_api import segment
from warehouse.standards.names import is_valid_name, normalize
from warehouse.standards.readable_tags import readable_tags
from warehouse.web.commands import commands_for
from warehouse.web.file_addresses import file_address
from warehouse.web.language import _
from warehouse.work import Work


@dataclass(frozen=True)
class Hash:
    """One digest, in hexadecimal, and what it is called."""

    name: str
    value: str


@dataclass(frozen=True)
class FilePage:
    """The page. Paths end in a slash.

    ``address`` and the commands are empty while the file is in quarantine, ``metadata_address`` where there is no
    metadata beside the file.
    """

    name: str
    normalized_name: str
    version: str
    filename: str
    project_path: str
    release_path: str
    path: str
    status: str
    status_reason: str
    is_release_quarantined: bool
    is_offered: bool
    is_prerelease: bool
    is_yanked: bool
    yanked_reason: str
    latest_version: str | None
    latest_path: str
    is_wheel: bool
    tags: Sequence[str]
    size: int
    uploaded_at: datetime
    uploaded_via: str
    requires_python: str
    hashes: Sequence[Hash]
    license: str
    license_files: Sequence[str]
    sboms: Sequence[tuple[str, str]]
    address: str
    metadata_address: str
    requirement: str
    install: str
    verify: str


def find_file(work: Work, name: str, filename: str) -> FoundFile:
    """The file of this project; refuses with :class:`NotFound`."""
    could_be = is_valid_name(name) and len(filename) <= LONGEST_NAME and filename.isprintable()
    found = source.find(work.db, normalize(name), filename) if could_be else None
    if found is None:
        sentence = _("There is no such file. The page of the release has a list of those that there are.")
        raise NotFound(sentence, code="no_such_file")
    return found


def path_of(found: FoundFile) -> str:
    """Where the page of this file is, with a slash at the end."""
    return f"/project/{segment(found.name)}/{segment(found.version)}/files/{segment(found.filename)}/"


def file_page(settings: Settings, found: FoundFile, base_url: str) -> FilePage:
    """Everything about the file; no query."""
    project_path, path = f"/project/{segment(found.name)}/", path_of(found)
    is_offered = found.status != ProjectStatus.QUARANTINED and not found.is_quarantined
    address = file_address(settings, found.blake2_256, found.filename) if is_offered else ""
    digests = (("SHA256", found.sha256), ("BLAKE2b-256", found.blake2_256), ("MD5", found.md5))
    return FilePage(
        name=found.name,
        normalized_name=found.normalized_name,
        version=found.version,
        filename=found.filename,
        project_path=project_path,
        release_path=f"{project_path}{segment(found.version)}/",
        path=path,
        status=found.status,
        status_reason=found.status_reason or "",
        is_release_quarantined=found.is_quarantined,
        is_offered=is_offered,
        is_prerelease=found.is_prerelease,
        is_yanked=found.yanked_at is not None,
        yanked_reason=found.yanked_reason,
        latest_version=found.latest_version,
        latest_path=f"{project_path}{segment(found.latest_version)}/" if found.latest_version else "",
        is_wheel=found.packagetype == "bdist_wheel",
        tags=readable_tags(found.filename),
        size=found.size,
        uploaded_at=found.uploaded_at,
        uploaded_via=(found.uploaded_via or "").partition(" {")[0],  # what follows is for programs
        requires_python=found.requires_python or "",
        hashes=[Hash(name, value) for name, value in digests if value],
        license=found.license_expression or "",
        license_files=found.license_files or (),
        sboms=[(name.rpartition("/")[2], _member_path(path, name)) for name in found.sboms or ()],
        address=address,
        metadata_address=f"{address}.metadata" if address and found.metadata_sha256 else "",
        requirement=f"{found.name}=={found.version} --hash=sha256:{found.sha256}" if is_offered else "",
        install=_install(settings, base_url) if is_offered else "",
        verify=f"echo {shlex.quote(f'{found.sha256}  {found.filename}')} | sha256sum --check" if is_offered else "",
    )


def _install(settings: Settings, base_url: str) -> str:
    return f"{commands_for(settings, base_url).pip.removesuffix('NAME')}--require-hashes -r requirements.txt"


def _member_path(path: str, name: str) -> str:
    return f"{path}contents/{'/'.join(segment(part) for part in name.split('/'))}"
