"""What is heard of messages that were sent, and what it means for the addresses they went to."""

from __future__ import annotations

import json
import threading
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from tests.jobs.test_mailing import through_server
from warehouse.domain.accounts import Email, MailEvent, SentMail, User
from warehouse.errors import Invalid
from warehouse.operations.bounces import Notice, forget_mail, take_notice
from warehouse.work import SYSTEM, begin

ADDRESS = "ada@example.com"


def notice(kind, mail="m1", **about):
    """What SES writes about a message."""
    return json.dumps({"notificationType": kind, "mail": {"messageId": mail}, kind.lower(): about})


DELIVERY = notice("Delivery")
PERMANENT = notice("Bounce", bounceType="Permanent", bounceSubType="General")
TRANSIENT = notice("Bounce", bounceType="Transient", bounceSubType="MailboxFull")
UNDETERMINED = notice("Bounce", bounceType="Undetermined")
COMPLAINT = notice("Complaint", complaintFeedbackType="abuse")
NOT_SPAM = notice("Complaint", complaintFeedbackType="not-spam")


@pytest.fixture
def box(tools, ada):
    return Box(tools, ada)


class Box:
    """The address of somebody, and what is heard of messages to it."""

    def __init__(self, tools, user):
        self.tools, self.user, self.count = tools, user, 0

    def send(self, name, *, at=None, status="Accepted", address=ADDRESS):
        with begin(self.tools, SYSTEM) as work:
            sent = SentMail(message_id=name, address=address, sender="x", subject="Hello", status=status)
            sent.created_at = at or work.now
            work.db.add(sent)

    def hear(self, text, *, event_id=None):
        self.count += 1
        with begin(self.tools, SYSTEM) as work:
            take_notice(work, Notice.of(text), event_id=event_id or f"event-{self.count}")

    def email(self):
        with begin(self.tools, SYSTEM) as work:
            return work.db.scalar(select(Email).where(Email.address == ADDRESS))

    def state(self):
        email = self.email()
        return email.is_verified, email.unverify_reason, email.transient_bounces

    def status(self, name="m1"):
        with begin(self.tools, SYSTEM) as work:
            return work.db.scalar(select(SentMail.status).where(SentMail.message_id == name))


@pytest.mark.parametrize(
    ("heard", "status", "state"),
    [
        ([DELIVERY], "Delivered", (True, None, 0)),
        ([PERMANENT], "Bounced", (False, "hard bounce", 0)),
        ([TRANSIENT], "Soft Bounced", (True, None, 1)),
        ([UNDETERMINED], "Soft Bounced", (True, None, 1)),
        ([TRANSIENT, TRANSIENT], "Soft Bounced", (True, None, 2)),
        ([TRANSIENT] * 5, "Soft Bounced", (True, None, 5)),
        ([TRANSIENT] * 6, "Soft Bounced", (False, "soft bounce", 6)),
        ([TRANSIENT, DELIVERY], "Delivered", (True, None, 0)),
        ([TRANSIENT, PERMANENT], "Bounced", (False, "hard bounce", 1)),
        ([DELIVERY, TRANSIENT], "Delivered", (True, None, 0)),
        ([DELIVERY, PERMANENT], "Bounced", (False, "hard bounce", 0)),
        ([DELIVERY, COMPLAINT], "Complained", (False, "spam complaint", 0)),
        ([COMPLAINT, DELIVERY], "Complained", (False, "spam complaint", 0)),
        ([DELIVERY, NOT_SPAM], "Delivered", (True, None, 0)),
        ([PERMANENT, TRANSIENT], "Bounced", (False, "hard bounce", 0)),
        ([PERMANENT, DELIVERY], "Bounced", (False, "hard bounce", 0)),
        ([DELIVERY, DELIVERY], "Delivered", (True, None, 0)),
    ],
)
def test_what_is_heard_of_one_message(box, heard, status, state):
    box.send("m1")
    for text in heard:
        box.hear(text)
    assert (box.status(), box.state()) == (status, state)


def test_bounces_of_several_messages_add_up_until_one_arrives(box):
    for number in range(9):
        box.send(f"m{number}")
    for number in range(5):
        box.hear(TRANSIENT.replace('"m1"', f'"m{number}"'))
    box.hear(notice("Delivery", "m5"))
    assert box.state() == (True, None, 0)
    for number in range(6, 9):
        box.hear(TRANSIENT.replace('"m1"', f'"m{number}"'))
    assert box.state() == (True, None, 3)


def test_a_notice_that_comes_twice_counts_once(box):
    box.send("m1")
    for _ in range(7):
        box.hear(TRANSIENT, event_id="the-same")
    assert box.state() == (True, None, 1)


def test_notices_that_come_at_once_all_count_once(box):
    box.send("m1")
    threads = [
        threading.Thread(target=box.hear, args=(TRANSIENT,), kwargs={"event_id": f"e{n % 4}"}) for n in range(12)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert box.state() == (True, None, 4)


def test_the_owner_finds_in_the_history_why_the_address_is_not_verified_any_more(box, mail, ada):
    box.send("m1")
    box.hear(PERMANENT)
    box.send("m2")
    box.hear(PERMANENT.replace('"m1"', '"m2"'))
    [event] = mail.history(ada, "account:email:unverified")
    assert (event.actor, event.details) == ("system", {"email": ADDRESS, "reason": "hard bounce"})


def test_notices_about_an_address_that_is_gone_are_kept_all_the_same(box):
    box.send("m1", address="former@example.com")
    box.hear(PERMANENT)
    assert (box.status(), box.state()) == ("Bounced", (True, None, 0))


def test_of_a_notice_only_what_it_says_is_kept(box, tools):
    box.send("m1")
    box.hear(notice("Bounce", bounceType="Permanent", bounceSubType="a\u0000b", diagnosticCode="smtp; \u0000"))
    with begin(tools, SYSTEM) as work:
        [event] = work.db.scalars(select(MailEvent)).all()
    assert (event.event_id, event.kind, event.data) == ("event-1", "Bounce", {"bounceType": "Permanent"})


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "null",
        "{}",
        "[" * 100_000,
        '{"notificationType": "AmazonSnsSubscriptionSucceeded"}',
        '{"notificationType": ["Bounce"]}',
        '{"notificationType": "Bounce"}',
        '{"notificationType": "Bounce", "bounce": {}}',
        '{"notificationType": "Bounce", "bounce": [], "mail": {"messageId": "m1"}}',
        '{"notificationType": "Bounce", "bounce": {}, "mail": {"messageId": 7}}',
        '{"notificationType": "Bounce", "bounce": {}, "mail": {"messageId": "a\\u0000"}}',
    ],
)
def test_what_is_no_notice_is_refused(text):
    with pytest.raises(Invalid):
        Notice.of(text)


def test_a_notice_about_somebody_else_s_message_is_refused(box):
    with pytest.raises(Invalid, match="No message of that name"):
        box.hear(DELIVERY)


def test_the_other_spelling_of_ses_is_understood():
    """Event publishing calls the kind eventType, notifications call it notificationType."""
    assert Notice.of(DELIVERY.replace("notificationType", "eventType")) == Notice.of(DELIVERY)


def test_a_mail_server_that_knows_no_such_mailbox_is_believed(tools, ada, box, mail):
    with begin(tools, SYSTEM) as work:
        work.db.get(User, ada.id).primary_email.address = "ada@example.org"
    through_server(tools, "550 5.1.1 no such person")
    with begin(tools, SYSTEM) as work:
        email = work.db.get(User, ada.id).primary_email
        assert (email.is_verified, email.unverify_reason) == (False, "hard bounce")
    assert len(mail.history(ada, "account:email:unverified")) == 1


def test_a_mail_server_that_lets_us_send_nothing_says_nothing_about_addresses(tools, ada):
    with begin(tools, SYSTEM) as work:
        work.db.get(User, ada.id).primary_email.address = "ada@example.org"
    through_server(tools, "550 5.7.1 relaying denied")
    with begin(tools, SYSTEM) as work:
        assert work.db.get(User, ada.id).primary_email.is_verified


def test_the_mail_log_forgets_what_arrived_after_two_weeks_and_all_after_ninety_days(box, tools):
    now = datetime.now(UTC)
    for days, status in [(13, "Accepted"), (15, "Accepted"), (15, "Delivered"), (15, "Bounced"), (89, "Soft Bounced")]:
        box.send(f"{status} {days}", at=now - timedelta(days=days), status=status)
    box.send("Complained 91", at=now - timedelta(days=91), status="Complained")
    with begin(tools, SYSTEM) as work:
        work.db.add(
            MailEvent(
                event_id="e",
                kind="Delivery",
                data={},
                mail_id=work.db.scalars(select(SentMail.id).where(SentMail.message_id == "Delivered 15")).one(),
            )
        )
    with begin(tools, SYSTEM) as work:
        forget_mail(work)
    with begin(tools, SYSTEM) as work:
        assert sorted(work.db.scalars(select(SentMail.message_id))) == ["Accepted 13", "Bounced 15", "Soft Bounced 89"]
        assert work.db.scalars(select(MailEvent)).all() == []
