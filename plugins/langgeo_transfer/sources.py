"""The command `sources`: which languages to transfer from, what that may cost, and how sure it is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import product
from string import ascii_lowercase

import click
import numpy as np

from langgeo_atlas.api import LanguageSpace
from langgeo_core.api import Language, LanguageTable, UserError, json_option, print_json, print_table, suggestion
from langgeo_formats.api import find_language, find_languages
from langgeo_glottolog.api import family_of, relation
from langgeo_transfer.distances import WITH_LETTERS, between, positions, spaces_of, together
from langgeo_transfer.measured import TASKS, Measured, has_relative, measured

WEAK, GOOD = 0.33, 0.67
"""Of what a random source loses, the share that the first choice has to save to be called fair, and good."""


candidates_option = click.option(
    "--candidates",
    metavar="LANGUAGES",
    default="",
    help="The languages that you have data for, by names or codes with commas between them, or `all`. [default: those "
    "with a two-letter code]",
)


@dataclass(frozen=True)
class Source:
    """A source of a target: its place in the ranking, and how it is related."""

    rank: int
    language: str
    name: str
    distance: float
    related: str


@click.command("sources")
@click.argument("target")
@click.option(
    "--space",
    "name",
    metavar="SPACE",
    default=WITH_LETTERS,
    show_default=True,
    help="A packaged space (`langgeo atlas`), the folder of a run, a file of distances, or several joined by +.",
)
@candidates_option
@click.option("--task", metavar="TASK", default="", help=f"What it is for: {', '.join(TASKS)}. [default: all]")
@click.option("-k", "count", type=click.IntRange(min=1), default=5, show_default=True, help="How many.")
@json_option
def command(target: str, name: str, candidates: str, task: str, count: int, as_json: bool) -> None:
    """Print the languages to transfer from to TARGET, an id, a code or a name, and what that choice may cost.

    What it may cost was measured on published tables of transfer scores: docs/results/transfer.md.

    \b
    Examples:
      langgeo sources Yoruba
      langgeo sources kaz --candidates Turkish,Russian,English --task pos
    """
    if task and task not in TASKS:
        raise UserError(f"nothing was measured for the task {task!r}", suggestion(task, TASKS, "tasks"))
    spaces = spaces_of([name])[name]
    asked = asked_target(target, spaces, name)
    able, lacking = candidates_for(candidates, asked, spaces)
    found = list(ranked(asked, able, spaces))
    related = has_relative(asked, able)
    figures = [one for one in measured() if one.space == name and one.related == related and task in ("", one.task)]
    told = list(advice(asked, related, figures, len(able)))
    if as_json:
        print_json({
            "target": asked.id, "name": asked.name, "space": name, "candidates": len(able), "without_distance": lacking,
            "sources": [asdict(one) for one in found[:count]], "measured": [asdict(one) for one in figures],
            "advice": told,
        })  # fmt: skip
        return
    which = "" if candidates else ", languages with a two-letter code (name yours with --candidates)"
    click.echo(f"To {asked.name} ({asked.id}), from {len(able)} candidates{which}, the nearest by {name} first:")
    if lacking:
        click.echo(f"without a distance, left out: {', '.join(lacking)}")
    rows = [[str(one.rank), one.language, one.name, one.related, f"{one.distance:.2f}"] for one in found[:count]]
    distance = "distance" if len(spaces) == 1 else "distance, standardised"
    print_table(["", "language", "name", "related", distance], rows)
    click.echo()
    for sentence in told:
        click.echo(sentence)
    if figures:
        click.echo(
            "\nLost against the best source, in points of a hundred, so that less is better; mean over such targets,"
        )
        click.echo("in brackets its 95 % interval where they are of enough families:")
        print_table(
            ["task", "targets", "first choice", "best of first 3", "always English", "at random"], [*_rows(figures)]
        )


def ranked(target: Language, sources: Sequence[Language], spaces: Sequence[LanguageSpace]) -> Iterator[Source]:
    """The sources, the nearest first; of several at one distance in the order of their ids."""
    (row,) = together([between(space.distances, [target], sources) for space in spaces])
    for rank, place in enumerate(np.argsort(row, kind="stable"), start=1):
        one = sources[place]
        yield Source(rank, one.id, one.name, float(row[place]), relation(target, one))


def asked_target(written: str, spaces: Sequence[LanguageSpace], name: str) -> Language:
    """The target; UserError with the nearest that the spaces know, by lineage, where they have no distance for it."""
    ids = [identifier for identifier in spaces[0].ids if _in_all(identifier, spaces)]
    language = find_language(written, ids)
    if (place := positions(ids, [language])[0]) >= 0:
        return find_language(ids[place])
    known = [find_language(identifier) for identifier in ids]
    # A code such as `sqi` may be that of a family, which is in the lineage of its languages.
    above = {*language.lineage, language.glottocode}
    shared = [len(above & {*one.lineage}) for one in known]
    near = [one for one, count in zip(known, shared, strict=True) if count == max(shared) > 0][:5]
    listed = ", ".join(f"{one.name} (langgeo sources {one.id})" for one in near)
    hint = f"the nearest by lineage that it has: {listed}" if near else "it has no relative of it either"
    raise UserError(f"{name} has no distance for {language.name} ({language.id})", hint)


def _in_all(identifier: str, spaces: Sequence[LanguageSpace]) -> bool:
    return all(identifier in space.ids for space in spaces)


def candidates_for(written: str, target: Language, spaces: Sequence[LanguageSpace]) -> tuple[list[Language], list[str]]:
    """The sources to rank, and the names of those asked for that have no distance."""
    ids = [identifier for identifier in spaces[0].ids if _in_all(identifier, spaces)]
    if written == "all":
        asked = [find_language(identifier) for identifier in ids]
    elif written:
        names = list(dict.fromkeys(filter(None, map(str.strip, written.split(",")))))
        asked = list(find_languages(names, "--candidates", synonyms=True).languages.values())
    else:
        table = LanguageTable()
        asked = [one for pair in product(ascii_lowercase, repeat=2) if (one := table.find("".join(pair)))]
    places = positions(ids, asked)
    able = [find_language(ids[place]) for place in dict.fromkeys(places[places >= 0].tolist())]
    able = [one for one in able if one.iso639_3 != target.iso639_3]
    lacking = [one.name for one, place in zip(asked, places, strict=True) if place < 0] if written else []
    if not able:
        raise UserError("no candidate has a distance", "name others with --candidates, or `all`")
    return able, lacking


def advice(target: Language, related: bool, figures: Sequence[Measured], candidates: int) -> Iterator[str]:
    """How sure the ranking is, in sentences."""
    if related:
        yield f"{target.name} has candidates of its own branch ({target.branch or target.family})."
    else:
        own = family_of(target) and (target.branch or target.family)
        yield f"No candidate is a close relative of {target.name}" + (f" (of the branch {own})." if own else ".")
    if not figures:
        yield "How good this space is for such a choice was not measured: langgeo transfer TABLE --space … does that."
        return
    saved = 1 - sum(one.targets * one.first / one.random for one in figures) / sum(one.targets for one in figures)
    count = sum(one.targets for one in figures)
    like = "with" if related else "without"
    measured_on = f"for {count} targets {like} a source of their branch, in published tables"
    if saved >= GOOD:
        yield f"The first choice is likely good: {measured_on}, it avoided {saved:.0%} of what a random one loses."
    elif saved >= WEAK:
        yield f"The first choice is a fair guess: {measured_on}, it avoided {saved:.0%} of what a random one loses."
        yield "Train from the first three if you can, and keep the one that is best on a little data of the target."
    else:
        gain = f"avoided only {saved:.0%}" if saved > 0.05 else "avoided none"
        yield f"Do not rely on the first choice: {measured_on}, it {gain} of what a random one loses."
        yield "Train from several, one language with much data among them, and compare."
    if candidates < 3:
        yield "With so few candidates there is little to choose from."


def _rows(figures: Sequence[Measured]) -> Iterator[list[str]]:
    for one in figures:
        ends = "" if one.low is None else f" [{one.low:.1f}, {one.high:.1f}]"
        english = "" if one.english is None else f"{one.english:.1f}"
        numbers = str(one.targets), f"{one.first:.1f}{ends}", f"{one.three:.1f}", english, f"{one.random:.1f}"
        yield [TASKS[one.task][0], *numbers]
