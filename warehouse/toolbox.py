"""Opens the tools that an index works with, as its settings say."""

from __future__ import annotations

import secrets

from warehouse.domain import journal
from warehouse.errors import Conflict
from warehouse.infra.blobs import BlobStore, RemoteOptions, open_blobs
from warehouse.infra.db import Database
from warehouse.infra.disk import write_once
from warehouse.infra.domains import open_mail_domains
from warehouse.infra.head import Head
from warehouse.infra.metrics import Metrics
from warehouse.infra.passwords import Passwords
from warehouse.infra.search import EmbeddedSearch
from warehouse.settings import BadSettings, Settings
from warehouse.work import Tools

KIB = 1024
SHORTEST_SECRET = 64  # bytes: fewer are what is left of a damaged file


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
            memory=costs.memory // KIB,
            time=costs.passes,
            parallelism=costs.lanes,
            at_once=costs.at_once,
            waiting=costs.waiting,
            patience=costs.patience.total_seconds(),
        ),
        metrics=metrics or Metrics(),
        mail_domains=open_mail_domains(settings),
        search=EmbeddedSearch(settings.data / "search"),
        secret=_secret(settings),
    )


def _blobs(settings: Settings) -> BlobStore:
    if settings.storage.url is None:
        return open_blobs(settings.data / "blobs")
    config = {name: value.get_secret_value() for name, value in settings.storage.options.items()}
    try:
        return open_blobs(settings.storage.url, RemoteOptions(spool=settings.data / "spool", config=config))
    except ValueError as error:
        raise BadSettings(f"The setting storage.options cannot be used: {error}") from error


def _secret(settings: Settings) -> bytes:
    """The instance's secret: given, or made at first use and kept where only its user can read it."""
    if settings.site.secret is not None:
        return settings.site.secret.get_secret_value().encode()
    path = settings.data / "secret.key"
    if not path.exists():
        write_once(path, secrets.token_hex(32).encode())
    secret = path.read_bytes()
    if len(secret) < SHORTEST_SECRET:
        raise Conflict(
            f"{path} holds no key. Restore it from a backup; without it every API token is void.", code="no_secret"
        )
    return secret
