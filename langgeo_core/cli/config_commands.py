"""`langgeo run` and `langgeo validate`: commands that read a config."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from langgeo_core.cli.common import (
    complete,
    config_of,
    default_folder,
    show_notices,
    text_option,
    what_to_open,
)
from langgeo_core.contract.records import Evaluator
from langgeo_core.pipeline.stages import NAMES

if TYPE_CHECKING:
    from langgeo_core.config.resolved import ResolvedConfig


@click.command("run")
@click.argument("config", shell_complete=complete)
@click.argument("overrides", nargs=-1, metavar="[KEY=VALUE]...", shell_complete=complete)
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="Run folder. [default: runs/<name>--<overrides>]",
)
@click.option("--from", "start", type=click.Choice(NAMES), default=NAMES[0], help="Begin at a later stage.")
@click.option("--overwrite", is_flag=True, help="Take over a run folder that holds another config.")
@text_option
@click.pass_obj
def run_command(
    settings: dict[str, Any],
    config: str,
    overrides: tuple[str, ...],
    out: Path | None,
    start: str,
    overwrite: bool,
    text_folder: Path | None,
) -> None:
    """Run CONFIG, a path or the name of a bundled config.

    An interrupted run continues where it stopped: finished cells are kept.

    \b
    Examples:
      langgeo run starter-small
      langgeo run starter scorer.diagonal=cholesky --out runs/cholesky
      langgeo run starter-small --text my-texts calibration.tokens=1024
    """
    resolved = config_of(settings, config, overrides, text_folder)
    folder = out or default_folder(resolved, overrides)
    from langgeo_core.pipeline.run import run

    if not settings["quiet"]:
        show_notices()
    record = run(
        resolved,
        folder,
        start,
        overwrite,
        settings["quiet"],
        reload=lambda file: config_of(settings, str(file), ()),
        say=lambda message: click.echo(f"note: {message}", err=True),
    )
    count = len(record["incidents"])
    incidents = f"{count} incident{'s' if count > 1 else ''} (see run.json)" if count else "no incidents"
    cells = f"{record['cells_calibrated']} cells calibrated, {record['cells_reused']} reused"
    click.echo(f"{record['status']}: {record['languages']} languages, {cells}, {incidents}")
    if record["status"] == "degenerate":
        click.echo("all distances are zero: these settings do not distinguish languages")
    else:
        for line in _headlines(resolved, folder):
            click.echo(line)
    click.echo(what_to_open(resolved, folder, record))


def _headlines(config: ResolvedConfig, folder: Path) -> Iterator[str]:
    """The evaluators' headline metrics, with the values of the baselines."""
    from langgeo_core.evaluation.inference import p_text
    from langgeo_core.storage.run_folder import Run

    chosen = (one.component for one in config.choices["evaluators"])
    names = [name for one in chosen if isinstance(one, Evaluator) for name in one.headline]
    run = Run(folder)
    for metric in run.metrics:
        if metric.source == "run" and metric.metric in names and metric.p is not None:
            what = f"{metric.level} {metric.metric} {metric.clusterer}".strip()
            ends = f", 95 % interval {metric.interval[0]:z.3f} to {metric.interval[1]:z.3f}" if metric.interval else ""
            null = f"by chance {metric.null_mean:z.3f}, p {p_text(metric.p)}, n {metric.n}"
            line = f"  {what}: {metric.value:z.3f}{ends} ({null})"
            others = [one for one in run.metrics if one.source != "run" and one.question == metric.question]
            roles = {other.source: run.baseline_roles.get(other.source, "rival") for other in others}
            rivals = [other for other in others if roles[other.source] == "rival"]
            for other in others:
                role = roles[other.source]
                remark = {"rival": "", "facts": "", "run": ", another run"}.get(role, f", a {role}")
                if len(rivals) > 1 and other is max(rivals, key=lambda rival: rival.value):
                    remark = ", the strongest text baseline,"
                line += f"; {other.source}{remark} {other.value:z.3f}"
            yield line
