"""The pages between the password and the session."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest

from tests.index import Index
from tests.second_factor.authenticator import Authenticator
from tests.second_factor.browsing import (
    OPTIONS,
    TWO_FACTOR,
    VALIDATE,
    ask,
    browser_of,
    code_now,
    is_signed_in,
    signed_in,
    step_of,
    written,
)
from tests.second_factor.person import SECRET, SITE, Person
from tests.web.browser import Browser
from warehouse.domain.accounts import SecurityKey, User
from warehouse.infra import webauthn
from warehouse.operations.second_factors import is_remembered
from warehouse.operations.totp import Check, check_code

ORIGIN = "http://index.test"


@pytest.fixture
def ada(index: Index) -> Person:
    """Somebody with an app and a key, whose clock is the machine's; ``codes`` are seven that are not burned."""
    person = Person(index)
    person.codes = person.get_ready()
    person.add_app()
    with index.work() as work:
        user = work.db.get(User, person.user.id)
        assert user is not None
        user.totp_last_step = None
    person.at = datetime.now(UTC)
    return person


def begun(ada: Person, **details: str) -> Browser:
    """A browser that shows the page of the second step."""
    browser = browser_of(ada.index)
    got = browser.get(f"{TWO_FACTOR}?{step_of(ada.index, ada.user, **details)}")
    assert got.status == 200
    return browser


def with_key(ada: Person) -> Authenticator:
    key = Authenticator(ORIGIN)
    with ada.index.work() as work:
        options = webauthn.options_to_register(
            SITE, user_id=b"1", username="ada", name="", challenge=b"1" * 32, known=()
        )
        made = webauthn.registered(SITE, key.make(options, origin=SITE.origins[0]), challenge=b"1" * 32)
        work.db.add(SecurityKey(user_id=ada.user.id, label="blue", **made._asdict()))
    return key


def success_of(ada: Person) -> dict[str, object]:
    """What the history keeps of signing in."""
    (details,) = [details for tag, details in ada.history() if tag == "account:login:success"]
    return details


def test_a_code_signs_in_and_leads_on(ada):
    browser = begun(ada, next="/manage/account/?a=b")
    code = code_now(SECRET)
    got = browser.submit(follow=False, totp_value=f" {code[:3]} {code[3:]}")
    assert (got.status, got.leads_to) == (303, "/manage/account/?a=b")
    assert is_signed_in(browser)
    assert success_of(ada) == {"two_factor_method": "totp"}


def test_without_a_place_to_go_on_to_it_leads_to_ones_projects(ada):
    got = begun(ada).submit(follow=False, totp_value=code_now(SECRET))
    assert got.leads_to == "/manage/projects/"


def test_a_wrong_code_is_told_beside_the_field(ada):
    browser = begun(ada)
    for text in ("000000", "", "abc", "1" * 5000, "é"):
        got = browser.submit(follow=False, totp_value=text)
        assert got.status == 400 and "not the right code" in got.text
        assert got.page.text("title").startswith("Mistake:")
    assert not is_signed_in(browser)


def test_a_code_that_was_used_is_told_apart(ada):
    code = code_now(SECRET)
    with ada.signing_in() as (work, user):
        assert check_code(work, user, code) is Check.RIGHT
    got = begun(ada).submit(follow=False, totp_value=code)
    assert got.status == 400 and "used already" in got.text


def test_whoever_guesses_is_told_how_long_to_wait(ada):
    browser = begun(ada)
    for _ in range(5):
        browser.submit(follow=False, totp_value="000000")
    got = browser.submit(follow=False, totp_value=code_now(SECRET))
    assert got.status == 429 and 0 < int(got.headers["retry-after"]) <= 300
    assert "Try again in" in got.text and "minute" in got.text
    assert not is_signed_in(browser)


def test_the_page_is_kept_nowhere_and_its_address_goes_nowhere(ada):
    got = begun(ada).got
    assert got.headers["cache-control"] == "no-store"
    assert got.headers["referrer-policy"] == "same-origin"


def test_without_a_password_there_is_no_second_step(index):
    browser = browser_of(index)
    for page in (TWO_FACTOR, "/account/recovery-code/"):
        for step in ("", "x", "a.b.c", "token=abc", "%00"):
            path = f"{page}?{step}"
            for got in (browser.get(path), browser.post(path, follow=False, totp_value="0")):
                assert (got.status, got.leads_to) == (303, "/account/login/")
    assert "flashes" in browser.cookies


def test_the_step_is_over_once_somebody_signed_in(ada):
    browser, other = begun(ada), begun(ada)
    path = browser.path
    assert browser.submit(follow=False, totp_value=code_now(SECRET)).status == 303
    assert other.get(path).leads_to == "/account/login/"
    assert browser.get(path).leads_to == "/manage/projects/", "signed in already"


def test_a_browser_can_be_remembered(ada):
    browser = begun(ada)
    browser.submit(follow=False, totp_value=code_now(SECRET), remember_device="true")
    (cookie,) = [line for line in browser.set_cookies if line.startswith("remember_device=")]
    assert {"HttpOnly", "Path=/account/login/", "SameSite=Strict", "Max-Age=2592000"} <= set(cookie.split("; "))
    with ada.signing_in() as (work, user):
        assert is_remembered(work, user, browser.cookies["remember_device"])
    assert "account:two_factor:device_remembered" in ada.told()


def test_over_tls_that_cookie_stays_there(ada):
    browser = begun(ada)
    browser.environ.update({"wsgi.url_scheme": "https", "HTTP_ORIGIN": "https://index.test"})
    browser.submit(follow=False, totp_value=code_now(SECRET), remember_device="true")
    (cookie,) = [line for line in browser.set_cookies if line.startswith("remember_device=")]
    assert "secure" in cookie.split("; ")


def test_nobody_is_remembered_who_did_not_ask(ada):
    browser = begun(ada)
    browser.submit(follow=False, totp_value=code_now(SECRET))
    assert "remember_device" not in browser.cookies


def test_a_security_key_signs_in(ada):
    key = with_key(ada)
    browser = begun(ada, next="/manage/account/")
    assert any(script.attributes["src"].endswith("/webauthn.js") for script in browser.got.page.all("script"))
    step = browser.path.partition("?")[2]
    options = ask(browser, f"{OPTIONS}?{step}")
    said = ask(browser, f"{VALIDATE}?{step}", credential=written(key.sign(options)))
    assert said == {"success": "Successful WebAuthn assertion", "redirect_to": "/manage/account/"}
    assert is_signed_in(browser)
    assert success_of(ada) == {"two_factor_method": "webauthn", "two_factor_label": "blue"}
    assert "remember_device" not in browser.cookies


def test_a_security_key_can_have_the_browser_remembered(ada):
    key = with_key(ada)
    browser = begun(ada)
    step = browser.path.partition("?")[2]
    options = ask(browser, f"{OPTIONS}?{step}")
    ask(browser, f"{VALIDATE}?{step}", credential=written(key.sign(options)), remember_device="on")
    assert "remember_device" in browser.cookies


def test_a_security_key_that_answers_something_else_is_refused(ada):
    key = with_key(ada)
    browser = begun(ada)
    step = browser.path.partition("?")[2]
    for changes in ({"origin": "https://evil.test"}, {"signature": b"x"}, {"host": "evil.test"}):
        options = ask(browser, f"{OPTIONS}?{step}")
        said = ask(browser, f"{VALIDATE}?{step}", credential=written(key.sign(options, **changes)))
        assert said == {"fail": {"errors": ["The security key was not recognised. Try again, or use another one."]}}
    assert not is_signed_in(browser)


def test_junk_is_refused_and_uses_the_challenge_up(ada):
    key = with_key(ada)
    browser = begun(ada)
    step = browser.path.partition("?")[2]
    for credential in ("", "{", "null", "x" * 60_000, '{"id": 1}'):
        options = ask(browser, f"{OPTIONS}?{step}")
        assert "fail" in ask(browser, f"{VALIDATE}?{step}", credential=credential)
        said = ask(browser, f"{VALIDATE}?{step}", credential=written(key.sign(options)))
        assert said == {"fail": {"errors": ["Your browser took too long. Try again."]}}


def test_scripts_without_a_step_are_told_so(ada):
    browser = browser_of(ada.index)
    for said in (ask(browser, f"{OPTIONS}?x"), ask(browser, f"{VALIDATE}?x", credential="{}")):
        assert said["fail"]["errors"] == ["Signing in took too long, or was begun elsewhere since. Begin again."]
    mine = signed_in(ada.index, ada.user)
    assert ask(mine, f"{OPTIONS}?x") == {"fail": {"errors": ["You are signed in already."]}}


def test_wrong_keys_are_counted(ada):
    key = with_key(ada)
    browser = begun(ada)
    step = browser.path.partition("?")[2]
    for _ in range(5):
        ask(browser, f"{OPTIONS}?{step}")
        ask(browser, f"{VALIDATE}?{step}", credential="junk")
    options = ask(browser, f"{OPTIONS}?{step}")
    said = ask(browser, f"{VALIDATE}?{step}", credential=written(key.sign(options)))
    assert said["fail"]["errors"][0].startswith("There have been too many unsuccessful attempts.")


def test_a_recovery_code_signs_in(ada):
    browser = begun(ada, next="/manage/account/")
    (link,) = [a.attributes["href"] for a in browser.got.page.all("a") if "recovery-code" in a.attributes["href"]]
    browser.get(link)
    got = browser.submit(follow=False, recovery_code_value=ada.codes[0])
    assert (got.status, got.leads_to) == (303, "/manage/account/")
    assert is_signed_in(browser)
    assert "recovery-code-used" in ada.mail() and "recovery-code-reminder" not in ada.mail()


def test_wrong_and_burned_recovery_codes_are_told_apart(ada):
    ada.burn(ada.codes[0])
    browser = browser_of(ada.index)
    browser.get(f"/account/recovery-code/?{step_of(ada.index, ada.user)}")
    got = browser.submit(follow=False, recovery_code_value=ada.codes[0])
    assert got.status == 400 and "used before" in got.text
    got = browser.submit(follow=False, recovery_code_value="0" * 16)
    assert got.status == 400 and "not one of your recovery codes" in got.text
    assert not is_signed_in(browser)


def test_the_last_recovery_code_lets_in_and_brings_a_reminder(ada):
    for code in ada.codes[1:]:
        ada.burn(code)
    browser = browser_of(ada.index)
    browser.get(f"/account/recovery-code/?{step_of(ada.index, ada.user)}")
    assert browser.submit(follow=False, recovery_code_value=ada.codes[0]).status == 303
    assert "recovery-code-reminder" in ada.mail()
    page = browser_of(ada.index).get(f"{TWO_FACTOR}?{step_of(ada.index, ada.user)}")
    assert "/account/recovery-code/" not in page.text


def test_guessed_recovery_codes_are_counted(ada):
    browser = browser_of(ada.index)
    browser.get(f"/account/recovery-code/?{step_of(ada.index, ada.user)}")
    for _ in range(5):
        browser.submit(follow=False, recovery_code_value="0" * 16)
    got = browser.submit(follow=False, recovery_code_value=ada.codes[0])
    assert got.status == 429 and "retry-after" in got.headers


@pytest.fixture
def careful(index_with) -> Person:
    """Somebody on an index where codes from unknown network addresses are not enough."""
    person = Person(index_with(ACCOUNTS__CONFIRM_NEW_DEVICES="true", SITE__URL="http://index.test"))
    person.codes = person.get_ready()
    person.add_app()
    person.at = datetime.now(UTC)
    with person.index.work() as work:
        work.db.get(User, person.user.id).totp_last_step = None
    return person


def test_from_an_unknown_network_address_a_code_is_not_enough_and_nothing_is_remembered(careful):
    browser, code = begun(careful), code_now(SECRET)
    got = browser.submit(follow=False, totp_value=code, remember_device="true")
    assert (got.status, got.leads_to) == (303, "/account/confirm-login/")
    assert "remember_device" not in browser.cookies and not is_signed_in(browser)
    assert careful.mail()[-1] == "unrecognized-login"
    with careful.signing_in() as (work, user):
        assert check_code(work, user, code) is Check.USED_BEFORE


def test_a_key_is_enough_everywhere(careful):
    key = with_key(careful)
    browser = begun(careful)
    step = browser.path.partition("?")[2]
    options = ask(browser, f"{OPTIONS}?{step}")
    assert "success" in ask(browser, f"{VALIDATE}?{step}", credential=written(key.sign(options)))
    assert is_signed_in(browser)


def test_of_many_browsers_that_send_one_code_at_once_one_is_let_in(ada):
    browsers, code = [begun(ada) for _ in range(4)], code_now(SECRET)
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(lambda browser: browser.submit(follow=False, totp_value=code), browsers))
    assert [is_signed_in(browser) for browser in browsers].count(True) == 1


def test_of_many_that_send_one_signature_at_once_one_is_let_in(ada):
    key = with_key(ada)
    browser = begun(ada)
    path, step = browser.path, browser.path.partition("?")[2]
    answer = written(key.sign(ask(browser, f"{OPTIONS}?{step}")))
    browsers = [browser_of(ada.index) for _ in range(4)]
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(lambda one: one.post(f"{VALIDATE}?{step}", follow=False, credential=answer), browsers))
    assert [is_signed_in(one) for one in browsers].count(True) == 1
    assert browser.get(path).leads_to == "/account/login/", "the step is over for everybody"


def test_what_stands_in_the_address_of_a_step_is_never_markup_nor_a_header(index):
    browser = browser_of(index)
    for step in ('"><script>', "a%0d%0aSet-Cookie:x=1", "%22%3e%3cscript%3e"):
        for page in (TWO_FACTOR, "/account/recovery-code/"):
            got = browser.get(f"{page}?{step}")
            assert (got.status, got.leads_to) == (303, "/account/login/") and "x" not in browser.cookies
