"""The page in a browser: `pip install langgeo[page]` and a Chromium, by default the system's; skipped without.

Pictures of the page are kept in build/page.
"""

from __future__ import annotations

import csv
import io
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from report_run import example_metrics, tree_distances, write_run

from langgeo_core.api import DistanceMatrix, Language, Run
from langgeo_report.options import HtmlOptions
from langgeo_report.page import page as page_of

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
PICTURES = Path(__file__).parents[3] / "build" / "page"
REPLICATES = 4
GRAVE = ("serious", "critical")


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory, languages: tuple[Language, ...]) -> Path:
    """The page of a run of thirty languages, with support of clades from four other matrices."""
    folder = tmp_path_factory.mktemp("page")
    run = Run(write_run(folder / "run", languages, tree_distances(languages), example_metrics(len(languages))))
    without = [DistanceMatrix(run.distances.ids, tree_distances(languages, seed)) for seed in range(REPLICATES)]
    file = folder / "report.html"
    file.write_text(page_of(run, HtmlOptions(), run.record, without), encoding="utf-8")
    return file


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    sync = pytest.importorskip("playwright.sync_api", reason="no playwright: pip install langgeo[page]")
    if not CHROMIUM:
        pytest.skip("no Chromium: apt-get install chromium, or CHROMIUM=path")
    with sync.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Any, file: Path) -> Iterator[Any]:
    """The page, whose figures may still be drawn; its console may have no errors."""
    context = browser.new_context(viewport={"width": 1400, "height": 1000})
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = context.new_page()
    errors: list[str] = []
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(file.as_uri())
    yield page
    assert errors == []
    context.close()


def wait_until_drawn(page: Any) -> None:
    page.wait_for_selector("body[data-drawn]")


def figures_with(page: Any, role: str) -> list[str]:
    """The figures that have a trace of a role."""
    wait_until_drawn(page)
    has = f"place => place.data.some(trace => trace.meta?.role === '{role}')"
    found = f"[...document.querySelectorAll('[data-plot]')].filter({has}).map(place => place.dataset.plot)"
    return list(page.evaluate(found))


def tree_leaves(page: Any) -> int:
    """How many ends the drawn tree has."""
    wait_until_drawn(page)
    named = "trace => trace.mode === 'markers+text' ? trace.text : []"
    return int(page.evaluate(f"document.querySelector('[data-plot=trees]').data.flatMap({named}).length"))


def test_a_language_is_found_in_every_figure_and_in_the_table(page: Any) -> None:
    find, told = page.locator("#find"), page.locator("#found")
    name, identifier = (
        page.locator("#nearest tbody tr").nth(11).locator(one).inner_text() for one in ("th", "th small")
    )
    assert figures_with(page, "found") == []
    for written in (identifier, name.removesuffix(identifier).strip().upper()):
        find.fill(written)
        assert {"map", "trees", "tree", "world"} <= {*figures_with(page, "found")}
        assert page.locator("tr.found").count() == 1
        assert identifier in page.locator("tr.found th").inner_text()
        assert page.locator("tr.found").is_visible()
    page.locator("#tree-close").click()
    assert "trees" in figures_with(page, "found")
    find.fill("nowhere at all")
    assert (figures_with(page, "found"), told.inner_text()) == ([], "no such language")
    assert page.locator("tr.found").count() == 0
    find.fill("")
    assert (figures_with(page, "found"), told.inner_text()) == ([], "")


def test_figures_on_the_screen_are_drawn_first_and_nothing_moves_meanwhile(browser: Any, file: Path) -> None:
    context = browser.new_context(viewport={"width": 1400, "height": 1000})
    page = context.new_page()
    page.add_init_script(
        "window.order = []; window.moved = 0;"
        "new PerformanceObserver(list => list.getEntries().forEach(one => { moved += one.value; }))"
        "  .observe({ type: 'layout-shift', buffered: true });"
        "new MutationObserver(() => document.querySelectorAll('.js-plotly-plot').forEach(one => {"
        "  if (!order.includes(one.dataset.plot)) order.push(one.dataset.plot); }))"
        "  .observe(document, { subtree: true, attributes: true, attributeFilter: ['class'] });"
    )
    page.goto(file.as_uri() + "#heatmap")
    wait_until_drawn(page)
    assert page.evaluate("document.querySelector('#heatmap').getBoundingClientRect().top") < 1000
    order = page.evaluate("order")
    assert order.index("heatmap") < order.index("trees") and order[-1] == "space"
    assert sorted(order) == sorted(page.locator("[data-plot]").evaluate_all("all => all.map(one => one.dataset.plot)"))
    assert page.evaluate("moved") < 0.1
    context.close()


def test_tables_sort_by_click_and_by_key(page: Any) -> None:
    header = page.locator("#nearest thead th").nth(1)
    columns = "#nearest tbody tr td:nth-child(2)", "#nearest tbody tr td:nth-child(3) small"

    def column(which: int) -> list[str]:
        return [text.strip("●■◆▲✚ ") for text in page.locator(columns[which]).all_inner_texts()]

    before = column(0)
    header.locator("button").click()
    assert header.get_attribute("aria-sort") == "ascending"
    rising = column(0)
    assert sorted(rising) == sorted(before) and rising == sorted(rising, key=str.casefold)
    header.locator("button").focus()
    page.keyboard.press("Enter")
    assert header.get_attribute("aria-sort") == "descending"
    assert column(0) == sorted(rising, key=str.casefold, reverse=True)
    page.locator("#nearest thead th button").nth(2).click()
    distances = [float(text) for text in column(1)]
    assert distances == sorted(distances) and len(set(distances)) > 1


def test_every_table_with_rows_sorts_and_keeps_them(page: Any) -> None:
    page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true; })")
    for table in page.locator("main table").all():
        before = sorted(table.locator("tbody tr").all_text_contents())
        buttons = table.locator("thead th button").all()
        assert buttons or len(before) < 2
        if buttons:
            buttons[-1].click()
        assert sorted(table.locator("tbody tr").all_text_contents()) == before


def test_colours_are_those_of_the_chosen_level_also_in_the_tree(page: Any) -> None:
    shown = "trace => trace.visible !== false && trace.name && !trace.meta?.role"
    names = f"key => document.querySelector(`[data-plot=${{key}}]`).data.filter({shown}).map(trace => trace.name)"
    found = []
    for level in page.locator("#level option").all_inner_texts():
        page.select_option("#level", level)
        wait_until_drawn(page)
        legends = [page.evaluate(f"({names})('{key}')") for key in ("map", "trees")]
        assert {*legends[0]} == {*legends[1]}
        found.append(legends[0])
    assert len(found) > 1 and found[0] != found[1]


def test_the_tree_collapses_by_button_by_key_and_by_click_and_shows_support(page: Any) -> None:
    count = page.locator("#nearest tbody tr").count()
    place = page.locator("[data-plot=trees]")
    assert tree_leaves(page) == count
    page.locator("#tree-close").click()
    assert 1 < tree_leaves(page) < count
    page.locator("#tree-open").click()
    assert tree_leaves(page) == count
    place.focus()
    for key in ("ArrowDown", "ArrowLeft"):
        page.keyboard.press(key)
    told = page.locator("#tree-told").inner_text()
    assert told.startswith(f"{count} languages:") and "(collapsed)" in told
    assert (tree_leaves(page), figures_with(page, "cursor")) == (1, ["trees"])
    page.keyboard.press("ArrowRight")
    assert tree_leaves(page) == count
    page.select_option("#tree-kind", "upgma")
    assert tree_leaves(page) == count
    node = page.locator("[data-plot=trees] .scatterlayer .trace").nth(1).locator("path").nth(2)
    box = node.bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.wait_for_timeout(200)
    page.mouse.down()
    page.mouse.up()
    folded = "trace => JSON.stringify(trace.marker?.symbol ?? '').includes('triangle-right')"
    page.wait_for_function(f"document.querySelector('[data-plot=trees]').data.some({folded})")
    notes = page.evaluate("document.querySelector('[data-plot=trees]').data[1].hovertext")
    assert any(f"of {REPLICATES} trees" in note for note in notes)


def test_what_is_to_be_pasted_is_copied(page: Any) -> None:
    page.locator("#cite summary").click()
    copied = {}
    for name in ("bibtex", "methods", "command"):
        page.locator(f"[data-copy={name}]").click()
        page.wait_for_function("document.getElementById('said').textContent === 'copied'")
        copied[name] = page.evaluate("navigator.clipboard.readText()")
        assert copied[name] == page.locator(f"#{name}").text_content()
    assert "@inproceedings{shamrai2025," in copied["bibtex"]
    assert copied["command"].startswith("langgeo run ")
    assert "30 languages" in copied["methods"]


def test_tables_and_figures_are_downloaded_from_the_page_alone(page: Any) -> None:
    page.context.set_offline(True)

    def content(button: Any) -> bytes:
        with page.expect_download() as started:
            button.click()
        return Path(started.value.path()).read_bytes()

    rows = list(csv.reader(io.StringIO(content(page.locator("#nearest .tools button")).decode("utf-8-sig"))))
    assert len(rows) == 1 + page.locator("#nearest tbody tr").count() and len({*map(len, rows)}) == 1
    places = page.locator("[data-plot]").count()
    pictures = page.locator(".tools button[aria-label*='figure as SVG']")
    assert pictures.count() == places
    assert all(content(button).startswith(b"<svg") for button in pictures.all())
    assert content(page.locator("#map .tools button").nth(1)).startswith(b"\x89PNG")


def test_names_come_when_a_map_is_enlarged(page: Any) -> None:
    wait_until_drawn(page)
    place = "document.querySelector('[data-plot=world]')"
    named = f"{place}.layout.annotations.filter(one => one.visible).map(one => one.text)"
    wide = len(page.evaluate(named))
    page.set_viewport_size({"width": 390, "height": 844})
    page.wait_for_function(f"{named}.length < {wide}")
    whole = page.evaluate(named)
    page.locator("#plot-world .modebar-btn[data-attr=zoom][data-val=in]").click(force=True)
    page.wait_for_function(f"{named}.some(name => !{whole}.includes(name))")


def test_a_walk_by_keyboard_reaches_every_control_in_turn(page: Any) -> None:
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    reached = ["skip"]
    focused = "(one => one.id || one.getAttribute('aria-label') || one.textContent.trim())(document.activeElement)"
    for _ in range(400):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement === document.body"):
            break
        reached.append(page.evaluate(focused))
        ring = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert ring != "none", f"the focus on {reached[-1]} cannot be seen"
    assert {"level", "names", "edges", "find", "tree-kind", "tree-open", "tree-close", "command"} <= {*reached}
    assert [name for name in reached if name.startswith("Download this figure as SVG")]
    assert page.evaluate("document.activeElement === document.body"), "the walk ends"
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"


@pytest.mark.parametrize(("width", "height"), [(1400, 1000), (390, 844)])
def test_a_screen_of_any_kind_shows_all_and_breaks_no_rule_of_access(page: Any, width: int, height: int) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="no axe: pip install langgeo[page]")
    page.set_viewport_size({"width": width, "height": height})
    page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true; })")
    too_wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert too_wide <= 0, "no part of the page is wider than the screen"
    PICTURES.mkdir(parents=True, exist_ok=True)
    for scheme in ("light", "dark"):
        wait_until_drawn(page)
        page.emulate_media(color_scheme=scheme)
        ink = page.evaluate("getComputedStyle(document.body).color")
        page.wait_for_function(f"getComputedStyle(document.querySelector('#plot-map .xtick text')).fill === '{ink}'")
        found = axe.Axe().run(page).response
        assert len(found["passes"]) > 10
        broken = [(one["id"], one["nodes"][0]["html"][:200]) for one in found["violations"] if one["impact"] in GRAVE]
        assert broken == []
        page.screenshot(path=PICTURES / f"{scheme}-{width}.png", full_page=True)
