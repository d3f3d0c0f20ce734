"""People at the door: what they say, what happens to them, and the mail that they get."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select

from tests.index import Index
from tests.jobs.test_queue import waiting
from warehouse.domain.accounts import Email, User, user_named
from warehouse.domain.audit import AuditEvent
from warehouse.infra.domains import KnownMailDomains, MailDomain
from warehouse.operations.registration import Applicant, register
from warehouse.settings import load_settings
from warehouse.work import ANONYMOUS, Actor, Work, begin

PASSWORD = "violet tractor sings at noon"


@dataclass
class Door:
    """An index that people come to, from one network address."""

    index: Index
    address: str = "192.0.2.1"
    after: timedelta = timedelta()

    @contextmanager
    def work(self, actor: Actor = ANONYMOUS) -> Iterator[Work]:
        """A piece of work of somebody at this address, later than now."""
        known = replace(actor, address=self.address, user_agent="Firefox") if actor.address is None else actor
        with begin(self.index.tools, known) as work:
            work.now = datetime.now(UTC) + self.after
            yield work

    @contextmanager
    def as_user(self, name: str) -> Iterator[tuple[Work, User]]:
        """A piece of work of the user, signed in."""
        with self.work() as work:
            user = user_named(work.db, name)
            assert user is not None
            work.actor = replace(self.index.actor(user), address=self.address, user_agent="Firefox")
            yield work, user

    def register(self, username: str = "ada", **said: str) -> User:
        """Open an account, without an invitation."""
        with self.work() as work:
            return register(work, applicant(username, **said))

    def emails(self, name: str = "ada") -> dict[str, str]:
        """The user's addresses, and what each of them is."""
        with self.work() as work:
            found = work.db.scalars(select(Email).join(User).where(User.username == name).order_by(Email.id))
            return {email.address: _described(email) for email in found}

    def email_id(self, address: str) -> int:
        """The number of an address."""
        with self.work() as work:
            return work.db.scalars(select(Email.id).where(Email.address == address)).one()

    def history(self, beginning: str = "") -> list[str]:
        """The tags of what happened, in order, without mails."""
        with self.work() as work:
            tags = work.db.scalars(select(AuditEvent.tag).order_by(AuditEvent.id))
            return [tag for tag in tags if tag.startswith(beginning) and tag != "account:email:sent"]

    def mails(self) -> list[dict[str, Any]]:
        """The messages that wait to be sent, in order."""
        return [args for name, args in waiting(self.index.tools) if name == "send_mail"]

    def sent(self) -> list[tuple[str, str]]:
        """To whom they go, and their subjects without the site's name."""
        return [(mail["to"], mail["subject"].partition("] ")[2]) for mail in self.mails()]

    def token(self) -> str:
        """That of the link in the last mail."""
        text = self.mails()[-1]["text"]
        return next(word.partition("token=")[2] for word in text.split() if "?token=" in word)

    def link(self) -> str:
        """The path of the link in the last mail."""
        text = self.mails()[-1]["text"]
        return next("/" + word.split("/", 3)[3] for word in text.split() if "?token=" in word)


def applicant(username: str = "ada", **said: str) -> Applicant:
    """Somebody who says nothing wrong."""
    said = {"email": f"{username}@example.com", "password": PASSWORD, "name": "", **said}
    return Applicant(username, **said)


def door(index: Index, domains: Mapping[str, MailDomain] | None = None, **settings: str) -> Door:
    """The index with other settings, and with these mail domains known."""
    given = {"ACCOUNTS__REGISTRATION": "open", "PASSWORDS__MEMORY": "64 KiB", "PASSWORDS__PASSES": "1"} | settings
    environ = {"WAREHOUSE_DATA": str(index.tools.settings.data), "WAREHOUSE_PASSWORDS__LANES": "1"}
    chosen = load_settings({**environ, **{f"WAREHOUSE_{name}": value for name, value in given.items()}})
    return Door(Index(replace(index.tools, settings=chosen, mail_domains=KnownMailDomains(domains))))


def _described(email: Email) -> str:
    marks = {"primary": email.is_primary, "verified": email.is_verified, "public": email.is_public}
    return " ".join(mark for mark, is_so in marks.items() if is_so)
