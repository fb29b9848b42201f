"""Whether the languages of a config exist, told with the line that names them."""

from __future__ import annotations

from collections.abc import Iterator

from langgeo_core.config.catalog import Catalog
from langgeo_core.config.nodes import Map, Scalar, as_list
from langgeo_core.contract.errors import Problem, UserError, suggestion
from langgeo_core.languages.table import LanguageTable


def language_problems(tree: Map, catalog: Catalog) -> Iterator[Problem]:
    """A problem for each entry of `languages` that is no language id, no alias, no set and not `all`."""
    return (problem for _, problem in _judged(tree, catalog) if problem)


def known_languages(tree: Map, catalog: Catalog) -> tuple[str, ...]:
    """The other entries: those that name something."""
    return tuple(name for name, problem in _judged(tree, catalog) if not problem)


def _judged(tree: Map, catalog: Catalog) -> Iterator[tuple[str, Problem | None]]:
    """Each entry of `languages` that is text, with what is wrong with it."""
    node = tree.get("languages")
    table = LanguageTable()
    for index, item in enumerate(as_list(node).items if node else ()):
        if isinstance(item, Scalar) and item.text:
            known = item.text in ("all", *catalog.language_sets)
            yield item.text, None if known else _problem(index, item, table, catalog)


def _problem(index: int, item: Scalar, table: LanguageTable, catalog: Catalog) -> Problem | None:
    where = item.mark.at(f"languages.{index}")
    if "," in item.text:
        return Problem(where, f"{item.text!r} is one entry with commas", f"write [{item.text}]")
    try:
        table.lookup(item.text)
    except UserError as error:
        sets = suggestion(item.text, catalog.language_sets, "language sets")
        named = f"({item.text})".casefold() in error.hint.casefold()
        hint = sets if sets.startswith("did you mean") and not named else error.hint
        return Problem(where, f"{item.text!r} is no language or language set", hint)
    return None
