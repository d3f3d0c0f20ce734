"""Each encoding of a page: the same page under a validator of its own, made when somebody first asks for it."""

from __future__ import annotations

import gzip
import hashlib
import sys
from base64 import b64encode
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.builders import wheel
from tests.index import JSON
from warehouse.api import pages
from warehouse.server.reply import Ready

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

DECODE: dict[str, Callable[[bytes], bytes]] = {
    "identity": bytes,
    "gzip": gzip.decompress,
    "zstd": zstd.decompress,
}
PATHS = ["/simple/demo/", "/pypi/demo/json", "/simple/"]


@pytest.fixture
def demo(index):
    """An index with a few projects."""
    ada = index.user("ada")
    for number in range(6):
        index.upload(wheel("demo", f"{number}.0"), by=ada)
        index.upload(wheel(f"another-{number}", "1.0"), by=ada)
    return index


def field(answer: Ready, name: str) -> str | None:
    lines = (line.partition(": ") for line in answer.head.decode("latin-1").splitlines())
    return next((value for key, _, value in lines if key.lower() == name), None)


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("accept", [JSON, "text/html"])
def test_every_encoding_is_the_same_page_under_its_own_validator(demo, path, accept):
    plain = demo.get(path, accept=accept)
    offered = ("identity", "gzip") if path == "/simple/" else ("identity", "gzip", "zstd")
    validators: list[str] = []
    for encoding in offered:
        sent = demo.get(path, accept=accept, accept_encoding=encoding)
        assert field(sent, "content-encoding") == (None if encoding == "identity" else encoding)
        assert DECODE[encoding](sent.body) == plain.body
        etag = field(sent, "etag")
        if path != "/simple/":  # of which nobody digests 40 MB after each change
            digest = b64encode(hashlib.md5(sent.body).digest()).decode().rstrip("=")
            assert etag == f'"{digest}"'
        validators.append(etag)
        assert "Accept-Encoding" in field(sent, "vary")
        unchanged = demo.get(path, accept=accept, accept_encoding=encoding, if_none_match=etag)
        assert (unchanged.status, unchanged.body) == (304, b"")
        assert field(unchanged, "etag") == etag
        assert field(unchanged, "vary") == field(sent, "vary")
        assert field(unchanged, "cache-control") == field(sent, "cache-control")
    assert len(set(validators)) == len(offered)


def test_a_validator_of_one_encoding_says_nothing_of_another(demo):
    packed = demo.get("/simple/demo/", accept=JSON, accept_encoding="gzip")
    asked = demo.get("/simple/demo/", accept=JSON, accept_encoding="zstd", if_none_match=field(packed, "etag"))
    assert (asked.status, field(asked, "content-encoding")) == (200, "zstd")


def test_zstd_comes_before_gzip_where_both_are_welcome(demo):
    assert field(demo.get("/simple/demo/", accept_encoding="gzip, deflate, br, zstd"), "content-encoding") == "zstd"
    assert field(demo.get("/simple/", accept_encoding="gzip, deflate, br, zstd"), "content-encoding") == "gzip"
    assert field(demo.get("/simple/", accept_encoding="zstd"), "content-encoding") is None


def test_nothing_is_made_that_nobody_asked_for(demo, monkeypatch):
    made: list[str] = []
    compress = pages.compress
    monkeypatch.setattr(pages, "compress", lambda body, coding: made.append(coding) or compress(body, coding))
    first = demo.get("/simple/demo/", accept=JSON, accept_encoding="gzip")
    assert demo.get("/simple/demo/", accept=JSON, accept_encoding="gzip") is first
    assert made == ["gzip"]
    demo.get("/simple/demo/", accept=JSON)
    assert made == ["gzip"]
    demo.get("/simple/demo/", accept=JSON, accept_encoding="zstd")
    assert made == ["gzip", "zstd"]


def test_each_encoding_counts_in_the_cache_and_what_nobody_asked_for_does_not(demo):
    demo.cache.clear()
    packed = demo.get("/simple/demo/", accept=JSON, accept_encoding="gzip")
    first = demo.cache.size
    plain = demo.get("/simple/demo/", accept=JSON)
    both = demo.cache.size
    assert len(packed.body) < first < len(packed.body) + 4000
    assert len(plain.body) < both - first < len(plain.body) + 2500
    assert gzip.decompress(packed.body) == plain.body
    assert demo.get("/simple/demo/", accept=JSON, accept_encoding="gzip") is packed


def test_threads_that_ask_for_different_encodings_at_once_get_the_same_page(demo):
    headers = [{"accept_encoding": encoding} for encoding in ("identity", "gzip", "zstd")]
    for _ in range(20):
        demo.cache.clear()
        with ThreadPoolExecutor(6) as crowd:
            sent = list(crowd.map(lambda each: demo.get("/simple/demo/", accept=JSON, **each), headers * 4))
        bodies = {DECODE[field(answer, "content-encoding") or "identity"](answer.body) for answer in sent}
        assert len(bodies) == 1
        assert len({id(answer) for answer in sent}) == 3
    held = demo.cache.size
    demo.cache.clear()
    for each in headers:
        demo.get("/simple/demo/", accept=JSON, **each)
    assert demo.cache.size == held


@pytest.mark.parametrize("encoding", ["gzip", "zstd", "gzip, zstd"])
def test_what_compression_would_make_longer_is_sent_as_it_is(demo, encoding):
    for path in ("/simple/nothing/", "/pypi/nothing/json", "/simple/Demo/"):
        answer = demo.get(path, accept_encoding=encoding)
        assert answer.status in (301, 404)
        assert field(answer, "content-encoding") is None
