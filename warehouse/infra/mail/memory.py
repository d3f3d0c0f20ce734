"""Mail into a list, for tests."""

from __future__ import annotations

from warehouse.infra.mail.contract import Message


class MemoryMailer:
    """Keeps every message in ``sent``, in the order of sending."""

    def __init__(self) -> None:
        self.sent: list[Message] = []

    def send(self, message: Message) -> None:
        self.sent.append(message)
