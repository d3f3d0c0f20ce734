"""Mail through a server that speaks SMTP."""

from __future__ import annotations

import re
import smtplib
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from threading import Event, Timer
from typing import Literal

from warehouse.infra.mail.contract import MailRefused, MailUnavailable, Message, compose, parse_sender

Encryption = Literal["none", "starttls", "tls"]

_LONGEST_ANSWER = 500
_ENHANCED = re.compile(r"5\.(\d{1,3})\.\d{1,3}\b")


class SmtpMailer:
    """Sends each message over a connection of its own.

    ``tls``: ``tls`` connects encrypted (RFC 8314), ``starttls`` turns encryption on and never sends without it when the
    server does not offer it, ``none`` never encrypts. ``context`` says whose certificates count; the default is those
    that the machine trusts. ``timeout`` is for one message from the first packet to the last.
    """

    def __init__(
        self,
        host: str,
        port: int,
        *,
        sender: str,
        tls: Encryption = "starttls",
        username: str | None = None,
        password: str | None = None,
        timeout: timedelta = timedelta(seconds=20),
        context: ssl.SSLContext | None = None,
    ) -> None:
        if not f"{username or ''}{password or ''}".isascii():
            raise ValueError("The user name and the password for a mail server are in ASCII.")
        self._host = host
        self._port = port
        self._sender = parse_sender(sender)
        self._tls = tls
        self._username = username
        self._password = password
        self._seconds = timeout.total_seconds()
        self._context = context or ssl.create_default_context()

    def send(self, message: Message) -> None:
        made = compose(message, self._sender)
        with _answers_understood(), self._connected() as connection:
            connection.ehlo_or_helo_if_needed()
            international = not f"{message.to}{self._sender.addr_spec}".isascii()
            if international and not connection.has_extn("smtputf8"):
                raise MailRefused(553, "The address is not in ASCII, and the server takes no other (RFC 6531).")
            options = ["SMTPUTF8", "BODY=8BITMIME"] if international else []
            # Not send_message, which writes ">From" for a line that starts with "From".
            connection.sendmail(self._sender.addr_spec, [message.to], made.as_bytes(), options)

    @contextmanager
    def _connected(self) -> Iterator[smtplib.SMTP]:
        """A connection on which a message may be sent, which breaks when the time is up.

        A socket's own timeout starts again with each byte, so a server that drips could hold us for ever.
        """
        connection = self._unconnected()
        over = Event()
        clock = Timer(self._seconds, _break, [connection, over])
        clock.daemon = True
        clock.start()
        try:
            self._greet(connection)
            # A socket that was just being made or encrypted could not be broken.
            if over.is_set():
                raise TimeoutError("The time was up before the mail server was ready.")
            if self._username is not None:
                connection.login(self._username, self._password or "")
            yield connection
            _say_goodbye(connection)
        finally:
            clock.cancel()
            connection.close()

    def _greet(self, connection: smtplib.SMTP) -> None:
        code, answer = connection.connect(self._host, self._port)
        if code != 220:
            raise smtplib.SMTPConnectError(code, answer)
        if self._tls == "starttls":
            connection.starttls(context=self._context)

    def _unconnected(self) -> smtplib.SMTP:
        # Without a name of ours smtplib asks the resolver for one, which can take longer than the whole message may.
        ours = self._sender.domain
        if self._tls == "tls":
            made: smtplib.SMTP = smtplib.SMTP_SSL(local_hostname=ours, timeout=self._seconds, context=self._context)
        else:
            made = smtplib.SMTP(local_hostname=ours, timeout=self._seconds)
        made._host = self._host  # type: ignore[attr-defined]  # the name the certificate must have
        return made


def _break(connection: smtplib.SMTP, over: Event) -> None:
    over.set()
    if connection.sock is not None:
        try:
            socket.socket.shutdown(connection.sock, socket.SHUT_RDWR)
        except OSError:
            return  # it is closed already, which is all that was wanted


def _say_goodbye(connection: smtplib.SMTP) -> None:
    """Leave politely. The message was taken: a server that hangs up first has done no harm, and sending again would."""
    try:
        connection.quit()
    except (smtplib.SMTPException, OSError):
        return


@contextmanager
def _answers_understood() -> Iterator[None]:
    """Tell what may work later from what never will (RFC 5321, 4.2.1: 4yz is transient, 5yz is permanent)."""
    try:
        yield
    except smtplib.SMTPAuthenticationError as error:
        raise MailUnavailable("The mail server refuses our user name and password.", retry_after=300) from error
    except smtplib.SMTPRecipientsRefused as error:
        [(code, answer)] = error.recipients.values()
        raise _said(code, answer, to_recipient=True) from error
    except (smtplib.SMTPSenderRefused, smtplib.SMTPDataError) as error:
        raise _said(error.smtp_code, error.smtp_error) from error
    except smtplib.SMTPNotSupportedError as error:
        raise MailUnavailable(f"The mail server lacks what sending needs: {error}", retry_after=300) from error
    except ssl.SSLError as error:
        raise MailUnavailable("The connection to the mail server cannot be secured.", retry_after=300) from error
    except (smtplib.SMTPException, OSError) as error:
        raise MailUnavailable("The mail server does not answer as it should. Try again later.") from error


def _said(code: int, answer: bytes | str, *, to_recipient: bool = False) -> Exception:
    text = answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer
    if 500 <= code < 600:
        nobody_there = to_recipient and _is_about_mailbox(code, text)
        return MailRefused(code, text[:_LONGEST_ANSWER], nobody_there=nobody_there)
    return MailUnavailable(f"The mail server says: {code} {text[:_LONGEST_ANSWER]}", retry_after=60)


def _is_about_mailbox(code: int, answer: str) -> bool:
    """Whether a recipient was refused for what it is, rather than for who we are or what we may.

    RFC 3463: the second number of an enhanced status code is 1 for an address and 2 for a mailbox; others are about
    the mail system, the network, the protocol, the content and policy, which would hit every recipient.
    """
    enhanced = _ENHANCED.match(answer)
    return enhanced[1] in ("1", "2") if enhanced else code in (550, 551, 553)
