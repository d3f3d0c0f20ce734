"""What every mailer promises, asked of each form, with real mail servers on the loopback interface."""

from __future__ import annotations

import email
import email.policy
import json
import socket
import ssl
import stat
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from moto.server import ThreadedMotoServer
from moto.ses.models import ses_backends

from warehouse.infra.asking import ask
from warehouse.infra.mail import (
    FolderMailer,
    Mailer,
    MailRefused,
    MailUnavailable,
    MemoryMailer,
    Message,
    SesMailer,
    SmtpMailer,
)
from warehouse.infra.sigv4 import AccessKey, signed

REGION = "eu-west-1"
SENDER = "The Index <index@example.org>"
PLAIN = Message(to="ada@example.org", subject="Hello", text="Welcome.\n")


@dataclass
class Mailbox:
    """Takes mail, or refuses it with the answers it was told to give."""

    rcpt: str = "250 OK"
    data: str = "250 OK"
    envelopes: list[Envelope] = field(default_factory=list)

    async def handle_RCPT(
        self, server: Any, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.rcpt.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.rcpt

    async def handle_DATA(self, server: Any, session: Session, envelope: Envelope) -> str:
        if self.data.startswith("250"):
            self.envelopes.append(envelope)
        return self.data

    def parsed(self) -> list[EmailMessage]:
        return [_parsed(envelope.original_content or b"") for envelope in self.envelopes]


def _parsed(content: bytes) -> EmailMessage:
    message = email.message_from_bytes(content, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    return message


def body(part: Any) -> str:
    """The text, with the line ends of Python instead of those of mail."""
    return part.get_content().replace("\r\n", "\n")


@contextmanager
def serving(mailbox: Mailbox, **options: Any) -> Iterator[int]:
    """A mail server for ``mailbox``; gives its port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    controller = Controller(mailbox, hostname="127.0.0.1", port=port, **options)
    controller.start()
    try:
        yield port
    finally:
        controller.stop()


def smtp(port: int, **options: Any) -> SmtpMailer:
    return SmtpMailer("127.0.0.1", port, **{"sender": SENDER, "tls": "none", **options})


@contextmanager
def serving_ses() -> Iterator[int]:
    """What speaks like Amazon's mail service, and knows our sender; gives its port."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    _, port = server.get_host_and_port()
    try:
        register_sender(port, "index@example.org")
        yield port
    finally:
        server.stop()
        ses_backends.reset()


def register_sender(port: int, address: str) -> None:
    """Have the service believe that mail from this address is ours."""
    url = f"http://127.0.0.1:{port}/v2/email/identities"
    body = json.dumps({"EmailIdentity": address}).encode()
    key = AccessKey("AKIDEXAMPLE", "secret", REGION, "ses")
    headers = signed(key, "POST", url, {"Content-Type": "application/json"}, body, now=datetime.now(UTC))
    assert ask("SES", "POST", url, headers=headers, body=body, time_limit=timedelta(seconds=20)).status == 200


def taken_by_ses() -> list[EmailMessage]:
    [backends] = ses_backends.values()
    return [_parsed(message.raw_data.encode()) for message in backends[REGION].sent_messages]


def ses(port: int, **options: Any) -> SesMailer:
    chosen = {"sender": SENDER, "key_id": "AKIDEXAMPLE", "secret": "secret", **options}
    return SesMailer(REGION, endpoint=f"http://127.0.0.1:{port}", **chosen)


@dataclass
class Form:
    """A mailer and a way to see what it handed over."""

    mailer: Mailer
    handed_over: Any


@pytest.fixture(params=["folder", "smtp", "ses"])
def form(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Form]:
    if request.param == "folder":
        folder = FolderMailer(tmp_path, sender=SENDER)
        yield Form(folder, lambda: [_parsed(path.read_bytes()) for path in sorted(tmp_path.glob("*.eml"))])
    elif request.param == "ses":
        with serving_ses() as port:
            yield Form(ses(port), taken_by_ses)
    else:
        mailbox = Mailbox()
        with serving(mailbox) as port:
            yield Form(smtp(port), mailbox.parsed)


def test_a_message_arrives_with_everything_it_needs(form: Form) -> None:
    form.mailer.send(PLAIN)
    [arrived] = form.handed_over()
    assert arrived["From"] == SENDER
    assert arrived["To"] == "ada@example.org"
    assert arrived["Subject"] == "Hello"
    assert arrived["Auto-Submitted"] == "auto-generated"
    assert arrived["Message-ID"].endswith("@example.org>")
    assert abs(arrived["Date"].datetime - datetime.now(UTC)) < timedelta(minutes=1)
    assert body(arrived) == "Welcome.\n"


def test_any_script_and_long_lines_arrive_as_they_were(form: Form) -> None:
    subject = "Grüße, 世界 🎉 " + "very " * 60 + "long"
    text = ".\nÜber " + "x" * 3000 + "\n.\r\nFrom here\n"
    form.mailer.send(Message(to="ada@example.org", subject=subject, text=text))
    [arrived] = form.handed_over()
    assert arrived["Subject"] == subject
    assert body(arrived).splitlines() == text.splitlines()
    lines = arrived.as_bytes(policy=email.policy.SMTP).split(b"\r\n")
    assert max(map(len, lines)) <= 998  # RFC 5322, 2.1.1


def test_a_message_is_seven_bits_for_a_server_that_takes_no_more(form: Form) -> None:
    form.mailer.send(Message(to="ada@example.org", subject="ü", text="ü\n", html="<p>ü", headers={"X-Word": "ü"}))
    [arrived] = form.handed_over()
    assert arrived.as_bytes().isascii()
    assert arrived["X-Word"] == "ü"


def test_html_is_the_better_alternative_to_the_text(form: Form) -> None:
    form.mailer.send(Message(to="ada@example.org", subject="s", text="plain", html="<p>rich"))
    [arrived] = form.handed_over()
    assert arrived.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in arrived.iter_parts()] == ["text/plain", "text/html"]
    assert [body(part) for part in arrived.iter_parts()] == ["plain\n", "<p>rich\n"]


def test_headers_come_on_top_and_may_name_the_message(form: Form) -> None:
    headers = {"Message-ID": "<job-7@example.org>", "List-Unsubscribe": "<https://example.org/off>"}
    form.mailer.send(Message(to="ada@example.org", subject="s", text="t", headers=headers))
    [arrived] = form.handed_over()
    assert arrived.get_all("Message-ID") == ["<job-7@example.org>"]
    assert arrived["List-Unsubscribe"] == "<https://example.org/off>"


def test_messages_sent_at_once_all_arrive_whole(form: Form) -> None:
    messages = [Message(to=f"user{n}@example.org", subject=f"s{n}", text=f"{n}\n" * 500) for n in range(12)]
    threads = [threading.Thread(target=form.mailer.send, args=(message,)) for message in messages]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    arrived = {one["To"]: (one["Subject"], body(one)) for one in form.handed_over()}
    assert arrived == {message.to: (message.subject, message.text) for message in messages}


def test_the_list_for_tests_has_the_messages_in_order() -> None:
    mailer = MemoryMailer()
    second = Message(to="bob@example.org", subject="two", text="t")
    mailer.send(PLAIN)
    mailer.send(second)
    assert mailer.sent == [PLAIN, second]


def test_the_folder_shows_whole_messages_in_order_to_the_owner_only(tmp_path: Path) -> None:
    folder = tmp_path / "mail"
    mailer = FolderMailer(folder)
    subjects = [f"message {number}" for number in range(5)]
    for subject in subjects:
        mailer.send(Message(to="ada@example.org", subject=subject, text="t"))
    paths = sorted(folder.iterdir())
    assert [_parsed(path.read_bytes())["Subject"] for path in paths] == subjects
    assert {stat.S_IMODE(path.stat().st_mode) for path in paths} == {0o600}
    assert {path.suffix for path in paths} == {".eml"}
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_a_folder_that_is_gone_is_said_to_be_unavailable(tmp_path: Path) -> None:
    mailer = FolderMailer(tmp_path / "mail")
    (tmp_path / "mail").rmdir()
    with pytest.raises(MailUnavailable, match="mail folder"):
        mailer.send(PLAIN)


def test_the_envelope_is_the_senders_and_the_readers_address() -> None:
    mailbox = Mailbox()
    with serving(mailbox) as port:
        smtp(port).send(PLAIN)
    [envelope] = mailbox.envelopes
    assert (envelope.mail_from, envelope.rcpt_tos) == ("index@example.org", ["ada@example.org"])


def test_an_address_in_another_script_goes_to_a_server_that_takes_it() -> None:
    mailbox = Mailbox()
    with serving(mailbox, enable_SMTPUTF8=True) as port:
        smtp(port).send(Message(to="ädä@example.org", subject="ü", text="t"))
    assert mailbox.envelopes[0].rcpt_tos == ["ädä@example.org"]
    assert mailbox.parsed()[0]["To"] == "ädä@example.org"


def test_an_address_in_another_script_is_refused_for_good_by_one_that_does_not() -> None:
    with serving(Mailbox(), enable_SMTPUTF8=False) as port, pytest.raises(MailRefused, match="ASCII"):
        smtp(port).send(Message(to="ädä@example.org", subject="ü", text="t"))


@pytest.mark.parametrize("mailbox", [Mailbox(rcpt="550 5.1.1 No such user"), Mailbox(data="554 5.7.1 Looks like spam")])
def test_what_the_server_will_never_take_is_refused_for_good(mailbox: Mailbox) -> None:
    with serving(mailbox) as port, pytest.raises(MailRefused) as refused:
        smtp(port).send(PLAIN)
    assert str(refused.value.code) in mailbox.rcpt + mailbox.data
    assert refused.value.answer in mailbox.rcpt + mailbox.data
    assert mailbox.envelopes == []


@pytest.mark.parametrize(
    ("mailbox", "is_nobody"),
    [
        (Mailbox(rcpt="550 5.1.1 No such user"), True),
        (Mailbox(rcpt="550 5.2.1 Mailbox disabled"), True),
        (Mailbox(rcpt="551 User not local"), True),
        (Mailbox(rcpt="550 5.7.1 Relaying denied"), False),
        (Mailbox(rcpt="554 5.7.1 Relay access denied"), False),
        (Mailbox(rcpt="554 No"), False),
        (Mailbox(rcpt="552 5.3.4 Too big for this system"), False),
        (Mailbox(data="550 5.1.1 Looks like spam"), False),
    ],
)
def test_a_refusal_says_whether_there_is_such_a_mailbox(mailbox: Mailbox, is_nobody: bool) -> None:
    with serving(mailbox) as port, pytest.raises(MailRefused) as refused:
        smtp(port).send(PLAIN)
    assert refused.value.nobody_there is is_nobody


@pytest.mark.parametrize("mailbox", [Mailbox(rcpt="450 4.2.1 Greylisted"), Mailbox(data="452 4.3.1 Disk full")])
def test_what_the_server_does_not_take_now_may_be_sent_later(mailbox: Mailbox) -> None:
    with serving(mailbox) as port, pytest.raises(MailUnavailable, match=r"4\.[23]\.1"):
        smtp(port).send(PLAIN)


def test_a_server_that_is_down_is_unavailable_at_once() -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        began = time.monotonic()
        with pytest.raises(MailUnavailable) as unavailable:
            smtp(closed.getsockname()[1]).send(PLAIN)
        assert time.monotonic() - began < 5
    assert unavailable.value.status == 503


def answering(pieces: Iterator[bytes], pause: float) -> socket.socket:
    """A server that says one piece after the other to whoever comes, whatever it is told."""
    listening = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        try:
            connection, _ = listening.accept()
            with connection:
                for piece in pieces:
                    connection.sendall(piece)
                    time.sleep(pause)
        except OSError:
            return  # the client or the test is gone

    threading.Thread(target=serve, daemon=True).start()
    return listening


@pytest.mark.parametrize("tls", ["none", "starttls", "tls"])
def test_a_server_that_drips_for_ever_is_given_up_when_the_time_is_up(tls: str) -> None:
    began = time.monotonic()
    with answering(iter(lambda: b"2", b""), 0.05) as server, pytest.raises(MailUnavailable):
        smtp(server.getsockname()[1], tls=tls, timeout=timedelta(seconds=0.5)).send(PLAIN)
    assert time.monotonic() - began < 3


def test_a_server_that_says_nothing_is_given_up_when_the_time_is_up() -> None:
    began = time.monotonic()
    with socket.create_server(("127.0.0.1", 0)) as silent, pytest.raises(MailUnavailable):
        smtp(silent.getsockname()[1], timeout=timedelta(seconds=0.5)).send(PLAIN)
    assert time.monotonic() - began < 3


@pytest.mark.parametrize("greeting", [b"554 go away\r\n", b"421 busy\r\n", b"HTTP/1.1 400 Bad Request\r\n\r\n", b""])
def test_a_server_that_does_not_greet_is_unavailable(greeting: bytes) -> None:
    with answering(iter([greeting]), 0) as server, pytest.raises(MailUnavailable):
        smtp(server.getsockname()[1], timeout=timedelta(seconds=2)).send(PLAIN)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A key and a certificate for 127.0.0.1 that only those trust who are told to."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "server.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return path


@pytest.fixture
def servers_side(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


def options_for(tls: str, context: ssl.SSLContext) -> dict[str, Any]:
    return {"ssl_context": context} if tls == "tls" else {"tls_context": context, "require_starttls": True}


@pytest.mark.parametrize("tls", ["starttls", "tls"])
def test_mail_goes_encrypted_to_a_server_that_is_trusted(
    tls: str, certificate: Path, servers_side: ssl.SSLContext
) -> None:
    mailbox = Mailbox()
    trusting = ssl.create_default_context(cafile=str(certificate))
    with serving(mailbox, **options_for(tls, servers_side)) as port:
        smtp(port, tls=tls, context=trusting).send(PLAIN)
    assert len(mailbox.envelopes) == 1


@pytest.mark.parametrize("tls", ["starttls", "tls"])
def test_mail_does_not_go_to_a_server_that_nobody_vouches_for(tls: str, servers_side: ssl.SSLContext) -> None:
    mailbox = Mailbox()
    with serving(mailbox, **options_for(tls, servers_side)) as port, pytest.raises(MailUnavailable, match="secured"):
        smtp(port, tls=tls).send(PLAIN)
    assert mailbox.envelopes == []


def test_mail_that_shall_be_encrypted_never_goes_in_the_clear() -> None:
    mailbox = Mailbox()
    with serving(mailbox) as port, pytest.raises(MailUnavailable, match="STARTTLS"):
        smtp(port, tls="starttls").send(PLAIN)
    assert mailbox.envelopes == []


@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")
@pytest.mark.parametrize(("password", "taken"), [("right", True), ("wrong", False)])
def test_a_server_that_wants_to_know_us_is_told_the_user_name_and_password(password: str, taken: bool) -> None:
    def know(server: Any, session: Session, envelope: Envelope, mechanism: str, said: LoginPassword) -> AuthResult:
        return AuthResult(success=said == LoginPassword(b"index", b"right"), handled=False)

    mailbox = Mailbox()
    options = {"authenticator": know, "auth_required": True, "auth_require_tls": False}
    with serving(mailbox, **options) as port:
        mailer = smtp(port, username="index", password=password)
        if taken:
            mailer.send(PLAIN)
        else:
            with pytest.raises(MailUnavailable, match="password"):
                mailer.send(PLAIN)
    assert len(mailbox.envelopes) == int(taken)


def test_a_password_that_smtp_cannot_say_is_refused_at_the_start() -> None:
    with pytest.raises(ValueError, match="ASCII"):
        smtp(25, username="index", password="pässword")
