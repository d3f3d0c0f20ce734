"""What a message is, what every mailer promises, and how a message becomes bytes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8
from email.utils import format_datetime, getaddresses, make_msgid
from typing import Protocol

from warehouse.errors import Invalid, Unavailable

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_ATOM = r"[^\s@<>()\[\],;:\\\"\x00-\x1f\x7f-\x9f\ud800-\udfff]"
_ADDRESS = re.compile(rf"{_ATOM}{{1,64}}@{_ATOM}{{1,255}}")
_HEADER_NAME = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,63}")
_SURROGATE = re.compile(r"[\ud800-\udfff]")
_SEVEN_BITS = SMTP.clone(cte_type="7bit")  # what every server takes, with or without 8BITMIME
_OURS = frozenset({"from", "sender", "to", "cc", "bcc", "subject", "date", "mime-version", "auto-submitted"})


class InvalidMessage(Invalid):
    """The message cannot be sent as it is, for instance because somebody tried to smuggle a header into it (400)."""


class MailUnavailable(Unavailable):
    """The message could not be handed over now, and may be later (503): keep it and try again."""


class MailRefused(Exception):
    """The mail server will never take this message; ``code`` and ``answer`` are what it said (RFC 5321, 4.2).

    ``nobody_there``: because there is no such mailbox, or none that receives mail, rather than because of the message
    or of us.
    """

    def __init__(self, code: int, answer: str, *, nobody_there: bool = False) -> None:
        super().__init__(f"The mail server refused the message: {code} {answer}")
        self.code = code
        self.answer = answer
        self.nobody_there = nobody_there


@dataclass(frozen=True)
class Message:
    """One message to one address. Making it refuses, with InvalidMessage, what could change its envelope or headers.

    ``headers`` come on top of those that every message has. Give ``Message-ID`` where a message may be sent twice, so
    that the reader's mail program can tell.
    """

    to: str
    subject: str
    text: str
    html: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        check_address(self.to)
        if _CONTROL.search(self.subject):
            raise InvalidMessage("The subject of a message is one line. Leave out line breaks and control characters.")
        if _SURROGATE.search(self.text) or _SURROGATE.search(self.html or ""):
            raise InvalidMessage("The text of a message contains half a character. Send whole Unicode characters.")
        for name, value in self.headers.items():
            _check_header(name, value)


class Mailer(Protocol):
    """Hands messages over. All methods may be called from several threads."""

    def send(self, message: Message) -> str | None:
        """Hand the message over; when this returns, it is somebody else's to deliver.

        Returns the name under which they will speak of it, if that is not its Message-ID. Raises MailUnavailable when
        it may work later and MailRefused when it never will, within a time limit.
        """


def check_address(address: str) -> None:
    """Refuse, with InvalidMessage, what is not one plain ``local@domain``.

    Narrower than RFC 5321: a quoted local part and an address literal are refused too, because of what they can hide.
    """
    if not _ADDRESS.fullmatch(address):
        raise InvalidMessage("That is not an e-mail address that mail is sent to. Give one such as ada@example.org.")


def parse_sender(sender: str) -> Address:
    """``ada@example.org`` or ``Ada <ada@example.org>``; InvalidMessage for anything else."""
    if _CONTROL.search(sender):
        raise InvalidMessage("The sender of mail is one line. Leave out line breaks and control characters.")
    found = getaddresses([sender])
    if len(found) != 1:
        raise InvalidMessage("Mail comes from one sender. Give one address, with or without a name in front.")
    [(name, address)] = found
    return _parsed(address, name)


def compose(message: Message, sender: Address) -> EmailMessage:
    """The message as it goes over the wire (RFC 5322), plain text first and HTML as the better alternative.

    RFC 3834: automatic mail says ``Auto-Submitted: auto-generated``, so that no vacation responder answers it.
    """
    made = EmailMessage(policy=_SEVEN_BITS if f"{message.to}{sender.addr_spec}".isascii() else SMTPUTF8)
    made["From"] = sender
    made["To"] = _parsed(message.to)
    made["Subject"] = message.subject
    made["Date"] = format_datetime(datetime.now(UTC))
    made["Auto-Submitted"] = "auto-generated"
    for name, value in message.headers.items():
        made[name] = value
    if "Message-ID" not in made:
        made["Message-ID"] = make_msgid(domain=sender.domain)
    made.set_content(message.text)
    if message.html is not None:
        made.add_alternative(message.html, subtype="html")
    return made


def _parsed(address: str, name: str = "") -> Address:
    check_address(address)
    local, _, domain = address.partition("@")
    return Address(display_name=name, username=local, domain=domain)


def _check_header(name: str, value: str) -> None:
    if not _HEADER_NAME.fullmatch(name):
        raise InvalidMessage("The name of a header consists of letters, digits and hyphens.")
    if name.lower() in _OURS or name.lower().startswith(("content-", "resent-")):
        raise InvalidMessage(f"The header {name} is set for every message. Leave it out.")
    if _CONTROL.search(value):
        raise InvalidMessage(f"The header {name} is one line. Leave out line breaks and control characters.")
