"""A browser's way to an issuer and back, by calling operations."""

from __future__ import annotations

import http.client
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlsplit

from sqlalchemy import select

from tests.index import Index
from tests.sign_on.issuer import LocalIssuer
from warehouse.domain.accounts import Association, User, UserSession
from warehouse.operations import sign_on
from warehouse.operations.sessions import actor_of, admit, session_of
from warehouse.operations.sign_on import Aim, Arrived, Leaving
from warehouse.work import Actor, ActorKind

STRANGER = Actor(ActorKind.ANONYMOUS, address="192.0.2.7", user_agent="Browser")


@dataclass
class Trip:
    """One browser. ``secret`` is its session's cookie."""

    index: Index
    local: LocalIssuer
    secret: str | None = None

    def leave(self, aim: Aim = Aim.SIGN_IN, *, name: str = "corp", next: str = "") -> Leaving:
        with self.index.work(STRANGER) as work:
            session = self._session(work)
            return sign_on.leave(work, name, aim=aim, next=next, session=session)

    def at_the_issuer(self, leaving: Leaving) -> dict[str, str]:
        """What the issuer sends the browser back with."""
        host = urlsplit(self.local.url).netloc
        assert leaving.location.startswith(self.local.url)
        connection = http.client.HTTPConnection(host, timeout=10)
        connection.request("GET", leaving.location.removeprefix(self.local.url))
        answer = connection.getresponse()
        location = answer.headers["Location"]
        connection.close()
        assert answer.status == 302 and location.startswith("https://index.test/account/sso/corp/callback?")
        return dict(parse_qsl(urlsplit(location).query))

    def come_back(self, query: dict[str, str], browser: str | None, *, name: str = "corp") -> Arrived:
        with self.index.work(STRANGER) as work:
            session = self._session(work)
            return sign_on.arrive(work, name, query, browser=browser, session=session)

    def make(self, aim: Aim = Aim.SIGN_IN, *, next: str = "", **person: object) -> Arrived:
        """There and back again. ``person`` changes who is signed in there."""
        self.local.person.update(person)
        leaving = self.leave(aim, next=next)
        return self.come_back(self.at_the_issuer(leaving), leaving.browser)

    def signed_in(self, username: str) -> Trip:
        """The same browser, signed in to an account that exists."""
        with self.index.work(STRANGER) as work:
            user = work.db.scalars(select(User).where(User.username == username)).one()
            self.secret = admit(work, user, method="password")
        return self

    def associations(self) -> Sequence[Association]:
        with self.index.work() as work:
            return work.db.scalars(select(Association).order_by(Association.created_at)).all()

    def users(self) -> list[str]:
        with self.index.work() as work:
            return list(work.db.scalars(select(User.username).order_by(User.created_at)))

    def _session(self, work) -> UserSession | None:
        found = session_of(work, self.secret) if self.secret else None
        if found is None:
            return None
        work.actor = actor_of(work, found[1])
        return found[0]
