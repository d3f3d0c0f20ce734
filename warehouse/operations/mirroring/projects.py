"""Copying one project: what the origin says of it now is what it is here afterwards."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import Executor
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from warehouse.domain.packaging import Description, File, FileName, Project, Release
from warehouse.domain.site.mirror import Mirror, MirroredProject
from warehouse.errors import Conflict
from warehouse.infra.fetching import NotFetched
from warehouse.infra.jobs import enqueue
from warehouse.operations.descriptions import render_description
from warehouse.operations.mirroring.documents import FileSaid, Info, earliest
from warehouse.operations.mirroring.files import Brought, bring
from warehouse.operations.mirroring.origin import Origin, ProjectSaid
from warehouse.operations.mirroring.releases import (
    KEPT,
    OLDEST_METADATA,
    described,
    file_row,
    fingerprint,
    identity,
    stated,
)
from warehouse.operations.upload.store import hold_blobs
from warehouse.standards.names import NormalizedName, lookalike
from warehouse.work import SYSTEM, Tools, Work, begin

MOST_RELEASES = 100
MOST_TEXT = 32 * 1024 * 1024  # characters of descriptions that are held at a time


@dataclass(frozen=True)
class Told:
    """A project to look at: how it is spelled, the serial that says so, and the versions that changed.

    ``versions`` is None when any may have changed.
    """

    name: NormalizedName
    display: str
    serial: int
    versions: frozenset[str] | None = None


@dataclass
class Part:
    """Releases that are written together, by version."""

    infos: dict[str, Info] = field(default_factory=dict)
    files: dict[str, list[Brought]] = field(default_factory=dict)
    text: int = 0

    @property
    def is_full(self) -> bool:
        """Whether memory says to write it now."""
        return len(self.infos) >= MOST_RELEASES or self.text >= MOST_TEXT


Known = dict[str, dict[str, tuple[object, ...]]]
"""What is here: versions, and of each the files by name with their fingerprints."""


def copy_project(tools: Tools, origin: Origin, told: Told, downloads: Executor) -> None:
    """Make the project here what it is at the origin, in one transaction, or in several when it is large.

    Harmless when nothing has changed. Raises :class:`NotFetched` and :class:`Misstated`.
    """
    said = origin.project(told.name, at_least=told.serial)
    if said is None:
        with begin(tools, SYSTEM) as work:
            hold_mirror(work.db)
            work.db.execute(delete(Project).where(Project.normalized_name == told.name))
            _note(work.db, told, told.serial)
        return
    known = _known(tools, told.name)
    last = Part()
    for part in _parts(tools, origin, said, told, known, downloads):
        if part.is_full:
            with begin(tools, SYSTEM) as work:
                _write(work, said, told, part)
        else:
            last = part
    with begin(tools, SYSTEM) as work:
        _write(work, said, told, last)
        _note(work.db, told, said.serial)


def hold_mirror(db: Session) -> Mirror:
    """The row that says that this is a mirror, which stays one until this transaction ends."""
    mirror = db.scalar(select(Mirror).with_for_update(read=True))
    if mirror is None:
        raise Conflict("This index is no mirror any more.", code="no_mirror")
    return mirror


def _known(tools: Tools, name: NormalizedName) -> Known:
    query = (
        select(Release.version, File.filename, *KEPT)
        .join(Project, Project.id == Release.project_id)
        .outerjoin(File, File.release_id == Release.id)
        .where(Project.normalized_name == name)
    )
    known: Known = {}
    with begin(tools, SYSTEM) as work:
        for version, filename, *kept in work.db.execute(query):
            files = known.setdefault(version, {})
            if filename is not None:
                files[filename] = tuple(kept)
    return known


def _parts(
    tools: Tools, origin: Origin, said: ProjectSaid, told: Told, known: Known, downloads: Executor
) -> Iterator[Part]:
    """Everything that is not here yet, fetched; full parts as they become full, and what is left last."""
    part = Part()
    for version, files in (said.releases or {}).items():
        here = known.get(version)
        if here is None or told.versions is None or version in told.versions:
            part.infos[version] = origin.release(said.name, version)
            part.text += len(part.infos[version].description)
        wanted = [file for file in files if (here or {}).get(file.filename) != fingerprint(file)]
        part.files[version] = list(downloads.map(lambda file: bring(tools, origin.fetcher, file), wanted))
        if part.is_full:
            yield part
            part = Part()
    yield part


def _write(work: Work, said: ProjectSaid, told: Told, part: Part) -> None:
    hold_mirror(work.db)
    brought = [file for files in part.files.values() for file in files]
    _hold(work, brought)
    project = _project(work, said, told)
    if said.releases is not None:
        _remove_what_is_gone(work.db, project, said.releases)
        ids = _releases(work, project, said.releases, part)
        for version, files in part.files.items():
            for file in files:
                work.db.add(file_row(file, project_id=project.id, release_id=ids[version]))
        names = [{"filename": file.said.filename, "used_at": file.said.uploaded_at} for file in brought]
        if names:
            work.db.execute(insert(FileName).on_conflict_do_nothing(), names)
        work.db.flush()
        size = select(func.coalesce(func.sum(File.size), 0)).where(File.project_id == project.id).scalar_subquery()
        work.db.execute(update(Project).where(Project.id == project.id).values(total_size=size))


def _hold(work: Work, brought: Iterable[Brought]) -> None:
    """Keep the sweeper from what was brought, and make sure that it has not been there already."""
    keys = sorted({key for file in brought for key in file.keys})
    if keys:
        hold_blobs(work, *keys)
    for key in keys:
        if work.tools.blobs.stat(key) is None:
            raise NotFetched(f"The stored bytes {key} were swept before they were used.")


def _project(work: Work, said: ProjectSaid, told: Told) -> Project:
    project = work.db.scalar(select(Project).where(Project.normalized_name == said.name).with_for_update())
    display = said.display or (project.name if project is not None else told.display)
    if project is None:
        first = earliest([file for files in (said.releases or {}).values() for file in files])
        project = Project(normalized_name=said.name, created_at=first or work.now)
        work.db.add(project)
    project.name, project.lookalike_name = display, lookalike(display)
    project.status, project.status_reason = said.status, said.status_reason
    work.db.flush()
    return project


def _remove_what_is_gone(db: Session, project: Project, releases: dict[str, list[FileSaid]]) -> None:
    """Before anything is added: what comes may have the name or the version of what goes."""
    mine = Release.project_id == project.id
    db.execute(delete(Release).where(mine, Release.version.not_in(list(releases))))
    said = {file.filename: (version, fingerprint(file)) for version, files in releases.items() for file in files}
    query = select(File.id, File.filename, Release.version, *KEPT).join(Release, Release.id == File.release_id)
    rows = db.execute(query.where(File.project_id == project.id))
    gone = [id for id, filename, version, *kept in rows if said.get(filename) != (version, tuple(kept))]
    db.execute(delete(File).where(File.id.in_(gone)))


def _releases(work: Work, project: Project, said: dict[str, list[FileSaid]], part: Part) -> dict[str, int]:
    """Bring the rows of releases up to date; their keys by version."""
    columns = (Release.version, Release.id, Release.yanked_at, Release.yanked_reason)
    rows = work.db.execute(select(*columns).where(Release.project_id == project.id))
    here: dict[str, Any] = {row.version: row for row in rows}
    ids = {version: row.id for version, row in here.items()}
    for version, files in said.items():
        info = part.infos.get(version)
        if info is None and version not in here:
            continue  # it comes with another part
        values: dict[str, Any] = _yank(work, here.get(version), files, info)
        if info is not None:
            values |= described(info) | stated(part.files.get(version, ()))
        if version not in here:
            new = {"metadata_version": OLDEST_METADATA} | identity(version, earliest(files) or work.now) | values
            release = Release(project_id=project.id, **new)
            work.db.add(release)
            work.db.flush()
            ids[version] = release.id
        elif values:
            work.db.execute(update(Release).where(Release.id == ids[version]).values(**values))
        if info is not None:
            _describe(work, ids[version], info)
    return ids


def _yank(work: Work, here: Any, files: list[FileSaid], info: Info | None) -> dict[str, Any]:
    """The columns that have to change, if any; a release without files is known by its own page only."""
    shown = info or (files[0] if files else None)
    if shown is None:
        return {}
    since = (here.yanked_at if here is not None else None) or work.now
    yank = (since, shown.yanked_reason or "") if shown.yanked else (None, "")
    if here is not None and yank == (here.yanked_at, here.yanked_reason):
        return {}
    return {"yanked_at": yank[0], "yanked_reason": yank[1]}


def _describe(work: Work, release_id: int, info: Info) -> None:
    if not info.description and not info.description_content_type:
        work.db.execute(delete(Description).where(Description.release_id == release_id))
        return
    values = {"content_type": info.description_content_type, "raw": info.description, "html": "", "rendered_by": ""}
    row = insert(Description).values(release_id=release_id, **values)
    work.db.execute(row.on_conflict_do_update(index_elements=[Description.release_id], set_=values))
    enqueue(work.db, render_description, release_id=release_id)


def _note(db: Session, told: Told, serial: int) -> None:
    values = {"display": told.display, "serial": serial, "failures": 0, "problem": None, "try_again_at": None}
    row = insert(MirroredProject).values(normalized_name=told.name, **values)
    db.execute(row.on_conflict_do_update(index_elements=[MirroredProject.normalized_name], set_=values))
