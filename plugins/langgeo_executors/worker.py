"""What a worker does with an item: it makes the run's plan of these texts, or refuses, and fills the store."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from langgeo_core.api import (
    STAGES,
    Context,
    LanggeoError,
    Needs,
    PartsSettings,
    Plan,
    RunWindows,
    StorageError,
    Store,
    UserError,
    calibrate,
    config_of,
    describe,
    make_plan,
    position,
    this_process,
    write_record,
)
from langgeo_executors.items import identity, version_of

CACHE = "LANGGEO_CACHE"
"""The environment variable of the cache folder, where the store and converted models are."""

Asked = Mapping[str, Any]


def fill(text: str) -> str:
    """Do an item, its results into the store; JSON that says which process did, and what did not go as planned."""
    return answered(text, _fill)


def answered(text: str, work: Callable[[Asked], dict[str, Any]]) -> str:
    """What `work` says of an item, as JSON with the process that did it.

    What the user has to mend is said under `refused`; anything else is raised, and worth another try.
    """
    try:
        answer = work(json.loads(text))
    except StorageError:
        raise
    except LanggeoError as failure:
        message = f"a worker, {this_process()}: {failure.message}"
        answer = {"refused": message, "hint": failure.hint, "code": failure.exit_code}
    return json.dumps({"by": this_process(), **answer})


def arrive(asked: Asked) -> tuple[Plan, Store]:
    """The plan of an item and its store, the same that the run has.

    Raises
    ------
    UserError
        If versions, weights, texts or the store are not those of the run.
    """
    for name, wanted in asked["versions"].items():
        if (found := version_of(name)) != wanted:
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
    return plan, Store.at(config.settings.store)


def _fill(asked: Asked) -> dict[str, Any]:
    plan, store = arrive(asked)
    if asked.get("compare"):
        _compare(plan, store)
        return {"did": "compared", "incidents": []}
    found = calibrate(plan, store, RunWindows(plan), quiet=True)
    count = [cell.status for cell in (*found.cells, *found.replicates)].count("calibrated")
    return {"did": f"calibrated {count} cells", "incidents": [asdict(incident) for incident in found.incidents]}


def _compare(plan: Plan, store: Store) -> None:
    """The first stages of a run of this model and corpus, which keeps its comparisons in the store."""
    with TemporaryDirectory() as scratch:
        context = Context(plan, Path(scratch), store, quiet=True, keeps=True)
        context.new("config.yaml").write_text(plan.config.to_yaml(), encoding="utf-8")
        for stage in STAGES[: position("compare") + 1]:
            stage.load()(context)
            context.list_files()
            write_record(context.folder / "run.json", {**describe(plan), "files": context.files})
