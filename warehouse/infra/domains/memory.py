"""Answers about domains that were given beforehand."""

from __future__ import annotations

from collections.abc import Mapping

from warehouse.infra.domains.contract import MailDomain


class KnownMailDomains:
    """Knows these domains; any other takes mail, and nothing more is known of it. Without any, it checks nothing."""

    def __init__(self, known: Mapping[str, MailDomain] | None = None) -> None:
        self.known = dict(known or {})

    def look_up(self, domain: str) -> MailDomain:
        return self.known.get(domain, MailDomain())


class KnownDomainStatus:
    """Knows the status of these domains, and of no other."""

    def __init__(self, known: Mapping[str, tuple[str, ...]] | None = None) -> None:
        self.known = dict(known or {})

    def of(self, domain: str) -> tuple[str, ...] | None:
        return self.known.get(domain)
