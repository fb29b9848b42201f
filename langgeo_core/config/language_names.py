"""Whether the languages of a config exist, told with the line that names them."""

from __future__ import annotations

from collections.abc import Iterator

from langgeo_core.catalog import Catalog
from langgeo_core.config.nodes import Map, Scalar, as_list
from langgeo_core.config.suggestions import suggestion
from langgeo_core.errors import Problem, UserError
from langgeo_core.languages import LanguageTable


def language_problems(tree: Map, catalog: Catalog) -> Iterator[Problem]:
    """A problem for each entry of `languages` that is no language id, no alias, no set and not `all`."""
    node = tree.get("languages")
    if node is None:
        return
    table = LanguageTable()
    for index, item in enumerate(as_list(node).items):
        if not isinstance(item, Scalar) or not item.text or item.text in ("all", *catalog.language_sets):
            continue
        where = item.mark.at(f"languages.{index}")
        if "," in item.text:
            yield Problem(where, f"{item.text!r} is one entry with commas", f"write [{item.text}]")
            continue
        try:
            table.lookup(item.text)
        except UserError as error:
            sets = suggestion(item.text, catalog.language_sets, "language sets")
            hint = sets if sets.startswith("did you mean") else error.hint
            yield Problem(where, f"{item.text!r} is no language or language set", hint)
