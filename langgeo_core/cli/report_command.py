"""`langgeo report`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from langgeo_core.cli.common import config_of


@click.command("report")
@click.argument("run", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.pass_obj
def command(settings: dict[str, Any], run: Path) -> None:
    """Write the reports of a finished RUN again, with the exporters of its config.

    Example: langgeo report runs/starter-small
    """
    from langgeo_core.contract.errors import UserError
    from langgeo_core.storage.run_folder import Run

    if not (run / "config.yaml").is_file():
        raise UserError(f"{run} is not a run folder: it has no config.yaml", "pass a folder that `langgeo run` wrote")
    finished = Run(run)
    for chosen in config_of(settings, str(run / "config.yaml"), ()).choices["exporters"]:
        for file in chosen.build().export(finished):
            click.echo(file)
