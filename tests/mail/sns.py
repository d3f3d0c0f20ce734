"""Something that speaks like Amazon's SNS: signs messages, and keeps the certificate that they are checked with."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA1, SHA256
from cryptography.x509.oid import NameOID

from tests.contracts.web_service import WebService, web_service

TOPIC = "arn:aws:sns:eu-west-1:123456789012:mail"
CERTIFICATE = "/SimpleNotificationService-0123456789abcdef0123456789abcdef.pem"


@cache
def key() -> rsa.RSAPrivateKey:
    """What the service signs with."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@cache
def certificate() -> bytes:
    """The certificate of that key."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "sns.amazonaws.com")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key().public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(key(), SHA256())
    )
    return made.public_bytes(serialization.Encoding.PEM)


@contextmanager
def serving_sns() -> Iterator[WebService]:
    """The service, running."""
    with web_service() as service:
        service.answer = lambda path: certificate() if path == CERTIFICATE else b"<ok/>"
        yield service


def message(service_url: str, text: str = "{}", *, kind: str = "Notification", **changes: Any) -> dict[str, Any]:
    """A message as the service posts it, signed. None leaves a member out."""
    values = {
        "Type": kind,
        "MessageId": "22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324",
        "TopicArn": TOPIC,
        "Message": text,
        "Timestamp": "2026-11-20T17:40:00.000Z",
        "SignatureVersion": "2",
        "SigningCertURL": service_url + CERTIFICATE,
    }
    if kind == "Notification":
        values["UnsubscribeURL"] = f"{service_url}/?Action=Unsubscribe"
    else:
        values |= {"Token": "token", "SubscribeURL": f"{service_url}/?Action=ConfirmSubscription&Token=token"}
    values |= changes
    values = {name: value for name, value in values.items() if value is not None}
    return {"Signature": sign(values), **values}


def sign(values: dict[str, Any]) -> str:
    """The signature of a message: its members in the order of their names, each with its name."""
    names = ["Message", "MessageId"]
    names += ["Subject", "Timestamp"] if values["Type"] == "Notification" else ["SubscribeURL", "Timestamp", "Token"]
    names += ["TopicArn", "Type"]
    signed = "".join(f"{name}\n{values[name]}\n" for name in names if name in values)
    digest = SHA1() if values.get("SignatureVersion") == "1" else SHA256()
    return b64encode(key().sign(signed.encode(), PKCS1v15(), digest)).decode()


def body(values: dict[str, Any]) -> bytes:
    """The body of the request."""
    return json.dumps(values).encode()
