"""`langgeo evaluate`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from langgeo_core.cli.common import config_of, draft_of_matrix, json_option, print_json, print_table, show_notices
from langgeo_core.cli.completion import OVERRIDES

if TYPE_CHECKING:
    from langgeo_core.contract.types import Metric

COLUMNS = ("of", "evaluator", "level", "clusters by", "metric", "value ± sd", "chance ± sd", "p", "interval", "n", "k")


@click.command("evaluate")
@click.argument("matrix", type=click.Path(dir_okay=False, path_type=Path))
@click.argument("overrides", nargs=-1, metavar="[KEY=VALUE]...", shell_complete=OVERRIDES)
@click.option("--config", default="", metavar="CONFIG", help="Judge as this config does. [default: registry.yaml's]")
@click.option(
    "--format", "layout", type=click.Choice(["csv", "phylip", "nexus", "json"]), help="[default: as the file begins]"
)
@click.option("--matrix", "name", metavar="NAME", help="One of several matrices of a JSON file. [default: the average]")
@click.option("--skip-unknown", is_flag=True, help="Leave out languages that are not known.")
@click.option(
    "--out", type=click.Path(file_okay=False, path_type=Path), metavar="DIR", help="[default: runs/<name of the file>]"
)
@click.option("--overwrite", is_flag=True, help="Take over a run folder that holds another config.")
@json_option
@click.pass_obj
def command(
    settings: dict[str, Any],
    matrix: Path,
    overrides: tuple[str, ...],
    config: str,
    out: Path | None,
    overwrite: bool,
    as_json: bool,
    layout: str | None,
    name: str | None,
    skip_unknown: bool,
) -> None:
    """Score the distances in the file MATRIX as a run scores its own.

    A square table (CSV), PHYLIP, NEXUS, or the JSON of the published study. Languages are named by ISO 639-3 or 639-1
    codes, Wikipedia's codes, glottocodes or English names. The folder that is written is a run folder.

    \b
    Examples:
      langgeo evaluate runs/starter/distances.csv
      langgeo evaluate theirs.json --matrix llama--wikipedia clusterers.kmeans.k=25
      langgeo evaluate dialects.phy evaluators.labels=dialects.csv --out runs/dialects
    """
    resolved = draft_of_matrix(settings, _options(matrix, layout, name, skip_unknown), config, overrides).resolved()
    folder = out or Path("runs") / resolved.settings.name
    from langgeo_core.pipeline.run import run

    if not settings["quiet"]:
        show_notices()
    record = run(
        resolved,
        folder,
        overwrite=overwrite,
        quiet=settings["quiet"],
        reload=lambda file: config_of(settings, str(file), ()),
    )
    _show_as_json(folder, record) if as_json else _show(folder, record)


def _options(file: Path, layout: str | None, name: str | None, skip_unknown: bool) -> dict[str, str]:
    """The options of the config's key `matrix`."""
    given = {"file": str(file), "format": layout, "name": name, "skip_unknown": "true" if skip_unknown else None}
    return {key: value for key, value in given.items() if value}


def _show_as_json(folder: Path, record: dict[str, Any]) -> None:
    from dataclasses import asdict

    from langgeo_core.storage.run_folder import Run

    kept = {key: record[key] for key in ("name", "status", "languages", "matrix", "incidents")}
    print_json({**kept, "metrics": [asdict(metric) for metric in Run(folder).metrics], "folder": str(folder)})


def _show(folder: Path, record: dict[str, Any]) -> None:
    from langgeo_core.storage.run_folder import Run

    run, source = Run(folder), record["matrix"]
    which = f", matrix {source['name']}" if source["name"] else ""
    click.echo(
        f"{record['status']}: {len(run.distances.ids)} languages of {source['file']} ({source['format']}{which})"
    )
    for incident in record["incidents"]:
        click.echo(f"  note: {incident['message']}")
    if record["status"] == "degenerate":
        click.echo("all distances are zero: they cannot tell languages apart")
    print_table(COLUMNS, _aligned([_row(metric) for metric in run.metrics]))
    exported = [file for files in record.get("exported", {}).values() for file in files]
    click.echo(f"report: {folder / 'report.html'}" if "report.html" in exported else f"run folder: {folder}")


def _aligned(rows: list[tuple[str, ...]]) -> Sequence[Sequence[str]]:
    """The rows, below the names of their columns where no terminal shows these."""
    import sys

    return rows if sys.stdout.isatty() else [COLUMNS, *rows]


def _row(metric: Metric) -> tuple[str, ...]:
    return tuple(_entries(metric))


def _entries(metric: Metric) -> Iterator[str]:
    from langgeo_core.evaluation.paired import p_text

    yield from (metric.source, metric.evaluator, metric.level, metric.clusterer, metric.metric)
    yield _with_spread(metric.value, metric.sd)
    yield _with_spread(metric.null_mean, metric.null_sd)
    yield "" if metric.p is None else p_text(metric.p)
    bounded = metric.ci_low is not None and metric.ci_high is not None
    yield f"{metric.ci_low:z.3f} to {metric.ci_high:z.3f}" if bounded else ""
    yield str(metric.n)
    yield "" if metric.k is None else str(metric.k)


def _with_spread(value: float | None, sd: float | None) -> str:
    if value is None:
        return ""
    return f"{value:z.3f}" + ("" if sd is None else f" ± {sd:.3f}")
