"""Asks name servers, with one limit on the time of all questions about a domain."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from warehouse.infra.domains.contract import MailDomain
from warehouse.infra.domains.names import plain

MOST_HOSTS = 50
"""Names of mail hosts that are looked at; a domain may have thousands."""

MOST_TRACED = 5
"""Mail hosts whose addresses are traced back to a name: each takes two questions more."""

AT_ONCE = 8
"""Domains that one process looks up at the same time; while so many are slow, the others are taken unasked.

Whoever asks holds a connection to the database meanwhile. Strangers with slow name servers must not hold them all.
"""


class NoSuchDomain(Exception):
    """The name servers say that there is no such name (NXDOMAIN)."""


class NobodyKnows(Exception):
    """No answer, or none in time."""


class DnsMailDomains:
    """Where mail goes by MX, A and AAAA records. ``servers`` are addresses to ask instead of the machine's own."""

    def __init__(self, *, time_limit: timedelta, servers: Sequence[str] = (), port: int = 53) -> None:
        self._time_limit = time_limit.total_seconds()
        self._servers = servers
        self._port = port
        self._turns = threading.BoundedSemaphore(AT_ONCE)

    def look_up(self, domain: str) -> MailDomain:
        if not self._turns.acquire(blocking=False):
            return MailDomain()
        try:
            return _look_up(Questions(self._servers, self._port, self._time_limit), domain)
        finally:
            self._turns.release()


class DnsDomainStatus:
    """Whether a domain is delegated, which is what a registry's zone can tell about it."""

    def __init__(self, *, time_limit: timedelta, servers: Sequence[str] = (), port: int = 53) -> None:
        self._time_limit = time_limit.total_seconds()
        self._servers = servers
        self._port = port

    def of(self, domain: str) -> tuple[str, ...] | None:
        questions = Questions(self._servers, self._port, self._time_limit)
        try:
            # Some registries keep the records of a domain themselves, so that it has no name servers of its own.
            is_there = any(questions.ask(domain, kind) for kind in ("NS", "MX", "A", "AAAA"))
        except NoSuchDomain:
            is_there = False
        except NobodyKnows:
            return None
        return ("active",) if is_there else ("undelegated",)


class Questions:
    """Questions that share one limit of time, in seconds."""

    def __init__(self, servers: Sequence[str], port: int, seconds: float) -> None:
        self._servers = servers
        self._port = port
        self._end = time.monotonic() + seconds
        self._resolver: Any = None

    def ask(self, name: str, kind: str) -> list[Any]:
        """The records of this kind; raises :class:`NoSuchDomain` or :class:`NobodyKnows`."""
        import dns.exception
        import dns.resolver

        left = self._end - time.monotonic()
        if left <= 0:
            raise NobodyKnows
        try:
            found = self._asked().resolve(f"{plain(name)}.", kind, lifetime=left, search=False)
        except dns.resolver.NoAnswer:
            return []
        except dns.resolver.NXDOMAIN as error:
            raise NoSuchDomain from error
        except (dns.exception.DNSException, ValueError) as error:  # ValueError: what cannot be a name
            raise NobodyKnows from error
        return list(found)

    def names_behind(self, host: str) -> list[str]:
        """The names to which the host's first address leads back; none when that cannot be found out."""
        try:
            addresses = self.ask(host, "A")
            return [plain(str(found.target)) for found in self.ask(_reversed(addresses[0]), "PTR")] if addresses else []
        except (NoSuchDomain, NobodyKnows):
            return []

    def _asked(self) -> Any:
        import dns.resolver

        if self._resolver is None:
            self._resolver = dns.resolver.Resolver(configure=not self._servers)
            if self._servers:
                self._resolver.nameservers = list(self._servers)
                self._resolver.port = self._port
        return self._resolver


def _look_up(questions: Questions, domain: str) -> MailDomain:
    try:
        records = questions.ask(domain, "MX")
        if not records:
            return MailDomain(takes_mail=_takes_mail_itself(questions, domain))
    except NoSuchDomain:
        return MailDomain(takes_mail=False)
    except NobodyKnows:
        return MailDomain()
    hosts = [plain(str(record.exchange)) for record in sorted(records, key=lambda record: record.preference)]
    if hosts == [""]:
        # RFC 7505: one MX record with the name "." says that the domain takes no mail.
        return MailDomain(takes_mail=False)
    named = tuple(dict.fromkeys(filter(None, hosts[:MOST_HOSTS])))
    behind = dict.fromkeys(name for host in named[:MOST_TRACED] for name in questions.names_behind(host))
    return MailDomain(hosts=named, behind=tuple(behind))


def _takes_mail_itself(questions: Questions, domain: str) -> bool:
    """Whether a domain without MX records is a mail host itself.

    RFC 5321, 5.1: "If an empty list of MXs is returned, the address is treated as if it was associated with an implicit
    MX RR, with a preference of 0, pointing to that host." One that never sends mail (RFC 7208) takes none, either.
    """
    if not (questions.ask(domain, "A") or questions.ask(domain, "AAAA")):
        return False
    texts = [b"".join(record.strings) for record in questions.ask(domain, "TXT")]
    return not any(text.lower().split() == [b"v=spf1", b"-all"] for text in texts)


def _reversed(address: Any) -> str:
    import dns.reversename

    return str(dns.reversename.from_address(address.address))
