"""The caches in front of the index follow the journal: what changed is purged, and once more when nobody has old pages.

Why twice. A purge goes out after COMMIT, when the page that the index would build is the new one. But a web server on
another machine hears of the change up to a second later, and a page that was being built at that moment is still on its
way: fetched between the purge and then, the old page would lie in the cache as a fresh one for a day. So each change is
purged at once, for those who wait for it, and again some seconds later, when no server answers with the old page any
more. Each of the two is a follower with a cursor of its own, so that neither a cache nor a worker that dies loses one.
A web server that was without its database for longer than that puts the second cursor back when it has it again.
"""

from __future__ import annotations

import logging
import math
import threading
import time
from collections import deque
from collections.abc import Iterable, Sequence, Set

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from warehouse.domain.accounts import User
from warehouse.domain.journal import Change, FollowerCursor, JournalEntry, cursor, entries_since, last_serial
from warehouse.domain.packaging import Project, Role
from warehouse.follow.follower import BATCH, begin_at_newest, catch_up, turns
from warehouse.infra.cdn import PurgeFailed, Purger, open_purgers
from warehouse.settings import Settings
from warehouse.work import SYSTEM, Tools, Work, begin

log = logging.getLogger("warehouse.follow.cdn")

GATHER = 0.05  # seconds: somebody may be waiting for what was just uploaded
FIRST_PAUSE = 1.0  # seconds after a failure; twice as long after the next
LONGEST_PAUSE = 60.0

AGAIN = " again"  # what the name of a cache's second cursor ends with

OF_ITS_FILES_ALONE = {Change.FILE_ADDED, Change.FILE_REMOVED}
LEAVES_FILES_AS_THEY_ARE = {
    Change.PROJECT_CREATED,
    Change.RELEASE_CREATED,
    Change.RELEASE_YANKED,
    Change.RELEASE_UNYANKED,
    Change.FILE_ADDED,
    Change.PEOPLE_CHANGED,
}


def project_keys(name: str) -> list[str]:
    """The keys of everything about one project, by its normalized name: its pages, and its files."""
    return [f"project/{name}", f"files/{name}"]


def keys_of(db: Session, entries: Iterable[JournalEntry]) -> set[str]:
    """The surrogate keys of all that these entries change.

    Files have a key apart: they never change, only whether they may be had does, and fetching all files of a project
    again for each that is added would be a waste.
    """
    keys, listed = set(), set()
    for entry in entries:
        keys.add(f"project/{entry.normalized_name}")
        if entry.change not in LEAVES_FILES_AS_THEY_ARE:
            keys.add(f"files/{entry.normalized_name}")
        if entry.change == Change.PEOPLE_CHANGED:
            # "add Owner ada", "change Owner ada to Maintainer": whoever has left is not found in the roles any more.
            keys.add(f"user/{entry.action.split()[2].lower()}")
        elif entry.change not in OF_ITS_FILES_ALONE:
            keys.add("all-projects")
            listed.add(entry.normalized_name)
    return keys | {f"user/{username.lower()}" for username in _collaborators(db, listed)}


def _collaborators(db: Session, names: Set[str]) -> Sequence[str]:
    query = select(User.username).join(Role, Role.user_id == User.id).join(Project, Project.id == Role.project_id)
    return db.scalars(query.where(Project.normalized_name.in_(names)).distinct()).all() if names else ()


class CdnFollower:
    """Has one cache told what the journal tells of; ``name`` is its cursor's."""

    def __init__(self, purger: Purger, name: str) -> None:
        self.name = name
        self._purger = purger

    def apply(self, work: Work, names: Set[str]) -> None:
        """Purge what changed after the cursor, which is only moved when the cache has taken it."""
        position = cursor(work.db, self.name)
        entries = entries_since(work.db, position.serial if position else 0, limit=BATCH)
        self._purger.purge(keys_of(work.db, (entry for entry in entries if entry.normalized_name in names)))

    def rebuild(self, db: Session) -> None:
        """Have the cache forget everything."""
        self._purger.purge_all()


class Settled:
    """Which serial the journal had reached ``seconds`` ago, as far as somebody has watched.

    The entries' own times would not say: they are those of the transactions' beginning, by another machine's clock.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._seen: deque[tuple[float, int]] = deque()

    def see(self, newest: int, now: float) -> int:
        """Note that the journal has reached ``newest`` now; 0 as long as nobody has watched for long enough."""
        if not self._seen or newest > self._seen[-1][1]:
            self._seen.append((now, newest))
        while len(self._seen) > 1 and self._seen[1][0] <= now - self._seconds:
            self._seen.popleft()
        at, serial = self._seen[0]
        return serial if at <= now - self._seconds else 0


class Purging:
    """Keeps one cache true, in turns. While it cannot be told, its cursors wait, and nobody else does."""

    def __init__(self, tools: Tools, purger: Purger) -> None:
        self._tools = tools
        self._name = purger.name
        self._first, self._second = _followers(purger)
        self._settled = self._watching()
        self._second_at = 0
        self._pause = 0.0
        self._not_before = 0.0

    def run(self, stop: threading.Event) -> None:
        """Take turns until ``stop``."""
        for _ in turns(self._tools, stop, gather=GATHER):
            self.turn(stop)

    def turn(self, stop: threading.Event) -> None:
        """Tell the cache what it has not been told, unless it wants to be left alone for a while."""
        try:
            with self._tools.database.session() as db:
                newest = last_serial(db)
            if self._position(self._second) < self._second_at:
                self._settled = self._watching()  # what it was put back for may have happened just now
            due = ((self._first, newest), (self._second, self._settled.see(newest, time.monotonic())))
            behind = [(follower, up_to) for follower, up_to in due if self._behind(follower, up_to)]
            if time.monotonic() < self._not_before:
                return
            for follower, up_to in behind:
                self._tell(follower, up_to, stop)
        except PurgeFailed as failure:
            self._wait(failure.retry_after)
            log.warning("purges wait for %.0f seconds: %s", self._pause, failure.sentence, extra={"cdn": self._name})
        except Exception:
            self._wait(0)
            log.exception("the follower %s is held up", self._name, extra={"follower": self._name})
        else:
            if self._pause:
                log.info("purges go on", extra={"cdn": self._name})
            self._pause = 0.0

    def _watching(self) -> Settled:
        return Settled(self._tools.settings.cdn.again_after.total_seconds())

    def _tell(self, follower: CdnFollower, up_to: int, stop: threading.Event) -> None:
        """Bring the cursor to ``up_to``. A worker elsewhere that is moving it goes on alone."""
        while catch_up(self._tools, follower, wait=False, up_to=up_to) == BATCH and not stop.is_set():
            pass
        self._behind(follower, up_to)

    def _behind(self, follower: CdnFollower, up_to: int) -> int:
        """How far the cursor is behind, for the numbers too. Without its lock, which would write every second."""
        position = self._position(follower)
        if follower is self._second:
            self._second_at = position
        behind = max(0, up_to - position)
        self._tools.metrics.follower_lag.labels(follower.name).set(behind)
        return behind

    def _position(self, follower: CdnFollower) -> int:
        with self._tools.database.session() as db:
            position = cursor(db, follower.name)
        return position.serial if position is not None else 0

    def _wait(self, seconds: float) -> None:
        self._pause = max(min(2 * self._pause or FIRST_PAUSE, LONGEST_PAUSE), seconds)
        self._not_before = time.monotonic() + self._pause


def begin_purging(tools: Tools) -> None:
    """Note, for each cache that was never told of anything, what it need not be told; before any page goes out.

    A page that is changed between its going out and the cursor's beginning would stay as it was for a day. Refuses with
    :class:`warehouse.settings.BadSettings` when a setting is missing, and warns of settings that do not go together.
    """
    if (sentence := advice(tools.settings)) is not None:
        log.warning("%s", sentence)
    for purger in open_purgers(tools.settings):
        for follower in _followers(purger):
            begin_at_newest(tools, follower.name)


def patience(settings: Settings) -> float:
    """For how many seconds a web server may go without a word from the database before :func:`purge_again` is due.

    A second less than the second purge waits, for the pages that are on their way.
    """
    return max(settings.cdn.again_after.total_seconds() - 1.0, 0.0) if settings.cdn.is_told else math.inf


def purge_again(tools: Tools, serial: int) -> None:
    """Have everything after ``serial`` purged once more: some web server may have answered with old pages since then.

    To be called when it does so no more.
    """
    with begin(tools, SYSTEM) as work:
        late = (FollowerCursor.follower.endswith(AGAIN), FollowerCursor.serial > serial)
        work.db.execute(update(FollowerCursor).where(*late).values(serial=serial))
    log.warning("a web server did not hear from the database for a while: purging again what changed after %d", serial)


def advice(settings: Settings) -> str | None:
    """What is odd about the settings of a CDN, in a sentence that says what to set."""
    is_kept = settings.pages.cdn_max_age is not None
    if settings.access.read != "everyone":
        if settings.cdn.is_told:
            return "Only token holders may read, so that no CDN keeps any page: set cdn.backend to none."
    elif is_kept and not settings.cdn.is_told:
        return (
            "No CDN is told of changes, so that none may keep a page longer than clients may: set cdn.backend, or "
            "pages.cdn_max_age to none."
        )
    elif settings.cdn.is_told and not is_kept:
        return "The CDN is told of changes to pages that it may not keep: set pages.cdn_max_age."
    return None


def _followers(purger: Purger) -> tuple[CdnFollower, CdnFollower]:
    return CdnFollower(purger, purger.name), CdnFollower(purger, f"{purger.name}{AGAIN}")
