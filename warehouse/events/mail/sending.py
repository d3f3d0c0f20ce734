"""Sending mail: put into the queue by the work that it tells of, handed over by a worker."""

from __future__ import annotations

import dataclasses
import logging
from collections.abc import Mapping
from dataclasses import asdict
from email.utils import make_msgid

from warehouse.domain.accounts import SentMail, deliveries
from warehouse.domain.accounts.deliveries import Heard, MailStatus
from warehouse.events.mail.hearing import hear
from warehouse.infra.jobs import enqueue, job
from warehouse.infra.mail import FolderMailer, Mailer, MailRefused, Message, SesMailer, SmtpMailer
from warehouse.settings import BadSettings, Settings
from warehouse.settings.mail import Mail
from warehouse.work import Work

log = logging.getLogger("warehouse.mail")


def post(work: Work, message: Message) -> None:
    """Have the message sent if, and only if, this work commits, and note it in the mail log.

    It may be sent twice when a worker dies between sending and saying so. Both copies have the same Message-ID, by
    which mail programs recognise them.
    """
    if "Message-ID" not in message.headers:
        host = work.settings.mail.sender.rpartition("@")[2].rstrip("> ")
        message = dataclasses.replace(message, headers={**message.headers, "Message-ID": make_msgid(domain=host)})
    work.db.add(
        SentMail(
            message_id=message.headers["Message-ID"],
            address=message.to,
            sender=work.settings.mail.sender,
            subject=message.subject,
            status=MailStatus.ACCEPTED,
            created_at=work.now,
        )
    )
    enqueue(work.db, send_mail, **asdict(message))


@job(queue="mail", retries=12)
def send_mail(work: Work, to: str, subject: str, text: str, html: str | None, headers: Mapping[str, str]) -> None:
    """Hand a message over; a mail server that cannot take it now is asked again, for most of a day."""
    message = Message(to, subject, text, html, headers)
    message_id = headers["Message-ID"]
    try:
        known_as = mailer(work.settings).send(message)
    except MailRefused as refused:
        log.warning("a message is not sent: %s", refused, extra={"message_id": message_id})
        if refused.nobody_there and (mail := deliveries.mail_called(work.db, message_id)) is not None:
            hear(work, mail, Heard.PERMANENT_BOUNCE)
        return
    if known_as is not None and (mail := deliveries.mail_called(work.db, message_id)) is not None:
        mail.message_id = known_as


def mailer(settings: Settings) -> Mailer:
    """What sends mail on this instance. Refuses with BadSettings when a setting is missing for that, or wrong."""
    try:
        return _opened(settings)
    except ValueError as error:  # a name or a password that cannot be sent
        raise BadSettings(f"The settings of mail cannot be used. {error}") from error


def _opened(settings: Settings) -> Mailer:
    mail = settings.mail
    if mail.backend == "folder":
        return FolderMailer(settings.data / "mail", sender=mail.sender)
    if mail.backend == "ses":
        return _amazon(mail)
    return SmtpMailer(
        mail.host,
        mail.port,
        sender=mail.sender,
        tls=mail.tls,
        username=mail.username,
        password=mail.password.get_secret_value() if mail.password is not None else None,
        timeout=mail.time_limit,
    )


def _amazon(mail: Mail) -> Mailer:
    if mail.region is None or mail.access_key_id is None or mail.secret_access_key is None:
        raise BadSettings("With mail.backend ses, set mail.region, mail.access_key_id and mail.secret_access_key, too.")
    return SesMailer(
        mail.region,
        sender=mail.sender,
        key_id=mail.access_key_id,
        secret=mail.secret_access_key.get_secret_value(),
        endpoint=mail.ses_endpoint,
        timeout=mail.time_limit,
    )
