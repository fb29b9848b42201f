"""The commands `distance`, `nearest`, `compare`, `map` and `atlas`."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click
from click.shell_completion import CompletionItem

from langgeo_atlas.comparing import Figure, SpaceComparison, as_space, compare
from langgeo_atlas.groups import counted
from langgeo_atlas.packaged import record, space, spaces
from langgeo_atlas.space import LanguageSpace, load_run, lost_in_noise, slug
from langgeo_core.api import UserError, json_option, print_json, print_table, print_wrapped
from langgeo_glottolog.api import relation
from langgeo_inference.api import FEW, SIGNIFICANT, p_text


def _spaces(ctx: click.Context, param: click.Parameter, word: str) -> list[CompletionItem]:
    return [CompletionItem(name, help=about) for name, about in spaces().items() if name.startswith(word)]


def _spaces_or_files(ctx: click.Context, param: click.Parameter, word: str) -> list[CompletionItem]:
    """Files come first, since bash forgets what was offered before them."""
    return [CompletionItem(word, type="file"), *_spaces(ctx, param, word)]


ENOUGH = 4
"""Replicates that are suggested for intervals; three are the fewest."""
space_option = click.option(
    "--space",
    "name",
    metavar="SPACE",
    default="best",
    show_default=True,
    shell_complete=_spaces,
    help="A packaged space (`langgeo atlas`), or the folder or name of a finished run.",
)


@click.command("distance")
@click.argument("words", nargs=-1, required=True, metavar="[RUN] A B")
@space_option
@json_option
def distance_command(words: tuple[str, ...], name: str, as_json: bool) -> None:
    """Print the distance of two languages, and how near that is as the pairs of the space go.

    A and B are ids, codes or English names. Nothing is computed: a packaged space or a finished RUN answers. Where it
    has replicates, the distance has a 95 % interval over the choice of text.

    \b
    Examples:
      langgeo distance German Dutch
      langgeo distance runs/starter-small German Dutch
      langgeo distance hin urd --space letters
    """
    found, (first, second) = _asked(words, name, 2)
    one, other = found.id_of(first), found.id_of(second)
    distance, interval = found.distance(one, other), found.interval(one, other)
    called = dict(zip(found.ids, found.names, strict=True))
    known = not math.isnan(distance)
    nearer = _share_nearer(found, one, other) if known else None
    ranks = {asked: _rank(found, asked, that) if known else None for asked, that in ((one, other), (other, one))}
    if as_json:
        print_json({
            "space": found.name, "languages": [{"language": each, "name": called[each]} for each in (one, other)],
            "distance": distance if known else None, "interval": interval, "nearer_than": nearer, "ranks": ranks,
        })  # fmt: skip
        return
    spread = f", 95 % interval {interval[0]:.4g} to {interval[1]:.4g} over the choice of text alone" if interval else ""
    if not interval and one != other and known:
        spread = f"; {_no_interval(found)}"
    told = f"{distance:.4g}{spread}" if known else "no distance, the matrix lacks this pair"
    print_wrapped(f"{called[one]} ({one}) to {called[other]} ({other}): {told}")
    if one != other and nearer is not None:
        click.echo(f"nearer than {int(nearer * 1000) / 10}% of all pairs of languages")
        for asked, that in ((one, other), (other, one)):
            click.echo(f"{called[that]} is number {ranks[asked]} of {len(found) - 1} from {called[asked]}")
    print_wrapped(_source(found))


@click.command("nearest")
@click.argument("words", nargs=-1, required=True, metavar="[RUN] LANGUAGE")
@space_option
@click.option("-k", "count", type=click.IntRange(min=1), default=5, show_default=True, help="How many.")
@json_option
def nearest_command(words: tuple[str, ...], name: str, count: int, as_json: bool) -> None:
    """Print the languages nearest to LANGUAGE, an id, a code or an English name.

    A packaged space answers, or a finished RUN. Where it has replicates, each distance has a 95 % interval over the
    choice of text, and a language is marked with = that text cannot tell apart from the nearest one: their
    difference is tested, which is surer than the two intervals, since both distances are of one text.

    \b
    Examples:
      langgeo nearest Yoruba
      langgeo nearest runs/starter-small German -k 3
    """
    found, (language,) = _asked(words, name, 1)
    asked = found.id_of(language)
    near = found.neighbours(asked, count)
    of = dict(zip(found.ids, found.languages, strict=True))
    related = {other: relation(of[asked], language) for other, language in of.items() if other != asked}
    if as_json:
        print_json({
            "space": found.name, "language": asked, "name": of[asked].name,
            "nearest": [{**one._asdict(), "related": related[one.language]} for one in near],
        })  # fmt: skip
        return
    print_wrapped(f"nearest to {of[asked].name} ({asked}):", err=True)
    columns = ["language", "name", "related", "distance"]
    rows = [[one.language, one.name, related[one.language], f"{one.distance:.4g}"] for one in near]
    if any(one.low is not None for one in near):
        columns += ["95 % interval", ""]
        rows = [
            [*row, f"{one.low:.4g} to {one.high:.4g}", "=" if one.apart is False else ""]
            for row, one in zip(rows, near, strict=True)
        ]
    print_table(columns, rows)
    if any(one.apart is False for one in near):
        print_wrapped(f"= with other text of the same kind it may be nearer than {near[0].name}", err=True)
    if near and near[0].low is None:
        print_wrapped(_no_interval(found), err=True)
    if hint := _unrelated(found, of[asked].name, [related[one.language] for one in near], related.values()):
        print_wrapped(hint, err=True)
    print_wrapped(_source(found), err=True)


@click.command("compare")
@click.argument("first", metavar="A", shell_complete=_spaces_or_files)
@click.argument("second", metavar="B", shell_complete=_spaces_or_files)
@click.option(
    "--out", type=click.Path(file_okay=False, path_type=Path), metavar="DIR", help="[default: runs/compare-A-B]"
)
@click.option("-k", "count", type=click.IntRange(min=0), default=5, show_default=True, help="How many moved to show.")
@json_option
@click.pass_obj
def compare_command(
    settings: dict[str, Any], first: str, second: str, out: Path | None, count: int, as_json: bool
) -> None:
    """Compare two spaces: packaged ones, finished runs, or files of distances.

    Over the languages of both: how alike the distances are, by how much every headline figure differs on the same
    halves of the languages, and which pairs and languages moved most. DIR gets a report, pairs.csv and languages.csv.

    \b
    Examples:
      langgeo compare runs/starter runs/best
      langgeo compare best letters
      langgeo compare mine.csv geography
    """
    one, other = as_space(first), as_space(second)
    folder = out or Path("runs") / f"compare-{slug(one.name)}-{slug(other.name)}"
    found = compare(one, other, folder, settings, settings["quiet"])
    if as_json:
        print_json({**asdict(found), "pairs": found.pairs[:count], "languages": found.languages[:count],
                    "folder": str(folder)})  # fmt: skip
        return
    called = dict(zip(one.ids, one.names, strict=True))
    click.echo(f"{found.names[0]} against {found.names[1]}: {len(found.ids)} languages of both")
    click.echo(f"correlation {found.pearson:.3f}, of ranks {found.spearman:.3f} (Mantel p {p_text(found.p)})")
    for note in found.notes:
        print_wrapped(f"note: {note}")
    rows = [_figure(figure) for figure in found.figures]
    if rows:
        click.echo("\nfigures, their difference with its 95 % interval, p by Holm within a level")
        print_table(("level", "metric", *found.names, "difference", "interval", "p", "n"), rows)
        for note in _on_figures(found):
            print_wrapped(note)
    moved = [pair for pair in found.pairs if pair.first != pair.second][:count]
    if found.equal:
        click.echo("\nthe distances are equal: no pair of languages moved")
    elif count and not moved:
        click.echo("\nno pair of languages moved: both have the pairs in the same order, the nearest first")
    elif count:
        click.echo("\nlanguages whose distances agree least (correlation of ranks)")
        alike = found.languages[:count]
        print_table(("language", "name", "ranks"), [(one, called[one], f"{value:.2f}") for one, value in alike])
        click.echo("\npairs that moved most (share of pairs that are nearer, in each)")
        shares = [(called[one.one], called[one.other], f"{one.first:.2f}", f"{one.second:.2f}") for one in moved]
        print_table(("", "", *found.names), shares)
    click.echo(f"\n{found.report}; all pairs: {folder / 'pairs.csv'}")


def _on_figures(found: SpaceComparison) -> Iterator[str]:
    """What keeps differences from being tested, or their tests from being trusted."""
    if any(figure.adjusted is None for figure in found.figures):
        yield "no interval and p: undefined on most halves of the languages, or the same on all of them"
    if len(found.ids) < FEW:
        yield f"{len(found.ids)} languages are too few for conclusions; intervals and p are right for many only"


def _figure(figure: Figure) -> tuple[str, ...]:
    interval = "" if figure.low is None or figure.high is None else f"{figure.low:+.3f} to {figure.high:+.3f}"
    p = "" if figure.adjusted is None else p_text(figure.adjusted)
    numbers = f"{figure.first:.3f}", f"{figure.second:.3f}", f"{figure.difference:+.3f}"
    return figure.level, figure.metric, *numbers, interval, p, str(figure.n)


@click.command("map")
@click.argument("name", default="best", metavar="[SPACE]", shell_complete=_spaces)
@click.option("--no-open", is_flag=True, help="Print where the page is, and open nothing.")
def map_command(name: str, no_open: bool) -> None:
    """Open the page of a SPACE in a browser: maps, tree, neighbours and figures.

    SPACE is a packaged space, the folder or name of a finished run, or a file of distances. The page is made when first
    asked for, in a quarter of a minute for hundreds of languages, and kept in the cache. Figures of a file are measured
    first, which takes longer.

    \b
    Examples:
      langgeo map
      langgeo map letters
      langgeo map runs/starter-small
    """
    from langgeo_atlas.pages import page_of

    page = page_of(name, lambda message: click.echo(message, err=True))
    click.echo(f"page: {page}")
    if not no_open:
        click.launch(str(page))


@click.command("atlas")
@json_option
def atlas_command(as_json: bool) -> None:
    """List the spaces that come with langgeo, with their languages and where they are from.

    Example: langgeo atlas --json
    """
    if as_json:
        listed = [
            {"name": name, "about": about, "languages": list(space(name).ids)} for name, about in spaces().items()
        ]
        print_json({"spaces": listed, **record()})
        return
    print_table(
        ("space", "languages", "what it is"),
        [(name, str(len(space(name))), about) for name, about in spaces().items()],
    )
    for name, run in record()["runs"].items():
        made = [f"{one['name']} ({one['licence']})" for one in (*run["models"], *run["corpora"])]
        print_wrapped(f"{name}: {', '.join(made)}; langgeo {run['langgeo']}, {run['started'][:10]}")


def _asked(words: tuple[str, ...], name: str, languages: int) -> tuple[LanguageSpace, tuple[str, ...]]:
    """The space that a command asks, the word before its languages or else `--space`, and the languages."""
    if not languages <= len(words) <= languages + 1:
        wanted = "two languages, and before them" if languages == 2 else "one language, and before it"
        raise click.UsageError(f"{wanted} a run: got {' '.join(words)}")
    run = words[0] if len(words) > languages else ""
    try:
        found = load_run(run) if run and Path(run).is_dir() else as_space(run or name)
    except UserError as failure:
        if run and not Path(run).exists():  # rather a name of two words
            failure.hint = f"{failure.hint}; a name of several words takes quotes: '{' '.join(words[:2])}'"
        raise
    return found, words[-languages:]


def _unrelated(found: LanguageSpace, name: str, near: Sequence[str], others: Iterable[str]) -> str:
    """What to keep in mind where most of what is near a language is not related to it."""
    relatives = sum(one != "no" for one in others)
    if not relatives:
        return f"{name} has no relative in this space: what is near it is similar to it and not related"
    if not found.record.get("models") or 2 * sum(one != "no" for one in near) >= min(len(near), relatives):
        return ""
    those = "is" if relatives == 1 else "are"
    told = f"most of these are not related to {name}, though {counted(relatives)} of the space {those}"
    return f"{told}: perhaps the model has read little of it; see --space letters, and `langgeo sources`"


def _no_interval(found: LanguageSpace) -> str:
    """Why distances have no interval over the choice of text, and for a run with what it would have some."""
    settings = found.record.get("calibration")
    if not settings or "about" in found.record:  # of a file, or packaged
        return "no interval, since the space has no replicates of texts"
    least = settings["tokens"] * 3 // 4 if settings.get("short") == "use" else settings["tokens"]
    smaller = f" calibration.window={max(1, least // ENOUGH)}" if least // settings["window"] < ENOUGH else ""
    return f"no interval, which takes three or more replicates of every text: reliability.replicates={ENOUGH}{smaller}"


def _share_nearer(found: LanguageSpace, one: str, other: str) -> float:
    import numpy as np

    values = found.distances.values[np.triu_indices(len(found), 1)]
    return float((values[np.isfinite(values)] > found.distance(one, other)).mean())


def _rank(found: LanguageSpace, asked: str, that: str) -> int | None:
    """1 + the number of languages that are nearer; None for the language itself."""
    if asked == that:
        return None
    return 1 + sum(distance < found.distance(asked, that) for _, distance in found.nearest(asked, len(found)))


def _source(found: LanguageSpace) -> str:
    return f"space {found.name}: {found.about}{_worth(found)}"


def _worth(found: LanguageSpace) -> str:
    """How often the nearest language is of the same branch, beside chance, where that was measured and is evidence."""
    if lost_in_noise(found.rows):
        return ""
    for row in found.rows:
        if (row.get("level"), row.get("metric"), row.get("source", "run")) == ("branch", "nn1", "run"):
            chance = f" ({float(row['null_mean']):.0%} by chance)" if row.get("null_mean") else ""
            share = f"{float(row['value']):.0%}"
            unsure = ", not significantly more" if chance and float(row.get("p") or 0) >= SIGNIFICANT else ""
            return f" The nearest language is of the same branch for {share} of {row['n']} languages{chance}{unsure}."
    return ""
