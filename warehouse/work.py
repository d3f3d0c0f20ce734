"""A piece of work: who does it, when, with which tools, in which transaction."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Concatenate, ParamSpec, TypeVar

from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from warehouse.infra.blobs import BlobStore
from warehouse.infra.db import Database, should_try_again, was_cut_off
from warehouse.infra.domains import MailDomains
from warehouse.infra.head import Head
from warehouse.infra.metrics import Metrics
from warehouse.infra.oidc import Issuers
from warehouse.infra.passwords import Passwords
from warehouse.infra.search import Searching
from warehouse.settings import Settings

P = ParamSpec("P")
T = TypeVar("T")

Progress = Callable[[str, int, int], None]
"""Told what is being done, how much of it is done, and how much there is."""

PAUSES = (0.5, 1.5)  # seconds before the second and the third attempt when the database was away
ATTEMPTS = len(PAUSES) + 1


class ActorKind(StrEnum):
    """Where an actor's authority comes from."""

    ANONYMOUS = "anonymous"
    USER = "user"
    OPERATOR = "operator"  # whoever has a shell on the machine
    SYSTEM = "system"  # the index itself: schedule, followers


@dataclass(frozen=True)
class Credential:
    """An API token that was presented. ``caveats`` are already parsed; ``flaw`` says what is wrong with it.

    ``parent_id`` is the token that it was made from, if it was.
    A flawed token still says who its user is: the refusal can then name the flaw instead of a stranger.
    """

    token_id: uuid.UUID
    caveats: tuple[Any, ...]
    presented_at: datetime
    flaw: str | None = None
    parent_id: uuid.UUID | None = None


@dataclass(frozen=True)
class Actor:
    """Who does it. Credentials become an actor at the edge; nothing below sees a header.

    ``vouched_for_by`` is the issuer of single sign-on that has seen a second factor when they signed in, if one has.
    """

    kind: ActorKind
    user_id: uuid.UUID | None = None
    username: str = ""
    is_administrator: bool = False
    is_moderator: bool = False
    credential: Credential | None = None
    address: str | None = None
    user_agent: str | None = None
    vouched_for_by: str | None = None

    @property
    def name(self) -> str:
        """How the audit trail calls the actor."""
        return self.username or self.kind.value


ANONYMOUS = Actor(ActorKind.ANONYMOUS)
OPERATOR = Actor(ActorKind.OPERATOR)
SYSTEM = Actor(ActorKind.SYSTEM)


@dataclass(frozen=True)
class Tools:
    """What a running index works with; the same for every piece of work in a process.

    ``secret`` keys everything that must not be guessed; it never leaves the process.
    """

    settings: Settings
    database: Database
    head: Head
    blobs: BlobStore
    passwords: Passwords
    metrics: Metrics
    mail_domains: MailDomains
    search: Searching
    secret: bytes = field(repr=False)
    issuers: Issuers = field(default_factory=Issuers)


@dataclass
class Work:
    """One transaction's worth of work. Operations take it first; they neither commit nor look at a clock."""

    db: Session
    actor: Actor
    now: datetime
    tools: Tools

    @property
    def settings(self) -> Settings:
        """The instance's settings."""
        return self.tools.settings


@contextmanager
def begin(tools: Tools, actor: Actor) -> Iterator[Work]:
    """Work that commits when the block ends well and leaves nothing behind when it does not."""
    with tools.database.session() as db:
        yield Work(db=db, actor=actor, now=datetime.now(UTC), tools=tools)
        db.commit()


def attempt(
    tools: Tools, actor: Actor, operation: Callable[Concatenate[Work, P], T], *args: P.args, **kwargs: P.kwargs
) -> T:
    """Do ``operation`` in a transaction of its own, again from the start when it met another one.

    A uniqueness violation means that somebody else created the same thing a moment ago; the second attempt
    finds it there and gives the answer that fits. A connection that was lost is waited for, a second or two. The
    operation must be one that can be done twice: whether a lost connection had committed, nobody knows.
    """
    for pause in (*PAUSES, None):
        try:
            with begin(tools, actor) as work:
                return operation(work, *args, **kwargs)
        except DBAPIError as error:
            if pause is None or not (should_try_again(error) or was_cut_off(error)):
                raise
            if was_cut_off(error):
                time.sleep(pause)
    raise AssertionError("unreachable")
