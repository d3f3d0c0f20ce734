"""What is asked about the domains of mail addresses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class MailDomain:
    """Where a domain's mail goes, as far as could be found out.

    ``hosts`` are the names in its MX records; ``behind`` those to which the addresses of these hosts lead back (PTR).
    All are in lower case and without a dot at the end.
    """

    takes_mail: bool = True
    hosts: tuple[str, ...] = ()
    behind: tuple[str, ...] = ()


class MailDomains(Protocol):
    """Finds out where mail goes. May be called from several threads."""

    def look_up(self, domain: str) -> MailDomain:
        """Where the mail of this domain (in ASCII) goes, within a time limit.

        Raises nothing: what cannot be found out in time, or because nobody answers, speaks for the domain.
        """


class DomainStatus(Protocol):
    """Finds out whether domains are still somebody's. May be called from several threads."""

    def of(self, domain: str) -> tuple[str, ...] | None:
        """The status of a registrable domain in the words of registries, such as ``active`` or ``undelegated``.

        None when nobody could tell, within a time limit; ask again later.
        """
