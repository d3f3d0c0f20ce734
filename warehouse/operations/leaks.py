"""Taking back tokens that were found where others can read them."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable, Iterator

from sqlalchemy import select

from warehouse.authz import Permission, require
from warehouse.domain.accounts import User
from warehouse.domain.tokens import Token
from warehouse.events import TokenLeaked
from warehouse.infra.jobs import enqueue, job
from warehouse.operations.tokens import remove
from warehouse.standards import macaroons
from warehouse.work import Work

WRITTEN = re.compile(r"pypi-[A-Za-z0-9_-]{85,43700}")
"""What a token looks like, which scanners know; no longer than the longest that is read."""


def tokens_in(text: str) -> Iterator[uuid.UUID]:
    """What the tokens are called that are written in this text, each once; whether there are such is not asked."""
    found: set[uuid.UUID] = set()
    for written in WRITTEN.findall(text):
        try:
            token_id = uuid.UUID(macaroons.from_token(written).identifier.decode("ascii"))
        except ValueError:  # another index's, or cut short
            continue
        if token_id not in found:
            found.add(token_id)
            yield token_id


def report_leaks(work: Work, found: Iterable[tuple[str, str | None]], *, origin: str) -> None:
    """Have the tokens in these texts revoked that are ours; beside each stands the address where it was found.

    Whoever calls has made sure that it was the ``origin`` who reported them. What the tokens are is looked into by a
    job, which is told their names alone: the queue keeps no token.
    """
    for text, url in found:
        for token_id in tokens_in(text):
            enqueue(work.db, look_into_leak, token_id=str(token_id), url=url, origin=origin)


@job(queue="housekeeping")
def look_into_leak(work: Work, token_id: str, url: str | None, origin: str) -> None:
    """Revoke the token, if there is such a one."""
    revoke_leaked(work, uuid.UUID(token_id), url=url, origin=origin)


def revoke_leaked(
    work: Work, token_id: uuid.UUID, *, url: str | None = None, origin: str | None = None
) -> TokenLeaked | None:
    """Revoke a token that was found at ``url`` by ``origin``, and tell its owner; None when there is no such token.

    Whoever has seen enough of it to name it is believed: that its signature is right is not asked.
    """
    require(work.actor, Permission.OPERATE)
    found = work.db.execute(
        select(Token, User).join(User, User.id == Token.user_id).where(Token.id == token_id).with_for_update(of=Token)
    ).first()
    if found is None:
        return None
    token, user = found
    leaked = TokenLeaked(user, token, url, origin)
    remove(work, leaked)
    return leaked
