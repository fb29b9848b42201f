"""Runs the stages in order in one folder, and records what happened."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import asdict
from fnmatch import fnmatch
from itertools import product
from pathlib import Path
from typing import Any

from langgeo_core.comparison.pairwise import choose_form
from langgeo_core.config.nodes import COMMAND_LINE
from langgeo_core.config.resolved import Chosen, ResolvedConfig
from langgeo_core.config.schema import first_stage
from langgeo_core.contract.errors import ConfigError, Problem, UserError
from langgeo_core.contract.records import Component, Distance, Quantizer, Scorer
from langgeo_core.evaluation.baselines import Memo
from langgeo_core.pipeline.stages import STAGES, before, position
from langgeo_core.pipeline.stages.context import Context
from langgeo_core.planning.needs import Needs, check_parts
from langgeo_core.planning.plan import Plan, make_plan, statistic_of
from langgeo_core.planning.provenance import describe
from langgeo_core.plugins.registry import components
from langgeo_core.storage.run_folder import check_files
from langgeo_core.storage.schema import remove_stale
from langgeo_core.storage.store import DamagedCellError, Store
from langgeo_core.system.files import read_record, refuse_links, storage_errors, write_record, write_text
from langgeo_core.system.locks import alone_in, is_empty, remove_leftovers
from langgeo_core.system.progress import one_thread

log = logging.getLogger("langgeo")

Reload = Callable[[Path], ResolvedConfig]


def run(
    config: ResolvedConfig,
    folder: Path,
    start: str = "calibrate",
    overwrite: bool = False,
    quiet: bool = False,
    reload: Reload | None = None,
    memo: Memo | None = None,
    needs: Needs | None = None,
    say: Callable[[str], object] = str,
) -> dict[str, Any]:
    """Run the stages from `start` on and return what run.json holds.

    Parameters
    ----------
    folder : created if missing; one that holds the same config is gone on with
    start : a stage; files of earlier ones are read from the folder
    overwrite : take the folder over even if it holds another config
    reload : reads the config that the folder holds, to compare with
    memo : baselines of other runs over the same texts, which are not measured again
    needs : what calibration gathers, for other runs as well
    say : called with the message of each incident of the plan, before anything is calibrated

    Raises
    ------
    UserError
        If the folder is in use or holds another config, lacks what `start` reads, or has symbolic links.
    DamagedFileError
        If a file that `start` goes on from is not the one that the run wrote.
    """
    refuse_links(folder)
    with alone_in(folder) as incidents:
        _check_folder(config, folder, start, overwrite, reload)
        remove_leftovers(folder)
        earlier = _earlier(folder, start) if start != "calibrate" else {}
        plan, store = make_plan(config, problems=misfits(config), needs=needs), Store.at(config.settings.store)
        _check_parts(plan, store)
        for incident in plan.incidents:
            say(incident.message)
        context = Context(plan, folder, store, quiet, incidents=incidents, memo=memo, files=earlier.get("files", {}))
        context.executors = [chosen.build() for chosen in config.choices.get("executors", ())]
        write_text(context.new("config.yaml"), config.to_yaml())
        context.list_files()
        with _logging_to(folder / "run.log"):
            return _run_stages(context, start, describe(plan), earlier)


class _Log(logging.FileHandler):
    """run.log; what cannot be written is an error of the run, not a traceback beside it."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802  logging's name
        with storage_errors(Path(self.baseFilename)):
            raise


@contextmanager
def _logging_to(file: Path) -> Iterator[None]:
    # As a new file: the old one may also be a file elsewhere.
    write_text(file, file.read_text(encoding="utf-8", errors="replace") if file.is_file() else "")
    handler = _Log(file, encoding="utf-8")
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    warned = logging.getLogger("py.warnings")
    log.addHandler(handler)
    log.setLevel(logging.INFO)
    warned.addHandler(handler)
    logging.captureWarnings(True)
    try:
        yield
    finally:
        logging.captureWarnings(False)
        warned.removeHandler(handler)
        log.removeHandler(handler)
        with storage_errors(file):
            handler.close()


def _check_parts(plan: Plan, store: Store) -> None:
    """Before anything is written or calibrated, where all models were calibrated before; else `compare` does."""
    try:
        layouts = {name: store.layout(identity.weights_sha256) for name, identity in plan.model_identities.items()}
    except DamagedCellError:
        return
    needs = Needs.of(plan.config).whole
    known = {name: needs.layout(name, layout).matrices for name, layout in layouts.items() if layout}
    if len(known) == len(layouts):
        check_parts(plan.config.settings.parts, known)


def _run_stages(
    context: Context, start: str, described: Mapping[str, Any], earlier: Mapping[str, Any]
) -> dict[str, Any]:
    kept = before(start)
    names = [stage.name for stage in kept]
    times = {name: seconds for name, seconds in earlier.get("times", {}).items() if name in names}
    known = [fact for stage in kept for fact in stage.facts if fact in earlier]
    context.facts.update({fact: earlier[fact] for fact in known})
    context.facts.update(
        cells_calibrated=0, cells_reused=earlier.get("cells_calibrated", 0) + earlier.get("cells_reused", 0)
    )
    old = [incident for incident in earlier.get("incidents", []) if incident["stage"] in names]
    for stage in STAGES[len(kept) :]:
        log.info("stage %s", stage.name)
        started = time.perf_counter()
        write_record(context.folder / "run.json", _record(context, described, times, old))
        with one_thread() if stage.small else nullcontext():
            stage.load()(context)
        remove_stale(context.folder, stage.writes, context.written)
        context.list_files()
        times[stage.name] = round(time.perf_counter() - started, 3)
        log.info("stage %s took %.1f s", stage.name, times[stage.name])
    record = {**_record(context, described, times, old), "finished": True}
    write_record(context.folder / "run.json", record)
    return record


def _record(
    context: Context, described: Mapping[str, Any], times: Mapping[str, float], old: list[dict[str, str]]
) -> dict[str, Any]:
    incidents = [*old, *(asdict(incident) for incident in (*context.plan.incidents, *context.incidents))]
    more = {"files": dict(context.files), "times": dict(times), "incidents": incidents, "finished": False}
    return {**described, **context.facts, **more}


def _check_folder(config: ResolvedConfig, folder: Path, start: str, overwrite: bool, reload: Reload | None) -> None:
    existing = folder / "config.yaml"
    if not existing.is_file():
        if start != "calibrate":
            message = f"{folder} has no config.yaml, so it holds no run to go on with from {start}"
            raise UserError(message, "name one by --out, or remove --from")
        if not is_empty(folder):
            raise UserError(f"{folder} is not empty and has no config.yaml: it holds no run", "choose another --out")
        return
    if overwrite or reload is None:
        return
    try:
        changed = first_stages(reload(existing), config)
    except ConfigError as failure:  # of a version with other keys
        failure.hint = f"{folder} holds a run of another config: choose another --out, or pass --overwrite"
        raise
    if start == "calibrate" and changed:
        stages = "" if config.settings.matrix else ", or --from STAGE to keep the earlier stages"
        raise UserError(
            f"{folder} holds a run with another config (config.yaml); different: {', '.join(changed)}",
            f"choose another --out, or pass --overwrite{stages}",
        )
    early = {key: stage for key, stage in changed.items() if position(stage) < position(start)}
    if early:
        first = min(early.values(), key=position)
        message = f"{', '.join(early)} changed: that takes effect at {first}, before {start}"
        # `--from calibrate` alone keeps nothing, so it is refused as the command without it is.
        more = " with --overwrite, or another --out" if first == "calibrate" else ""
        raise UserError(f"{message} ({existing})", f"use --from {first}{more}")


def first_stages(one: ResolvedConfig, other: ResolvedConfig) -> dict[str, str]:
    """The keys in which two configs differ, each with the first stage whose result it changes.

    A scorer is read by `compare`; one that sums a statistic of its own, or needs more of its cells than those before it
    hold, begins with `calibrate`, and so does any other key for which cells have to hold more.
    """
    changed = {key: stage for key in one.differences(other) if (stage := first_stage(key.partition(".")[0]))}
    wanted, there = Needs.of(other), Needs.of(one)
    if statistic_of(one) != statistic_of(other) or not {*there.suffixes[:1]} <= {*wanted.suffixes}:
        keys = ("scorer", "quantizer", "parts", "evaluators")
        changed |= {key: "calibrate" for key in changed if key.partition(".")[0] in keys}
    return changed


def _earlier(folder: Path, start: str) -> dict[str, Any]:
    """run.json of the run to go on with, its `files` those that the stages before `start` wrote, and unchanged.

    What an interrupted run left may lie beside files of another config that held the folder before.
    """
    file, kept = folder / "run.json", before(start)
    try:
        record = read_record(file) if file.is_file() else {}
    except (OSError, ValueError) as failure:
        raise UserError(f"{file} cannot be read: {failure}", "remove --from") from failure
    if unfinished := [stage.name for stage in kept if stage.name not in record.get("times", {})]:
        why = "" if record else ": it has no run.json"
        raise UserError(f"the stage {unfinished[0]} of {folder} has not finished{why}", f"use --from {unfinished[0]}")
    patterns = ["config.yaml", *(pattern for stage in kept for pattern in stage.writes)]
    files = {name: sha256 for name, sha256 in record["files"].items() if any(fnmatch(name, one) for one in patterns)}
    check_files(folder, files)
    return {**record, "files": files}


def misfits(config: ResolvedConfig) -> list[Problem]:
    """Scorer, quantizer and distance that do not fit, blamed on the one that was written nearest to the user's hand."""
    quantizers, distances = config.choices.get("quantizers", ()), config.choices.get("distances", ())
    if not (quantizers and distances):
        return []
    (quantizer,), (distance,) = quantizers, distances
    places = (f"{COMMAND_LINE}:", f"{config.marks.get('')}:")  # the registry's are neither

    def blamed(*chosen: Chosen) -> str:
        one = max(chosen, key=lambda one: [one.where.startswith(place) for place in places])
        return one.where or one.kind

    # Without a scorer that can be read, scores are taken to be separable and not negative: those have every form.
    scorers = [(one, one.component) for one in config.choices["scorers"] if isinstance(one.component, Scorer)]
    for (scorer, record), one in product(scorers, (quantizer, distance)):
        if record.signed and not _takes_negative(one.component):
            kind, able = one.component.singular(), filter(_takes_negative, components(one.kind))
            message = f"scores of {scorer.name} may be negative, which the {kind} {one.name} does not take"
            hint = f"{one.kind} that do: {', '.join(found.name for found in able)}"
            return [Problem(blamed(one, scorer), message, hint)]
    try:
        choose_form(quantizer.build(), distance.build(), not any(record.per_weight for _, record in scorers))
    except UserError as failure:
        pair = f"the quantizer {quantizer.name} and the distance {distance.name} do not fit"
        return [Problem(blamed(quantizer, distance), f"{pair}: {failure.message}", failure.hint)]
    return []


def _takes_negative(component: Component) -> bool:
    return isinstance(component, Quantizer | Distance) and component.signed
