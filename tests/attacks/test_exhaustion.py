"""Nobody makes an index spend more memory, threads or patience than it decided to."""

from __future__ import annotations

import hashlib
import socket
import threading
import time
import tracemalloc
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from functools import partial
from pathlib import Path

import pytest

from tests.index import JSON, Index
from tests.web.client import Client
from warehouse.infra.cache import PageCache
from warehouse.infra.spool import MOST_WITH_THREADS, THREADS_FROM, Spool
from warehouse.server.limits import Limits
from warehouse.server.worker import serving
from warehouse.standards.http import Answer, Ask
from warehouse.standards.http.conditions import not_modified
from warehouse.standards.http.negotiation import accepted_encoding, simple_representation
from warehouse.standards.http.ranges import parse_range
from warehouse.web.monitoring.probes import MOST_WAITING, Probes
from warehouse.work import Tools

LARGEST_HEADER = 64 * 1024 - 256


@pytest.mark.parametrize(
    "path",
    ["/simple/{}/", "/simple/{}-" + "x" * 7000 + "/", "/simple/{}\N{CAT FACE}" + "x" * 7000 + "/", "/pypi/{}/json"],
    ids=["short", "long", "wide characters", "json"],
)
def test_pages_that_are_not_there_fill_no_more_memory_than_the_cache_may_hold(index: Index, path: str) -> None:
    count = 150
    _ask_in_vain(index, [path.format(f"warm{number}") for number in range(count)])
    index.cache.clear()
    names = [path.format(f"name{number}") for number in range(count)]
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        _ask_in_vain(index, names)
        grown = tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()
    assert len(index.cache) == count
    assert grown < 1.5 * index.cache.size + 100_000


def test_a_flood_of_missing_pages_evicts_no_page_that_is_asked_for() -> None:
    cache = PageCache(400_000)
    cache.build("hot", "hot", lambda: ("page", 1000))
    for number in range(2_000):
        cache.build((f"/simple/missing{number}/",), f"missing{number}", lambda: ("404", 13))
        cache.get((f"/simple/missing{number}/",))  # a second time, which is meant to prove that a page is wanted
        assert number % 50 or cache.get("hot") == "page"
    assert cache.size <= 400_000


HEADERS: dict[str, Callable[[str], object]] = {
    "accept": simple_representation,
    "accept-encoding": accepted_encoding,
    "if-none-match": lambda text: not_modified({"if-none-match": text}, '"other"'),
    "range": lambda text: parse_range(text, 1_000_000),
}


@pytest.mark.parametrize("name", HEADERS)
@pytest.mark.parametrize("piece", ["a,", "a/b,", "*/*;q=0.1,", ";q=1", '"', '"a",', 'W/"', " ", ",", "0-0,", "\t;"])
def test_the_longest_header_keeps_nobody_else_waiting(name: str, piece: str) -> None:
    read = HEADERS[name]
    for text in (piece * (LARGEST_HEADER // len(piece)), "bytes=" + piece * (LARGEST_HEADER // len(piece))):
        assert _fastest(partial(read, text)) < 0.025


def _fastest(call: Callable[[], object]) -> float:
    times = []
    for _ in range(3):
        began = time.perf_counter()
        call()
        times.append(time.perf_counter() - began)
    return min(times)


@pytest.mark.parametrize("path", ["/_health/", "/_ready/"])
def test_a_crowd_at_the_probes_does_not_make_a_healthy_process_look_ill(web: Client, path: str) -> None:
    with ThreadPoolExecutor(4 * MOST_WAITING) as crowd:
        statuses = list(crowd.map(lambda _: web.get(path).status, range(8 * MOST_WAITING)))
    assert set(statuses) == {200}


def test_a_crowd_shares_one_check(tools: Tools) -> None:
    probes, end, calls = Probes(tools, time_limit=20), threading.Event(), []

    def check() -> None:
        calls.append(1)
        end.wait(20)

    with ThreadPoolExecutor(2 * MOST_WAITING) as crowd:
        answers = [crowd.submit(probes.ask, {"slow": check}) for _ in range(2 * MOST_WAITING)]
        time.sleep(0.3)
        end.set()
        assert [answer.result() for answer in answers] == [[]] * len(answers)
    assert len(calls) == 1


class _Taker:
    """A receiver that takes anything."""

    limit = 1 << 40

    def begin(self) -> None: ...

    def feed(self, block: bytes) -> None: ...

    def finish(self) -> Answer:
        return Answer(200)

    def abort(self) -> None: ...


class _Site:
    """A site with nothing but an upload door."""

    def glance(self, ask: Ask) -> None: ...

    def answer(self, ask: Ask) -> Answer:
        return Answer(404)

    def receive(self, ask: Ask) -> _Taker | None:
        return _Taker() if ask.method == "POST" else None

    def wsgi(self, environ, start_response):
        raise AssertionError("never asked")


def test_a_body_announced_as_huge_buys_no_time_without_sending_it() -> None:
    limits = Limits(tick=0.02, body_silence=5, body_time=0.4, body_rate=1000, linger=0.1)
    with serving(_Site(), limits) as running, closing(socket.create_connection(running.address, 5)) as sock:
        sock.sendall(b"POST /legacy/ HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000000\r\n\r\n")
        began, answer = time.monotonic(), b""
        sock.settimeout(0.05)
        while not answer and time.monotonic() - began < 10:
            sock.sendall(b"x")
            try:
                answer = sock.recv(1000)
            except TimeoutError:
                continue
    assert answer.startswith(b"HTTP/1.1 408 ")


@pytest.mark.parametrize("length", [True, False], ids=["announced", "chunked"])
def test_a_body_that_keeps_the_lowest_rate_may_take_its_time(length: bool) -> None:
    limits = Limits(tick=0.02, body_silence=5, body_time=0.3, body_rate=2000)
    size, pieces = 200, 20
    head = f"Content-Length: {size * pieces}" if length else "Transfer-Encoding: chunked"
    with serving(_Site(), limits) as running, closing(socket.create_connection(running.address, 5)) as sock:
        sock.sendall(f"POST /legacy/ HTTP/1.1\r\nHost: a\r\n{head}\r\n\r\n".encode())
        for _ in range(pieces):
            time.sleep(0.06)
            sock.sendall(b"x" * size if length else b"%x\r\n%b\r\n" % (size, b"x" * size))
        if not length:
            sock.sendall(b"0\r\n\r\n")
        assert sock.recv(1000).startswith(b"HTTP/1.1 200 ")


def _ask_in_vain(index: Index, paths: list[str]) -> None:
    for path in paths:
        assert index.get(path, accept=JSON).status == 404


@pytest.mark.parametrize("beginning", [b"", b"GET / HT"], ids=["silent", "half a head"])
def test_connections_that_ask_nothing_keep_nobody_out(beginning: bytes) -> None:
    places = 20
    with serving(_Site(), Limits(connections=places)) as running, ExitStack() as stack:
        for _ in range(3 * places):
            idle = stack.enter_context(closing(socket.create_connection(running.address, 5)))
            idle.sendall(beginning)
        for _ in range(5):
            assert _status(running.address, b"GET /x HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n") == 404


def test_requests_in_work_are_not_given_up_for_newcomers() -> None:
    places = 4
    head = b"POST /legacy/ HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 2\r\n\r\nx"
    with serving(_Site(), Limits(connections=places)) as running, ExitStack() as stack:
        busy = [stack.enter_context(closing(socket.create_connection(running.address, 5))) for _ in range(places)]
        for sock in busy:
            sock.sendall(head)
        while running.stats.uploads < places:
            time.sleep(0.01)
        assert _status(running.address, b"") == 503
        for sock in busy:
            sock.sendall(b"x")
            assert sock.recv(1000).startswith(b"HTTP/1.1 200 ")


def _status(address: tuple[str, int], sent: bytes) -> int:
    with closing(socket.create_connection(address, 5)) as sock:
        sock.sendall(sent)
        return int(sock.recv(1000).split()[1])


def test_slow_senders_of_big_files_take_few_threads(tmp_path: Path) -> None:
    before = threading.active_count()
    spools = [Spool(tmp_path / str(number)) for number in range(3 * MOST_WITH_THREADS)]
    block = b"x" * (THREADS_FROM // 2 + 1)
    for spool in spools:
        spool.write(block)
        spool.write(block)
    assert threading.active_count() - before <= 2 * MOST_WITH_THREADS
    told = {(spool.finish().sha256, spool.finish().md5) for spool in spools}
    assert told == {(hashlib.sha256(2 * block).hexdigest(), hashlib.md5(2 * block).hexdigest())}
    assert threading.active_count() == before
    again = Spool(tmp_path / "again")
    again.write(2 * block)
    assert threading.active_count() == before + 2, "places were not given back"
    again.abandon()


class _Pages(_Site):
    """A site of pages of eight megabytes: each address has its own, but for those that begin with /same."""

    size = 8 * 1024**2

    def __init__(self) -> None:
        self._same = bytes(self.size)

    def answer(self, ask: Ask) -> Answer:
        return Answer(200, body=self._same if ask.path.startswith("/same") else bytes(self.size))


@pytest.mark.parametrize(("path", "are_kept"), [("/own/{}", False), ("/same/{}", True)], ids=["many pages", "one page"])
def test_readers_who_take_nothing_fill_no_memory_and_cost_nobody_else_a_page(path: str, are_kept: bool) -> None:
    readers, limits = 12, Limits(tick=0.05, unsent=4 * _Pages.size)
    with serving(_Pages(), limits) as running, ExitStack() as stack:
        idle = [_asking(running.address, "127.0.0.2", path.format(number), stack) for number in range(readers)]
        modest = _asking(running.address, "127.0.0.1", "/own/modest", stack)
        taken = 0
        while block := modest.recv(256 * 1024):
            taken += len(block)
            time.sleep(0.02)
        assert taken > _Pages.size
        assert running.stats.timeouts == 0 if are_kept else running.stats.timeouts >= readers - 4
        whole = sum(_is_whole(each) for each in idle)
        assert whole == readers if are_kept else whole <= 4


def _asking(address: tuple[str, int], source: str, path: str, stack: ExitStack) -> socket.socket:
    sock = stack.enter_context(closing(socket.socket()))
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 18)
    sock.settimeout(20)
    sock.bind((source, 0))
    sock.connect(address)
    sock.sendall(f"GET {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n".encode())
    return sock


def _is_whole(sock: socket.socket) -> bool:
    taken = 0
    try:
        while block := sock.recv(1 << 20):
            taken += len(block)
    except ConnectionResetError:
        return False
    return taken > _Pages.size
