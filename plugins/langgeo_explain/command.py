"""`langgeo explain`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click
import numpy as np

from langgeo_atlas.api import LanguageSpace, load_run
from langgeo_core.api import (
    Run,
    config_of,
    json_option,
    print_json,
    print_table,
    print_wrapped,
)
from langgeo_explain.shares import Explanation, Share, explain
from langgeo_formats.api import find_language

NEAREST = 3


@click.command("explain")
@click.argument("run", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.argument("first", metavar="A")
@click.argument("second", metavar="B")
@click.option(
    "-n", "count", type=click.IntRange(min=1), default=10, show_default=True, help="How many weight matrices to show."
)
@json_option
@click.pass_obj
def command(settings: dict[str, Any], run: Path, first: str, second: str, count: int, as_json: bool) -> None:
    """Show which layers, modules and weight matrices add most to the distance of the languages A and B in a RUN.

    The share is the part of their distance that a layer, module or matrix adds. z compares it with all pairs of the
    run: the difference from the mean share in standard deviations.

    Example: langgeo explain runs/starter-small German Swedish
    """
    space = load_run(run)
    one, other = (name if name in space.ids else find_language(name, space.ids).id for name in (first, second))
    if one == other:
        raise click.UsageError(f"{first} and {second} are the same language, {one}")
    about = _about(space, one, other)
    config = config_of(settings, str(run / "config.yaml"), ())
    found = explain(Run(run), config, (one, other))
    transforms = [chosen.name for chosen in config.choices["transforms"]]
    if as_json:
        print_json({**about, "transforms": transforms, "explanations": [asdict(each) for each in found]})
    else:
        _print(about, transforms, found, count)


def _about(space: LanguageSpace, one: str, other: str) -> dict[str, Any]:
    """Both languages, their distance beside all others, and the nearest languages of each."""
    names = {language.id: language.name for language in space.languages}
    distance, values = space.distance(one, other), space.distances.values
    others = values[np.triu_indices(len(values), 1)]
    others = others[np.isfinite(others)]
    nearest = {
        asked: [{"language": each, "name": names[each], "distance": far} for each, far in space.nearest(asked, NEAREST)]
        for asked in (one, other)
    }
    return {
        "languages": [{"language": asked, "name": names[asked]} for asked in (one, other)],
        "distance": distance,
        "mean_distance": float(others.mean()),
        "nearer_than": float((others > distance).mean()),
        "nearest": nearest,
    }


def _print(about: dict[str, Any], transforms: list[str], found: list[Explanation], count: int) -> None:
    one, other = about["languages"]
    print_wrapped(
        f"distance of {one['name']} and {other['name']}: {about['distance']:.6g}, smaller than "
        f"{about['nearer_than']:.0%} of the pairs (mean {about['mean_distance']:.6g})"
    )
    for language in (one, other):
        near = ", ".join(f"{each['name']} {each['distance']:.6g}" for each in about["nearest"][language["language"]])
        print_wrapped(f"nearest to {language['name']}: {near}")
    if transforms:
        print_wrapped(f"shares refer to the distance before the transforms {', '.join(transforms)}")
    for explanation in found:
        _print_shares(explanation, count)


def _print_shares(explanation: Explanation, count: int) -> None:
    click.echo(f"\n{explanation.model}, {explanation.corpus}")
    if not explanation.additive:
        print_wrapped(
            "this distance is not a sum over weight matrices: shares are of the distance over each, weighted by size"
        )
    above = sorted(explanation.matrices, key=lambda each: each.typical - each.share)[:count]
    _print_table("layers", explanation.layers)
    _print_table("modules", explanation.modules)
    _print_table("weight matrices with the largest excess over their typical share", above)


def _print_table(title: str, shares: Sequence[Share]) -> None:
    click.echo()
    print_wrapped(f"{title}: share of the distance, mean share over all pairs, z")
    rows = [(each.name, f"{each.share:.2%}", f"{each.typical:.2%}", f"{each.z:+.1f}") for each in shares]
    print_table(("name", "share", "mean", "z"), rows)
