"""Inventing projects with everything that belongs to them, as lines that COPY takes.

The public index is the measure: a few releases for most projects and thousands for some, two files for most releases
and dozens where there are wheels for each platform, fifteen years in which uploads became ever more. A project is what
its number and the seed make it, whichever projects are invented beside it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import accumulate
from random import Random

from warehouse.operations.populating.metadata import Metadata
from warehouse.operations.populating.names import project_name, spelling, word
from warehouse.operations.populating.versions import Version, history
from warehouse.standards.names import lookalike

COLUMNS = {
    "users": "id, username, name, created_at",
    "emails": "user_id, address, is_primary, is_verified, is_public",
    "projects": "id, name, normalized_name, lookalike_name, total_size, created_at",
    "roles": "project_id, user_id, role_name",
    "releases": "id, project_id, version, canonical_version, version_key, is_prerelease, yanked_at, yanked_reason,"
    f" created_at, uploader_id, uploaded_via, {Metadata.COLUMNS}",
    "descriptions": "release_id, content_type, raw, html, rendered_by",
    "files": "project_id, release_id, filename, packagetype, python_version, requires_python, size, md5, sha256,"
    " blake2_256, metadata_sha256, metadata_blake2_256, uploaded_at, uploaded_via",
    "file_names": "filename, used_at",
}
"""What the lines of each table hold; the tables in an order in which rows refer to earlier ones only."""

DAY = 86_400
DAYS = [(date(2011, 1, 1) + timedelta(days=day)).isoformat() for day in range(15 * 365)]
SPAN = (len(DAYS) - 1) * DAY  # seconds
CLOCK = [f"{second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}" for second in range(DAY)]

MEAN_FILES = 21  # a project has, if nobody says otherwise
MEAN_RELEASES = 11.2
SPREAD = 1.54  # sigma of the log-normal number of releases: with it the middle project has four
MOST_RELEASES = 6_000
GIANT_FROM = 10_000  # projects: so many have one among them with more files than any other
GIANT = (560, 24)  # its releases, and the wheels of each

BINARY_SHARE = 0.012
INTERPRETERS = ("cp38", "cp39", "cp310", "cp311", "cp312", "cp313")
PLATFORMS = (
    "manylinux_2_17_x86_64.manylinux2014_x86_64", "manylinux_2_17_aarch64.manylinux2014_aarch64",
    "macosx_10_9_x86_64", "macosx_11_0_arm64", "win_amd64", "win32", "musllinux_1_2_x86_64",
)  # fmt: skip
WHEELS = [(tag, f"{tag}-{tag}-{platform}.whl") for tag in INTERPRETERS for platform in PLATFORMS]
PURE = [("py3", "py3-none-any.whl")]


@dataclass
class Rows:
    """Lines for some tables, by table; those of releases and files with the time by which they are sorted."""

    lines: dict[str, list[str]] = field(default_factory=lambda: {table: [] for table in COLUMNS})
    releases: list[tuple[float, str]] = field(default_factory=list)
    files: list[tuple[float, str, str]] = field(default_factory=list)
    projects: int = 0

    def text(self, table: str) -> str:
        """What COPY takes. Releases and files stand in the order in which they came about, as they do in an index
        that grew: those of one project lie scattered."""
        if table == "releases":
            return "".join([line for _, line in sorted(self.releases)])
        if table == "files":
            return "".join([line for _, line, _ in sorted(self.files)])
        if table == "file_names":
            return "".join([line for _, _, line in self.files])
        return "".join(self.lines[table])


class Inventor:
    """Makes up ``count`` projects, from number ``first`` on, whose releases get the numbers after ``last_release``."""

    def __init__(self, seed: int, first: int, count: int, last_release: int, mean_files: float = MEAN_FILES) -> None:
        self._seed = seed
        self._first = first
        self._count = count
        self._release = last_release
        self._middle = MEAN_RELEASES / 3.27 * mean_files / MEAN_FILES  # 3.27 = exp(SPREAD**2 / 2)
        self._users = range(first * 3 // 5 + (first > 0), (first + count - 1) * 3 // 5 + 1) or range(first, first + 1)

    def users(self) -> Iterator[Rows]:
        """Everybody who keeps a project."""
        size = 10_000
        for start in range(self._users.start, self._users.stop, size):
            rows = Rows()
            for number in self._users[start - self._users.start :][:size]:
                name, at = f"{word(number)}{number % 90 + 10}", stamp(number * 7_919 % (300 * DAY))
                rows.lines["users"].append(f"{self._user_id(number)}\t{name}\t{name.title()}\t{at}\n")
                rows.lines["emails"].append(f"{self._user_id(number)}\t{name}@example.com\tt\tt\tf\n")
            yield rows

    def projects(self, at_a_time: int = 400) -> Iterator[Rows]:
        """The projects with everything that belongs to them, some at a time."""
        for start in range(self._first, self._first + self._count, at_a_time):
            rows = Rows()
            for number in range(start, min(start + at_a_time, self._first + self._count)):
                self._invent(rows, number)
            yield rows

    def _invent(self, rows: Rows, number: int) -> None:
        random = _random(self._seed, number)
        name = project_name(number, random)
        project = random.randbytes(16).hex()
        wheels, releases = self._shape(number, random)
        began = SPAN * random.random() ** 0.55 * 0.99
        times = _times(began, releases, random)
        owner = self._people(rows, project, number, random)
        metadata = Metadata(name, random)
        size = 0
        for version, at in zip(history(releases, random), times, strict=True):
            self._release += 1
            size += self._add_release(rows, project, name, version, at, owner, metadata, wheels, random)
        if random.random() < 0.3:
            rows.lines["descriptions"].append(f"{self._release}\t{metadata.description}\n")
        display = spelling(name, random)
        rows.lines["projects"].append(f"{project}\t{display}\t{name}\t{lookalike(display)}\t{size}\t{stamp(began)}\n")
        rows.projects += 1

    def _shape(self, number: int, random: Random) -> tuple[list[tuple[str, str]], int]:
        """The wheels that a project builds for each release, and how many releases it has."""
        releases = min(max(1, round(self._middle * 2.718281828 ** random.gauss(0, SPREAD))), MOST_RELEASES)
        if self._count >= GIANT_FROM and number == self._first + giant_number(self._count):
            return WHEELS[: GIANT[1]], GIANT[0]
        if random.random() < BINARY_SHARE:
            return random.sample(WHEELS, random.randint(4, len(WHEELS))), releases
        return (PURE if random.random() < 0.75 else []), releases

    def _people(self, rows: Rows, project: str, number: int, random: Random) -> str:
        users = self._users
        owner = max(users.start, min(number * 3 // 5, users.stop - 1))
        keepers = {owner: "Owner"}
        if random.random() < 0.2:
            for _ in range(random.randint(1, 3)):
                keepers.setdefault(random.choice(users), "Maintainer")
        rows.lines["roles"] += [f"{project}\t{self._user_id(user)}\t{role}\n" for user, role in keepers.items()]
        return self._user_id(owner)

    def _user_id(self, number: int) -> str:
        return hashlib.md5(f"{self._seed} user {number}".encode(), usedforsecurity=False).hexdigest()

    def _add_release(
        self,
        rows: Rows,
        project: str,
        name: str,
        version: Version,
        at: float,
        owner: str,
        metadata: Metadata,
        wheels: list[tuple[str, str]],
        random: Random,
    ) -> int:
        yanked = f"{stamp(min(at + DAY, SPAN))}\tbroken" if random.random() < 0.01 else "\\N\t"
        tail = f"\t{stamp(at)}\t{owner}\ttwine/6.1.0 CPython/3.12.3\t{metadata.line}\n"
        rows.releases.append(
            (
                at,
                f"{self._release}\t{project}\t{version.text}\t{version.canonical}\t\\\\x{version.key.hex()}"
                f"\t{'t' if version.is_prerelease else 'f'}\t{yanked}{tail}",
            )
        )
        stem = f"{name.replace('-', '_')}-{version.text}"
        size = 0
        if not wheels or random.random() < 0.8:
            size += self._add_file(rows, project, f"{stem}.tar.gz", "sdist\tsource", at, metadata, random)
        for tag, ending in wheels:
            at += 1.5
            size += self._add_file(rows, project, f"{stem}-{ending}", f"bdist_wheel\t{tag}", at, metadata, random)
        return size

    def _add_file(
        self, rows: Rows, project: str, filename: str, kind: str, at: float, metadata: Metadata, random: Random
    ) -> int:
        size = min(int(metadata.size * (0.05 + random.random()) ** -0.8), 90_000_000)
        is_wheel = kind[0] == "b"
        digests = random.randbytes(144 if is_wheel else 80).hex()
        companion = f"{digests[160:224]}\t{digests[224:]}" if is_wheel else "\\N\t\\N"
        when = stamp(at)
        rows.files.append(
            (
                at,
                f"{project}\t{self._release}\t{filename}\t{kind}\t{metadata.requires_python}\t{size}\t{digests[:32]}"
                f"\t{digests[32:96]}\t{digests[96:160]}\t{companion}\t{when}\ttwine/6.1.0 CPython/3.12.3\n",
                f"{filename}\t{when}\n",
            )
        )
        return size


def giant_number(count: int) -> int:
    """Which of so many projects is the one with more than 10,000 files, if they are GIANT_FROM."""
    return count // 2


def giant_name(seed: int, count: int) -> str:
    """The normalized name of that project in an index that was empty."""
    number = giant_number(count)
    return project_name(number, _random(seed, number))


def _random(seed: int, number: int) -> Random:
    return Random(f"{seed} {number}")


def stamp(seconds: float) -> str:
    """A moment in UTC, given in seconds since the index began."""
    whole = int(seconds)
    day, second = divmod(whole, DAY)
    return f"{DAYS[day]} {CLOCK[second]}.{int((seconds - whole) * 1e6):06}+00"


def _times(began: float, count: int, random: Random) -> list[float]:
    """When the releases came out: the first at the beginning, the others at uneven distances after it."""
    if count == 1:
        return [began]
    steps = list(accumulate(random.random() + 0.01 for _ in range(count - 1)))
    active = (SPAN - 2_000 - began) * random.random() / steps[-1]
    return [began, *(began + step * active for step in steps)]
