"""What a client can rely on: answers in order, connections kept or closed as said, deadlines."""

from __future__ import annotations

import contextlib
import http.client
import os
import re
import resource
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from ipaddress import ip_network
from pathlib import Path
from threading import Thread, Timer

import pytest

from warehouse.server.limits import Limits
from warehouse.server.reply import ready
from warehouse.server.worker import listen, raise_file_limit, run_worker
from warehouse.standards.http.message import Answer

from .conftest import PathSite, Served, everything, status_of, until

HIT = b"GET /hit HTTP/1.1\r\nHost: a\r\n\r\n"


def test_a_hit_has_date_length_and_body(served: Served) -> None:
    answer = served.get("/hit")
    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 OK\r\n")
    assert body == b"<html>hit</html>"
    assert b"\r\nContent-Length: 16" in head
    assert b"\r\nConnection: close" in head
    assert re.search(rb"\r\nDate: \w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT", head)


@pytest.mark.parametrize("path", ["/hit", "/glanced", "/built", "/wsgi/echo", "/large", "/nothing", "/parts"])
def test_head_has_the_fields_of_get_and_no_body(served: Served, path: str) -> None:
    (served.site.tmp / "one").write_bytes(b"0123")

    def fields(answer: bytes) -> set[bytes]:
        lines = answer.partition(b"\r\n\r\n")[0].split(b"\r\n")
        return {line for line in lines if not line.startswith((b"X-Request-ID", b"Date"))}

    got = served.get(path)
    head = served.get(path, method="HEAD")
    assert head.endswith(b"\r\n\r\n")
    assert head.count(b"\r\n\r\n") == 1
    assert fields(head) == fields(got)


def test_a_connection_is_kept_for_many_requests(served: Served) -> None:
    client = http.client.HTTPConnection(*served.running.address, timeout=5)
    client.connect()
    kept = client.sock
    for path, body in [
        ("/hit", b"<html>hit</html>"),
        ("/built", b"<html>hit</html>"),
        ("/glanced", b"<html>hit</html>"),
        ("/wsgi/x", b"not here"),
    ] * 3:
        client.request("GET", path)
        answer = client.getresponse()
        assert answer.read() == body
    assert client.sock is kept
    client.close()
    assert served.running.stats.connections == 1
    assert served.running.stats.hits == 3


@pytest.mark.parametrize(
    ("version", "field", "kept"),
    [
        ("1.1", "", True),
        ("1.1", "Connection: close", False),
        ("1.0", "", False),
        ("1.0", "Connection: Keep-Alive", True),
    ],
)
@pytest.mark.parametrize("path", ["/hit", "/glanced", "/wsgi/x"])
def test_the_client_decides_whether_the_connection_stays(served, path, version, field, kept) -> None:
    with closing(served.connect()) as sock:
        request = (
            f"GET {path} HTTP/{version}\r\nHost: a\r\n{field}\r\n\r\n"
            if field
            else (f"GET {path} HTTP/{version}\r\nHost: a\r\n\r\n")
        )
        sock.sendall(request.encode())
        answer = everything(sock, 0.3)
        assert status_of(answer) in (200, 404)
        assert (b"Connection: close" in answer) is not kept
        if version == "1.0" and kept:
            assert b"Connection: keep-alive" in answer
        if kept:
            sock.sendall(request.encode())
            assert everything(sock, 0.3)


def test_pipelined_requests_are_answered_in_order(served: Served) -> None:
    paths = ["/hit", "/wsgi/one", "/file/nothing", "/hit", "/glanced", "/sentence"] * 40
    requests = b"".join(b"GET %b HTTP/1.1\r\nHost: a\r\n\r\n" % path.encode() for path in paths)
    with closing(served.connect()) as sock:
        Thread(
            target=sock.sendall, args=(requests + b"GET /hit HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",)
        ).start()
        answer = everything(sock, 10)
    statuses = [int(status) for status in re.findall(rb"HTTP/1\.1 (\d{3})", answer)]
    assert statuses == [200, 404, 404, 200, 200, 400] * 40 + [200]


def test_ten_thousand_pipelined_hits_leave_the_server_answering_others(served: Served) -> None:
    with closing(served.connect()) as sock:
        Thread(target=sock.sendall, args=(HIT * 10_000,)).start()
        other = served.get("/hit")
        assert status_of(other) == 200
        data = b""
        while data.count(b"<html>hit</html>") < 10_000:
            data += sock.recv(1 << 20)


def test_a_client_that_asks_and_does_not_read_is_served_no_further(served: Served) -> None:
    served.site.hit = ready(Answer(200, [], b"x" * 99_999 + b"y"))
    with closing(served.connect()) as sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
        sock.sendall(HIT * 1000)
        time.sleep(0.3)
        assert 0 < served.running.stats.hits < 500
        ends = 0
        while ends < 1000:
            ends += sock.recv(1 << 20).count(b"y")
    assert served.running.stats.hits == 1000


def test_a_pipelined_request_behind_a_body_is_the_next_one(served: Served) -> None:
    first = b"POST /wsgi/echo HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nbody"
    answer = served.say(first + HIT)
    assert answer.count(b"HTTP/1.1 200") == 2
    assert b"\r\n\r\nbodyHTTP/1.1 200 OK" in answer


def test_a_request_may_come_byte_by_byte(served: Served) -> None:
    with closing(served.connect()) as sock:
        for byte in b"\r\nPOST /wsgi/echo HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nConnection: close\r\n\r\nabc":
            sock.sendall(bytes([byte]))
        assert everything(sock, 2).endswith(b"\r\n\r\nabc")


def test_an_expecting_client_is_told_to_go_on(served: Served) -> None:
    with closing(served.connect()) as sock:
        sock.sendall(b"POST /wsgi/echo HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n")
        assert until(sock, b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
        sock.sendall(b"abc")
        assert until(sock, b"abc").startswith(b"HTTP/1.1 200 Fine So Far\r\n")


def test_options_of_the_server_itself_and_absolute_addresses(served: Served) -> None:
    assert b"\r\nAllow: DELETE, GET, HEAD, OPTIONS, PATCH" in served.get("*", method="OPTIONS")
    assert served.get("http://index.example:80/hit").endswith(b"<html>hit</html>")
    assert served.get("http://index.example/who").endswith(b" http index.example")


def test_the_reason_is_one_line_of_latin_1_on_the_wire(served: Served) -> None:
    answer = served.get("/sentence")
    assert answer.split(b"\r\n")[0] == "HTTP/1.1 400 File already exists ('a.whl'). X-Evil: é?".encode("latin-1")


def test_a_header_value_cannot_begin_another_line(served: Served) -> None:
    head = served.get("/splitting").partition(b"\r\n\r\n")[0]
    assert b"\r\nLocation: /x  Set-Cookie: a=b \r\n" in head + b"\r\n"
    assert not re.search(rb"\r\nSet-Cookie", head)


def test_not_modified_has_neither_body_nor_length(served: Served) -> None:
    answer = served.get("/nothing")
    assert answer.endswith(b"\r\n\r\n")
    assert b"Content-Length" not in answer


def test_a_refusal_is_its_status_its_sentence_and_when_to_return(served: Served) -> None:
    answer = served.get("/busy")
    assert status_of(answer) == 429
    assert b"\r\nRetry-After: 7\r\n" in answer
    assert answer.endswith(b"\r\n\r\nNot so fast.\n")
    assert status_of(served.get("/glance-refuses")) == 403


@pytest.mark.parametrize("path", ["/bug", "/glance-breaks", "/wsgi/bug", "/bad-header"])
def test_a_bug_is_500_with_the_number_under_which_it_was_logged(served: Served, path: str, caplog) -> None:
    answer = served.get(path)
    assert status_of(answer) == 500
    assert b"secret" not in answer
    number = answer.rsplit(b" ", 1)[1].strip().decode()
    assert number in caplog.text
    assert "Traceback" in caplog.text
    assert served.running.stats.broken == 1
    assert status_of(served.get("/hit")) == 200


def test_answers_that_are_no_hits_carry_their_request_id(served: Served) -> None:
    assert re.search(rb"\r\nX-Request-ID: [0-9a-f]{16}\r\n", served.get("/wsgi/x"))


def test_every_answer_but_hits_is_told(serve) -> None:
    told = []
    with serve(on_done=lambda *done: told.append(done)) as served:
        served.get("/hit")
        served.get("/wsgi/x")
        time.sleep(0.1)
    ((ask, status, size, seconds),) = told
    assert (ask.path, status, size) == ("/wsgi/x", 404, 8)
    assert 0 < seconds < 5


# Proxies


def test_only_a_trusted_proxy_says_who_the_client_is(serve) -> None:
    said = ("X-Forwarded-For: 6.6.6.6, 9.9.9.9, 10.0.0.7", "X-Forwarded-Proto: https", "X-Forwarded-Host: pkg.example")
    with serve() as served:
        assert served.get("/who", *said).endswith(b"\r\n\r\n127.0.0.1 http a")
        assert b"FORWARDED" not in served.get("/wsgi/environ", *said)
    with serve(Limits(trusted=(ip_network("127.0.0.0/8"), ip_network("10.0.0.0/8")))) as served:
        assert served.get("/who", *said).endswith(b"\r\n\r\n9.9.9.9 https pkg.example")
        assert served.get("/who").endswith(b"\r\n\r\n127.0.0.1 http a")
        assert served.get("/who", "X-Forwarded-For: rubbish").endswith(b"\r\n\r\n127.0.0.1 http a")


# Deadlines

QUICK = Limits(tick=0.02, idle=0.5, head=0.3, body_silence=0.3, reader_silence=0.5, linger=0.2, grace=1.0)


def _seconds_until_closed(sock: socket.socket) -> tuple[float, bytes]:
    started = time.monotonic()
    answer = everything(sock, 5)
    return time.monotonic() - started, answer


def test_a_connection_that_says_nothing_is_closed(serve) -> None:
    with serve(QUICK) as served, closing(served.connect()) as sock:
        seconds, answer = _seconds_until_closed(sock)
        assert answer == b""
        assert 0.4 < seconds < 2


def test_a_slow_head_is_408_however_steadily_it_drips(serve) -> None:
    with serve(QUICK) as served, closing(served.connect()) as sock:
        sock.sendall(HIT)
        until(sock, b"</html>")
        started = time.monotonic()
        sock.settimeout(0.05)
        answer = b""
        for byte in b"GET /hit HTTP/1.1\r\nX-Long: " + b"x" * 1000:
            try:
                sock.sendall(bytes([byte]))
                if answer := sock.recv(1000):
                    break
            except TimeoutError:
                continue
        assert status_of(answer) == 408
        assert time.monotonic() - started < 2


@pytest.mark.parametrize("path", ["/wsgi/echo", "/upload"])
def test_a_stalled_body_is_408_and_holds_nobody_else(serve, path: str) -> None:
    with serve(QUICK) as served, ExitStack() as stack:
        stalled = [stack.enter_context(closing(served.connect())) for _ in range(50)]
        for sock in stalled:
            sock.sendall(b"POST %b HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nsome" % path.encode())
        assert status_of(served.get("/wsgi/x")) == 404
        for sock in stalled:
            assert status_of(everything(sock, 5)) == 408
        for receiver in served.site.receivers:
            assert receiver.ended.wait(5)
            assert receiver.calls == ["abort"]


def test_a_dripping_body_meets_the_total_deadline(serve) -> None:
    limits = Limits(tick=0.02, body_silence=5, body_time=0.5, linger=0.2)
    with serve(limits) as served, closing(served.connect()) as sock:
        sock.sendall(b"POST /upload HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n")
        sock.settimeout(0.05)
        answer = b""
        for _ in range(60):
            sock.sendall(b"x")
            try:
                answer = sock.recv(1000)
                break
            except TimeoutError:
                continue
        assert status_of(answer) == 408


@pytest.mark.parametrize("path", ["/large", "/file/big", "/wsgi/endless"])
def test_a_reader_that_takes_nothing_is_cut_off_and_a_slow_one_is_not(serve, path: str) -> None:
    with serve(QUICK) as served:
        (served.site.tmp / "big").write_bytes(os.urandom(1 << 20) * 24)
        with closing(served.connect()) as stalled, closing(served.connect()) as slow:
            for sock in (stalled, slow):
                sock.sendall(f"GET {path} HTTP/1.1\r\nHost: a\r\n\r\n".encode())
            for _ in range(12):
                time.sleep(0.1)
                assert slow.recv(1_000_000)
            assert served.running.stats.timeouts == 1
            if path == "/wsgi/endless":
                assert served.site.closed.wait(5)
            assert status_of(served.get("/hit")) == 200


def test_five_thousand_idle_connections_disturb_nobody(serve) -> None:
    with serve(Limits(tick=0.2)) as served, ExitStack() as stack:
        for _ in range(5000):
            stack.callback(socket.create_connection(served.running.address).close)
        started = time.monotonic()
        for _ in range(50):
            assert status_of(served.get("/hit")) == 200
            assert status_of(served.get("/wsgi/x")) == 404
        assert time.monotonic() - started < 3
        assert served.running.stats.connections == 5100


def test_connections_beyond_the_limit_are_turned_away(serve) -> None:
    with serve(Limits(connections=3)) as served, ExitStack() as stack:
        for _ in range(3):
            sock = stack.enter_context(closing(served.connect()))
            sock.sendall(b"GET /slow HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        while served.running.stats.requests < 3:
            time.sleep(0.01)
        with closing(served.connect()) as one_more:
            assert status_of(everything(one_more, 2)) == 503
        served.site.release.set()
        assert status_of(everything(sock, 5)) == 200


def test_more_requests_than_threads_and_queue_are_told_to_return(serve) -> None:
    with serve(Limits(page_threads=1, page_queue=1)) as served, ExitStack() as stack:
        socks = [stack.enter_context(closing(served.connect())) for _ in range(3)]
        for sock in socks:
            sock.sendall(b"GET /slow HTTP/1.1\r\nHost: a\r\n\r\n")
            time.sleep(0.05)
        answer = everything(socks[2], 0.3)
        assert status_of(answer) == 503
        assert b"\r\nRetry-After: 5\r\n" in answer
        assert status_of(served.get("/hit")) == 200
        served.site.release.set()
        assert until(socks[0], b"slow") and until(socks[1], b"slow")


# Other clients, and the process


@pytest.mark.skipif(not shutil.which("curl"), reason="needs curl")
def test_curl_gets_and_sends(served: Served) -> None:
    url = "http://{}:{}".format(*served.running.address)
    got = subprocess.run(["curl", "-sS", url + "/hit", url + "/wsgi/x"], capture_output=True, check=True, timeout=20)
    assert got.stdout == b"<html>hit</html>not here"
    data = served.site.tmp / "data"
    data.write_bytes(os.urandom(1 << 20) * 3)
    for extra in (["-H", "Transfer-Encoding: chunked"], []):
        command = ["curl", "-sS", "--data-binary", f"@{data}", *extra, url + "/upload"]
        got = subprocess.run(command, capture_output=True, check=True, timeout=20)
        assert got.stdout == str(3 << 20).encode()


def test_sigterm_finishes_what_is_in_work_and_exits_with_0(tmp_path) -> None:
    with listen("127.0.0.1", 0) as sock:
        site = PathSite(tmp_path)
        child = os.fork()
        if not child:
            Timer(1, site.release.set).start()
            os._exit(run_worker(sock, lambda: site, Limits()))
        with (
            closing(socket.create_connection(sock.getsockname(), 5)) as busy,
            closing(socket.create_connection(sock.getsockname(), 5)) as idle,
        ):
            busy.sendall(b"GET /slow HTTP/1.1\r\nHost: a\r\n\r\n")
            idle.sendall(HIT)
            until(idle, b"</html>")
            os.kill(child, signal.SIGTERM)
            assert idle.recv(100) == b""
            answer = everything(busy, 5)
        assert answer.endswith(b"\r\n\r\nslow")
        assert b"\r\nConnection: close\r\n" in answer
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def test_answers_are_not_delayed_by_nagle(served: Served) -> None:
    with closing(served.connect()) as sock:
        sock.sendall(HIT)
        until(sock, b"</html>")
        delays = [accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) for accepted in _accepted(sock)]
        assert delays == [1]


def _accepted(client: socket.socket) -> Iterator[socket.socket]:
    """The server's end of a connection, found in this process, where the server runs too."""
    for link in Path("/proc/self/fd").iterdir():
        with contextlib.suppress(OSError), socket.socket(fileno=os.dup(int(link.name))) as sock:
            if sock.getpeername() == client.getsockname():
                yield sock


def test_a_socket_for_both_internet_protocols() -> None:
    if not socket.has_dualstack_ipv6():
        pytest.skip("no IPv6 here")
    with listen("::", 0) as sock:
        port = sock.getsockname()[1]
        for host in ("127.0.0.1", "::1"):
            socket.create_connection((host, port), 1).close()


def test_workers_may_share_a_port_with_a_socket_each() -> None:
    with listen("127.0.0.1", 0, apart=True) as one:
        listen("127.0.0.1", one.getsockname()[1], apart=True).close()
        with pytest.raises(OSError):
            listen("127.0.0.1", one.getsockname()[1])


def test_connections_are_limited_to_what_the_system_lets_us_open() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    limits = raise_file_limit(Limits(connections=1 << 30))
    try:
        assert limits.connections < hard
        assert resource.getrlimit(resource.RLIMIT_NOFILE)[0] == hard
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
