"""Amazon's Simple Notification Service: what it posts to us, and whether it was really it.

A message carries the address of the certificate that it is signed with. It is believed only when that is where the
service of the topic's own region keeps such certificates.
"""

from __future__ import annotations

import re
import threading
from base64 import b64decode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import orjson

from warehouse.errors import Invalid, Unavailable
from warehouse.infra.asking import NotAnswered, ask

LARGEST = 512 * 1024
"""Bytes of a message; SNS sends half of that, and a character may take two in JSON."""

LARGEST_CERTIFICATE = 64 * 1024
MOST_CERTIFICATES = 8
TIME_LIMIT = timedelta(seconds=5)

_CERTIFICATE = re.compile(r"/SimpleNotificationService-[0-9A-Za-z]{1,64}\.pem")

# What is signed, in this order (Amazon SNS developer guide, "Verifying the signatures of Amazon SNS messages").
_NOTIFICATION = ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type")
_CONFIRMATION = ("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type")
_SIGNED = {
    "Notification": _NOTIFICATION,
    "SubscriptionConfirmation": _CONFIRMATION,
    "UnsubscribeConfirmation": _CONFIRMATION,
}


@dataclass(frozen=True)
class SnsMessage:
    """A message that SNS posted: who says so, what, and under which name."""

    kind: str
    id: str
    text: str
    subscribe_url: str


class Sns:
    """One topic of SNS, by its ARN. ``endpoint`` is where something else speaks like SNS.

    ``service`` is the only place that is asked for anything, whatever a message says.
    """

    def __init__(self, topic: str, *, endpoint: str | None = None) -> None:
        _, partition, _, region, _ = topic.split(":", 4)
        self._topic = topic
        end = ".com.cn" if partition == "aws-cn" else ".com"
        self.service = (endpoint or f"https://sns.{region}.amazonaws{end}").rstrip("/")
        self._certificates: dict[str, Any] = {}
        self._fetching = threading.Lock()

    def read(self, body: bytes) -> SnsMessage:
        """The message in a request's body.

        Refuses with :class:`Invalid` what is no message, or none that SNS has signed for our topic, and with
        :class:`Unavailable` when the certificate cannot be had now, so that SNS tries again.
        """
        values = _values(body)
        if values["TopicArn"] != self._topic:
            raise Invalid("The message is of another topic than the one that mail.ses_topic names.", code="topic")
        certificate = values["SigningCertURL"]
        if not certificate.startswith(self.service + "/") or not _CERTIFICATE.fullmatch(
            certificate.removeprefix(self.service)
        ):
            raise Invalid("The certificate is not kept where SNS keeps its certificates.", code="certificate")
        _verify(self._key(certificate), values)
        return SnsMessage(values["Type"], values["MessageId"], values["Message"], values.get("SubscribeURL", ""))

    def confirm(self, message: SnsMessage) -> None:
        """Say that the topic may send us messages. :class:`Unavailable` when SNS does not take it."""
        if not message.subscribe_url.startswith(f"{self.service}/?"):
            raise Invalid("The subscription is not confirmed where SNS confirms subscriptions.", code="subscription")
        self._fetch(message.subscribe_url)

    def _key(self, url: str) -> Any:
        """The public key of the certificate there.

        One is fetched at a time, and nobody waits for it: made-up messages could take all threads otherwise.
        """
        if (known := self._certificates.get(url)) is not None:
            return known
        if not self._fetching.acquire(blocking=False):
            raise Unavailable("Another certificate is being fetched.", retry_after=5)
        try:
            key = _public_key(self._fetch(url))
            while len(self._certificates) >= MOST_CERTIFICATES:
                self._certificates.pop(next(iter(self._certificates)))
            self._certificates[url] = key
            return key
        finally:
            self._fetching.release()

    def _fetch(self, url: str) -> bytes:
        try:
            reply = ask("SNS", "GET", url, time_limit=TIME_LIMIT, limit=LARGEST_CERTIFICATE)
        except NotAnswered as error:
            raise Unavailable(str(error), retry_after=60) from error
        if reply.status != 200:
            raise Unavailable(f"SNS answered with {reply.status}.", retry_after=60)
        return reply.body


def _values(body: bytes) -> Mapping[str, str]:
    """The members of the message that are strings, all of those that a message of its kind must have among them."""
    try:
        document = orjson.loads(body)
    except ValueError as error:
        raise Invalid("The message is not JSON.", code="sns_json") from error
    if not isinstance(document, dict):
        raise Invalid("The message is not a JSON object.", code="sns_json")
    values = {name: value for name, value in document.items() if isinstance(value, str)}
    signed = _SIGNED.get(values.get("Type", ""))
    if signed is None:
        raise Invalid("The message has no Type that SNS sends.", code="sns_type")
    needed = {*signed, "Signature", "SignatureVersion", "SigningCertURL"} - {"Subject"}
    if missing := needed - set(values):
        raise Invalid(f"The message lacks {sorted(missing)[0]}.", code="sns_incomplete")
    return values


def _verify(key: Any, values: Mapping[str, str]) -> None:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
    from cryptography.hazmat.primitives.hashes import SHA1, SHA256

    digests: dict[str, Any] = {"1": SHA1, "2": SHA256}
    digest = digests.get(values["SignatureVersion"])
    if digest is None:
        raise Invalid("The message is signed in a way that is not known here.", code="sns_signature")
    names = (name for name in _SIGNED[values["Type"]] if name in values)
    signed = "".join(f"{name}\n{values[name]}\n" for name in names)
    try:
        key.verify(b64decode(values["Signature"], validate=True), signed.encode(), PKCS1v15(), digest())
    except (InvalidSignature, ValueError) as error:  # ValueError: no base64
        raise Invalid("The signature of the message is wrong.", code="sns_signature") from error


def _public_key(pem: bytes) -> Any:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
    from cryptography.x509 import load_pem_x509_certificate

    try:
        key = load_pem_x509_certificate(pem).public_key()
    except ValueError as error:
        raise Unavailable("What SNS keeps there is no certificate.", retry_after=60) from error
    if not isinstance(key, RSAPublicKey):
        raise Unavailable("The certificate of SNS holds a key that is not RSA.", retry_after=60)
    return key
