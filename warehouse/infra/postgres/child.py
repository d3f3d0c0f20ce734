"""Starting a program of PostgreSQL as the right user, sure that it runs or knowing why not."""

from __future__ import annotations

import os
import pwd
import signal
import subprocess
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import IO

from warehouse.infra.postgres.descent import Account, Descent, descend
from warehouse.infra.postgres.refusal import NoDatabase

KEPT = ("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "TMPDIR")


def account_for(cluster: Path) -> Account | None:
    """Whom the server runs as: None for ourselves; for root the owner of the cluster, else ``postgres`` or ``nobody``.

    PostgreSQL refuses to run as root, and insists that its user owns the cluster.
    """
    if os.geteuid() != 0:
        return None
    if cluster.exists():
        found = cluster.stat()
        return Account(f"with id {found.st_uid}", found.st_uid, found.st_gid)
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(name, entry.pw_uid, entry.pw_gid)
    raise NoDatabase(
        "PostgreSQL does not run as root, and there is no user 'postgres' or 'nobody' to run it as: "
        "add one, run Warehouse as an ordinary user, or set DATABASE_URL."
    )


def nameless() -> tuple[int, int, int] | None:
    """(an account that exists, our uid, our gid) when our own uid has no name, else None."""
    try:
        pwd.getpwuid(os.geteuid())
    except KeyError:
        shown = next((entry.pw_uid for entry in reversed(pwd.getpwall()) if entry.pw_uid != 0), 65534)
        return shown, os.geteuid(), os.getegid()
    return None


def launch(
    command: Sequence[str | Path],
    *,
    folder: Path,
    account: Account | None,
    output: IO[bytes] | int,
    farewell: signal.Signals,
    keep: Sequence[int] = (),
    named: bool = False,
    stdin: int = subprocess.DEVNULL,
) -> subprocess.Popen[bytes]:
    """Start a program that dies with this process; NoDatabase when it could not be started at all.

    ``folder`` must be reachable for its user, ``farewell`` is the signal it gets when we die, ``keep`` are open files
    it inherits, ``named`` says that it insists on a user with a name. Call it from the main thread: the kernel sends
    the farewell when the *thread* that started the child ends.
    """
    descent = Descent(
        account=account,
        folder=str(folder),
        appear_as=nameless() if named and account is None else None,
        parent=os.getpid(),
        farewell=farewell,
    )
    read, write = os.pipe()
    with os.fdopen(read, "rb") as report:
        try:
            return subprocess.Popen(
                command,
                stdin=stdin,
                stdout=output,
                stderr=subprocess.STDOUT,
                env={name: os.environ[name] for name in KEPT if name in os.environ},  # and no PGDATA, PGPORT, LC_ALL
                pass_fds=keep,
                start_new_session=True,  # Ctrl-C is for us; the server is stopped when we are ready
                preexec_fn=partial(descend, descent, write),
            )
        except subprocess.SubprocessError as error:
            os.close(write)
            write = -1
            raise NoDatabase(os.fsdecode(report.read()) or "PostgreSQL could not be started.") from error
        except OSError as error:
            hint = "; is its disk mounted noexec?" if isinstance(error, PermissionError) else "."
            raise NoDatabase(f"{command[0]} cannot be run: {error.strerror}{hint}") from error
        finally:
            if write >= 0:
                os.close(write)
