"""What databases of vulnerabilities say of a project: records in the OSV format, and reports that indexes are sent.

https://ossf.github.io/osv-schema/
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from packaging.version import InvalidVersion, Version

from warehouse.errors import Invalid
from warehouse.standards.names import is_valid_name, normalize

SOURCE = "osv"
ECOSYSTEM = "pypi"  # in lower case

MOST_VERSIONS = 20_000
MOST_RANGES = 500
MOST_WORDS = 100  # aliases, fixed versions
LONGEST_WORD = 200
LONGEST_LINK = 2_000
LONGEST_SUMMARY = 2_000
LONGEST_DETAILS = 64 * 1024

_FIRST = "0.dev0"
_PAGES = "https://osv.dev/vulnerability/"
_PAGES_OF_OTHERS = (
    (re.compile(r"CVE-\d{4}-\d{4,19}", re.ASCII), "https://www.cve.org/CVERecord?id="),
    (re.compile(r"GHSA(?:-[0-9a-z]{4}){3}"), "https://github.com/advisories/"),
    (re.compile(r"(?:PYSEC|OSV)-\d{4}-\d{1,19}", re.ASCII), _PAGES),
)


@dataclass(frozen=True)
class Range:
    """Versions from ``introduced`` on: before ``fixed``, or up to ``last``, or without end."""

    introduced: Version
    fixed: Version | None = None
    last: Version | None = None

    def __contains__(self, version: Version) -> bool:
        return (
            version >= self.introduced
            and (self.fixed is None or version < self.fixed)
            and (self.last is None or version <= self.last)
        )


@dataclass(frozen=True)
class Report:
    """What is wrong with some versions of one project.

    The project's name is normalized; ``versions`` are those that were listed, parsed, and ``ranges`` say which others.
    One that ``takes_back`` is about no version: what was reported under this identifier was none of the project's.
    """

    project: str
    identifier: str
    versions: frozenset[Version]
    ranges: tuple[Range, ...] = ()
    link: str | None = None
    aliases: tuple[str, ...] = ()
    summary: str | None = None
    details: str | None = None
    fixed_in: tuple[str, ...] = ()
    withdrawn_at: datetime | None = None
    takes_back: bool = False
    source: str = SOURCE

    def affects(self, version: str) -> bool:
        """Whether it is about this version, in any spelling."""
        try:
            parsed = Version(version)
        except InvalidVersion:
            return False
        return parsed in self.versions or any(parsed in one for one in self.ranges)


def page_of(identifier: str) -> str:
    """Where the database that calls a vulnerability so tells of it; empty for names that no database we know gives."""
    for pattern, pages in _PAGES_OF_OTHERS:
        if pattern.fullmatch(identifier):
            return pages + identifier
    return ""


def report_of(said: Any) -> Report:
    """A report as OSV posts it. Refuses with :class:`Invalid` one that lacks what it needs."""
    match said:
        case {
            "project": str(name),
            "versions": list(versions),
            "id": str(identifier),
            "link": link,
            "aliases": list(aliases),
        } if is_valid_name(name):
            return Report(
                project=normalize(name),
                identifier=_identifier(identifier),
                versions=_versions(versions),
                link=_link(link),
                aliases=_words(aliases),
                summary=_text(said.get("summary"), LONGEST_SUMMARY),
                details=_text(said.get("details"), LONGEST_DETAILS),
                fixed_in=_words(_fixed(said.get("events"))),
                withdrawn_at=_moment(said.get("withdrawn")),
                takes_back=not versions,
            )
    raise Invalid("A report has a project, versions, an id, a link and aliases.", code="bad_report")


def reports_of(record: Any) -> Iterator[Report]:
    """What a record of the OSV format says of the projects of Python indexes, one report for each.

    Refuses with :class:`Invalid` what is no such record.
    """
    match record:
        case {"id": str(identifier)}:
            entries = _list(record.get("affected"))
        case _:
            raise Invalid("A record in the OSV format is an object with an id.", code="bad_record")
    by_project: dict[str, list[Mapping[str, Any]]] = {}
    for entry in entries:
        match entry:
            case {"package": {"ecosystem": str(ecosystem), "name": str(name)}}:
                if ecosystem.partition(":")[0].lower() == ECOSYSTEM and is_valid_name(name):
                    by_project.setdefault(normalize(name), []).append(entry)
    for project, affected in by_project.items():
        ranges = [one for entry in affected for one in _list(entry.get("ranges")) if _is_of_versions(one)]
        yield Report(
            project=project,
            identifier=_identifier(identifier),
            versions=_versions(version for entry in affected for version in _list(entry.get("versions"))),
            ranges=tuple(part for one in ranges[:MOST_RANGES] for part in _parts(one.get("events"))),
            link=f"{_PAGES}{identifier}",
            aliases=_words(_list(record.get("aliases"))),
            summary=_text(record.get("summary"), LONGEST_SUMMARY),
            details=_text(record.get("details"), LONGEST_DETAILS),
            fixed_in=_words(fixed for one in ranges for fixed in _fixed(one.get("events"))),
            withdrawn_at=_moment(record.get("withdrawn")),
        )


def _is_of_versions(one: object) -> bool:
    return isinstance(one, dict) and one.get("type") == "ECOSYSTEM"


def _parts(events: object) -> Iterator[Range]:
    """The stretches that events tell of; an event without a version that can be read begins and ends nothing."""
    told: list[tuple[Version, str]] = []
    for event in _list(events)[: 2 * MOST_RANGES]:
        for kind in ("introduced", "fixed", "last_affected"):
            if isinstance(event, dict) and isinstance(version := event.get(kind), str):
                # "0" is a version "that sorts before any other version".
                told += [(parsed, kind) for parsed in _parsed([_FIRST if version == "0" else version])]
    begun: Version | None = None
    for version, kind in sorted(told, key=lambda one: one[0]):
        if kind == "introduced":
            begun = begun or version
        elif begun is not None:
            yield Range(begun, fixed=version) if kind == "fixed" else Range(begun, last=version)
            begun = None
    if begun is not None:
        yield Range(begun)


def _fixed(events: object) -> Iterator[object]:
    for event in _list(events):
        if isinstance(event, dict) and "fixed" in event:
            yield event["fixed"]


def _identifier(text: str) -> str:
    if not text or len(text) > LONGEST_WORD or not text.isprintable() or not text.isascii() or " " in text:
        raise Invalid("The id of a vulnerability is a word.", code="bad_report")
    return text


def _versions(listed: Iterable[object]) -> frozenset[Version]:
    found = list(_parsed(listed))
    if len(found) > MOST_VERSIONS:
        raise Invalid(f"A report lists at most {MOST_VERSIONS} versions.", code="bad_report")
    return frozenset(found)


def _parsed(listed: Iterable[object]) -> Iterator[Version]:
    """Those that are versions: no release here has another."""
    for text in listed:
        if isinstance(text, str) and len(text) <= LONGEST_WORD:
            try:
                yield Version(text)
            except InvalidVersion:
                continue


def _words(listed: Iterable[object]) -> tuple[str, ...]:
    """Each once, in their order."""
    words = [one for one in listed if isinstance(one, str) and 0 < len(one) <= LONGEST_WORD and one.isprintable()]
    return tuple(dict.fromkeys(words))[:MOST_WORDS]


def _text(said: object, longest: int) -> str | None:
    if not isinstance(said, str):
        return None
    # No text in the database holds a NUL, and no half of a character can be written as UTF-8.
    return said.replace("\0", "").encode("utf-8", "replace").decode()[:longest]


def _link(said: object) -> str | None:
    is_one = isinstance(said, str) and len(said) <= LONGEST_LINK and said.isprintable()
    return said if isinstance(said, str) and is_one and said.startswith(("https://", "http://")) else None


def _moment(said: object) -> datetime | None:
    """A time; JSON has texts, YAML may have read them already."""
    try:
        moment = datetime.fromisoformat(said) if isinstance(said, str) else said
    except ValueError:
        return None
    if not isinstance(moment, datetime):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _list(said: object) -> list[Any]:
    return said if isinstance(said, list) else []
