"""What Prometheus is told about one process, and about all processes of a tree together."""

import os
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from warehouse.infra.metrics import HotCounter, Metrics, fresh_folder


def numbers(metrics: Metrics) -> dict[str, float]:
    lines = metrics.render().decode().splitlines()
    return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines if line[0] != "#")}


def in_a_child(act: Callable[[], None], *, until: Callable[[], None] = lambda: None) -> int:
    """Forks, acts in the child, and meets ``until`` while the child is alive; gives the dead child's id."""
    ready, ready_in_child = os.pipe()
    go_in_child, go = os.pipe()
    if (pid := os.fork()) == 0:
        status = 1
        try:
            act()
            os.write(ready_in_child, b".")
            os.read(go_in_child, 1)
            status = 0
        finally:
            os._exit(status)
    os.close(ready_in_child)
    os.close(go_in_child)
    assert os.read(ready, 1) == b"."
    until()
    os.write(go, b".")
    assert os.waitpid(pid, 0)[1] == 0
    os.close(ready)
    os.close(go)
    return pid


@pytest.fixture(params=["alone", "tree"])
def metrics(request: pytest.FixtureRequest, tmp_path: Path) -> Metrics:
    return Metrics(fresh_folder(tmp_path / "metrics") if request.param == "tree" else None)


def test_requests_are_counted_by_door_and_class_of_status(metrics: Metrics) -> None:
    for door, status in [("simple", 200), ("simple", 204), ("simple", 404), ("files", 206)]:
        metrics.answered(door, status).value += 1
    told = numbers(metrics)
    assert told['warehouse_http_requests_total{door="simple",status="2xx"}'] == 2
    assert told['warehouse_http_requests_total{door="simple",status="4xx"}'] == 1
    assert told['warehouse_http_requests_total{door="files",status="2xx"}'] == 1


def test_one_door_and_status_is_one_counter(metrics: Metrics) -> None:
    assert metrics.answered("simple", 200) is metrics.answered("simple", 201)
    assert metrics.answered("simple", 200) is not metrics.answered("files", 200)


def test_the_page_cache_is_counted_by_door(metrics: Metrics) -> None:
    metrics.hit("simple").value += 5
    metrics.hit("json").value += 2
    metrics.missed("simple", 0.003)
    metrics.page_cache_bytes.set(1000)
    metrics.page_cache_entries.set(7)
    metrics.pages_evicted.value = 4
    metrics.pages_invalidated.value = 3
    told = numbers(metrics)
    assert told['warehouse_page_cache_total{door="simple",result="hit"}'] == 5
    assert told['warehouse_page_cache_total{door="json",result="hit"}'] == 2
    assert told['warehouse_page_cache_total{door="simple",result="miss"}'] == 1
    assert told['warehouse_page_build_seconds_count{door="simple"}'] == 1
    assert told['warehouse_page_build_seconds_bucket{door="simple",le="0.0025"}'] == 0
    assert told['warehouse_page_build_seconds_bucket{door="simple",le="0.005"}'] == 1
    assert told["warehouse_page_cache_bytes"] == 1000
    assert told["warehouse_page_cache_entries"] == 7
    assert told['warehouse_page_cache_drops_total{reason="evicted"}'] == 4
    assert told['warehouse_page_cache_drops_total{reason="invalidated"}'] == 3


def test_reads_that_were_too_many_are_counted(metrics: Metrics) -> None:
    metrics.reads_refused.value += 2
    assert numbers(metrics)["warehouse_reads_refused_total"] == 2


def test_uploads_and_jobs_are_counted(metrics: Metrics) -> None:
    metrics.uploads_accepted.inc()
    metrics.refused("file-exists")
    metrics.refused("what a\nstranger sent")
    metrics.upload_seconds.observe(2)
    metrics.jobs_done.labels("render_description").inc()
    metrics.jobs_failed.labels("send_mail").inc()
    told = numbers(metrics)
    assert told["warehouse_uploads_accepted_total"] == 1
    assert told['warehouse_uploads_refused_total{code="file-exists"}'] == 1
    assert told['warehouse_uploads_refused_total{code="other"}'] == 1
    assert told["warehouse_upload_seconds_sum"] == 2
    assert told['warehouse_jobs_done_total{job="render_description"}'] == 1
    assert told['warehouse_jobs_failed_total{job="send_mail"}'] == 1


def test_reading_twice_counts_nothing_twice(metrics: Metrics) -> None:
    metrics.hit("simple").value += 1
    assert numbers(metrics) == numbers(metrics)


def test_what_two_threads_flush_at_once_is_written_once():
    written, inside, go_on = [], threading.Event(), threading.Event()

    def add(more: float) -> None:
        written.append(more)
        inside.set()
        assert go_on.wait(20)

    counter = HotCounter(add)
    counter.value += 3
    threads = [threading.Thread(target=counter.flush) for _ in range(8)]
    for thread in threads:
        thread.start()
    assert inside.wait(20)
    counter.value += 4
    go_on.set()
    for thread in threads:
        thread.join()
    counter.flush()
    assert sum(written) == 7


def test_a_hot_counter_writes_what_came_since_the_last_time() -> None:
    written: list[float] = []
    counter = HotCounter(written.append)
    counter.flush()
    counter.value += 3
    counter.flush()
    counter.flush()
    counter.value += 1
    counter.flush()
    assert written == [3, 1]


def test_processes_of_a_tree_are_summed(tmp_path: Path) -> None:
    metrics = Metrics(fresh_folder(tmp_path))
    metrics.answered("simple", 200).value += 1
    metrics.uploads_accepted.inc(2)
    metrics.connections.set(3)
    metrics.journal_serial.set(70)
    metrics.flush()

    def serve() -> None:
        metrics.answered("simple", 200).value += 10
        metrics.uploads_accepted.inc(20)
        metrics.connections.set(30)
        metrics.journal_serial.set(700)
        metrics.follower_lag.labels("search").set(4)
        metrics.flush()

    def alive() -> None:
        told = numbers(metrics)
        assert told['warehouse_http_requests_total{door="simple",status="2xx"}'] == 11
        assert told["warehouse_uploads_accepted_total"] == 22
        assert told["warehouse_connections"] == 33
        assert told["warehouse_journal_serial"] == 700
        assert told['warehouse_follower_lag{follower="search"}'] == 4

    metrics.forget_process(in_a_child(serve, until=alive))
    told = numbers(metrics)
    assert told['warehouse_http_requests_total{door="simple",status="2xx"}'] == 11
    assert told["warehouse_uploads_accepted_total"] == 22
    assert told["warehouse_connections"] == 3
    assert told["warehouse_journal_serial"] == 700
    assert 'warehouse_follower_lag{follower="search"}' not in told


def test_a_process_that_did_not_fork_from_the_tree_counts_in_its_folder(tmp_path: Path) -> None:
    metrics = Metrics(fresh_folder(tmp_path))
    # The library was imported before the folder was known: the order of imports must not matter.
    script = (
        "import prometheus_client, sys, pathlib\n"
        "from warehouse.infra.metrics import Metrics\n"
        "Metrics(pathlib.Path(sys.argv[1])).uploads_accepted.inc(7)"
    )
    subprocess.run([sys.executable, "-c", script, str(tmp_path)], check=True)
    assert numbers(metrics)["warehouse_uploads_accepted_total"] == 7


def test_a_new_run_starts_at_zero_and_leaves_other_files_alone(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    Metrics(fresh_folder(tmp_path)).uploads_accepted.inc()
    assert list(tmp_path.glob("*.db"))
    assert numbers(Metrics(fresh_folder(tmp_path)))["warehouse_uploads_accepted_total"] == 0
    assert (tmp_path / "notes.txt").read_text() == "mine"


def test_commands_that_count_nothing_do_not_read_the_library() -> None:
    script = "import sys, warehouse.infra.metrics; sys.exit('prometheus_client' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script]).returncode == 0
