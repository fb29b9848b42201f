"""`langgeo ablate`."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from langgeo_ablation.choices import choices_of, parse_sweep
from langgeo_ablation.comparisons import compare_all, distances_alike
from langgeo_ablation.output import SHOWN_COLUMNS, Findings, counted, described, is_ablation, write_files, write_record
from langgeo_ablation.reuse import Reload
from langgeo_ablation.sentences import sentences
from langgeo_ablation.variants import BASELINE, Runner, Variant, make_variants
from langgeo_core.api import (
    Draft,
    LanggeoError,
    UserError,
    alone_in,
    complete,
    config_of,
    draft_of,
    is_empty,
    json_option,
    one_thread,
    print_json,
    print_table,
    print_wrapped,
    progress,
    refuse_links,
    remove_leftovers,
    show_notices,
    text_option,
)


@click.command("ablate")
@click.argument("config", shell_complete=complete)
@click.argument("choices", nargs=-1, metavar="[KEY=A,B | KEY=VALUE]...", shell_complete=complete)
@click.option(
    "--out", type=click.Path(file_okay=False, path_type=Path), metavar="DIR", help="[default: runs/<name>-ablation]"
)
@click.option(
    "--halves",
    type=click.IntRange(min=2),
    default=200,
    show_default=True,
    help="Random halves of the languages for each test.",
)
@click.option("--overwrite", is_flag=True, help="Replace the ablation of another baseline in DIR.")
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
    """Run every combination of choices and report which choices changed the metrics of CONFIG.

    Commas separate choices; a choice that is itself a list is written [a, b]. A key with one choice is the same in
    every variant. Choices under `ablate` of CONFIG are included, unless overridden on the command line. Cells are
    calibrated once, and finished variants are not run again.

    \b
    Examples:
      langgeo ablate ablation-binary
      langgeo ablate starter-small scorer.diagonal=inverse,cholesky
      langgeo ablate starter quantizer.scope=matrix,layer,global embedder.transform=identity,sqrt seed=1
    """
    if not settings["quiet"]:
        show_notices()
    draft = draft_of(settings, config, (), text_folder)
    findings, record, files = ablate(settings, config, draft, choices, out, halves, overwrite)
    if as_json:
        print_json({**record, "rows": findings.rows, "files": [str(file) for file in files]})
    else:
        _show(findings, record, files)


def ablate(
    settings: Mapping[str, Any],
    config: str,
    draft: Draft,
    choices: Sequence[str],
    out: Path | None = None,
    halves: int = 200,
    overwrite: bool = False,
) -> tuple[Findings, dict[str, Any], Sequence[Path]]:
    """Run the variants of a config and compare them; what was found, what ablation.json holds, the files written.

    Parameters
    ----------
    settings : `registry` and `quiet`, as the options before a command
    choices : `key=a,b`, as on the command line
    out : the folder; by default `runs/<name>-ablation`
    halves : of the languages, for each test
    """
    started, quiet = time.perf_counter(), settings["quiet"]

    def reload(file: Path) -> Any:
        return config_of(dict(settings), str(file), ())

    sweep = parse_sweep(choices, choices_of(draft))
    variants = make_variants(sweep, lambda overrides: draft.again(overrides).resolved())
    baseline = variants[0]
    record = described(config, sweep, halves, baseline)
    folder = out or Path("runs") / f"{record['name']}-ablation"
    with alone_in(folder) as incidents:
        _check_folder(folder, baseline, reload, overwrite)
        refuse_links(folder)
        remove_leftovers(folder)
        record["incidents"] = [asdict(incident) for incident in incidents]
        write_record(folder, record)
        runner = Runner(folder / "variants", reload, quiet, lambda line: None if quiet else click.echo(line, err=True))
        outcomes = runner.run(variants)
        with one_thread(), progress("compare variants", len(outcomes) - 1, quiet) as advance:
            comparisons = compare_all(outcomes, halves, advance)
            alike = distances_alike(outcomes)
        said = sentences(outcomes, comparisons, alike)
        findings = Findings(config, sweep, outcomes, comparisons, said, halves, alike)
        files = write_files(folder, findings)
        seconds = round(time.perf_counter() - started, 3)
        record |= {**counted(findings), "seconds": seconds, "finished": True}
        write_record(folder, record)
    return findings, record, files


def _check_folder(folder: Path, baseline: Variant, reload: Reload, overwrite: bool) -> None:
    """The folder is new, or holds an ablation from the same baseline."""
    if is_empty(folder):
        return
    if not is_ablation(folder):
        raise UserError(f"{folder} is not empty and holds no ablation", "choose another --out")
    earlier = folder / "variants" / BASELINE / "config.yaml"
    if overwrite or not earlier.is_file() or baseline.config is None:
        return
    try:
        changed = reload(earlier).differences(baseline.config)
    except LanggeoError:
        return  # the config of a version that had other options; its variants are run again
    if changed:
        raise UserError(
            f"{folder} holds an ablation of another baseline; different: {', '.join(changed)}",
            "choose another --out, or pass --overwrite",
        )


def _show(findings: Findings, record: dict[str, Any], files: Sequence[Path]) -> None:
    print_table(SHOWN_COLUMNS, findings.shown)
    click.echo()
    for said in findings.sentences:
        print_wrapped(said)
    cells = f"{record['cells_calibrated']} cells calibrated, {record['cells_reused']} reused"
    click.echo(f"\n{len(findings.outcomes)} variants, {cells}, {record['seconds']:.0f} s")
    for file in files:
        click.echo(f"  {file}")
