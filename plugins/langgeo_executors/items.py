"""Work items: texts of one model and corpus as JSON, for any process that sees the store.

Items exchange nothing. The result is what the store holds afterwards; what comes back only says how it went, so an item
that was lost is worked on again, and finds what was done of it.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.metadata import PackageNotFoundError, version
from itertools import chain
from pathlib import Path
from typing import Any
from uuid import uuid4

from langgeo_core.api import Chosen, Plan, PlannedCell, ResolvedConfig, Store, read_record, write_record
from langgeo_core.hooks import records
from langgeo_forecast.api import guessed_seconds

ITEM_SECONDS = 300.0
"""What an item should take where enough texts are left for all workers."""
ITEMS_EACH = 3
"""Items for each worker, so that one that is slow or lost does not hold up the rest."""
PACKAGES = ("langgeo", "torch", "transformers", "tokenizers", "numpy")
"""Distributions that workers need in the run's version, besides those that components come from."""


@dataclass(frozen=True, eq=False)
class Item:
    """Texts of one model and corpus.

    Parameters
    ----------
    addresses : of the cell of each language's whole text
    text : the item as JSON, for a worker
    """

    model: str
    corpus: str
    addresses: Mapping[str, str]
    text: str

    def __str__(self) -> str:
        return f"{self.model}, {self.corpus}, {' '.join(self.addresses)}"


def items(
    plan: Plan, store: Store, cells: Sequence[PlannedCell], texts: int | None, workers: int = 1
) -> Iterator[Item]:
    """The texts of these cells in items of at most so many; None for as many as suits so many workers."""
    groups: dict[tuple[str, str], dict[str, None]] = {}
    for cell in cells:
        groups.setdefault((cell.model, cell.corpus), {}).update({cell.language: None})
    guessed = guessed_seconds(plan, cells) if texts is None else {}
    everything, addresses = sum(map(len, groups.values())), _addresses(plan)
    for (model, corpus), grouped in groups.items():
        languages = list(grouped)
        size = texts or suitable(everything, workers, *guessed.get(model, ()))
        own = addresses[model, corpus]
        pieces = [languages[start : start + size] for start in range(0, len(languages), size)]
        found = [{language: own[language] for language in piece} for piece in pieces]
        yield from pack(plan, store, model, corpus, found)


def comparisons(plan: Plan, store: Store, wanted: Iterable[tuple[str, str]]) -> Iterator[Item]:
    """An item for each of these models and corpora: all its languages, compared."""
    addresses = _addresses(plan)
    for model, corpus in wanted:
        everything = {language: key for language, key in addresses[model, corpus].items() if key}
        yield from pack(plan, store, model, corpus, [everything], compare=True)


def _addresses(plan: Plan) -> dict[tuple[str, str], dict[str, str]]:
    """Of each model and corpus: the cell of each language's whole text."""
    found: dict[tuple[str, str], dict[str, str]] = {}
    for cell in plan.cells:
        found.setdefault((cell.model, cell.corpus), {})[cell.language] = cell.key
    return found


def pack(
    plan: Plan, store: Store, model: str, corpus: str, pieces: Iterable[Mapping[str, str]], **more: Any
) -> Iterator[Item]:
    """An item for each of these pieces of a corpus, with all that a worker needs to make the same plan.

    Parameters
    ----------
    pieces : in each the cell of each language's whole text
    more : what else the worker is told
    """
    origins = (chosen.origin.distribution for chosen in chain.from_iterable(plan.config.choices.values()))
    needs = {"statistics": sorted(plan.needs.statistics), "parts": plan.needs.parts.model_dump(mode="json")}
    shared = {
        **more,
        "config": narrowed(plan.config, model, corpus).to_yaml(),
        "weights": plan.model_identities[model].weights_sha256,
        "store": None if store.remote else [str(store.folder), identity(store)],
        "folder": str(Path.cwd()),
        "needs": needs,
        "versions": {name: found for name in dict.fromkeys((*PACKAGES, *origins)) if (found := version_of(name))},
    }
    for addresses in pieces:
        yield Item(model, corpus, addresses, json.dumps({"addresses": addresses, **shared}))


def suitable(texts: int, workers: int, loading: float = 0.0, each: float = 0.0) -> int:
    """How many texts an item may have, of so many in all.

    Parameters
    ----------
    loading, each : seconds to load the model, and for one text; 0 where that is not known

    Examples
    --------
    >>> suitable(954, 8, loading=20, each=15)  # five minutes
    20
    >>> suitable(4000, 8, loading=300, each=15)  # of which the model takes a fifth
    80
    >>> suitable(126, 8, loading=20, each=0.5)  # or all would be done by two of them
    6
    >>> suitable(954, 8)
    8
    """
    wanted = math.ceil(max(ITEM_SECONDS, 4 * loading) / each) if each else 8
    return max(1, min(wanted, math.ceil(texts / (ITEMS_EACH * workers))))


def narrowed(config: ResolvedConfig, model: str, corpus: str) -> ResolvedConfig:
    """The config of one model and corpus, with nothing that a comparison does not depend on.

    It depends on an evaluator that asks for distances of the whole network.
    """
    one = {"models": model, "corpora": corpus}
    after = ("transforms", "clusterers", "baselines", "exporters")

    def stays(kind: str, chosen: Chosen) -> bool:
        if kind == "evaluators":
            return isinstance(chosen.component, records.Evaluator) and chosen.component.whole_network
        return kind not in after and one.get(kind, chosen.name) == chosen.name

    choices = {kind: tuple(one for one in found if stays(kind, one)) for kind, found in config.choices.items()}
    return replace(config, choices=choices)


def version_of(distribution: str) -> str:
    """Empty if it is not installed."""
    try:
        return version(distribution)
    except PackageNotFoundError:
        return ""


def identity(store: Store) -> str:
    """What tells a store from others that may have the same path elsewhere; made up when it is first asked for."""
    file = store.folder / "store.json"
    if not file.is_file():
        write_record(file, {"store": uuid4().hex})
    return str(read_record(file)["store"])
