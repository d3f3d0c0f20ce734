"""The embedded PostgreSQL as one object: started or adopted, watched, stopped."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import threading
import time
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from warehouse.infra.postgres import cluster as clusters
from warehouse.infra.postgres.binaries import Sources, forget_runtimes, recorded
from warehouse.infra.postgres.child import account_for, launch
from warehouse.infra.postgres.cluster import Place
from warehouse.infra.postgres.configuration import Wishes
from warehouse.infra.postgres.locks import FileLock, is_held
from warehouse.infra.postgres.prepare import address, answers, prepare
from warehouse.infra.postgres.refusal import NoDatabase
from warehouse.infra.postgres.sockets import clear_away, noted_folder, socket_folder

log = logging.getLogger("warehouse.postgres")

LOG_KEPT = 8 * 2**20


class EmbeddedPostgres:
    """PostgreSQL on ``<data>/postgres``, reachable by a socket, alive as long as the process that started it.

    Several processes may use one folder. The first one starts the server and stops it; the others adopt it. All
    limits are in seconds. ``durable=False`` is for tests.
    """

    def __init__(
        self,
        data: Path,
        *,
        shared_buffers: str = "32MB",
        max_connections: int = 60,
        durable: bool = True,
        start_limit: float = 120.0,
        stop_limit: float = 30.0,
        lease_limit: float = 10.0,
        sources: Sources | None = None,
    ) -> None:
        self._place = Place(Path(data).resolve() / "postgres")
        self._wishes = Wishes(shared_buffers, max_connections, durable)
        self._start_limit = start_limit
        self._stop_limit = stop_limit
        self._lease_limit = lease_limit
        self._sources = sources
        self._leased = True
        self._lease: FileLock | None = None
        self._server: subprocess.Popen[bytes] | None = None
        self._starter = 0

    def start(self, *, lease: bool = True) -> None:
        """Start the server, or adopt the one that runs on the folder; create the database at first use.

        An adopter with a ``lease`` is waited for (within limits) by the starter before it stops the server. Processes
        that run for long take none: they call ``ensure_running`` every second or so, and start the server
        themselves when its starter has gone. Call it from the main thread. Refuses with NoDatabase.
        """
        if threading.current_thread() is not threading.main_thread():
            raise RuntimeError("start PostgreSQL from the main thread: it ends with the thread that started it")
        self._leased = lease
        self._place.make()
        deadline = time.monotonic() + self._start_limit
        with self._one_at_a_time():
            while not self._started() and not self._adopted():
                if time.monotonic() > deadline:
                    raise NoDatabase(
                        f"The PostgreSQL server that already runs on {self._place.root} does not answer: "
                        f"see {self._place.log}, and end it if it hangs."
                    )
                self._end_orphans()
                time.sleep(0.01)

    @property
    def url(self) -> str:
        """The libpq URI of the database. It stays the same over restarts, and holds no secret."""
        sockets = noted_folder(self._place.root)
        if sockets is None:
            raise RuntimeError("the address is known once the server has been started")
        return address(sockets, self._place.passwords)

    @property
    def pid(self) -> int | None:
        """The number of the server process, None when there is none."""
        cluster = self._cluster()
        found = clusters.read_postmaster(cluster) if cluster is not None else None
        return found.pid if found is not None and self.is_running() else None

    @property
    def is_ours(self) -> bool:
        """Whether this process started the server, and so will stop it."""
        return self._server is not None and self._starter == os.getpid()

    def is_running(self) -> bool:
        """Whether any server is at work on the folder, whoever started it. About 0.1 ms."""
        cluster = self._cluster()
        return cluster is not None and is_held(self._place.serving) and clusters.is_served(cluster)

    def ensure_running(self) -> None:
        """Start the server again when it is gone. Cheap enough to be called every second."""
        if self._server is not None:
            self._server.poll()  # a dead child is not a zombie for long
        if not self.is_running():
            log.warning("PostgreSQL on %s is gone: starting it again", self._place.root)
            self._let_go()
            self.start(lease=self._leased)

    def stop(self) -> None:
        """Stop the server if this process started it, after waiting for those who hold a lease. Harmless twice.

        Clients are cut off: transactions that did not commit are undone.
        """
        if self.is_ours:
            with self._last_one():
                self._shut_down()
                clear_away(self._place.root)
        self._let_go()

    def tool(self, name: str) -> Path:
        """The path of a program of the server's own version: ``pg_dump``, ``pg_restore`` or ``psql``."""
        binaries = recorded(self._place.root)
        if binaries is None:
            raise RuntimeError("the programs are known once the server has been started")
        return binaries.path(name)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()

    def _known_sources(self) -> Sources:
        if self._sources is None:
            self._sources = Sources()
        return self._sources

    def _cluster(self) -> Path | None:
        """Where the cluster is, None as long as there is none."""
        if not self._place.root.exists():
            return None
        major = self._place.major(self._known_sources())
        return self._place.cluster(major) if major is not None else None

    def _end_orphans(self) -> None:
        cluster = self._cluster()
        if cluster is not None:
            clusters.end_orphans(cluster)

    def _one_at_a_time(self) -> FileLock:
        lock = FileLock.within(self._place.starting, self._start_limit)
        if lock is None:
            raise NoDatabase(
                f"Another command has been starting PostgreSQL on {self._place.root} for too long: end it."
            )
        return lock

    def _adopted(self) -> bool:
        sockets = noted_folder(self._place.root)
        if sockets is None or not answers(sockets, self._place.passwords):
            return False
        if self._leased and self._lease is None and not self.is_ours:
            self._lease = FileLock.attempt(self._place.leases, shared=True)
        return True

    def _started(self) -> bool:
        """False when somebody is at work on the cluster: a server to adopt, or the last processes of a dying one."""
        lock = FileLock.attempt(self._place.serving)
        if lock is None:
            return False
        with lock:
            self._start(lock)
        return True

    def _start(self, lock: FileLock) -> None:
        began = time.monotonic()
        binaries = clusters.chosen(self._place, self._known_sources())
        cluster = self._place.cluster(binaries.major)
        account = account_for(cluster)
        owner = (account.uid, account.gid) if account else (os.geteuid(), os.getegid())
        sockets = socket_folder(self._place.root, owner)
        clusters.write_settings(self._place, self._wishes, sockets, binaries.major)
        clusters.ready_passwords(self._place, binaries, account, lock)
        new = not cluster.exists()
        if new:
            clusters.make_cluster(self._place, binaries, account, lock)
        clusters.forget_postmaster(cluster, sockets)
        with _opened_log(self._place.log) as output:
            beginning = output.tell()
            self._server = launch(
                [binaries.path("postgres"), "-D", cluster, "-c", f"config_file={self._place.settings}"],
                folder=self._place.root,
                account=account,
                output=output,
                farewell=signal.SIGINT,
                keep=[lock.fd],
            )
        self._starter = os.getpid()
        try:
            self._wait_until_ready(cluster, beginning)
            prepare(sockets, self._place.passwords, new=new)
        except BaseException:
            self._shut_down()
            raise
        forget_runtimes(self._place.root, besides=binaries)
        log.info("PostgreSQL %s serves %s after %.2f s", binaries.version, cluster, time.monotonic() - began)

    def _wait_until_ready(self, cluster: Path, beginning: int) -> None:
        """Ready is what our own child says: a file left behind, or another's, may say so as well."""
        assert self._server is not None
        deadline = time.monotonic() + self._start_limit
        while self._server.poll() is None:
            found = clusters.read_postmaster(cluster)
            if found is not None and found.is_ready and found.pid == self._server.pid:
                return
            if time.monotonic() > deadline:
                raise NoDatabase(f"PostgreSQL was not ready within {self._start_limit:.0f} s: see {self._place.log}.")
            time.sleep(0.003)
        with self._place.log.open("rb") as written:
            written.seek(beginning)
            reason = clusters.last_words(written.read())
        raise NoDatabase(f"PostgreSQL did not start: {reason} (see {self._place.log}).")

    def _last_one(self) -> FileLock:
        """The right to stop the server: nobody is about to adopt it, and leases have ended or had their time."""
        deadline = time.monotonic() + self._lease_limit
        while True:
            starting = self._one_at_a_time()
            unused = FileLock.attempt(self._place.leases)
            if unused is not None:
                unused.release()
                return starting
            if time.monotonic() > deadline:
                log.warning("PostgreSQL stops although another command still uses it")
                return starting
            starting.release()
            time.sleep(0.05)

    def _shut_down(self) -> None:
        """SIGINT is PostgreSQL's fast shutdown; SIGTERM would wait for clients. Then ever less politely."""
        assert self._server is not None
        for farewell, seconds in ((signal.SIGINT, self._stop_limit), (signal.SIGQUIT, 5.0), (signal.SIGKILL, 5.0)):
            self._server.send_signal(farewell)
            try:
                self._server.wait(seconds)
                return
            except subprocess.TimeoutExpired:
                log.warning("PostgreSQL did not stop within %.0f s of %s", seconds, farewell.name)

    def _let_go(self) -> None:
        self._server = None
        if self._lease is not None:
            self._lease.release()
            self._lease = None


def _opened_log(path: Path) -> IO[bytes]:
    """The server's log, begun anew when it has grown, with the one before kept."""
    if path.exists() and path.stat().st_size > LOG_KEPT:
        path.replace(path.with_name(f"{path.name}.1"))
    output = path.open("ab")
    path.chmod(0o600)
    return output
