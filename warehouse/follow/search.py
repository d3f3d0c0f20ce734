"""The search index of this machine follows the journal.

It keeps its own cursor, beside what it holds: every machine has a copy of its own. The cursor is written after the
commit, so what a killed process did is done again, which changes nothing.
"""

from __future__ import annotations

import logging
import os
import shutil
import threading
from collections.abc import Callable, Collection, Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from warehouse.errors import Unavailable
from warehouse.follow.follower import RETRY, turns
from warehouse.infra.db import UNANSWERED, unavailable
from warehouse.infra.search import EmbeddedSearch, Mark, SearchDocument, SearchWriter, Versions
from warehouse.infra.search.writing import BUILDING_MEMORY
from warehouse.sources.documents import all_documents, documents_of, numbers_after
from warehouse.work import Tools

log = logging.getLogger("warehouse.follow.search")

NAME = "search"
BATCH = 1000
GATHER = 0.1  # seconds
NICENESS = 10  # whoever reads or publishes goes first
NUMBERS_HOUR = 5  # UTC; when the numbers of yesterday are there

_AFTER = "SELECT serial, normalized_name FROM journal WHERE serial > %(since)s ORDER BY serial LIMIT %(most)s"
# A mirror may get a project when the entry that tells of it has been followed, and there is no new one then.
_RETOLD = "SELECT normalized_name, retold_serial FROM mirrored_projects WHERE retold_serial >= %(since)s"
_NEWEST = "SELECT COALESCE(max(serial), 0) FROM journal"
_ENTRY = "SELECT normalized_name || ' ' || submitted_at FROM journal WHERE serial = %(serial)s"


def search_folder(tools: Tools) -> Path:
    """Where the index of this machine is."""
    return tools.settings.data / "search"


def keep_searchable(tools: Tools, stop: threading.Event) -> None:
    """Keep this machine's index true until ``stop``, and make it where there is none; or wait while another does."""
    os.nice(NICENESS)
    versions = Versions(search_folder(tools))
    while not stop.is_set():
        with versions.lock("following", wait=False) as is_mine:
            if is_mine:
                keeper = SearchKeeper(tools, versions)
                for _ in turns(tools, stop, gather=GATHER):
                    keeper.turn(stop)
        stop.wait(RETRY)


def rebuild_search(tools: Tools, *, again: bool = True, tell: Callable[[int], None] = lambda number: None) -> Path:
    """Make the index anew in a folder of its own, while the old one is searched, and have it searched from then on.

    One at a time; who does not need it made ``again`` takes what was made while it waited for its turn.
    """
    versions = Versions(search_folder(tools))
    before = versions.current()
    with versions.lock("building", wait=True):
        current = versions.current()
        if not again and current is not None and current != before:
            return current
        version = versions.fresh()
        try:
            _build(tools, version, tell)
        except BaseException:
            shutil.rmtree(version, ignore_errors=True)
            raise
        versions.swap(version)
    log.info("the search index was made", extra={"version": version.name})
    return version


def behind(tools: Tools, mark: Mark) -> int:
    """How far an index with this mark is behind, in serials."""
    return max(0, int(tools.database.rows(_NEWEST, {})[0][0]) - mark.serial)


class SearchKeeper:
    """Brings the version that is searched up to date, turn by turn, and uses each turn for some of the numbers, too."""

    def __init__(self, tools: Tools, versions: Versions) -> None:
        self._tools = tools
        self._versions = versions
        self._searching = EmbeddedSearch(versions.folder)
        self._writer: SearchWriter | None = None
        self._numbers_until: str | None = ""  # the name up to which they were compared; None when all were
        self._numbers_day = _numbers_day()
        self._retold: set[tuple] = set()  # what was followed of it

    def turn(self, stop: threading.Event) -> None:
        """Do what there is to do. What fails is reported, and tried again on a writer that is opened anew."""
        try:
            writer = self._open()
            while follow(self._tools, writer) == BATCH and not stop.is_set():
                pass
            self._follow_retold(writer)
            self._tools.metrics.follower_lag.labels(NAME).set(behind(self._tools, writer.mark))
            self._compare_numbers(writer)
        except Exception as error:
            if self._writer is not None and self._versions.current() != self._writer.version:
                self._writer = None  # somebody has swapped it meanwhile
                return
            self._writer = None
            away = unavailable(error) if isinstance(error, UNANSWERED) else error
            if isinstance(away, Unavailable) and away.code == "database":
                log.warning("the search index waits: %s", away)
            else:
                log.exception("the search index is held up")
            stop.wait(RETRY)

    def _open(self) -> SearchWriter:
        """The writer of the version that is searched; made anew when it is damaged, or of another database."""
        version = self._versions.current()
        if self._writer is not None and self._writer.version == version:
            return self._writer
        self._writer = None  # it holds a lock
        writer = _opened(version) if version is not None else None
        if writer is None or not _is_of(self._tools, writer.mark):
            writer = None
            writer = SearchWriter(rebuild_search(self._tools, again=False))
        else:
            with self._versions.lock("building", wait=False) as is_mine:
                if is_mine:
                    self._versions.swap(writer.version)  # removes what a killed process has left half made
        self._writer = writer
        return writer

    def _follow_retold(self, writer: SearchWriter) -> None:
        """Look again at what a mirror has got since the newest entry that was followed."""
        retold = set(self._tools.database.rows(_RETOLD, {"since": writer.mark.serial}))
        names = sorted({name for name, _ in retold - self._retold})
        for start in range(0, len(names), BATCH):
            _replace(self._tools, writer, names[start : start + BATCH], writer.mark)
        self._retold = retold

    def _compare_numbers(self, writer: SearchWriter) -> None:
        """Once a day, and at first, take over how much projects are used: no entry of the journal tells of it."""
        if self._numbers_until is None:
            if self._numbers_day == _numbers_day():
                return
            self._numbers_day, self._numbers_until = _numbers_day(), ""
        read = numbers_after(self._tools.database, self._numbers_until, BATCH)
        if read:
            known = self._searching.numbers([one.normalized_name for one in read])
            changed = {name for name, *numbers in read if name in known and known[name] != tuple(numbers)}
            if changed:
                _replace(self._tools, writer, changed, writer.mark)
        self._numbers_until = read[-1].normalized_name if len(read) == BATCH else None


def follow(tools: Tools, writer: SearchWriter) -> int:
    """Apply the next entries of the journal; how many there were."""
    entries = tools.database.rows(_AFTER, {"since": writer.mark.serial, "most": BATCH})
    if entries:
        names = {name for _, name in entries}
        _replace(tools, writer, names, _mark(tools, entries[-1][0]))
    return len(entries)


def _replace(tools: Tools, writer: SearchWriter, names: Collection[str], mark: Mark) -> None:
    writer.replace(names, documents_of(tools.database, names))
    writer.commit(mark)


def _build(tools: Tools, version: Path, tell: Callable[[int], None]) -> None:
    writer = SearchWriter(version, memory=BUILDING_MEMORY)
    # Read before the data, which may hold more than the entries up to here: those are applied again.
    mark = _mark(tools, int(tools.database.rows(_NEWEST, {})[0][0]))
    writer.add(_told(all_documents(tools.database), tell))
    writer.commit(mark)
    while follow(tools, writer):
        pass
    writer.close()


def _told(documents: Iterable[SearchDocument], tell: Callable[[int], None]) -> Iterator[SearchDocument]:
    for number, document in enumerate(documents, start=1):
        if number % BATCH == 0:
            tell(number)
        yield document


def _opened(version: Path) -> SearchWriter | None:
    """The writer, if everything that the version says it has is there."""
    try:
        writer = SearchWriter(version)
        writer.index.searcher()
    except (OSError, ValueError) as error:
        log.warning("the search index is damaged and is made anew: %s", error)
        return None
    return writer


def _mark(tools: Tools, serial: int) -> Mark:
    found = tools.database.rows(_ENTRY, {"serial": serial})
    return Mark(serial, found[0][0] if found else "")


def _is_of(tools: Tools, mark: Mark) -> bool:
    """Whether the index followed this journal, and not one that was there before a backup was restored."""
    return _mark(tools, mark.serial) == mark


def _numbers_day() -> int:
    """Changes once a day, when there are new numbers."""
    now = datetime.now(UTC)
    return now.toordinal() - (now.hour < NUMBERS_HOUR)
