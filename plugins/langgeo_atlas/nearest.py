"""`langgeo nearest`."""

from __future__ import annotations

from pathlib import Path

import click

from langgeo_atlas.space import load_run
from langgeo_core.api import json_option, print_json, print_table
from langgeo_formats.api import find_language


@click.command("nearest")
@click.argument("run", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.argument("language")
@click.option("-k", "count", type=click.IntRange(min=1), default=5, show_default=True, help="How many.")
@json_option
def command(run: Path, language: str, count: int, as_json: bool) -> None:
    """Print the languages nearest to LANGUAGE, an id, a code or an English name, in a finished RUN.

    Example: langgeo nearest runs/starter-small German -k 3
    """
    space = load_run(run)
    asked = language if language in space.ids else find_language(language, space.ids).id
    known = {one.id: one.name for one in space.languages}
    found = space.nearest(asked, count)
    if as_json:
        rows = [{"language": one, "name": known[one], "distance": distance} for one, distance in found]
        print_json({"language": asked, "name": known[asked], "nearest": rows})
        return
    print_table(("language", "name", "distance"), [(one, known[one], f"{distance:.6g}") for one, distance in found])
