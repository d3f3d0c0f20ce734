"""Files: exact bytes, ranges, missing ones, and readers of every speed."""

from __future__ import annotations

import hashlib
import os
from contextlib import ExitStack, closing
from pathlib import Path
from threading import enumerate as threads

import pytest

from warehouse.errors import NotFound
from warehouse.server.files import opened
from warehouse.server.sending import PIECE
from warehouse.standards.http.message import Answer, FileSlice

from .conftest import Served, everything, status_of, until


def body_of(answer: bytes) -> bytes:
    return answer.partition(b"\r\n\r\n")[2]


def open_descriptors(path: str) -> int:
    links = Path("/proc/self/fd").iterdir()
    return sum(os.path.realpath(link).startswith(path) for link in links)


@pytest.mark.parametrize("size", [0, 1, 1000, PIECE - 1, PIECE, PIECE + 1, 5 * PIECE + 17])
def test_a_file_arrives_as_it_is_and_is_closed(served: Served, size: int) -> None:
    content = os.urandom(size)
    (served.site.tmp / "a").write_bytes(content)
    answer = served.get("/file/a")
    assert body_of(answer) == content
    assert b"\r\nContent-Length: %d\r\n" % size in answer
    assert open_descriptors(str(served.site.tmp)) == 0


def test_a_slice_is_sent_alone_and_between_bytes(served: Served) -> None:
    (served.site.tmp / "one").write_bytes(b"0123456789")
    assert body_of(served.get("/file/one?3-7")) == b"3456"
    assert body_of(served.get("/file/one?4-4")) == b""
    answer = served.get("/parts")
    assert body_of(answer) == b"<12|12>"
    assert status_of(answer) == 206


def test_head_of_a_file_reads_nothing(served: Served) -> None:
    (served.site.tmp / "a").write_bytes(b"x" * 1000)
    answer = served.get("/file/a", method="HEAD")
    assert b"\r\nContent-Length: 1000\r\n" in answer
    assert body_of(answer) == b""
    assert open_descriptors(str(served.site.tmp)) == 0


def test_a_missing_file_is_404_on_a_connection_that_stays(served: Served) -> None:
    with closing(served.connect()) as sock:
        for _ in range(2):
            sock.sendall(b"GET /file/missing HTTP/1.1\r\nHost: a\r\n\r\n")
            assert status_of(until(sock, b"not here.\n")) == 404


def test_more_than_the_file_has_is_a_bug_of_ours_not_a_short_answer(served: Served) -> None:
    (served.site.tmp / "a").write_bytes(b"x" * 10)
    assert status_of(served.get("/file/a?0-11")) == 500


def test_several_files_on_one_connection(served: Served) -> None:
    contents = {name: os.urandom(400_000) for name in "abc"}
    with closing(served.connect()) as sock:
        for name, content in contents.items():
            (served.site.tmp / name).write_bytes(content)
            sock.sendall(f"GET /file/{name} HTTP/1.1\r\nHost: a\r\n\r\n".encode())
        got = b""
        while len(got) < 1_200_000 + 3 * 100:
            got += sock.recv(1 << 20)
        for content in contents.values():
            assert got.count(content) == 1


def test_slow_readers_hold_no_thread(served: Served) -> None:
    content = os.urandom(1 << 20) * 20
    (served.site.tmp / "big").write_bytes(content)
    with ExitStack() as stack:
        socks = [stack.enter_context(closing(served.connect())) for _ in range(30)]
        for sock in socks:
            sock.sendall(b"GET /file/big HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            until(sock, b"\r\n\r\n")
        assert status_of(served.get("/file/big", method="HEAD")) == 200
        assert status_of(served.get("/wsgi/x")) == 404
        assert len([thread for thread in threads() if thread.name.startswith(("pages", "files"))]) <= 8
        digest = hashlib.sha256(content).digest()
        answer = served.get("/file/big")
        assert hashlib.sha256(body_of(answer)).digest() == digest
        for sock in socks[:3]:
            assert everything(sock, 5)


def test_a_file_that_shrinks_meanwhile_ends_the_connection_short(served: Served) -> None:
    path = served.site.tmp / "shrinking"
    path.write_bytes(bytes(40_000_000))
    with closing(served.connect()) as sock:
        sock.sendall(b"GET /file/shrinking HTTP/1.1\r\nHost: a\r\n\r\n")
        until(sock, b"\r\n\r\n")
        os.truncate(path, 1)
        assert len(everything(sock, 5)) < 40_000_000
    assert status_of(served.get("/hit")) == 200


def test_opening_closes_what_it_opened_when_a_later_file_is_missing(tmp_path) -> None:
    (tmp_path / "there").write_bytes(b"x")
    answer = Answer(200, [], (FileSlice(str(tmp_path / "there"), 0, 1), FileSlice(str(tmp_path / "gone"), 0, 1)))
    with pytest.raises(NotFound):
        opened(answer)
    assert open_descriptors(str(tmp_path)) == 0
