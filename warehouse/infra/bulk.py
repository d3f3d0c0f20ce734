"""Filling tables in bulk: without their indexes and foreign keys, which are made again at the end."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import psycopg

_CONSTRAINTS = """
    SELECT quote_ident(conname), conrelid::regclass::text, pg_get_constraintdef(oid), contype = 'f'
    FROM pg_constraint
    WHERE contype IN ('p', 'u') AND conrelid = ANY(%(tables)s::regclass[])
       OR contype = 'f' AND %(tables)s::regclass[] && ARRAY[conrelid::regclass, confrelid::regclass]
    ORDER BY contype = 'f' DESC, conrelid::regclass::text, conname
"""
_INDEXES = """
    SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index
    WHERE indrelid = ANY(%(tables)s::regclass[])
      AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid)
    ORDER BY indexrelid::regclass::text
"""


@contextmanager
def without_indexes(
    connection: psycopg.Connection, tables: Sequence[str], built: Callable[[int, int], None]
) -> Iterator[None]:
    """Fill ``tables`` while the block runs, with nothing but the rows being written; ``built`` hears of the progress.

    All in the connection's transaction: whatever breaks it, the tables keep their indexes and constraints. Nobody else
    can read them until it ends.
    """
    constraints = connection.execute(_CONSTRAINTS, {"tables": list(tables)}).fetchall()
    indexes = connection.execute(_INDEXES, {"tables": list(tables)}).fetchall()
    for name, table, _, _ in constraints:  # foreign keys first, which need the keys that they refer to
        connection.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
    for name, _ in indexes:
        connection.execute(f"DROP INDEX {name}")
    yield
    statements = [
        f"ALTER TABLE {table} ADD CONSTRAINT {name} {definition}"
        for name, table, definition, is_foreign in sorted(constraints, key=lambda constraint: constraint[3])
    ]
    keys = sum(not constraint[3] for constraint in constraints)
    statements[keys:keys] = [definition for _, definition in indexes]
    for number, statement in enumerate(statements, start=1):
        connection.execute(statement)
        built(number, len(statements))


def copy(connection: psycopg.Connection, table: str, columns: str, text: str, *, freeze: bool = False) -> None:
    """Add rows, given in the text form of COPY.

    ``freeze`` spares the vacuum that would otherwise read and write them all again; only in a transaction that
    truncated the table.
    """
    options = " WITH (FREEZE)" if freeze else ""
    with connection.cursor() as cursor, cursor.copy(f"COPY {table} ({columns}) FROM STDIN{options}") as rows:
        rows.write(text)
