"""What the page of those who depend on a project shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from warehouse.domain.packaging import Project
from warehouse.domain.packaging.dependencies import Dependent, DependentCount, dependents_of
from warehouse.errors import NotFound
from warehouse.standards.json_api import segment
from warehouse.standards.names import NormalizedName, is_valid_name, normalize
from warehouse.web.language import _
from warehouse.web.paging import Paging
from warehouse.work import Work

ON_ONE_PAGE = 50
PAGES = 20


@dataclass(frozen=True)
class DependentsPage:
    """The page. ``number`` counts those that depend on the project in every installation, shown or not."""

    name: str
    normalized_name: str
    project_path: str
    path: str
    number: int
    only_optional: bool
    dependents: Sequence[Dependent]
    paging: Paging
    most: int
    shown_at: datetime


@dataclass(frozen=True)
class Found:
    """The project, and how many depend on it."""

    name: str
    normalized_name: NormalizedName
    number: int

    @property
    def path(self) -> str:
        """Where its page is, with a slash at the end."""
        return f"/project/{segment(self.name)}/"


def find_depended_on(work: Work, name: str) -> Found:
    """The project of this name, however it is spelled; refuses with :class:`NotFound`."""
    counted = DependentCount.normalized_name == Project.normalized_name
    query = select(Project.name, Project.normalized_name, DependentCount.number).outerjoin(DependentCount, counted)
    row = (
        work.db.execute(query.where(Project.normalized_name == normalize(name))).first()
        if is_valid_name(name)
        else None
    )
    if row is None:
        sentence = _("There is no project of this name on this index.")
        raise NotFound(sentence, code="no_such_project")
    return Found(row[0], NormalizedName(row[1]), row[2] or 0)


def dependents_page(work: Work, found: Found, number: int, *, only_optional: bool) -> DependentsPage:
    """One page of those who depend on it, up to :data:`PAGES` of them; two queries at most."""
    if number > PAGES:
        raise NotFound(_("The list ends before this page. Begin with the first."), code="no_such_page")
    shown = dependents_of(
        work.db,
        found.normalized_name,
        limit=ON_ONE_PAGE + 1,
        offset=(number - 1) * ON_ONE_PAGE,
        only_optional=only_optional,
    )
    return DependentsPage(
        name=found.name,
        normalized_name=found.normalized_name,
        project_path=found.path,
        path=f"{found.path}dependents/",
        number=found.number,
        only_optional=only_optional,
        dependents=shown[:ON_ONE_PAGE],
        paging=Paging(number, _last(found, number, len(shown), only_optional), _asked(only_optional)),
        most=ON_ONE_PAGE * PAGES,
        shown_at=work.now,
    )


def _last(found: Found, number: int, shown: int, only_optional: bool) -> int:
    """The last page as far as it is known: nobody counts those that depend on it only with an extra."""
    counted = 0 if only_optional else -(-found.number // ON_ONE_PAGE)
    return min(max(counted, number + (shown > ON_ONE_PAGE)), PAGES)


def _asked(only_optional: bool) -> tuple[tuple[str, str], ...]:
    return (("with", "extra"),) if only_optional else ()
