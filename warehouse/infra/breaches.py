"""Asks whether a password is among those that were stolen elsewhere, without telling anybody the password."""

from __future__ import annotations

import hashlib
import logging
import queue
import re
from collections.abc import Iterable
from datetime import timedelta
from threading import BoundedSemaphore, Thread
from typing import Protocol

from warehouse.infra.asking import NotAnswered, Reply, ask
from warehouse.settings import Settings

WHO = "The service that knows stolen passwords"
TIME_LIMIT = timedelta(seconds=2)
LARGEST = 1024 * 1024  # bytes; an answer with padding has about fifty thousand
AT_ONCE = 8
PREFIX = 5  # of the 40 hexadecimal digits of a SHA-1: all that is told

log = logging.getLogger("warehouse.breaches")

_LINE = re.compile(r"([0-9A-F]{35}):([0-9]{1,12})", re.IGNORECASE)


class Breaches(Protocol):
    """Knows stolen passwords. May be asked from several threads."""

    def knows(self, password: str) -> bool:
        """Whether this password was stolen somewhere. No when nobody can say: signing in goes on without the answer."""


class NoBreaches:
    """Knows none, and asks nobody."""

    def knows(self, password: str) -> bool:
        return False


class MemoryBreaches:
    """Knows the passwords it was given."""

    def __init__(self, passwords: Iterable[str]) -> None:
        self._passwords = frozenset(passwords)

    def knows(self, password: str) -> bool:
        return password in self._passwords


class RangeBreaches:
    """Asks the range API of Have I Been Pwned, or what speaks like it, at ``url``.

    It learns five digits of the password's SHA-1, which some hundred stolen passwords share, and sends the rest of all
    of those. The padding that we ask for makes the length of the answer tell nothing either.
    """

    def __init__(self, url: str, *, time_limit: timedelta = TIME_LIMIT) -> None:
        self._url = url.rstrip("/")
        self._time_limit = time_limit

    def knows(self, password: str) -> bool:
        digits = hashlib.sha1(password.encode(), usedforsecurity=False).hexdigest().upper()
        try:
            reply = self._ask(digits[:PREFIX])
        except NotAnswered as why:
            log.warning("A password was not looked up: %s", why)
            return False
        return digits[PREFIX:] in _stolen(reply.body)

    def _ask(self, prefix: str) -> Reply:
        headers = {"Add-Padding": "true", "Accept": "text/plain"}
        reply = _in_time(f"{self._url}/{prefix}", headers, self._time_limit)
        if reply.status != 200:
            raise NotAnswered(f"{WHO} answers with {reply.status}: look at passwords.breach_range_url.")
        return reply


def open_breaches(settings: Settings) -> Breaches:
    """What knows stolen passwords on this instance."""
    url = settings.passwords.breach_range_url
    return NoBreaches() if url is None else RangeBreaches(url)


def _stolen(body: bytes) -> set[str]:
    """The ends of the SHA-1s in an answer. A line with the count 0 is padding."""
    lines = (_LINE.fullmatch(line.strip()) for line in body.decode("utf-8-sig", "replace").splitlines())
    return {line[1].upper() for line in lines if line is not None and int(line[2]) > 0}


_turns = BoundedSemaphore(AT_ONCE)


def _in_time(url: str, headers: dict[str, str], time_limit: timedelta) -> Reply:
    """The answer, or :class:`NotAnswered` when the time is up.

    From a thread of its own: looking up a host's name cannot be broken off and may take longer than everything else.
    While the service hangs, few such threads wait for it, and whoever comes then does not ask.
    """
    if not _turns.acquire(blocking=False):
        raise NotAnswered(f"{WHO} has not answered others yet.")
    answers: queue.SimpleQueue[Reply | NotAnswered] = queue.SimpleQueue()

    def question() -> None:
        try:
            answers.put(ask(WHO, "GET", url, headers=headers, time_limit=time_limit, limit=LARGEST))
        except NotAnswered as why:
            answers.put(why)
        finally:
            _turns.release()

    Thread(target=question, name="stolen passwords", daemon=True).start()
    try:
        answer = answers.get(timeout=time_limit.total_seconds())
    except queue.Empty:
        raise NotAnswered(f"{WHO} does not answer: the time was up.") from None
    if isinstance(answer, NotAnswered):
        raise answer
    return answer
