"""Distances from targets to sources: of a space, of several together, and what needs no space at all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from langgeo_atlas.api import LanguageSpace, as_space
from langgeo_core.api import DistanceMatrix, Language, UserError
from langgeo_transfer.table import Task

Float64 = NDArray[np.float64]
TOGETHER = "best+geography+glottolog-tree"
"""The mean that ranks best on LangRank's tables, see docs/results/transfer.md."""
WITH_LETTERS = "best+letters+geography+glottolog-tree"
"""The mean whose first choice loses least there: what `sources` ranks by."""
SINGLE = ("best", "paper", "letters", "geography", "glottolog-tree")
SIZE, AVERAGE = "source-size", "source-average"


def spaces_of(names: Sequence[str]) -> dict[str, tuple[LanguageSpace, ...]]:
    """The spaces behind each name: one, or several joined by `+`, of which the mean of standardised distances is taken.

    Raises
    ------
    UserError
        Where one is neither a packaged space, nor a run, nor a file of distances, or two have one name.
    """
    found: dict[str, tuple[LanguageSpace, ...]] = {}
    for name in dict.fromkeys(names):
        found[name] = (as_space(name),) if "+" not in name or _is_file(name) else tuple(map(as_space, name.split("+")))
    return found


def _is_file(name: str) -> bool:
    from pathlib import Path

    return Path(name).exists()


def positions(ids: Sequence[str], languages: Sequence[Language]) -> NDArray[np.int64]:
    """(languages,) where each is among the ids, by its id or else by its ISO 639-3 code alone; −1 where it is not.

    Of several texts of one code that without a suffix comes first, then the first in the order of `ids`.
    """
    exact = {identifier: place for place, identifier in enumerate(ids)}
    by_code: dict[str, int] = {}
    for place, identifier in enumerate(ids):
        by_code.setdefault(identifier.partition("_")[0], place)
    return np.array([exact.get(one.id, exact.get(one.iso639_3, by_code.get(one.iso639_3, -1))) for one in languages])


def between(matrix: DistanceMatrix, targets: Sequence[Language], sources: Sequence[Language]) -> Float64:
    """(targets, sources) distances, NaN where one is missing or a language is not in the matrix."""
    rows, columns = positions(matrix.ids, targets), positions(matrix.ids, sources)
    values = matrix.values[np.ix_(rows, columns)].copy()
    values[rows < 0] = np.nan
    values[:, columns < 0] = np.nan
    return values


def standardised(distances: Float64) -> Float64:
    """(targets, sources) each target's distances with mean 0 and standard deviation 1; 0 where all are equal."""
    with np.errstate(invalid="ignore"):
        known = np.isfinite(distances)
        count = np.maximum(known.sum(axis=1, keepdims=True), 1)
        centred = distances - np.where(known, distances, 0.0).sum(axis=1, keepdims=True) / count
        spread = np.sqrt((np.where(known, centred, 0.0) ** 2).sum(axis=1, keepdims=True) / count)
    scaled: Float64 = centred / np.where(spread > 0, spread, 1.0)
    return scaled


def together(parts: Sequence[Float64]) -> Float64:
    """(targets, sources) the mean of several standardised distances, over the pairs that all of them have."""
    known = np.all([np.isfinite(one) for one in parts], axis=0)
    if len(parts) == 1:
        return np.where(known, parts[0], np.nan)
    mean: Float64 = np.mean([standardised(np.where(known, one, np.nan)) for one in parts], axis=0)
    return mean


def of_task(task: Task, spaces: Mapping[str, Sequence[LanguageSpace]]) -> dict[str, Float64]:
    """By name, (targets, sources) distances of a task, over the pairs that have a score and all distances."""
    single = {
        name: [between(one.distances, task.targets, task.sources) for one in parts] for name, parts in spaces.items()
    }
    known = np.isfinite(task.scores)
    for parts in single.values():
        known &= np.all([np.isfinite(one) for one in parts], axis=0)
    return {name: together([np.where(known, one, np.nan) for one in parts]) for name, parts in single.items()}


def with_scripts(task: Task, spaces: Mapping[str, Sequence[LanguageSpace]]) -> Task:
    """The task, each language with the script that the first space that knows one gives it."""
    known: dict[str, str] = {}
    for space in (one for parts in spaces.values() for one in parts):
        for side in (task.targets, task.sources):
            for place, language in zip(positions(space.ids, side), side, strict=True):
                if place >= 0 and space.languages[place].script:
                    known.setdefault(language.id, space.languages[place].script)

    def scripted(side: Sequence[Language]) -> tuple[Language, ...]:
        return tuple(replace(one, script=one.script or known.get(one.id, "")) for one in side)

    return replace(task, targets=scripted(task.targets), sources=scripted(task.sources))


def lacking(
    task: Task, spaces: Mapping[str, Sequence[LanguageSpace]]
) -> dict[tuple[tuple[str, ...], tuple[str, ...]], list[str]]:
    """By the ids of targets and sources that are not in a space, the names of these spaces; complete ones have none."""
    found: dict[tuple[tuple[str, ...], tuple[str, ...]], list[str]] = {}
    for space in {id(one): one for parts in spaces.values() for one in parts}.values():
        places = (positions(space.ids, side) for side in (task.targets, task.sources))
        gone = [
            tuple(one.id for one, place in zip(side, own, strict=True) if place < 0)
            for side, own in zip((task.targets, task.sources), places, strict=True)
        ]
        if any(gone):
            names = found.setdefault((gone[0], gone[1]), [])
            names += [space.name] if space.name not in names else []
    return found


def of_sources(task: Task) -> dict[str, Float64]:
    """Rankings that know the sources and not the target: the largest data first, and the best average of others first.

    The average of a source is over the targets of other families, of scores less their target's mean: what a good
    source is for everyone.
    """
    found = {}
    known = np.isfinite(task.scores)
    if np.isfinite(task.sizes[known]).all():
        found[SIZE] = np.where(known, -task.sizes, np.nan)
    found[AVERAGE] = -source_averages(task)
    return found


def source_averages(task: Task) -> Float64:
    """(targets, sources) the mean score of each source for targets of other families than the row's; 0 without any."""
    known = np.isfinite(task.scores)
    if not known.any():
        raise UserError(f"the task {task.name!r} has no scores")
    filled = np.where(known, task.scores, 0.0)
    means = filled.sum(axis=1, keepdims=True) / np.maximum(known.sum(axis=1, keepdims=True), 1)
    centred = np.where(known, task.scores - means, 0.0)
    families = np.array([one.family or one.iso639_3 for one in task.targets])
    others = (families[:, None] != families).astype(np.float64)
    counts = others @ known
    averages: Float64 = np.where(known, (others @ centred) / np.maximum(counts, 1), np.nan)
    return averages
