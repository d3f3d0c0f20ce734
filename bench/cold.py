"""Pages that nobody asked for before, at random, from indexes of several sizes; and the largest page there is."""

from __future__ import annotations

import statistics
from pathlib import Path
from typing import Any

import orjson

from bench.asking import HTML, JSON, Line
from bench.plot import chart
from bench.populated import WORK, names, populated
from bench.servers import Index
from warehouse.operations.populating import giant_name

FORMS = {
    "JSON": {"Accept": JSON},
    "JSON gzip": {"Accept": JSON, "Accept-Encoding": "gzip"},
    "HTML": {"Accept": HTML},
    "HTML gzip": {"Accept": HTML, "Accept-Encoding": "gzip"},
}
WARM_UP = 50
CHANGES = 20


def cold(sizes: list[int], pages: int = 3000) -> dict[str, Any]:
    """Medians and percentiles by size, with a plot beside the results."""
    by_size = {}
    for projects in sizes:
        with populated(projects) as index:
            by_size[projects] = random_pages(index, pages)
    plot = WORK / "cold.svg"
    lines = {name: [by_size[projects][name] for projects in sizes] for name in ("p50", "p99")}
    plot.write_text(chart("Cold project pages, JSON", sizes, lines))
    return {"sizes": by_size, "plot": str(plot.relative_to(Path.cwd()) if plot.is_relative_to(Path.cwd()) else plot)}


def random_pages(index: Index, pages: int) -> dict[str, float]:
    """One request for each of so many projects (all of a small index)."""
    line = Line(index.url)
    asked = names(index)[: pages + WARM_UP]
    warm_up, asked = asked[:WARM_UP], asked[WARM_UP:]
    for name in warm_up:
        line.get(f"/simple/{name}/", {"Accept": JSON})
    told = [line.get(f"/simple/{name}/", {"Accept": JSON}) for name in asked]
    if any(one.status != 200 for one in told):
        raise RuntimeError("a project has no page")
    times = sorted(one.took for one in told)
    return {
        "pages": len(times),
        "p50": statistics.median(times),
        "p99": times[int(len(times) * 0.99)],
        "most": times[-1],
    }


def largest_page(projects: int = 10_000) -> dict[str, Any]:
    """The first request for the page of more than 10,000 files after something about it changed."""
    name = giant_name(seed=1, count=projects)
    with populated(projects) as index:
        line = Line(index.url)
        page = orjson.loads(line.get(f"/simple/{name}/", {"Accept": JSON}).body)
        version = page["versions"][-1]
        results: dict[str, Any] = {"files": len(page["files"])}
        for form, headers in FORMS.items():
            times = []
            for number in range(CHANGES):
                change = ("unyank",) if number % 2 else ("yank", "--reason", "measuring")
                index.run("release", *change, name, version)
                told = line.get(f"/simple/{name}/", headers)
                times.append(told.took)
            results[form] = {"median ms": statistics.median(times), "bytes": len(told.body)}
        return results


def show(results: dict[str, Any]) -> None:
    """Print the figures as Markdown."""
    print("\n### Cold pages\n\n| projects | pages | p50 ms | p99 ms | most ms |\n| --: | --: | --: | --: | --: |")
    for projects, one in results["sizes"].items():
        print(f"| {int(projects):,} | {one['pages']:,} | {one['p50']:.2f} | {one['p99']:.2f} | {one['most']:.2f} |")


def show_largest(results: dict[str, Any]) -> None:
    """Print the figures as Markdown."""
    print(f"\n### A page of {results['files']:,} files\n\n| form | cold, median ms | bytes |\n| --- | --: | --: |")
    for form in FORMS:
        print(f"| {form} | {results[form]['median ms']:.1f} | {results[form]['bytes']:,} |")
