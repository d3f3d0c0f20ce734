"""Mail leaves if, and only if, the work that it tells of committed."""

from __future__ import annotations

import email
import email.policy
import logging
import socket

import pytest
from aiosmtpd.controller import Controller
from sqlalchemy import select

from tests.contracts.test_mail import serving_ses, taken_by_ses
from tests.jobs.test_queue import waiting
from tests.jobs.test_running import eventually, worker
from warehouse.application.complete import refuse_incomplete
from warehouse.domain.accounts import SentMail
from warehouse.events.mail import mailer, post
from warehouse.infra.jobs import JOBS
from warehouse.infra.mail import FolderMailer, MailUnavailable, Message, SmtpMailer
from warehouse.settings import BadSettings, load_settings
from warehouse.toolbox import open_tools
from warehouse.work import SYSTEM, begin
from warehouse.worker.main import perform


def sent(tools):
    """The messages in the mail folder, parsed."""
    files = sorted((tools.settings.data / "mail").glob("*.eml"))
    return [email.message_from_bytes(file.read_bytes(), policy=email.policy.default) for file in files]


def test_a_message_is_sent_once_its_work_has_committed(tools):
    with worker(tools):
        with pytest.raises(RuntimeError), begin(tools, SYSTEM) as work:
            post(work, Message("ada@example.org", "Never", "This did not happen."))
            raise RuntimeError("the work failed after all")
        with begin(tools, SYSTEM) as work:
            post(work, Message("ada@example.org", "Grüße", "Hello Ada.\n", "<p>Hello Ada.</p>", {"List-Id": "us"}))
        eventually(lambda: sent(tools))
    [message] = sent(tools)
    assert (message["To"], message["Subject"], message["List-Id"]) == ("ada@example.org", "Grüße", "us")
    assert message.get_body(("plain",)).get_content().split() == ["Hello", "Ada."]
    assert message.get_body(("html",)).get_content().strip() == "<p>Hello Ada.</p>"
    assert message["From"] == "warehouse@localhost"


def test_a_message_that_is_sent_twice_can_be_told(tools):
    with begin(tools, SYSTEM) as work:
        post(work, Message("ada@example.org", "Hello", "Hello Ada."))
        post(work, Message("ada@example.org", "Hello", "Hello Ada."))
    [(_, first), (_, second)] = waiting(tools)
    for args in (first, first, second):
        perform(tools, JOBS["send_mail"], args)
    ids = [message["Message-ID"] for message in sent(tools)]
    assert ids[0] == ids[1] != ids[2]
    assert ids[0].endswith("@localhost>")


class Answering:
    """A mail server that gives this answer to every recipient."""

    def __init__(self, answer: str) -> None:
        self.answer = answer

    async def handle_RCPT(self, server, session, envelope, address, options):
        return self.answer


def through_server(tools, answer: str):
    """Perform a posted message's job against a mail server that answers like this."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    controller = Controller(Answering(answer), hostname="127.0.0.1", port=port)
    controller.start()
    other = None
    try:
        settings = load_settings(
            {
                "WAREHOUSE_DATA": str(tools.settings.data),
                "WAREHOUSE_MAIL__BACKEND": "smtp",
                "WAREHOUSE_MAIL__HOST": "127.0.0.1",
                "WAREHOUSE_MAIL__PORT": str(port),
                "WAREHOUSE_MAIL__TLS": "none",
            }
        )
        other = open_tools(settings, tools.database.url)
        assert isinstance(mailer(settings), SmtpMailer)
        with begin(other, SYSTEM) as work:
            post(work, Message("ada@example.org", "Hello", "Hello Ada."))
        perform(other, JOBS["send_mail"], waiting(tools)[0][1])
    finally:
        controller.stop()
        if other is not None:
            other.database.dispose()
            other.head.close()


def test_a_message_that_nobody_will_take_is_given_up_at_once(tools, caplog):
    caplog.set_level(logging.WARNING)
    through_server(tools, "550 no such person")
    assert "550 no such person" in caplog.text
    assert "Hello Ada" not in caplog.text


def test_a_message_that_cannot_be_taken_now_is_tried_again(tools):
    with pytest.raises(MailUnavailable):
        through_server(tools, "450 come back later")
    assert JOBS["send_mail"].pause_after(0) is not None


def test_mail_goes_into_a_folder_where_nothing_else_is_set(tools):
    assert isinstance(mailer(tools.settings), FolderMailer)


SES = {"MAIL__BACKEND": "ses", "MAIL__REGION": "eu-west-1", "MAIL__ACCESS_KEY_ID": "AKIDEXAMPLE"}


def test_the_name_that_a_mail_service_gives_is_noted(index_with):
    with serving_ses() as port:
        endpoint = {"MAIL__SES_ENDPOINT": f"http://127.0.0.1:{port}", "MAIL__SENDER": "index@example.org"}
        tools = index_with(**SES, **endpoint, MAIL__SECRET_ACCESS_KEY="secret").tools
        with begin(tools, SYSTEM) as work:
            post(work, Message("ada@example.org", "Hello", "Hello Ada."))
        perform(tools, JOBS["send_mail"], waiting(tools)[0][1])
        [taken] = taken_by_ses()
    assert taken["Subject"] == "Hello"
    with begin(tools, SYSTEM) as work:
        [logged] = work.db.scalars(select(SentMail))
    assert "@" not in logged.message_id and "-" in logged.message_id


def test_a_mail_service_without_its_keys_is_refused_at_the_start(index_with):
    with pytest.raises(BadSettings, match=r"mail\.secret_access_key"):
        refuse_incomplete(index_with(**SES).tools.settings)
