"""A crowd that guesses passwords, and what readers notice of it."""

from __future__ import annotations

import asyncio
import itertools
import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlencode, urlsplit

from bench.asking import request
from bench.load import wrk
from bench.machine import memory
from bench.pace import Wanted, paced
from bench.servers import Index

CROWD = 200
PAGE = "/simple/"
READS = 2000  # a second
PAUSE = 0.5  # seconds that a guesser takes after being refused, as the index asks for longer
# Without limits that would stop the guessing long before hashing is a burden.
UNLIMITED = {f"WAREHOUSE_LIMITS__SIGN_IN_{name}": "1000000 per 5 min" for name in ("PER_ADDRESS", "PER_USER", "IN_ALL")}


def sign_in(index: Index, username: str, seconds: float) -> dict[str, Any]:
    """Pages from memory, alone and beside the crowd; the index is served with :data:`UNLIMITED`."""
    alone = _reading(index, seconds)
    with _crowd(index.url, username) as guessing:
        beside = _reading(index, seconds)
        held = memory(index.pid) / 1e6
    attempts = guessing.pop("seconds")
    return {
        "pages alone, requests/s": alone["rps"],
        f"pages beside {CROWD} who guess passwords, of that": beside["rps"] / alone["rps"],
        f"{READS} pages a second alone, p50 ms": alone["p50"],
        f"{READS} pages a second alone, p99 ms": alone["p99"],
        f"{READS} pages a second beside them, p50 ms": beside["p50"],
        f"{READS} pages a second beside them, p99 ms": beside["p99"],
        "memory beside them (PSS), MB": held,
        **{f"guesses answered {status}, a second": count / attempts for status, count in sorted(guessing.items())},
    }


def _reading(index: Index, seconds: float) -> dict[str, float]:
    fast = wrk(index.url + PAGE, {}, pid=index.pid, connections=64, seconds=seconds)
    wanted = itertools.repeat(Wanted("page", request(PAGE), frozenset({200})))
    steady = paced(index.url, wanted, rate=READS, seconds=3 * seconds)["page"]
    if steady.wrong:
        raise RuntimeError(f"{steady.wrong} pages were not answered 200: {steady.statuses}")
    return {"rps": fast.rps, "p50": steady.percentile(0.5), "p99": steady.percentile(0.99)}


@contextmanager
def _crowd(url: str, username: str) -> Iterator[dict[str, float]]:
    """The guessers, in a process of their own; afterwards what is given holds how they were answered."""
    command = [sys.executable, "-m", "bench.sign_in", url, username]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    answered: dict[str, float] = {}
    try:
        yield answered
        said, _ = process.communicate("enough\n", timeout=60)
        answered |= json.loads(said)
    finally:
        process.kill()


async def _guess(url: str, username: str) -> dict[str, float]:
    """Guess until somebody says that it is enough."""
    loop = asyncio.get_running_loop()
    began, statuses = loop.time(), Counter[str]()
    tasks = [asyncio.create_task(_guesser(url, username, statuses)) for _ in range(CROWD)]
    await loop.run_in_executor(None, sys.stdin.readline)
    for task in tasks:
        task.cancel()
    return {**statuses, "seconds": loop.time() - began}


async def _guesser(url: str, username: str, statuses: Counter[str]) -> None:
    parts = urlsplit(url)
    form = urlencode({"username": username, "password": "wrong"}).encode()
    head = (
        f"POST /account/login/ HTTP/1.1\r\nHost: {parts.netloc}\r\nConnection: close\r\n"
        f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(form)}\r\n\r\n"
    )
    while True:
        reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
        writer.write(head.encode() + form)
        answer = await reader.read()
        writer.close()
        statuses[answer[9:12].decode()] += 1
        if answer[9:12] != b"400":  # which is told to whoever was heard
            await asyncio.sleep(PAUSE)


if __name__ == "__main__":
    print(json.dumps(asyncio.run(_guess(*sys.argv[1:]))))
