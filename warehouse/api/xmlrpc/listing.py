"""The list of all projects with their serials, which a hundred mirrors may ask for at once."""

from __future__ import annotations

import threading

from warehouse.sources.mirrors import MirrorSource
from warehouse.standards.xmlrpc import SerialList
from warehouse.standards.xmlrpc.listing import Parts

LOAD_AGAIN = 20_000  # entries: after more of them, reading everything is quicker than reading what changed


class Listing:
    """Keeps up with the journal when it is asked. What it answers is true to one moment, and not older than the call:
    a mirror goes on from the largest serial in the list, and would never hear of a change before it."""

    def __init__(self, source: MirrorSource) -> None:
        self._source = source
        self._projects = SerialList()
        self._serial: int | None = None
        self._lock = threading.Lock()  # two that bring the list up to date at once would do each other's changes twice

    def parts(self) -> Parts:
        """The members of the list as of now."""
        with self._lock:
            newest = self._source.last_serial() or 0
            known = self._serial
            if known is None or not known <= newest <= known + LOAD_AGAIN:
                self._load()
            else:  # also where no entry is new: a mirror may have got a project whose entry was here before
                self._serial, changed = self._source.changed_projects(known)
                self._projects.change(changed)
            return self._projects.parts()

    def _load(self) -> None:
        self._serial = None  # until all of it is there: the database may go away in the middle
        projects = self._source.all_projects()
        _, _, serial = next(projects)
        self._projects.load(projects)
        self._serial = serial
