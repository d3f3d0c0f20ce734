"""What every purger promises, asked of each form: a real Varnish, and a server that speaks Fastly's API."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.cdn.fastly import SERVICE, TOKEN, Fastly, fastly
from tests.cdn.varnish import Varnish, varnish
from warehouse.errors import Invalid, Unavailable
from warehouse.infra.cdn import FastlyPurger, MemoryPurger, PurgeFailed, Purger, VarnishPurger, open_purgers
from warehouse.settings import BadSettings, load_settings

SECOND = timedelta(seconds=1)


@pytest.fixture(scope="module")
def origin() -> Iterator[str]:
    """Pages that may be kept for a day: each says how often it was fetched, and has its path as a key."""
    asked: dict[str, int] = {}

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked[self.path] = asked.get(self.path, 0) + 1
            body = str(asked[self.path]).encode()
            self.send_response(200)
            self.send_header("Surrogate-Control", "max-age=86400, stale-while-revalidate=300, stale-if-error=86400")
            self.send_header("Surrogate-Key", f"project{self.path.rstrip('/')}")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def cache(origin: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Varnish]:
    with varnish(tmp_path_factory.mktemp("varnish"), origin) as running:
        yield running


@pytest.fixture
def api() -> Iterator[Fastly]:
    with fastly() as running:
        yield running


def purger_at(api: Fastly, *, token: str = TOKEN, service: str = SERVICE, seconds: float = 5) -> FastlyPurger:
    return FastlyPurger(api.url, service, token, time_limit=timedelta(seconds=seconds))


@dataclass
class Form:
    """A purger, and a way to see whether a key was purged since the last look."""

    purger: Purger
    was_purged: Callable[[str], bool]


@pytest.fixture(params=["memory", "fastly", "varnish"])
def form(request: pytest.FixtureRequest) -> Form:
    match request.param:
        case "memory":
            memory = MemoryPurger()
            return Form(memory, lambda key: key in [one for purged in memory.purged for one in purged])
        case "fastly":
            api = request.getfixturevalue("api")
            return Form(purger_at(api), lambda key: key in api.keys)
    cache: Varnish = request.getfixturevalue("cache")
    seen: dict[str, bytes] = {}

    def was_purged(key: str) -> bool:
        path = f"/simple/{key.removeprefix('project/simple/')}/"
        cache.get(path)  # what was purged softly is shown once more while it is fetched
        time.sleep(0.1)
        before, seen[key] = seen.get(key), cache.get(path).body
        return before not in (None, seen[key])

    for name in ("a", "b", "c", "k0", "k299", "k599"):
        was_purged(f"project/simple/{name}")
    return Form(VarnishPurger(cache.url), was_purged)


def test_what_has_one_of_the_keys_is_purged_and_nothing_else(form: Form) -> None:
    form.purger.purge(["project/simple/a", "project/simple/b"])
    assert form.was_purged("project/simple/a")
    assert form.was_purged("project/simple/b")
    assert not form.was_purged("project/simple/c")


def test_one_key_is_purged(form: Form) -> None:
    form.purger.purge({"project/simple/c"})
    assert form.was_purged("project/simple/c")


def test_no_key_is_nothing_to_do(form: Form) -> None:
    form.purger.purge([])
    assert not form.was_purged("project/simple/a")


def test_many_keys_are_all_purged(form: Form) -> None:
    form.purger.purge({f"project/simple/k{number}" for number in range(600)})
    assert all(form.was_purged(f"project/simple/k{number}") for number in (0, 299, 599))


@pytest.mark.parametrize("key", ["", "two keys", "a,b", "line\r\nHost: evil", "ключ", "x" * 1025])
def test_what_is_no_key_is_refused(form: Form, key: str) -> None:
    with pytest.raises(Invalid, match="a word of printable ASCII"):
        form.purger.purge(["project/simple/a", key])
    assert not form.was_purged("project/simple/a")


def test_forgetting_everything(form: Form, request: pytest.FixtureRequest) -> None:
    form.purger.purge_all()
    if isinstance(form.purger, MemoryPurger):
        assert form.purger.forgot_everything == 1
    elif isinstance(form.purger, FastlyPurger):
        assert request.getfixturevalue("api").everything == 1
    else:
        assert request.getfixturevalue("cache").get("/simple/a/").headers["x-cache"] == "MISS"


# Fastly


def test_fastly_is_told_softly_of_one_key_by_its_address_and_of_more_in_few_requests(api: Fastly) -> None:
    purger = purger_at(api)
    purger.purge(["project/demo"])
    assert [(purge.path, purge.soft) for purge in api.purges] == [(f"/service/{SERVICE}/purge/project/demo", True)]
    api.purges.clear()
    purger.purge({f"project/p{number}" for number in range(1000)})
    assert [(len(purge.keys), purge.soft) for purge in api.purges] == [(256, True)] * 3 + [(232, True)]
    assert len(set(api.keys)) == 1000


@pytest.mark.parametrize(
    ("status", "sentence"),
    [
        (301, "set cdn.fastly_api to the address"),
        (400, "does not understand our purges"),
        (401, "set cdn.fastly_token to one that may purge"),
        (403, "set cdn.fastly_token to one that may purge"),
        (404, "set cdn.fastly_service to its id"),
        (429, "takes no more purges for now"),
        (500, "is in trouble itself"),
        (503, "is in trouble itself"),
    ],
)
def test_what_fastly_refuses_is_told_in_a_sentence_that_says_what_to_do(
    api: Fastly, status: int, sentence: str
) -> None:
    api.status = status
    with pytest.raises(PurgeFailed, match=sentence) as failed:
        purger_at(api).purge(["project/demo"])
    assert failed.value.sentence.count(".") == failed.value.sentence.count("cdn.") + 1
    assert isinstance(failed.value, Unavailable)


def test_a_wrong_token_and_a_wrong_service_are_told_apart_and_the_token_is_not_shown(api: Fastly) -> None:
    with pytest.raises(PurgeFailed, match=r"cdn\.fastly_token") as failed:
        purger_at(api, token="not-the-right-one").purge(["project/demo"])
    assert "not-the-right-one" not in str(failed.value)
    with pytest.raises(PurgeFailed, match=r"cdn\.fastly_service"):
        purger_at(api, service="other/../x").purge_all()


@pytest.mark.parametrize("body", [b"", b"<html>Welcome to the hotel", b"[]", b'"ok"', b"{}", b'{"status": "no"}'])
@pytest.mark.parametrize("keys", [["project/a"], ["project/a", "project/b"]])
def test_an_answer_that_does_not_say_that_it_was_done_is_a_failure(api: Fastly, body: bytes, keys: list[str]) -> None:
    api.body = body
    with pytest.raises(PurgeFailed, match="not that it has purged"):
        purger_at(api).purge(keys)


@pytest.mark.parametrize(
    ("said", "seconds"),
    [("30", 30), ("0", 0), ("99999999999999999999", 3600), ("-5", 0), ("soon", 0), ("٣", 0), ("", 0)],
)
def test_it_says_for_how_long_it_wants_to_be_left_alone(api: Fastly, said: str, seconds: int) -> None:
    api.status = 429
    api.headers = {"Retry-After": said} if said.isascii() else {}
    with pytest.raises(PurgeFailed) as failed:
        purger_at(api).purge(["project/demo"])
    assert failed.value.retry_after == seconds


def test_it_may_say_so_with_a_date(api: Fastly) -> None:
    api.status = 503
    api.headers = {"Retry-After": format_datetime(datetime.now(UTC) + timedelta(seconds=100), usegmt=True)}
    with pytest.raises(PurgeFailed) as failed:
        purger_at(api).purge(["project/demo"])
    assert 90 <= failed.value.retry_after <= 101


def test_an_answer_without_end_is_not_read_to_it(api: Fastly) -> None:
    api.body = b"x" * 1_000_000
    with pytest.raises(PurgeFailed, match="too long"):
        purger_at(api).purge(["project/demo"])


def test_a_slow_answer_is_waited_for_until_the_time_is_up(api: Fastly) -> None:
    api.seconds = 0.3
    purger_at(api, seconds=5).purge(["project/demo"])
    api.seconds = 5
    began = time.monotonic()
    with pytest.raises(PurgeFailed, match="does not answer"):
        purger_at(api, seconds=0.5).purge(["project/demo"])
    assert time.monotonic() - began < 4


# Both


@contextmanager
def saying(*pieces: bytes, pause: float = 0.0) -> Iterator[str]:
    """A server that says the pieces to whoever comes, the last one again and again."""
    listening = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        try:
            connection, _ = listening.accept()
            with connection:
                for piece in pieces:
                    connection.sendall(piece)
                while pause:
                    time.sleep(pause)
                    connection.sendall(pieces[-1])
        except OSError:
            return  # the client or the test is gone

    threading.Thread(target=serve, daemon=True).start()
    with listening:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"


def both_at(url: str, time_limit: timedelta = SECOND) -> list[Purger]:
    return [VarnishPurger(url, time_limit=time_limit), FastlyPurger(url, SERVICE, TOKEN, time_limit=time_limit)]


@pytest.mark.parametrize("which", [0, 1])
@pytest.mark.parametrize(
    "piece", [b"H", b"HTTP/1.1 200 OK\r\nX: y", b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n{"]
)
def test_a_server_that_drips_is_given_up_when_the_time_is_up(which: int, piece: bytes) -> None:
    began = time.monotonic()
    with saying(piece, b" ", pause=0.05) as url, pytest.raises(PurgeFailed, match="the time was up"):
        both_at(url, timedelta(seconds=0.5))[which].purge(["project/demo"])
    assert time.monotonic() - began < 4


@pytest.mark.parametrize("which", [0, 1])
@pytest.mark.parametrize(
    "nonsense", [b"220 mail.example.org ESMTP\r\n", b"\0" * 100, b"HTTP/1.1 200 OK\r\n" + b"x" * 70_000]
)
def test_what_is_no_web_server_is_a_failure(which: int, nonsense: bytes) -> None:
    with saying(nonsense) as url, pytest.raises(PurgeFailed, match="does not answer"):
        both_at(url)[which].purge(["project/demo"])


@pytest.mark.parametrize("which", [0, 1])
def test_nobody_there_is_a_failure_at_once(which: int) -> None:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        with pytest.raises(PurgeFailed, match="does not answer"):
            both_at(f"http://127.0.0.1:{bound.getsockname()[1]}")[which].purge_all()


def test_a_server_in_the_clear_is_not_taken_for_a_secured_one(api: Fastly) -> None:
    purger = FastlyPurger(api.url.replace("http:", "https:"), SERVICE, TOKEN, time_limit=SECOND)
    with pytest.raises(PurgeFailed, match="cannot be secured"):
        purger.purge(["project/demo"])


# Varnish


def test_something_else_than_our_varnish_is_not_believed(api: Fastly, origin: str) -> None:
    for url in (origin, api.url):
        with pytest.raises(PurgeFailed, match=r"have it run deploy/varnish/warehouse\.vcl"):
            VarnishPurger(url.replace("/service", "")).purge(["project/demo"])


def test_varnish_takes_purges_only_from_those_it_was_told_of(origin: str, tmp_path: Path) -> None:
    nobody = {'    "127.0.0.1";\n    "::1";\n': '    "192.0.2.1";\n'}
    with (
        varnish(tmp_path, origin, changes=nobody) as closed,
        pytest.raises(PurgeFailed, match="add its address to the VCL's acl"),
    ):
        VarnishPurger(closed.url).purge(["project/demo"])


def test_a_stranger_behind_a_proxy_on_the_same_machine_purges_nothing(cache: Varnish) -> None:
    cache.get("/simple/a/")
    for header in ({"Surrogate_Key": "project/simple/a"}, {"Warehouse_Purge_All": "yes"}):
        assert cache.get("/", "PURGE", X_Forwarded_For="203.0.113.9", **header).status == 403
    assert cache.get("/simple/a/").headers["x-cache"] == "HIT"


# Settings


def test_the_settings_say_which_caches_are_told() -> None:
    def names(**variables: str) -> list[str]:
        given = {f"WAREHOUSE_CDN__{name}": value for name, value in variables.items()}
        return [purger.name for purger in open_purgers(load_settings(given))]

    assert names() == []
    assert names(BACKEND="fastly", FASTLY_SERVICE="abc", FASTLY_TOKEN="t") == ["fastly abc"]
    two = "http://10.0.0.5:6081, http://10.0.0.6:6081, http://10.0.0.5:6081/"
    assert names(BACKEND="varnish", VARNISH=two) == ["varnish http://10.0.0.5:6081", "varnish http://10.0.0.6:6081"]
    for missing in ({"BACKEND": "fastly"}, {"BACKEND": "fastly", "FASTLY_SERVICE": "abc"}, {"BACKEND": "varnish"}):
        with pytest.raises(BadSettings, match="too"):
            names(**missing)
    with pytest.raises(BadSettings, match="is no token") as refused:
        names(BACKEND="fastly", FASTLY_SERVICE="abc", FASTLY_TOKEN="pass\r\nword")
    assert "word" not in refused.value.sentence
