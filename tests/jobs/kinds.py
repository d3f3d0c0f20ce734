"""Jobs for tests, told apart by the file they write."""

from __future__ import annotations

import os
import time
from pathlib import Path

from sqlalchemy import text

from warehouse.infra.jobs import job
from warehouse.work import Work


def written(work_or_tools, name: str) -> list[str]:
    """The lines that jobs have written under this name."""
    path = Path(work_or_tools.settings.data) / f"{name}.txt"
    return path.read_text().splitlines() if path.exists() else []


def write(work: Work, name: str, line: str) -> None:
    with open(Path(work.settings.data) / f"{name}.txt", "a") as file:
        file.write(line + "\n")


@job(queue="tests")
def note(work: Work, name: str) -> None:
    """Write down who did it."""
    write(work, name, work.actor.kind.value)


@job(queue="tests")
def tick(work: Work) -> None:
    """What a clock asks for."""
    write(work, "ticks", "tick")


@job(queue="tests", retries=1)
def stumble(work: Work, name: str, password: str) -> None:
    """Change something, write down that it tried, and fail."""
    write(work, name, "tried")
    work.db.execute(text("INSERT INTO flags (name, enabled) VALUES ('stumbled', true)"))
    raise RuntimeError("there is a stone in the way")


@job(queue="tests", unique=True, retries=1)
def stumble_alone(work: Work, name: str) -> None:
    """Fail, while an equal job has been asked for."""
    write(work, name, "tried")
    raise RuntimeError("there is a stone in the way")


@job(queue="tests", retries=0)
def dawdle(work: Work, name: str, seconds: float) -> None:
    """Take its time the first time."""
    first = not written(work, name)
    write(work, name, f"begun in {os.getpid()}")
    time.sleep(seconds if first else 0)
    write(work, name, f"ended in {os.getpid()}")


@job(queue="tests", retries=0)
def die(work: Work, name: str) -> None:
    """Take the worker with it."""
    write(work, name, "died")
    os._exit(9)
