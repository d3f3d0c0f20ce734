"""Ranges: tables after RFC 9110 section 14, and what a file is answered with."""

from email.parser import BytesParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from warehouse.standards.http import Answer, Ask, FileSlice, file_answer, format_http_date, parse_range

SIZE = 1000
CONTENT = bytes(range(250)) * 4
ETAG = '"abc"'
OWN = [("content-type", "application/zip"), ("cache-control", "max-age=60"), ("x-pypi-file-python-version", "py3")]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("bytes=0-99", [(0, 100)]),
        ("bytes=0-0", [(0, 1)]),
        ("bytes=999-999", [(999, 1000)]),
        ("bytes=500-", [(500, 1000)]),
        ("bytes=0-", [(0, 1000)]),
        ("bytes=500-5000", [(500, 1000)]),
        ("bytes=500-9999999999999999999", [(500, 1000)]),
        ("bytes=-1", [(999, 1000)]),
        ("bytes=-1000", [(0, 1000)]),
        ("bytes=-5000", [(0, 1000)]),
        ("BYTES = 0-99", [(0, 100)]),
        ("bytes= 0-1 ,\t5-6", [(0, 2), (5, 7)]),
        ("bytes=,0-1,,", [(0, 2)]),
        ("bytes=500-600,0-99", [(500, 601), (0, 100)]),
        ("bytes=0-99,100-199", [(0, 100), (100, 200)]),
        ("bytes=0-99,2000-", [(0, 100)]),
        ("bytes=0-0,-1", [(0, 1), (999, 1000)]),
    ],
)
def test_ranges_are_read_in_their_order_and_cut_to_the_file(text, expected):
    assert parse_range(text, SIZE) == tuple(expected)


@pytest.mark.parametrize("text", ["bytes=1000-", "bytes=1000-1001", "bytes=-0", "bytes=5000-6000,-0"])
def test_ranges_outside_of_the_file_ask_for_nothing(text):
    assert parse_range(text, SIZE) == ()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "bytes",
        "bytes=",
        "bytes=,",
        "bytes=-",
        "bytes=5-1",
        "bytes=0-1,5-1",
        "bytes=a-b",
        "bytes=0-1;2-3",
        "bytes=--1",
        "bytes=+0-1",
        "bytes=0x0-1",
        "bytes=٠-٩",
        "bytes=" + "9" * 5000 + "-",
        "lines=0-1",
        "0-1",
        "bytes=0-99,99-199",
        "bytes=0-,-1",
        "bytes=" + ",".join(f"{at}-{at}" for at in range(17)),
        "bytes=" + "," * 100000,
    ],
)
def test_a_malformed_or_unreasonable_range_is_ignored(text):
    assert parse_range(text, SIZE) is None


def test_sixteen_ranges_are_served():
    assert len(parse_range("bytes=" + ",".join(f"{2 * at}-{2 * at}" for at in range(16)), SIZE) or ()) == 16


@pytest.mark.parametrize(("text", "expected"), [("bytes=0-", ()), ("bytes=-0", ()), ("bytes=-5", None)])
def test_an_empty_file_has_no_parts(text, expected):
    assert parse_range(text, 0) == expected


@given(st.from_regex(r"bytes=[-0-9, ]*", fullmatch=True), st.integers(0, 50))
def test_parts_lie_within_the_file_and_apart(text, size):
    spans = parse_range(text, size) or ()
    positions = [position for span in spans for position in range(*span)]
    assert all(span.start < span.end for span in spans)
    assert all(0 <= position < size for position in positions)
    assert len(positions) == len(set(positions))


def answer(method: str = "GET", size: int = SIZE, modified_at: int | None = None, **headers: str) -> Answer:
    ask = Ask(method, "/f", "", {name.replace("_", "-"): value for name, value in headers.items()})
    return file_answer("/f", size, ETAG, OWN, ask, modified_at=modified_at)


def sent(given_answer: Answer) -> bytes:
    pieces = given_answer.body if isinstance(given_answer.body, tuple) else (given_answer.body,)
    return b"".join(CONTENT[piece.start : piece.end] if isinstance(piece, FileSlice) else piece for piece in pieces)


@pytest.mark.parametrize("headers", [{}, {"range": "lines=1-2"}, {"range": "bytes=0-1", "if_range": '"old"'}])
def test_the_whole_file_is_answered_with_its_headers(headers):
    assert answer(**headers) == Answer(
        200, [*OWN, ("etag", ETAG), ("accept-ranges", "bytes")], FileSlice("/f", 0, SIZE)
    )


@pytest.mark.parametrize(
    ("asked", "piece", "content_range"),
    [
        ("bytes=0-99", FileSlice("/f", 0, 100), "bytes 0-99/1000"),
        ("bytes=-10", FileSlice("/f", 990, 1000), "bytes 990-999/1000"),
        ("bytes=10-", FileSlice("/f", 10, 1000), "bytes 10-999/1000"),
    ],
)
@pytest.mark.parametrize("condition", [{}, {"if_range": ETAG}, {"if_none_match": '"old"'}])
def test_a_part_is_answered_with_where_it_is(asked, piece, content_range, condition):
    expected = [*OWN, ("etag", ETAG), ("accept-ranges", "bytes"), ("content-range", content_range)]
    assert answer(range=asked, **condition) == Answer(206, expected, piece)


def test_several_parts_are_answered_in_one_body_that_mime_readers_take_apart():
    got = answer(range="bytes=500-509,0-4,-3")
    assert got.status == 206
    headers = dict(got.headers)
    assert headers.keys() == {"content-type", "cache-control", "x-pypi-file-python-version", "etag", "accept-ranges"}
    read = BytesParser().parsebytes(b"Content-Type: " + headers["content-type"].encode() + b"\r\n\r\n" + sent(got))
    parts = [(part["Content-Type"], part["Content-Range"], part.get_payload(decode=True)) for part in read.walk()][1:]
    assert parts == [
        ("application/zip", "bytes 500-509/1000", CONTENT[500:510]),
        ("application/zip", "bytes 0-4/1000", CONTENT[:5]),
        ("application/zip", "bytes 997-999/1000", CONTENT[997:]),
    ]
    assert answer(range="bytes=500-509,0-4,-3") == got, "the boundary follows from the request"


def test_a_range_outside_of_the_file_is_refused_with_its_size():
    got = answer(range="bytes=1000-")
    assert got.status == 416
    assert ("content-range", "bytes */1000") in got.headers
    assert b"1000 bytes" in sent(got)
    assert not {"etag", "cache-control"} & dict(got.headers).keys()


def test_what_the_client_has_is_not_sent_again_even_in_part():
    got = answer(if_none_match=ETAG, range="bytes=0-1")
    assert got == Answer(304, [("cache-control", "max-age=60"), ("x-pypi-file-python-version", "py3"), ("etag", ETAG)])
    assert answer(modified_at=5000, if_modified_since=format_http_date(5000)).status == 304


def test_another_file_than_was_meant_is_refused():
    assert answer(if_match='"old"').status == 412


@pytest.mark.parametrize("headers", [{}, {"range": "bytes=0-1"}, {"range": "bytes=5000-"}])
def test_head_is_answered_as_if_it_were_a_get_of_the_whole_file(headers):
    assert answer("HEAD", **headers) == answer("GET")
    assert answer("HEAD", if_none_match=ETAG).status == 304


def test_an_empty_file_is_answered_whole():
    assert answer(size=0).body == FileSlice("/f", 0, 0)
    assert answer(size=0, range="bytes=-5").status == 200
    assert answer(size=0, range="bytes=0-").status == 416
