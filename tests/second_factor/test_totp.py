"""One-time passwords, by the vectors of RFC 4226 and RFC 6238."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from warehouse.standards import totp

SECRET = b"12345678901234567890"
NOON = datetime(2026, 8, 1, 12, 0, 10, tzinfo=UTC)


RFC_4226 = ["755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583", "399871", "520489"]


@pytest.mark.parametrize(("counter", "code"), list(enumerate(RFC_4226)))
def test_the_codes_are_those_of_rfc_4226_appendix_d(counter, code):
    assert totp.code_at(SECRET, counter) == code


@pytest.mark.parametrize(
    ("seconds", "code"),
    [
        (59, "94287082"),
        (1111111109, "07081804"),
        (1111111111, "14050471"),
        (1234567890, "89005924"),
        (2000000000, "69279037"),
        (20000000000, "65353130"),
    ],
)
def test_the_codes_are_the_last_digits_of_those_in_rfc_6238_appendix_b(seconds, code):
    now = datetime.fromtimestamp(seconds, UTC)
    assert totp.code_at(SECRET, totp.step_at(now)) == code[-6:]
    assert totp.step_of(SECRET, code[-6:], now) == seconds // 30


@pytest.mark.parametrize("steps", [-1, 0, 1])
def test_a_code_of_the_step_before_or_after_is_taken(steps):
    code = totp.code_at(SECRET, totp.step_at(NOON) + steps)
    assert totp.step_of(SECRET, code, NOON) == totp.step_at(NOON) + steps


@pytest.mark.parametrize("steps", [-2, 2, -10, 10])
def test_a_code_further_away_is_not_taken_but_found_when_looked_for(steps):
    code = totp.code_at(SECRET, totp.step_at(NOON) + steps)
    assert totp.step_of(SECRET, code, NOON) is None
    assert totp.step_of(SECRET, code, NOON, around=10) == totp.step_at(NOON) + steps


@pytest.mark.parametrize("steps", [-11, 11])
def test_there_is_an_end_to_looking(steps):
    code = totp.code_at(SECRET, totp.step_at(NOON) + steps)
    assert totp.step_of(SECRET, code, NOON, around=10) is None


def test_blanks_are_ignored_wherever_they_are():
    code = totp.code_at(SECRET, totp.step_at(NOON))
    for text in (f" {code}\n", f"{code[:3]} {code[3:]}", f"{code[:3]}\u00a0\t{code[3:]}"):
        assert totp.step_of(SECRET, text, NOON) == totp.step_at(NOON)


@pytest.mark.parametrize("text", ["", " ", "12345", "1234567", "abcdef", "١٢٣٤٥٦", "12345\x00", "-12345", "0x1234"])
def test_what_is_no_code_matches_nothing(text):
    assert totp.typed(text) is None
    assert totp.step_of(SECRET, text, NOON, around=10) is None


@given(
    st.text(max_size=50), st.binary(min_size=1, max_size=40), st.datetimes(datetime(1970, 1, 1), datetime(2200, 1, 1))
)
def test_whatever_is_typed_is_judged(text, secret, now):
    found = totp.step_of(secret, text, now.replace(tzinfo=UTC))
    assert found is None or totp.code_at(secret, found) == totp.typed(text)


@given(st.binary(min_size=20, max_size=20), st.integers(0, 2**40))
def test_a_code_is_six_digits(secret, step):
    code = totp.code_at(secret, step)
    assert len(code) == 6 and code.isascii() and code.isdigit()


def test_a_secret_is_written_as_apps_take_it():
    assert totp.written(SECRET) == "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"


def test_the_address_for_apps_names_who_and_where():
    uri = urlsplit(totp.provisioning_uri(SECRET, issuer="Ada's Index & Co", username="ada"))
    assert (uri.scheme, uri.netloc, uri.path) == ("otpauth", "totp", "/Ada%27s%20Index%20%26%20Co:ada")
    assert parse_qs(uri.query) == {
        "secret": ["GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"],
        "issuer": ["Ada's Index & Co"],
        "algorithm": ["SHA1"],
        "digits": ["6"],
        "period": ["30"],
    }
    assert "+" not in uri.query  # some apps show it


def test_steps_last_thirty_seconds():
    begin = datetime(2026, 8, 1, 12, 0, 0, tzinfo=UTC)
    steps = {totp.step_at(begin + timedelta(seconds=seconds)) for seconds in range(30)}
    assert steps == {totp.step_at(begin + timedelta(seconds=30)) - 1}
