"""Stopping and replacing processes while people publish and install."""

from __future__ import annotations

import http.client
import signal
import threading
import time

from tests.builders import wheel
from tests.served import Served, eventually, upload_request


def half_sent(index: Served, body: bytes, headers: dict[str, str]) -> http.client.HTTPConnection:
    """A connection that has sent the first half of an upload."""
    connection = index.connect()
    connection.putrequest("POST", "/legacy/")
    for name, value in headers.items():
        connection.putheader(name, value)
    connection.endheaders(body[: len(body) // 2])
    time.sleep(0.2)  # until a worker has begun to read it
    return connection


def test_an_upload_that_has_begun_is_finished_before_the_index_stops(index):
    dist = wheel("polite", files={"polite.py": bytes(300_000)})
    body, headers = upload_request(dist, index.token())
    connection = half_sent(index, body, headers)
    index.signal(signal.SIGTERM)
    time.sleep(0.5)
    connection.send(body[len(body) // 2 :])
    assert connection.getresponse().status == 200
    assert index.wait() == 0
    assert index.processes() == []
    index.start()
    assert [file["hashes"]["sha256"] for file in index.files("polite")] == [dist.sha256]


def test_a_connection_that_nobody_uses_does_not_keep_the_index_from_stopping(index):
    idle = index.connect()
    assert index.get("/simple/", connection=idle).status == 200
    began = time.monotonic()
    index.stop()
    assert time.monotonic() - began < 5
    idle.close()


def test_a_rolling_restart_loses_no_request(index):
    index.publish(wheel("constant"))
    former = set(index.role("web-1") + index.role("web-2") + index.role("jobs"))
    assert len(former) == 3
    failed: list[object] = []
    answered: list[int] = []
    stop = threading.Event()

    def read() -> None:
        while not stop.is_set():
            try:
                answer = index.get("/simple/constant/")
            except (OSError, http.client.HTTPException) as error:
                failed.append(error)
            else:
                answered.append(answer.status)

    def publish() -> None:
        number = 0
        while not stop.is_set():
            number += 1
            try:
                answered.append(index.upload(wheel("rolling", f"1.{number}")).status)
            except (OSError, http.client.HTTPException) as error:
                failed.append(error)

    threads = [threading.Thread(target=run) for run in (read, read, publish)]
    for thread in threads:
        thread.start()
    index.signal(signal.SIGHUP)
    try:
        eventually(
            lambda: index.is_whole and not former & {process.pid for process in index.processes()},
            seconds=30,
            otherwise=index.log.read_text,
        )
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert failed == []
    assert len(answered) > 50
    assert set(answered) == {200}
