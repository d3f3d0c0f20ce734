"""The process tree of ``warehouse serve``: one quiet parent that forks named children and keeps them alive."""

from __future__ import annotations

import ctypes
import gc
import logging
import os
import select
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

log = logging.getLogger("warehouse.tree")

WATCHED = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGCHLD)
PR_SET_PDEATHSIG = 1
LONGEST_PAUSE = 5.0
STEADY = 30.0
ORPHAN_SECONDS = 1.5


@dataclass(frozen=True)
class Child:
    """One process: ``run`` is called in it and should return only when it was asked to end by SIGTERM.

    Signals have their default meaning when ``run`` begins: without a handler of its own, SIGTERM ends it at once.
    """

    name: str
    run: Callable[[], None]


@dataclass
class _Seat:
    """The place of one child in the tree, whoever sits in it."""

    child: Child
    pid: int | None = None
    began: float = 0.0
    failures: int = 0
    due: float | None = 0.0  # when to fork the next one; None while one is there, or none is wanted
    kill_at: float | None = None  # when patience with a child that was asked to end is over
    was_asked: bool = False


@dataclass
class _Chore:
    """Something the parent does now and then."""

    seconds: float
    call: Callable[[], None]
    due: float = field(default_factory=time.monotonic)


class Tree:
    """Supervises children until SIGTERM or SIGINT; ``grace`` is the seconds a child has to end after SIGTERM.

    A child that ends is started again: at once the first time, then after growing pauses of up to 5 seconds. SIGHUP
    replaces the children one after the other. A second SIGINT kills at once. When the parent itself is killed, its
    children get SIGTERM, and SIGKILL if they are still there after 1.5 seconds.

    The parent should have imported everything before, so that the children share its memory, and run no threads.
    """

    def __init__(self, children: list[Child], *, grace: float = 30.0, settle: float = 1.0) -> None:
        self._seats = [_Seat(child) for child in children]
        self._chores: list[_Chore] = []
        self._grace = grace
        self._settle = settle
        self._stopping = False
        self._killed = False
        self._replacing: list[_Seat] = []
        self._replace_at = 0.0
        self._lifeline = (-1, -1)

    def every(self, seconds: float, call: Callable[[], None]) -> None:
        """Call this in the parent every so many seconds, for the first time before any child runs.

        Nothing else is watched meanwhile, so it should be quick. When it fails it is logged and called again.
        """
        self._chores.append(_Chore(seconds, call))

    def run(self) -> int:
        """Keep the children running until told to stop; the exit status: 0, or 1 when some had to be killed."""
        _open_standard_files()
        if threading.active_count() > 1:
            log.warning("forking beside threads: %s", ", ".join(one.name for one in threading.enumerate()))
        self._lifeline = os.pipe()
        gc.collect()
        gc.freeze()  # the collector would write to every object, and so copy the memory that children share
        try:
            with _signals() as wakeup:
                while self._work():
                    for number in _wait(wakeup, self._next_event()):
                        self._heed(number)
        finally:
            for fd in self._lifeline:
                os.close(fd)
            gc.unfreeze()
        return 1 if self._killed else 0

    def _work(self) -> bool:
        """Do everything that is due now; whether there will be more."""
        self._bury()
        now = time.monotonic()
        for seat in self._seats:
            if seat.pid is not None and seat.kill_at is not None and seat.kill_at <= now:
                self._kill(seat)
        if self._stopping:
            return any(seat.pid is not None for seat in self._seats)
        for chore in self._chores:
            if chore.due <= now:
                _do(chore)
        for seat in self._seats:
            if seat.due is not None and seat.due <= now:
                self._fork(seat)
        self._replace_next(now)
        return True

    def _next_event(self) -> float | None:
        """When something is due, on the monotonic clock; None when only a signal can change anything."""
        times = [seat.kill_at for seat in self._seats if seat.pid is not None]
        if not self._stopping:
            times += [chore.due for chore in self._chores]
            times += [seat.due for seat in self._seats]
            if self._replacing and not self._is_replacing():
                times.append(self._replace_at)
        return min((moment for moment in times if moment is not None), default=None)

    def _heed(self, number: int) -> None:
        if number == signal.SIGINT and self._stopping:
            for seat in self._seats:
                self._kill(seat)
        elif number in (signal.SIGTERM, signal.SIGINT) and not self._stopping:
            log.info("stopping", extra={"signal": signal.Signals(number).name})
            self._stopping = True
            for seat in self._seats:
                seat.due = None
                self._ask_to_end(seat)
        elif number == signal.SIGHUP and not self._stopping:
            self._replacing = [seat for seat in self._seats if seat.pid is not None]
            self._replace_at = time.monotonic()

    def _replace_next(self, now: float) -> None:
        """A rolling restart: the next child is asked to end when the one before has been back for a moment."""
        if self._replacing and not self._is_replacing() and self._replace_at <= now:
            self._ask_to_end(self._replacing.pop(0))

    def _is_replacing(self) -> bool:
        return any(seat.was_asked or seat.pid is None for seat in self._seats)

    def _ask_to_end(self, seat: _Seat) -> None:
        if seat.pid is not None and not seat.was_asked:
            os.kill(seat.pid, signal.SIGTERM)
            seat.was_asked, seat.kill_at = True, time.monotonic() + self._grace

    def _kill(self, seat: _Seat) -> None:
        """The child with all that it started, which share its process group."""
        if seat.pid is None:
            return
        log.warning("%s is killed", seat.child.name, extra={"child": seat.child.name, "pid": seat.pid})
        self._killed = True
        seat.kill_at = None
        os.killpg(seat.pid, signal.SIGKILL)

    def _fork(self, seat: _Seat) -> None:
        _flush()  # or the child would write it once more
        parent = os.getpid()
        signal.pthread_sigmask(signal.SIG_BLOCK, WATCHED)  # a child must not answer a signal as if it were the parent
        pid = os.fork()
        if pid == 0:
            _be_child(seat.child, parent, self._lifeline)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, WATCHED)
        with suppress(PermissionError, ProcessLookupError):  # it has done so itself, and moved on
            os.setpgid(pid, pid)  # in both processes, so that it is true whoever comes first
        seat.pid, seat.began, seat.due = pid, time.monotonic(), None
        log.info("%s started", seat.child.name, extra={"child": seat.child.name, "pid": pid})

    def _bury(self) -> None:
        """Take note of children that ended. Never of others: PostgreSQL is waited for by its own supervisor."""
        for seat in self._seats:
            if seat.pid is not None:
                pid, status = os.waitpid(seat.pid, os.WNOHANG)
                if pid:
                    self._ended(seat, os.waitstatus_to_exitcode(status))

    def _ended(self, seat: _Seat, code: int) -> None:
        now = time.monotonic()
        was_asked = seat.was_asked
        how = f"by signal {-code} ({signal.strsignal(-code)})" if code < 0 else f"with status {code}"
        level = logging.INFO if was_asked else logging.WARNING
        log.log(level, "%s ended %s", seat.child.name, how, extra={"child": seat.child.name, "pid": seat.pid})
        if now - seat.began >= STEADY or was_asked:
            seat.failures = 0
        pause = min(LONGEST_PAUSE, 0.25 * 2**seat.failures) if seat.failures else 0.0
        seat.failures += 0 if was_asked else 1
        seat.pid, seat.kill_at, seat.was_asked = None, None, False
        seat.due = None if self._stopping else now + pause
        self._replace_at = now + self._settle


def _do(chore: _Chore) -> None:
    try:
        chore.call()
    except Exception:  # the supervisor must outlive what it supervises
        log.exception("a periodic task of the parent failed and will be tried again")
    chore.due = time.monotonic() + chore.seconds


def _wait(wakeup: int, until: float | None) -> Iterator[int]:
    """Sleep until the moment or a signal; the numbers of the signals that came."""
    pause = None if until is None else max(0.0, until - time.monotonic())
    ready, _, _ = select.select([wakeup], [], [], pause)
    if ready:
        yield from os.read(wakeup, 4096)


@contextmanager
def _signals() -> Iterator[int]:
    """Have the watched signals written to a pipe, whose reading end is given; as before afterwards."""
    read, write = os.pipe()
    os.set_blocking(write, False)
    former_wakeup = signal.set_wakeup_fd(write, warn_on_full_buffer=False)
    former = {number: signal.signal(number, lambda *_: None) for number in WATCHED}
    try:
        yield read
    finally:
        for number, handler in former.items():
            signal.signal(number, handler)
        signal.set_wakeup_fd(former_wakeup)
        os.close(read)
        os.close(write)


def _be_child(child: Child, parent: int, lifeline: tuple[int, int]) -> None:
    """The life of a forked child; never returns."""
    status = 1
    try:
        os.setpgid(0, 0)  # Ctrl-C in the terminal is for the parent, which then asks us
        signal.set_wakeup_fd(-1)
        for number in WATCHED:
            signal.signal(number, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, WATCHED)
        os.close(lifeline[1])
        _die_with(parent)
        threading.Thread(target=_outlive, args=(lifeline[0],), name="lifeline", daemon=True).start()
        child.run()
        status = 0
    except SystemExit as leaving:
        status = leaving.code if isinstance(leaving.code, int) else int(leaving.code is not None)
    except BaseException:
        log.exception("%s failed", child.name, extra={"child": child.name, "pid": os.getpid()})
    finally:
        logging.shutdown()
        _flush()
        os._exit(status)


def _flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:  # as it is when Python was started with the file closed
            stream.flush()


def _die_with(parent: int) -> None:
    """Be sent SIGTERM by the kernel when the parent dies; where the kernel cannot, the lifeline does it."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
    if os.getppid() != parent:  # it died before, and no signal will come
        os._exit(0)


def _outlive(lifeline: int) -> None:
    """Only the parent can write to the pipe, so its end is the parent's. A slow farewell is cut short then."""
    while os.read(lifeline, 1):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(ORPHAN_SECONDS)
    os.killpg(os.getpgrp(), signal.SIGKILL)


def _open_standard_files() -> None:
    """A descriptor below 3 that is closed would be given to the next file, and print() would write into that."""
    for fd in range(3):
        try:
            os.fstat(fd)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # the lowest free number, which is fd
