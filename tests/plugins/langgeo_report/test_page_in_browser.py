"""The page in a browser: `pip install playwright` and a Chromium, by default the system's; skipped without."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from typing import Any

import pytest

from langgeo_core.api import Run
from langgeo_report.options import HtmlOptions
from langgeo_report.page import HtmlExporter

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")


@pytest.fixture
def page(run: Run) -> Iterator[Any]:
    """The page of the run of thirty languages, opened; its console may have no errors."""
    sync = pytest.importorskip("playwright.sync_api")
    if not CHROMIUM:
        pytest.skip("no Chromium")
    (file,) = HtmlExporter(HtmlOptions()).export(run)
    with sync.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1400, "height": 1000})
        errors: list[str] = []
        page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(file.as_uri())
        page.wait_for_selector("#plot-map .point")
        yield page
        assert errors == []
        browser.close()


def rings(page: Any) -> int:
    """How many figures have a ring around a point."""
    ringed = "place => place.data.some(trace => trace.meta?.role === 'found')"
    return int(page.evaluate(f"[...document.querySelectorAll('[data-plot]')].filter({ringed}).length"))


def test_a_language_is_found_in_every_figure_and_in_the_table(page: Any) -> None:
    find, told = page.locator("#find"), page.locator("#found")
    name, identifier = (
        page.locator("#nearest tbody tr").nth(11).locator(one).inner_text() for one in ("th", "th small")
    )
    assert rings(page) == 0
    for written in (identifier, name.removesuffix(identifier).strip().upper()):
        find.fill(written)
        assert rings(page) >= 3
        assert page.locator("tr.found").count() == 1
        assert identifier in page.locator("tr.found th").inner_text()
        assert page.locator("tr.found").is_visible()
    find.fill("nowhere at all")
    assert (rings(page), told.inner_text(), page.locator("tr.found").count()) == (0, "no such language", 0)
    find.fill("")
    assert (rings(page), told.inner_text()) == (0, "")


def test_the_table_of_neighbours_sorts_by_click_and_by_key(page: Any) -> None:
    header = page.locator("#nearest thead th").nth(1)

    def column() -> list[str]:
        return [text.strip() for text in page.locator("#nearest tbody tr td:nth-child(2)").all_inner_texts()]

    before = column()
    header.click()
    assert header.get_attribute("aria-sort") == "ascending"
    rising = column()
    assert sorted(rising) == sorted(before) and rising == sorted(rising, key=str.casefold)
    header.focus()
    page.keyboard.press("Enter")
    assert header.get_attribute("aria-sort") == "descending"
    assert column() == sorted(rising, key=str.casefold, reverse=True)


def test_colours_and_names_change_and_a_phone_shows_all(page: Any) -> None:
    levels = page.locator("#level option").all_inner_texts()
    page.select_option("#level", levels[-1])
    page.select_option("#names", "all")
    page.set_viewport_size({"width": 390, "height": 844})
    page.emulate_media(color_scheme="dark")
    page.wait_for_timeout(300)
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0, "no part of the page is wider than the phone"


def test_the_rows_of_facts_are_rows(page: Any, run: Run) -> None:
    shown = page.evaluate("[...document.querySelectorAll('#scores tr')].map(row => getComputedStyle(row).display)")
    assert set(shown) <= {"table-row"}
