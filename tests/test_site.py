"""The site that `make docs` built: nothing is fetched from elsewhere, links lead somewhere, notebooks were run."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

SITE = Path(__file__).parents[1] / "build" / "site"
FETCHED = {"script": "src", "img": "src", "iframe": "src", "source": "src", "video": "src", "link": "href"}
NOT_FETCHED = {"canonical", "alternate", "prev", "next", "edit"}

pytestmark = pytest.mark.skipif(not (SITE / "index.html").exists(), reason="`make docs` has not been called")


class Page(HTMLParser):
    """The ids of a page, what a browser fetches with it, and where it links to."""

    def __init__(self, file: Path) -> None:
        super().__init__()
        self.ids: set[str] = set()
        self.fetched: set[str] = set()
        self.links: set[str] = set()
        self.feed(file.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.ids |= {given["id"]} if "id" in given else set()
        address = given.get(FETCHED.get(tag, ""), "")
        if address and not {*given.get("rel", "").split()} & NOT_FETCHED:
            self.fetched.add(address)
        if tag == "a" and "href" in given:
            self.links.add(given["href"])


@cache
def page(file: Path) -> Page:
    return Page(file)


def pages() -> Iterator[Path]:
    return (file for file in SITE.rglob("*.html") if file.name != "404.html")


def test_nothing_is_fetched_from_elsewhere() -> None:
    assert len(list(pages())) > 60
    for file in pages():
        for address in page(file).fetched:
            parts = urlsplit(address)
            assert parts.scheme == "data" or not (parts.scheme or parts.netloc), (file, address)
            assert parts.scheme == "data" or (file.parent / unquote(parts.path)).exists(), (file, address)
    for style in SITE.rglob("*.css"):
        text = style.read_text(encoding="utf-8")
        assert "@import" not in text and "url(http" not in text and "url(//" not in text, style


def test_links_lead_to_pages_and_headings() -> None:
    for file in pages():
        for link in page(file).links:
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                continue
            target = (file.parent / unquote(parts.path)).resolve() if parts.path else file
            assert target.exists(), (file, link)
            if parts.fragment and target.suffix == ".html":
                assert unquote(parts.fragment) in page(target).ids | {"__skip"}, (file, link)


def test_commands_and_components_are_there() -> None:
    from langgeo_core.api import installed

    commands = page(SITE / "reference" / "commands.html").ids
    assert {f"langgeo-{name}" for name in installed().names("commands")} <= commands
    components = page(SITE / "reference" / "components.html").ids
    assert {f"scorers-{name}" for name in installed().names("scorers")} <= components


def test_notebooks_were_run() -> None:
    for name in ("distances", "run"):
        text = (SITE / "examples" / f"{name}.html").read_text(encoding="utf-8")
        assert " languages, distances " in text and "data:image/png" in text
