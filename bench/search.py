"""How fast a search index of the public one's size answers: ``python -m bench.search [--projects N]``.

Documents go straight into the index, so that no database is measured: names and summaries of a vocabulary in which few
words are frequent, as in real texts. Every question is asked once, so that nothing is remembered from the one before.
"""

from __future__ import annotations

import argparse
import itertools
import os
import random
import resource
import shutil
import statistics
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from warehouse.infra.search import Asked, EmbeddedSearch, Mark, SearchDocument, SearchWriter, Versions
from warehouse.infra.search.contract import Order
from warehouse.infra.search.writing import BUILDING_MEMORY
from warehouse.standards.classifiers import KNOWN

WORK = Path(__file__).parent / "work" / "search"
SYLLABLES = [first + vowel for first in "bcdfghjklmnprstvwz" for vowel in "aeiou"]
FREQUENT = (
    *("python", "data", "web", "api", "client", "simple", "library", "tool", "async", "http", "json", "test", "django"),
    *(
        "flask",
        "parser",
        "server",
        "model",
        "machine",
        "learning",
        "command",
        "line",
        "database",
        "framework",
        "plugin",
    ),
    *("file", "image", "text", "cloud", "aws", "log", "config", "cache"),
)


class Invented:
    """Projects and the questions that people would ask of them; the same each time."""

    def __init__(self, projects: int) -> None:
        self._random = random.Random(1)
        rare = ["".join(self._random.choices(SYLLABLES, k=self._random.randint(2, 4))) for _ in range(60_000)]
        self.words = [*FREQUENT, *rare]
        self._weights = list(itertools.accumulate(1 / (rank + 2) for rank in range(len(self.words))))
        self._classifiers = sorted(KNOWN)
        self._classifier_weights = list(itertools.accumulate(1 / (rank + 1) for rank in range(len(self._classifiers))))
        self._random.shuffle(self._classifiers)
        self.projects = projects
        self.names: list[str] = []

    def text(self, length: int) -> list[str]:
        return self._random.choices(self.words, cum_weights=self._weights, k=length)

    def documents(self) -> Iterator[SearchDocument]:
        for number in range(self.projects):
            name = "-".join(dict.fromkeys(self.text(self._random.randint(1, 3)))) + (str(number) if number % 3 else "")
            self.names.append(name)
            summary = self.text(self._random.randint(4, 14))
            yield SearchDocument(
                name=name,
                normalized_name=f"{name}-{number}",
                version="1.0",
                released_at=datetime(2026, 1, 1, tzinfo=UTC) - timedelta(days=self._random.expovariate(1 / 900)),
                summary=" ".join(summary),
                description=" ".join(self.text(min(2000, int(self._random.lognormvariate(4.8, 1.2))))),
                keywords=self.text(3),
                import_names=[name.replace("-", "_")],
                people=[" ".join(self.text(2))],
                classifiers=self._random.choices(self._classifiers, cum_weights=self._classifier_weights, k=7),
                downloads=int(self._random.paretovariate(0.5)),
                dependents=int(self._random.paretovariate(1)) - 1,
            )

    def questions(self, number: int) -> dict[str, list[Asked]]:
        """By kind: in the mix there are as many of each."""
        return {
            "a name": [Asked(self._random.choice(self.names)) for _ in range(number)],
            "a name, misspelt": [Asked(self._misspelt(self._random.choice(self.names))) for _ in range(number)],
            "one word": [Asked(self._word()) for _ in range(number)],
            "two words": [Asked(f"{self._word()} {self._word()}") for _ in range(number)],
            "three words": [Asked(" ".join(self._word() for _ in range(3))) for _ in range(number)],
            "two words, one misspelt": [Asked(f"{self._misspelt(self._word())} {self._word()}") for _ in range(number)],
            "a phrase": [Asked(f'"{self._word()} {self._word()}"') for _ in range(number)],
            "a word and a classifier": [Asked(self._word(), (self._classifier(),)) for _ in range(number)],
            "two classifiers, newest": [self._ordered("", "newest", 2) for _ in range(number)],
            "a word, newest": [self._ordered(self._word(), "newest", 0) for _ in range(number)],
        }

    def _ordered(self, text: str, order: Order, classifiers: int) -> Asked:
        return Asked(text, tuple(self._classifier() for _ in range(classifiers)), order)

    def _word(self) -> str:
        return self._random.choice(self.words[:5000])

    def _classifier(self) -> str:
        return self._random.choice(self._classifiers[:300])

    def _misspelt(self, word: str) -> str:
        place = self._random.randrange(max(1, len(word) - 1))
        return word[:place] + word[place + 1 : place + 2] + word[place : place + 1] + word[place + 2 :]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--projects", type=int, default=200_000)
    parser.add_argument("--questions", type=int, default=150, help="of each kind")
    parser.add_argument("--again", action="store_true", help="ask the index that is there already")
    options = parser.parse_args()
    invented = Invented(options.projects)
    versions = Versions(WORK)
    if options.again:
        for _ in itertools.islice(invented.documents(), 5000):
            pass  # it learns their names
    else:
        shutil.rmtree(WORK, ignore_errors=True)
        _built(invented, versions)
    print(f"load before measuring: {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors\n")
    searching = EmbeddedSearch(WORK)
    searching.search(Asked("warm"))
    print("| questions | hits (median) | p50 ms | p95 ms | CPU p95 ms |\n|---|---|---|---|---|")
    everything: list[tuple[float, float]] = []
    for kind, questions in invented.questions(options.questions).items():
        times, hits = [], []
        for asked in questions:
            began, cpu = time.perf_counter(), time.process_time()
            hits.append(searching.search(asked).total)
            times.append(((time.perf_counter() - began) * 1000, (time.process_time() - cpu) * 1000))
        everything += times
        _row(kind, f"{statistics.median(hits):,.0f}", times)
    _row("**all, mixed**", "", everything)
    _suggested(searching, invented)
    print(f"\nMemory of who asked: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MiB at most.")


def _built(invented: Invented, versions: Versions) -> None:
    began, cpu = time.perf_counter(), time.process_time()
    version = versions.fresh()
    writer = SearchWriter(version, memory=BUILDING_MEMORY)
    number = writer.add(invented.documents())
    writer.commit(Mark())
    writer.close()
    versions.swap(version)
    size = sum(path.stat().st_size for path in version.iterdir()) / 1024**2
    print(f"{number:,} projects in {time.perf_counter() - began:.0f} s ({time.process_time() - cpu:.0f} s of CPU,")
    print(f"inventing them included), {size:.0f} MiB on disk.")


def _suggested(searching: EmbeddedSearch, invented: Invented) -> None:
    times = []
    for name in invented.names[:: max(1, len(invented.names) // 150)]:
        for length in (1, 3, 6):
            began, cpu = time.perf_counter(), time.process_time()
            searching.suggest(name[:length], 8)
            times.append(((time.perf_counter() - began) * 1000, (time.process_time() - cpu) * 1000))
    _row("suggestions", "", times)


def _row(kind: str, hits: str, times: list[tuple[float, float]]) -> None:
    wall, cpu = ([pair[way] for pair in times] for way in (0, 1))
    middle, late = (statistics.quantiles(wall, n=20)[place] for place in (9, 18))
    print(f"| {kind} | {hits} | {middle:.2f} | {late:.2f} | {statistics.quantiles(cpu, n=20)[18]:.2f} |", flush=True)


if __name__ == "__main__":
    main()
