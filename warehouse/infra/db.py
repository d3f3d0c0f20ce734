"""PostgreSQL through SQLAlchemy: the base of all tables, the engine and its sessions."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, LiteralString

import orjson
import psycopg
from sqlalchemy import Engine, MetaData, create_engine, text
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import DeclarativeBase, MappedColumn, Session, mapped_column, sessionmaker

from warehouse.errors import Unavailable

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}

# What the server says when two transactions met and one of them should simply try again: unique_violation,
# foreign_key_violation (what it belongs to was removed a moment ago), serialization_failure, deadlock_detected.
TRY_AGAIN = {"23505", "23503", "40001", "40P01"}

OVERFLOW = 4  # connections beyond the pool: in a rush it is better to wait than to use up the server's

READING_SHARE = 4  # one of so many connections is for reading statements only

# Sorting the files of a project of ten thousand takes 5 MB, and would take twice the time on disk.
READING_MEMORY = "16MB"

# What it says when it is being stopped or started.
GOING_AWAY = {"57P01", "57P02", "57P03"}  # admin_shutdown, crash_shutdown, cannot_connect_now

TOOK_TOO_LONG = "57014"  # query_canceled

UNANSWERED = (OperationalError, psycopg.OperationalError, PoolTimeout)
"""How questions end that the database does not answer: :func:`unavailable` says it to whoever asked."""


class Base(DeclarativeBase):
    """All tables; constraint names are fixed so that migrations can name them."""

    metadata = MetaData(naming_convention=NAMES)


def uuid_key() -> MappedColumn[uuid.UUID]:
    """The primary key of what is named outside the database, in tokens for instance."""
    return mapped_column(primary_key=True, default=uuid.uuid4, server_default=text("gen_random_uuid()"))


class Database:
    """One PostgreSQL database, shared by the threads of a process.

    ``statement_timeout`` bounds every statement; a session that needs longer says so with
    :func:`allow_statements`.
    """

    def __init__(self, url: str, *, pool_size: int = 10, statement_timeout: timedelta = timedelta(seconds=30)) -> None:
        self.url = url
        readers = max(1, pool_size // READING_SHARE)
        options = f"-c timezone=UTC -c statement_timeout={int(statement_timeout.total_seconds() * 1000)}"
        self.engine = _engine(url, max(1, pool_size - readers), options)
        # Whatever is prepared on a connection is gone when a transaction on it is rolled back, and every session
        # that only read ends so: statements would be parsed and planned anew each time, which takes longer than most
        # of them do. Outside of transactions they also cost one round trip rather than three.
        self.reading = _engine(url, readers, f"{options} -c work_mem={READING_MEMORY}", isolation_level="AUTOCOMMIT")
        self.sessions = sessionmaker(self.engine, expire_on_commit=False)

    def session(self) -> Session:
        """A new session; the caller closes it."""
        return self.sessions()

    @contextmanager
    def connection(self) -> Iterator[psycopg.Connection]:
        """A raw psycopg connection from the pool, for the paths where the ORM's price shows."""
        with self._raw(self.engine) as connection:
            yield connection

    @contextmanager
    def snapshot(self) -> Iterator[psycopg.Connection]:
        """A raw connection on which every statement reads the same moment. Statements stay prepared on it."""
        with self._raw(self.reading) as connection:
            connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
            yield connection
            connection.execute("COMMIT")  # the pool's ROLLBACK would forget what is prepared

    def rows(self, query: LiteralString, parameters: Mapping[str, object]) -> list[tuple]:
        """The rows of one reading statement, prepared; asked once more when the server was restarted in between.

        Refuses with :class:`Unavailable` when the server does not answer, or not in time.
        """
        try:
            try:
                return self._rows(query, parameters)
            except psycopg.OperationalError as error:
                if not was_cut_off(error):
                    raise
                return self._rows(query, parameters)
        except UNANSWERED as error:
            raise unavailable(error) from error

    def _rows(self, query: LiteralString, parameters: Mapping[str, object]) -> list[tuple]:
        with self._raw(self.reading) as connection:
            return connection.execute(query, parameters, prepare=True).fetchall()

    @contextmanager
    def _raw(self, engine: Engine) -> Iterator[psycopg.Connection]:
        pooled = engine.raw_connection()
        try:
            raw = pooled.dbapi_connection
            assert isinstance(raw, psycopg.Connection)
            try:
                yield raw
            except psycopg.OperationalError:
                if raw.closed:
                    # The server went away, and with it the other pooled connections: the next ones are new.
                    self.dispose()
                raise
        finally:
            pooled.close()

    def is_reachable(self) -> bool:
        """Whether the server answers a trivial query; not while all connections of this process are in use."""
        try:
            with self.engine.connect() as connection:
                connection.execute(text("SELECT 1"))
        except (OperationalError, PoolTimeout):
            return False
        return True

    def dispose(self) -> None:
        """Close every pooled connection (before a fork, and at the end)."""
        self.engine.dispose()
        self.reading.dispose()


def _engine(url: str, size: int, options: str, **more: Any) -> Engine:
    return create_engine(
        sqlalchemy_url(url),
        pool_size=size,
        max_overflow=OVERFLOW,
        pool_timeout=10,
        pool_pre_ping=False,
        hide_parameters=True,  # errors are logged, and parameters are password hashes and addresses, too
        pool_use_lifo=True,
        json_serializer=lambda value: orjson.dumps(value).decode(),
        json_deserializer=orjson.loads,
        connect_args={"application_name": "warehouse", "connect_timeout": 10, "options": options},
        **more,
    )


def sqlalchemy_url(url: str) -> str:
    """The URL with the psycopg 3 driver named, whichever of the usual spellings it came in."""
    scheme, separator, rest = url.partition("://")
    if not separator or scheme.partition("+")[0] not in ("postgresql", "postgres"):
        raise ValueError("DATABASE_URL must start with postgresql://")
    return f"postgresql+psycopg://{rest}"


def libpq_url(url: str) -> str:
    """The URL as libpq and psycopg's own ``connect`` understand it."""
    return sqlalchemy_url(url).replace("postgresql+psycopg://", "postgresql://", 1)


def allow_statements(session: Session, duration: timedelta) -> None:
    """Let the statements of this transaction take up to ``duration``."""
    milliseconds = int(duration.total_seconds() * 1000)
    session.execute(text(f"SET LOCAL statement_timeout = {milliseconds}"))


def should_try_again(error: DBAPIError) -> bool:
    """Whether the same work, done again from the start, may well succeed."""
    return _sqlstate(error) in TRY_AGAIN


def was_cut_off(error: DBAPIError | psycopg.OperationalError) -> bool:
    """Whether the connection was lost; the server may be back in a moment."""
    if _sqlstate(error) in GOING_AWAY:
        return True
    return error.connection_invalidated if isinstance(error, DBAPIError) else error.sqlstate is None


def unavailable(error: Exception) -> Unavailable:
    """What to tell whoever asked, for one of :data:`UNANSWERED`."""
    if _sqlstate(error) == TOOK_TOO_LONG:
        return Unavailable("The index's database is too slow at the moment. Try again later.", code="database_slow")
    return Unavailable("The index cannot reach its database. Try again in a moment.", code="database")


def _sqlstate(error: Exception) -> str | None:
    said = error.orig if isinstance(error, DBAPIError) else error
    return getattr(said, "sqlstate", None)
