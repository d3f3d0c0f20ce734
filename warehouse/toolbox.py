"""Opens the tools that an index works with, as its settings say."""

from __future__ import annotations

import os
import secrets
import time
from pathlib import Path

from warehouse.domain import journal
from warehouse.infra.blobs import BlobStore, RemoteOptions, open_blobs
from warehouse.infra.db import Database
from warehouse.infra.head import Head
from warehouse.infra.metrics import Metrics
from warehouse.infra.passwords import Passwords
from warehouse.settings import Settings
from warehouse.work import Tools

KIB = 1024


def open_tools(settings: Settings, database_url: str, *, metrics: Metrics | None = None) -> Tools:
    """Everything an index works with, opened in this process."""
    settings.data.mkdir(parents=True, exist_ok=True, mode=0o700)
    database = Database(database_url, pool_size=settings.postgres.pool_size)
    head = Head(settings.data / "run" / "head")
    journal.number_on_commit(database.sessions, head)
    costs = settings.passwords
    return Tools(
        settings=settings,
        database=database,
        head=head,
        blobs=_blobs(settings),
        passwords=Passwords(
            memory=costs.memory // KIB, time=costs.passes, parallelism=costs.lanes, at_once=costs.at_once
        ),
        metrics=metrics or Metrics(),
        secret=_secret(settings),
    )


def _blobs(settings: Settings) -> BlobStore:
    if settings.storage.url is None:
        return open_blobs(settings.data / "blobs")
    config = {name: value.get_secret_value() for name, value in settings.storage.options.items()}
    return open_blobs(settings.storage.url, RemoteOptions(spool=settings.data / "spool", config=config))


def _secret(settings: Settings) -> bytes:
    """The instance's secret: given, or made at first use and kept where only its user can read it."""
    if settings.site.secret is not None:
        return settings.site.secret.get_secret_value().encode()
    path = settings.data / "secret.key"
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return _read_when_written(path)
    with os.fdopen(descriptor, "wb") as file:
        file.write(secrets.token_hex(32).encode())
        file.flush()
        os.fsync(file.fileno())
    return path.read_bytes()


def _read_when_written(path: Path) -> bytes:
    """Another process may have created the file a moment ago and not yet written it."""
    for _ in range(100):
        if len(secret := path.read_bytes()) >= 64:
            return secret
        time.sleep(0.01)
    raise RuntimeError(f"{path} holds no key. Restore it from a backup; without it every API token is void.")
