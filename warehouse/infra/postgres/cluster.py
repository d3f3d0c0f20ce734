"""The folder a database lives in: its files, its version, its making, and what postmaster.pid says."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from warehouse.infra.disk import sync
from warehouse.infra.postgres.binaries import Binaries, Sources, choose, known_majors
from warehouse.infra.postgres.child import launch
from warehouse.infra.postgres.configuration import Wishes, access, configuration
from warehouse.infra.postgres.descent import Account
from warehouse.infra.postgres.locks import FileLock
from warehouse.infra.postgres.passwords import (
    SUPERUSER,
    Passwords,
    new_passwords,
    read_passwords,
    write_passwords,
)
from warehouse.infra.postgres.refusal import NoDatabase

INITDB_SECONDS = 300
PROCESSES = Path("/proc/self")  # there on Linux


@dataclass(frozen=True)
class Place:
    """The paths below ``<data>/postgres``. All but the cluster and the socket belong to the user who runs Warehouse."""

    root: Path

    @property
    def starting(self) -> Path:
        """Held while somebody looks, starts or stops: one at a time."""
        return self.root / "start.lock"

    @property
    def serving(self) -> Path:
        """Held by the server and each of its processes, so it is free exactly when nobody touches the cluster."""
        return self.root / "server.lock"

    @property
    def leases(self) -> Path:
        """Shared by short commands that use a server which another command started."""
        return self.root / "lease.lock"

    @property
    def passwords(self) -> Path:
        return self.root / "password"

    @property
    def log(self) -> Path:
        return self.root / "server.log"

    @property
    def settings(self) -> Path:
        return self.root / "postgresql.conf"

    @property
    def access(self) -> Path:
        return self.root / "pg_hba.conf"

    def cluster(self, major: int) -> Path:
        return self.root / str(major)

    def make(self) -> None:
        """Create the folder; refuse one that belongs to somebody else, whose files we would take over or not read."""
        try:
            self.root.mkdir(parents=True, exist_ok=True)
        except (PermissionError, FileExistsError, NotADirectoryError) as error:
            raise NoDatabase(
                f"The database cannot be kept in {self.root} ({error.strerror}): choose a folder you may write to "
                "with WAREHOUSE_DATA, or set DATABASE_URL."
            ) from error
        found = self.root.stat()
        if found.st_uid != os.geteuid():
            raise NoDatabase(
                f"{self.root} belongs to the user with id {found.st_uid}: run Warehouse as that user, "
                "or choose another folder with WAREHOUSE_DATA."
            )
        self.root.chmod(0o711 if os.geteuid() == 0 else 0o700)

    def major(self, sources: Sources) -> int | None:
        """The major version of the cluster to run: the one the wheel can run, else the newest there is."""
        majors = known_majors(self.root)
        if sources.wheel is not None and sources.wheel.major in majors:
            return self._checked(sources.wheel.major)
        return next((self._checked(major) for major in majors), None)

    def _checked(self, major: int) -> int:
        """The folder's name must be true, or a new and empty database might appear beside the one that is meant."""
        said = (self.cluster(major) / "PG_VERSION").read_text().strip()
        if said != str(major):
            raise NoDatabase(f"{self.cluster(major)} was made by PostgreSQL {said}: call the folder {said}.")
        return major


@dataclass(frozen=True)
class Postmaster:
    """What the server wrote into postmaster.pid."""

    pid: int
    is_ready: bool


def read_postmaster(cluster: Path) -> Postmaster | None:
    """None while there is no such file, or only the beginning of one."""
    try:
        lines = (cluster / "postmaster.pid").read_text().splitlines()
    except FileNotFoundError:
        return None
    if not lines or not re.fullmatch(r"\d+", lines[0]):
        return None
    return Postmaster(int(lines[0]), len(lines) >= 8 and lines[7].strip() == "ready")


def forget_postmaster(cluster: Path, sockets: Path) -> None:
    """Remove what a server left behind that did not stop by itself. Call it while holding ``Place.serving``.

    PostgreSQL would do so, unless its number now belongs to another process of the same user: after a power cut in a
    container that is the rule, because numbers start again at 1. A server somebody started by hand is left alone.
    """
    if not PROCESSES.exists():  # a system that does not tell where others work: PostgreSQL decides
        return
    left = read_postmaster(cluster)
    if left is not None and _is_server_of(left.pid, cluster):
        raise NoDatabase(
            f"A PostgreSQL server that Warehouse did not start (process {left.pid}) runs on {cluster}: stop it first."
        )
    (cluster / "postmaster.pid").unlink(missing_ok=True)
    for name in (".s.PGSQL.5432", ".s.PGSQL.5432.lock"):
        (sockets / name).unlink(missing_ok=True)


def is_served(cluster: Path) -> bool:
    """Whether the process that postmaster.pid names is there and is a server on this cluster."""
    found = read_postmaster(cluster)
    return found is not None and (not PROCESSES.exists() or _is_server_of(found.pid, cluster))


def end_orphans(cluster: Path) -> None:
    """Cut off sessions that outlive a killed server: busy ones do not notice, and a new server would wait for them."""
    if PROCESSES.exists() and not is_served(cluster):
        for entry in PROCESSES.parent.iterdir():
            if entry.name.isdigit() and works_in(int(entry.name), cluster):
                with suppress(ProcessLookupError):
                    os.kill(int(entry.name), signal.SIGQUIT)


def works_in(pid: int, cluster: Path) -> bool | None:
    """Whether the process has the cluster as its working folder, as all of a server's have; None: we may not look."""
    try:
        return os.path.samestat((PROCESSES.parent / str(pid) / "cwd").stat(), cluster.stat())
    except PermissionError:  # root in a container, without the right to trace
        return None
    except (FileNotFoundError, ProcessLookupError):
        return False


def _is_server_of(pid: int, cluster: Path) -> bool:
    """The same, and where we may not look: whether name and owner, which everybody may see, would fit."""
    works = works_in(pid, cluster)
    if works is not None:
        return works
    process = PROCESSES.parent / str(pid)
    try:
        return process.stat().st_uid == cluster.stat().st_uid and (process / "comm").read_text().strip() == "postgres"
    except (FileNotFoundError, ProcessLookupError):
        return False


def write_settings(place: Place, wishes: Wishes, sockets: Path, major: int) -> None:
    """postgresql.conf and pg_hba.conf, outside of the cluster: its owner must not choose where we write as root."""
    text = configuration(wishes, sockets=sockets, access=place.access, disk=place.root, major=major)
    for path, content in ((place.settings, text), (place.access, access())):
        path.write_bytes(os.fsencode(content))
        path.chmod(0o644)


def ready_passwords(place: Place, binaries: Binaries, account: Account | None, lock: FileLock) -> None:
    """Make the password file when it is missing, and give an existing cluster the new passwords."""
    if place.passwords.exists():
        return
    passwords = new_passwords()
    cluster = place.cluster(binaries.major)
    if cluster.exists():
        _reset_superuser(place, binaries, account, passwords, lock)
    write_passwords(place.passwords, passwords)


def _reset_superuser(
    place: Place, binaries: Binaries, account: Account | None, passwords: Passwords, lock: FileLock
) -> None:
    """Alone with the cluster in single-user mode, which asks for no password."""
    command: list[str | Path] = [
        *(binaries.path("postgres"), "--single", "-D", place.cluster(binaries.major)),
        *("-c", f"config_file={place.settings}", "postgres"),
    ]
    process = launch(
        command,
        folder=place.root,
        account=account,
        output=subprocess.PIPE,
        farewell=signal.SIGTERM,
        keep=[lock.fd],
        stdin=subprocess.PIPE,
    )
    said, _ = process.communicate(
        f"ALTER ROLE {SUPERUSER} PASSWORD '{passwords.superuser}'\n".encode(), timeout=INITDB_SECONDS
    )
    if process.returncode != 0:
        raise NoDatabase(f"The lost passwords of {place.root} could not be replaced: {last_words(said)}")


def make_cluster(place: Place, binaries: Binaries, account: Account | None, lock: FileLock) -> Path:
    """Run initdb in a folder beside, and move it into place complete: a crash leaves no half of a database."""
    cluster = place.cluster(binaries.major)
    fresh = place.root / f"{cluster.name}.new"
    if fresh.exists():
        shutil.rmtree(fresh)
    fresh.mkdir(mode=0o700)
    secret = place.root / "password.once"
    secret.unlink(missing_ok=True)
    with os.fdopen(os.open(secret, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
        out.write(read_passwords(place.passwords).superuser)
    try:
        if account is not None:
            for path in (fresh, secret):
                os.chown(path, account.uid, account.gid)
        _initdb(place, binaries, account, fresh, secret, lock)
    finally:
        secret.unlink()
    fresh.replace(cluster)
    sync(place.root)
    return cluster


def _initdb(
    place: Place, binaries: Binaries, account: Account | None, fresh: Path, secret: Path, lock: FileLock
) -> None:
    command: list[str | Path] = [
        *(binaries.path("initdb"), "-D", fresh, "-U", SUPERUSER, f"--pwfile={secret}"),
        *("--auth=scram-sha-256", "--encoding=UTF8", "--locale=C", "--data-checksums", "--no-instructions"),
    ]
    if binaries.major >= 17:
        command += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    if binaries.major >= 16:
        command += ["-c", "scram_iterations=1"]
    process = launch(
        command,
        folder=place.root,
        account=account,
        output=subprocess.PIPE,
        farewell=signal.SIGKILL,
        keep=[lock.fd],
        named=True,
    )
    said, _ = process.communicate(timeout=INITDB_SECONDS)
    if process.returncode != 0:
        raise NoDatabase(f"The database in {place.root} could not be created: {last_words(said)}")


def last_words(said: bytes) -> str:
    """The end of a program's output that says what went wrong, without dates and process numbers."""
    text = said.decode(errors="replace")
    lines = [re.sub(r"^[-\d]+ [:.\d]+ \w+ \[\d+\] (LOG|FATAL):\s*", "", line) for line in text.splitlines()]
    telling = [line for line in lines if re.search(r"error|PANIC|unrecognized|invalid|could not|cannot|must", line)]
    return "; ".join((telling or lines or ["it said nothing"])[-2:])


def chosen(place: Place, sources: Sources) -> Binaries:
    """The binaries that run this folder's cluster, or will make it."""
    return choose(place.root, place.major(sources), sources)
