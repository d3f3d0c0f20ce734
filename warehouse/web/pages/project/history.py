"""The releases of a project, line by line.

There may be thousands, and what is done for each is most of what the page costs. So the lines are written here rather
than by the template, which would take five times as long: the page of 2,000 releases is to be made in 50 ms.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import NamedTuple

from markupsafe import Markup, escape

from warehouse.domain.packaging import ProjectStatus
from warehouse.sources.project_page import PastRelease
from warehouse.standards.json_api import segment
from warehouse.web import wording
from warehouse.web.language import _, ngettext

_STANDS_FOR_ITSELF = re.compile(r"[0-9A-Za-z.+!_-]+")  # in an address and in HTML


class Standing(StrEnum):
    """What is to be said of a release before anything else: the first of these that holds."""

    PROJECT_QUARANTINED = "project-quarantined"
    RELEASE_QUARANTINED = "release-quarantined"
    YANKED = "yanked"
    ARCHIVED = "archived"
    DEPRECATED = "deprecated"
    PRERELEASE = "prerelease"
    FINE = ""


class Year(NamedTuple):
    """The releases of a year, newest first, as items of a list."""

    year: str
    lines: Markup


_OF_PROJECTS = {
    ProjectStatus.ARCHIVED.value: Standing.ARCHIVED,
    ProjectStatus.DEPRECATED.value: Standing.DEPRECATED,
}


def standing_of(status: str, *, is_quarantined: bool, is_yanked: bool, is_prerelease: bool) -> Standing:
    """What is to be said first of a release of a project with this status."""
    if status == "quarantined":
        return Standing.PROJECT_QUARANTINED
    if is_quarantined:
        return Standing.RELEASE_QUARANTINED
    if is_yanked:
        return Standing.YANKED
    if status != "active" and status in _OF_PROJECTS:
        return _OF_PROJECTS[status]
    return Standing.PRERELEASE if is_prerelease else Standing.FINE


def years_of(past: Sequence[PastRelease], *, status: str, path: str, shown: str) -> tuple[Year, ...]:
    """The releases, given by descending version, in the order of time; ``shown`` is marked.

    Each can be compared with the greatest version below its own. ``path`` is the project's.
    """
    write = _Writing(status, str(escape(path)), shown)
    before: Sequence[str | None] = [*(each.version for each in past[1:]), None]
    lines = [(each.created_at, write.line(each, earlier)) for each, earlier in zip(past, before, strict=True)]
    lines.sort(reverse=True, key=lambda line: line[0])
    years: dict[int, list[str]] = {}
    for moment, line in lines:
        years.setdefault(moment.year, []).append(line)
    return tuple(Year(str(year), Markup("".join(them))) for year, them in years.items())


class _Writing:
    """The words that all lines share, looked up once. All that goes into a line is escaped or cannot need it."""

    def __init__(self, status: str, path: str, shown: str) -> None:
        self._status = status
        self._path = path
        self._shown = shown
        self._badges = _badges()
        self._compare = str(escape(_("Compare with %(version)s")))
        self._files: dict[int, str] = {}

    def line(self, one: PastRelease, before: str | None) -> str:
        version, created_at, is_yanked, reason, is_quarantined, is_prerelease, files, size = one
        standing = standing_of(
            self._status, is_quarantined=is_quarantined, is_yanked=is_yanked, is_prerelease=is_prerelease
        )
        address, text = _written(version)
        here = f"{self._path}{address}/"
        mark = ' class="past--shown" aria-current="true"' if version == self._shown else ""
        amount = f' <a href="{here}#files">{self._number(files)}, {wording.size(size)}</a>' if files else ""
        compare = ""
        if before is not None:
            earlier, other = _written(before)
            words = self._compare.replace("%(version)s", other)
            compare = f' <a href="{self._path}compare/{earlier}...{address}/">{words}</a>'
        told = f"<q>{escape(reason)}</q>" if reason else ""
        return (
            f'<li{mark}><a href="{here}">{text}</a>{self._badges[standing]} <time>{created_at.isoformat()[:10]}</time>'
            f"{amount}{compare}{told}</li>\n"
        )

    def _number(self, files: int) -> str:
        if files not in self._files:
            text = ngettext("%(num)s file", "%(num)s files", files) % {"num": wording.number(files)}
            self._files[files] = str(escape(text))
        return self._files[files]


def _written(version: str) -> tuple[str, str]:
    """A version as a segment of an address, and as text."""
    if _STANDS_FOR_ITSELF.fullmatch(version):
        return version, version
    return str(escape(segment(version))), str(escape(version))


def _badges() -> Mapping[Standing, str]:
    words = {
        Standing.PROJECT_QUARANTINED: ("danger", _("Quarantine")),
        Standing.RELEASE_QUARANTINED: ("danger", _("Quarantine")),
        Standing.YANKED: ("warning", _("Yanked")),
        Standing.ARCHIVED: ("plain", _("Archived")),
        Standing.DEPRECATED: ("plain", _("Deprecated")),
        Standing.PRERELEASE: ("plain", _("Pre-release")),
    }
    badges = {
        standing: f' <span class="badge badge--{tone}">{escape(word)}</span>'
        for standing, (tone, word) in words.items()
    }
    return {**badges, Standing.FINE: ""}
