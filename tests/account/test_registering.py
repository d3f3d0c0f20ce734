"""Who gets an account, and who hears why not."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select

from tests.account.people import PASSWORD, applicant, door
from warehouse.domain.accounts import TermsEngagement, User
from warehouse.domain.audit import AuditEvent
from warehouse.domain.site.flags import FlagName
from warehouse.errors import Conflict, Mistakes, NotAllowed, TooMany
from warehouse.infra.domains import MailDomain
from warehouse.operations.flags import throw_flag
from warehouse.operations.invitations import invite
from warehouse.operations.prohibitions import prohibit_domain, prohibit_username
from warehouse.operations.registration import register
from warehouse.work import ANONYMOUS, OPERATOR, attempt


def mistakes(at, **said) -> dict[str, str]:
    """What is told about what somebody says, by field."""
    with pytest.raises(Mistakes) as refused:
        at.register(**said)
    return refused.value.by_field


def users(at) -> list[str]:
    with at.work() as work:
        return list(work.db.scalars(select(User.username)))


def test_whoever_registers_gets_an_account_and_a_mail_that_verifies_the_address(index):
    at = door(index)
    at.register("ada", name="  Ada Lovelace ", email=" Ada@Example.COM ")
    assert at.emails() == {"Ada@example.com": "primary"}
    assert at.sent() == [("Ada@example.com", "Verify your e-mail address")]
    assert at.history() == ["account:create"]
    with at.work() as work:
        user = work.db.scalars(select(User)).one()
        assert (user.name, user.is_administrator, user.is_frozen) == ("Ada Lovelace", False, False)
        assert work.tools.passwords.matches(PASSWORD, user.password_hash)
        assert user.password_set_at is not None
        event = work.db.scalars(select(AuditEvent).where(AuditEvent.tag == "account:create")).one()
        assert (event.address, event.details) == ("192.0.2.1", {"email": "Ada@example.com"})


def test_all_mistakes_are_told_at_once_and_nothing_happens(index):
    at = door(index)
    said = {"username": "-ada", "email": "nowhere", "password": "short", "name": "see https://spam.example"}
    assert set(mistakes(at, **said)) == {"name", "email", "username", "password"}
    assert users(at) == [] and at.mails() == [] and at.history() == []


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("name", "x" * 101, "A name has at most 100 characters"),
        ("name", "http://spam.example", "A name has at most 100 characters"),
        ("name", "a\x00b", "A name has at most 100 characters"),
        ("email", "", "'' is not an e-mail address"),
        ("email", "ada", "'ada' is not an e-mail address"),
        ("email", "ada@exa mple.com", "is not an e-mail address"),
        ("email", "ada@example.com\r\nBcc: eve@example.com", "is not an e-mail address"),
        ("email", '"quoted local"@example.com', "is not an e-mail address"),
        ("email", "ada@[192.0.2.1]", "is not an e-mail address"),
        (
            "email",
            f"{'a' * 64}@{'b' * 60}.{'c' * 60}.{'d' * 60}.example",
            "An e-mail address has at most 254 characters",
        ),
        ("username", "", "A username has at least 2 characters."),
        ("username", "a", "A username has at least 2 characters."),
        ("username", "a" * 51, "A username has up to 50 ASCII letters"),
        ("username", "_ada", "A username has up to 50 ASCII letters"),
        ("username", "ada.", "A username has up to 50 ASCII letters"),
        ("username", "a b", "A username has up to 50 ASCII letters"),
        ("username", "adä", "A username has up to 50 ASCII letters"),
        ("username", "ada\n", "A username has up to 50 ASCII letters"),
        ("password", "a" * 5000, "A password has 8 to 4096 characters."),
        ("password", "password1234", "This password is easy to guess."),
        ("password", "ada@example.com", "This password is easy to guess."),
    ],
)
def test_each_mistake_is_told_beside_its_field(field, value, sentence, index):
    told = mistakes(door(index), **{"email": "ada@example.com", field: value})
    assert list(told) == [field]
    assert sentence in told[field]


@pytest.mark.parametrize("username", ["ab", "A9", "a.b-c_d", "a" * 50, "0x"])
def test_names_that_may_be_had(username, index):
    at = door(index)
    at.register(username, email="ada@example.com")
    assert users(at) == [username]


def test_a_name_and_an_address_are_one_persons_whatever_their_case(index):
    at = door(index)
    at.register("ada", email="ada@example.com")
    told = mistakes(at, username="ADA", email="ADA@example.com")
    assert told == {
        "email": "Another account uses this e-mail address.",
        "username": "The name 'ADA' is taken. Choose another one.",
    }


def test_a_prohibited_name_cannot_be_registered_in_any_case(index):
    at = door(index)
    with at.work(OPERATOR) as work:
        prohibit_username(work, "Admin")
    assert mistakes(at, username="aDMIN") == {"username": "Nobody can have the name 'aDMIN' here. Choose another one."}


DOMAINS = {
    "nomail.example": MailDomain(takes_mail=False),
    "direct.example": MailDomain(hosts=("mx.bad.example",)),
    "below.example": MailDomain(hosts=("mx7.pool.bad.example",)),
    "behind.example": MailDomain(hosts=("mx.own.example",), behind=("out4.bad.example",)),
    "exact.example": MailDomain(hosts=("mx.shared.example",)),
    "other.example": MailDomain(hosts=("mx2.shared.example",)),
    "fine.example": MailDomain(hosts=("mx.good.example",), behind=("mx.good.example",)),
}
NOT_WELCOME = "Addresses of this domain are not taken here. Use one of another provider."


@pytest.mark.parametrize(
    ("domain", "sentence"),
    [
        ("nomail.example", "nomail.example receives no mail. Look for a typing mistake."),
        ("spam.example", NOT_WELCOME),
        ("mail.SPAM.example", NOT_WELCOME),
        ("direct.example", NOT_WELCOME),
        ("below.example", NOT_WELCOME),
        ("behind.example", NOT_WELCOME),
        ("exact.example", NOT_WELCOME),
        ("mailinator.com", NOT_WELCOME),
        ("other.example", None),
        ("notspam.example", None),
        ("bad.example", None),
        ("fine.example", None),
    ],
)
def test_domains_that_are_prohibited_dead_or_disposable_are_refused(domain, sentence, index):
    at = door(index, DOMAINS, ACCOUNTS__REFUSE_DISPOSABLE_MAIL="true")
    with at.work(OPERATOR) as work:
        prohibit_domain(work, "www.spam.example")
        prohibit_domain(work, "bad.example", mail_hosts=True)
        prohibit_domain(work, "mx.shared.example", mail_hosts=True)
    if sentence is None:
        at.register(email=f"ada@{domain}")
    else:
        assert mistakes(at, email=f"ada@{domain}") == {"email": sentence}


def test_disposable_addresses_are_taken_where_the_settings_do_not_mind(index):
    at = door(index)
    at.register(email="ada@mailinator.com")
    assert users(at) == ["ada"]


@pytest.mark.parametrize("address", ["ada@mailhost", "ada@mail.corp"])
def test_a_networks_own_addresses_are_taken_where_domains_are_not_checked(address, index):
    door(index).register(email=address)


def test_a_name_without_a_dot_is_no_domain_of_the_internet(index):
    told = mistakes(door(index, ACCOUNTS__CHECK_MAIL_DOMAINS="true"), email="ada@mailhost")
    assert list(told) == ["email"]


@pytest.mark.parametrize(
    ("registration", "sentence"),
    [
        ("invitation", "Accounts are opened by invitation. Ask those who run this index for one."),
        ("closed", "Accounts are opened by those who run this index. Ask them for one."),
    ],
)
def test_nobody_registers_where_the_settings_say_so(registration, sentence, index):
    at = door(index, ACCOUNTS__REGISTRATION=registration)
    with pytest.raises(NotAllowed, match=sentence):
        at.register()
    assert users(at) == []


def test_nobody_registers_with_a_password_where_nobody_signs_in_with_one(index):
    issuers = json.dumps({"corp": {"issuer": "https://corp.example", "client_id": "us"}})
    at = door(index, SIGN_ON__ISSUERS=issuers, SIGN_ON__PASSWORDS="off", SITE__URL="https://index.test")
    with pytest.raises(NotAllowed, match="Sign in through your organization"):
        at.register()
    with at.work(OPERATOR) as work, pytest.raises(Conflict, match="Nobody can register"):
        invite(work, "ada@example.com")


def test_the_switch_closes_registration_for_a_while(index):
    at = door(index)
    with at.work(OPERATOR) as work:
        throw_flag(work, FlagName.DISALLOW_NEW_USERS, on=True)
    with pytest.raises(NotAllowed, match="New accounts are not opened at present"):
        at.register()
    with at.work(OPERATOR) as work:
        throw_flag(work, FlagName.DISALLOW_NEW_USERS, on=False)
    at.register()


def test_two_accounts_a_day_are_opened_from_one_network(index):
    at = door(index)
    for name in ("ada", "bob"):
        at.register(name)
    with pytest.raises(TooMany, match="Too many e-mail addresses were added from your network") as refused:
        at.register("eve")
    assert 0 < refused.value.retry_after <= 86400
    assert users(at) == ["ada", "bob"]
    at.address = "198.51.100.9"
    at.register("eve")


def test_mistakes_do_not_use_the_limit_up(index):
    at = door(index)
    for _ in range(5):
        mistakes(at, email="nowhere")
    at.register()


def test_which_addresses_have_accounts_cannot_be_asked_without_end(index):
    at = door(index)
    at.register("ada")
    at.address = "198.51.100.9"
    for _ in range(2):
        assert list(mistakes(at, username="eve", email="ada@example.com")) == ["email"]
    with pytest.raises(TooMany):
        at.register("eve", email="ada@example.com")


def test_of_many_who_register_at_once_from_one_network_two_get_through(index):
    at = door(index)

    def come(number: int) -> bool:
        try:
            at.register(f"user{number}")
        except TooMany:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(come, range(8))) == 2


def test_of_many_who_want_one_name_at_once_one_gets_it(index):
    at = door(index, LIMITS__NEW_EMAILS_PER_ADDRESS="100 per day")

    def come(number: int) -> str:
        try:
            attempt(at.index.tools, ANONYMOUS, register, applicant("ada", email=f"ada{number}@example.com"))
        except Mistakes as refused:
            return next(iter(refused.by_field))
        return "in"

    with ThreadPoolExecutor(6) as pool:
        assert sorted(pool.map(come, range(6))) == ["in", *["username"] * 5]
    assert users(at) == ["ada"]


def test_whoever_registers_agrees_to_the_terms(index):
    at = door(index, TERMS__REVISION="2026-11", TERMS__URL="https://example.org/terms")
    at.register()
    with at.work() as work:
        agreed = work.db.scalars(select(TermsEngagement)).one()
        assert (agreed.revision, agreed.engagement) == ("2026-11", "agreed")


def test_without_terms_nobody_agrees_to_any(index):
    at = door(index)
    at.register()
    with at.work() as work:
        assert work.db.scalar(select(TermsEngagement)) is None
