"""`langgeo report` and `langgeo nearest`: commands that read a finished run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from langgeo_core.cli.common import config_of, json_option, print_json, print_table


@click.command("report")
@click.argument("run", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.pass_obj
def report_command(settings: dict[str, Any], run: Path) -> None:
    """Write the reports of a finished RUN again, with the exporters of its config.

    Example: langgeo report runs/starter-small
    """
    from langgeo_core.storage.run_folder import Run

    finished = Run(run)
    for chosen in config_of(settings, str(run / "config.yaml"), ()).choices["exporters"]:
        for file in chosen.build().export(finished):
            click.echo(file)


@click.command("nearest")
@click.argument("run", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.argument("language")
@click.option("-k", "count", type=click.IntRange(min=1), default=5, show_default=True, help="How many.")
@json_option
def nearest_command(run: Path, language: str, count: int, as_json: bool) -> None:
    """Print the languages nearest to LANGUAGE, an id, a code or an English name, in a finished RUN.

    Example: langgeo nearest runs/starter-small German -k 3
    """
    from langgeo_core.languages.names import find_language
    from langgeo_core.storage.run_folder import load_run

    space = load_run(run)
    asked = language if language in space.ids else find_language(language).id
    known = {one.id: one.name for one in space.languages}
    found = space.nearest(asked, count)
    if as_json:
        rows = [{"language": one, "name": known[one], "distance": distance} for one, distance in found]
        print_json({"language": asked, "name": known[asked], "nearest": rows})
        return
    print_table(("language", "name", "distance"), [(one, known[one], f"{distance:.6g}") for one, distance in found])
