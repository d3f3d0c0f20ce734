"""The steps between fork and exec: become PostgreSQL's user, make its folder reachable, die with the parent.

All of it happens in the forked child, which has a single thread (``unshare`` insists), and may touch only what is
loaded already: after the change of user, Python's own files may be out of reach.
"""

from __future__ import annotations

import ctypes
import errno
import os
import signal
import sys
from dataclasses import dataclass
from pathlib import Path

CLONE_NEWNS = 0x00020000
CLONE_NEWUSER = 0x10000000
MS_NOSUID, MS_NODEV, MS_BIND, MS_REC, MS_SLAVE = 0x2, 0x4, 0x1000, 0x4000, 0x80000
PR_SET_PDEATHSIG, PR_SET_DUMPABLE = 1, 4

LIBC = ctypes.CDLL(None, use_errno=True)


@dataclass(frozen=True)
class Account:
    """A user of this machine that PostgreSQL runs as when we are root."""

    name: str
    uid: int
    gid: int


@dataclass(frozen=True)
class Descent:
    """What the child has to become: ``account`` (None: who we are), able to enter ``folder``.

    ``appear_as`` is (an account that exists, our uid, our gid) for a program that insists on a user with a name;
    ``farewell`` is the signal the child gets when ``parent`` dies.
    """

    account: Account | None
    folder: str
    appear_as: tuple[int, int, int] | None
    parent: int
    farewell: signal.Signals


class Failed(Exception):
    """A sentence for the one who started us."""


def descend(descent: Descent, report: int) -> None:
    """Do it all, in this order; a sentence about what failed goes to ``report``, and the exception ends the child."""
    try:
        os.chdir("/")
        os.umask(0o077)
        signal.pthread_sigmask(signal.SIG_SETMASK, [])
        if descent.account is not None:
            become(descent.account, descent.folder)
        if descent.appear_as is not None:
            appear_as(*descent.appear_as)
        die_with(descent.parent, descent.farewell)
    except Failed as failure:
        os.write(report, os.fsencode(str(failure)))
        raise


def become(account: Account, folder: str) -> None:
    """Drop root for good. Where a parent of ``folder`` shuts that user out, let the folder be seen nevertheless."""
    try:
        shut = first_shut(folder, account)
        if shut is not None:
            uncover(folder, shut, account.name)
        os.setgroups([account.gid])
        os.setgid(account.gid)
        os.setuid(account.uid)
    except OSError as error:
        raise Failed(
            f"PostgreSQL does not run as root, and becoming the user {account.name} failed ({error.strerror}): "
            "run Warehouse as an ordinary user, or set DATABASE_URL."
        ) from error


def first_shut(folder: str, account: Account) -> str | None:
    """The topmost folder on the way that the user may not enter: asked of the kernel, so that ACLs count."""
    os.setgroups([account.gid])
    os.setegid(account.gid)
    os.seteuid(account.uid)
    try:
        for step in [*reversed(Path(folder).parents), Path(folder)]:
            try:
                os.stat(f"{step}/.")  # noqa: PTH116 - Path would drop the dot, which asks for the right to enter
            except PermissionError:
                return str(step)
        return None
    finally:
        os.seteuid(0)
        os.setegid(0)


def uncover(folder: str, shut: str, name: str) -> None:
    """Show ``folder`` under its own path in a private view of the file system, where nothing else of ``shut`` is seen.

    The permissions on disk stay as they are: opening somebody's home to the world is no price for a database.
    Paths are the same inside and outside, so the socket and postmaster.pid mean the same to both.
    """
    try:
        call("unshare", CLONE_NEWNS)
        call("mount", None, b"/", None, MS_REC | MS_SLAVE, None)
        inside = os.open(folder, os.O_PATH | os.O_DIRECTORY)
        call("mount", b"warehouse", os.fsencode(shut), b"tmpfs", MS_NOSUID | MS_NODEV, b"mode=0755,size=64k")
        Path(folder).mkdir(mode=0o755, parents=True, exist_ok=True)
        for step in [Path(folder), *Path(folder).parents]:
            if str(step) == shut:
                break
            step.chmod(0o755)
        call("mount", os.fsencode(f"/proc/self/fd/{inside}"), os.fsencode(folder), None, MS_BIND, None)
        os.close(inside)
    except OSError as error:
        raise Failed(
            f"PostgreSQL runs as the user {name}, who may not enter {shut}: choose another data folder with "
            f"WAREHOUSE_DATA, allow passing through with 'chmod o+x {shut}', or run Warehouse as an ordinary user."
        ) from error


def appear_as(shown: int, uid: int, gid: int) -> None:
    """Show an account that exists for a uid that has none, because initdb asks for the name of its user."""
    try:
        call("prctl", PR_SET_DUMPABLE, 1, 0, 0, 0)  # after a change of user, /proc/self would be root's
        call("unshare", CLONE_NEWUSER)
        Path("/proc/self/setgroups").write_text("deny")
        Path("/proc/self/uid_map").write_text(f"{shown} {uid} 1")
        Path("/proc/self/gid_map").write_text(f"{shown} {gid} 1")
    except OSError as error:
        raise Failed(
            f"PostgreSQL cannot create a database for user id {uid}, which has no name: add a line for it to "
            "/etc/passwd, run Warehouse as a named user, or set DATABASE_URL."
        ) from error


def die_with(parent: int, farewell: signal.Signals) -> None:
    """Be sent the signal ``farewell`` when the parent dies. After the change of user, which would clear it."""
    if sys.platform != "linux":
        return
    call("prctl", PR_SET_PDEATHSIG, farewell, 0, 0, 0)
    if os.getppid() != parent:  # it died before prctl, and no signal will come
        os._exit(0)


def call(name: str, *arguments: object) -> None:
    """A C function that answers 0 when all is well."""
    function = getattr(LIBC, name, None)
    if function is None:
        raise OSError(errno.ENOSYS, os.strerror(errno.ENOSYS))
    if function(*[ctypes.c_ulong(a) if isinstance(a, int) else a for a in arguments]) != 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
