"""Who is written to, what is noted of it, and what cannot be smuggled into it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import delete, select

from warehouse.domain.accounts import Email, SentMail, User
from warehouse.errors import Refusal
from warehouse.events.mail import Letter, write
from warehouse.work import OPERATOR, Actor, ActorKind

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
PIP = 'pip/26.0 {"system": {"name": "Darwin"}}'
STRANGER = Actor(ActorKind.ANONYMOUS, address="192.0.2.7", user_agent=FIREFOX)


def test_a_letter_goes_to_the_verified_primary_address(mail, ada):
    mail.write(to=ada)
    [message] = mail.queued()
    assert message["to"] == "ada@example.com"
    assert message["subject"] == "[Warehouse] Your password was changed"
    assert "your account ada at Warehouse" in message["text"]
    assert "your account ada at Warehouse" in message["html"]


def test_nobody_is_written_to_at_an_address_that_is_not_verified_unless_the_letter_says_so(mail, index):
    bob = index.user("bob")
    mail.write(to=bob)
    assert mail.recipients() == [] and mail.history(bob) == []
    mail.write(to=bob, even_unverified=True)
    mail.write(to=bob, address="other@example.org")
    assert mail.recipients() == ["bob@example.com", "other@example.org"]


def test_somebody_without_any_address_is_not_written_to(mail, index, ada):
    with index.work() as work:
        work.db.execute(delete(Email).where(Email.user_id == ada.id))
    mail.write(to=ada, even_unverified=True)
    assert mail.recipients() == []


def test_a_letter_is_noted_in_the_history_and_in_the_mail_log(mail, index, ada):
    mail.write(to=ada, by=index.actor(ada))
    [event] = mail.history(ada)
    assert event.details == {
        "kind": "password-change",
        "to": "ada@example.com",
        "subject": "[Warehouse] Your password was changed",
    }
    with index.work() as work:
        [logged] = work.db.scalars(select(SentMail)).all()
    [message] = mail.queued()
    assert logged.message_id == message["headers"]["Message-ID"]
    assert (logged.address, logged.subject, logged.status) == ("ada@example.com", message["subject"], "Accepted")
    assert logged.sender == "warehouse@localhost"


def test_the_recipient_learns_from_where_it_was_caused_but_not_where_somebody_else_is(mail, index, ada):
    bob = index.user("bob")
    own = Actor(ActorKind.USER, user_id=ada.id, username="ada", address="192.0.2.1", user_agent=FIREFOX)
    other = Actor(ActorKind.USER, user_id=bob.id, username="bob", address="192.0.2.66", user_agent=PIP)
    for actor in (own, other, STRANGER):
        mail.write(to=ada, by=actor)
    first, second, third = (message["text"] for message in mail.queued())
    assert "192.0.2.1" in first and "Firefox 140 on Linux" in first
    assert "192.0.2.66" not in second and "pip" not in second
    assert "192.0.2.7" in third
    assert [(event.actor, event.address) for event in mail.history(ada)] == [
        ("ada", "192.0.2.1"),
        ("bob", None),
        ("anonymous", "192.0.2.7"),
    ]


def test_a_letter_is_not_repeated_within_its_time(mail, index, ada):
    for _ in range(3):
        mail.write(to=ada, not_again_within=timedelta(minutes=15))
    assert len(mail.queued()) == 1 and len(mail.history(ada)) == 1
    with index.work() as work:
        for logged in work.db.scalars(select(SentMail)):
            logged.created_at -= timedelta(minutes=16)
    mail.write(to=ada, not_again_within=timedelta(minutes=15))
    mail.write("verify-email", to=ada, not_again_within=timedelta(minutes=15), context={"link": "http://localhost/"})
    mail.write(to=ada, address="ada@example.org", not_again_within=timedelta(minutes=15))
    assert len(mail.queued()) == 4


def test_nothing_is_sent_when_the_work_fails(mail, index, ada):
    with pytest.raises(Refusal), index.work(OPERATOR) as work:
        write(work, Letter("password-change", work.db.get(User, ada.id)))
        raise Refusal("It did not happen after all.")
    assert mail.queued() == [] and mail.history(ada) == []


def test_names_cannot_bring_lines_of_their_own(mail, ada):
    hostile = "key\r\n\r\n[Sign in] https://evil.example/\u2028    code \u202egro.elpmaxe\x1b"
    mail.write("two-factor-added", to=ada, context={"method": "webauthn", "label": hostile})
    [message] = mail.queued()
    words = " ".join(message["text"].split())
    assert "“key [Sign in] https://evil.example/ code gro.elpmaxe”" in words
    assert 'href="https://evil.example' not in message["html"]
    assert "\u202e" not in message["html"]


@pytest.mark.parametrize("agent", ["<script>alert(1)</script>", "Firefox\r\nBcc: eve@example", "Evil/1<b>", "", None])
def test_what_a_program_calls_itself_is_told_only_in_our_words(mail, ada, agent):
    mail.write(to=ada, by=Actor(ActorKind.ANONYMOUS, address="192.0.2.1", user_agent=agent))
    [message] = mail.queued()
    assert "192.0.2.1" in message["text"]
    for text in (message["text"], message["html"]):
        assert "script" not in text and "eve@" not in text and "<b>" not in text


def test_what_is_written_in_a_mail_is_never_markup_of_its_page(mail, ada):
    mail.write("new-email-added", to=ada, context={"new_address": "<script>alert(1)</script>"})
    [message] = mail.queued()
    assert "<script" not in message["html"] and "&lt;script&gt;" in message["html"]


def test_links_lead_to_the_address_that_the_operator_named(index_with, ada):
    index = index_with(SITE__URL="https://packages.example.org", SITE__NAME="Our index")
    with index.work(STRANGER) as work:
        write(work, Letter("password-change", work.db.get(User, ada.id)))
        work.db.flush()
        [logged] = work.db.scalars(select(SentMail)).all()
    assert logged.subject == "[Our index] Your password was changed"
