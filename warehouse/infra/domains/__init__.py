"""What can be found out about the domains of mail addresses: from their names, from name servers, from a service."""

from __future__ import annotations

from warehouse.infra.domains.contract import DomainStatus, MailDomain, MailDomains
from warehouse.infra.domains.memory import KnownDomainStatus, KnownMailDomains
from warehouse.infra.domains.name_servers import DnsDomainStatus, DnsMailDomains
from warehouse.infra.domains.names import is_disposable, plain, registrable
from warehouse.infra.domains.service import ServiceDomainStatus
from warehouse.settings import BadSettings, Settings

__all__ = [
    "DnsDomainStatus",
    "DnsMailDomains",
    "DomainStatus",
    "KnownDomainStatus",
    "KnownMailDomains",
    "MailDomain",
    "MailDomains",
    "ServiceDomainStatus",
    "is_disposable",
    "open_domain_status",
    "open_mail_domains",
    "plain",
    "registrable",
]


def open_mail_domains(settings: Settings) -> MailDomains:
    """Name servers when new addresses are checked; otherwise every domain takes mail, unasked."""
    if settings.accounts.check_mail_domains:
        return DnsMailDomains(time_limit=settings.mail_domains.time_limit)
    return KnownMailDomains()


def open_domain_status(settings: Settings) -> DomainStatus | None:
    """Whoever knows whether domains are somebody's; None when nobody is asked. Refuses with BadSettings."""
    chosen = settings.mail_domains
    if chosen.status == "off":
        return None
    if chosen.status == "dns":
        return DnsDomainStatus(time_limit=chosen.time_limit)
    if chosen.status_url is None:
        raise BadSettings("With mail_domains.status service, set mail_domains.status_url, too.")
    key = (chosen.status_key_header, chosen.status_key.get_secret_value()) if chosen.status_key else None
    return ServiceDomainStatus(chosen.status_url, key=key, time_limit=chosen.time_limit)
