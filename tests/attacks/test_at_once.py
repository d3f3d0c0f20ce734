"""Processes that do the same at the same time."""

from __future__ import annotations

import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from warehouse.infra.metrics import Metrics

PROCESSES = 4
TURNS = 40

# Both wait for a moment that all processes know, and do it all in the same instant, again and again.
_EACH_TURN = f"""
import sys, time
from pathlib import Path
folder, start = Path(sys.argv[1]), float(sys.argv[2])
for turn in range({TURNS}):
    while time.time() < start + turn / 100:
        pass
"""
MAKE_SECRET = f"""
from warehouse.settings import load_settings
from warehouse.toolbox import _secret
{_EACH_TURN}
    print(_secret(load_settings({{"WAREHOUSE_DATA": str(folder / str(turn))}})).decode())
"""
RAISE_HEAD = f"""
from warehouse.infra.head import Head
{_EACH_TURN}
    head = Head(folder / str(turn) / "head")
    for serial in range(300):
        head.raise_to(serial)
    print(head.serial)
"""


def _together(program: str, folder: Path) -> list[tuple[str, ...]]:
    """What each of the processes prints in each turn."""
    for turn in range(TURNS):
        (folder / str(turn)).mkdir()
    command = [sys.executable, "-c", program, str(folder), str(time.time() + 2)]
    running = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(PROCESSES)]
    said = [process.communicate(timeout=30)[0].split() for process in running]
    assert [process.returncode for process in running] == [0] * PROCESSES
    return list(zip(*said, strict=True))


def test_processes_that_start_at_once_agree_on_one_secret(tmp_path: Path) -> None:
    turns = _together(MAKE_SECRET, tmp_path)
    assert len(turns) == TURNS
    assert all(len(set(secrets)) == 1 and len(secrets[0]) == 64 for secrets in turns)
    assert len({secrets[0] for secrets in turns}) == TURNS


def test_the_head_never_falls_whoever_raises_it(tmp_path: Path) -> None:
    assert _together(RAISE_HEAD, tmp_path) == [("299",) * PROCESSES] * TURNS


def test_workers_that_start_at_once_forget_the_same_dead_one(tmp_path: Path) -> None:
    metrics = Metrics(tmp_path)
    with ThreadPoolExecutor(8) as workers:
        for pid in range(100_000, 100_050):
            for kind in ("livesum", "livemax", "liveall"):
                (tmp_path / f"gauge_{kind}_{pid}.db").touch()
            list(workers.map(metrics.forget_process, [pid] * 8))
    assert list(tmp_path.glob("gauge_live*_100*.db")) == []
