"""Which namespaces there are (PEP 752): one SQL statement a page."""

from __future__ import annotations

from collections.abc import Sequence

from warehouse.infra.db import Database
from warehouse.standards.names import NormalizedName
from warehouse.standards.namespaces import Told, below, covering, outermost

_ALL = "SELECT name FROM namespaces ORDER BY name"

# The grant, the nearest one above it, and all that are below it.
_ONE = """
    SELECT n.name, u.username::text,
        (SELECT above.name FROM namespaces above WHERE above.name = ANY(%(above)s::text[])
         ORDER BY length(above.name) DESC LIMIT 1),
        ARRAY(SELECT name FROM namespaces WHERE name >= %(start)s AND name < %(end)s ORDER BY name)
    FROM namespaces n JOIN users u ON u.id = n.owner_id WHERE n.name = %(name)s
"""


class NamespaceSource:
    """Reads the grants in the database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def names(self) -> Sequence[str]:
        """Every namespace, by name."""
        return [name for (name,) in self._database.rows(_ALL, {})]

    def one(self, name: NormalizedName) -> Told | None:
        """What there is to tell of one namespace; None when nobody was granted it."""
        start, end = below(name)
        values = {"name": name, "above": covering(name)[:-1], "start": start, "end": end}
        rows = self._database.rows(_ONE, values)
        if not rows:
            return None
        found, owner, parent, all_below = rows[0]
        return Told(found, parent, outermost(all_below), owner)
