"""Letters as tests speak of them: what is queued to be sent, and what the history says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from tests.index import Index
from tests.jobs.test_queue import waiting
from warehouse.domain.accounts import User
from warehouse.domain.audit import AuditEvent
from warehouse.events.mail import Letter, write
from warehouse.work import OPERATOR, Actor


@dataclass
class Post:
    """The mail of one index."""

    index: Index

    def write(
        self, kind: str = "password-change", to: User | None = None, *, by: Actor = OPERATOR, **more: Any
    ) -> None:
        """Write a letter in a piece of work of its own."""
        with self.index.work(by) as work:
            person = work.db.get(User, to.id) if to is not None else None
            write(work, Letter(kind, person, **more))

    def queued(self) -> list[dict[str, Any]]:
        """The messages that wait to be sent, in order."""
        return [args for name, args in waiting(self.index.tools) if name == "send_mail"]

    def recipients(self) -> list[str]:
        """Where they go to."""
        return [message["to"] for message in self.queued()]

    def history(self, user: User, tag: str = "account:email:sent") -> list[AuditEvent]:
        """What the account's history tells of letters."""
        with self.index.work() as work:
            found = work.db.query(AuditEvent).filter_by(subject=f"account:{user.id}", tag=tag).order_by(AuditEvent.id)
            return found.all()


@pytest.fixture
def mail(index: Index) -> Post:
    """The mail of the index."""
    return Post(index)


@pytest.fixture
def ada(index: Index) -> User:
    """Somebody with a verified address."""
    return index.user("ada", verified=True)
