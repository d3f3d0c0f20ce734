"""A shared cache never shows one reader what another one asked for in a way of their own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.builders import wheel
from tests.cdn.varnish import Varnish, varnish
from tests.contracts.s3_server import free_port
from tests.served import served

HOST = "packages.example"
PUBLIC = {
    "WAREHOUSE_PROFILE": "public",
    "WAREHOUSE_ACCESS__REQUIRE_SECOND_FACTOR": "false",
    "WAREHOUSE_CDN__BACKEND": "varnish",
    "WAREHOUSE_LIMITS__SEARCHES_PER_ADDRESS": "1000 per second",
}


@pytest.fixture(scope="module", params=[True, False], ids=["with site.url", "without"])
def has_address(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


@pytest.fixture(scope="module")
def cache(has_address: bool, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Varnish]:
    folder, port = tmp_path_factory.mktemp("poisoned"), free_port()
    own = {"WAREHOUSE_SITE__URL": f"http://{HOST}"} if has_address else {}
    with (
        served(folder / "index", **PUBLIC, **own, WAREHOUSE_CDN__VARNISH=f"http://127.0.0.1:{port}") as index,
        varnish(folder / "varnish", index.url, port) as running,
    ):
        index.publish(wheel("demo"))
        yield running


PATHS = ["/robots.txt", "/opensearch.xml", "/rss/updates.xml", "/sitemap.xml", "/simple/demo/", "/stats/", "/"]
PATHS += ["/project/demo/", "/project/demo/statistics/", "/user/ada/", "/help/", "/search/", "/api/search/"]

CLAIMS = {
    "another host": {"x_forwarded_host": "evil.example"},
    "another host, in a list": {"x_forwarded_host": "a.example, evil.example"},
    "https": {"x_forwarded_proto": "https"},
    "https, at the end of a list": {"x_forwarded_proto": "http,HTTPS "},
    "an address of the inside": {"x_forwarded_for": "127.0.0.1", "x_forwarded_host": "evil.example"},
}


@pytest.mark.parametrize("claim", CLAIMS.values(), ids=CLAIMS)
@pytest.mark.parametrize("path", PATHS)
def test_what_a_stranger_claims_is_shown_to_nobody_else(cache: Varnish, path: str, claim: dict[str, str]) -> None:
    # A page of its own for each claim, which nobody has asked for.
    path = f"{path}?{'&'.join(f'{name}={value}' for name, value in claim.items())}".replace(" ", "+")
    cache.get(path, host=HOST, **claim)
    shown = cache.get(path, host=HOST)
    assert shown.status == 200
    assert b"evil.example" not in shown.body
    assert f"https://{HOST}".encode() not in shown.body


COOKIES = ["_LOCALE_=de", "xflashes=1; _LOCALE_=de", "flashes=1; _LOCALE_=de", 'a="; flashes=1"; _LOCALE_=de']


@pytest.mark.parametrize("cookie", COOKIES)
@pytest.mark.parametrize("path", ["/project/demo/", "/help/", "/search/"])
def test_who_chose_a_language_chose_it_for_nobody_else(cache: Varnish, path: str, cookie: str) -> None:
    path = f"{path}?{COOKIES.index(cookie)}"
    chosen = cache.get(path, host=HOST, cookie=cookie, accept_language="en", accept="text/html")
    assert b'<html lang="de"' in chosen.body
    assert b'<html lang="en"' in cache.get(path, host=HOST, accept_language="en", accept="text/html").body
    assert b'<html lang="en"' in cache.get(path, host=HOST, accept="text/html").body


def test_no_stranger_keeps_crawlers_out(cache: Varnish, has_address: bool) -> None:
    cache.get("/robots.txt", host=HOST, x_forwarded_host="evil.example")
    cache.get("/robots.txt", host="evil.example")
    robots = cache.get("/robots.txt", host=HOST).body.decode()
    assert f"Sitemap: http://{HOST}/sitemap.xml\n" in robots
    assert ("\nDisallow: /\n" not in robots) == has_address  # without it there is no own name to be asked by
