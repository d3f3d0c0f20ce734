"""``warehouse.wsgi:application``: the same index for another WSGI server, in any number of processes and threads.

The database must be running already: ``DATABASE_URL``, or the embedded one of a running ``warehouse`` command. Jobs
are done by a ``warehouse worker`` beside it. Proxies are the other server's business: ``REMOTE_ADDR`` and
``wsgi.url_scheme`` are believed.
"""

from __future__ import annotations

import atexit
import logging
import os
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import ExitStack
from typing import Any

import psycopg
from sqlalchemy.exc import OperationalError

from warehouse.application import Application, serving
from warehouse.application.complete import refuse_incomplete
from warehouse.errors import Refusal, Unavailable
from warehouse.follow.cdn import begin_purging
from warehouse.infra import log, migrations
from warehouse.infra.db import unavailable
from warehouse.server.bridge import wsgi_application
from warehouse.server.reply import phrase, refused
from warehouse.toolbox import open_tools

logger = logging.getLogger("warehouse.wsgi")

PAUSE = 1.0  # seconds until the next attempt to open the index

WSGIApplication = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class LateApplication:
    """The index, opened by the first request: whatever forked before then shares no connection and no thread.

    Settings that are wrong, and an embedded database that does not start, are said at once. While the database of
    ``DATABASE_URL`` cannot be reached, every request is answered with 503 and tries again.
    """

    def __init__(self, environ: Mapping[str, str] = os.environ) -> None:
        self._application = Application(environ)
        settings = self._application.settings
        log.configure(settings.logs.level, settings.logs.format)
        refuse_incomplete(settings)
        self._connections, self._closing = ExitStack(), ExitStack()
        # Here and not later: PostgreSQL has to be adopted from the main thread.
        self._url = self._closing.enter_context(self._application.database_url(lease=True))
        self._opening = threading.Lock()
        self._opened: WSGIApplication | None = None
        self._problem: Unavailable | None = None
        self._again_at = 0.0
        self._owner = os.getpid()
        atexit.register(self.close)

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        try:
            application = self._opened or self._open()
        except Unavailable as refusal:
            return _refuse(refusal, start_response)
        return application(environ, start_response)

    def close(self) -> None:
        """Let go of the database. Only the process that imported this module ends the use of an embedded one."""
        self._opened = None
        self._connections.close()
        if os.getpid() == self._owner:
            self._closing.close()

    def _open(self) -> WSGIApplication:
        with self._opening:
            if self._opened is None:
                # Those who waited while somebody else tried in vain do not try one after the other.
                if self._problem is not None and time.monotonic() < self._again_at:
                    raise self._problem
                try:
                    self._opened = self._made()
                except Unavailable as problem:
                    self._problem, self._again_at = problem, time.monotonic() + PAUSE
                    raise
            return self._opened

    def _made(self) -> WSGIApplication:
        tools = open_tools(self._application.settings, self._url)
        with ExitStack() as undo:
            undo.callback(tools.head.close)
            undo.callback(tools.database.dispose)
            try:
                migrations.migrate(tools.database)
                begin_purging(tools)
                made = wsgi_application(serving.site(tools))
            except Refusal as refusal:
                logger.error("%s", refusal.sentence)
                raise Unavailable(refusal.sentence, code=refusal.code) from refusal
            except (OperationalError, psycopg.OperationalError) as error:
                logger.error("the database cannot be used: %s", str(error).strip().splitlines()[0])
                raise unavailable(error) from error
            undo.pop_all()
        self._connections.callback(tools.database.dispose)
        return made


def _refuse(refusal: Unavailable, start_response: Callable[..., Any]) -> list[bytes]:
    answer = refused(refusal)
    assert isinstance(answer.body, bytes)
    length = ("Content-Length", str(len(answer.body)))
    start_response(f"{answer.status} {phrase(answer.status, None)}", [*answer.headers, length])
    return [answer.body]


application = LateApplication()
