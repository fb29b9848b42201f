"""`langgeo run`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from langgeo_core.cli.common import complete, config_of, default_folder, json_option, show_notices, text_option
from langgeo_core.contract.records import Command
from langgeo_core.pipeline.stages import NAMES
from langgeo_core.plugins.registry import components


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
@json_option
@click.pass_obj
def run_command(
    settings: dict[str, Any],
    config: str,
    overrides: tuple[str, ...],
    out: Path | None,
    start: str,
    overwrite: bool,
    text_folder: Path | None,
    as_json: bool,
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
    shows = [one for one in components("commands") if isinstance(one, Command) and one.show]
    for one in shows:
        one.load("show")(resolved, folder, record, as_json)
    if not shows:
        click.echo(f"{record['status']}: {folder}")
