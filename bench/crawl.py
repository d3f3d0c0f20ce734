"""A mirror that reads every project once, beside the pages that everybody reads: do those stay in memory?"""

from __future__ import annotations

import itertools
import re
import threading
import time
from collections.abc import Iterator
from typing import Any

from bench.asking import JSON, Line, request
from bench.origin import told
from bench.pace import Wanted, paced
from bench.populated import names, populated
from bench.servers import Index

HOT = 500
RATE = 1000
CRAWLERS = 4
HEADERS = {"Accept": JSON, "Accept-Encoding": "gzip"}
OK = frozenset((200,))
COUNTED = re.compile(r'page_cache_total\{door="simple",result="(hit|miss)"\} ([0-9.e+]+)')


def crawl(projects: int, seconds: float) -> dict[str, Any]:
    """Hot pages at a steady rate while crawlers go through all others, for so long or until they are done."""
    with populated(projects) as index:
        listed = names(index)
        hot, rest = listed[:HOT], iter(listed[HOT:])
        pages = [Wanted("hot", request(f"/simple/{name}/", HEADERS), OK) for name in hot]
        paced(index.url, _again(pages), rate=RATE, seconds=5)
        before = counted(index)
        stop = threading.Event()
        done: list[int] = []
        crawlers = [threading.Thread(target=_crawl, args=(index, rest, stop, done)) for _ in range(CRAWLERS)]
        for crawler in crawlers:
            crawler.start()
        began = time.monotonic()
        measured = paced(index.url, _again(pages), rate=RATE, seconds=seconds)["hot"]
        took = time.monotonic() - began
        stop.set()
        for crawler in crawlers:
            crawler.join()
        after = counted(index)
        crawled = sum(done)
        misses = after["miss"] - before["miss"] - crawled
        return {
            "projects": projects,
            "crawled": crawled,
            "crawled a second": crawled / took,
            "hot requests": len(measured.times),
            "hot hit ratio": 1 - max(0, misses) / len(measured.times),
            "hot pages": told(measured),
        }


def counted(index: Index) -> dict[str, float]:
    """Hits and misses of the simple API, by the index's own account."""
    time.sleep(1.5)  # they are written once a second
    line = Line(index.url)
    text = line.get("/metrics").body.decode()
    line.close()
    return {"hit": 0.0, "miss": 0.0} | {result: float(value) for result, value in COUNTED.findall(text)}


def _again(pages: list[Wanted]) -> Iterator[Wanted]:
    return itertools.cycle(pages)


def _crawl(index: Index, rest: Iterator[str], stop: threading.Event, done: list[int]) -> None:
    line, count = Line(index.url), 0
    for name in rest:
        line.get(f"/simple/{name}/", HEADERS)
        count += 1
        if stop.is_set():
            break
    done.append(count)


def show(results: dict[str, Any]) -> None:
    """Print the figures as Markdown."""
    print(f"\n### A crawl of {results['projects']:,} projects\n\n| figure | value |\n| --- | --: |")
    print(f"| pages crawled | {results['crawled']:,} |\n| a second | {results['crawled a second']:,.0f} |")
    print(f"| hits of the {HOT} hot pages, {RATE:,}/s | {results['hot hit ratio']:.2%} |")
    print(f"| their p99, ms | {results['hot pages']['p99']:.2f} |")
