"""`langgeo export`: a finished run or a packaged space in another format."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import click

import langgeo_core
from langgeo_core.api import (
    Run,
    UserError,
    alone_in,
    complete,
    config_of,
    json_option,
    print_json,
    refuse_links,
    show_notices,
)
from langgeo_formats.exporting import copied

NOTHING: dict[str, Any] = {"evaluators": [], "baselines": [], "clusterers": [], "exporters": []}
"""What is left out of a run that an exporter alone reads."""


@click.command("export")
@click.argument("run", metavar="RUN|SPACE")
@click.argument("options", nargs=-1, metavar="[OPTION=VALUE]...", shell_complete=complete)
@click.option(
    "--format", "name", required=True, metavar="F", shell_complete=complete, help="An exporter: csv, phylip, nexus, …"
)
@click.option(
    "--languages",
    multiple=True,
    metavar="L,…",
    help="Only these languages and groups, with commas between them. May be given several times.",
)
@click.option("--out", type=click.Path(path_type=Path), metavar="PATH", help="Copy to a file, or into a folder.")
@click.option("--overwrite", is_flag=True, help="Replace other files of the same names outside the run.")
@json_option
@click.pass_obj
def command(
    settings: dict[str, Any],
    run: str,
    options: tuple[str, ...],
    name: str,
    languages: tuple[str, ...],
    out: Path | None,
    overwrite: bool,
    as_json: bool,
) -> None:
    """Write a finished RUN, every variant of an ablation, or a packaged SPACE, with one exporter, and print the files.

    Those of a RUN are in its folder exports, where later ones replace them. Those of a space or of some languages are
    written where --out says, or into this folder, and called after the space and the languages.

    `langgeo list exporters` names all exporters, `langgeo show exporter F` the options of one.

    \b
    Examples:
      langgeo export runs/starter-small --format nexus
      langgeo export runs/starter-small --format phylip names=glottocode --out starter.phy
      langgeo export best --format nexus --languages Germanic,Hungarian
    """
    # The config's own exporters are replaced by this one with its options.
    overrides = [f"exporters=[{{name: {name}}}]", *(f"exporters.0.{option}" for option in options)]
    wanted = [one.strip() for words in languages for one in words.split(",") if one.strip()]
    if wanted or not Path(run).is_dir():
        if not settings["quiet"]:
            show_notices()  # as what words were read
        with TemporaryDirectory() as scratch:
            folder = Path(scratch) / "run"
            chosen = _chosen(_space(run), wanted) if wanted else run
            space = langgeo_core.evaluate(chosen, folder, **NOTHING)
            click.echo(f"{len(space)} languages of {run}", err=True)
            _show(copied(_written(folder, settings, overrides), out, space.name, overwrite), as_json)
        return
    written, runs = list[Path](), _runs(Path(run))
    if out is not None and len(runs) > 1:
        raise UserError(f"{run} holds {len(runs)} runs, and --out takes the files of one", "leave --out out")
    before = {file for folder in runs for file in folder.rglob("*")}
    for folder in runs:
        written += _written(folder, settings, overrides)
    for file in written if out is None else ():
        if file in before:
            click.echo(f"replaced: {file}", err=True)
    _show(written if out is None else copied(written, out, overwrite=overwrite), as_json)


def _chosen(space: langgeo_core.LanguageSpace, words: Sequence[str]) -> langgeo_core.LanguageSpace:
    """The space over several languages; `subset` tells as what it reads the words."""
    chosen = space.subset(words)
    if len(chosen) < 2:
        raise UserError(
            f"{', '.join(words)} is one language of {space.name}, {chosen.names[0]}", "name several, or a group"
        )
    return chosen


def _space(name: str) -> langgeo_core.LanguageSpace:
    """The space of a run, a packaged one, or that of a file of distances."""
    if Path(name).is_dir():
        return langgeo_core.load_run(name)
    if name in langgeo_core.spaces():
        return langgeo_core.space(name)
    return langgeo_core.evaluate(name, **NOTHING)


def _written(folder: Path, settings: dict[str, Any], overrides: Sequence[str]) -> list[Path]:
    """The files that the exporter of the overrides writes of the run in a folder."""
    refuse_links(folder)
    with alone_in(folder):
        finished = Run(folder)
        chosen = config_of(settings, str(folder / "config.yaml"), overrides).one("exporters")
        files: list[Path] = chosen.build().export(finished)
        return files


def _runs(folder: Path) -> list[Path]:
    """The run folder itself; of an ablation, whose run.json lists variants, those of the variants that ran."""
    try:
        variants = json.loads((folder / "run.json").read_text(encoding="utf-8"))["variants"]
        return [folder / "variants" / one["variant"] for one in variants if one["status"] != "skipped"]
    except (OSError, ValueError, LookupError, TypeError):  # of a run; whether it is one, `Run` says
        return [folder]


def _show(files: list[Path], as_json: bool) -> None:
    if as_json:
        print_json({"files": [str(file) for file in files]})
        return
    for file in files:
        click.echo(file)
