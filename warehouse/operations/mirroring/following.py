"""Following the origin: a first walk through all its projects, then its change feed, for as long as one wants.

Everything that was done is in the database before the next thing begins, so a mirror that is killed goes on where it
was. Projects are brought up to date first, each in a transaction of its own; then the feed's entries become ours, with
their serials: whoever follows this index in turn reads an entry when what it tells of is there.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice

import psycopg
from sqlalchemy import select, text, update
from sqlalchemy.exc import DBAPIError, OperationalError

from warehouse.domain.journal import last_serial
from warehouse.domain.journal.copying import copy_entries, newest_entry, tell_again
from warehouse.domain.site.mirror import Mirror, MirroredProject
from warehouse.errors import Conflict, Unavailable
from warehouse.infra.db import libpq_url, was_cut_off
from warehouse.infra.fetching import NotFetched
from warehouse.operations.mirroring.documents import Batch, Misstated
from warehouse.operations.mirroring.origin import Origin
from warehouse.operations.mirroring.projects import Told, copy_project, hold_mirror
from warehouse.standards.names import NormalizedName, normalize
from warehouse.work import SYSTEM, Progress, Tools, begin

log = logging.getLogger("warehouse.mirroring")

PROJECTS_AT_ONCE = 4
DOWNLOADS_AT_ONCE = 4
SUBMITTED_AT_ONCE = 1_000
LOCK = 0x6D697272  # "mirr"
WAIT = 50  # seconds
PAUSE = 1.0  # seconds between questions to an origin that answers at once that there is nothing
ATTEMPTS = (0.2, 1.0)  # seconds before the second and the third attempt at a project
TOO_MUCH = (429, 503)  # the origin asks for time; these attempts do not count, up to a point
MOST_ATTEMPTS = 20
FIRST_PATIENCE, LONGEST_PATIENCE = 5, 120  # seconds
FIRST_PAUSE = timedelta(seconds=30)
LONGEST_PAUSE = timedelta(hours=6)
ORIGIN_PAUSES = (1.0, 2.0, 5.0, 10.0, 30.0, 60.0)  # seconds, while the origin or the database is away
MOST_RETRIED = 20
QUERY_CANCELED = "57014"  # what a statement ends with that takes too long

Trouble = (NotFetched, Misstated, Unavailable, DBAPIError)
"""What may be over in a while, of the origin's and of ours."""


@dataclass
class Following:
    """One mirror at work."""

    tools: Tools
    origin: Origin
    projects: Executor
    downloads: Executor
    progress: Progress

    def begin(self) -> None:
        """Make sure that the origin tells the same story as ever; what failed before is tried again at once."""
        with begin(self.tools, SYSTEM) as work:
            hold_mirror(work.db)
            newest = newest_entry(work.db)
        if newest is not None:
            self.origin.check_story(newest)
        with begin(self.tools, SYSTEM) as work:
            failed = MirroredProject.try_again_at.is_not(None)
            work.db.execute(update(MirroredProject).where(failed).values(try_again_at=work.now))

    def until_current(self) -> int:
        """Copy whatever is missing; how many projects could not be copied and are to be tried again."""
        mirror = self._mirror()
        if not mirror.is_copied:
            self._walk(mirror.names)
        while self._follow(wait=0):
            pass
        while self._retry():
            pass
        return self._failed()

    def once_more(self) -> None:
        """Wait for news, at most :data:`WAIT` seconds, and copy them."""
        since, began = self._mirror().serial, time.monotonic()
        self._follow(wait=WAIT)
        if self._mirror().serial == since and time.monotonic() - began < PAUSE:
            time.sleep(PAUSE)  # the origin lets nobody wait: behind some servers it cannot
        self._retry()

    def _mirror(self) -> Mirror:
        with begin(self.tools, SYSTEM) as work:
            mirror = hold_mirror(work.db)
            if last_serial(work.db) > mirror.serial:
                raise Conflict(
                    "This index has changes of its own, so it cannot be a mirror any more.", code="own_changes"
                )
            return mirror

    # The first walk

    def _walk(self, names: Sequence[str] | None) -> None:
        """Every listed project; those that are not are named by the feed, which is read from its beginning next."""
        chosen = set(names) if names is not None else None
        listed = [(normalize(one.name), one) for one in self.origin.projects().projects]
        wanted = [(name, one) for name, one in listed if chosen is None or name in chosen]
        copied = self._copied_serials([name for name, _ in wanted])
        todo = [Told(name, one.name, one.last_serial) for name, one in wanted if copied.get(name, 0) < one.last_serial]
        self._copy(todo)
        with begin(self.tools, SYSTEM) as work:
            work.db.execute(update(Mirror).values(is_copied=True))

    # The feed

    def _follow(self, *, wait: int) -> bool:
        """Copy what the next entries tell of; whether there are more already."""
        mirror = self._mirror()
        batch = self.origin.changes(mirror.serial, wait=wait)
        entries = [
            entry.copied for entry in batch.entries if mirror.names is None or entry.normalized_name in mirror.names
        ]
        self._copy(self._news_of(batch, mirror.names))
        with begin(self.tools, SYSTEM) as work:
            work.db.execute(update(Mirror).values(serial=batch.next))
            copy_entries(work.db, entries)
        if entries:
            log.info("followed the origin up to serial %d", batch.next, extra={"serial": batch.next})
        return batch.more

    def _news_of(self, batch: Batch, names: Sequence[str] | None) -> list[Told]:
        """The projects that changed since they were copied."""
        told: dict[NormalizedName, Told] = {}
        for entry in batch.entries:
            name = NormalizedName(entry.normalized_name)
            if names is None or name in names:
                before = told[name].versions or frozenset() if name in told else frozenset()
                versions = before | {entry.version} if entry.version is not None else before
                told[name] = Told(name, entry.project, entry.serial, versions)
        copied = self._copied_serials(list(told))
        # While there is more to catch up with, what failed before waits for its time.
        waiting = self._failing(list(told)) if batch.more else set()
        return [one for one in told.values() if copied.get(one.name, 0) < one.serial and one.name not in waiting]

    def _failing(self, names: Sequence[str]) -> set[str]:
        query = select(MirroredProject.normalized_name).where(MirroredProject.try_again_at.is_not(None))
        with begin(self.tools, SYSTEM) as work:
            return set(
                work.db.scalars(query.where(MirroredProject.normalized_name == text("ANY(:names)")), {"names": names})
            )

    def _copied_serials(self, names: Sequence[str]) -> dict[str, int]:
        query = select(MirroredProject.normalized_name, MirroredProject.serial)
        query = query.where(MirroredProject.normalized_name == text("ANY(:names)"))
        with begin(self.tools, SYSTEM) as work:
            return {row.normalized_name: row.serial for row in work.db.execute(query, {"names": list(names)})}

    # Projects

    def _copy(self, told: Sequence[Told]) -> None:
        """Bring these up to date; one that cannot be does not hold the others up."""
        failed: list[tuple[Told, Exception]] = []
        for done, (one, trouble) in enumerate(self._attempted(told), start=1):
            if trouble is not None:
                failed.append((one, trouble))
            self.progress("projects", done, len(told))
        if failed:
            self.origin.last_serial()  # raises when it is the origin itself that is away: then nobody is to blame
            # What a project took over from another one, the other must have given away first.
            for one, trouble in [(one, self._attempt(one)) for one, _ in failed]:
                if trouble is not None:
                    self._note_failure(one, trouble)

    def _attempted(self, told: Iterable[Told]) -> Iterator[tuple[Told, Exception | None]]:
        left = iter(told)
        while names := list(islice(left, SUBMITTED_AT_ONCE)):
            yield from zip(names, self.projects.map(self._attempt, names), strict=True)

    def _attempt(self, told: Told) -> Exception | None:
        """Copy the project; the trouble with it after several attempts."""
        pauses = iter(ATTEMPTS)
        for _ in range(MOST_ATTEMPTS):
            try:
                copy_project(self.tools, self.origin, told, self.downloads)
                return None
            except Trouble as error:
                if _must_rise(error):
                    raise
                trouble = error
            if isinstance(trouble, NotFetched) and trouble.status in TOO_MUCH:
                time.sleep(min(trouble.retry_after or FIRST_PATIENCE, LONGEST_PATIENCE))
            elif (pause := next(pauses, None)) is not None:
                time.sleep(pause)
            else:
                break
        return trouble

    def _note_failure(self, told: Told, trouble: Exception) -> None:
        with begin(self.tools, SYSTEM) as work:
            row = work.db.get(MirroredProject, told.name, with_for_update=True)
            if row is None:
                row = MirroredProject(normalized_name=told.name, failures=0)
                work.db.add(row)
            pause = min(FIRST_PAUSE * 2 ** min(row.failures, 16), LONGEST_PAUSE)
            row.display, row.failures, row.problem = told.display, row.failures + 1, said(trouble)
            row.try_again_at = work.now + pause
        log.warning(
            "%s could not be copied, and will be tried again: %s",
            told.display,
            said(trouble),
            extra={"project": told.name},
        )

    def _retry(self) -> bool:
        """Try some of those again whose time has come; whether there are more.

        No new entry tells of them, so everybody who follows this journal is told to look again.
        """
        now = datetime.now(UTC)
        query = select(MirroredProject.normalized_name, MirroredProject.display, MirroredProject.serial)
        due = (
            query.where(MirroredProject.try_again_at <= now).order_by(MirroredProject.try_again_at).limit(MOST_RETRIED)
        )
        with begin(self.tools, SYSTEM) as work:
            rows = work.db.execute(due).all()
        for name, display, serial in rows:
            told = Told(NormalizedName(name), display, serial)
            trouble = self._attempt(told)
            if trouble is not None:
                self._note_failure(told, trouble)
                continue
            with begin(self.tools, SYSTEM) as work:
                is_mine = MirroredProject.normalized_name == name
                work.db.execute(update(MirroredProject).where(is_mine).values(retold_serial=last_serial(work.db)))
                tell_again(work.db, [name])
            log.info("%s was copied at last", display, extra={"project": name})
        return len(rows) == MOST_RETRIED

    def _failed(self) -> int:
        query = select(MirroredProject.normalized_name).where(MirroredProject.try_again_at.is_not(None))
        with begin(self.tools, SYSTEM) as work:
            return len(work.db.scalars(query).all())


def follow(tools: Tools, origin: Origin, *, once: bool, progress: Progress | None = None) -> int:
    """Make this index what the origin is; with ``once`` until it is, else until somebody ends the process.

    While the origin or the database is away it waits and tries again. With ``once`` it does not, but refuses with
    :class:`Unavailable`. The number of projects that could not be copied.
    """
    tell = progress or (lambda what, done, total: None)
    with _alone(tools), _pools() as (projects, downloads):
        following = Following(tools, origin, projects, downloads, tell)
        if once:
            try:
                following.begin()
                return following.until_current()
            except Trouble as error:
                raise Unavailable(said(error), code="origin") from error
        pauses = iter(ORIGIN_PAUSES)
        is_current = False
        while True:
            try:
                if not is_current:
                    following.begin()
                    following.until_current()
                is_current = True
                following.once_more()
                pauses = iter(ORIGIN_PAUSES)
            except Trouble as error:
                if isinstance(error, DBAPIError) and not _is_away(error):
                    raise
                pause = max(next(pauses, ORIGIN_PAUSES[-1]), getattr(error, "retry_after", 0) or 0)
                log.warning("the copy waits %d seconds: %s", pause, said(error))
                is_current = False
                time.sleep(pause)


def said(error: Exception) -> str:
    """What went wrong, in a sentence."""
    if isinstance(error, DBAPIError):
        what = "does not answer" if _is_away(error) else "refused it"
        return f"The database {what}: {' '.join(str(error.orig).split())[:300]}"
    return str(error)


def _must_rise(error: Exception) -> bool:
    """Whether it is about us rather than about the project: nothing is to be noted, everything has to wait."""
    return isinstance(error, Unavailable) or (isinstance(error, DBAPIError) and _is_away(error))


def _is_away(error: DBAPIError) -> bool:
    """Whether the database cannot be used at the moment, rather than cannot do what it was asked in its time."""
    took_too_long = getattr(error.orig, "sqlstate", None) == QUERY_CANCELED
    return was_cut_off(error) or (isinstance(error, OperationalError) and not took_too_long)


@contextmanager
def _pools() -> Iterator[tuple[Executor, Executor]]:
    projects = ThreadPoolExecutor(PROJECTS_AT_ONCE, thread_name_prefix="copying")
    downloads = ThreadPoolExecutor(DOWNLOADS_AT_ONCE, thread_name_prefix="downloading")
    try:
        yield projects, downloads
    finally:
        for pool in (projects, downloads):
            pool.shutdown(wait=True, cancel_futures=True)


@contextmanager
def _alone(tools: Tools) -> Iterator[None]:
    """Refuse with :class:`Conflict` to be the second who copies into this index."""
    with psycopg.connect(libpq_url(tools.database.url), autocommit=True) as connection:
        got = connection.execute("SELECT pg_try_advisory_lock(%s)", (LOCK,)).fetchone()
        if got is None or not got[0]:
            raise Conflict("Another 'warehouse mirror' copies into this index already.", code="not_alone")
        yield
