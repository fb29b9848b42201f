"""What is printed of a finished run."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from langgeo_core.api import Metric, ResolvedConfig, Run, p_text, print_json, print_wrapped
from langgeo_core.hooks import records

HEADLINE = 120
"""Columns of a headline where no terminal says how many it has."""
RECORDED = ("name", "status", "languages", "matrix", "cells_calibrated", "cells_reused", "incidents", "exported")


def show_run(config: ResolvedConfig, folder: Path, record: Mapping[str, Any], as_json: bool) -> None:
    """What `langgeo run` prints in the end: how it went, the headline figures, and what to open."""
    if as_json:
        print_json(run_as_json(record, folder))
        return
    count = len(record["incidents"])
    incidents = f"{count} incident{'s' if count > 1 else ''} (see run.json)" if count else "no incidents"
    cells = f"{record['cells_calibrated']} cells calibrated, {record['cells_reused']} reused"
    print_wrapped(f"{record['status']}: {record['languages']} languages, {cells}, {incidents}")
    if record["status"] == "degenerate":
        click.echo("all distances are zero: these settings do not distinguish languages")
    else:
        for line in headlines(config, folder):
            print_wrapped(line, most=HEADLINE)
    click.echo(what_to_open(config, folder, record))


def run_as_json(record: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    """How a run went, its figures (None where there is none), and where it is."""
    figures = [{**asdict(one), "value": None if math.isnan(one.value) else one.value} for one in Run(folder).metrics]
    return {key: record[key] for key in RECORDED if key in record} | {"metrics": figures, "folder": str(folder)}


def headlines(config: ResolvedConfig, folder: Path) -> Iterator[str]:
    """The evaluators' headline metrics, with the values of the baselines."""
    chosen = (one.component for one in config.choices["evaluators"])
    names = [name for one in chosen if isinstance(one, records.Evaluator) for name in one.headline]
    run = Run(folder)
    for metric in run.metrics:
        if metric.source == "run" and metric.metric in names and metric.p is not None:
            what = f"{metric.level} {metric.metric} {metric.clusterer}".strip()
            ends = f", 95 % interval {metric.interval[0]:z.3f} to {metric.interval[1]:z.3f}" if metric.interval else ""
            null = f"by chance {metric.null_mean:z.3f}, p {p_text(metric.p)}, n {metric.n}"
            yield "; ".join([f"  {what}: {metric.value:z.3f}{ends} ({null})", *_others(run, metric)])


def _others(run: Run, metric: Metric) -> Iterator[str]:
    """What each baseline has of a metric, and what that baseline is."""
    others = [one for one in run.metrics if one.source != "run" and one.question == metric.question]
    roles = {other.source: run.baseline_roles.get(other.source, "rival") for other in others}
    rivals = [other for other in others if roles[other.source] == "rival"]
    for other in others:
        role = roles[other.source]
        remark = {"rival": "", "facts": "", "run": ", another run"}.get(role, f", a {role}")
        if len(rivals) > 1 and other is max(rivals, key=lambda rival: rival.value):
            remark = ", the strongest text baseline,"
        yield f"{other.source}{remark} {other.value:z.3f}"


def what_to_open(config: ResolvedConfig, folder: Path, record: Mapping[str, Any]) -> str:
    """The last line of a command that made a run: the file to open first, or the folder where no exporter names one.

    `record` is that of the run, as run.json has it.
    """
    for chosen in config.choices["exporters"]:
        opens = chosen.component.opens if isinstance(chosen.component, records.Exporter) else ""
        if opens and opens in record.get("exported", {}).get(chosen.name, ()):
            return f"report: {folder / opens}"
    return f"run folder: {folder}"
