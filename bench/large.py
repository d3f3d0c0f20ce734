"""``python -m bench.large``: indexes of the public one's size."""

from __future__ import annotations

import argparse
import json
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from bench import cold, crawl, origin, root_list
from bench.populated import WORK


class Part(NamedTuple):
    """One thing to measure, and how its results are shown."""

    measure: Callable[[argparse.Namespace], dict[str, Any]]
    show: Callable[[dict[str, Any]], None]


PARTS = {
    "root": Part(lambda wish: root_list.root_list(wish.projects, wish.seconds), root_list.show),
    "cold": Part(lambda wish: cold.cold(wish.sizes), cold.show),
    "largest": Part(lambda wish: cold.largest_page(), cold.show_largest),
    "origin": Part(lambda wish: origin.origin(wish.projects, wish.minutes * 60), origin.show),
    "crawl": Part(lambda wish: crawl.crawl(wish.projects, wish.minutes * 60), crawl.show),
}


def main() -> None:
    """Measure what was asked for, print it, and keep it in ``bench/work``."""
    parser = argparse.ArgumentParser(prog="bench.large", description=__doc__)
    parser.add_argument("--only", default=",".join(PARTS), help=f"some of {','.join(PARTS)}")
    parser.add_argument("--projects", type=int, default=200_000, help="of the index for root, origin and crawl")
    parser.add_argument("--sizes", default="1000,10000,200000", help="of the indexes for cold pages")
    parser.add_argument("--seconds", type=float, default=5, help="of each repetition under load")
    parser.add_argument("--minutes", type=float, default=5, help="of the steady load")
    wish = parser.parse_args()
    wish.sizes = [int(size) for size in wish.sizes.split(",")]
    for program in ("wrk", "nginx"):
        if shutil.which(program) is None and not Path(f"/usr/sbin/{program}").exists():
            sys.exit(f"bench needs {program}: apt-get install wrk nginx-light")
    for name in wish.only.split(","):
        results = PARTS[name].measure(wish)
        WORK.mkdir(exist_ok=True)
        (WORK / f"large-{name}.json").write_text(json.dumps(results, indent=1))
        PARTS[name].show(results)


if __name__ == "__main__":
    main()
