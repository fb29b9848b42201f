"""A paragraph for a paper's section on methods, from the run's record, config and figures; and the run's command."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path, PureWindowsPath
from typing import Any

import yaml

from langgeo_core.api import Run, UserError, config_of, schema
from langgeo_report.citing import is_local, is_own, of_source
from langgeo_report.deciding import Tested, named
from langgeo_report.printing import interval, number, probability
from langgeo_report.reading import rows_of
from langgeo_report.verdict import percent

SETTINGS: dict[str, Any] = {"registry": None, "quiet": True, "verbose": False}
MEASURED = {
    "scorers": "What the model does with a text was scored by",
    "quantizers": "scores became signatures by",
    "distances": "languages were compared by",
}
AFTER = {
    "aggregators": "Matrices of models and corpora were combined by",
    "transforms": "The distances were then transformed by",
    "embedders": "Languages were placed in a space by",
    "clusterers": "They were clustered by",
    "evaluators": "Agreement was measured by",
    "baselines": "The same was done to the baselines",
}


def methods(
    record: Mapping[str, Any],
    languages: int,
    run: Run | None = None,
    figures: Sequence[Tested] = (),
    drowned: float | None = None,
) -> str:
    """What was done, in sentences; every number is of this run.

    Parameters
    ----------
    record : of run.json, with what is known of where given distances are from
    languages : how many the distances have
    run : its folder, of which more is known; None of a packaged space
    figures : the metrics that decide the verdict
    drowned : as `Evidence` has it
    """
    sentences = [*_sentences(record, languages, run), *_results(figures)]
    if drowned is not None:
        share = f"{percent(drowned)} of the language pairs"
        told = "their agreement with any classes is therefore no evidence"
        sentences.append(f"{share} were not significantly farther apart than replicates of one text: {told}.")
    return " ".join(filter(None, sentences))


def _sentences(record: Mapping[str, Any], languages: int, run: Run | None) -> Iterator[str]:
    kinds = record.get("components", {})
    version = f"langgeo {record.get('langgeo', '')}"
    if record.get("about"):
        which = f"the space {record['name']} of {languages} languages"
        yield f"We used {which} that comes with {version}: {record['about']}"
    else:
        yield f"We made a metric space of {languages} languages with {version}."
    if matrix := record.get("matrix"):
        which = f", matrix {matrix['name']}" if matrix.get("name") else ""
        file = Path(matrix["file"]).name
        yield f"The distances were read from the file {file}{which} (SHA-256 {matrix['sha256'][:12]}…)."
    if not record.get("models") and (texts := record.get("corpora")):
        yield f"The texts are those of {_listed([_versioned(one, 'version') for one in texts])}."
    if models := record.get("models"):
        yield _reading(record, languages, rows_of(run, schema.CELLS) if run else [], models)
        yield f"{'; '.join(_clauses(MEASURED, kinds))}."
        if run and (matrices := len({(row["model"], row["matrix"]) for row in rows_of(run, schema.KEPT)})):
            yield f"The distances are over {matrices} weight matrices."
    if run and run.replicates:
        yield f"Each text was also measured in {run.replicates.count} disjoint pieces."
    for clause in _clauses(AFTER, kinds):
        yield f"{clause}."


def _reading(
    record: Mapping[str, Any], languages: int, cells: Sequence[Mapping[str, Any]], models: Sequence[Mapping[str, Any]]
) -> str:
    settings = record.get("calibration", {})
    read = [_versioned(one, "revision") for one in models]
    texts = [_own(one, languages, cells) if is_own(one) else _versioned(one, "version") for one in record["corpora"]]
    amount = f"up to {int(settings['tokens']):,} {settings.get('unit', 'tokens')}"
    window = settings.get("window") or 0
    windows = f" in windows of {window} tokens" if 0 < window < settings["tokens"] else ""
    tokens = [int(row["tokens"]) for row in cells if row["tokens"]]
    ends = " to ".join(dict.fromkeys(f"{end:,}" for end in (min(tokens), max(tokens)))) if tokens else ""
    counted = f"; texts had {ends} tokens" if tokens else ""
    which = "The model" if len(read) == 1 else "The models"
    return f"{which} {_listed(read)} read {amount} of each language's text from {_listed(texts)}{windows}{counted}."


def _own(identity: Mapping[str, Any], languages: int, cells: Sequence[Mapping[str, Any]]) -> str:
    """`own texts (10 languages)`: no one else can get them, and where they lie says nothing to others."""
    have = {row["language"] for row in cells if row["corpus"] == identity.get("label") and row["tokens"]}
    return f"own texts ({len(have) or languages} languages)"


def _versioned(identity: Mapping[str, Any], key: str) -> str:
    name = str(identity.get("label") or identity["name"])
    return f"{name} ({identity[key]})" if identity.get(key) not in (None, "", "unknown", "unpinned") else name


def _clauses(words: Mapping[str, str], kinds: Mapping[str, Sequence[Mapping[str, Any]]]) -> Iterator[str]:
    for kind, clause in words.items():
        if chosen := [one for one in kinds.get(kind, []) if one["name"] != "none"]:
            yield f"{clause} {_listed([_component(one) for one in chosen])}"


def _component(chosen: Mapping[str, Any]) -> str:
    """`median (scope: matrix; Shamrai & Hamolia 2025)`, with the package of a plugin that is not bundled."""
    options = {key: value for key, value in chosen.get("options", {}).items() if value not in ("", None, {}, [])}
    told = [
        "" if chosen.get("component", chosen["name"]) == chosen["name"] else chosen["component"],
        "" if chosen.get("distribution") == "langgeo" else f"{chosen.get('distribution')} {chosen.get('version')}",
        ", ".join(f"{key}: {_written(value)}" for key, value in options.items()),
        *(one.short for one in of_source(chosen.get("source") or "", chosen.get("distribution") == "langgeo")),
    ]
    inside = "; ".join(filter(None, told))
    return f"{chosen['name']} ({inside})" if inside else str(chosen["name"])


def _results(figures: Sequence[Tested]) -> Iterator[str]:
    for tested in figures:
        metric = tested.metric
        ends = interval(metric)
        known = [
            f"95 % interval over languages {ends}" if ends else "",
            f"{number(metric.null_mean)} for shuffled labels",
            f"adjusted p {probability(tested.p)}",
            f"n = {metric.n}",
        ]
        told = f"{number(metric.value)} ({'; '.join(filter(None, known))})"
        yield f"At the level {metric.level} the {named(metric)} was {told}."


def _listed(words: Sequence[str]) -> str:
    return " and ".join(filter(None, ["; ".join(words[:-1]), words[-1]])) if words else ""


def _written(value: Any) -> str:
    """A value as a sentence has it: lists of words without brackets, of a file of this machine its name."""
    if isinstance(value, list) and all(isinstance(one, str) for one in value):
        return " and ".join(value)
    if isinstance(value, str) and is_local(value):
        return PureWindowsPath(value).name
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)


def command(run: Run, record: Mapping[str, Any]) -> str:
    """What to type for the same run: its bundled config with what differs from it, else the run's own config.yaml."""
    file = run.path / "config.yaml"
    if record.get("about"):
        return shlex.join(["langgeo", "map", str(record["name"])])
    try:
        own, name = config_of(SETTINGS, str(file), ()), str(record.get("name"))
        bundled = config_of(SETTINGS, name, ())
        written = yaml.safe_load(own.to_yaml())
        changed = dict.fromkeys(path.partition(".")[0] for path in bundled.differences(own))
        overrides = [f"{key}={_flow(written[key])}" for key in changed if key in written]
        if not config_of(SETTINGS, name, overrides).differences(own):
            return shlex.join(["langgeo", "run", name, *overrides])
    except UserError:
        pass
    return shlex.join(["langgeo", "run", file.as_posix(), "--out", f"{run.path.as_posix()}-again"])


def _flow(value: Any) -> str:
    """A value as the command line takes it."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
