"""Uploads: big blocks, few threads, flat memory, and exactly one end whatever the client does."""

from __future__ import annotations

import http.client
import os
import resource
import socket
import time
from contextlib import ExitStack, closing
from pathlib import Path
from threading import Thread

import pytest

from warehouse.server.limits import Limits
from warehouse.server.uploading import BLOCK
from warehouse.server.worker import listen, run_worker

from .conftest import Counting, PathSite, Served, everything, status_of, until

HEAD = b"POST /upload HTTP/1.1\r\nHost: a\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n"


def sized(size: int, *fields: str) -> bytes:
    return HEAD + b"".join(f"{field}\r\n".encode() for field in fields) + b"Content-Length: %d\r\n\r\n" % size


def the_receiver(served: Served) -> Counting:
    (receiver,) = served.site.receivers
    assert receiver.ended.wait(5)
    return receiver


def test_a_small_upload_is_one_block_in_one_thread(served: Served) -> None:
    answer = served.say(sized(1000) + b"x" * 1000)
    assert answer.endswith(b"\r\n\r\n1000")
    receiver = the_receiver(served)
    assert receiver.calls == ["begin", "feed", "finish"]
    assert len(receiver.threads) == 1
    assert receiver.threads.pop().startswith("uploads")


def test_an_empty_upload_is_begun_and_finished(served: Served) -> None:
    assert served.say(sized(0)).endswith(b"\r\n\r\n0")
    assert the_receiver(served).calls == ["begin", "finish"]


def test_a_large_upload_comes_in_big_blocks(served: Served) -> None:
    size = 50_000_000
    with closing(served.connect()) as sock:
        sock.sendall(sized(size))
        Thread(target=sock.sendall, args=(bytes(size),)).start()
        assert until(sock, b"50000000").startswith(b"HTTP/1.1 200 OK")
    receiver = the_receiver(served)
    assert sum(receiver.sizes) == size
    assert min(receiver.sizes[:-1]) >= BLOCK
    assert max(receiver.sizes) < 4 * BLOCK


def test_a_chunked_upload_is_put_together(served: Served) -> None:
    blocks = [os.urandom(size) for size in (1, 17, 70_000, 300_000, 5)]
    wire = b"".join(b"%X;ext=1\r\n%b\r\n" % (len(block), block) for block in blocks) + b"0\r\nTrailer: x\r\n\r\n"
    with closing(served.connect()) as sock:
        for at in range(0, len(wire) + 200, 33_333):
            sock.sendall((CHUNKED + b"\r\n" + wire)[at : at + 33_333])
        assert until(sock, b"\r\n\r\n370023")
        sock.sendall(sized(2) + b"ab")
        assert until(sock, b"\r\n\r\n2")


def test_http_client_sends_a_chunked_iterable(served: Served) -> None:
    client = http.client.HTTPConnection(*served.running.address, timeout=5)
    client.request(
        "POST", "/upload", iter([b"abc"] * 1000), encode_chunked=True, headers={"Transfer-Encoding": "chunked"}
    )
    assert client.getresponse().read() == b"3000"
    client.close()


def test_an_upload_longer_than_the_limit_is_413_which_the_client_can_read(served: Served) -> None:
    served.site.make = lambda: Counting(limit=1_000_000)
    client = http.client.HTTPConnection(*served.running.address, timeout=10)
    client.request("POST", "/upload", bytes(30_000_000))  # sends everything before it reads
    answer = client.getresponse()
    assert answer.status == 413
    assert answer.read() == b"The upload is larger than 1000000 bytes.\n"
    client.close()
    assert the_receiver(served).calls == ["abort"]


def test_a_chunked_upload_longer_than_the_limit_is_413(served: Served) -> None:
    served.site.make = lambda: Counting(limit=1_000_000)
    client = http.client.HTTPConnection(*served.running.address, timeout=10)
    blocks = iter([bytes(100_000)] * 100)
    client.request("POST", "/upload", blocks, encode_chunked=True, headers={"Transfer-Encoding": "chunked"})
    assert client.getresponse().status == 413
    client.close()
    receiver = the_receiver(served)
    assert receiver.calls[-1] == "abort"
    assert receiver.calls.count("abort") == 1
    assert sum(receiver.sizes) <= 1_000_000


def test_what_is_drained_has_a_bound(serve) -> None:
    with serve(Limits(tick=0.02, drain_size=1_000_000)) as served:
        served.site.make = lambda: Counting(limit=10)
        with closing(served.connect()) as sock, pytest.raises(OSError):
            sock.sendall(sized(1 << 30))
            for _ in range(2000):
                sock.sendall(bytes(1 << 16))


@pytest.mark.parametrize(("where", "calls"), [("begin", ["begin"]), ("feed", ["begin", "feed"])])
@pytest.mark.parametrize("size", [1000, 5_000_000])
def test_a_receiver_that_refuses_is_aborted_and_the_client_told(served: Served, where, calls, size) -> None:
    served.site.make = lambda: Counting(refuse_in=where)
    client = http.client.HTTPConnection(*served.running.address, timeout=5)
    client.request("POST", "/upload", bytes(size))
    answer = client.getresponse()
    assert (answer.status, answer.read()) == (403, b"You may not upload here.\n")
    client.close()
    assert the_receiver(served).calls == [*calls, "abort"]


def test_a_late_refusal_can_still_be_read_by_a_client_that_is_sending(serve) -> None:
    with serve(Limits(tick=0.02, head=0.1, linger=1.0)) as served:
        served.site.make = lambda: Counting(refuse_in="begin", slow=0.3)
        with closing(served.connect()) as sock:
            request = sized(20_000_000)
            sock.sendall(request[:20])
            time.sleep(0.05)
            sock.sendall(request[20:] + bytes(1_000_000))
            time.sleep(0.6)
            for _ in range(19):
                sock.sendall(bytes(1_000_000))
                time.sleep(0.02)
            assert status_of(until(sock, b"here.\n")) == 403


def test_a_refusal_at_the_end_keeps_the_connection(served: Served) -> None:
    served.site.make = lambda: Counting(refuse_in="finish")
    with closing(served.connect()) as sock:
        for _ in range(2):
            sock.sendall(sized(3) + b"abc")
            assert status_of(until(sock, b"here.\n")) == 403
    assert [receiver.calls for receiver in served.site.receivers] == [["begin", "feed", "finish"]] * 2


def test_a_client_that_expects_a_refusal_sends_nothing(served: Served) -> None:
    served.site.make = lambda: Counting(refuse_in="begin")
    with closing(served.connect()) as sock:
        sock.sendall(sized(1000, "Expect: 100-continue"))
        assert everything(sock, 0.3).startswith(b"HTTP/1.1 403 ")
    served.site.make = Counting
    with closing(served.connect()) as sock:
        sock.sendall(sized(4, "Expect: 100-continue"))
        assert until(sock, b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
        sock.sendall(b"body")
        assert until(sock, b"\r\n\r\n4")


@pytest.mark.parametrize("sent", [10, 600_000])
@pytest.mark.parametrize("way", ["close", "reset", "half"])
@pytest.mark.parametrize("slow", [0.0, 0.1])
def test_a_client_that_vanishes_aborts_its_own_upload_once(serve, sent: int, way: str, slow: float) -> None:
    with serve(Limits(tick=0.02, body_silence=0.5, linger=0.1)) as served:
        served.site.make = lambda: Counting(slow=slow)
        with closing(served.connect()) as other:
            other.sendall(sized(4) + b"bo")
            with closing(served.connect()) as sock:
                sock.sendall(sized(1_000_000) + bytes(sent))
                if way == "reset":
                    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
                if way == "half":
                    sock.shutdown(socket.SHUT_WR)
                    assert status_of(everything(sock, 3)) == 400
            other.sendall(b"dy")
            assert until(other, b"\r\n\r\n4")
        gone = next(receiver for receiver in served.site.receivers if sum(receiver.sizes) != 4)
        assert gone.ended.wait(5)
        time.sleep(0.1)
        assert gone.calls.count("abort") == 1
        assert gone.calls[-1] == "abort"
        assert "finish" not in gone.calls
        assert served.running.stats.broken == 0


def test_a_truncated_chunk_aborts_once(served: Served) -> None:
    assert status_of(served.say(CHUNKED + b"\r\n10\r\nabc", eof=True)) == 400
    assert the_receiver(served).calls == ["abort"]


def test_a_worker_that_stops_aborts_the_upload_it_cannot_finish(serve) -> None:
    with ExitStack() as stack:
        with serve(Limits(tick=0.02, grace=0.2)) as served:
            sock = stack.enter_context(closing(served.connect()))
            sock.sendall(sized(1_000_000) + bytes(600_000))
            time.sleep(0.1)
        assert served.site.receivers[0].calls == ["begin", "feed", "abort"]


def test_uploads_never_starve_readers(serve) -> None:
    with serve(Limits(upload_threads=1, upload_queue=50)) as served, ExitStack() as stack:
        served.site.make = lambda: Counting(slow=0.3)
        socks = [stack.enter_context(closing(served.connect())) for _ in range(10)]
        for sock in socks:
            sock.sendall(sized(3) + b"abc")
        started = time.monotonic()
        assert status_of(served.get("/who")) == 200
        assert time.monotonic() - started < 1.5  # the uploads take three seconds
        for sock in socks:
            assert until(sock, b"\r\n\r\n3")


def test_more_uploads_than_fit_are_told_to_return(serve) -> None:
    with serve(Limits(upload_threads=1, upload_queue=0)) as served, ExitStack() as stack:
        served.site.make = lambda: Counting(slow=0.2)
        one, two = (stack.enter_context(closing(served.connect())) for _ in range(2))
        one.sendall(sized(3) + b"abc")
        time.sleep(0.1)
        two.sendall(sized(3) + b"abc")
        assert b"\r\nRetry-After: 5\r\n" in until(two, b"\r\n\r\n")
        assert until(one, b"\r\n\r\n3")
        assert served.site.receivers[1].ended.wait(5)
        assert served.site.receivers[1].calls == ["abort"]


@pytest.mark.parametrize("size", [100_000_000, pytest.param(1_000_000_000, marks=pytest.mark.slow)])
@pytest.mark.parametrize("chunked", [False, True])
def test_memory_stays_flat(tmp_path: Path, size: int, chunked: bool) -> None:
    block = bytes(1_000_000)
    with listen("127.0.0.1", 0) as listening:
        child = os.fork()
        if not child:
            site = PathSite(tmp_path)
            before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
            site.answer = lambda ask: _memory(before)  # type: ignore[method-assign]
            os._exit(run_worker(listening, lambda: site, Limits()))
        try:
            client = http.client.HTTPConnection("127.0.0.1", listening.getsockname()[1], timeout=60)
            blocks = (block for _ in range(size // len(block)))
            fields = {"Transfer-Encoding": "chunked"} if chunked else {"Content-Length": str(size)}
            client.request("POST", "/upload", blocks, headers=fields, encode_chunked=chunked)
            assert client.getresponse().read() == str(size).encode()
            client.request("GET", "/memory")
            grown = int(client.getresponse().read())
            client.close()
        finally:
            os.kill(child, 15)
            assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert grown < 24 * 1024  # KiB


def _memory(before: int):
    from warehouse.standards.http.message import Answer

    return Answer(200, [], str(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before).encode())
