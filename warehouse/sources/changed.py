"""Which projects are to be looked at again: the journal names them, and on a mirror something else does, too."""

from __future__ import annotations

# A mirror may get a project when the entry that tells of it has been here for long, so there is no new one then.
RETOLD = "SELECT normalized_name FROM mirrored_projects WHERE retold_serial >= %(since)s"

CHANGED = f"SELECT normalized_name FROM journal WHERE serial > %(since)s UNION {RETOLD}"
"""The normalized names of what may have changed since a serial."""
