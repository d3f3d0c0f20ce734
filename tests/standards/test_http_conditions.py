"""Conditional requests: tables after RFC 9110 section 13."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from warehouse.standards.http import (
    Verdict,
    format_http_date,
    is_same_range_base,
    judge,
    not_modified,
    parse_http_date,
)

PROCEED, NOT_MODIFIED, FAILED = Verdict.PROCEED, Verdict.NOT_MODIFIED, Verdict.PRECONDITION_FAILED
MODIFIED_AT = 784111777
BEFORE, THEN, AFTER = (format_http_date(MODIFIED_AT + offset) for offset in (-1, 0, 1))


@pytest.mark.parametrize(
    ("known", "etag", "expected"),
    [
        ('"a"', '"a"', True),
        ('W/"a"', '"a"', True),
        ('"a"', 'W/"a"', True),
        ('W/"a"', 'W/"a"', True),
        ('"b"', '"a"', False),
        ('"b", "a"', '"a"', True),
        ('"b",W/"a" , "c"', '"a"', True),
        ('"a,b"', '"a,b"', True),
        ('"a,b"', '"a"', False),
        ("*", '"a"', True),
        (" * ", '"a"', True),
        ("*", None, True),
        ('"a"', None, False),
        ("", '"a"', False),
        ("a", '"a"', False),
        ('"a', '"a"', False),
        ('a", "b"', '", "', False),
        ('w/"b" "a"', '"a"', True),
        ('""', '""', True),
    ],
)
def test_if_none_match_compares_weakly_with_each_of_its_list(known, etag, expected):
    assert not_modified({"if-none-match": known}, etag) is expected


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, False),
        ({"if-modified-since": THEN}, True),
        ({"if-modified-since": AFTER}, True),
        ({"if-modified-since": BEFORE}, False),
        ({"if-modified-since": "yesterday"}, False),
        ({"if-modified-since": THEN, "if-none-match": '"b"'}, False),
        ({"if-modified-since": BEFORE, "if-none-match": '"a"'}, True),
    ],
)
def test_if_modified_since_counts_where_no_etag_is_given(headers, expected):
    assert not_modified(headers, '"a"', MODIFIED_AT) is expected


def test_if_modified_since_says_nothing_about_what_has_no_date():
    assert not not_modified({"if-modified-since": AFTER}, '"a"')
    assert judge({"if-unmodified-since": BEFORE}, etag='"a"') is PROCEED


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, PROCEED),
        ({"if-match": '"a"'}, PROCEED),
        ({"if-match": '"b", "a"'}, PROCEED),
        ({"if-match": "*"}, PROCEED),
        ({"if-match": '"b"'}, FAILED),
        ({"if-match": 'W/"a"'}, FAILED),
        ({"if-match": "malformed"}, FAILED),
        ({"if-unmodified-since": THEN}, PROCEED),
        ({"if-unmodified-since": AFTER}, PROCEED),
        ({"if-unmodified-since": BEFORE}, FAILED),
        ({"if-unmodified-since": "malformed"}, PROCEED),
        # If-Match takes the place of If-Unmodified-Since.
        ({"if-match": '"a"', "if-unmodified-since": BEFORE}, PROCEED),
        ({"if-match": '"b"', "if-unmodified-since": THEN}, FAILED),
        # Then come If-None-Match, or else If-Modified-Since.
        ({"if-match": '"b"', "if-none-match": '"a"'}, FAILED),
        ({"if-match": '"a"', "if-none-match": '"a"'}, NOT_MODIFIED),
        ({"if-unmodified-since": BEFORE, "if-modified-since": THEN}, FAILED),
        ({"if-unmodified-since": THEN, "if-modified-since": THEN}, NOT_MODIFIED),
        ({"if-none-match": '"a"'}, NOT_MODIFIED),
        ({"if-none-match": '"b"', "if-modified-since": THEN}, PROCEED),
    ],
)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_reading_judges_conditions_in_their_order(headers, expected, method):
    assert judge(headers, method=method, etag='"a"', modified_at=MODIFIED_AT) is expected


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"if-none-match": '"a"'}, FAILED),
        ({"if-none-match": "*"}, FAILED),
        ({"if-none-match": '"b"'}, PROCEED),
        ({"if-modified-since": THEN}, PROCEED),
        ({"if-match": '"a"'}, PROCEED),
        ({"if-match": '"b"'}, FAILED),
    ],
)
def test_writing_fails_where_reading_would_not_be_modified_and_ignores_if_modified_since(headers, expected):
    assert judge(headers, method="PUT", etag='"a"', modified_at=MODIFIED_AT) is expected


def test_a_weak_etag_never_matches_strongly():
    assert judge({"if-match": 'W/"a"'}, etag='W/"a"') is FAILED
    assert judge({"if-match": '"a"'}, etag=None) is FAILED


@pytest.mark.parametrize(
    ("base", "expected"),
    [
        (None, True),
        ('"a"', True),
        ('W/"a"', False),
        ('"b"', False),
        (THEN, True),
        (AFTER, False),
        (BEFORE, False),
        ("malformed", False),
        ("*", False),
    ],
)
def test_if_range_wants_the_very_same_file(base, expected):
    headers = {} if base is None else {"if-range": base}
    assert is_same_range_base(headers, '"a"', MODIFIED_AT) is expected


def test_if_range_never_matches_a_weak_etag_or_an_unknown_date():
    assert not is_same_range_base({"if-range": 'W/"a"'}, 'W/"a"')
    assert not is_same_range_base({"if-range": "malformed"}, '"a"', None)


@pytest.mark.parametrize(
    "text",
    [
        "Sun, 06 Nov 1994 08:49:37 GMT",
        "Sunday, 06-Nov-94 08:49:37 GMT",
        "Sun Nov  6 08:49:37 1994",
        " Sun, 06 Nov 1994 08:49:37 GMT ",
    ],
)
def test_all_three_forms_of_a_date_are_read(text):
    assert parse_http_date(text) == MODIFIED_AT


@pytest.mark.parametrize(
    "text",
    [
        "",
        "0",
        "Sun, 06 Nov 1994 08:49:37",
        "Sun, 06 Nov 1994 08:49:37 UTC",
        "Sun, 06 Nov 1994 08:49:37 +0000",
        "Sun, 6 Nov 1994 08:49:37 GMT",
        "Sun, 31 Feb 1994 08:49:37 GMT",
        "Sun, 06 Nov 1994 24:49:37 GMT",
        "Sun, 06 Nov 1994 08:49:61 GMT",
        "Sun, 06 Nov 0000 08:49:37 GMT",
        "sun, 06 nov 1994 08:49:37 gmt",
        "Sun, ٠٦ Nov 1994 08:49:37 GMT",
        "1994-11-06T08:49:37Z",
    ],
)
def test_what_is_no_date_is_none(text):
    assert parse_http_date(text) is None


def test_a_leap_second_is_a_date():
    assert parse_http_date("Sat, 31 Dec 2016 23:59:60 GMT") == parse_http_date("Sat, 31 Dec 2016 23:59:59 GMT")


def test_two_digits_of_a_year_are_taken_for_the_nearest_century():
    assert parse_http_date("Wednesday, 01-Jan-25 00:00:00 GMT") == parse_http_date("Wed, 01 Jan 2025 00:00:00 GMT")


def test_dates_are_written_in_the_preferred_form_whatever_their_zone():
    moment = datetime(1994, 11, 6, 9, 49, 37, 999999, timezone(timedelta(hours=1)))
    assert format_http_date(moment) == format_http_date(MODIFIED_AT) == "Sun, 06 Nov 1994 08:49:37 GMT"
    with pytest.raises(ValueError, match="time zone"):
        format_http_date(datetime(1994, 11, 6))


@given(st.datetimes(min_value=datetime(1000, 1, 1), timezones=st.just(UTC)))
def test_a_date_that_was_written_is_read_back(moment):
    assert parse_http_date(format_http_date(moment)) == int(
        (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(seconds=1)
    )


@given(st.text())
def test_no_header_makes_a_condition_fail_to_be_judged(text):
    names = ("if-match", "if-none-match", "if-modified-since", "if-unmodified-since", "if-range")
    for name in names:
        assert judge({name: text}, etag='"a"', modified_at=MODIFIED_AT) in Verdict
    assert is_same_range_base({"if-range": text}, '"a"', MODIFIED_AT) in (True, False)
