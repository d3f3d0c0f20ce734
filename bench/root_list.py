"""The root list: sent again and again, made again after a change, and what the others feel of it."""

from __future__ import annotations

import itertools
import statistics
import threading
import time
from typing import Any

from bench import corpus
from bench.asking import HTML, JSON, Line, request
from bench.load import Uploader, wrk
from bench.machine import cpu_exact, memory
from bench.pace import Wanted, paced
from bench.populated import WORK, names, populated, readers, uploads
from bench.servers import Index, Nginx

FORMS = {
    "JSON": {"Accept": JSON},
    "JSON gzip": {"Accept": JSON, "Accept-Encoding": "gzip"},
    "HTML": {"Accept": HTML},
    "HTML gzip": {"Accept": HTML, "Accept-Encoding": "gzip"},
}
OK = frozenset((200,))
CHANGES = 20


def root_list(projects: int, seconds: float) -> dict[str, Any]:
    """Everything about the root list of an index of this size."""
    with populated(projects) as index:
        results: dict[str, Any] = {"projects": projects, "memory before, MB": memory(index.pid) / 1e6}
        results |= first_answers(index)
        results["memory after, MB"] = memory(index.pid) / 1e6
        results["hits"] = hits(index, seconds)
        token = index.token()
        results["after a change"] = after_changes(index, token)
        results["others"] = others(index, token, names(index)[:200], max(20.0, seconds * 5))
        results["memory at the end, MB"] = memory(index.pid) / 1e6
        return results


def first_answers(index: Index) -> dict[str, Any]:
    """What a worker that has just started takes to send each form for the first time, while it sends a small page."""
    line = Line(index.url)
    beside = itertools.cycle([Line(index.url) for _ in range(6)])  # so that the same worker is among those asked
    small = f"/simple/{names(index)[0]}/"
    times: list[float] = []
    done = threading.Event()

    def ask_beside() -> None:
        while not done.is_set():
            times.append(next(beside).get(small, {"Accept": JSON}).took)
            time.sleep(0.001)

    asker = threading.Thread(target=ask_beside)
    asker.start()
    results = {f"first {form}, ms": line.get("/simple/", headers).took for form, headers in FORMS.items()}
    done.set()
    asker.join()
    times.sort()
    return results | {"small pages meanwhile, p99 ms": times[int(len(times) * 0.99)]}


def hits(index: Index, seconds: float) -> dict[str, Any]:
    """Each form beside nginx, which has the same bytes on disk."""
    nginx = Nginx(WORK / "nginx")
    line = Line(index.url)
    for form in ("JSON", "HTML"):
        nginx.keep(form, line.get("/simple/", FORMS[form]).body)
    nginx.start()
    try:
        results = {}
        for form, headers in FORMS.items():
            theirs = {"Accept-Encoding": "gzip"} if form.endswith("gzip") else {}
            results[form] = [
                vars(wrk(url, sent, pid=pid, connections=16, seconds=seconds))
                for url, sent, pid in (
                    (f"{index.url}/simple/", headers, index.pid),
                    (f"{nginx.url}/{form.split()[0]}", theirs, nginx.pid),
                )
            ]
        return results
    finally:
        nginx.stop()


def after_changes(index: Index, token: str) -> dict[str, Any]:
    """CPU and time of the first root page after a project was added, sending it included."""
    uploader = Uploader(index.url, token)
    line = Line(index.url)
    results = {}
    for form, headers in FORMS.items():
        line.get("/simple/", headers)
        costs, times = [], []
        for _ in range(CHANGES):
            name = f"rootnews{time.time_ns()}"
            uploader.post(corpus.synthetic(WORK / "news", name, range(1))[0])
            time.sleep(0.2)  # for the job worker to be done with it
            before = cpu_exact(index.pid)
            told = line.get("/simple/", headers)
            costs.append((cpu_exact(index.pid) - before) * 1e3)
            times.append(told.took)
            again = line.get("/simple/", headers)
            if told.status != 200 or again.headers["etag"] != told.headers["etag"]:
                raise RuntimeError("the root list is not what it should be")
        results[form] = {"CPU, ms": statistics.median(costs), "median ms": statistics.median(times)}
    if uploader.refusals:
        raise RuntimeError(uploader.refusals[0])
    return results


def others(index: Index, token: str, small: list[str], seconds: float) -> dict[str, Any]:
    """Small warm pages, 500 a second: alone, beside uploads, and beside uploads with the root list asked for."""
    pages = [Wanted("small", request(f"/simple/{name}/", {"Accept": JSON}), OK) for name in small]

    def measured() -> dict[str, Any]:
        [one] = paced(index.url, itertools.cycle(pages), rate=500, seconds=seconds).values()
        shares = {"p50": 0.5, "p99": 0.99, "p99.9": 0.999}
        return {name: one.percentile(share) for name, share in shares.items()} | {"wrong": one.wrong}

    results = {"alone": measured()}
    with uploads(index, token, seconds=seconds, a_second=1):
        results["beside uploads"] = measured()
    for form, headers in FORMS.items():
        asked = [("/simple/", headers)]
        with (
            uploads(index, token, seconds=seconds, a_second=1),
            readers(index, asked, seconds=seconds, a_second=2),
        ):
            results[f"beside uploads and the root list, {form}"] = measured()
    return results


def show(results: dict[str, Any]) -> None:
    """Print the figures as Markdown."""
    print(f"\n### Root list of {results['projects']:,} projects\n\n| figure | value |\n| --- | --: |")
    for name, value in results.items():
        if isinstance(value, float):
            print(f"| {name} | {value:,.1f} |")
    print("\n| form | ours r/s | nginx r/s | ratio | ours CPU ms | nginx CPU ms | ratio | new: CPU ms | new: ms |")
    print("| --- | --: | --: | --: | --: | --: | --: | --: | --: |")
    for form, (ours, theirs) in results["hits"].items():
        new = results["after a change"][form]
        print(
            f"| {form} | {ours['rps']:,.0f} | {theirs['rps']:,.0f} | {ours['rps'] / theirs['rps']:.2f}"
            f" | {ours['cpu'] / 1e3:.2f} | {theirs['cpu'] / 1e3:.2f} | {ours['cpu'] / theirs['cpu']:.2f}"
            f" | {new['CPU, ms']:.1f} | {new['median ms']:.1f} |"
        )
    print("\n| small pages, 500/s | p50 ms | p99 ms | p99.9 ms | wrong |\n| --- | --: | --: | --: | --: |")
    for name, one in results["others"].items():
        print(f"| {name} | {one['p50']:.2f} | {one['p99']:.2f} | {one['p99.9']:.2f} | {one['wrong']} |")
