"""Who may read, everyone or whoever brings a token, and how often."""

from __future__ import annotations

import hashlib
import math
import time
from datetime import UTC, datetime
from functools import lru_cache

from warehouse.api.refusals import CORS
from warehouse.authz import Permission, require
from warehouse.errors import NotAllowed, NotAuthenticated
from warehouse.infra.throttle import Throttle
from warehouse.operations.tokens import actor_of
from warehouse.server.reply import Ready, ready
from warehouse.settings import Rate
from warehouse.standards.http import Answer, Ask
from warehouse.standards.networks import network_of
from warehouse.work import ActorKind, Tools

REMEMBERED_FOR = 5.0  # seconds until a revoked token stops reading
MOST_REMEMBERED = 10_000


class Readers:
    """Checks readers, remembering for a few seconds whom it has let in.

    Only digests of credentials are remembered; a token that is revoked reads for at most
    :data:`REMEMBERED_FOR` seconds more.
    """

    def __init__(self, tools: Tools) -> None:
        self._tools = tools
        self.everyone = tools.settings.access.read == "everyone"
        self._let_in: dict[bytes, float] = {}

    def knows(self, ask: Ask) -> bool:
        """Whether the reader may be answered from memory right away."""
        if self.everyone:
            return True
        authorization = ask.headers.get("authorization")
        if authorization is None:
            return False
        return self._let_in.get(_digest(authorization), 0.0) > time.monotonic()

    def check(self, ask: Ask) -> None:
        """Refuse with :class:`NotAuthenticated` whoever may not read.

        A token that is forged or has expired is no token: the client should look for another (RFC 9110 15.5.2: "the
        request has not been applied because it lacks valid authentication credentials").
        """
        if self.knows(ask):
            return
        authorization = ask.headers.get("authorization")
        with self._tools.database.session() as db:
            actor = actor_of(
                db,
                self._tools,
                authorization,
                now=datetime.now(UTC),
                address=ask.client,
                user_agent=ask.headers.get("user-agent"),
            )
            if actor.kind is ActorKind.ANONYMOUS:
                raise NotAuthenticated("Reading this index needs an API token: user __token__, password the token.")
            try:
                require(actor, Permission.READ_INDEX)
            except NotAllowed as refusal:
                raise NotAuthenticated(refusal.sentence) from refusal
            db.commit()
        if len(self._let_in) >= MOST_REMEMBERED:
            self._let_in.clear()
        self._let_in[_digest(authorization or "")] = time.monotonic() + REMEMBERED_FOR


class Visitors:
    """Holds every address to so many requests, over all processes of this machine."""

    def __init__(self, tools: Tools, rate: Rate) -> None:
        path = tools.settings.data / "run" / "reads"
        self._throttle = Throttle(path, rate.count, rate.period, key=tools.secret, whose=network_of)
        self._refused = tools.metrics.reads_refused

    def refusal(self, ask: Ask) -> Ready | None:
        """429 for who has asked too often, and None for who may go on, which counts this request."""
        wait = self._throttle.wait(ask.client)
        if not wait:
            return None
        self._refused.value += 1
        return _too_many(math.ceil(wait))


@lru_cache(maxsize=64)
def _too_many(seconds: int) -> Ready:
    sentence = f"Too many requests come from your address. Wait {seconds} s, and ask less often.\n"
    return ready(
        Answer(
            429,
            [
                ("content-type", "text/plain; charset=UTF-8"),
                ("cache-control", "no-store"),
                ("retry-after", str(seconds)),
                *CORS,
            ],
            sentence.encode(),
        )
    )


def challenge(refusal: NotAuthenticated) -> Answer:
    """401 with the challenge that makes installers look for credentials."""
    return Answer(
        401,
        [
            ("content-type", "text/plain; charset=UTF-8"),
            ("www-authenticate", 'Basic realm="Warehouse", charset="UTF-8"'),
            ("cache-control", "no-store"),
            ("vary", "Authorization"),
        ],
        refusal.sentence.encode(),
    )


def _digest(authorization: str) -> bytes:
    return hashlib.sha256(authorization.encode("utf-8", "surrogateescape")).digest()
