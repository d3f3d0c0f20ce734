"""E-mail addresses in core metadata: RFC 822 fields in, syntactically valid mailboxes out."""

from __future__ import annotations

from email.utils import getaddresses

from email_validator import EmailNotValidError, validate_email

LONGEST_FIELD = 10_000
"""Characters of a field with addresses; longer ones are refused rather than parsed."""

MOST_COMMENTS = 100
"""Opening parentheses in such a field: the parser of the standard library recurses into nested ones."""


def first_address(field: str) -> str | None:
    """The first mailbox of an RFC 822 address field (``Ada <ada@example.org>, ...``), None when it holds names only.

    Names with an unquoted comma, which older build tools write, are passed over.
    """
    if _is_too_much(field):
        return None
    return next((address for _, address in getaddresses([field]) if "@" in address), None)


def all_addresses(field: str) -> list[str] | None:
    """Every mailbox of such a field, None when it holds none or something that is no address."""
    if _is_too_much(field):
        return None
    addresses = [address for _, address in getaddresses([field])]
    return addresses if addresses and all("@" in address for address in addresses) else None


def bad_address_field(field: str) -> str | None:
    """What is wrong with the first address of a field; nothing is, when the field holds only names.

    No name server is asked. Names reserved for tests (``.test``, ``.local``, ``.invalid``) are no addresses.
    """
    if _is_too_much(field):
        return f"Addresses take at most {LONGEST_FIELD} characters and {MOST_COMMENTS} comments."
    address = first_address(field)
    if address is None:
        return "This is no e-mail address; write 'name@domain' or 'Name <name@domain>'." if "@" in field else None
    try:
        validate_email(address, check_deliverability=False)
    except EmailNotValidError as wrong:
        return f"This is no valid e-mail address: {wrong}"
    return None


def _is_too_much(field: str) -> bool:
    return len(field) > LONGEST_FIELD or field.count("(") > MOST_COMMENTS
