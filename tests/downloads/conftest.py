"""Downloads as tests speak of them."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import text

from tests.builders import wheel
from tests.index import Index


class Downloads:
    """The numbers of one index, and the two files that there are to download."""

    def __init__(self, index: Index) -> None:
        self.index = index
        ada = index.user("ada")
        for dist in (wheel("demo", "1.0"), wheel("demo", "2.0")):
            assert index.upload(dist, by=ada).status == 200
        first, second = index.simple("demo")["files"]
        self.path, self.newer = first["url"], second["url"]

    def rows(self) -> list[tuple]:
        """What is in the table, without the day."""
        with self.index.work() as work:
            columns = "normalized_name, version, kind, installer, python, system, number"
            return [tuple(row) for row in work.db.execute(text(f"SELECT {columns} FROM downloads ORDER BY 1, 2, 3, 4"))]

    def put(self, day: date, number: int, *, name: str = "demo", version: str = "1.0", kind: str = "installer") -> None:
        """So many downloads by pip on a day."""
        row = {"day": day, "name": name, "version": version, "kind": kind, "number": number}
        with self.index.work() as work:
            work.db.execute(
                text("INSERT INTO downloads VALUES (:day, :name, :version, :kind, 'pip', '3.12', 'Linux', :number)"),
                row,
            )


@pytest.fixture
def downloads(index: Index) -> Downloads:
    """An index with two releases of one project."""
    return Downloads(index)
