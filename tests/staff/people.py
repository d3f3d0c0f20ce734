"""What tests of those who run an index say."""

from __future__ import annotations

from sqlalchemy import select

from warehouse.domain.accounts import User, user_named
from warehouse.domain.audit import AuditEvent
from warehouse.operations.moderating_people import unfreeze
from warehouse.operations.sessions import admit, session_of
from warehouse.work import OPERATOR


def do(index, operation, name, *values, by=None, **named):
    """Do something to a user of this name, as an operator or as somebody else."""
    with index.work(index.actor(by) if by is not None else OPERATOR) as work:
        return operation(work, user_named(work.db, name), *values, **named)


def let_everybody_in(work):
    """Unfreeze whom the quarantine of a project has frozen, for tests that go on publishing."""
    for found in work.db.scalars(select(User).where(User.is_frozen)):
        unfreeze(work, found)


def sign_in(index, name):
    """What the cookie of a browser holds in which the user signs in."""
    return do(index, admit, name, method="password")


def history(index, prefix="account:"):
    """Tag and details of what was told lately."""
    with index.work() as work:
        rows = work.db.query(AuditEvent).filter(AuditEvent.tag.startswith(prefix)).order_by(AuditEvent.id)
        return [(row.tag, row.details) for row in rows]


def is_signed_in(index, secret):
    """Whether the browser still is."""
    with index.work() as work:
        return session_of(work, secret) is not None


def user(index, name):
    """The user as they are now."""
    with index.work() as work:
        found = user_named(work.db, name)
        assert found is not None
        found.emails  # noqa: B018 - read while there is a transaction
        return found
