"""What a view is given: the tools, the actor, and a transaction that begins when it is first asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import ExitStack
from typing import Any

import pyramid.request
from sqlalchemy.exc import DBAPIError

from warehouse.infra import log
from warehouse.infra.db import should_try_again
from warehouse.settings import Settings
from warehouse.work import ATTEMPTS, Actor, ActorKind, Tools, Work, begin

WSGIApplication = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]
Handler = Callable[[Any], Any]

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


class Request(pyramid.request.Request):
    """A request to the web site."""

    _work: Work | None = None
    _transaction: ExitStack | None = None
    _request_id: str | None = None

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
    def actor(self) -> Actor:
        """Who asks. Nobody signs in to the site yet, so everybody is anonymous."""
        return Actor(ActorKind.ANONYMOUS, address=self.remote_addr, user_agent=self.user_agent)

    @property
    def work(self) -> Work:
        """This request's piece of work: committed when the view returns, undone when it raises."""
        if self._work is None:
            if self._transaction is None:
                raise RuntimeError("The transaction of this request has ended; only views may ask for work.")
            self._work = self._transaction.enter_context(begin(self.tools, self.actor))
        return self._work

    @property
    def base_url(self) -> str:
        """The address of the index without a slash at the end: what the operator says, else what the client asked."""
        return self.settings.site.url or self.host_url

    def undo(self) -> None:
        """Keep nothing of what was done so far, although the view is going to return."""
        if self._work is not None:
            self._work.db.rollback()


def transaction(handler: Handler, registry: Any) -> Handler:
    """The tween around views: one transaction each, again from the start when it met another one."""

    def tween(request: Request) -> Any:
        for left in range(ATTEMPTS - 1, -1, -1):
            try:
                return _in_transaction(handler, request)
            except DBAPIError as error:
                if not left or not _may_succeed(request, error):
                    raise
        raise AssertionError("unreachable")

    return tween


def _in_transaction(handler: Handler, request: Request) -> Any:
    try:
        with ExitStack() as stack:
            request._transaction = stack
            return handler(request)
    finally:
        request._transaction = request._work = None


def _may_succeed(request: Request, error: DBAPIError) -> bool:
    """Reading again after a lost connection is safe; a change may have been committed before it was lost."""
    return should_try_again(error) or (error.connection_invalidated and request.method in SAFE)
