"""Amazon tells what became of mail, and only Amazon can."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from tests.mail.sns import CERTIFICATE, TOPIC, body, message, serving_sns
from tests.mail.test_bounces import COMPLAINT, DELIVERY, PERMANENT, Box
from tests.web.client import site
from warehouse.domain.accounts import MailEvent
from warehouse.infra.sns import LARGEST, Sns
from warehouse.web.callbacks.ses import _opened
from warehouse.work import SYSTEM, begin

HOOK = "/_/ses-hook/"


@pytest.fixture
def sns():
    with serving_sns() as service:
        yield service


@pytest.fixture
def hook(tools, sns):
    """Posts to the hook of an index that listens to a topic."""
    _opened.cache_clear()
    client = site(tools, WAREHOUSE_MAIL__SES_TOPIC=TOPIC, WAREHOUSE_MAIL__SNS_ENDPOINT=sns.url)

    def post(values):
        content = values if isinstance(values, bytes) else body(values)
        return client.post(HOOK, content, CONTENT_TYPE="text/plain; charset=UTF-8")

    return post


@pytest.fixture
def box(tools, ada):
    made = Box(tools, ada)
    made.send("m1")
    return made


@pytest.mark.parametrize("version", ["1", "2"])
def test_a_notice_is_taken(hook, sns, box, version):
    assert hook(message(sns.url, PERMANENT, SignatureVersion=version)).status == 200
    assert (box.status(), box.state()) == ("Bounced", (False, "hard bounce", 0))


def test_a_subject_is_signed_too(hook, sns, box):
    signed = message(sns.url, DELIVERY, Subject="Amazon SES")
    assert hook({**signed, "Subject": "Another"}).status == 400
    assert hook(signed).status == 200


def test_a_notice_that_comes_twice_is_taken_once_and_agreed_to_twice(hook, sns, box, tools):
    for _ in range(2):
        assert hook(message(sns.url, DELIVERY)).status == 200
    with begin(tools, SYSTEM) as work:
        assert len(work.db.scalars(select(MailEvent)).all()) == 1


def test_the_certificate_is_fetched_once(hook, sns, box):
    for number in range(3):
        hook(message(sns.url, DELIVERY, MessageId=f"event-{number}"))
    assert [asked.path for asked in sns.asked] == [CERTIFICATE]


def test_a_subscription_to_our_topic_is_confirmed(hook, sns):
    assert hook(message(sns.url, "You have chosen to subscribe.", kind="SubscriptionConfirmation")).status == 200
    assert sns.asked[-1].path == "/?Action=ConfirmSubscription&Token=token"


def test_the_end_of_a_subscription_is_taken_and_not_undone(hook, sns):
    assert hook(message(sns.url, "You have chosen to end it.", kind="UnsubscribeConfirmation")).status == 200
    assert [asked.path for asked in sns.asked] == [CERTIFICATE]


@pytest.mark.parametrize("url", ["https://evil.example/?Action=ConfirmSubscription", "http://127.0.0.1:1/", ""])
def test_nothing_is_fetched_from_elsewhere_to_confirm_a_subscription(hook, sns, url):
    assert hook(message(sns.url, "x", kind="SubscriptionConfirmation", SubscribeURL=url)).status == 400
    assert [asked.path for asked in sns.asked] == [CERTIFICATE]


@pytest.mark.parametrize(
    "change",
    [
        {"Message": COMPLAINT},
        {"MessageId": "another"},
        {"Timestamp": "2026-11-21T00:00:00.000Z"},
        {"Subject": "new"},
        {"Signature": "AAAA"},
        {"Signature": "not base64!"},
        {"Signature": "ä"},
        {"SignatureVersion": "1"},
        {"SignatureVersion": "3"},
    ],
)
def test_what_was_changed_on_its_way_is_refused_and_changes_nothing(hook, sns, box, change):
    assert hook({**message(sns.url, PERMANENT), **change}).status == 400
    assert (box.status(), box.state()) == ("Accepted", (True, None, 0))


def test_another_topic_is_not_believed_however_well_it_is_signed(hook, sns, box):
    got = hook(message(sns.url, PERMANENT, TopicArn=TOPIC + "2"))
    assert (got.status, box.status(), sns.asked) == (400, "Accepted", [])


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example" + CERTIFICATE,
        "{sns}.evil.example" + CERTIFICATE,
        "{sns}@evil.example" + CERTIFICATE,
        "{sns}/elsewhere" + CERTIFICATE,
        "{sns}/?" + CERTIFICATE,
        "{sns}/SimpleNotificationService-../../x.pem",
        "{sns}" + CERTIFICATE + "?x=y",
        "{sns}" + CERTIFICATE + "\n",
        "file:///etc/passwd",
    ],
)
def test_a_certificate_is_only_fetched_from_where_sns_keeps_them(hook, sns, url):
    assert hook(message(sns.url, PERMANENT, SigningCertURL=url.format(sns=sns.url))).status == 400
    assert sns.asked == []


def test_without_the_certificate_sns_is_asked_to_try_again(hook, sns, box):
    sns.status = 500
    got = hook(message(sns.url, PERMANENT))
    assert (got.status, box.status()) == (503, "Accepted")
    assert int(got.headers["retry-after"]) > 0
    sns.status = 200
    assert hook(message(sns.url, PERMANENT)).status == 200


@pytest.mark.parametrize("kept", [b"", b"<html>", b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"])
def test_what_is_no_certificate_is_as_good_as_none(hook, sns, kept):
    sns.answer = lambda path: kept
    assert hook(message(sns.url, PERMANENT)).status == 503


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{}",
        b"[]",
        b"null",
        b'{"Type": 7}',
        b'{"Type": "Notification"}',
        b"\xff",
        b"[" * 100_000,
        b'{"a": "\\ud800"}',
    ],
)
def test_what_sns_never_says_is_refused(hook, content):
    assert hook(content).status == 400


@pytest.mark.parametrize("name", ["Message", "MessageId", "Timestamp", "TopicArn", "Signature", "SigningCertURL"])
def test_a_message_that_lacks_something_is_refused(hook, sns, name):
    values = message(sns.url, PERMANENT)
    del values[name]
    got = hook(values)
    assert got.status == 400 and name in got.text


def test_a_message_that_nobody_sent_from_here_is_refused(hook, sns, ada):
    assert hook(message(sns.url, PERMANENT)).status == 400


def test_a_message_too_large_to_be_one_is_refused(hook):
    assert hook(b" " * (LARGEST + 1)).status == 413


def test_without_a_topic_nothing_is_listened_to(tools, sns):
    assert site(tools).post(HOOK, body(message(sns.url, PERMANENT)), CONTENT_TYPE="text/plain").status == 404


def test_the_hook_is_only_posted_to(tools):
    assert site(tools).get(HOOK).status == 405


@pytest.mark.parametrize(
    ("topic", "service"),
    [
        (TOPIC, "https://sns.eu-west-1.amazonaws.com"),
        (TOPIC.replace("arn:aws:", "arn:aws-cn:"), "https://sns.eu-west-1.amazonaws.com.cn"),
    ],
)
def test_certificates_are_kept_by_the_service_of_the_topic_s_region(topic, service):
    assert Sns(topic).service == service
