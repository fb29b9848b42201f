"""How soon a page can be read: `python -m benchmarks.opening REPORT.html …`, in a Chromium that draws without a card.

Needs `pip install langgeo[page]` and a Chromium, by default the system's, or that of `CHROMIUM=path`. Pages are opened
in turns, so that those of two versions compare.
"""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path
from statistics import median
from typing import Any

ROUNDS = 5
WATCH = """
window.first = null;
window.longest = 0;
new MutationObserver(() => { if (document.querySelector(".scatterlayer .trace")) first ??= performance.now(); })
  .observe(document, { subtree: true, childList: true });
new PerformanceObserver((list) => { longest = Math.max(longest, ...list.getEntries().map((one) => one.duration)); })
  .observe({ type: "longtask", buffered: true });
"""
"""Runs before the page's own scripts."""


def opened(browser: Any, file: Path) -> tuple[float, ...]:
    """Seconds until a figure is drawn, until all are, and of the longest pause in which the page does not answer."""
    page = browser.new_page(viewport={"width": 1400, "height": 1000})
    page.add_init_script(WATCH)
    page.goto(file.resolve().as_uri(), wait_until="commit")
    page.wait_for_selector("body[data-drawn]")
    drawn = page.evaluate("performance.now()")
    page.wait_for_timeout(100)  # the observer is told of the last pause
    found = page.evaluate("first"), drawn, page.evaluate("longest")
    page.close()
    return tuple(milliseconds / 1000 for milliseconds in found)


def main() -> None:
    """Print the medians of each page."""
    from playwright.sync_api import sync_playwright

    files = [Path(word) for word in sys.argv[1:]]
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        rounds = [[opened(browser, file) for file in files] for _ in range(ROUNDS)]
        browser.close()
    print("| page | first figure, s | all, s | longest pause, s |")
    print("|---|---|---|---|")
    for file, times in zip(files, zip(*rounds, strict=True), strict=True):
        print(f"| {file} | {' | '.join(f'{median(column):.1f}' for column in zip(*times, strict=True))} |")


if __name__ == "__main__":
    main()
