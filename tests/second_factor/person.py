"""Somebody who protects their account, and the ways in which they act."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from sqlalchemy import select

from tests.index import Index
from tests.second_factor.authenticator import Authenticator
from warehouse.domain.accounts import User
from warehouse.domain.audit import AuditEvent
from warehouse.infra.webauthn import Site
from warehouse.operations import recovery_codes, security_keys
from warehouse.operations import totp as app
from warehouse.standards import totp
from warehouse.work import ANONYMOUS, Actor, Work

SITE = Site.at("https://index.test", "Index")
NOON = datetime(2026, 8, 1, 12, 0, 10, tzinfo=UTC)
SECRET = b"12345678901234567890"


class Person:
    """Somebody with an account. ``at`` is what their clock says, and the index's."""

    def __init__(self, index: Index, name: str = "ada") -> None:
        self.index = index
        self.at = NOON
        self.user = index.user(name, verified=True)

    @contextmanager
    def signed_in(self) -> Iterator[tuple[Work, User]]:
        """A piece of work of theirs."""
        with self._work(replace(self.index.actor(self.user), address="192.0.2.1")) as found:
            yield found

    @contextmanager
    def signing_in(self, address: str = "192.0.2.1") -> Iterator[tuple[Work, User]]:
        """A piece of work of somebody who may be them."""
        with self._work(replace(ANONYMOUS, address=address)) as found:
            yield found

    @contextmanager
    def _work(self, actor: Actor) -> Iterator[tuple[Work, User]]:
        with self.index.work(actor) as work:
            work.now = self.at
            user = work.db.get(User, self.user.id)
            assert user is not None
            yield work, user

    def wait(self, **time: float) -> None:
        self.at += timedelta(**time)

    def code(self, steps: int = 0) -> str:
        """What the app shows."""
        return totp.code_at(SECRET, totp.step_at(self.at) + steps)

    def generate(self) -> list[str]:
        with self.signed_in() as (work, user):
            return recovery_codes.generate(work, user)

    def burn(self, code: str, *, to_sign_in: bool = True) -> recovery_codes.Burning:
        with self.signing_in() as (work, user):
            return recovery_codes.burn(work, user, code, to_sign_in=to_sign_in)

    def get_ready(self) -> list[str]:
        """Generate codes and try one; the other seven."""
        first, *others = self.generate()
        assert self.burn(first, to_sign_in=False) is recovery_codes.Burning.DONE
        return others

    def add_app(self, code: str | None = None) -> None:
        with self.signed_in() as (work, user):
            app.add_app(work, user, SECRET, self.code() if code is None else code)

    def remove_app(self) -> None:
        with self.signed_in() as (work, user):
            app.remove_app(work, user)

    def add_key(self, label: str = "blue", key: Authenticator | None = None, **changes: object) -> Authenticator:
        key = key or Authenticator()
        with self.signed_in() as (work, user):
            options = security_keys.begin_adding(work, user, SITE, step="1")
        with self.signed_in() as (work, user):
            security_keys.add_key(work, user, SITE, step="1", label=label, answer=key.make(options, **changes))
        return key

    def told(self) -> list[str]:
        """The tags of the account's history, oldest first, without those of mails."""
        return [tag for tag, _ in self.history() if tag != "account:email:sent"]

    def history(self) -> list[tuple[str, dict[str, object]]]:
        """Tags and details of everything that happened to the account, oldest first."""
        with self.index.work() as work:
            mine = select(AuditEvent).where(AuditEvent.subject == f"account:{self.user.id}").order_by(AuditEvent.id)
            return [(event.tag, event.details) for event in work.db.scalars(mine)]

    def mail(self) -> list[str]:
        """The kinds of mail that were sent, oldest first."""
        return [str(details["kind"]) for tag, details in self.history() if tag == "account:email:sent"]
