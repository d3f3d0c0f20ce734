"""Asking the origin, and making sure that what its pages say fits together."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TypeVar
from urllib.parse import quote

from warehouse.domain.journal.copying import CopiedEntry
from warehouse.errors import Conflict
from warehouse.infra.fetching import Fetcher, NotFetched
from warehouse.operations.mirroring.documents import (
    Batch,
    Beginning,
    FileSaid,
    Info,
    Misstated,
    ProjectDocument,
    ReleaseDocument,
    Root,
    Said,
    SimplePage,
    read,
)
from warehouse.standards.names import NormalizedName

MIB = 1024 * 1024
SIMPLE = "application/vnd.pypi.simple.v1+json"
BATCH = 1_000  # serials
T = TypeVar("T", bound=Said)

PATIENCE = (0.1, 0.3, 1.0, 2.0)  # seconds between looks at pages that do not fit together


@dataclass(frozen=True)
class ProjectSaid:
    """A project as of one moment. ``releases`` is None when it is in quarantine, where nothing of them is told.

    ``display`` is None where no page tells how the name is spelled.
    """

    name: NormalizedName
    display: str | None
    serial: int
    status: str
    status_reason: str | None
    releases: dict[str, list[FileSaid]] | None


def restored(origin: str) -> Conflict:
    """The refusal to follow a journal that is not the one that was followed."""
    return Conflict(
        f"{origin} was restored from an older backup: its journal tells another story than this mirror followed. "
        "Begin a new mirror in an empty data folder.",
        code="origin_restored",
    )


class Origin:
    """The index that is copied. Every question raises :class:`NotFetched` or :class:`Misstated`."""

    def __init__(self, fetcher: Fetcher) -> None:
        self.fetcher = fetcher

    def last_serial(self) -> int:
        """The newest serial."""
        return self._feed(Beginning, "api/journal/").last

    def changes(self, since: int, *, limit: int = BATCH, wait: int = 0) -> Batch:
        """The entries after ``since``; when there are none, those that come within ``wait`` seconds.

        Refuses with :class:`Conflict` when the origin's journal does not reach that far.
        """
        query = f"api/journal/?since={since}&limit={limit}" + (f"&wait={wait}" if wait else "")
        try:
            batch = self._feed(Batch, query, wait=wait)
        except NotFetched as error:
            if error.status == 409:
                raise restored(self.fetcher.origin) from error
            raise
        batch.check(since)
        return batch

    def projects(self) -> Root:
        """Every project that is listed."""
        document = self.fetcher.document("simple/", limit=512 * MIB, accept=SIMPLE, seconds=600)
        if document is None:
            raise Misstated(f"There is no list of projects at {self.fetcher.origin}simple/.")
        return read(Root, document.body, document.url)

    def project(self, name: NormalizedName, *, at_least: int) -> ProjectSaid | None:
        """The project as of ``at_least`` or later; None when there is none.

        The pages may change between two looks, and a cache in front of the origin may be behind: then it looks again.
        """
        for pause in (*PATIENCE, None):
            page = self._simple(name)
            if page is None:
                return None
            said = self._described(page)
            if said is not None and said.serial >= at_least:
                return said
            if pause is not None:
                time.sleep(pause)
        raise NotFetched(f"The origin's pages of {name} do not fit together, or are older than its change feed.")

    def release(self, name: NormalizedName, version: str) -> Info:
        """What this release says of itself."""
        path = f"pypi/{name}/{quote(version, safe='')}/json"
        document = self.fetcher.document(path, limit=32 * MIB)
        if document is None:
            raise NotFetched(f"The origin has no page of {name} {version} any more.")
        said = read(ReleaseDocument, document.body, document.url).info
        if said.version != version:
            raise Misstated(f"The origin's page of {name} {version} is about {said.version}.")
        return said

    def _feed(self, kind: type[T], path: str, *, wait: int = 0) -> T:
        document = self.fetcher.document(path, limit=32 * MIB, wait=wait)
        if document is None:
            raise Misstated(f"There is no change feed at {self.fetcher.origin}api/journal/: it is no Warehouse.")
        return read(kind, document.body, document.url)

    def check_story(self, newest: CopiedEntry) -> None:
        """Refuse with :class:`Conflict` unless the origin still has this entry, the newest that was copied.

        An index that is restored from a backup gives the same serials to other changes.
        """
        entries = self.changes(newest.serial - 1, limit=1).entries
        if [entry.copied for entry in entries] != [newest]:
            raise restored(self.fetcher.origin)

    def _simple(self, name: NormalizedName) -> SimplePage | None:
        document = self.fetcher.document(f"simple/{name}/", limit=128 * MIB, accept=SIMPLE)
        if document is None:
            return None
        page = read(SimplePage, document.body, document.url)
        if page.name != name:
            raise Misstated(f"The origin's page of {name} is about {page.name}.")
        return page

    def _described(self, page: SimplePage) -> ProjectSaid | None:
        """The project by both of its pages; None when they are not of one moment."""
        name = NormalizedName(page.name)
        status, reason, serial = page.status.status, page.status.reason, page.meta.last_serial
        if status == "quarantined":
            return ProjectSaid(name, None, serial, status, reason, None)
        document = self.fetcher.document(f"pypi/{name}/json", limit=128 * MIB)
        if document is None:
            return ProjectSaid(name, None, serial, status, reason, {})
        described = read(ProjectDocument, document.body, document.url)
        if described.last_serial != serial:
            return None
        described.check(name)
        return ProjectSaid(name, described.info.name, serial, status, reason, described.releases)
