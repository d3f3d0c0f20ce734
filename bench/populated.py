"""Indexes filled with invented projects, made once and kept in ``bench/work``."""

from __future__ import annotations

import itertools
import multiprocessing
import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.synchronize import Event
from pathlib import Path
from typing import Any

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
    # Without jobs: the nightly check would be busy for an hour with files that have no bytes.
    index = Index(folder, fresh=False, jobs=False)
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


@contextmanager
def uploads(index: Index, token: str, *, seconds: float, a_second: float) -> Iterator[None]:
    """Files that somebody publishes, while the block runs."""
    name = f"live{time.time_ns() % 10**10}"
    with _beside(_upload, index.url, token, WORK / "live" / name, name, seconds, 1 / a_second):
        yield


@contextmanager
def readers(
    index: Index, asked: list[tuple[str, dict[str, str]]], *, seconds: float, a_second: float
) -> Iterator[None]:
    """Somebody who asks for these paths with these headers by turns, while the block runs."""
    with _beside(_read, index.url, asked, seconds, 1 / a_second):
        yield


@contextmanager
def _beside(work: Callable[..., None], *told: Any) -> Iterator[None]:
    """Do it in a process of its own, so that whoever measures is not kept from the clock."""
    context = multiprocessing.get_context("spawn")
    ready = context.Event()
    process = context.Process(target=work, args=(ready, *told))
    process.start()
    try:
        ready.wait(60)  # reading its libraries takes a second of the machine
        yield
    finally:
        process.join(60)
        if process.exitcode:
            raise RuntimeError("what was to be done beside failed: see above")


def _upload(ready: Event, url: str, token: str, folder: Path, name: str, seconds: float, pause: float) -> None:
    uploader = Uploader(url, token)
    first, *paths = corpus.synthetic(folder, name, range(int(seconds / pause) + 2))
    uploader.post(first)
    ready.set()
    end = time.monotonic() + seconds
    for path in paths:
        if time.monotonic() > end:
            break
        uploader.post(path)
        time.sleep(pause)
    if uploader.refusals:
        raise RuntimeError(f"refused: {uploader.refusals[0]}")


def _read(ready: Event, url: str, asked: list[tuple[str, dict[str, str]]], seconds: float, pause: float) -> None:
    line = Line(url)
    ready.set()
    end = time.monotonic() + seconds
    for path, headers in itertools.cycle(asked):
        if time.monotonic() > end:
            break
        if line.get(path, headers).status != 200:
            raise RuntimeError(f"no {path}")
        time.sleep(pause)
