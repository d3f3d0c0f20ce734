"""The journal: every change that a client of the index can see, numbered in commit order."""

from warehouse.domain.journal.entries import Change, FollowerCursor, JournalEntry, ProjectSerial
from warehouse.domain.journal.notices import look_again
from warehouse.domain.journal.queries import cursor, entries_since, last_serial, project_serial, rename_submitter
from warehouse.domain.journal.writing import add, number_on_commit

__all__ = [
    "Change",
    "FollowerCursor",
    "JournalEntry",
    "ProjectSerial",
    "add",
    "cursor",
    "entries_since",
    "last_serial",
    "look_again",
    "number_on_commit",
    "project_serial",
    "rename_submitter",
]
