"""A served index, and what comes over the wire from those who mean no good: every answer is one that was decided on."""

from __future__ import annotations

import re
import socket
import stat
from collections.abc import Iterator
from contextlib import closing
from urllib.parse import urlsplit

import pytest

from tests.builders import wheel
from tests.index import basic
from tests.served import Served, eventually, served, upload_request


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """An index with one file, which has said nothing of a bug when all attacks are over."""
    unlimited = {"WAREHOUSE_LIMITS__SEARCHES_PER_ADDRESS": "none", "WAREHOUSE_LIMITS__SUGGESTIONS_PER_ADDRESS": "none"}
    with served(tmp_path_factory.mktemp("attacked"), **unlimited) as index:
        index.publish(wheel("demo"), HOSTILE)
        yield index
        log = index.log.read_text()
        assert "Traceback" not in log, log
        assert '"level":"error"' not in log, log


SCRIPT = "<script>alert(1)</script>"
HOSTILE = wheel(
    "Hostile.Name",
    "1!2.0",
    summary=f'"{SCRIPT}',
    author=f"'{SCRIPT}",
    keywords=f"a,{SCRIPT}",
    license=SCRIPT,
    description=f"# {SCRIPT}\n\n[x](javascript:alert(1)) ![x](http://127.0.0.1/x.png)\n",
    description_content_type="text/markdown",
    provides_extra=["x"],
    requires_dist=["demo>=1; extra == 'x'", 'demo; platform_machine == "<script>alert(1)</script>"'],
    project_url=[f"{SCRIPT[:30]}, https://example.org/'onmouseover=alert(1)", "x, https://example.org/%22%3Cscript%3E"],
    files={f"a/{SCRIPT[:8]}.py": f"{SCRIPT}\n", "\u202e.svg": "<svg onload=alert(1)>", "x y%2f.html": SCRIPT},
)
"""What is shown on pages, as somebody writes it who would like it to be executed."""


def say(index: Served, request: bytes, *, seconds: float = 5) -> bytes:
    """Send bytes and read until the server ends the connection."""
    address = urlsplit(index.url)
    with closing(socket.create_connection((address.hostname, address.port), seconds)) as sock:
        sock.sendall(request)
        answer = b""
        while block := sock.recv(65536):
            answer += block
        return answer


def statuses(answer: bytes) -> list[int]:
    """Of every response in what was received."""
    return [int(found) for found in re.findall(rb"HTTP/1\.1 (\d{3}) [^\r]*\r\n", answer)]


INSIDE = re.compile(rb"Traceback|SELECT |/tmp/|/data/|\.py\b|psycopg|sqlalchemy", re.IGNORECASE)
"""What an answer would hold if it told of the code, the disk or the database."""

PATHS = {
    "/..%2f..%2fsecret.key": 404,
    "/packages/../../secret.key": 404,
    "/packages/%2e%2e/%2e%2e/%2e%2e/secret.key": 404,
    "/static/..%2f..%2f/site.css": 404,
    "/static/0000000000000000/..%2fsite.css": 404,
    "/simple/%252e%252e/": 404,
    "/simple/..%2f": 404,
    "/simple/%00/": 400,
    "/simple/%c0%ae%c0%ae/": 400,
    "/simple/%ed%a0%80/": 400,
    "/simple/%0d%0aSet-Cookie:x/": 400,
    "/simple/%zz/": 400,
    "/simple/?format=%FF": 400,
    "/?x=%FF": 400,
    "/?%00": 200,
    "/simple/' OR 1=1--/".replace(" ", "%20"): 404,
    "/simple/%25/": 404,
    "/simple/d%d0%b5mo/": 404,
    "/pypi/demo/1.0'%20OR%20'1'='1/json": 404,
    "/pypi/demo/%25/json": 404,
    "/pypi/demo%0a/json": 400,
    "/packages/" + "0" * 2 + "/" + "0" * 2 + "/" + "0" * 60 + "/x": 404,
    "/setup/" + "a" * 40: 404,
    "/setup/": 404,
    "/" + "a" * 9000: 414,
    "no-slash": 400,
    "*": 400,
    "ftp://a/simple/": 400,
    "http://user@a/simple/": 400,
    "http://a:99999999/": 400,
    "//evil.example/simple": 404,
    "//evil.example/..": 404,
    "///evil.example": 404,
    "/%5cevil.example": 404,
    "/simple//evil.example/": 404,
    "/_health%2f": 200,
}


@pytest.mark.parametrize("path", PATHS, ids=[path[:40] for path in PATHS])
def test_no_path_leads_where_none_was_meant_to(index: Served, path: str) -> None:
    answer = say(index, f"GET {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n".encode())
    assert statuses(answer) == [PATHS[path]]
    assert b"\r\nlocation:" not in answer.lower()
    assert not re.search(INSIDE, answer)


HOSTILE_FILE = "/project/Hostile.Name/1!2.0/files/hostile_name-1!2.0-py3-none-any.whl"
PAGES = [
    "/project/{}/",
    "/project/{}/card.png",
    "/project/{}/dependents/",
    "/project/{}/statistics/",
    "/project/{}/compare/",
    "/project/demo/{}/",
    "/project/demo/?tag={}",
    "/project/demo/compare/1.0...{}/",
    "/project/demo/compare/?old={}&new=1.0",
    "/project/demo/{}/files/demo-1.0-py3-none-any.whl/",
    "/project/demo/1.0/files/{}/",
    "/project/demo/1.0/files/{}/contents/",
    HOSTILE_FILE + "/contents/{}",
    "/project/Hostile.Name/compare/1!2.0...1!2.0/{}",
    "/search/?q={}",
    "/search/?c={}",
    "/search/?page={}&o={}",
    "/search/suggestions/?q={}",
    "/api/search/?q=demo&c={}",
    "/api/stats/{}/",
    "/api/stats/demo/?from={}",
    "/user/{}/",
    "/classifiers/{}",
    "/sitemap/?{}",
    "/locale/?locale_id={}",
    "/_/image/{}",
    "/_includes/authed/edit-project-button/{}",
    "/_includes/authed/profile-actions/{}",
    "/_includes/unauthed/{}",
]
ODD = ["", "%00", "%0d%0aX:y", "..", "...", "%2e%2e%2f", "%5cevil.example", "%2f%2fevil.example", "%ff", "%ed%a0%80"]
ODD += ["%e2%80%ae", "%22%3cscript%3ealert(1)%3c/script%3e", "9" * 3000, "-1", "%d9%a3", "%", "Hostile.Name", "1!2.0"]


@pytest.mark.parametrize("page", [*PAGES, HOSTILE_FILE + "/", "/project/Hostile.Name/", "/project/demo/dependents/"])
def test_pages_for_people_take_whatever_is_written_there(index: Served, page: str) -> None:
    for odd in ODD if "{}" in page else [""]:
        path = page.replace("{}", odd)
        answer = say(index, f"GET {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n".encode())
        assert len(found := statuses(answer)) == 1 and found[0] < 500, path
        head, _, body = answer.partition(b"\r\n\r\n")
        led = re.search(rb"\r\nlocation: ([^\r]*)", head, re.IGNORECASE)
        assert led is None or re.match(rb"/(?![/\\])", led[1]), (path, led)
        assert b"<script>alert" not in body or b"content-type: text/html" not in head.lower(), path
        assert b"\r\nx: y" not in head.lower() and not re.search(rb"Traceback|SELECT |psycopg", body), path


def test_where_a_language_leads_back_to_is_on_this_site(index: Served) -> None:
    for before in (
        "http://a//evil.example",
        "http://a/%5c%5cevil.example",
        "http://a\\@evil.example/",
        "//a///evil.example",
        "http://evil.example/",
        "javascript:alert(1)",
        "http://a:b/",
        "http://a/./\t/evil.example",
        "[",
        "\xff",
    ):
        request = f"GET /locale/?locale_id=de HTTP/1.1\r\nHost: a\r\nReferer: {before}\r\nConnection: close\r\n\r\n"
        answer = say(index, request.encode("latin-1"))
        assert statuses(answer) in ([303], [400]), before
        led = re.search(rb"\r\nlocation: ([^\r]*)", answer, re.IGNORECASE)
        assert led is None or re.match(rb"/(?![/\\])", led[1]), (before, led)


@pytest.mark.parametrize(
    "asked", ["/simple", "/simple/Demo/", "/simple/demo", "/pypi/Demo/json", "/_health", "/legacy", "http://a/_ready"]
)
@pytest.mark.parametrize("more", ["", "?next=//evil.example"])
def test_redirects_stay_on_the_host_that_was_asked(index: Served, asked: str, more: str) -> None:
    answer = say(index, f"GET {asked}{more} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n".encode())
    assert statuses(answer) == [301]
    found = re.search(rb"\r\nlocation: ([^\r]*)\r", answer, re.IGNORECASE)
    assert found is not None
    target = urlsplit(found[1].decode())
    assert target.netloc in ("", "a")
    assert target.path.startswith("/")
    assert target.query in ("", "next=//evil.example")


@pytest.mark.parametrize(
    "host",
    ["evil.example/x", "a b", 'a"><script>', "a@b", "a\x0bb", "[::1", "a,b", "`id`", "a\r\nHost: b", "$(id)", ""],
)
def test_a_host_that_is_none_gets_into_no_page(index: Served, host: str) -> None:
    answer = say(index, f"GET / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
    assert statuses(answer) == ([400] if host else [200])
    assert b"<script>" not in answer and b"id`" not in answer and b"$(id)" not in answer


NEXT = b"GET /smuggled HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
CHUNKED = b"Transfer-Encoding: chunked\r\n"
FRAMINGS: dict[str, tuple[bytes, bytes, list[int]]] = {
    "both": (b"Content-Length: 4\r\n" + CHUNKED, b"0\r\n\r\n", [400]),
    "blank before colon": (b"Transfer-Encoding : chunked\r\n", b"0\r\n\r\n", [400]),
    "another coding": (b"Transfer-Encoding: xchunked\r\n", b"0\r\n\r\n", [400]),
    "vertical tab": (b"Transfer-Encoding: \x0bchunked\r\n", b"0\r\n\r\n", [400]),
    "identity": (b"Transfer-Encoding: identity\r\n", b"", [400]),
    "two codings": (CHUNKED + b"Transfer-Encoding: identity\r\n", b"0\r\n\r\n", [400]),
    "two lengths": (b"Content-Length: 5\r\nContent-Length: 5\r\n", b"aaaaa", [400]),
    "a list of lengths": (b"Content-Length: 5, 5\r\n", b"aaaaa", [400]),
    "plus": (b"Content-Length: +5\r\n", b"aaaaa", [400]),
    "minus zero": (b"Content-Length: -0\r\n", b"", [400]),
    "hexadecimal": (b"Content-Length: 0x5\r\n", b"aaaaa", [400]),
    "no length": (b"Content-Length: \r\n", b"", [400]),
    "too many digits": (b"Content-Length: 99999999999999999999\r\n", b"", [400]),
    "folded": (b"X: a\r\n Content-Length: 5\r\n", b"aaaaa", [400]),
    "bare line feed": (b"X: a\nContent-Length: 5\r\n", b"aaaaa", [400]),
    "bare carriage return": (b"X: a\rContent-Length: 5\r\n", b"aaaaa", [400]),
    "null": (b"X: a\0b\r\n", b"", [400]),
    "two hosts": (b"Host: b\r\n", b"", [400]),
    "chunks end in line feeds": (CHUNKED, b"5\naaaaa\n0\n\n", [400]),
    "a negative chunk": (CHUNKED, b"-5\r\naaaaa\r\n0\r\n\r\n", [400]),
    "a chunk beyond 64 bits": (CHUNKED, b"fffffffffffffffff5\r\naaaaa\r\n0\r\n\r\n", [400]),
    "a chunk longer than it says": (CHUNKED, b"5\r\naaaaaXX0\r\n\r\n", [400]),
    # What follows cannot be told apart from the body, or can: one answer, or two.
    "behind chunks": (CHUNKED, b"5;a=b\r\naaaaa\r\n0\r\n\r\n", [404]),
    "a name with underscore": (b"Transfer_Encoding: chunked\r\nContent-Length: 5\r\n", b"0\r\n\r\n", [404, 404]),
    "upgrade": (b"Connection: Upgrade\r\nUpgrade: h2c\r\nContent-Length: 5\r\n", b"aaaaa", [404, 404]),
    "a length": (b"Content-Length: 5\r\n", b"aaaaa", [404, 404]),
}


@pytest.mark.parametrize("framing", FRAMINGS)
def test_no_request_is_smuggled_behind_another(index: Served, framing: str) -> None:
    fields, body, expected = FRAMINGS[framing]
    answer = say(index, b"POST /setup/x HTTP/1.1\r\nHost: a\r\n" + fields + b"\r\n" + body + NEXT)
    assert statuses(answer) == expected


RANGES = {
    "bytes=0-0": 206,
    "bytes=0-1,3-4": 206,
    "bytes=0-,0-,0-,0-": 200,
    "bytes=0-5,3-9": 200,
    "bytes=" + ",".join(f"{place}-{place}" for place in range(0, 400, 2)): 200,
    "bytes=" + "0-0," * 15_000: 200,
    "bytes=5-2": 200,
    "bytes=,,,": 200,
    "bytes=9999999999999999999999-": 200,
    "bytes=999999999-": 416,
    "bytes=-0": 416,
    "lines=1-2": 200,
}


@pytest.mark.parametrize("asked", RANGES, ids=[asked[:30] for asked in RANGES])
def test_ranges_never_make_an_answer_much_longer_than_the_file(index: Served, asked: str) -> None:
    file = index.files("demo")[0]
    answer = index.get(file["url"], Range=asked)
    assert answer.status == RANGES[asked]
    assert len(answer.body) <= file["size"] + 500


@pytest.mark.parametrize("name", ["X-Forwarded-For", "X-Real-IP", "Forwarded", "Via"])
def test_numbers_are_not_told_through_a_proxy_on_this_machine(index: Served, name: str) -> None:
    assert index.get("/metrics").status == 200
    request = f"GET /metrics HTTP/1.1\r\nHost: a\r\n{name}: 127.0.0.1\r\nConnection: close\r\n\r\n"
    assert statuses(say(index, request.encode())) == [403]


@pytest.mark.parametrize("accept", ["text/html", "application/json", "text/plain", "", "*/*;q=0", "\xff", "a" * 5000])
def test_an_error_tells_nothing_of_the_inside(index: Served, accept: str) -> None:
    for path in ("/nothing", "/simple/nothing/", "/pypi/nothing/json", "/packages/x", "/legacy/?:action=file_upload"):
        answer = index.get(path, accept=accept)
        assert answer.status in (404, 405)
        assert not re.search(INSIDE, answer.body)


def test_only_the_indexs_own_user_can_read_what_is_kept(index: Served) -> None:
    others = stat.S_IRWXO
    for name in (".", "blobs", "blobs/tmp", "secret.key", "postgres/password", "run/head", "run/metrics"):
        mode = (index.data / name).stat().st_mode
        assert not mode & (others if name != "." else others | stat.S_IRWXG), f"{name}: {mode:o}"
    assert [path for path in index.data.rglob("*.s.PGSQL.*") if path.stat().st_mode & others] == []


def test_a_sender_who_leaves_in_the_middle_leaves_nothing_on_disk(index: Served) -> None:
    head = (
        "POST /legacy/ HTTP/1.1\r\nHost: a\r\nContent-Type: multipart/form-data; boundary=b\r\n"
        f"Authorization: {basic('__token__', index.token())}\r\nContent-Length: 900000000\r\n\r\n"
        '--b\r\nContent-Disposition: form-data; name="content"; filename="demo-9.tar.gz"\r\n\r\n'
    )
    kept = index.data / "blobs" / "tmp"
    address = urlsplit(index.url)
    with closing(socket.create_connection((address.hostname, address.port), 5)) as sock:
        sock.sendall(head.encode() + b"x" * 1_000_000)
        eventually(lambda: any(kept.iterdir()))
    eventually(lambda: not any(kept.iterdir()))


def test_credentials_that_are_nearly_right_open_nothing(index: Served) -> None:
    token = index.token()
    body, headers = upload_request(wheel("stolen"), token)
    middle = len(token) // 2
    flipped = token[:middle] + ("A" if token[middle] != "A" else "B") + token[middle + 1 :]
    for authorization in (
        basic("ada", token),
        basic("__TOKEN__", token),
        basic("__token__", token[:-4]),
        basic("__token__", flipped),
        basic("__token__", token.lower()),
        basic("__token__", token.removeprefix("pypi-")),
        basic("__token__", f"{token}\0"),
        basic("__token__", token + token),
        basic("__token__", "pypi-" + "A" * 40_000),
        basic(token, "__token__"),
        basic("__token__", ""),
        basic("ada", "correct horse battery staple"),
        f"Digest {token}",
        "Basic",
        "Basic " + "=" * 10_000,
        "Bearer " + "\xff" * 100,
        "Bearer",
    ):
        with closing(index.connect()) as connection:
            connection.request("POST", "/legacy/", body, {**headers, "Authorization": authorization})
            assert connection.getresponse().status == 403, authorization[:80]
    assert index.get("/simple/stolen/").status == 404
