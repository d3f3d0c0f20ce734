"""Judging e-mail addresses that are new to the index."""

from __future__ import annotations

from dataclasses import dataclass

from email_validator import EmailNotValidError, validate_email

from warehouse.domain.accounts.admission import any_prohibited_domain, is_address_taken
from warehouse.errors import Conflict, Invalid
from warehouse.infra.domains import MailDomain, is_disposable, plain, registrable
from warehouse.infra.mail import InvalidMessage
from warehouse.infra.mail.contract import check_address
from warehouse.work import Work

ADDRESS_LENGTH = 254

# The same sentence for every reason: whoever was shut out need not learn by what.
NOT_WELCOME = "Addresses of this domain are not taken here. Use one of another provider."
TAKEN = "Another account uses this e-mail address."


@dataclass(frozen=True)
class Address:
    """An address that could be one. ``text`` is how it is kept, ``domain`` its domain in ASCII and lower case."""

    text: str
    domain: str


def parse_address(text: str, *, anywhere: bool) -> Address:
    """The address as people write it, made regular; refuses with :class:`Invalid` what is none.

    Unless ``anywhere``, its domain has to be one of the internet; names of a network's own will do otherwise.
    """
    text = text.strip()
    if len(text) > ADDRESS_LENGTH:
        raise Invalid(f"An e-mail address has at most {ADDRESS_LENGTH} characters.", code="bad_email")
    try:
        found = validate_email(
            text, check_deliverability=False, globally_deliverable=not anywhere, test_environment=True
        )
        check_address(found.normalized)
    except (EmailNotValidError, InvalidMessage) as error:
        said = str(error).replace("email address", "e-mail address")
        raise Invalid(f"{text!r} is not an e-mail address: {said}", code="bad_email") from error
    return Address(found.normalized, plain(found.ascii_domain))


def judge_new_address(work: Work, text: str) -> Address:
    """The address, when an account may have it.

    Refuses with :class:`Invalid` what is no address, cannot receive mail, is disposable or prohibited, and with
    :class:`Conflict` what is somebody's.
    """
    address = parse_address(text, anywhere=not work.settings.accounts.check_mail_domains)
    mail = work.tools.mail_domains.look_up(address.domain)
    if not mail.takes_mail:
        raise Invalid(f"{address.domain} receives no mail. Look for a typing mistake.", code="bad_email_domain")
    if work.settings.accounts.refuse_disposable_mail and is_disposable(address.domain):
        raise Invalid(NOT_WELCOME, code="email_domain_refused")
    if _is_prohibited(work, address, mail):
        raise Invalid(NOT_WELCOME, code="email_domain_refused")
    refuse_taken(work, address)
    return address


def refuse_taken(work: Work, address: Address) -> None:
    """Refuse with :class:`Conflict` an address that is somebody's."""
    if is_address_taken(work.db, address.text):
        raise Conflict(TAKEN, code="email_taken")


def _is_prohibited(work: Work, address: Address, mail: MailDomain) -> bool:
    hosts = {*mail.hosts, *map(registrable, mail.hosts), *map(registrable, mail.behind)}
    if any_prohibited_domain(work.db, [registrable(address.domain)], is_mx=False):
        return True
    return any_prohibited_domain(work.db, hosts, is_mx=True)
