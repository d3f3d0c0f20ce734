"""Removing blobs that no file refers to, and none that one refers to or is about to."""

from __future__ import annotations

import logging
import os
import threading
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from tests.builders import wheel
from warehouse.errors import Conflict
from warehouse.infra.blobs import key_of
from warehouse.infra.jobs import JOBS
from warehouse.operations import sweeping
from warehouse.operations.sweeping import Swept, sweep_blobs
from warehouse.operations.upload import store
from warehouse.work import SYSTEM, begin
from warehouse.worker.main import perform

DAY = timedelta(days=1)


def put(tools, data: bytes, *, age: timedelta = timedelta(0)) -> str:
    """A blob of this age; its key."""
    key = key_of(data)
    tools.blobs.put_bytes(key, data)
    grow_old(tools, key, age)
    return key


def grow_old(tools, key: str, age: timedelta) -> None:
    at = (datetime.now(UTC) - age).timestamp()
    os.utime(tools.blobs.local_path(key), (at, at))


def kept(tools) -> set[str]:
    return {blob.key for blob in tools.blobs.keys(after="")}


def upload(index, dist) -> int:
    """Upload as ada through the real door; the status of the answer."""
    return index.upload(dist, by=index.ada).status


@pytest.fixture
def demo(index):
    """An index with one old wheel of ada's: its two blobs are in use."""
    index.ada = index.user("ada")
    assert upload(index, wheel("demo", "1.0")) == 200
    for key in kept(index.tools):
        grow_old(index.tools, key, 10 * DAY)
    return index


def test_old_blobs_without_a_file_are_removed_and_everything_else_stays(demo):
    tools = demo.tools
    used = kept(tools)
    assert len(used) == 2  # the wheel and its metadata
    put(tools, b"old", age=2 * DAY)
    young = put(tools, b"young", age=DAY / 2)
    assert sweep_blobs(tools, older_than=DAY, dry_run=True) == Swept(1, 3)
    assert len(kept(tools)) == 4
    assert sweep_blobs(tools, older_than=DAY) == Swept(1, 3)
    assert kept(tools) == used | {young}
    assert sweep_blobs(tools, older_than=DAY) == Swept(0, 0)


def test_the_blobs_of_a_removed_file_are_removed_once_nobody_else_has_them(demo):
    with demo.work() as work:
        work.db.execute(text("DELETE FROM files"))
    assert sweep_blobs(demo.tools, older_than=DAY).count == 2
    assert kept(demo.tools) == set()


def test_more_blobs_than_one_batch_are_swept(demo, monkeypatch):
    monkeypatch.setattr(sweeping, "BATCH", 3)
    for number in range(10):
        put(demo.tools, b"%d" % number, age=2 * DAY)
    assert sweep_blobs(demo.tools, older_than=DAY).count == 10
    assert len(kept(demo.tools)) == 2


def test_an_index_that_never_had_a_file_does_not_empty_a_store(tools):
    assert sweep_blobs(tools, older_than=DAY) == Swept(0, 0)
    key = put(tools, b"somebody else's", age=2 * DAY)
    with pytest.raises(Conflict, match="right database"):
        sweep_blobs(tools, older_than=DAY)
    assert kept(tools) == {key}


def test_a_blob_that_an_upload_holds_is_left_alone(demo):
    # The upload has found the old blob there, or put it again, and has not committed its rows yet.
    key = put(demo.tools, b"wanted again", age=2 * DAY)
    with begin(demo.tools, SYSTEM) as uploading:
        store.hold_blobs(uploading, key)
        assert sweep_blobs(demo.tools, older_than=DAY) == Swept(0, 0)
    assert sweep_blobs(demo.tools, older_than=DAY).count == 1


def test_an_upload_waits_for_a_sweep_of_its_bytes_and_stores_them_again(demo, monkeypatch):
    tools, dist = demo.tools, wheel("demo", "1.1")
    put(tools, dist.content, age=2 * DAY)
    deleting, go_on = threading.Event(), threading.Event()
    delete = tools.blobs.delete

    def slow_delete(key: str) -> None:
        deleting.set()
        assert go_on.wait(20)
        delete(key)

    monkeypatch.setattr(tools.blobs, "delete", slow_delete)
    swept: list[Swept] = []
    answers: list[int] = []
    sweeper = threading.Thread(target=lambda: swept.append(sweep_blobs(tools, older_than=DAY)))
    sweeper.start()
    assert deleting.wait(20)
    uploader = threading.Thread(target=lambda: answers.append(upload(demo, dist)))
    uploader.start()
    uploader.join(1.0)
    assert uploader.is_alive(), "the upload must wait for the sweep of its bytes"
    go_on.set()
    sweeper.join(20)
    uploader.join(20)
    assert (swept, answers) == ([Swept(1, len(dist.content))], [200])
    assert dist.blake2_256 in kept(tools)
    assert tools.blobs.read(dist.blake2_256, 1 << 20) == dist.content


def test_an_upload_between_the_sweepers_look_and_its_lock_keeps_its_bytes(demo, monkeypatch):
    tools, dist = demo.tools, wheel("demo", "1.1")
    put(tools, dist.content, age=2 * DAY)
    remove = sweeping._remove

    def upload_first(tools, blob, before):
        assert upload(demo, dist) == 200
        grow_old(tools, dist.blake2_256, 2 * DAY)  # even on a store that keeps the first time of a blob
        return remove(tools, blob, before)

    monkeypatch.setattr(sweeping, "_remove", upload_first)
    assert sweep_blobs(tools, older_than=DAY) == Swept(0, 0)
    assert dist.blake2_256 in kept(tools)


def test_a_blob_put_again_between_the_look_and_the_lock_has_its_time_start_anew(demo, monkeypatch):
    key = put(demo.tools, b"put again", age=2 * DAY)
    remove = sweeping._remove

    def put_first(tools, blob, before):
        put(tools, b"put again")
        return remove(tools, blob, before)

    monkeypatch.setattr(sweeping, "_remove", put_first)
    assert sweep_blobs(demo.tools, older_than=DAY) == Swept(0, 0)
    assert key in kept(demo.tools)


def test_uploads_and_sweeps_at_once_never_lose_the_bytes_of_a_file(demo):
    # Bytes come, go and come again as fast as they can while sweepers take everything that nobody has at the moment.
    tools, stop = demo.tools, threading.Event()
    dists = [wheel("demo", f"2.{number}") for number in range(6)]

    def sweeping_all() -> None:
        while not stop.is_set():
            sweep_blobs(tools, older_than=-DAY)

    sweepers = [threading.Thread(target=sweeping_all) for _ in range(2)]
    for thread in sweepers:
        thread.start()
    try:
        for _ in range(4):
            for dist in dists:
                assert upload(demo, dist) == 200
                assert tools.blobs.stat(dist.blake2_256) is not None
            with demo.work() as work:
                work.db.execute(text("DELETE FROM files WHERE filename LIKE 'demo-2%'"))
                work.db.execute(text("DELETE FROM file_names WHERE filename LIKE 'demo-2%'"))
    finally:
        stop.set()
        for thread in sweepers:
            thread.join(30)


def test_the_job_sweeps_leftovers_of_uploads_too(demo, caplog):
    caplog.set_level(logging.INFO)
    tools = demo.tools
    put(tools, b"old", age=2 * DAY)
    leftover = tools.blobs.temporary()
    leftover.write_bytes(b"half an upload")
    os.utime(leftover, (0, 0))
    perform(tools, JOBS["sweep"], {})
    assert not leftover.exists()
    assert "swept 1 blobs and 1 unfinished files" in caplog.text
