"""`langgeo evaluate`: a distance matrix from a file, scored like a run."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
from click.shell_completion import CompletionItem

from langgeo_core.api import (
    Metric,
    Run,
    catalog_of,
    complete,
    config_of,
    default_folder,
    draft_matrix,
    installed,
    json_option,
    print_json,
    print_table,
    print_wrapped,
    run,
    show_notices,
)
from langgeo_formats.showing import run_as_json, what_to_open
from langgeo_inference.api import p_text

COLUMNS = (
    "of", "evaluator", "level", "clusters by", "metric", "value", "standard error", "sd over seeds", "chance", "p",
    "interval", "n", "k",
)  # fmt: skip


def _formats(ctx: click.Context, param: click.Parameter, word: str) -> list[CompletionItem]:
    readers = [entry.component for entry in installed().all("readers")]
    return [CompletionItem(one.name, help=one.summary) for one in readers if one.name.startswith(word)]


@click.command("evaluate")
@click.argument("matrix", type=click.Path(dir_okay=False, path_type=Path))
@click.argument("overrides", nargs=-1, metavar="[KEY=VALUE]...", shell_complete=complete)
@click.option(
    "--config",
    default="",
    metavar="CONFIG",
    shell_complete=complete,
    help="Evaluate as this config does. [default: registry.yaml's]",
)
@click.option(
    "--format",
    "reader",
    metavar="FORMAT",
    shell_complete=_formats,
    help="The file's format; `langgeo list readers` shows all. [default: recognised by how the file begins]",
)
@click.option(
    "--matrix", "name", metavar="NAME", help="Which of several matrices of a file. [default: the file's, its average]"
)
@click.option("--skip-unknown", is_flag=True, help="Leave out unknown languages.")
@click.option("--distances", is_flag=True, help="These are distances, even if they look like similarities.")
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="[default: runs/<name of the file>--<overrides>]",
)
@click.option("--overwrite", is_flag=True, help="Replace the run of another config in the run folder.")
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
    reader: str | None,
    name: str | None,
    skip_unknown: bool,
    distances: bool,
) -> None:
    """Score the distances in the file MATRIX like those of a run.

    The file is a square table (CSV), PHYLIP, NEXUS, the JSON of the published study, or in a format that a plugin
    reads. Languages are named by ISO 639-3 or 639-1 codes, Wikipedia's codes, glottocodes or English names. The result
    is a run folder.

    \b
    Examples:
      langgeo evaluate runs/starter/distances.csv
      langgeo evaluate theirs.json --matrix llama--wikipedia clusterers.kmeans.k=25
      langgeo evaluate dialects.phy evaluators.labels=dialects.csv --out runs/dialects
    """
    flags = {"skip_unknown": skip_unknown, "distances": distances}
    given = {"file": str(matrix), "format": reader, "name": name, **{key: "true" for key, on in flags.items() if on}}
    options = {key: value for key, value in given.items() if value}
    resolved = draft_matrix(options, config, overrides, installed(), catalog_of(settings)).resolved()
    folder = out or default_folder(resolved, overrides)
    if not settings["quiet"]:
        show_notices()
    record = run(
        resolved,
        folder,
        overwrite=overwrite,
        quiet=settings["quiet"],
        reload=lambda file: config_of(settings, str(file), ()),
    )
    if as_json:
        print_json(run_as_json(record, folder))
        return
    finished = Run(folder)
    source = record["matrix"]
    which = f", matrix {source['name']}" if source["name"] else ""
    languages = len(finished.distances.ids)
    click.echo(f"{record['status']}: {languages} languages of {source['file']} ({source['format']}{which})")
    for incident in record["incidents"]:
        print_wrapped(f"  note: {incident['message']}")
    if record["status"] == "degenerate":
        click.echo("all distances are zero: they do not distinguish languages")
    rows = [tuple(_entries(metric)) for metric in finished.metrics]
    print_table(COLUMNS, rows)
    click.echo(what_to_open(resolved, folder, record))


def _entries(metric: Metric) -> Iterator[str]:
    """The row of a metric, as `COLUMNS` name it."""
    yield from (metric.source, metric.evaluator, metric.level, metric.clusterer, metric.metric)
    numbers = (metric.value, *metric.spreads, metric.null_mean)
    yield from ("" if number is None else f"{number:z.3f}" for number in numbers)
    yield "" if metric.p is None else p_text(metric.p)
    yield " to ".join(f"{end:z.3f}" for end in metric.interval or ())
    yield str(metric.n)
    yield "" if metric.k is None else str(metric.k)
