"""Which representation and encoding a client gets for the headers that real clients send, and for odd ones."""

from contextlib import suppress
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from warehouse.standards.http import BadFormat, Representation, accepted_encoding, simple_representation
from warehouse.standards.http.negotiation import ENCODINGS

HTML, V1_HTML, V1_JSON = Representation.HTML, Representation.V1_HTML, Representation.V1_JSON
V1 = "application/vnd.pypi.simple.v1"
LATEST = "application/vnd.pypi.simple.latest"


@pytest.mark.parametrize(
    ("client", "accept", "expected"),
    [
        ("pip", f"{V1}+json, {V1}+html; q=0.1, text/html; q=0.01", V1_JSON),
        ("uv", f"{V1}+json, {V1}+html;q=0.2, text/html;q=0.01", V1_JSON),
        ("old pip", "text/html", HTML),
        ("pip 22.2", f"{V1}+json, {V1}+html; q=0.1, text/html; q=0.01, */*; q=0.001", V1_JSON),
        ("poetry", f"{V1}+json, {V1}+html;q=0.2, text/html;q=0.1", V1_JSON),
        ("bandersnatch", f"{V1}+json", V1_JSON),
        ("a browser", "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8", HTML),
        ("curl", "*/*", HTML),
    ],
)
def test_clients_get_what_they_read_best(client, accept, expected):
    assert simple_representation(accept) is expected


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        (None, HTML),
        ("", HTML),
        ("application/json", HTML),
        ("image/png, text/plain", HTML),
        ("application/*", V1_HTML),
        ("text/*", HTML),
        (f"{V1}+html", V1_HTML),
        (f"{V1}+html, {V1}+json", V1_HTML),
        (f"{V1}+json, {V1}+html", V1_HTML),
        (f"{V1}+json, text/html", HTML),
        (f"text/html;q=0.9, {V1}+json", V1_JSON),
        (f"text/html;q=0, {V1}+json;q=0.001", V1_JSON),
        ("text/html;q=0", HTML),
        ("text/html;q=0, */*", V1_HTML),
        (f"text/html;q=0.1, {V1}+html;q=0.1, */*", V1_JSON),
        (f"*/*;q=0.5, {V1}+json;q=0.1", HTML),
        (f"{LATEST}+json", V1_JSON),
        (f"{LATEST}+html", V1_HTML),
        (f"{LATEST}+json;q=0.5, {V1}+html;q=0.4", V1_JSON),
        (f"{V1}+JSON", V1_JSON),
        (f"{V1}+json; charset=utf-8", V1_JSON),
        (f"  {V1}+json ;  Q=0.5 , text/html;q=0.4", V1_JSON),
        (f"{V1}+json;q=1.5, {V1}+html;q=0.1", V1_HTML),
        (f"{V1}+json;q=high", HTML),
        (f",,;;{V1}, =, {V1}+json", V1_JSON),
        ("application/vnd.pypi.simple.v2+json", HTML),
    ],
)
def test_the_best_quality_wins_then_the_order_of_the_server_and_nothing_is_refused(accept, expected):
    assert simple_representation(accept) is expected


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (f"format={V1}+json", V1_JSON),
        (f"format={quote(V1 + '+json', safe='')}", V1_JSON),
        (f"format={V1}+html", V1_HTML),
        ("format=text/html", HTML),
        ("format=text%2Fhtml", HTML),
        (f"a=b&format={LATEST}+json&c", V1_JSON),
        (f"format={LATEST}+html", V1_HTML),
    ],
)
def test_a_format_in_the_query_comes_before_the_header(query, expected):
    for accept in (None, "text/html", f"{V1}+json", f"{V1}+html"):
        assert simple_representation(accept, query) is expected


@pytest.mark.parametrize("query", ["", "a=b", "informat=x", "reformat", "formatted=text/html"])
def test_other_queries_leave_it_to_the_header(query):
    assert simple_representation(f"{V1}+json", query) is V1_JSON


@pytest.mark.parametrize(
    "query",
    [
        "format=",
        "format",
        "format=json",
        "format=*/*",
        "format=text/html;q=1",
        "format=text/html, text/html",
        "format=text/html&format=text/html",
        "format=application/vnd.pypi.simple.v2+json",
        "format=%ff%00",
    ],
)
def test_a_format_that_is_not_one_of_the_five_is_refused_and_the_five_are_named(query):
    with pytest.raises(BadFormat) as refused:
        simple_representation(f"{V1}+json", query)
    for name in ("text/html", f"{V1}+html", f"{V1}+json", f"{LATEST}+html", f"{LATEST}+json"):
        assert name in str(refused.value)


def test_a_content_type_names_the_version_and_a_form():
    assert [(each.content_type, each.form) for each in Representation] == [
        ("text/html; charset=UTF-8", "html"),
        ("application/vnd.pypi.simple.v1+html", "html"),
        ("application/vnd.pypi.simple.v1+json", "json"),
    ]


@pytest.mark.parametrize(
    ("accept_encoding", "expected"),
    [
        (None, "identity"),
        ("", "identity"),
        ("identity", "identity"),
        ("gzip", "gzip"),
        ("GZip", "gzip"),
        ("x-gzip", "gzip"),
        ("gzip, deflate", "gzip"),
        ("gzip, deflate, br", "gzip"),
        ("gzip, deflate, br, zstd", "zstd"),
        ("zstd", "zstd"),
        ("ZSTD;q=0.9, gzip;q=0.8", "zstd"),
        ("zstd;q=0.8, gzip;q=0.9", "gzip"),
        ("zstd;q=0.8, identity", "identity"),
        ("zstd, gzip, identity", "zstd"),
        ("gzip;q=0.5, identity;q=0.5", "gzip"),
        ("zstd;q=0, gzip", "gzip"),
        ("zstd;q=0", "identity"),
        ("zstd;q=0.1, *", "gzip"),
        ("zstd, *;q=0", "zstd"),
        ("zstandard", "identity"),
        ("br;q=1.0, gzip;q=0.8, *;q=0.1", "gzip"),
        ("deflate, br", "identity"),
        ("gzip;q=0", "identity"),
        ("gzip;q=0.000", "identity"),
        ("gzip ; q=0, *", "identity"),
        ("*", "gzip"),
        ("*;q=0", "identity"),
        ("*;q=0, gzip;q=0.1", "gzip"),
        ("identity, gzip;q=0.5", "identity"),
        ("identity;q=0.5, gzip", "gzip"),
        ("gzip;q=2", "identity"),
        ("gzipped", "identity"),
    ],
)
def test_what_the_client_likes_best_is_sent(accept_encoding, expected):
    assert accepted_encoding(accept_encoding) == expected


@pytest.mark.parametrize(
    ("accept_encoding", "expected"),
    [("zstd, gzip", "gzip"), ("zstd", "identity"), ("zstd, gzip;q=0.1", "gzip"), (None, "identity")],
)
def test_what_is_not_offered_is_not_sent(accept_encoding, expected):
    assert accepted_encoding(accept_encoding, ("gzip", "identity")) == expected


def test_headers_too_long_to_be_remembered_are_still_read():
    padding = "application/vnd.example.something+xml, " * 20
    assert simple_representation(padding + f"{V1}+json") is V1_JSON
    assert accepted_encoding("example-compression-level-9, " * 20 + "gzip") == "gzip"


def test_of_a_header_that_goes_on_and_on_only_the_beginning_counts():
    assert simple_representation("text/plain, " * 40 + f"{V1}+json") is HTML
    assert simple_representation(f"{V1}+json, " + "text/plain, " * 5000) is V1_JSON
    assert accepted_encoding("br, " * 40 + "gzip") == "identity"


@given(st.text(max_size=600), st.text(max_size=100))
def test_no_header_and_no_query_makes_negotiation_fail(header, query):
    assert simple_representation(header) in Representation
    assert accepted_encoding(header) in ENCODINGS
    with suppress(BadFormat):
        assert simple_representation(header, "format=" + query) in Representation
