"""What is known to be wrong with releases: taken from databases of vulnerabilities, and shown with them."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Sequence
from enum import Enum
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from warehouse.authz import Permission, require
from warehouse.domain.journal import look_again
from warehouse.domain.packaging import Advisory, Project, Release, ReleaseAdvisory
from warehouse.errors import Invalid, NotFound
from warehouse.infra.jobs import enqueue, job
from warehouse.standards.osv import Report, report_of
from warehouse.work import Work

log = logging.getLogger("warehouse.operations.advisories")


class Taken(Enum):
    """What became of a report."""

    NEW = "new"
    CHANGED = "changed"
    SAME = "known already"
    REMOVED = "taken back"
    NOT_HERE = "about projects that are not here"


def expect_reports(work: Work, reports: Sequence[dict[str, Any]]) -> None:
    """Have these reports of OSV's looked into by jobs, one each; whoever calls has made sure who sent them."""
    for report in reports:
        enqueue(work.db, take_osv_report, report=report)


@job(queue="housekeeping")
def take_osv_report(work: Work, report: dict[str, Any]) -> None:
    """Take what it says, unless it lacks what a report has to have."""
    try:
        read = report_of(report)
    except Invalid as refusal:
        log.warning("a report of a vulnerability was passed over: %s", refusal.sentence)
        return
    take_report(work, read)


def take_report(work: Work, report: Report) -> Taken:
    """Note what the report says instead of what was noted under its identifier; pages that show it are made anew.

    Exactly the releases it is about have it then: those that are not here are passed over, and those that it lists no
    more lose it. A report about no version at all takes back what was noted.
    """
    require(work.actor, Permission.OPERATE)
    project_id = work.db.scalar(select(Project.id).where(Project.normalized_name == report.project))
    if project_id is None:
        return Taken.NOT_HERE
    if report.takes_back:
        if not _delete(work, Advisory.project_id == project_id, source=report.source, identifier=report.identifier):
            return Taken.SAME
        look_again(work, [report.project])
        return Taken.REMOVED
    advisory_id, taken = _note(work.db, project_id, report)
    affected = _affected(work.db, project_id, report)
    if _link(work.db, advisory_id, affected) and taken is Taken.SAME:
        taken = Taken.CHANGED
    if taken is not Taken.SAME:
        look_again(work, [report.project])
    return taken


def remove_advisory(work: Work, identifier: str) -> list[str]:
    """Forget what is known under this identifier, of whichever projects: their normalized names.

    It comes back with the next report of it. Refuses with :class:`NotFound` an identifier that nothing is known under.
    """
    require(work.actor, Permission.OPERATE)
    names = _delete(work, Advisory.identifier == identifier)
    if not names:
        raise NotFound(f"There is no advisory {identifier!r}.", code="no_such_advisory")
    look_again(work, names)
    return sorted(names)


def known_names(work: Work) -> set[str]:
    """The normalized names of all projects: of the vulnerabilities of a whole language most are about none of them."""
    return set(work.db.scalars(select(Project.normalized_name)))


def _note(db: Session, project_id: uuid.UUID, report: Report) -> tuple[int, Taken]:
    said = {
        "link": report.link,
        "aliases": list(report.aliases),
        "summary": report.summary,
        "details": report.details,
        "fixed_in": list(report.fixed_in),
        "withdrawn_at": report.withdrawn_at,
    }
    # The row that is there is held, so that of two who report the same at once the second compares with the first.
    key = {"project_id": project_id, "source": report.source, "identifier": report.identifier}
    made = db.scalar(insert(Advisory).values(**key, **said).on_conflict_do_nothing().returning(Advisory.id))
    if made is not None:
        return made, Taken.NEW
    known = db.scalars(select(Advisory).filter_by(**key).with_for_update()).one()
    is_same = all(getattr(known, name) == value for name, value in said.items())
    for name, value in said.items():
        setattr(known, name, value)
    db.flush()
    return known.id, Taken.SAME if is_same else Taken.CHANGED


def _affected(db: Session, project_id: uuid.UUID, report: Report) -> set[int]:
    releases = db.execute(select(Release.id, Release.version).where(Release.project_id == project_id))
    return {release_id for release_id, version in releases if report.affects(version)}


def _link(db: Session, advisory_id: int, affected: set[int]) -> bool:
    """Whether other releases have it now than before."""
    linked = set(db.scalars(select(ReleaseAdvisory.release_id).where(ReleaseAdvisory.advisory_id == advisory_id)))
    if gone := linked - affected:
        of_it = (ReleaseAdvisory.advisory_id == advisory_id, ReleaseAdvisory.release_id.in_(gone))
        db.execute(delete(ReleaseAdvisory).where(*of_it))
    if new := affected - linked:
        rows = [{"release_id": release_id, "advisory_id": advisory_id} for release_id in new]
        db.execute(insert(ReleaseAdvisory).on_conflict_do_nothing(), rows)
    return linked != affected


def _delete(work: Work, *which: Any, **key: str) -> list[str]:
    """The normalized names of the projects that lose one."""
    found = work.db.scalars(select(Advisory).where(*which).filter_by(**key)).all()
    names = select(Project.normalized_name).where(Project.id.in_([one.project_id for one in found]))
    told = list(work.db.scalars(names))
    for one in found:
        work.db.delete(one)
    work.db.flush()
    return told


def listed(work: Work, project: str | None = None) -> Sequence[tuple[Advisory, str, int]]:
    """What is known, with the project's normalized name and the number of releases that have it."""
    require(work.actor, Permission.OPERATE)
    number = func.count(ReleaseAdvisory.release_id)
    query = (
        select(Advisory, Project.normalized_name, number)
        .join(Project, Project.id == Advisory.project_id)
        .outerjoin(ReleaseAdvisory, ReleaseAdvisory.advisory_id == Advisory.id)
        .group_by(Advisory.id, Project.normalized_name)
        .order_by(Project.normalized_name, Advisory.identifier)
    )
    if project is not None:
        query = query.where(Project.normalized_name == project)
    return [(advisory, name, count) for advisory, name, count in work.db.execute(query)]
