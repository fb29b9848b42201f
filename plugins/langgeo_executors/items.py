"""Work items: texts of one model and corpus as JSON, calibrated or compared by any process that sees the store.

Items exchange nothing. The result is what the store holds afterwards; what comes back only says how it went, so an item
that was lost is worked on again, and finds what was done of it.
"""

from __future__ import annotations

import json
import logging
import math
import os
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass, replace
from importlib.metadata import PackageNotFoundError, version
from itertools import chain
from pathlib import Path
from queue import SimpleQueue
from tempfile import TemporaryDirectory
from typing import Any, Protocol
from uuid import uuid4

from langgeo_core.api import (
    STAGES,
    Calibrated,
    Chosen,
    Context,
    Incident,
    LanggeoError,
    Needs,
    PartsSettings,
    Plan,
    PlannedCell,
    ResolvedConfig,
    RunWindows,
    StorageError,
    Store,
    UserError,
    calibrate,
    config_of,
    describe,
    make_plan,
    position,
    progress,
    read_record,
    this_process,
    write_record,
)
from langgeo_core.hooks import records
from langgeo_forecast.api import guessed_seconds

log = logging.getLogger("langgeo.executors")
CACHE = "LANGGEO_CACHE"
"""The environment variable of the cache folder, where the store and converted models are."""
ITEM_SECONDS = 300.0
"""What an item should take where enough texts are left for all workers."""
ITEMS_EACH = 3
"""Items for each worker, so that one that is slow or lost does not hold up the rest."""
TRIES = 3
"""How often an item is worked on before it is given up."""
PACKAGES = ("langgeo", "torch", "transformers", "tokenizers", "numpy")
"""Distributions that workers need in the run's version, besides those that components come from."""


class Pool(Protocol):
    """What works on items; any `concurrent.futures.Executor` is one."""

    def submit(self, function: Callable[[str], str], item: str, /) -> Future[str]:
        """Have `function(item)` called, in this process or another. The future may be cancelled before it runs."""


@dataclass(frozen=True, eq=False)
class Item:
    """Texts of one model and corpus.

    Parameters
    ----------
    addresses : of the cell of each language's whole text
    text : the item as JSON, for `fill`
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
        yield from _items(plan, store, model, corpus, found)


def comparisons(plan: Plan, store: Store, wanted: Iterable[tuple[str, str]]) -> Iterator[Item]:
    """An item for each of these models and corpora: all its languages, compared."""
    addresses = _addresses(plan)
    for model, corpus in wanted:
        everything = {language: key for language, key in addresses[model, corpus].items() if key}
        yield from _items(plan, store, model, corpus, [everything], compare=True)


def _addresses(plan: Plan) -> dict[tuple[str, str], dict[str, str]]:
    """Of each model and corpus: the cell of each language's whole text."""
    found: dict[tuple[str, str], dict[str, str]] = {}
    for cell in plan.cells:
        found.setdefault((cell.model, cell.corpus), {})[cell.language] = cell.key
    return found


def _items(
    plan: Plan, store: Store, model: str, corpus: str, pieces: Iterable[dict[str, str]], compare: bool = False
) -> Iterator[Item]:
    origins = (chosen.origin.distribution for chosen in chain.from_iterable(plan.config.choices.values()))
    needs = {"statistics": sorted(plan.needs.statistics), "parts": plan.needs.parts.model_dump(mode="json")}
    shared = {
        "compare": compare,
        "config": narrowed(plan.config, model, corpus).to_yaml(),
        "weights": plan.model_identities[model].weights_sha256,
        "store": None if store.remote else [str(store.folder), identity(store)],
        "folder": str(Path.cwd()),
        "needs": needs,
        "versions": {name: found for name in dict.fromkeys((*PACKAGES, *origins)) if (found := _version(name))},
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
    >>> suitable(954, 8, loading=300, each=15)  # of which the model takes a fifth
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


def fill(text: str) -> str:
    """Do an item, its results into the store; JSON that says which process did, and what did not go as planned.

    What the user has to mend is said under `refused`; anything else is raised, and worth another try.
    """
    asked = json.loads(text)
    try:
        found = _fill(asked)
        incidents = [asdict(incident) for incident in found.incidents]
        count = [cell.status for cell in (*found.cells, *found.replicates)].count("calibrated")
        answer: dict[str, Any] = {"incidents": incidents, "calibrated": count}
    except StorageError:
        raise
    except LanggeoError as failure:
        message = f"a worker, {this_process()}: {failure.message}"
        answer = {"refused": message, "hint": failure.hint, "code": failure.exit_code}
    return json.dumps({"by": this_process(), **answer})


def _fill(asked: Mapping[str, Any]) -> Calibrated:
    for name, wanted in asked["versions"].items():
        if (found := _version(name)) != wanted:
            message = f"it has {name} {found}" if found else f"it has no {name}"
            raise UserError(f"{message}, and the run {wanted}", "install the same versions for all workers")
    if asked["store"]:  # otherwise this machine has a cache folder of its own, and they share a store at an address
        folder, wanted = asked["store"]
        os.environ[CACHE] = folder  # also where converted models are
        if not Path(folder).is_dir() or identity(Store(Path(folder))) != wanted:
            hint = f"put {CACHE} on a file system that all workers see, or set `store` to an address that they reach"
            raise UserError(f"it does not see the store of the run, {folder}", hint)
    if Path(asked["folder"]).is_dir():
        os.chdir(asked["folder"])  # paths in the config may be relative
    with TemporaryDirectory() as scratch:
        file = Path(scratch) / "item.yaml"
        file.write_text(asked["config"], encoding="utf-8")
        config = config_of({"registry": None}, str(file), ())
    ((model,), (corpus,)) = ([one.name for one in config.choices[kind]] for kind in ("models", "corpora"))
    needs = Needs(frozenset(asked["needs"]["statistics"]), PartsSettings(**asked["needs"]["parts"]))
    plan = make_plan(config, needs=needs, languages=tuple(asked["addresses"]))
    if (identified := plan.model_identities[model]).weights_sha256 != asked["weights"]:
        message = f"its weights of {model} are not those of the run ({identified.source})"
        raise UserError(message, "give all workers the same files")
    if others := [cell.language for cell in plan.cells if cell.key != asked["addresses"].get(cell.language)]:
        message = f"its texts of {', '.join(others)} in {corpus} are not those of the run"
        raise UserError(message, "give all workers the same files")
    store = Store.at(config.settings.store)
    if asked["compare"]:
        with TemporaryDirectory() as scratch:
            context = Context(plan, Path(scratch), store, quiet=True, keeps=True)
            context.new("config.yaml").write_text(config.to_yaml(), encoding="utf-8")
            for stage in STAGES[: position("compare") + 1]:
                stage.load()(context)
                context.list_files()
                write_record(context.folder / "run.json", {**describe(plan), "files": context.files})
        return Calibrated([], [], [])
    return calibrate(plan, store, RunWindows(plan), quiet=True)


def _version(distribution: str) -> str:
    try:
        return version(distribution)
    except PackageNotFoundError:
        return ""


class Workers(ABC):
    """An executor that hands items to workers; one of another plugin has `open` and `texts`, and needs no more.

    Attributes
    ----------
    texts : how many texts an item has at most; None: by forecast
    workers : how many items are worked on at one time, as far as that is known
    """

    texts: int | None = None
    workers: int = 8

    @abstractmethod
    def open(self, folder: Path) -> AbstractContextManager[Pool]:
        """Something with the `submit` of `concurrent.futures.Executor`, for as long as the context lasts.

        What it leaves behind goes below `folder`, that of the run. Raises UserError if there can be no workers.
        """

    def elsewhere(
        self, plan: Plan, store: Store, folder: Path, quiet: bool
    ) -> Callable[[Sequence[PlannedCell]], list[Incident]]:
        """As `protocols.Executor`."""

        def fill_all(cells: Sequence[PlannedCell]) -> list[Incident]:
            texts = len({(cell.model, cell.corpus, cell.language) for cell in cells})
            with self.open(folder) as pool, progress("calibrate", texts, quiet) as advance:
                incidents = _Spread(pool, advance).all(items(plan, store, cells, self.texts, self.workers))
            if store.remote:
                store.remote.look_again()
            for cell in cells:
                if store.first(cell.keys) is None:
                    message = f"{cell.model}, {cell.corpus}, {cell.language}: workers did not fill its cell"
                    raise LanggeoError(message, f"see whether they write to {store.folder}")
            return incidents

        return fill_all

    def compare(self, plan: Plan, store: Store, folder: Path, quiet: bool, wanted: Collection[tuple[str, str]]) -> None:
        """As `protocols.ComparingExecutor`."""
        found = list(comparisons(plan, store, wanted))
        texts = sum(len(item.addresses) for item in found)
        with self.open(folder) as pool, progress("compare", texts, quiet) as advance:
            _Spread(pool, advance).all(found)
        if store.remote:
            store.remote.look_again()


class _Spread:
    """Items at work; one that fails is submitted again, and after `TRIES` failures the others are still done."""

    def __init__(self, pool: Pool, advance: Callable[[str], None]) -> None:
        self._pool, self._advance = pool, advance
        self._running: dict[Future[str], Item] = {}
        self._done: SimpleQueue[Future[str]] = SimpleQueue()
        self._tries: Counter[Item] = Counter()
        self._workers: set[str] = set()

    def all(self, wanted: Iterable[Item]) -> list[Incident]:
        """Have all of them worked on.

        Raises
        ------
        LanggeoError
            If a worker refuses an item, or items were given up.
        """
        incidents: list[Incident] = []
        given_up: dict[Item, Exception] = {}
        try:
            for item in wanted:
                self._submit(item)
            while self._running:
                future = self._done.get()
                item = self._running.pop(future)
                try:
                    incidents += self._read(item, json.loads(future.result()))
                except LanggeoError:
                    raise
                except Exception as failure:
                    if self._tries[item] < TRIES:
                        log.info("submitted again: %s (%s: %s)", item, type(failure).__name__, failure)
                        self._submit(item)
                    else:
                        given_up[item] = failure
        finally:
            for future in self._running:
                future.cancel()
        if given_up:
            listed = "; ".join(f"{item} ({type(failure).__name__}: {failure})" for item, failure in given_up.items())
            message = f"given up after {TRIES} failures each: {listed}"
            raise LanggeoError(message, "all others are in the store: mend this, then start the same command again")
        return incidents

    def _submit(self, item: Item) -> None:
        self._tries[item] += 1
        future = self._pool.submit(fill, item.text)
        self._running[future] = item
        future.add_done_callback(self._done.put)

    def _read(self, item: Item, answer: Mapping[str, Any]) -> list[Incident]:
        """What did not go as configured; raises where the worker refused."""
        if "refused" in answer:
            error = UserError if answer["code"] == UserError.exit_code else LanggeoError
            raise error(f"{item}: {answer['refused']}", answer["hint"])
        self._workers.add(answer["by"])
        log.info("%s did %s; cells calibrated: %d", answer["by"], item, answer["calibrated"])
        for language in item.addresses:
            self._advance(f"{item.corpus} {language}, workers: {len(self._workers)}")
        return [Incident(**incident) for incident in answer["incidents"]]


def identity(store: Store) -> str:
    """What tells a store from others that may have the same path elsewhere; made up when it is first asked for."""
    file = store.folder / "store.json"
    if not file.is_file():
        write_record(file, {"store": uuid4().hex})
    return str(read_record(file)["store"])
