"""Indexes filled with invented projects, made once and kept in ``bench/work``."""

from __future__ import annotations

import multiprocessing
import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import orjson

from bench import corpus
from bench.asking import JSON, Line
from bench.load import Uploader
from bench.servers import Index

WORK = Path(__file__).parent / "work"


@contextmanager
def populated(projects: int) -> Iterator[Index]:
    """An index with at least so many projects, serving while the block runs."""
    folder = WORK / f"populated-{projects}"
    index = Index(folder, fresh=False)
    if not (folder / "done").exists():
        index.run("dev", "populate", "--projects", str(projects))
        (folder / "done").touch()
    index.start()
    try:
        yield index
    finally:
        index.stop()


def names(index: Index) -> list[str]:
    """The normalized name of every project, shuffled, the same way each time."""
    line = Line(index.url)
    listed = line.get("/simple/", {"Accept": JSON}).body
    line.close()
    found = [entry["name"].lower().replace("_", "-").replace(".", "-") for entry in orjson.loads(listed)["projects"]]
    random.Random(1).shuffle(found)
    return found


def _upload(url: str, token: str, folder: Path, name: str, seconds: float, pause: float) -> None:
    uploader = Uploader(url, token)
    end = time.monotonic() + seconds
    for path in corpus.synthetic(folder, name, range(int(seconds / pause) + 1)):
        if time.monotonic() > end:
            break
        uploader.post(path)
        time.sleep(pause)
    if uploader.refusals:
        raise RuntimeError(f"refused: {uploader.refusals[0]}")


@contextmanager
def uploads(index: Index, token: str, *, seconds: float, a_second: float) -> Iterator[None]:
    """Files that somebody publishes, from a process of its own, while the block runs."""
    name = f"live{time.time_ns() % 10**10}"
    told = (index.url, token, WORK / "live" / name, name, seconds, 1 / a_second)
    process = multiprocessing.get_context("spawn").Process(target=_upload, args=told)
    process.start()
    try:
        yield
    finally:
        process.join(60)
        if process.exitcode:
            raise RuntimeError("an upload was refused: see above")
