"""`langgeo report`, `langgeo export` and `langgeo nearest`: commands that read a finished run."""

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


@click.command("export")
@click.argument("run", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.argument("options", nargs=-1, metavar="[OPTION=VALUE]...")
@click.option("--format", "name", required=True, metavar="F", help="An exporter: csv, phylip, nexus, json, newick, …")
@click.option("--out", type=click.Path(path_type=Path), metavar="PATH", help="A copy: a file, or a folder that exists.")
@click.pass_obj
def export_command(settings: dict[str, Any], run: Path, options: tuple[str, ...], name: str, out: Path | None) -> None:
    """Write a finished RUN with one exporter, and print the files.

    `langgeo list exporters` names them all, `langgeo show exporter F` the options of one.

    \b
    Examples:
      langgeo export runs/starter-small --format nexus
      langgeo export runs/starter-small --format phylip names=glottocode --out starter.phy
    """
    from langgeo_core.storage.run_folder import Run

    finished = Run(run)
    chosen = config_of(settings, str(run / "config.yaml"), _overrides(name, options)).one("exporters")
    written = chosen.build().export(finished)
    for file in written if out is None else _copied(written, out):
        click.echo(file)


def _overrides(name: str, options: tuple[str, ...]) -> list[str]:
    """The one exporter with its options, in place of those of the config."""
    return [f"exporters=[{{name: {name}}}]", *(f"exporters.0.{option}" for option in options)]


def _copied(files: list[Path], out: Path) -> list[Path]:
    """Where the copies are; several files need a folder."""
    import shutil

    from langgeo_core.contract.errors import UserError
    from langgeo_core.system.files import storage_errors

    if len(files) > 1 and not out.is_dir():
        raise UserError(f"{len(files)} files were written, and {out} is no folder", "create it, or leave --out out")
    targets = [out / file.name if out.is_dir() else out for file in files]
    for file, target in zip(files, targets, strict=True):
        with storage_errors(target):
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, target)
    return targets


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
    from langgeo_core.storage.space import load_run

    space = load_run(run)
    asked = language if language in space.ids else find_language(language).id
    known = {one.id: one.name for one in space.languages}
    found = space.nearest(asked, count)
    if as_json:
        rows = [{"language": one, "name": known[one], "distance": distance} for one, distance in found]
        print_json({"language": asked, "name": known[asked], "nearest": rows})
        return
    print_table(("language", "name", "distance"), [(one, known[one], f"{distance:.6g}") for one, distance in found])
