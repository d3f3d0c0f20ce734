"""The methods that are answered, and how."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from warehouse.api.xmlrpc import faults
from warehouse.api.xmlrpc.arguments import NUMBER, TEXT, TEXTS, Parameter, problems
from warehouse.api.xmlrpc.listing import Listing
from warehouse.api.xmlrpc.retired import RETIRED
from warehouse.errors import Unavailable
from warehouse.infra.db import Database
from warehouse.sources.mirrors import Entry, MirrorSource, TakesTooLong
from warehouse.standards.names import normalize
from warehouse.standards.xmlrpc import LIST, Call, element, response
from warehouse.standards.xmlrpc.listing import gzipped, plain

MOST_ENTRIES = 50_000
ENTRIES_AT_ONCE = 500
MOST_CLASSIFIED = 50_000
SEARCHES_AT_ONCE = 2  # each takes a thread for seconds, and others have to be answered as well
LARGEST = 2**63 - 1  # that PostgreSQL's bigint holds


@dataclass(frozen=True, slots=True)
class Reply:
    """What a call returns, written as XML: pieces that are made when they are wanted.

    ``gzipped`` makes the same in compressed form where that is at hand.
    """

    pieces: Callable[[], Iterator[bytes]]
    gzipped: Callable[[], Iterator[bytes]] | None = None


@dataclass(frozen=True, slots=True)
class Method:
    """A method that is answered."""

    parameters: tuple[Parameter, ...]
    answer: Callable[..., Reply]


class Methods:
    """Answers calls from the database."""

    def __init__(self, database: Database) -> None:
        self._source = MirrorSource(database)
        self._listing = Listing(self._source)
        self._searches = threading.BoundedSemaphore(SEARCHES_AT_ONCE)
        self._methods: Mapping[str, Method] = {
            "changelog_last_serial": Method((), self._last_serial),
            "changelog_since_serial": Method((Parameter("serial", NUMBER),), self._since_serial),
            "list_packages_with_serial": Method((), self._with_serial),
            "package_roles": Method((Parameter("package_name", TEXT),), self._roles),
            "user_packages": Method((Parameter("username", TEXT),), self._kept_by),
            "browse": Method((Parameter("classifiers", TEXTS),), self._classified),
        }

    def answer(self, call: Call) -> Reply:
        """What the call returns. Raises :class:`warehouse.api.xmlrpc.faults.Fault`.

        The arguments come first: a retired method is asked for with the arguments that it took.
        """
        method = self._methods.get(call.method) or RETIRED.get(call.method)
        if method is None:
            raise faults.unknown_method()
        if wrong := list(problems(method.parameters, call.arguments)):
            raise faults.wrong_arguments(wrong)
        if isinstance(method, Method):
            return method.answer(*call.arguments)
        raise faults.refused(method.exception, method.sentence)

    def _last_serial(self) -> Reply:
        return _whole(response(self._source.last_serial()))

    def _since_serial(self, serial: int) -> Reply:
        """Entries never change and never come before one that was there, so that each query goes on where the last
        one ended, and no connection is kept while a slow reader takes what there is."""
        since = min(max(serial, -1), LARGEST)
        entries = self._source.entries_after(since, ENTRIES_AT_ONCE)
        return Reply(lambda: self._written(entries))

    def _written(self, entries: list[Entry]) -> Iterator[bytes]:
        left = MOST_ENTRIES
        yield LIST[0]
        while entries:
            left -= len(entries)
            since, is_last = entries[-1].serial, not left or len(entries) < ENTRIES_AT_ONCE
            text = "\n".join(map(element, entries)).encode()
            entries = []  # or a hundred slow readers would keep as many of them
            yield text
            if is_last:
                break
            entries = self._source.entries_after(since, min(left, ENTRIES_AT_ONCE))
        yield LIST[1]

    def _with_serial(self) -> Reply:
        parts = self._listing.parts()
        return Reply(lambda: plain(parts), lambda: gzipped(parts))

    def _roles(self, package_name: str) -> Reply:
        return _whole(response(self._source.roles(normalize(package_name))))

    def _kept_by(self, username: str) -> Reply:
        return _whole(response(self._source.kept_by(username)))

    def _classified(self, classifiers: list[str]) -> Reply:
        if not classifiers:
            return _whole(response([]))
        if not self._searches.acquire(blocking=False):
            raise Unavailable("Others are searching by classifiers. Try again in a moment.", code="searching")
        try:
            found = self._source.classified(classifiers, MOST_CLASSIFIED + 1)
        except TakesTooLong as error:
            sentence = "Finding the releases with these classifiers takes too long. Name others or more of them."
            raise faults.refused("RuntimeError", sentence) from error
        finally:
            self._searches.release()
        if len(found) > MOST_CLASSIFIED:
            sentence = f"More than {MOST_CLASSIFIED} releases have these classifiers. Name more of them."
            raise faults.refused("RuntimeError", sentence)
        return _whole(response(sorted(found)))


def _whole(body: bytes) -> Reply:
    return Reply(lambda: iter([body]))
