"""The processes that serve an index: web workers and the one that does jobs, in one tree."""

from __future__ import annotations

import errno
import fcntl
import gc
import os
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy.exc import OperationalError

from warehouse.api import files, tokens, xmlrpc
from warehouse.api.people import Website
from warehouse.api.site import MachineDoors
from warehouse.api.streams import FileStreams
from warehouse.application.numbers import Numbers, forget_the_dead
from warehouse.domain import journal
from warehouse.domain.accounts import any_administrator
from warehouse.follow.cdn import begin_purging, patience, purge_again
from warehouse.follow.pages import PageFollower
from warehouse.follow.search import keep_searchable
from warehouse.infra import migrations
from warehouse.infra.cache import PageCache
from warehouse.infra.db import UNANSWERED, unavailable, was_cut_off
from warehouse.infra.metrics import Metrics, fresh_folder
from warehouse.operations.downloads import Counting
from warehouse.operations.registration import first_start_key
from warehouse.server.later import Later
from warehouse.server.limits import Limits, Stats
from warehouse.server.reply import Ready
from warehouse.server.site import Environ
from warehouse.server.tree import ORPHAN_SECONDS, Child, Tree
from warehouse.server.worker import listen, run_worker
from warehouse.settings import Settings
from warehouse.standards.http import Answer, Ask
from warehouse.toolbox import open_tools
from warehouse.web.app import make_web_app
from warehouse.web.language import chosen_language
from warehouse.web.shared import is_shared, shown_to_everybody
from warehouse.work import Tools
from warehouse.worker.main import run as run_jobs

ROOM = 8 * 1024**2  # bytes: more than head, numbers and counted visitors of a tree take


def serve(
    settings: Settings, url: str, *, web: bool, jobs: bool, keep_database: Callable[[], None] | None = None
) -> int:
    """Run the process tree on the database at ``url`` until it is told to stop; the exit status.

    ``keep_database`` is called every second, to start an embedded server again that has gone.
    """
    _need_room(settings.data / "run")
    first_start = _prepare(settings, url)
    with _counting(settings):
        return _tree(settings, url, first_start, web=web, jobs=jobs, keep_database=keep_database).run()


@contextmanager
def _counting(settings: Settings) -> Iterator[None]:
    """Begin with fresh numbers, unless another tree counts on the same folder (the roles apart, for instance)."""
    lock = os.open(settings.data / "run" / "trees.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        with suppress(BlockingIOError):
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            fresh_folder(metrics_folder(settings))
        fcntl.flock(lock, fcntl.LOCK_SH)
        yield
    finally:
        os.close(lock)


def _tree(
    settings: Settings,
    url: str,
    first_start: str | None,
    *,
    web: bool,
    jobs: bool,
    keep_database: Callable[[], None] | None,
) -> Tree:
    children = []
    if web:
        children += _web_children(settings, url, first_start)
        if settings.search.in_tree:
            children.append(Child("search", partial(search_keeper, settings, url)))
    if jobs:
        children.append(Child("jobs", partial(job_worker, settings, url)))
    tree = Tree(children, grace=settings.web.grace.total_seconds())
    if keep_database is not None:
        tree.every(1.0, keep_database)
    return tree


def site(tools: Tools) -> Site:
    """The doors of the index on these tools, with a page cache that follows the journal."""
    cache = PageCache(tools.settings.pages.cache_size)
    follower = PageFollower(
        tools.database, tools.head, cache, patience=patience(tools.settings), on_late=partial(purge_again, tools)
    )
    follower.start(threading.Event())
    return Site(tools, cache, follower)


def _need_room(folder: Path) -> None:
    """Refuse a full disk with OSError: in files that processes share as memory it would kill them without a word."""
    folder.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    folder.mkdir(exist_ok=True)
    trial = folder / "room"
    try:
        trial.write_bytes(bytes(ROOM))
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(folder)) from error
    finally:
        trial.unlink(missing_ok=True)


def _prepare(settings: Settings, url: str) -> str | None:
    """Bring the schema up to date and the shared head to the newest entry, before any process serves.

    Answers the key of the first-start link while there is no administrator.
    """
    tools = open_tools(settings, url)
    try:
        migrations.migrate(tools.database)
        begin_purging(tools)
        with tools.database.session() as db:
            # Lowered only after a restore; what others commit meanwhile raises it again.
            tools.head.reset(journal.last_serial(db))
        with tools.database.session() as db:
            tools.head.raise_to(journal.last_serial(db))
            return None if any_administrator(db) else first_start_key(tools.secret)
    finally:
        tools.database.dispose()


def _web_children(settings: Settings, url: str, first_start: str | None) -> list[Child]:
    host, port = settings.listen
    _refuse_a_taken_address(host, port)
    sockets = [listen(host, port, apart=True)]
    port = sockets[0].getsockname()[1]
    sockets += [listen(host, port, apart=True) for _ in range(settings.web.workers - 1)]
    shown = f"[{host}]" if ":" in host else host
    announce = Announcement(f"http://{shown}:{port}", first_start)
    return [
        Child(f"web-{number}", partial(web_worker, settings, url, sock, announce))
        for number, sock in enumerate(sockets, start=1)
    ]


def _refuse_a_taken_address(host: str, port: int) -> None:
    """Our sockets share their port with one another; without this, they would share it with another index, too."""
    patience = time.monotonic() + 2 * ORPHAN_SECONDS  # for workers whose parent was killed
    while True:
        try:
            return listen(host, port).close()
        except OSError as error:
            if error.errno != errno.EADDRINUSE or time.monotonic() > patience:
                raise
            time.sleep(0.05)


class Announcement:
    """Says once, whichever worker is ready first, where the index is and what to do next."""

    def __init__(self, address: str, first_start: str | None) -> None:
        self._address = address
        self._first_start = first_start
        self._turn, give = os.pipe()
        os.set_blocking(self._turn, False)
        os.write(give, b"!")
        os.close(give)

    def make(self) -> None:
        """Print it, unless another worker has."""
        try:
            if not os.read(self._turn, 1):
                return
        except BlockingIOError:
            return
        lines = [f"listening on {self._address}"]
        if self._first_start is not None:
            lines += [
                f"open {self._address}/setup/{self._first_start} to become the administrator (works once), or run",
                "  warehouse user add NAME --email ADDRESS --password-stdin --admin",
                "  warehouse token create NAME",
            ]
        lines += [
            f"publish:  twine upload --repository-url {self._address}/legacy/ dist/*",
            f"install:  pip install --index-url {self._address}/simple/ NAME",
        ]
        sys.stdout.write("\n".join(lines) + "\n")
        sys.stdout.flush()


class Site:
    """What the web server asks: the machine doors first, then the pages for people."""

    def __init__(self, tools: Tools, cache: PageCache, follower: PageFollower) -> None:
        self.cache = cache
        self._pages = make_web_app(tools)
        website = Website(is_shared, shown_to_everybody(self._pages), chosen_language)
        self._doors = MachineDoors(tools, cache, follower, website)
        self._streams = FileStreams(self._doors.files, tools.blobs)
        self._calls = xmlrpc.XmlRpc(tools)
        self._tokens = tokens.TokenDoor(tools)
        self.glance = self._doors.glance
        self.receive = self._doors.receive

    def answer(self, ask: Ask) -> Answer | Ready | Later | None:
        """See :meth:`MachineDoors.answer`; asked again when the database was restarted in between.

        Refuses with :class:`warehouse.errors.Unavailable` when it does not answer, or not in time.
        """
        if xmlrpc.is_call(ask.path, ask.headers.get("content-type")):
            return None  # other things are asked for at the same address
        try:
            try:
                return self._doors.answer(ask)
            except (OperationalError, psycopg.OperationalError) as error:
                if not was_cut_off(error):
                    raise
                return self._doors.answer(ask)
        except UNANSWERED as error:
            raise unavailable(error) from error

    def wsgi(self, environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Pages for people, files that have to be fetched from elsewhere, what is asked of tokens, and XML-RPC."""
        path = environ.get("PATH_INFO", "")
        if path.startswith(files.BASE):
            return self._streams(environ, start_response)
        if xmlrpc.is_call(path, environ.get("CONTENT_TYPE")):
            return self._calls(environ, start_response)
        if tokens.is_about_tokens(path):
            return self._tokens(environ, start_response)
        return self._pages(environ, start_response)


def metrics_folder(settings: Settings) -> Path:
    """Where the processes of one tree leave their numbers."""
    return settings.data / "run" / "metrics"


def web_worker(settings: Settings, url: str, sock: Any, announcement: Announcement) -> None:
    """Be one web worker process."""
    tools = open_tools(settings, url, metrics=Metrics(metrics_folder(settings)))
    forget_the_dead(metrics_folder(settings), tools.metrics)
    stats = Stats()
    counting = Counting(tools) if settings.downloads.enabled else None
    numbers = Numbers(tools, stats, counting.notes if counting is not None else None)

    def build() -> Site:
        made = site(tools)
        numbers.watch(made.cache)
        if counting is not None:
            counting.start()
        # Pages are built of tens of thousands of short-lived tuples: at the default threshold the collector would
        # look through the whole process again and again while one is made, and find nothing.
        gc.freeze()
        gc.set_threshold(100_000, 50, 50)
        announcement.make()
        return made

    run_worker(sock, build, limits(settings), stats=stats, on_done=numbers.count, tell_hits=True)
    if counting is not None:
        counting.stop()
    tools.metrics.flush()


def job_worker(settings: Settings, url: str) -> None:
    """Be the process that does jobs and runs the durable followers."""
    run_jobs(open_tools(settings, url, metrics=Metrics(metrics_folder(settings))))


def search_keeper(settings: Settings, url: str) -> None:
    """Be the process that keeps the search index. It may be ended anywhere, and takes SIGTERM as it comes."""
    keep_searchable(open_tools(settings, url, metrics=Metrics(metrics_folder(settings))), threading.Event())


def limits(settings: Settings) -> Limits:
    """The web server's deadlines and sizes, from the settings."""
    web = settings.web
    return Limits(
        idle=web.keep_alive.total_seconds(),
        head=web.header_deadline.total_seconds(),
        body_silence=web.body_idle.total_seconds(),
        body_rate=web.min_upload_rate,
        reader_silence=web.reader_idle.total_seconds(),
        grace=web.grace.total_seconds(),
        connections=web.max_connections,
        waiting=web.max_waiting,
        page_threads=web.page_threads,
        upload_threads=web.upload_threads,
        bridge_threads=web.bridge_threads,
        trusted=web.trusted_proxies,
    )
