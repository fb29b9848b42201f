"""`mlflow`: a run's config as parameters, its headline figures as metrics, its files as artefacts."""

from __future__ import annotations

import json
import math
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml
from pydantic import Field

from langgeo_core.api import Options, Run, UserError, installed, read_text, write_text
from langgeo_core.hooks import records

if TYPE_CHECKING:
    from mlflow import MlflowClient

RECORD = "exports/mlflow.json"
"""Where a run was sent to, so that it is sent there again and not twice."""
LONGEST = 6000
"""Characters that MLflow keeps of a parameter."""
MOST = 100
"""Parameters or metrics that one call may log."""
ALLOWED = "MLFLOW_ALLOW_FILE_STORE"
"""Without this variable MLflow refuses folders as stores since version 3.7."""


class MlflowOptions(Options):
    """Where the run is tracked."""

    tracking: str = Field(
        "",
        description="A server's address, or a folder; empty: the variable MLFLOW_TRACKING_URI, else the folder mlruns.",
    )
    experiment: str = Field("langgeo", min_length=1, description="The experiment, which is made if missing.")


class MlflowExporter:
    """A tracked run for a run folder; the variants of an ablation become children of one run for the ablation."""

    def __init__(self, options: MlflowOptions) -> None:
        self._options = options

    def export(self, run: Run) -> list[Path]:
        """Log the run, and write `exports/mlflow.json` with the address, the experiment and the id of the tracked run.

        Raises
        ------
        UserError
            If the tracking server or store refuses.
        """
        with tracking(self._options.tracking) as (client, address):
            experiment = _experiment(client, self._options.experiment)
            place = {"tracking": address, "experiment": experiment, "started": run.record.get("started", "")}
            identifier = _known(client, run.path / RECORD, place) or _created(client, experiment, run)
            _log(client, identifier, parameters(run.path / "config.yaml"), figures(run))
            for file, folder in artefacts(run.path):
                client.log_artifact(identifier, str(file), folder)
            client.set_terminated(identifier, end_time=_ends(run.record))
        write_text(run.path / RECORD, json.dumps({**place, "run": identifier}, indent=1) + "\n")
        return [run.path / RECORD]


@contextmanager
def tracking(address: str) -> Iterator[tuple[MlflowClient, str]]:
    """A client for an address, as a setting or MLflow's variable has it, and the address.

    A folder is a store of files, as long as this lasts: MLflow keeps that format and develops it no further.
    """
    from mlflow import MlflowClient
    from mlflow.exceptions import MlflowException
    from requests.exceptions import RequestException

    chosen = address or os.environ.get("MLFLOW_TRACKING_URI", "") or "mlruns"
    uri = chosen if "://" in chosen or chosen.startswith("file:") else Path(chosen).resolve().as_uri()
    before = os.environ.get(ALLOWED)
    os.environ[ALLOWED] = "true"
    try:
        yield MlflowClient(tracking_uri=uri), uri
    except (MlflowException, RequestException, OSError) as failure:
        reason = str(failure).strip().partition("\n")[0]
        hint = "check `tracking` of the exporter mlflow, or MLFLOW_TRACKING_URI"
        raise UserError(f"MLflow at {uri} refuses: {reason}", hint) from failure
    finally:
        os.environ.pop(ALLOWED)
        if before is not None:
            os.environ[ALLOWED] = before


def parameters(config: Path) -> dict[str, str]:
    """A config as dotted keys with texts: of a list of components their names, and the options of each under it.

    Examples
    --------
    `{"scorer": {"name": "wanda", "power": 1}}` gives `scorer` and `scorer.power`.
    """
    # As text: in YAML the language code `no` would be False.
    written = yaml.load(read_text(config), yaml.BaseLoader)
    return {_key(key): value[: LONGEST - 1] + "…" * (len(value) >= LONGEST) for key, value in _leaves("", written)}


def _leaves(key: str, value: Any) -> Iterator[tuple[str, str]]:
    inner = f"{key}." if key else ""
    if isinstance(value, Mapping):
        if name := value.get("as") or value.get("name") if key else None:
            yield key, str(name)
        for one, found in value.items():
            if not key or one not in ("as", "name") or not name:
                yield from _leaves(f"{inner}{one}", found)
    elif isinstance(value, list):
        yield key, ", ".join(_name(item) for item in value)
        for item in value:
            if isinstance(item, Mapping):
                options = {one: found for one, found in item.items() if one not in ("as", "name")}
                yield from chain.from_iterable(_leaves(f"{inner}{_name(item)}.{one}", options[one]) for one in options)
    elif key:
        yield key, str(value)


def _name(item: Any) -> str:
    return str(item.get("as") or item.get("name") or item) if isinstance(item, Mapping) else str(item)


def figures(run: Run) -> dict[str, float]:
    """The headline figures of the evaluators, with the ends of their intervals; those of baselines under their names.

    The keys are `evaluator/level/metric`, with the clusterer where there is one, and `baselines/NAME/…`.
    """
    known = (entry.component for entry in installed().all("evaluators"))
    headline = {name for one in known if isinstance(one, records.Evaluator) for name in one.headline}
    found: dict[str, float] = {}
    for metric in run.metrics if "metrics.csv" in run.files else ():
        if metric.metric not in headline or math.isnan(metric.value):
            continue
        parts = (metric.evaluator, metric.level, metric.metric, metric.clusterer)
        key = _key("/".join(filter(None, parts)))
        if metric.source != "run":
            found[f"baselines/{_key(metric.source)}/{key}"] = metric.value
            continue
        found[key] = metric.value
        found |= dict(zip((f"{key}.low", f"{key}.high"), metric.interval or (), strict=False))
    return found


def artefacts(folder: Path) -> Iterator[tuple[Path, str | None]]:
    """The files of a run folder with the folder of artefacts of each, without sums of distances and what is hidden."""
    for file in sorted(folder.rglob("*")):
        inside = file.relative_to(folder)
        hidden = any(part.startswith(".") for part in inside.parts) or inside.suffix in (".safetensors", ".lock")
        if file.is_file() and not hidden and inside.as_posix() != RECORD:
            yield file, inside.parent.as_posix() if len(inside.parts) > 1 else None


def _experiment(client: MlflowClient, name: str) -> str:
    found = client.get_experiment_by_name(name)
    return str(found.experiment_id if found else client.create_experiment(name))


def _known(client: MlflowClient, file: Path, place: Mapping[str, str]) -> str:
    """The tracked run that this run was sent to before, if it is still there; else ""."""
    from mlflow.exceptions import MlflowException

    try:
        record = json.loads(file.read_text(encoding="utf-8"))
        if any(record.get(key) != value for key, value in place.items()):
            return ""
        return str(client.get_run(record["run"]).info.run_id)
    except (OSError, ValueError, KeyError, AttributeError, MlflowException):
        return ""


def _created(client: MlflowClient, experiment: str, run: Run) -> str:
    """A new tracked run; that of a variant is a child of the ablation's."""
    tags = {"langgeo": str(run.record.get("langgeo", "")), "status": str(run.record.get("status", ""))}
    name = str(run.record.get("name", ""))
    ablation = run.path.resolve().parents[1]
    if (record := _ablation(run.path)) is not None:
        tags["mlflow.parentRunId"] = _parent(client, experiment, ablation, record)
        name = run.path.resolve().name
    started = _milliseconds(run.record.get("started", ""))
    return str(client.create_run(experiment, start_time=started, tags=tags, run_name=name).info.run_id)


def _ablation(folder: Path) -> dict[str, Any] | None:
    """What the ablation records that a run folder is a variant of."""
    folder = folder.resolve()
    if folder.parent.name != "variants":
        return None
    try:
        record = json.loads((folder.parents[1] / "run.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return record if isinstance(record, dict) and record.get("kind") == "ablation" else None


def _parent(client: MlflowClient, experiment: str, folder: Path, record: Mapping[str, Any]) -> str:
    """The tracked run of an ablation, made with its first variant; when it has finished it gets its files."""
    key = f"{folder} {record.get('started', '')}".replace("'", "_")
    found = client.search_runs([experiment], f"tags.`langgeo.ablation` = '{key}'", max_results=1)
    if found:
        identifier = str(found[0].info.run_id)
    else:
        started = _milliseconds(record.get("started", ""))
        tags = {"langgeo.ablation": key, "langgeo": str(record.get("langgeo", ""))}
        name = f"{record.get('name', '')} (ablation)"
        identifier = str(client.create_run(experiment, start_time=started, tags=tags, run_name=name).info.run_id)
        _log(client, identifier, {_key(one): ", ".join(choices) for one, choices in record.get("keys", {}).items()}, {})
        client.set_terminated(identifier)
    if record.get("finished"):
        for file in sorted(folder.glob("ablation.*")):
            client.log_artifact(identifier, str(file))
    return identifier


def _log(client: MlflowClient, identifier: str, params: Mapping[str, str], metrics: Mapping[str, float]) -> None:
    from mlflow.entities import Metric, Param

    now = _milliseconds("")
    kept = [Param(key, value) for key, value in params.items()]
    measured = [Metric(key, value, now, 0) for key, value in metrics.items()]
    for start in range(0, max(len(kept), len(measured)), MOST):
        some = slice(start, start + MOST)
        client.log_batch(identifier, params=kept[some], metrics=measured[some])


def _key(text: str) -> str:
    """A name as MLflow allows it."""
    return re.sub(r"[^\w\-. /]", "_", text)[:250]


def _milliseconds(moment: str) -> int:
    """Since 1970; of no moment, now."""
    return round((datetime.fromisoformat(moment) if moment else datetime.now()).timestamp() * 1000)


def _ends(record: Mapping[str, Any]) -> int | None:
    seconds: Sequence[float] = list(record.get("times", {}).values())
    return _milliseconds(record["started"]) + round(1000 * sum(seconds)) if record.get("started") else None
