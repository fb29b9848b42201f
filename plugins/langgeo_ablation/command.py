"""`langgeo ablate`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from langgeo_core.cli.common import config_of, draft_of, json_option, print_json, print_table, show_notices, text_option
from langgeo_core.cli.completion import CONFIG, OVERRIDES

if TYPE_CHECKING:
    from langgeo_ablation.ablate import Ablation


@click.command("ablate")
@click.argument("config", shell_complete=CONFIG)
@click.argument("choices", nargs=-1, metavar="[KEY=A,B | KEY=VALUE]...", shell_complete=OVERRIDES)
@click.option(
    "--out", type=click.Path(file_okay=False, path_type=Path), metavar="DIR", help="[default: runs/<name>-ablation]"
)
@click.option("--halves", type=click.IntRange(min=2), default=200, show_default=True, help="Halves of the languages.")
@click.option("--overwrite", is_flag=True, help="Take over a folder that holds an ablation of another baseline.")
@text_option
@json_option
@click.pass_obj
def command(
    settings: dict[str, Any],
    config: str,
    choices: tuple[str, ...],
    out: Path | None,
    halves: int,
    overwrite: bool,
    text_folder: Path | None,
    as_json: bool,
) -> None:
    """Run every combination of choices and say which differ from CONFIG as written.

    Commas separate choices; a choice that is itself a list is written [a, b]. A key with one choice is the same in
    every variant. Choices under `ablate` of CONFIG count too, unless the command line speaks of their key. Cells are
    calibrated once; variants that are finished are not run again.

    \b
    Examples:
      langgeo ablate ablation-binary
      langgeo ablate starter-small scorer.diagonal=inverse,cholesky
      langgeo ablate starter quantizer.scope=matrix,layer,global embedder.transform=identity,sqrt seed=1
    """
    from langgeo_ablation.ablate import Request, ablate
    from langgeo_ablation.choices import choices_of, parse_sweep

    draft = draft_of(settings, config, (), text_folder)
    sweep = parse_sweep(choices, choices_of(draft))
    base = draft.again(sweep.overrides()).resolved()

    quiet = settings["quiet"]
    if not quiet:
        show_notices()
    request = Request(
        config,
        sweep,
        out or Path("runs") / f"{base.settings.name}-ablation",
        lambda overrides: draft.again(overrides).resolved(),
        lambda file: config_of(settings, str(file), ()),
        halves,
        overwrite,
        quiet,
        (lambda line: None) if quiet else (lambda line: click.echo(line, err=True)),
    )
    _show(ablate(request), as_json)


def _show(done: Ablation, as_json: bool) -> None:
    from langgeo_ablation.table import SHOWN_COLUMNS

    if as_json:
        print_json({**done.record, "rows": done.findings.rows, "files": [str(file) for file in done.files]})
        return
    print_table(SHOWN_COLUMNS, done.findings.shown)
    click.echo()
    for said in done.findings.sentences:
        click.echo(said)
    cells = f"{done.record['cells_calibrated']} cells calibrated, {done.record['cells_reused']} reused"
    click.echo(f"\n{len(done.findings.outcomes)} variants, {cells}, {done.record['seconds']:.0f} s")
    for file in done.files:
        click.echo(f"  {file}")
