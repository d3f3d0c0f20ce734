"""The pages on which somebody protects their account, in the order in which they have to be gone through."""

from __future__ import annotations

import re
import uuid
from datetime import timedelta
from urllib.parse import unquote
from xml.etree import ElementTree

import pytest
from sqlalchemy import event

from tests.builders import wheel
from tests.index import Index
from tests.second_factor.authenticator import Authenticator
from tests.second_factor.browsing import app_of, ask, code_now, generated, shown_codes, signed_in, written
from tests.web.browser import Browser
from warehouse.domain.accounts import User, UserSession
from warehouse.operations.second_factors import Factors, factors_of

TWO_FACTOR = "/manage/account/two-factor/"
TOTP = "/manage/account/totp-provision/"
KEY = "/manage/account/webauthn-provision/"
GENERATE = "/manage/account/recovery-codes/generate"
REGENERATE = "/manage/account/recovery-codes/regenerate"
BURN = "/manage/account/recovery-codes/burn"
ORIGIN = "http://index.test"


@pytest.fixture
def ada(index: Index) -> User:
    return index.user("ada", verified=True)


@pytest.fixture
def browser(index: Index, ada: User) -> Browser:
    return signed_in(index, ada)


def factors(index: Index) -> Factors:
    with index.work() as work:
        return factors_of(work.db, work.db.query(User).filter_by(username="ada").one())


def long_ago(index: Index, **time: float) -> None:
    """The password was last typed this long ago."""
    with index.work() as work:
        work.db.query(UserSession).one().authenticated_at -= timedelta(**time)


def get_ready(browser: Browser) -> list[str]:
    first, *others = generated(browser)
    browser.open(BURN)
    got = browser.submit(action=BURN, recovery_code_value=first)
    assert "was accepted" in got.text
    return others


def add_app(browser: Browser) -> bytes:
    secret = app_of(browser, browser.open(TOTP).text)
    got = browser.submit(action=TOTP, totp_value=code_now(secret))
    assert got.status == 200 and "is set up" in got.text
    return secret


def add_key(browser: Browser, label: str = "blue") -> Authenticator:
    key = Authenticator(ORIGIN)
    browser.open(KEY)
    options = ask(browser, f"{KEY}options")
    said = ask(browser, f"{KEY}validate", label=label, credential=written(key.make(options)))
    assert said == {"success": "Successful WebAuthn registration", "redirect_to": TWO_FACTOR}
    return key


def test_strangers_sign_in_first(index, ada):
    for path in (TWO_FACTOR, TOTP, f"{TOTP}image", f"{TOTP}remove/", KEY, f"{KEY}options", GENERATE, REGENERATE, BURN):
        browser = Browser(signed_in(index, ada)._client)
        assert browser.get(path).leads_to.startswith("/account/login/?next=")


def test_addresses_are_verified_first_where_that_is_asked_for(index_with):
    index = index_with(ACCESS__REQUIRE_VERIFIED_EMAIL="true")
    browser = signed_in(index, index.user("ada", verified=False))
    for path in (TWO_FACTOR, TOTP, KEY, GENERATE, BURN):
        assert browser.get(path).leads_to.startswith("/manage/unverified-account/")


def test_the_page_leads_from_step_to_step(index, browser):
    links = re.compile(r'class="button[^"]*" href="([^"]+)"')
    assert links.findall(browser.open(TWO_FACTOR).text) == [GENERATE]
    codes = generated(browser)
    assert links.findall(browser.open(TWO_FACTOR).text) == [BURN]
    browser.open(BURN)
    got = browser.submit(action=BURN, recovery_code_value=codes[0])
    assert links.findall(got.text) == [TOTP, KEY]
    add_app(browser)
    got = browser.open(TWO_FACTOR)
    assert links.findall(got.text) == [TOTP, f"{TOTP}remove/", KEY, REGENERATE]
    assert "7 of 8 codes are left" in got.text


@pytest.mark.parametrize("path", [TOTP, KEY])
def test_whoever_skips_a_step_is_led_back_to_it(browser, path):
    got = browser.get(path)
    assert got.leads_to == TWO_FACTOR
    assert "Generate recovery codes before" in browser.open(TWO_FACTOR).text
    generated(browser)
    assert browser.get(path).leads_to == BURN
    assert "Enter one of your recovery codes first" in browser.open(BURN).text
    said = ask(browser, f"{KEY}options")
    assert said["fail"]["errors"][0].startswith("Enter one of your recovery codes first")


def test_codes_are_shown_once_and_can_be_kept(index, browser):
    browser.open(GENERATE)
    got = browser.submit(action=GENERATE)
    codes = shown_codes(got.text)
    assert len(set(codes)) == 8 and got.headers["cache-control"] == "private, no-store"
    (link,) = [a for a in got.page.all("a") if "download" in a.attributes]
    assert link.attributes["download"] == "recovery-codes-ada.txt"
    file = unquote(link.attributes["href"].removeprefix("data:text/plain;charset=utf-8,"))
    assert file.startswith("Recovery codes of ada at Warehouse, http://index.test/\n")
    assert file.splitlines()[-8:] == codes
    for path in (TWO_FACTOR, REGENERATE, BURN):
        assert not set(shown_codes(browser.open(path).text)) & set(codes)


def test_looking_at_the_page_generates_nothing(index, browser):
    browser.open(GENERATE)
    assert factors(index).codes == 0


def test_new_codes_take_the_place_of_the_old_ones_only_by_the_page_that_says_so(index, browser):
    old = generated(browser)
    assert browser.get(GENERATE).leads_to == REGENERATE
    browser.open(TWO_FACTOR)
    assert browser.post(GENERATE, follow=False).leads_to == REGENERATE
    got = browser.open(REGENERATE)
    assert "The 8 codes that you still have are void" in got.text
    new = shown_codes(browser.submit(action=REGENERATE).text)
    assert len(new) == 8 and not set(new) & set(old)


def test_who_typed_the_password_a_while_ago_types_it_again(index, browser):
    long_ago(index, seconds=11)
    got = browser.get(GENERATE)
    assert got.status == 200 and 'value="manage.recovery_codes.generate"' in got.text
    assert "Confirm your password" in got.page.text("h1")
    long_ago(index, minutes=2)
    got = browser.post(GENERATE, follow=False)
    assert "Confirm your password" in got.page.text("h1")
    assert factors(index).codes == 0


def test_a_code_that_was_not_kept_is_told(index, browser):
    codes = generated(browser)
    browser.open(BURN)
    got = browser.submit(action=BURN, recovery_code_value="0" * 16)
    assert got.status == 400 and "not one of your recovery codes" in got.text
    browser.submit(action=BURN, recovery_code_value=codes[0])
    browser.open(BURN)
    got = browser.submit(action=BURN, recovery_code_value=codes[0])
    assert got.status == 400 and "used before" in got.text
    for _ in range(3):
        browser.submit(action=BURN, recovery_code_value="1" * 16)
    got = browser.submit(action=BURN, recovery_code_value=codes[1])
    assert got.status == 429 and "retry-after" in got.headers


def test_without_codes_there_is_nothing_to_enter(browser):
    assert browser.get(BURN).leads_to == TWO_FACTOR
    browser.open("/manage/account/two-factor/")
    got = browser.post(BURN, follow=False, recovery_code_value="0" * 16)
    assert got.status == 400


def test_an_app_is_set_up_by_picture_or_text(index, browser):
    get_ready(browser)
    page = browser.open(TOTP)
    (image,) = page.page.all("img")
    assert image.attributes["src"] == f"{TOTP}image" and image.attributes["alt"]
    picture = browser.get(f"{TOTP}image")
    assert picture.headers["content-type"] == "image/svg+xml; charset=UTF-8"
    assert picture.headers["cache-control"] == "private, no-store"
    assert "script-src" not in picture.headers["content-security-policy"]
    assert ElementTree.fromstring(picture.body).tag.endswith("svg")
    secret = app_of(browser, page.text)
    assert app_of(browser, browser.open(TOTP).text) == secret, "the same until it is set up"
    browser.submit(action=TOTP, totp_value=code_now(secret))
    assert factors(index).totp
    assert browser.get(f"{TOTP}image").status == 404
    assert app_of(browser, browser.open(TOTP).text) != secret


@pytest.mark.parametrize(("steps", "sentence"), [(20, "not the code that the app shows"), (5, "is some minutes off")])
def test_a_code_that_does_not_fit_is_told_and_the_secret_stays(index, browser, steps, sentence):
    get_ready(browser)
    secret = app_of(browser, browser.open(TOTP).text)
    got = browser.submit(action=TOTP, totp_value=code_now(secret, steps))
    assert got.status == 400 and sentence in got.text
    assert app_of(browser, got.text) == secret
    assert not factors(index).totp


def test_an_app_is_removed_after_the_password_was_typed(index, browser):
    get_ready(browser)
    add_app(browser)
    long_ago(index, minutes=3)
    got = browser.get(f"{TOTP}remove/")
    assert "Confirm your password" in got.page.text("h1")
    got = browser.post(f"{TOTP}remove/", follow=False)
    assert "Confirm your password" in got.page.text("h1") and factors(index).totp
    long_ago(index, minutes=-3)
    browser.open(f"{TOTP}remove/")
    got = browser.submit(action=f"{TOTP}remove/")
    assert "is removed" in got.text and not factors(index).any
    browser.open(TWO_FACTOR)
    got = browser.post(f"{TOTP}remove/")
    assert "no authentication app to remove" in got.text


def test_a_key_is_added_by_a_script(index, browser):
    get_ready(browser)
    page = browser.open(KEY)
    assert any(script.attributes["src"].endswith("/webauthn.js") for script in page.page.all("script"))
    assert "script-src 'self'" in page.headers["content-security-policy"]
    assert "connect-src 'self'" in page.headers["content-security-policy"]
    add_key(browser)
    got = browser.open(TWO_FACTOR)
    assert "blue" in got.text and "Not used yet" in got.text
    assert [key.label for key in factors(index).keys] == ["blue"]


def test_what_is_wrong_with_a_key_is_told_to_the_script(index, browser):
    get_ready(browser)
    add_key(browser, "blue")
    key = Authenticator(ORIGIN)
    browser.open(KEY)
    for label, changes, sentence in (
        ("", {}, "Give the key a name of 1 to 64 characters."),
        ("blue", {}, "You have a key called 'blue' already. Choose another name."),
        (
            "red",
            {"origin": "https://evil.test"},
            "The security key could not be added. Try again, or take another one.",
        ),
    ):
        answer = written(key.make(ask(browser, f"{KEY}options"), **changes))
        said = ask(browser, f"{KEY}validate", label=label, credential=answer)
        assert said == {"fail": {"errors": [sentence]}}
    said = ask(browser, f"{KEY}validate", label="red", credential=answer)
    assert said == {"fail": {"errors": ["Your browser took too long. Try again."]}}, "a challenge counts once"


def test_a_script_of_another_site_adds_no_key(index, browser):
    get_ready(browser)
    browser.open(KEY)
    answer = written(Authenticator(ORIGIN).make(ask(browser, f"{KEY}options")))
    got = browser.post(f"{KEY}validate", follow=False, label="red", credential=answer, csrf_token="x")
    assert got.status == 403 and not factors(index).keys


def test_keys_are_bound_to_the_address_that_the_operator_wrote_down(index_with):
    index = index_with(SITE__URL="https://packages.example.org")
    browser = signed_in(index, index.user("ada", verified=True))
    get_ready(browser)
    options = ask(browser, f"{KEY}options")
    assert options["rp"]["id"] == "packages.example.org"
    here = Authenticator(ORIGIN).make(options)
    assert "fail" in ask(browser, f"{KEY}validate", label="red", credential=written(here))
    there = Authenticator("https://packages.example.org").make(ask(browser, f"{KEY}options"))
    assert "success" in ask(browser, f"{KEY}validate", label="red", credential=written(there))


def test_nobody_is_asked_for_a_key_at_the_address_of_a_machine(browser):
    get_ready(browser)
    got = browser.get(KEY, HTTP_HOST="192.0.2.7:8080")
    assert "Browsers make no keys for 192.0.2.7" in got.text and "data-security-key" not in got.text


def test_who_tries_the_index_out_is_led_to_a_name_that_keys_can_be_made_for(browser):
    get_ready(browser)
    page = browser.get(KEY, HTTP_HOST="127.0.0.1:8080").page
    assert f"http://localhost:8080{KEY}" in {element.attributes["href"] for element in page.all("a")}
    assert "localhost" not in browser.get(KEY, HTTP_HOST="192.0.2.1").text


def test_a_key_is_removed_by_typing_its_name(index, browser):
    get_ready(browser)
    add_key(browser)
    (key,) = factors(index).keys
    remove = f"{KEY}{key.id}/remove/"
    browser.open(TWO_FACTOR)
    got = browser.submit(action=remove, confirm_label="red")
    assert "Type &#39;blue&#39; to remove" in got.text and factors(index).keys
    got = browser.submit(action=remove, confirm_label="blue")
    assert "The security key is removed." in got.text and not factors(index).keys


def test_a_key_that_is_not_there_cannot_be_removed(browser):
    get_ready(browser)
    add_app(browser)
    for key_id in ("x", str(uuid.UUID(int=1)), "%00"):
        got = browser.post(f"{KEY}{key_id}/remove/", confirm_label="blue")
        assert got.status == 200 and "There is no such security key" in got.text


def test_where_a_factor_is_required_the_only_one_has_no_button_to_remove_it(index_with):
    index = index_with(ACCESS__REQUIRE_SECOND_FACTOR="true")
    browser = signed_in(index, index.user("ada", verified=True))
    assert "This index asks everybody for one" in browser.open(TWO_FACTOR).text
    get_ready(browser)
    add_key(browser)
    got = browser.open(TWO_FACTOR)
    assert "/remove/" not in got.text and "cannot be removed" in got.text
    (key,) = factors(index).keys
    got = browser.post(f"{KEY}{key.id}/remove/", confirm_label="blue")
    assert "This is your last second factor" in got.text and factors(index).keys
    add_app(browser)
    assert browser.open(TWO_FACTOR).text.count("/remove/") == 2


def test_a_name_is_never_markup(browser):
    get_ready(browser)
    add_key(browser, '"><script>alert(1)</script>')
    assert "<script>alert" not in browser.open(TWO_FACTOR).text


def test_the_address_on_printed_things_leads_here(browser):
    assert browser.get("/2fa/").leads_to == TWO_FACTOR


def test_the_page_costs_the_same_however_many_keys_there_are(index, browser):
    get_ready(browser)
    counts = []
    for label in ("a", "b", "c"):
        add_key(browser, label)
        seen: list[str] = []
        engine = index.tools.database.engine

        def note(connection, cursor, statement, *rest, seen=seen):
            seen.append(statement)

        event.listen(engine, "before_cursor_execute", note)
        browser.open(TWO_FACTOR)
        event.remove(engine, "before_cursor_execute", note)
        counts.append(len(seen))
    assert counts[0] == counts[1] == counts[2]


def test_on_a_public_index_who_sets_one_up_publishes(index_with):
    index = index_with(PROFILE="public", SITE__URL="http://index.test")
    ada = index.user("ada", verified=True)
    refused = index.upload(wheel("demo", "1.0"), by=ada)
    assert refused.status == 403 and "does not have two-factor authentication enabled" in refused.reason
    assert TWO_FACTOR in refused.reason
    browser = signed_in(index, ada)
    get_ready(browser)
    add_key(browser)
    assert index.upload(wheel("demo", "1.0"), by=ada).status == 200
