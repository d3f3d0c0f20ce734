"""What Varnish keeps, for how long and for whom, with the VCL that we hand out and an origin that says anything."""

from __future__ import annotations

import gzip
import itertools
import threading
import time
from collections.abc import Iterator

import pytest

from tests.cdn.origin import KEPT, Answer, Origin, origin
from tests.cdn.varnish import Varnish, varnish
from tests.index import JSON
from tests.served import Response, eventually
from warehouse.infra.cdn import VarnishPurger

PIP = "application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html; q=0.1, text/html; q=0.01"
UV = "application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html;q=0.2, text/html;q=0.01"
FIREFOX = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
CHROME = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,*/*;q=0.8"
HTML = "application/vnd.pypi.simple.v1+html"

_numbers = itertools.count()


@pytest.fixture(scope="module")
def behind() -> Iterator[Origin]:
    with origin() as running:
        yield running


@pytest.fixture(scope="module")
def cache(behind: Origin, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Varnish]:
    with varnish(tmp_path_factory.mktemp("varnish"), behind.url) as running:
        yield running


@pytest.fixture
def page(behind: Origin) -> str:
    """The path of a page that may be kept for a day, and that nobody has asked for."""
    return at(behind, f"/simple/p{next(_numbers)}/", Answer(KEPT))


def at(behind: Origin, path: str, answer: Answer) -> str:
    """Put the answer there, with the path's key; the path."""
    key = path.strip("/").replace("simple/", "project/")
    behind.answers[path] = Answer({"Surrogate-Key": key, **answer.headers}, answer.status, answer.body, answer.seconds)
    return path


def was_hit(answer: Response) -> bool:
    return answer.headers["x-cache"] == "HIT"


def purge(cache: Varnish, path: str) -> None:
    VarnishPurger(cache.url).purge([path.strip("/").replace("simple/", "project/")])


def test_the_second_who_asks_is_answered_from_the_cache(cache: Varnish, behind: Origin, page: str) -> None:
    assert not was_hit(cache.get(page))
    assert was_hit(cache.get(page))
    assert was_hit(cache.get(page, "HEAD"))
    assert behind.times(page) == 1


def test_what_is_meant_for_the_cdn_does_not_reach_clients(cache: Varnish, behind: Origin) -> None:
    path = at(behind, "/simple/headers/", Answer({**KEPT, "Cache-Control": "max-age=600, public", "ETag": '"x"'}))
    for _ in range(2):
        time.sleep(1.1)  # so that it has an age
        answer = cache.get(path)
        assert not {"surrogate-control", "surrogate-key", "xkey", "age", "via"} & set(answer.headers)
        assert not [name for name in answer.headers if name.startswith("x-warehouse")]
        assert answer.headers["cache-control"] == "max-age=600, public"
    assert was_hit(answer)


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({}, 301),
        ({}, 404),
        ({"Cache-Control": "no-cache"}, 200),
        ({"Cache-Control": "no-store"}, 401),
        ({"Cache-Control": "private, no-cache"}, 200),
        ({"Cache-Control": "max-age=600, private"}, 200),
        ({"Cache-Control": "max-age=0, public"}, 200),
        ({"Cache-Control": "max-age=600, public", "Set-Cookie": "session=1"}, 200),
        ({"Cache-Control": "max-age=600, public", "Vary": "Cookie"}, 200),
        ({**KEPT, "Vary": "Accept, Authorization"}, 200),
        ({**KEPT, "Vary": "*"}, 200),
        ({**KEPT, "Set-Cookie": "session=1"}, 200),
        ({"Surrogate-Control": "max-age=0"}, 200),
    ],
)
def test_what_may_not_be_kept_is_not_kept(cache: Varnish, behind: Origin, headers: dict[str, str], status: int) -> None:
    path = at(behind, f"/simple/never-{next(_numbers)}/", Answer(headers, status))
    for time_asked in range(1, 4):
        answer = cache.get(path)
        assert (answer.status, was_hit(answer), behind.times(path)) == (status, False, time_asked)


def test_without_a_word_to_the_cdn_it_keeps_what_everybody_may(cache: Varnish, behind: Origin) -> None:
    path = at(behind, "/simple/for-a-second/", Answer({"Cache-Control": "max-age=1, public"}))
    cache.get(path)
    assert was_hit(cache.get(path))
    time.sleep(1.2)
    assert not was_hit(cache.get(path))


def test_who_says_who_they_are_gets_an_answer_of_their_own(cache: Varnish, behind: Origin, page: str) -> None:
    cache.get(page)
    for _ in range(2):
        assert not was_hit(cache.get(page, authorization="Basic X190b2tlbl9fOnB5cGktLi4u"))
    assert behind.times(page) == 3
    assert behind.asked[-1].headers["authorization"] == "Basic X190b2tlbl9fOnB5cGktLi4u"


def test_cookies_do_not_keep_pages_for_machines_from_being_kept(cache: Varnish, behind: Origin, page: str) -> None:
    for number in range(3):
        cache.get(page, cookie=f"session={number}")
    assert behind.times(page) == 1
    assert "cookie" not in behind.asked[-1].headers
    people = at(behind, "/manage/projects/", Answer({"Cache-Control": "max-age=600, public"}))
    for number in range(3):
        cache.get(people, cookie=f"session={number}")
    assert behind.times(people) == 3


def test_uploads_go_through_as_they_are(cache: Varnish, behind: Origin) -> None:
    path = at(behind, "/legacy/", Answer(KEPT))
    body = bytes(range(256)) * 20_000
    for number in (1, 2):
        assert cache.get(path, "POST", body, authorization="Basic YTpi").status == 200
        assert behind.times(path) == number
    assert behind.asked[-1].body == body


# One page, however it is asked for


@pytest.mark.parametrize(
    ("accepts", "representation"),
    [
        ([PIP, UV, JSON, f"{JSON};q=1", f"{JSON}, */*;q=0.1"], JSON),
        ([FIREFOX, CHROME, "*/*", "text/html", "", None], "text/html"),
        ([HTML, f"{HTML}, text/html;q=0.01"], HTML),
    ],
)
def test_the_many_ways_to_write_accept_are_three_representations(
    cache: Varnish, behind: Origin, accepts: list[str | None], representation: str
) -> None:
    path = at(behind, f"/simple/vary-{next(_numbers)}/", Answer({**KEPT, "Vary": "Accept, Accept-Encoding"}))
    for accept in accepts:
        cache.get(path, **({"accept": accept} if accept is not None else {}))
    assert [asked.headers["accept"] for asked in behind.asked if asked.path == path] == [representation]


@pytest.mark.parametrize(
    "accept",
    [
        f"text/html, {JSON};q=0.5",
        f"{JSON}, text/html",
        f"{JSON};q=0.1, {HTML}",
        f"{JSON};q=0",
        "application/*",
        f"{JSON}, text/html;q=0.1, {HTML}",
    ],
)
def test_what_takes_care_to_read_is_read_by_the_index(cache: Varnish, behind: Origin, accept: str) -> None:
    path = at(behind, f"/simple/careful-{next(_numbers)}/", Answer({**KEPT, "Vary": "Accept"}))
    for _ in range(2):
        assert not was_hit(cache.get(path, accept=accept))
    assert [asked.headers["accept"] for asked in behind.asked if asked.path == path] == [accept] * 2


def test_one_copy_serves_who_takes_gzip_and_who_does_not(cache: Varnish, behind: Origin) -> None:
    text = b"a page " * 100
    coded = {**KEPT, "Vary": "Accept, Accept-Encoding", "Content-Encoding": "gzip"}
    path = at(behind, "/simple/coded/", Answer(coded, body=gzip.compress(text)))
    for encoding in ("gzip", "gzip, deflate, br, zstd", "identity", "br"):
        answer = cache.get(path, accept_encoding=encoding)
        assert (gzip.decompress(answer.body) if "content-encoding" in answer.headers else answer.body) == text
    assert behind.times(path) == 1


def test_a_query_that_means_nothing_makes_no_second_page(cache: Varnish, behind: Origin, page: str) -> None:
    for query in ("", "?", "?a=1", "?utm_source=x&b"):
        cache.get(page + query)
    assert behind.times(page) == 1
    for _ in range(2):
        cache.get(f"{page}?format={JSON}")
    assert behind.times(page) == 2


# Old pages


def test_a_purged_page_is_shown_once_more_while_the_new_one_is_fetched(
    cache: Varnish, behind: Origin, page: str
) -> None:
    cache.get(page)
    behind.answers[page].body, behind.answers[page].seconds = b"new", 0.5
    purge(cache, page)
    began = time.monotonic()
    old = [cache.get(page) for _ in range(3)]
    if time.monotonic() - began < 0.4:  # the machine was quick enough to see it
        assert {answer.body for answer in old} == {b"page"}
    eventually(lambda: cache.get(page).body == b"new")
    assert behind.times(page) == 2


def test_a_page_that_has_not_changed_is_not_sent_again(cache: Varnish, behind: Origin) -> None:
    path = at(behind, "/simple/unchanged/", Answer({**KEPT, "ETag": '"x"'}))
    cache.get(path)
    purge(cache, path)
    cache.get(path)
    eventually(lambda: behind.times(path) == 2)
    assert behind.asked[-1].headers["if-none-match"] == '"x"'
    eventually(lambda: was_hit(cache.get(path)))
    purge(cache, path)  # it still has its key
    cache.get(path)
    eventually(lambda: behind.times(path) == 3)


def test_what_may_not_be_shown_old_is_waited_for(cache: Varnish, behind: Origin) -> None:
    path = at(behind, "/rss/project/demo/releases.xml", Answer({"Surrogate-Control": "max-age=9, stale-if-error=99"}))
    cache.get(path)
    behind.answers[path].body = b"new"
    VarnishPurger(cache.url).purge([path.strip("/")])
    assert cache.get(path).body == b"new"
    assert was_hit(cache.get(path))


def test_a_crowd_that_asks_for_a_page_that_is_not_there_makes_one_request(
    cache: Varnish, behind: Origin, page: str
) -> None:
    behind.answers[page].seconds = 0.3
    crowd = [threading.Thread(target=cache.get, args=(page,)) for _ in range(8)]
    for one in crowd:
        one.start()
    for one in crowd:
        one.join()
    assert behind.times(page) == 1


def test_forgetting_everything_shows_nothing_old(cache: Varnish, behind: Origin, page: str) -> None:
    cache.get(page)
    behind.answers[page].body = b"new"
    VarnishPurger(cache.url).purge_all()
    assert cache.get(page).body == b"new"


@pytest.mark.parametrize("status", [500, 502, 503])
def test_an_index_in_trouble_does_not_show_where_there_is_an_old_page(
    cache: Varnish, behind: Origin, page: str, status: int
) -> None:
    cache.get(page)
    behind.answers[page].status, behind.answers[page].body = status, b"trouble"
    purge(cache, page)
    for _ in range(5):
        answer = cache.get(page)
        assert (answer.status, answer.body) == (200, b"page")
        time.sleep(0.05)
    behind.answers[page].status, behind.answers[page].body = 200, b"well again"
    eventually(lambda: cache.get(page).body == b"well again")


def test_trouble_is_told_where_there_is_no_old_page_and_not_kept(cache: Varnish, behind: Origin, page: str) -> None:
    behind.answers[page].status = 503
    for _ in range(2):
        answer = cache.get(page)
        assert (answer.status, answer.headers["cache-control"], answer.headers["retry-after"]) == (503, "no-store", "5")
    behind.answers[page].status = 200
    assert cache.get(page).status == 200


def test_old_pages_outlive_the_index(tmp_path_factory: pytest.TempPathFactory) -> None:
    first = Origin()
    with varnish(tmp_path_factory.mktemp("varnish"), first.url) as cache:
        brief = {"Surrogate-Control": "max-age=1, stale-while-revalidate=1, stale-if-error=86400"}
        page, feed = at(first, "/simple/demo/", Answer(brief)), at(first, "/rss/updates.xml", Answer(KEPT))
        for path in (page, feed):
            cache.get(path)
        first.close()
        purge(cache, page)
        for _ in range(30):  # from the first moment, and when it is known that the index is away
            assert cache.get(page).body == cache.get(feed).body == b"page"
            time.sleep(0.1)
        missing = cache.get("/simple/other/")
        assert (missing.status, missing.headers["retry-after"]) == (503, "5")
        again = Origin(first.port)
        again.answers = {**first.answers, page: Answer(brief, body=b"new")}
        eventually(lambda: cache.get(page).body == b"new")
        again.close()


# What goes straight through


def test_everybody_waits_for_news_by_themselves(cache: Varnish, behind: Origin) -> None:
    path = at(behind, "/api/journal/", Answer({"Cache-Control": "no-cache"}))
    behind.answers[path].together = threading.Barrier(6)  # if one waited for the other, all would wait for ever
    waiting = [threading.Thread(target=cache.get, args=(f"{path}?since=5&wait=30",)) for _ in range(6)]
    for one in waiting:
        one.start()
    for one in waiting:
        one.join()
    assert behind.times(path) == 6
    assert not behind.answers[path].together.broken


def test_a_file_is_kept_and_parts_of_it_are_fetched_by_themselves(cache: Varnish, behind: Origin) -> None:
    path = at(behind, "/packages/aa/bb/demo.whl", Answer({"Cache-Control": "max-age=365000000, immutable, public"}))
    cache.get(path, range="bytes=0-1")
    assert behind.asked[-1].headers["range"] == "bytes=0-1"
    cache.get(path)
    assert was_hit(cache.get(path))
    big = at(behind, "/packages/aa/bb/big.whl", Answer(dict(behind.answers[path].headers), body=bytes(17 * 1024**2)))
    for _ in range(2):
        answer = cache.get(big)
        assert (was_hit(answer), len(answer.body)) == (False, 17 * 1024**2)


def test_a_file_that_was_removed_is_not_handed_out_once_more(cache: Varnish, behind: Origin) -> None:
    forever = {"Cache-Control": "max-age=365000000, immutable, public", "ETag": '"x"', "Surrogate-Key": "files/demo"}
    path = at(behind, "/packages/aa/bb/gone.whl", Answer(forever))
    cache.get(path)
    VarnishPurger(cache.url).purge(["files/demo"])
    assert cache.get(path).body == b"page"  # another file was the reason, and nothing is sent again
    assert behind.asked[-1].headers["if-none-match"] == '"x"'
    assert was_hit(cache.get(path))
    behind.answers[path].status = 503
    for _ in range(8):  # each time the index is asked, and what it says must not take the place of the file
        asked = behind.times(path)
        VarnishPurger(cache.url).purge(["files/demo"])
        assert cache.get(path).body == b"page"
        assert behind.times(path) > asked
    del behind.answers[path]
    assert cache.get(path).status == 404


def test_strangers_cannot_pretend_to_be_the_vcl_itself(cache: Varnish, behind: Origin, page: str) -> None:
    for header in ("X_Warehouse_Old", "X_Warehouse_Kept", "X_Warehouse_Unusual", "Warehouse_Purged"):
        answer = cache.get(page, **{header: "yes"})
        assert answer.status == 200
    assert behind.times(page) == 1
    assert "x-warehouse-old" not in behind.asked[-1].headers
