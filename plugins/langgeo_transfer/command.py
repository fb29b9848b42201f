"""The command `transfer`: every distance against a table of transfer scores."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

import click

from langgeo_atlas.api import LanguageSpace
from langgeo_core.api import UserError, json_option, print_json, write_table
from langgeo_transfer.distances import (
    SINGLE,
    TOGETHER,
    WITH_LETTERS,
    lacking,
    of_sources,
    of_task,
    spaces_of,
    with_scripts,
)
from langgeo_transfer.figures import (
    ACROSS,
    FEWEST_FAMILIES,
    FEWEST_SOURCES,
    RESIDUAL,
    Figure,
    Gap,
    Pairs,
    Settings,
    analyse,
)
from langgeo_transfer.measures import MOST_RELEVANT
from langgeo_transfer.printing import print_figures, print_gaps, some, task_name
from langgeo_transfer.table import TransferTable, read_transfer

TITLES = {
    "": "all pairs",
    RESIDUAL: "without what is common to a target, to a source and to the size of its data, in scores and distances",
    ACROSS: "sources in another script than the target",
}
COLUMNS = ("task", "scope", "distance", "metric", "value", "low", "high", "null_mean", "null_sd", "p", "targets",
           "families", "pairs", "reference", "adjusted")  # fmt: skip

table_argument = click.argument("table", type=click.Path(dir_okay=False, path_type=Path))
task_option = click.option("--task", "tasks", multiple=True, metavar="TASK", help="Only this task; may be repeated.")
lower_option = click.option("--lower-is-better", is_flag=True, help="The scores are losses or errors.")
seed_option = click.option(
    "--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Of shuffles and draws."
)


@click.command("transfer")
@table_argument
@click.option(
    "--space",
    "names",
    multiple=True,
    metavar="SPACE",
    help="A packaged space, the folder of a run, a file of distances, or several joined by +: their mean. May be "
    f"repeated; the others are compared with the first. [default: {', '.join((TOGETHER, WITH_LETTERS, *SINGLE))}]",
)
@task_option
@lower_option
@click.option("-k", type=click.IntRange(min=1), default=3, show_default=True, help="The k of NDCG@k.")
@click.option("--permutations", type=click.IntRange(min=0), default=999, show_default=True, help="Of the null.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE", help="All figures as CSV.")
@seed_option
@json_option
def command(
    table: Path,
    names: tuple[str, ...],
    tasks: tuple[str, ...],
    lower_is_better: bool,
    k: int,
    permutations: int,
    out: Path | None,
    seed: int,
    as_json: bool,
) -> None:
    """Compare distances with TABLE: do near languages transfer better?

    TABLE is a CSV file with the columns target, source and score, perhaps task and source_size; languages by any name
    or code. All distances are compared on the same pairs: those that have a score and every distance.

    \b
    Examples:
      langgeo transfer scores.csv
      langgeo transfer scores.csv --task pos --space best --space letters --space best+letters
      langgeo transfer losses.csv --lower-is-better --out figures.csv
    """
    spaces = spaces_of(names or (TOGETHER, WITH_LETTERS, *SINGLE))
    read = read_transfer(table, lower_is_better).only(tasks)
    settings = Settings(k=k, permutations=permutations, seed=seed)
    compared, notes = pairs_of(read, spaces, knowing_sources=True)
    figures, gaps = list[Figure](), list[Gap]()
    for own in compared:
        found = analyse(own, settings)
        figures, gaps = figures + found[0], gaps + found[1]
    if out:
        write_table(out, COLUMNS, [dict.fromkeys(COLUMNS) | one for one in (*map(asdict, figures), *map(asdict, gaps))])
    if as_json:
        print_json({"table": str(table), "k": k, "notes": notes, "figures": [asdict(one) for one in figures],
                    "differences": [asdict(one) for one in gaps]})  # fmt: skip
        return
    for note in notes:
        click.echo(f"note: {note}", err=True)
    _print(compared, figures, gaps, k)


def pairs_of(
    read: TransferTable, spaces: Mapping[str, Sequence[LanguageSpace]], knowing_sources: bool = False
) -> tuple[list[Pairs], list[str]]:
    """The pairs of every task that has some with all distances, and notes on what was left out.

    Parameters
    ----------
    knowing_sources : whether the rankings of `of_sources` stand beside the distances

    Raises
    ------
    UserError
        If no target is left.
    """
    found, notes = [], list(read.notes)
    for task in (with_scripts(one, spaces) for one in read.tasks):
        for (targets, sources), names in lacking(task, spaces).items():
            gone = f"{some(targets, 'target')} and {some(sources, 'source')}"
            notes.append(f"{task_name(task.name)}not in {', '.join(names)}: {gone}")
        own = Pairs.of(task, of_task(task, spaces) | (of_sources(task) if knowing_sources else {}))
        if own.left_out:
            why = f"fewer than {FEWEST_SOURCES} sources with a score and all distances, or equal scores"
            notes.append(f"{task_name(task.name)}{some(own.left_out, 'target')} left out: {why}")
        if own.targets:
            found.append(own)
    if not found:
        raise UserError(f"no target of {read.file} has {FEWEST_SOURCES} sources to rank", "; ".join(notes))
    return found, notes


def _print(compared: Sequence[Pairs], figures: Sequence[Figure], gaps: Sequence[Gap], k: int) -> None:
    for pairs in compared:
        for scope, title in TITLES.items():
            own = [one for one in figures if (one.task, one.scope) == (pairs.task, scope)]
            if not own:
                continue
            first = own[0]
            counts = f"{first.targets} targets in {first.families} families, {first.pairs} pairs"
            few = "" if first.low is not None else f" (fewer than {FEWEST_FAMILIES} families: no intervals)"
            click.echo(f"\n{task_name(pairs.task)}{title}; {counts}{few}")
            print_figures(own)
            print_gaps([one for one in gaps if (one.task, one.scope) == (pairs.task, scope)])
    click.echo(
        f"\nbrackets: 95 % interval, targets resampled by family. NDCG@{k}: gains 2^r - 1, r = {MOST_RELEVANT} for the "
        f"best source, one less for each next, 0 from the {MOST_RELEVANT + 1}th.\nloss-1, loss-3: what the first and "
        "the best of the first three score less than the best source. regret: what always English, or the source that "
        "is\nbest for the other targets, scores more than the first; negative: the distance is better. "
        "*: better than shuffled sources, p < 0.05."
    )
