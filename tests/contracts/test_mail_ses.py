"""What Amazon's mail service is sent, and what its answers mean."""

from __future__ import annotations

import json
from base64 import b64decode
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from tests.contracts.web_service import WebService, web_service
from warehouse.infra.mail import MailRefused, MailUnavailable, Message, SesMailer

PLAIN = Message("ada@example.org", "Hello", "Welcome.\n")


@pytest.fixture
def service() -> Iterator[WebService]:
    with web_service() as running:
        yield running


def mailer(endpoint: str, **options: Any) -> SesMailer:
    sender = "The Index <index@example.org>"
    return SesMailer("eu-west-1", sender=sender, key_id="AKIDEXAMPLE", secret="sesame", endpoint=endpoint, **options)


def test_a_message_is_sent_as_it_is_and_its_new_name_is_told(service: WebService) -> None:
    service.body = b'{"MessageId": "0102-abc"}'
    assert mailer(service.url + "/").send(PLAIN) == "0102-abc"
    [asked] = service.asked
    assert (asked.method, asked.path) == ("POST", "/v2/email/outbound-emails")
    proof = asked.headers["authorization"]
    assert proof.startswith("AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/")
    assert "/eu-west-1/ses/aws4_request, SignedHeaders=content-type;host;x-amz-date, " in proof
    assert "sesame" not in str(asked)
    sent = json.loads(asked.body)
    assert (sent["FromEmailAddress"], sent["Destination"]) == ("index@example.org", {"ToAddresses": [PLAIN.to]})
    assert b"Subject: Hello\n" in b64decode(sent["Content"]["Raw"]["Data"]).replace(b"\r\n", b"\n")


@pytest.mark.parametrize("kind", ["MessageRejected", "BadRequestException", "MessageRejected:http://internal.amazon/"])
def test_a_message_that_the_service_will_never_take_is_refused_for_good(service: WebService, kind: str) -> None:
    service.status, service.body = 400, b'{"message": "It looks like a virus."}'
    service.headers = {"x-amzn-ErrorType": kind}
    with pytest.raises(MailRefused) as refused:
        mailer(service.url).send(PLAIN)
    assert "It looks like a virus." in refused.value.answer
    assert not refused.value.nobody_there


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (429, b'{"message": "Slow down."}', "TooManyRequestsException"),
        (400, b'{"message": "Paused."}', "SendingPausedException"),
        (400, b'{"message": "Not verified."}', "MailFromDomainNotVerifiedException"),
        (403, b'{"message": "The signature does not match."}', "SignatureDoesNotMatch"),
        (404, b"not here", ""),
        (500, b"", "MessageRejected"),
        (503, b"[1, 2]", ""),
        (301, b"", ""),
        (200, b"", ""),
        (200, b'{"MessageId": 7}', ""),
    ],
)
def test_what_may_pass_or_is_about_us_is_tried_again(service: WebService, status: int, body: bytes, kind: str) -> None:
    service.status, service.body, service.headers = status, body, {"x-amzn-ErrorType": kind}
    with pytest.raises(MailUnavailable) as not_now:
        mailer(service.url).send(PLAIN)
    assert "mail service" in not_now.value.sentence
    assert "sesame" not in not_now.value.sentence


def test_a_service_that_is_away_is_asked_again_later() -> None:
    ses = mailer("http://127.0.0.1:1", timeout=timedelta(seconds=5))
    with pytest.raises(MailUnavailable, match="The mail service does not answer"):
        ses.send(PLAIN)
