"""What the public index's origin has to answer: 2,150 requests a second, cold pages and uploads among them."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator
from typing import Any

import orjson

from bench import corpus
from bench.asking import HTML, JSON, Line, request
from bench.load import Uploader
from bench.machine import cpu_seconds, memory
from bench.pace import Counted, Wanted, paced
from bench.populated import WORK, names, populated, uploads
from bench.servers import Index

RATE = 2150
UPLOADS = 1.5
HOT = 2_000
WARM_UP = 20.0
GZIP = {"Accept-Encoding": "gzip"}
OK, CHANGED, MISSING = frozenset((200,)), frozenset((200, 304)), frozenset((404,))

# Out of a thousand requests. The cold ones are for projects that nobody has asked for before.
MIX = {
    "simple JSON gzip": 380, "simple JSON": 90, "simple HTML gzip": 80, "cold": 150, "JSON API": 100,
    "not modified": 100, "file": 30, "metadata file": 49, "not found": 20, "root": 1,
}  # fmt: skip


def origin(projects: int, seconds: float) -> dict[str, Any]:
    """The mix for so long, at a steady rate, while files are published."""
    with populated(projects) as index:
        token = index.token()
        published = publish(index, token)
        mix = Mix(index, names(index), published)
        # So many requests of the warm-up are cold ones, too: nothing is asked for twice by them.
        paced(index.url, mix.requests(), rate=RATE, seconds=WARM_UP)
        before = cpu_seconds(index.pid)
        with uploads(index, token, seconds=seconds, a_second=UPLOADS):
            counted = paced(index.url, mix.requests(), rate=RATE, seconds=seconds)
        busy = (cpu_seconds(index.pid) - before) / seconds
        return {
            "projects": projects,
            "seconds": seconds,
            "CPU, cores": busy,
            "memory (PSS), MB": memory(index.pid) / 1e6,
            "kinds": {kind: told(one) for kind, one in sorted(counted.items())},
            "all": told(_together(counted)),
        }


class Mix:
    """Requests in the proportions of :data:`MIX`, hot pages by popularity, cold ones never twice."""

    def __init__(self, index: Index, projects: list[str], files: list[str]) -> None:
        self._random = random.Random(1)
        hot, self._cold = projects[:HOT], iter(projects[HOT:])
        self._weights = list(itertools.accumulate(1 / (rank + 10) for rank in range(HOT)))
        json, html = {"Accept": JSON}, {"Accept": HTML}
        self._hot = {
            "simple JSON gzip": [request(f"/simple/{name}/", json | GZIP) for name in hot],
            "simple JSON": [request(f"/simple/{name}/", json) for name in hot],
            "simple HTML gzip": [request(f"/simple/{name}/", html | GZIP) for name in hot],
            "JSON API": [request(f"/pypi/{name}/json", GZIP) for name in hot],
            "not modified": [_conditional(index, f"/simple/{name}/", json | GZIP) for name in hot],
        }
        self._files = [request(path) for path in files]
        self._companions = [request(f"{path}.metadata") for path in files]
        self._root = request("/simple/", json | GZIP)

    def requests(self) -> Iterator[Wanted]:
        """Without end, as long as there are cold projects."""
        kinds, shares = list(MIX), list(itertools.accumulate(MIX.values()))
        while True:
            for kind in self._random.choices(kinds, cum_weights=shares, k=1000):
                yield self._one(kind)

    def _one(self, kind: str) -> Wanted:
        pick = self._random
        if kind in self._hot:
            [wire] = pick.choices(self._hot[kind], cum_weights=self._weights)
            return Wanted(kind, wire, CHANGED if kind == "not modified" else OK)
        if kind == "cold":
            return Wanted(kind, request(f"/simple/{next(self._cold)}/", {"Accept": JSON} | GZIP), OK)
        if kind == "not found":
            return Wanted(kind, request(f"/simple/no-such-project-{pick.randrange(100_000)}/"), MISSING)
        if kind == "root":
            return Wanted(kind, self._root, OK)
        return Wanted(kind, pick.choice(self._files if kind == "file" else self._companions), OK)


def publish(index: Index, token: str) -> list[str]:
    """Some small wheels, since invented ones have no bytes; their addresses."""
    uploader = Uploader(index.url, token)
    for path in corpus.synthetic(WORK / "origin", "originals", range(30)):
        uploader.post(path)  # refused when they are there already
    line = Line(index.url)
    page = orjson.loads(line.get("/simple/originals/", {"Accept": JSON}).body)
    line.close()
    return [file["url"] for file in page["files"]]


def told(counted: Counted) -> dict[str, Any]:
    """The figures of one kind of request."""
    return {
        "requests": len(counted.times),
        "p50": counted.percentile(0.5),
        "p99": counted.percentile(0.99),
        "p99.9": counted.percentile(0.999),
        "most": max(counted.times, default=float("nan")),
        "wrong": counted.wrong,
        "statuses": counted.statuses,
    }


def _together(counted: dict[str, Counted]) -> Counted:
    everything = Counted()
    for one in counted.values():
        everything.times += one.times
        everything.wrong += one.wrong
        for status, count in one.statuses.items():
            everything.statuses[status] = everything.statuses.get(status, 0) + count
    return everything


def _conditional(index: Index, path: str, headers: dict[str, str]) -> bytes:
    line = Line(index.url)
    etag = line.get(path, headers).headers["etag"]
    line.close()
    return request(path, {**headers, "If-None-Match": etag})


def show(results: dict[str, Any]) -> None:
    """Print the figures as Markdown."""
    print(
        f"\n### {RATE:,} requests a second for {results['seconds']:.0f} s, {results['projects']:,} projects,"
        f" {UPLOADS} uploads a second\n\n{results['CPU, cores']:.2f} cores, {results['memory (PSS), MB']:.0f} MB.\n"
    )
    print("| kind | requests | p50 ms | p99 ms | p99.9 ms | most ms | wrong |")
    print("| --- | --: | --: | --: | --: | --: | --: |")
    for kind, one in {**results["kinds"], "all": results["all"]}.items():
        print(
            f"| {kind} | {one['requests']:,} | {one['p50']:.2f} | {one['p99']:.2f} | {one['p99.9']:.2f}"
            f" | {one['most']:.1f} | {one['wrong']} |"
        )
