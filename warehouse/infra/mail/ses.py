"""Mail through Amazon's Simple Email Service, over its web API."""

from __future__ import annotations

from base64 import b64encode
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson

from warehouse.infra.asking import NotAnswered, Reply, ask
from warehouse.infra.mail.contract import MailRefused, MailUnavailable, Message, compose, parse_sender
from warehouse.infra.sigv4 import AccessKey, signed

PATH = "/v2/email/outbound-emails"

# What the service says of a message that it will never take; everything else is about us, or passes.
_REFUSALS = frozenset({"MessageRejected", "BadRequestException"})
_LONGEST_ANSWER = 500


class SesMailer:
    """Sends each message by one ``SendEmail`` request (API v2), as the bytes that SMTP would carry.

    Amazon gives the message a Message-ID of its own and speaks of it by that. ``endpoint`` is where something else
    speaks like Amazon.
    """

    def __init__(
        self,
        region: str,
        *,
        sender: str,
        key_id: str,
        secret: str,
        endpoint: str | None = None,
        timeout: timedelta = timedelta(seconds=20),
    ) -> None:
        if not f"{region}{key_id}".isascii():
            raise ValueError("The region and the access key of a mail service are in ASCII.")
        self._sender = parse_sender(sender)
        self._key = AccessKey(key_id, secret, region, "ses")
        self._url = (endpoint or f"https://email.{region}.amazonaws.com").rstrip("/") + PATH
        self._timeout = timeout

    def send(self, message: Message) -> str:
        made = compose(message, self._sender)
        body = orjson.dumps(
            {
                "FromEmailAddress": self._sender.addr_spec,
                "Destination": {"ToAddresses": [message.to]},
                "Content": {"Raw": {"Data": b64encode(made.as_bytes()).decode()}},
            }
        )
        headers = {"Content-Type": "application/json"}
        headers = signed(self._key, "POST", self._url, headers, body, now=datetime.now(UTC))
        try:
            reply = ask("The mail service", "POST", self._url, headers=headers, body=body, time_limit=self._timeout)
        except NotAnswered as error:
            raise MailUnavailable(str(error)) from error
        if reply.status != 200:
            raise _said(reply)
        name = _document(reply).get("MessageId")
        if not isinstance(name, str):
            raise MailUnavailable("The mail service does not say what it calls the message.")
        return name


def _said(reply: Reply) -> Exception:
    kind = reply.headers.get("x-amzn-errortype", "").partition(":")[0]
    document = _document(reply)
    said = str(document.get("message") or document.get("Message") or "")[:_LONGEST_ANSWER]
    if 400 <= reply.status < 500 and kind in _REFUSALS:
        return MailRefused(reply.status, f"{kind}: {said}")
    return MailUnavailable(f"The mail service says: {reply.status} {kind} {said}".rstrip(), retry_after=60)


def _document(reply: Reply) -> dict[str, Any]:
    try:
        document = orjson.loads(reply.body)
    except ValueError:
        return {}  # the status says what there is to say
    return document if isinstance(document, dict) else {}
