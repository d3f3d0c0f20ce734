"""A mail server that keeps what arrives."""

from __future__ import annotations

import email
import email.policy
import re
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.served import eventually


class Mailbox:
    """Takes mail for everybody, by SMTP."""

    def __init__(self) -> None:
        self.messages: list[EmailMessage] = []

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        content = envelope.content
        assert isinstance(content, bytes)
        message = email.message_from_bytes(content, policy=email.policy.default)
        assert isinstance(message, EmailMessage)
        self.messages.append(message)
        return "250 Kept"

    def waits_for(self, address: str, subject: str) -> str:
        """The text of the newest message to this address with this in its subject, once it is there."""
        eventually(lambda: bool(self._found(address, subject)), otherwise=self.subjects)
        body = self._found(address, subject)[-1].get_body(("plain",))
        assert body is not None
        return str(body.get_content())

    def link(self, address: str, subject: str, *, within: str) -> str:
        """The link to a path that begins like this, in that message."""
        text = self.waits_for(address, subject)
        found = re.findall(rf"https?://\S+?{re.escape(within)}\S*", text)
        assert len(found) == 1, text
        return str(found[0])

    def subjects(self) -> list[str]:
        """Who was written to, and why."""
        return [f"{message['To']}: {message['Subject']}" for message in self.messages]

    def _found(self, address: str, subject: str) -> list[EmailMessage]:
        return [
            message
            for message in self.messages
            if address in str(message["To"]) and subject.lower() in str(message["Subject"]).lower()
        ]


@contextmanager
def mailbox() -> Iterator[tuple[Mailbox, dict[str, str]]]:
    """A mail server, and the settings with which an index sends its mail there."""
    box, port = Mailbox(), free_port()
    controller = Controller(box, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield (
            box,
            {
                "WAREHOUSE_MAIL__BACKEND": "smtp",
                "WAREHOUSE_MAIL__HOST": "127.0.0.1",
                "WAREHOUSE_MAIL__PORT": str(port),
                "WAREHOUSE_MAIL__TLS": "none",
                "WAREHOUSE_MAIL__SENDER": "index@example.org",
            },
        )
    finally:
        controller.stop()


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port
