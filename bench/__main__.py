"""``python -m bench``: fill, measure, print ratios."""

from __future__ import annotations

import argparse
import hashlib
import json
import shutil
import statistics
import sys
import threading
import time
from pathlib import Path
from typing import Any

from bench import corpus
from bench.load import Measured, Uploader, fetch, wrk
from bench.machine import cpu_seconds, memory
from bench.servers import Index, Nginx
from bench.sign_in import UNLIMITED, sign_in

WORK = Path(__file__).parent / "work"
JSON = "application/vnd.pypi.simple.v1+json"
MIB = 1024 * 1024
BIG = 1500
PARTS = ("uploads", "large", "pages", "cold", "sign-in")


def main() -> None:
    """Measure what was asked for, and print it."""
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("--corpus", type=Path, default=WORK / "corpus", help="a folder of distributions")
    parser.add_argument("--seconds", type=float, default=3, help="seconds of each repetition under load")
    parser.add_argument("--connections", type=int, default=64)
    parser.add_argument("--only", default=",".join(PARTS), help=f"some of {','.join(PARTS)}")
    arguments = parser.parse_args()
    for program in ("wrk", "nginx"):
        if shutil.which(program) is None and not Path(f"/usr/sbin/{program}").exists():
            sys.exit(f"bench needs {program}: apt-get install wrk nginx-light")
    parts = arguments.only.split(",")
    index = Index(WORK / "index", environment=UNLIMITED if "sign-in" in parts else None)
    results: dict[str, Any] = {"first start, s": index.start()}
    try:
        token = index.token()
        results["idle memory (PSS), MB"] = memory(index.pid) / 1e6
        uploader = Uploader(index.url, token)
        if "uploads" in parts:
            results |= uploads(index, uploader, corpus.real(arguments.corpus))
        elif "pages" in parts:
            uploads(index, uploader, [path for path in corpus.real(arguments.corpus) if path.name.startswith("six-")])
        if "uploads" in parts or "pages" in parts or "cold" in parts:
            results |= big_project(uploader, corpus.synthetic(WORK / "big", "bigproj", range(BIG)))
        if "large" in parts:
            results |= large_upload(index, uploader)
        if "cold" in parts:
            results |= cold_page(index, uploader)
        if "pages" in parts:
            results |= pages(index, arguments.connections, arguments.seconds)
        if "sign-in" in parts:
            results |= sign_in(index, index.user(), arguments.seconds)
        index.check()
    finally:
        index.stop()
    results["later start, s"] = index.start()
    index.stop()
    show(results)
    (WORK / "results.json").write_text(json.dumps(results, indent=1, default=vars))


def uploads(index: Index, uploader: Uploader, files: list[Path]) -> dict[str, Any]:
    """Every file of the corpus, over one connection."""
    before = cpu_seconds(index.pid)
    times = [(path.stat().st_size, took) for path in files if (took := uploader.post(path)) is not None]
    for refusal in uploader.refusals:
        print("refused", refusal, file=sys.stderr)
    return {
        "corpus: files accepted": len(times),
        "corpus: files refused": len(uploader.refusals),
        "upload, median ms": statistics.median(took for _, took in times),
        "upload below 200 KB, median ms": statistics.median(took for size, took in times if size < 200_000),
        "upload, server CPU ms per file": (cpu_seconds(index.pid) - before) / len(times) * 1e3,
    }


def big_project(uploader: Uploader, files: list[Path]) -> dict[str, Any]:
    """A project with many releases: does an upload get slower as it grows?"""
    times = [took for path in files if (took := uploader.post(path)) is not None]
    return {
        f"project of {len(files)} releases: first 100 uploads, median ms": statistics.median(times[:100]),
        f"project of {len(files)} releases: last 100 uploads, median ms": statistics.median(times[-100:]),
    }


def large_upload(index: Index, uploader: Uploader) -> dict[str, Any]:
    """One upload of almost 1 GiB: against what hashing alone takes, and its memory."""
    path = corpus.large(WORK / "large", 1024 * MIB - 2 * MIB)
    idle = memory(index.pid, "Rss")
    peak = [idle]
    done = threading.Event()

    def watch() -> None:
        while not done.wait(0.05):
            peak.append(memory(index.pid, "Rss"))

    watcher = threading.Thread(target=watch)
    watcher.start()
    took = uploader.post(path)
    done.set()
    watcher.join()
    hashing = hash_alone(path)
    return {
        "1 GiB upload, MB/s": path.stat().st_size / 1e6 / (took or 1e9) * 1e3,
        "hashing the same on one core, MB/s": path.stat().st_size / 1e6 / hashing,
        "1 GiB upload, peak memory above idle, MB": (max(peak) - idle) / 1e6,
    }


def hash_alone(path: Path) -> float:
    """Seconds that the three digests take, one after the other."""
    digests = [hashlib.md5(usedforsecurity=False), hashlib.sha256(), hashlib.blake2b(digest_size=32)]
    began = time.perf_counter()
    with path.open("rb", buffering=0) as file:
        while block := file.read(256 * 1024):
            for digest in digests:
                digest.update(block)
    return time.perf_counter() - began


def cold_page(index: Index, uploader: Uploader) -> dict[str, Any]:
    """The first request after an upload to the big project, in each form."""
    results = {}
    forms = {
        "JSON": {"Accept": JSON},
        "JSON gzip": {"Accept": JSON, "Accept-Encoding": "gzip"},
        "HTML": {"Accept": "text/html"},
        "HTML gzip": {"Accept": "text/html", "Accept-Encoding": "gzip"},
    }
    for number, (form, headers) in enumerate(forms.items()):
        times = []
        first = BIG + number * 20
        for path in corpus.synthetic(WORK / "more", "bigproj", range(first, first + 20)):
            uploader.post(path)
            times.append(fetch(f"{index.url}/simple/bigproj/", headers)[3])
        results[f"cold page of {BIG} files, {form}, median ms"] = statistics.median(times)
    return results


def pages(index: Index, connections: int, seconds: float) -> dict[str, Any]:
    """Warm pages and files of both servers, by turns."""
    nginx = Nginx(WORK / "nginx")
    file_url = json.loads(fetch(f"{index.url}/simple/six/", {"Accept": JSON})[2])["files"][0]["url"]
    cases = {
        "simple small, HTML": ("/simple/six/", {"Accept": "text/html"}),
        "simple small, HTML gzip": ("/simple/six/", {"Accept": "text/html", "Accept-Encoding": "gzip"}),
        "simple small, JSON": ("/simple/six/", {"Accept": JSON}),
        "simple small, JSON gzip": ("/simple/six/", {"Accept": JSON, "Accept-Encoding": "gzip"}),
        "simple small, not modified": ("/simple/six/", {"Accept": JSON}),
        "simple big, JSON": ("/simple/bigproj/", {"Accept": JSON}),
        "simple big, JSON gzip": ("/simple/bigproj/", {"Accept": JSON, "Accept-Encoding": "gzip"}),
        "simple big, not modified": ("/simple/bigproj/", {"Accept": JSON}),
        "simple root, JSON": ("/simple/", {"Accept": JSON}),
        "JSON API small": ("/pypi/six/json", {}),
        "JSON API small, gzip": ("/pypi/six/json", {"Accept-Encoding": "gzip"}),
        "file": (file_url, {}),
        "metadata file": (f"{file_url}.metadata", {}),
        "not found": ("/simple/no-such-project/", {"Accept": JSON}),
    }
    prepared = []
    for number, (name, (path, headers)) in enumerate(cases.items()):
        plain = {k: v for k, v in headers.items() if k != "Accept-Encoding"}
        status, answered, body, _ = fetch(index.url + path, plain)
        if status == 200:
            nginx.keep(str(number), body)
        theirs = dict(headers)
        if name.endswith("not modified"):
            headers, theirs = headers | {"If-None-Match": answered["etag"]}, {"If-None-Match": "*"}
        prepared.append((name, index.url + path, headers, f"{nginx.url}/{number}", theirs))
    nginx.start()
    try:
        results = {}
        for name, ours, headers, theirs, their_headers in prepared:
            if name.endswith("not modified"):
                their_headers = {"If-None-Match": fetch(theirs)[1]["etag"]}
            both = [
                wrk(url, sent, pid=pid, connections=connections, seconds=seconds)
                for url, sent, pid in ((ours, headers, index.pid), (theirs, their_headers, nginx.pid))
            ]
            results[name] = both
            print(name, both, file=sys.stderr)
        return {"pages": results, "memory after load (PSS), MB": memory(index.pid) / 1e6}
    finally:
        nginx.stop()


def show(results: dict[str, Any]) -> None:
    """Print the figures as Markdown."""
    print("| figure | value |\n| --- | --: |")
    for name, value in results.items():
        if name != "pages":
            print(f"| {name} | {value:,.2f} |" if isinstance(value, float) else f"| {name} | {value} |")
    if "pages" not in results:
        return
    print("\n| page | ours r/s | nginx r/s | ratio | ours p99 ms | nginx p99 ms | ours CPU us | nginx CPU us | ratio |")
    print("| --- | --: | --: | --: | --: | --: | --: | --: | --: |")
    for name, (ours, theirs) in results["pages"].items():
        rates = f"{ours.rps:,.0f} | {theirs.rps:,.0f} | {ours.rps / theirs.rps:.2f}"
        costs = f"{ours.cpu:.1f} | {theirs.cpu:.1f} | {ours.cpu / theirs.cpu:.2f}"
        print(f"| {name}{failed(ours)} | {rates} | {ours.p99:.2f} | {theirs.p99:.2f} | {costs} |")


def failed(measured: Measured) -> str:
    """A mark for runs in which requests failed."""
    return f" ({measured.failed} failed)" if measured.failed else ""


if __name__ == "__main__":
    main()
