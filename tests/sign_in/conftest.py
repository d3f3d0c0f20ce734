"""People who sign in, from here and there, and the mail that they get."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from tests.index import Index
from tests.jobs.test_queue import waiting
from warehouse.domain.accounts import User
from warehouse.domain.audit import AuditEvent
from warehouse.work import ANONYMOUS, Actor, Work, begin

HOME, CAFE = "192.0.2.1", "198.51.100.7"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
PASSWORD = "correct horse"  # the one that tests/index.py gives to everybody


@dataclass
class Account:
    """A user of an index, seen from outside."""

    index: Index
    id: Any
    username: str

    @contextmanager
    def work(
        self, *, at: str | None = HOME, after: timedelta = timedelta(), actor: Actor = ANONYMOUS
    ) -> Iterator[tuple[Work, User]]:
        """A piece of work of somebody at this network address, later than now, and the user in it."""
        with begin(self.index.tools, replace(actor, address=at, user_agent=FIREFOX)) as work:
            work.now = datetime.now(UTC) + after
            yield work, work.db.get_one(User, self.id)

    def change(self, **values: Any) -> None:
        """Set columns of the user outright."""
        with self.work() as (_, user):
            for name, value in values.items():
                setattr(user, name, value)

    def history(self, beginning: str = "account:") -> list[str]:
        """The tags of what happened to the account, in order, without mails."""
        with self.work() as (work, _):
            query = select(AuditEvent.tag).where(AuditEvent.subject == f"account:{self.id}").order_by(AuditEvent.id)
            return [tag for tag in work.db.scalars(query) if tag.startswith(beginning) and tag != "account:email:sent"]

    def mails(self) -> list[dict[str, Any]]:
        """The messages that wait to be sent, in order."""
        return [args for name, args in waiting(self.index.tools) if name == "send_mail"]

    def subjects(self) -> list[str]:
        """Their subjects, without the site's name."""
        return [mail["subject"].partition("] ")[2] for mail in self.mails()]

    def link(self) -> str:
        """The token of the link in the last mail."""
        text = self.mails()[-1]["text"]
        return next(word.partition("token=")[2] for word in text.split() if "?token=" in word)


MakeAccount = Callable[..., Account]


@pytest.fixture
def account(index: Index) -> MakeAccount:
    """Opens an account, on the shared index or another one."""

    def make(name: str = "ada", *, on: Index = index, verified: bool = True, **values: Any) -> Account:
        user = on.user(name, verified=verified)
        made = Account(on, user.id, name)
        if values:
            made.change(**values)
        return made

    return make
