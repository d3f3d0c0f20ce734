"""What a browser takes to show a page, `python -m bench.paint URL...`: first paint, movement, and bytes.

Needs Chromium, and an index that runs. Each page is opened in a window of its own, once cold and then as somebody does
who was there before, with the style sheet and the scripts in the browser's cache.
"""

from __future__ import annotations

import sys
from statistics import median
from typing import Any

from playwright.sync_api import Browser, sync_playwright

PROGRAM = "/usr/bin/chromium"
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
TIMES = 15

_MEASURED = """() => new Promise((resolve) => {
  let shift = 0;
  new PerformanceObserver((list) => { for (const entry of list.getEntries()) shift += entry.value; })
    .observe({ type: "layout-shift", buffered: true });
  const bytes = performance.getEntriesByType("resource").concat(performance.getEntriesByType("navigation"))
    .reduce((sum, entry) => sum + entry.transferSize, 0);
  const paint = () => performance.getEntriesByName("first-contentful-paint")[0]?.startTime;
  const done = () => (paint() ? resolve({ paint: paint(), shift, bytes }) : setTimeout(done, 5));
  done();
})"""


def paint(browser: Browser, url: str, times: int = TIMES) -> dict[str, Any]:
    """Milliseconds to the first contentful paint, cold and warm; how far things moved; bytes fetched when cold."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    seen = []
    for _ in range(times + 1):
        page.goto(url, wait_until="load")
        seen.append(page.evaluate(_MEASURED))
    context.close()
    cold, warm = seen[0], seen[1:]
    return {
        "first paint cold, ms": cold["paint"],
        "first paint warm, ms (median)": median(one["paint"] for one in warm),
        "layout shift": max(one["shift"] for one in seen),
        "bytes cold": cold["bytes"],
    }


def main(urls: list[str]) -> None:
    """Print the numbers of each page."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=PROGRAM, args=ARGUMENTS)
        for url in urls:
            told = ", ".join(f"{name} {number:,.3g}" for name, number in paint(browser, url).items())
            print(f"{url}: {told}")
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1:])
