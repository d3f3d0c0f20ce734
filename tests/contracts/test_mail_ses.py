"""What Amazon's mail service is sent, and what its answers mean."""

from __future__ import annotations

import json
import threading
from base64 import b64decode
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from warehouse.infra.mail import MailRefused, MailUnavailable, Message, SesMailer

PLAIN = Message("ada@example.org", "Hello", "Welcome.\n")


@contextmanager
def answering(status: int, body: bytes, kind: str = "") -> Iterator[tuple[SesMailer, list[Any]]]:
    """A mailer whose service gives this answer, and the requests that it was sent."""
    requests: list[Any] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            requests.append((self.path, dict(self.headers), self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(status)
            if kind:
                self.send_header("x-amzn-ErrorType", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: Any) -> None:
            """Nothing, to keep what tests print readable."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield mailer(f"http://127.0.0.1:{server.server_port}/"), requests
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def mailer(endpoint: str, **options: Any) -> SesMailer:
    sender = "The Index <index@example.org>"
    return SesMailer("eu-west-1", sender=sender, key_id="AKIDEXAMPLE", secret="sesame", endpoint=endpoint, **options)


def test_a_message_is_sent_as_it_is_and_its_new_name_is_told() -> None:
    with answering(200, b'{"MessageId": "0102-abc"}') as (ses, requests):
        assert ses.send(PLAIN) == "0102-abc"
    [(path, headers, body)] = requests
    assert path == "/v2/email/outbound-emails"
    assert headers["Authorization"].startswith("AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/")
    assert "/eu-west-1/ses/aws4_request, SignedHeaders=content-type;host;x-amz-date, " in headers["Authorization"]
    assert "sesame" not in str(headers)
    sent = json.loads(body)
    assert (sent["FromEmailAddress"], sent["Destination"]) == ("index@example.org", {"ToAddresses": [PLAIN.to]})
    assert b"Subject: Hello\n" in b64decode(sent["Content"]["Raw"]["Data"]).replace(b"\r\n", b"\n")


@pytest.mark.parametrize("kind", ["MessageRejected", "BadRequestException", "MessageRejected:http://internal.amazon/"])
def test_a_message_that_the_service_will_never_take_is_refused_for_good(kind: str) -> None:
    with answering(400, b'{"message": "It looks like a virus."}', kind) as (ses, _), pytest.raises(MailRefused) as no:
        ses.send(PLAIN)
    assert "It looks like a virus." in no.value.answer
    assert not no.value.nobody_there


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
def test_what_may_pass_or_is_about_us_is_tried_again(status: int, body: bytes, kind: str) -> None:
    with answering(status, body, kind) as (ses, _), pytest.raises(MailUnavailable) as not_now:
        ses.send(PLAIN)
    assert "mail service" in not_now.value.sentence
    assert "sesame" not in not_now.value.sentence


def test_a_service_that_is_away_is_asked_again_later() -> None:
    ses = mailer("http://127.0.0.1:1", timeout=timedelta(seconds=5))
    with pytest.raises(MailUnavailable, match="The mail service does not answer"):
        ses.send(PLAIN)
