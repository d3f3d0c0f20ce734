"""What a view is given: the tools, who asks, and a transaction that begins when it is first asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import pyramid.request
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm.exc import StaleDataError

from warehouse.domain.accounts import User, UserSession
from warehouse.errors import TooLarge
from warehouse.infra import log
from warehouse.infra.db import should_try_again
from warehouse.operations.sessions import VOUCHED_FOR_BY, actor_of, renew, session_of
from warehouse.settings import Settings
from warehouse.web.flashes import Flash, Tone, read_flashes
from warehouse.web.forms import read_form
from warehouse.web.language import translated
from warehouse.web.security import cookies
from warehouse.work import ATTEMPTS, Actor, ActorKind, Tools, Work, begin

WSGIApplication = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]
Handler = Callable[[Any], Any]

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


@dataclass(frozen=True)
class Visitor:
    """Somebody who is signed in, as pages speak of them."""

    username: str
    csrf_token: str = field(repr=False)
    is_administrator: bool = False
    time_zone: str | None = None


class Request(pyramid.request.Request):
    """A request to the web site."""

    _work: Work | None = None
    _transaction: ExitStack | None = None
    _request_id: str | None = None
    _form: dict[str, str] | None = None
    _body: bytes | None = None
    _visit: UserSession | None = None
    _user: User | None = None
    _authenticated_at: datetime | None = None
    _visitor: Visitor | None = None
    _flashes: tuple[Flash, ...] = ()
    _flashes_were_read = False

    @property
    def tools(self) -> Tools:
        """What the running index works with."""
        return self.registry.tools

    @property
    def settings(self) -> Settings:
        """The instance's settings."""
        return self.tools.settings

    @property
    def request_id(self) -> str:
        """The name under which this request is found in the log."""
        if self._request_id is None:
            self._request_id = self.environ.get("warehouse.request_id") or log.new_request_id()
        return self._request_id

    @property
    def work(self) -> Work:
        """This request's piece of work: committed when the view returns, undone when it raises.

        Its actor is whoever the session's cookie stands for.
        """
        if self._work is None:
            if self._transaction is None:
                raise RuntimeError("The transaction of this request has ended; only views may ask for work.")
            stranger = Actor(ActorKind.ANONYMOUS, address=self.remote_addr, user_agent=self.user_agent)
            self._work = self._transaction.enter_context(begin(self.tools, stranger))
            self._recognise(self._work)
        return self._work

    @property
    def user(self) -> User | None:
        """Who is signed in."""
        return self._user if self.work else None

    @property
    def visit(self) -> UserSession | None:
        """The session of whoever is signed in."""
        return self._visit if self.work else None

    @property
    def visitor(self) -> Visitor | None:
        """Who is signed in, as far as it is known: pages about what went wrong ask after the transaction's end."""
        if self._visitor is None and self._transaction is not None and cookies.session_secret(self):
            _ = self.work
        return self._visitor

    @property
    def form(self) -> dict[str, str]:
        """The fields of the form that was sent; refuses as :func:`read_form` does."""
        if self._form is None:
            self._form = read_form(self)
        return self._form

    def whole_body(self, *, largest: int) -> bytes:
        """All that was sent; refuses more than ``largest`` bytes with :class:`TooLarge`.

        Kept, because it comes once, and a view that met another one is asked again.
        """
        if self._body is None:
            self._body = self.body_file.read(largest + 1)
        if len(self._body) > largest:
            raise TooLarge(f"What you sent is larger than {largest} bytes.")
        return self._body

    def flash(self, text: str, tone: Tone = "success", *, path: str = "") -> None:
        """Say this at the top of the page that the visitor sees next, as a link when there is a ``path`` of ours."""
        self._flashes += (Flash(tone, translated(text), path),)

    def read_flashes(self) -> tuple[Flash, ...]:
        """What is to be said on this page, and on no other after it."""
        self._flashes_were_read = True
        found = (*read_flashes(self), *self._flashes)
        self._flashes = ()
        return found

    def _recognise(self, work: Work) -> None:
        secret = cookies.session_secret(self)
        found = session_of(work, secret) if secret else None
        if found is not None:
            self.recognise(*found)
            visit, user = found
            work.actor = actor_of(work, user, vouched_for_by=visit.data.get(VOUCHED_FOR_BY))

    def recognise(self, visit: UserSession, user: User) -> None:
        """From here on this is who asks."""
        self._visit, self._user, self._authenticated_at = visit, user, visit.authenticated_at
        self._visitor = Visitor(user.username, visit.csrf_token, user.is_administrator, user.time_zone)

    def take_leave(self) -> None:
        """From here on nobody in particular asks."""
        self._visit = self._user = self._visitor = None

    def _forget(self) -> None:
        self._transaction = self._work = self._visit = self._user = self._authenticated_at = None

    @property
    def base_url(self) -> str:
        """The address of the index without a slash at the end: what the operator says, else what the client asked."""
        return self.settings.site.url or self.host_url

    def undo(self) -> None:
        """Keep nothing of what was done so far, although the view is going to return."""
        self._authenticated_at = None
        if self._work is not None:
            self._work.db.rollback()

    def renew_session(self, response: Any) -> None:
        """Change what the cookie holds if the visitor has just shown again who they are.

        Whoever copied the cookie before does not share what is now allowed without the password.
        """
        visit, user, before = self._visit, self._user, self._authenticated_at
        if visit is None or user is None or before is None or visit.authenticated_at == before:
            return
        secret = renew(self.work, visit)
        if secret is not None:
            cookies.set_session(self, response, secret, user)


def transaction(handler: Handler, registry: Any) -> Handler:
    """The tween around views: one transaction each, again from the start when it met another one."""

    def tween(request: Request) -> Any:
        for left in range(ATTEMPTS - 1, -1, -1):
            try:
                return _in_transaction(handler, request)
            except (DBAPIError, StaleDataError) as error:
                if not left or not _may_succeed(request, error):
                    raise
        raise AssertionError("unreachable")

    return tween


def _in_transaction(handler: Handler, request: Request) -> Any:
    try:
        with ExitStack() as stack:
            request._flashes, request._visitor = (), None
            request._transaction = stack
            response = handler(request)
            request.renew_session(response)
            return response
    finally:
        request._forget()


def _may_succeed(request: Request, error: DBAPIError | StaleDataError) -> bool:
    """Reading again after a lost connection is safe; a change may have been committed before it was lost.

    What is stale, another transaction has deleted since it was read, such as the visitor's own session.
    """
    if isinstance(error, StaleDataError):
        return True
    return should_try_again(error) or (error.connection_invalidated and request.method in SAFE)
