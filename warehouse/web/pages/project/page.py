"""What the page of a project shows: everything about one release, and what is known of the others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple
from urllib.parse import quote, urlsplit

from markupsafe import Markup
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from warehouse.domain.accounts import User
from warehouse.domain.packaging import Role, RoleName
from warehouse.domain.packaging.advisories import Known, advisories_of
from warehouse.domain.packaging.dependencies import Dependent, dependents_of
from warehouse.errors import NotFound
from warehouse.operations.images import with_shown_images
from warehouse.settings import Settings
from warehouse.sources import project_page as source
from warehouse.sources.project_page import FoundFile, FoundProject, FoundRelease
from warehouse.standards.json_api import segment
from warehouse.standards.names import NormalizedName, is_valid_name, normalize
from warehouse.standards.readable_tags import readable_tags
from warehouse.standards.requirement_groups import NeededGroup, grouped
from warehouse.standards.supported import Supported, supported
from warehouse.standards.wheel_filters import EVERY_WHEEL, WheelFilter, WheelTags, choices_of, tags_of_wheel
from warehouse.web.avatars import avatar_of
from warehouse.web.charts import DayChart, day_chart
from warehouse.web.commands import InstallCommand, install_commands
from warehouse.web.file_addresses import file_address
from warehouse.web.language import _
from warehouse.web.pages.project.cadence import Cadence, cadence_of
from warehouse.web.pages.project.history import Standing, Year, standing_of, years_of
from warehouse.web.pages.project.links import ProjectLinks, links_of
from warehouse.web.pages.project.metadata import (
    ClassifierGroup,
    Credits,
    classifier_groups,
    credits_of,
    license_in_words,
    license_parts,
    naturally,
    tags_of,
)
from warehouse.work import Work

NEW_FOR = timedelta(days=30)
DEPENDENTS = 8  # of those that are shown here
CHARTED = 90  # days
MOST_COLLABORATORS = 100
MOST_EXTRAS = 100
AVATAR = 48  # pixels
_LONGEST_SHOWN = 200  # characters of a name or version that somebody made up


class Collaborator(NamedTuple):
    """Somebody with a role in the project."""

    username: str
    name: str
    avatar: str
    is_owner: bool


class ShownFile(NamedTuple):
    """A file of the release. ``words`` are its tags as people read them; a source distribution has no ``tags``.

    ``path`` is empty where nobody may have it.
    """

    filename: str
    segment: str
    path: str
    size: int
    uploaded_at: datetime
    sha256: str
    words: tuple[tuple[str, str], ...]
    tags: WheelTags | None


class ShownNeed(NamedTuple):
    """A requirement; ``path`` leads to the project's page if it is on this index."""

    name: str
    extras: tuple[str, ...]
    specifier: str
    marker: str
    path: str


@dataclass(frozen=True)
class ProjectPage:
    """The page. ``path`` is the project's own, and ends in a slash; ``latest`` is None when nothing is offered."""

    name: str
    normalized_name: NormalizedName
    path: str
    version: str
    version_segment: str
    is_pinned: bool
    is_latest: bool
    latest: str | None
    latest_segment: str
    standing: Standing
    status_reason: str | None
    yanked_reason: str
    is_offered: bool
    is_new: bool
    summary: str
    description: Markup | None
    is_being_rendered: bool
    problem: str
    commands: Sequence[InstallCommand]
    released_at: datetime
    yanked_at: datetime | None
    registered_at: datetime
    cadence: Cadence | None
    links: ProjectLinks
    collaborators: Sequence[Collaborator]
    authors: Credits
    maintainers: Credits
    license_parts: tuple[tuple[str, str], ...]
    license_text: str
    requires_python: str
    supported: Supported
    extras: Sequence[tuple[str, str]]
    import_names: Sequence[str]
    tags: Sequence[tuple[str, str]]
    classifiers: Sequence[ClassifierGroup]
    number_of_files: int
    sources: Sequence[ShownFile]
    wheels: Sequence[ShownFile]
    number_of_wheels: int
    choices: WheelTags
    asked: WheelFilter
    files_size: int
    has_more_files: bool
    past: Sequence[Year]
    has_more_past: bool
    needs: Sequence[tuple[str, Sequence[ShownNeed]]]
    number_of_needs: int
    has_more_needs: bool
    dependents: Sequence[Dependent]
    number_of_dependents: int
    daily_downloads: int
    weekly_downloads: int
    monthly_downloads: int
    downloads: DayChart | None
    advisories: Sequence[Known]
    withdrawn_advisories: Sequence[Known]
    other_advisories: int
    shown_at: datetime

    @property
    def tabs(self) -> list[tuple[str, str, int | None]]:
        """Where the sections are, with how much is in each."""
        files = [("#files", _("Files"), self.number_of_files)] if self.number_of_files else []
        return [
            ("#description", _("Description"), None),
            *files,
            ("#history", _("Release history"), self.cadence.releases if self.cadence else 0),
            ("#dependencies", _("Dependencies"), self.number_of_needs),
            ("#security", _("Security"), len(self.advisories) or None),
            ("#statistics", _("Statistics"), None),
        ]


class Found(NamedTuple):
    """The project and the release that an address leads to, and how both are spelled in it when it is right."""

    project: FoundProject
    release: FoundRelease

    @property
    def name(self) -> str:
        """The project's name, as its owners write it."""
        return self.project.name


def find_release(work: Work, name: str, version: str | None = None) -> Found:
    """The release of this version, or without one the release to show; refuses with :class:`NotFound`."""
    asked = "" if version is not None and "\0" in version else version  # PostgreSQL has no text with a NUL in it
    found = source.find(work.db, normalize(name), asked) if is_valid_name(name) else None
    if found is None:
        sentence = _("There is no project called %(name)s on this index.")
        raise NotFound(sentence % {"name": _short(name)}, code="no_such_project")
    project, release = found
    if release is None and version is None:
        raise NotFound(_("%(name)s has no releases.") % {"name": project.name}, code="no_such_release")
    if release is None:
        sentence = _("There is no release %(version)s of %(name)s. Its page has a list of those that there are.")
        raise NotFound(
            sentence % {"version": _short(version or "").replace("\0", ""), "name": project.name},
            code="no_such_release",
        )
    return Found(project, release)


def project_page(
    work: Work, found: Found, base_url: str, *, is_pinned: bool, asked: WheelFilter = EVERY_WHEEL
) -> ProjectPage:
    """Everything about the release: nine statements at most, however many releases, files and dependents there are.

    ``is_pinned`` says that the address names the version; ``asked`` which wheels are to be listed.
    """
    project, release = found
    db, name = work.db, NormalizedName(project.normalized_name)
    past = source.history(db, project.id)
    files = source.files(db, release.id)
    path = f"/project/{segment(project.name)}/"
    standing = standing_of(
        project.status,
        is_quarantined=release.is_quarantined,
        is_yanked=release.yanked_at is not None,
        is_prerelease=release.is_prerelease,
    )
    is_offered = standing not in (Standing.PROJECT_QUARANTINED, Standing.RELEASE_QUARANTINED)
    filenames = [file.filename for file in files]
    classifiers = release.classifiers or ()
    shown_files = [_shown_file(work.settings, file, is_offered=is_offered) for file in files]
    shown_files.sort(key=lambda file: naturally(file.filename), reverse=True)
    wheels = [file for file in shown_files if file.tags is not None]
    needs = grouped(release.requires_dist or (), release.provides_extra or ())
    known = advisories_of(db, project.id)
    about_this = [one for one in known if release.version in one.versions]
    number_of_dependents = project.dependents or 0
    return ProjectPage(
        name=project.name,
        normalized_name=name,
        path=path,
        version=release.version,
        version_segment=segment(release.version),
        is_pinned=is_pinned,
        is_latest=release.version == project.latest_version,
        latest=project.latest_version,
        latest_segment=segment(project.latest_version or ""),
        standing=standing,
        status_reason=project.status_reason,
        yanked_reason=release.yanked_reason,
        is_offered=is_offered,
        is_new=work.now - project.created_at < NEW_FOR,
        summary=release.summary or "",
        description=_description(work, release),
        is_being_rendered=release.description == "",
        problem=release.problem or "",
        commands=_commands(work, project, release, base_url, is_pinned=is_pinned) if files and is_offered else (),
        released_at=release.created_at,
        yanked_at=release.yanked_at,
        registered_at=project.created_at,
        cadence=cadence_of([each.created_at for each in past], work.now),
        links=links_of(
            release, home_label=_("Homepage"), download_label=_("Download"), own_host=urlsplit(base_url).hostname or ""
        ),
        collaborators=_collaborators(work, project),
        authors=credits_of(release.author, release.author_email, is_verified=release.author_email_verified),
        maintainers=credits_of(
            release.maintainer, release.maintainer_email, is_verified=release.maintainer_email_verified
        ),
        license_parts=license_parts(release.license_expression or ""),
        license_text=license_in_words(release.license, classifiers),
        requires_python=release.requires_python or "",
        supported=supported(filenames, release.requires_python, classifiers),
        extras=_leading_nowhere((release.provides_extra or ())[:MOST_EXTRAS]),
        import_names=release.import_names or (),
        tags=[(tag, f"/search/?q={quote(tag, safe='')}") for tag in tags_of(release.keywords)],
        classifiers=classifier_groups(classifiers),
        number_of_files=len(files),
        sources=[file for file in shown_files if file.tags is None],
        wheels=[file for file in wheels if file.tags is not None and asked.lets_in(file.filename, file.tags)],
        number_of_wheels=len(wheels),
        choices=choices_of(file.tags for file in wheels if file.tags is not None),
        asked=asked,
        files_size=sum(file.size for file in files),
        has_more_files=len(files) == source.MOST_FILES,
        past=years_of(past, status=project.status, path=path, shown=release.version),
        has_more_past=len(past) == source.MOST_RELEASES,
        needs=_shown_needs(db, needs),
        number_of_needs=len({need.name for need in needs[0].needs} if needs and not needs[0].extra else ()),
        has_more_needs=sum(len(group.needs) for group in needs) < len(release.requires_dist or ()),
        dependents=dependents_of(db, name, limit=DEPENDENTS) if number_of_dependents else (),
        number_of_dependents=number_of_dependents,
        daily_downloads=project.daily_downloads or 0,
        weekly_downloads=project.weekly_downloads or 0,
        monthly_downloads=project.monthly_downloads or 0,
        downloads=_downloads(work, project),
        advisories=[one for one in about_this if one.withdrawn_at is None],
        withdrawn_advisories=[one for one in about_this if one.withdrawn_at is not None],
        other_advisories=sum(1 for one in known if one.withdrawn_at is None and release.version not in one.versions),
        shown_at=work.now,
    )


def _downloads(work: Work, project: FoundProject) -> DayChart | None:
    if not project.monthly_downloads or project.counted_until is None:
        return None
    first, last = project.counted_until - timedelta(days=CHARTED), project.counted_until - timedelta(days=1)
    numbers = source.downloads(work.db, project.normalized_name, first, project.counted_until)
    return day_chart(numbers, first, last, is_open=False)


def _commands(
    work: Work, project: FoundProject, release: FoundRelease, base_url: str, *, is_pinned: bool
) -> tuple[InstallCommand, ...]:
    return install_commands(work.settings, base_url, project.name, release.version if is_pinned else None)


def _description(work: Work, release: FoundRelease) -> Markup | None:
    """The rendered description, which was sanitised when it was made; None where there is none to show."""
    if not release.description:
        return None
    return Markup(with_shown_images(work.settings, work.tools.secret, release.description, _("image")))


def _collaborators(work: Work, project: FoundProject) -> list[Collaborator]:
    query = (
        select(User, Role.role_name)
        .join(Role, Role.user_id == User.id)
        .where(Role.project_id == project.id)
        .order_by(Role.role_name != RoleName.OWNER.value, User.username)
        .limit(MOST_COLLABORATORS)
        .options(joinedload(User.emails))
    )
    return [
        Collaborator(user.username, user.name, avatar_of(work.settings, user, AVATAR), role == RoleName.OWNER)
        for user, role in work.db.execute(query).unique()
    ]


def _shown_file(settings: Settings, file: FoundFile, *, is_offered: bool) -> ShownFile:
    return ShownFile(
        filename=file.filename,
        segment=segment(file.filename),
        path=file_address(settings, file.blake2_256, file.filename) if is_offered else "",
        size=file.size,
        uploaded_at=file.uploaded_at,
        sha256=file.sha256,
        words=_leading_nowhere(readable_tags(file.filename)),
        tags=None if file.packagetype == "sdist" else tags_of_wheel(file.filename),
    )


def _leading_nowhere(words: Sequence[str]) -> tuple[tuple[str, str], ...]:
    return tuple((word, "") for word in words)


def _shown_needs(db: Session, groups: Sequence[NeededGroup]) -> list[tuple[str, list[ShownNeed]]]:
    names = {need.normalized_name for group in groups for need in group.needs if need.normalized_name}
    here = source.names_of(db, names) if names else {}

    def path(name: str | None) -> str:
        return f"/project/{segment(here[name])}/" if name in here else ""

    return [
        (
            group.extra,
            [
                ShownNeed(need.name, need.extras, need.specifier, need.marker, path(need.normalized_name))
                for need in group.needs
            ],
        )
        for group in groups
    ]


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}…"
