"""The command `rank`: learn to rank sources from a table, see out of family whether that pays, and use it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import click
import numpy as np

from langgeo_core.api import UserError, json_option, print_json, print_table
from langgeo_transfer.command import lower_option, pairs_of, seed_option, table_argument, task_option
from langgeo_transfer.distances import TOGETHER, spaces_of, together
from langgeo_transfer.figures import FEWEST_FAMILIES, PLAIN, Figure, Gap, Pairs, Settings, analyse
from langgeo_transfer.fitted import fitted_to, read_fitted, write_fitted
from langgeo_transfer.printing import number, print_figures, print_gaps, task_name
from langgeo_transfer.ranking import Choice, lightgbm, out_of_family
from langgeo_transfer.sources import asked_target, candidates_for, candidates_option
from langgeo_transfer.table import read_transfer

LEARNT, START, MEAN = "learnt", "mean+source-average", "mean"
DEFAULT = tuple(TOGETHER.split("+"))
DECIDING = "spearman", "ndcg-3"
"""The figures in both of which what is learnt has to beat every single distance."""


@click.group("rank")
def command() -> None:
    """Learn to rank sources from a table of transfer scores, with LightGBM: pip install "langgeo[rank]".

    Example: langgeo rank fit scores.csv --task pos --out pos.json
    """


@command.command("fit")
@table_argument
@click.option(
    "--space", "names", multiple=True, metavar="SPACE", help=f"What to learn from. [default: {', '.join(DEFAULT)}]"
)
@task_option
@lower_option
@click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE", help="Where to keep what is learnt."
)
@seed_option
@json_option
def fit(
    table: Path, names: tuple[str, ...], tasks: tuple[str, ...], lower_is_better: bool, out: Path | None, seed: int,
    as_json: bool,
) -> None:  # fmt: skip
    """Learn from TABLE, and compare what is learnt with each distance and with their mean, out of family.

    Trees (LambdaMART) learn from the distances, the script, the size of the source's data and its average for other
    targets. The families of targets are left out one after the other; what is chosen is chosen within the others.

    \b
    Examples:
      langgeo rank fit scores.csv
      langgeo rank fit scores.csv --task pos --out pos.json
      langgeo rank sources pos.json Yoruba
    """
    lightgbm()
    chosen = names or DEFAULT
    compared, notes = pairs_of(read_transfer(table, lower_is_better).only(tasks), spaces_of(chosen))
    if out and len(compared) > 1:
        known = ", ".join(one.task for one in compared)
        raise UserError(f"what is learnt is of one task, and {table} has {known}", "choose one with --task")
    for pairs in compared:
        if len(set(pairs.families)) < FEWEST_FAMILIES:
            message = f"{task_name(pairs.task)}the targets are of {len(set(pairs.families))} families"
            raise UserError(message, f"to learn and to test takes {FEWEST_FAMILIES}")
    learnt = [_learnt(pairs, Settings(seed=seed)) for pairs in compared]
    if out:
        write_fitted(out, fitted_to(compared[0], chosen))
    if as_json:
        print_json({"table": str(table), "notes": notes, "tasks": [one.record(chosen) for one in learnt]})
        return
    for note in notes:
        click.echo(f"note: {note}", err=True)
    for one in learnt:
        one.print(chosen)
    if out:
        click.echo(f"\nkept: {out}; langgeo rank sources {out} TARGET")


@dataclass(frozen=True)
class Learnt:
    """The figures of a task: of what is learnt, of its start, of the mean and of the single distances."""

    task: str
    figures: list[Figure]
    gaps: list[Gap]
    choices: Counter[Choice]

    def record(self, names: Sequence[str]) -> dict[str, Any]:
        """As JSON has it; `pays` says whether every single distance is surely beaten."""
        return {
            "task": self.task,
            "figures": [asdict(one) for one in self.figures],
            "differences": [asdict(one) for one in self.gaps],
            "choices": [{**asdict(one), "families": count} for one, count in self.choices.items()],
            "pays": verdict(self.figures, self.gaps, names)[0],
        }

    def print(self, names: Sequence[str]) -> None:
        """Print the figures, what differs, what was chosen and the verdict."""
        first = self.figures[0]
        click.echo(f"\n{task_name(self.task)}out of family; {first.targets} targets in {first.families} families")
        print_figures(self.figures)
        print_gaps(self.gaps)
        taken = (f"{one.rounds} trees from {one.weight:g} x start ({n})" for one, n in self.choices.most_common())
        click.echo(f"chosen within the other families: {', '.join(taken)}")
        click.echo(verdict(self.figures, self.gaps, names)[1])


def _learnt(pairs: Pairs, settings: Settings) -> Learnt:
    learnt, begun = np.full((2, *pairs.scores.shape), np.nan)
    choices: Counter[Choice] = Counter()
    for rows, ours, start, choice in out_of_family(pairs):
        learnt[rows], begun[rows] = ours, start
        choices[choice] += 1
    near = {LEARNT: learnt, START: begun, MEAN: together(list(pairs.distances.values())), **pairs.distances}
    return Learnt(pairs.task, *analyse(replace(pairs, distances=near), settings, scopes=(PLAIN,)), choices)


def verdict(figures: Sequence[Figure], gaps: Sequence[Gap], names: Sequence[str]) -> tuple[bool, str]:
    """Whether what is learnt beats the best single distance with an interval above zero, and that as a sentence."""
    told = list(_against_best(figures, gaps, names))
    pays = bool(told) and all(one.low is not None and one.low > 0 for one in told)
    listed = ", ".join(
        f"{one.metric} {one.value:+.3f}"
        + ("" if one.low is None or one.high is None else f" [{number(one.low)}, {number(one.high)}]")
        + f" than {one.reference}"
        for one in told
    )
    return pays, f"{'better' if pays else 'not surely better'} than the best single distance: {listed}"


def _against_best(figures: Sequence[Figure], gaps: Sequence[Gap], names: Sequence[str]) -> Iterator[Gap]:
    for metric in DECIDING:
        single = [one for one in figures if one.metric == metric and one.distance in names]
        best = max(single, key=lambda one: one.value).distance
        yield from (one for one in gaps if (one.metric, one.reference) == (metric, best))


@command.command("sources")
@click.argument("model", type=click.Path(dir_okay=False, path_type=Path))
@click.argument("target")
@candidates_option
@click.option("-k", "count", type=click.IntRange(min=1), default=5, show_default=True, help="How many.")
@json_option
def sources(model: Path, target: str, candidates: str, count: int, as_json: bool) -> None:
    """Rank the sources for TARGET by what `langgeo rank fit` has kept in the file MODEL.

    Without --candidates those that MODEL was learnt with. Sources that it does not know count as average.

    Example: langgeo rank sources pos.json Yoruba
    """
    fitted = read_fitted(model)
    spaces = [one for parts in spaces_of(fitted.spaces).values() for one in parts]
    asked = asked_target(target, spaces, " and ".join(fitted.spaces))
    able, lacking = candidates_for(candidates or ",".join(fitted.worth), asked, spaces)
    order = fitted.ranked(asked, able, spaces)
    if as_json:
        found = [{"language": one.id, "name": one.name, "score": score} for one, score in order[:count]]
        print_json({"target": asked.id, "task": fitted.task, "sources": found, "without_distance": lacking})
        return
    click.echo(f"{task_name(fitted.task)}to {asked.name} ({asked.id}), of {len(able)} candidates:")
    rows = [[str(rank), one.id, one.name, f"{score:.2f}"] for rank, (one, score) in enumerate(order[:count], start=1)]
    print_table(["", "language", "name", "score"], rows)
