"""`langgeo export`: a finished run or a packaged space in another format."""

from __future__ import annotations

import json
import shutil
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
    replacing,
)


@click.command("export")
@click.argument("run", metavar="RUN|SPACE")
@click.argument("options", nargs=-1, metavar="[OPTION=VALUE]...", shell_complete=complete)
@click.option(
    "--format", "name", required=True, metavar="F", shell_complete=complete, help="An exporter: csv, phylip, nexus, …"
)
@click.option("--out", type=click.Path(path_type=Path), metavar="PATH", help="Copy to a file, or into a folder.")
@json_option
@click.pass_obj
def command(
    settings: dict[str, Any], run: str, options: tuple[str, ...], name: str, out: Path | None, as_json: bool
) -> None:
    """Write a finished RUN, every variant of an ablation, or a packaged SPACE, with one exporter, and print the files.

    Those of a space are written where --out says, or into this folder.

    `langgeo list exporters` names all exporters, `langgeo show exporter F` the options of one.

    \b
    Examples:
      langgeo export runs/starter-small --format nexus
      langgeo export runs/starter-small --format phylip names=glottocode --out starter.phy
      langgeo export best --format nexus
    """
    # The config's own exporters are replaced by this one with its options.
    overrides = [f"exporters=[{{name: {name}}}]", *(f"exporters.0.{option}" for option in options)]
    if not Path(run).is_dir():
        with TemporaryDirectory() as scratch:
            folder = Path(scratch) / "run"
            langgeo_core.evaluate(run, folder, evaluators=[], baselines=[], clusterers=[], exporters=[])
            _show(_copied(_written(folder, settings, overrides), out or Path()), as_json)
        return
    written, runs = list[Path](), _runs(Path(run))
    if out is not None and len(runs) > 1:
        raise UserError(f"{run} holds {len(runs)} runs, and --out takes the files of one", "leave --out out")
    for folder in runs:
        written += _written(folder, settings, overrides)
    _show(written if out is None else _copied(written, out), as_json)


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


def _copied(files: list[Path], out: Path) -> list[Path]:
    """Copy the files, and return where the copies are; several files need a folder."""
    if len(files) > 1 and not out.is_dir():
        raise UserError(f"{len(files)} files were written, and {out} is not a folder", "create it, or leave --out out")
    targets = [out / file.name if out.is_dir() else out for file in files]
    for file, target in zip(files, targets, strict=True):
        with replacing(target) as scratch:
            shutil.copyfile(file, scratch)
    return targets
