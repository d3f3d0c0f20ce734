"""Sends mail: through a mail server or Amazon, into a folder, or into a list that tests look at."""

from __future__ import annotations

from warehouse.infra.mail.contract import InvalidMessage, Mailer, MailRefused, MailUnavailable, Message
from warehouse.infra.mail.folder import FolderMailer
from warehouse.infra.mail.memory import MemoryMailer
from warehouse.infra.mail.ses import SesMailer
from warehouse.infra.mail.smtp import SmtpMailer

__all__ = [
    "FolderMailer",
    "InvalidMessage",
    "MailRefused",
    "MailUnavailable",
    "Mailer",
    "MemoryMailer",
    "Message",
    "SesMailer",
    "SmtpMailer",
]
