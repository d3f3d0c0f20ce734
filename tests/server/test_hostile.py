"""Requests made to confuse or to exhaust: each gets the right status and a closed connection, nobody else notices."""

from __future__ import annotations

import re
from contextlib import closing

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from warehouse.server.body import ChunkedBody
from warehouse.server.head import Heads, Malformed, read_head
from warehouse.server.limits import Limits

from .conftest import Served, everything, status_of

G = b"GET /hit HTTP/1.1\r\n"
P = b"POST /wsgi/echo HTTP/1.1\r\nHost: a\r\n"

HOSTILE = {
    "no request": (b"hello\r\n\r\n", 400),
    "only empty lines": (b"\r\n\r\n\r\n\r\n", 400),
    "no version": (b"GET /hit\r\n\r\n", 400),
    "no host": (G + b"\r\n", 400),
    "two hosts": (G + b"Host: a\r\nHost: a\r\n\r\n", 400),
    "bad host": (G + b"Host: a b\r\n\r\n", 400),
    "host with a path": (G + b"Host: a/b\r\n\r\n", 400),
    "HTTP/0.9": (b"GET /hit HTTP/0.9\r\nHost: a\r\n\r\n", 505),
    "HTTP/1.2": (b"GET /hit HTTP/1.2\r\nHost: a\r\n\r\n", 505),
    "HTTP/2.0": (b"GET /hit HTTP/2.0\r\nHost: a\r\n\r\n", 505),
    "HTTP/2 preface": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505),
    "http/1.1": (b"GET /hit http/1.1\r\nHost: a\r\n\r\n", 400),
    "TLS hello": (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", 400),
    "unknown method": (b"BREW /hit HTTP/1.1\r\nHost: a\r\n\r\n", 501),
    "lower-case method": (b"get /hit HTTP/1.1\r\nHost: a\r\n\r\n", 501),
    "method of others": (b"PROPFIND /hit HTTP/1.1\r\nHost: a\r\n\r\n", 501),
    "TRACE": (b"TRACE /hit HTTP/1.1\r\nHost: a\r\n\r\n", 405),
    "CONNECT": (b"CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n", 405),
    "star for GET": (b"GET * HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    "relative address": (b"GET hit HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    "other scheme": (b"GET ftp://a/hit HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    "somebody in the address": (b"GET http://u@a/hit HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    "fragment": (b"GET /hit#x HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    "space in address": (b"GET /hit it HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    "bare UTF-8": ("GET /hït HTTP/1.1\r\nHost: a\r\n\r\n".encode(), 400),
    "half percent": (b"GET /hit%4 HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    "percent of nothing": (b"GET /hit%zz HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    "not UTF-8": (b"GET /hit%ff HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    "overlong UTF-8": (b"GET /hit%c0%af HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    "NUL in path": (b"GET /hit%00 HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    "line end in path": (b"GET /hit%0d%0aX:y HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    "long address": (b"GET /" + b"a" * 8192 + b" HTTP/1.1\r\nHost: a\r\n\r\n", 414),
    "endless address": (b"GET /" + b"a" * 9000, 414),
    "long query": (b"GET /hit?" + b"a" * 8192 + b" HTTP/1.1\r\nHost: a\r\n\r\n", 414),
    "many fields": (G + b"Host: a\r\n" + b"X: y\r\n" * 100 + b"\r\n", 431),
    "large fields": (G + b"Host: a\r\nX: " + b"y" * 65536 + b"\r\n\r\n", 431),
    "endless fields": (G + b"Host: a\r\nX: " + b"y" * 70000, 431),
    "folded field": (G + b"Host: a\r\nX: y\r\n z\r\n\r\n", 400),
    "folded by tab": (G + b"Host: a\r\nX: y\r\n\tz\r\n\r\n", 400),
    "first field folded": (G + b" Host: a\r\n\r\n", 400),
    "space before colon": (G + b"Host : a\r\n\r\n", 400),
    "space in name": (G + b"Host: a\r\nX Y: z\r\n\r\n", 400),
    "no colon": (G + b"Host: a\r\nXY\r\n\r\n", 400),
    "no name": (G + b"Host: a\r\n: y\r\n\r\n", 400),
    "NUL in value": (G + b"Host: a\r\nX: y\0z\r\n\r\n", 400),
    "NUL in name": (G + b"Host: a\r\nX\0: y\r\n\r\n", 400),
    "control in value": (G + b"Host: a\r\nX: y\x01\r\n\r\n", 400),
    "bare CR": (G + b"Host: a\r\nX: y\rz\r\n\r\n", 400),
    "bare LF": (G + b"Host: a\r\nX: y\nZ: y\r\n\r\n", 400),
    "only LF": (b"GET /hit HTTP/1.1\nHost: a\n\nx\r\n\r\n", 400),
    "LF at the end": (b"GET /hit HTTP/1.1\r\nHost: a\r\n\nGET / HTTP/1.1\r\n\r\n", 400),
    "length and chunks": (P + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
    "chunks and length": (P + b"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n", 400),
    "two lengths": (P + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef", 400),
    "two equal lengths": (P + b"Content-Length: 5\r\nContent-Length: 5\r\n\r\nabcde", 400),
    "list of lengths": (P + b"Content-Length: 5, 5\r\n\r\nabcde", 400),
    "signed length": (P + b"Content-Length: +5\r\n\r\nabcde", 400),
    "negative length": (P + b"Content-Length: -5\r\n\r\nabcde", 400),
    "hexadecimal length": (P + b"Content-Length: 0x5\r\n\r\nabcde", 400),
    "empty length": (P + b"Content-Length:\r\n\r\n", 400),
    "enormous length": (P + b"Content-Length: 99999999999999999999999\r\n\r\n", 400),
    "length of a petabyte": (P + b"Content-Length: 1125899906842624\r\n\r\n", 413),
    "underscored length beside chunks": (P + b"Content_Length: 5\r\nTransfer-Encoding: chunked\r\n\r\nz\r\n", 400),
    "two codings": (P + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
    "identity": (P + b"Transfer-Encoding: identity\r\n\r\n", 400),
    "xchunked": (P + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n", 400),
    "chunked not last": (P + b"Transfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n", 400),
    "gzip, chunked": (P + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", 501),
    "vertical tab in coding": (P + b"Transfer-Encoding: \x0bchunked\r\n\r\n0\r\n\r\n", 400),
    "chunks in HTTP/1.0": (b"POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
    "chunk size not a number": (P + b"Transfer-Encoding: chunked\r\n\r\nxyz\r\nabc\r\n0\r\n\r\n", 400),
    "chunk size signed": (P + b"Transfer-Encoding: chunked\r\n\r\n+3\r\nabc\r\n0\r\n\r\n", 400),
    "chunk size 0x": (P + b"Transfer-Encoding: chunked\r\n\r\n0x3\r\nabc\r\n0\r\n\r\n", 400),
    "chunk size overflow": (P + b"Transfer-Encoding: chunked\r\n\r\nffffffffffffffff3\r\nabc\r\n0\r\n\r\n", 400),
    "chunk ended by LF": (P + b"Transfer-Encoding: chunked\r\n\r\n3\nabc\n0\n\n", 400),
    "chunk longer than said": (P + b"Transfer-Encoding: chunked\r\n\r\n3\r\nabcd\r\n0\r\n\r\n", 400),
    "more framing than body": (P + b"Transfer-Encoding: chunked\r\n\r\n" + b"1;aaaaaaaaaaaaaaa\r\nx\r\n" * 5000, 400),
    "endless trailers": (P + b"Transfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n" + b"X: y\r\n" * 5000, 400),
    "body too large": (P + b"Content-Length: 1048577\r\n\r\n", 413),
    "chunked body too large": (
        P + b"Transfer-Encoding: chunked\r\n\r\n" + (b"10000\r\n" + b"x" * 65536 + b"\r\n") * 17 + b"0\r\n\r\n",
        413,
    ),
    "unmeetable expectation": (P + b"Content-Length: 0\r\nExpect: 200-ok\r\n\r\n", 417),
}


@pytest.fixture(scope="module")
def shared_server(tmp_path_factory):
    from warehouse.server.worker import serving

    from .conftest import PathSite

    site = PathSite(tmp_path_factory.mktemp("files"))
    with serving(site, Limits(tick=0.02, linger=0.02, grace=1.0)) as running:
        yield Served(running, site)


@pytest.mark.parametrize("name", HOSTILE)
def test_it_is_refused_with_one_sentence_and_the_connection_is_closed(shared_server: Served, name: str) -> None:
    request, expected = HOSTILE[name]
    before = shared_server.running.stats.broken
    with closing(shared_server.connect()) as sock:
        sock.sendall(request)
        answer = everything(sock, 3)
    assert status_of(answer) == expected
    assert len(re.findall(rb"HTTP/1\.1 \d{3} ", answer)) == 1, "there was a second answer"
    head, _, body = answer.partition(b"\r\n\r\n")
    assert b"\r\nConnection: close" in head
    assert b"\r\nContent-Type: text/plain" in head
    assert re.fullmatch(rb"[A-Z][^\n]*\.\n", body)
    assert shared_server.running.stats.broken == before


@pytest.mark.parametrize(
    "request_",
    [
        G + b"Host: a\r\nX_Forwarded_For: 6.6.6.6\r\nX-Forwarded_For: 6.6.6.6\r\nConnection: close\r\n\r\n",
        G + b"Host:\r\nConnection: close\r\n\r\n",
        G + b"Host: [::1]:80\r\nConnection: close\r\n\r\n",
        G + b"hOST:\ta \r\nConnection: Upgrade, close\r\nUpgrade: h2c\r\n\r\n",
        b"\r\n" + G + b"Host: a\r\nConnection: close\r\n\r\n",
        G + b"Host: a\r\nX: \xe9\xff\r\nConnection: close\r\n\r\n",
        b"GET /h%69t?x=%zz&y HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
    ],
)
def test_what_is_merely_unusual_is_answered(shared_server: Served, request_: bytes) -> None:
    with closing(shared_server.connect()) as sock:
        sock.sendall(request_)
        assert status_of(everything(sock, 3)) == 200


def test_nothing_behind_a_chunked_body_is_taken_for_a_request(shared_server: Served) -> None:
    body = b"Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"
    with closing(shared_server.connect()) as sock:
        sock.sendall(P + body + G + b"Host: a\r\n\r\n")
        answer = everything(sock, 3)
    assert answer.count(b"HTTP/1.1 ") == 1
    assert answer.endswith(b"\r\n\r\nabc")
    assert b"\r\nConnection: close\r\n" in answer


def test_names_with_underscores_never_reach_the_application(shared_server: Served) -> None:
    answer = shared_server.get("/wsgi/environ", "X_Real_IP: 6.6.6.6", "Proxy: http://evil", "X-Fine: 1")
    assert b"6.6.6.6" not in answer
    assert b"HTTP_PROXY" not in answer
    assert b"\nHTTP_X_FINE=1\n" in answer


def test_remembered_fields_say_the_same_as_read_ones() -> None:
    heads = Heads(Limits())
    fields = b"Host: a\r\nAccept: x\r\n\r\n"
    first = heads.read(b"GET /one HTTP/1.1\r\n" + fields)
    again = heads.read(b"GET /two/~(x)@1.0 HTTP/1.1\r\n" + fields)
    assert first[0] == ("GET", "/one", "")
    assert again[0] == ("GET", "/two/~(x)@1.0", "")
    assert again[1] is first[1]
    assert first[1].headers == {"host": "a", "accept": "x"}
    assert heads.read(b"HEAD /one?q HTTP/1.1\r\n" + fields)[0] == ("HEAD", "/one", "q")
    assert heads.read(b"GET /one HTTP/1.0\r\n" + fields)[1].keep_alive is False
    for line in (b"GET /%zz HTTP/1.1\r\n", b"GET / HTTP/1.1 \r\n", b"GET  / HTTP/1.1\r\n", b"GET /\t HTTP/1.1\r\n"):
        with pytest.raises(Malformed):
            heads.read(line + fields)


def test_only_one_whole_request_is_recalled() -> None:
    heads = Heads(Limits())
    request = b"GET /one HTTP/1.1\r\nHost: a\r\n\r\n"
    assert heads.recall(request) is None
    heads.read(request)
    assert heads.recall(request) is not None
    for other in (request + request, request[:-1], request + b"\r\n", b"\r\n" + request, b"GET /a" * 1000 + request):
        assert heads.recall(other) is None


@pytest.mark.parametrize(
    "field", ["Authorization: Basic x", "Cookie: a=b", "Content-Length: 0", "Connection: close", "Range: bytes=0-1"]
)
def test_what_is_private_or_frames_a_body_is_not_remembered(field: str) -> None:
    heads = Heads(Limits())
    block = f"GET / HTTP/1.1\r\nHost: a\r\n{field}\r\n\r\n".encode()
    assert heads.read(block)[1] is not heads.read(block)[1]


def test_what_is_remembered_is_bounded() -> None:
    heads = Heads(Limits())
    for number in range(3000):
        heads.read(b"GET / HTTP/1.1\r\nHost: a\r\nX: %d\r\n\r\n" % number)
        heads.read(b"GET / HTTP/1.1\r\nHost: a\r\nIf-None-Match: %d\r\n\r\n" % number)
    assert heads.remembered <= 2048


def test_heads_that_differ_every_time_displace_none_that_is_repeated() -> None:
    heads = Heads(Limits())
    repeated = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"
    heads.read(repeated)
    for number in range(3000):
        heads.read(b"GET / HTTP/1.1\r\nHost: a\r\nX: %d\r\n\r\n" % number)
        assert number % 300 or heads.recall(repeated) is not None


def test_conditional_heads_that_differ_displace_none_that_is_repeated() -> None:
    heads = Heads(Limits())
    plain, conditional = b"GET / HTTP/1.1\r\nHost: a\r\n", b'If-None-Match: "%d"\r\n'
    heads.read(plain + conditional % 0 + b"\r\n")
    for number in range(2000):
        assert heads.recall(plain + conditional % number + b"\r\n") is not None
    for number in range(3000):
        heads.read(plain + b"X: %d\r\n\r\n" % number)
        assert number % 300 or heads.recall(plain + conditional % (5000 + number) + b"\r\n") is not None


def test_validators_take_no_place_from_others() -> None:
    heads = Heads(Limits())
    for number in range(100):
        block = b'GET /%d HTTP/1.1\r\nHost: a\r\nIf-None-Match: "%d"\r\nAccept: x\r\n\r\n' % (number, number)
        line, frame = heads.read(block)
        assert line == ("GET", f"/{number}", "")
        assert frame.headers == {"host": "a", "if-none-match": f'"{number}"', "accept": "x"}
        recalled = heads.recall(block)
        assert recalled is not None and recalled[1].headers == frame.headers
    assert "if-none-match" not in heads.read(b"GET / HTTP/1.1\r\nHost: a\r\nAccept: x\r\n\r\n")[1].headers


@pytest.mark.parametrize(
    "fields",
    [
        b'Host: a\r\nIf-None-Match: "1"\r\n\r\n',
        b'IF-NONE-MATCH:"1"\r\nHost: a\r\n\r\n',
        b'Host: a\r\nif-none-match:\t W/"1", "2"\r\n\r\n',
        b"Host: a\r\nIf-None-Match: *\r\n\r\n",
        b'Host: a\r\nIf-None-Match: "1" \r\n\r\n',
        b"Host: a\r\nIf-None-Match:\r\n\r\n",
        b'Host: a\r\nIf-None-Match: "1"\r\nIf-None-Match: "2"\r\n\r\n',
        b'Host: a\r\nX-If-None-Match: "1"\r\n\r\n',
        b'Host: a\r\nX: If-None-Match: "1"\r\n\r\n',
    ],
)
def test_a_condition_is_cut_out_and_says_what_it_says_when_read(fields: bytes) -> None:
    heads = Heads(Limits())
    block = b"GET /one HTTP/1.1\r\n" + fields
    heads.read(b"GET /one HTTP/1.1\r\nHost: a\r\n\r\n")
    read = read_head(block, Limits())
    for _ in range(2):
        line, frame = heads.read(block)
        assert line == read[0]
        assert frame.headers == read[1].headers


@pytest.mark.parametrize(
    "rest",
    [
        b'Host: a\r\n\r\nIf-None-Match: "1"\r\n',
        b'Host: a\r\nIf-None-Match: "1"\r\n',
        b'Host: a\r\nIf-None-Match: "1"\r\n b\r\n\r\n',
        b'Host: a\r\nIf-None-Match: "1"\n\r\n',
        b'Host: a\r\nIf-None-Match: "1"\0\r\n\r\n',
        b'Host: a\r\nIf-None-Match: "1"\r\n\r\nGET / HTTP/1.1\r\n\r\n',
        b'Host: a\nIf-None-Match: "1"\r\n\r\n',
        b'Hos\nIf-None-Match: "1"\r\nt: a\r\n\r\n',
    ],
)
def test_a_condition_hides_nothing_that_is_no_head(rest: bytes) -> None:
    heads = Heads(Limits())
    heads.read(b"GET /one HTTP/1.1\r\nHost: a\r\n\r\n")
    assert heads.recall(b"GET /one HTTP/1.1\r\n" + rest) is None


PIECES = st.sampled_from(
    [
        *(
            b"GET ",
            b"POST ",
            b"HEAD ",
            b"OPTIONS ",
            b"* ",
            b"/hit ",
            b"/upload ",
            b"/wsgi/echo ",
            b"/glanced ",
            b"/%zz ",
        ),
        *(
            b"HTTP/1.1\r\n",
            b"HTTP/1.0\r\n",
            b"Host: a\r\n",
            b"Content-Length: 3\r\n",
            b"Transfer-Encoding: chunked\r\n",
        ),
        *(b"Expect: 100-continue\r\n", b"Connection: close\r\n", b"\r\n", b"\r\n\r\n", b"3\r\nabc\r\n", b"0\r\n\r\n"),
        *(b"abc", b"\0", b" ", b"\n", b"\r", b":", b"\xff", b"Upgrade: h2c\r\n", b"Connection: Upgrade\r\n"),
    ]
)
RAW = st.lists(st.one_of(PIECES, PIECES, PIECES, st.binary(max_size=20)), max_size=25).map(b"".join)


@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(RAW)
def test_any_bytes_get_valid_answers_or_nothing(shared_server: Served, data: bytes) -> None:
    _answers_are_sound(shared_server, data)


@pytest.mark.slow
@settings(max_examples=20_000, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(RAW)
def test_any_bytes_get_valid_answers_or_nothing_at_length(shared_server: Served, data: bytes) -> None:
    _answers_are_sound(shared_server, data)


def _answers_are_sound(shared_server: Served, data: bytes) -> None:
    broken = shared_server.running.stats.broken
    with closing(shared_server.connect()) as sock:
        sock.sendall(data)
        sock.shutdown(1)
        answer = everything(sock, 5)
    assert answer == b"" or answer.startswith(b"HTTP/1.1 ")
    assert shared_server.running.stats.broken == broken
    assert not [guest for guest in re.findall(rb"HTTP/1\.1 (5\d\d)", answer) if guest not in (b"501", b"505")]


@settings(max_examples=300, deadline=None)
@given(RAW)
def test_reading_a_head_gives_a_head_or_a_refusal(data: bytes) -> None:
    block = data.partition(b"\r\n\r\n")[0] + b"\r\n\r\n"
    try:
        (method, path, _), frame = read_head(block, Limits())
    except Malformed as malformed:
        assert 400 <= malformed.status < 600
    else:
        assert method.isupper()
        assert path.startswith("/") or (path == "*" and method == "OPTIONS")
        assert not (frame.chunked and frame.length)
        assert not re.search(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]|\r(?!\n)|(?<!\r)\n|\r\n[ \t]", block)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.binary(min_size=1, max_size=50), max_size=20), st.lists(st.integers(1, 40), min_size=1))
def test_chunks_say_the_same_however_they_are_cut(blocks: list[bytes], cuts: list[int]) -> None:
    wire = b"".join(b"%x\r\n%b\r\n" % (len(block), block) for block in blocks) + b"0\r\nTrailer: x\r\n\r\n"
    body, content, at, turn = ChunkedBody(), b"", 0, 0
    while at < len(wire):
        assert not body.done
        cut = cuts[turn % len(cuts)]
        content += body.take(wire[at : at + cut])[0]
        at, turn = at + cut, turn + 1
    assert body.done
    assert not body.spoiled
    assert content == b"".join(blocks)
