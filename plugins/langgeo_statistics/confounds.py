"""The evaluator `confounds`: how much of the distances script, place, classification and the baselines explain.

Distances are compared with predictors, which are matrices of distances too, over a scope: all pairs of languages, or
the pairs within one script. Mantel's correlations (`mantel-…`) are of one predictor, the multiple regression on
distance matrices (`mrm-…`) is of all of them together.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from langgeo_baselines.api import Geography, GlottologTree, script_distances
from langgeo_core.api import BaselineContext, DistanceMatrix, Evaluation, Language, Metric, UserError, one_script
from langgeo_inference.api import FEWEST, Figure, metrics_of, values_on_subsets
from langgeo_statistics.correlations import Correlations, Resampling, Table, correlations, crossed
from langgeo_statistics.options import ConfoundsOptions
from langgeo_statistics.regression import MOST_PREDICTORS, alone, explained, shares, unique, unique_by_chance

Float64 = NDArray[np.float64]
Matrices = Mapping[str, DistanceMatrix]
Question = tuple[str, str, str, str]
"""As `Metric.question`: evaluator, level, clusterer, metric."""

FEWEST_IN_SCRIPT = 3
"""The fewest languages of a script whose pairs count: two languages make one pair, which is its own mean."""


class Confounds:
    """What else the distances correlate with: script, place, classification and the run's baselines."""

    def __init__(self, options: ConfoundsOptions) -> None:
        self._options = options

    def labels(self, languages: Sequence[Language]) -> dict[str, tuple[str | None, ...]]:
        """None: distances are compared without classes."""
        return {}

    def evaluate(self, evaluation: Evaluation) -> list[Metric]:
        """Figures over all pairs of languages, and again over the pairs within one script.

        Raises
        ------
        UserError
            If a chosen predictor does not exist, or the regression has too many.
        """
        others = predictors(evaluation, self._options.predictors)
        return metrics_of("confounds", self._figures(evaluation, others))

    def values_on(self, evaluation: Evaluation, subsets: Sequence[Sequence[str]]) -> dict[Question, Float64]:
        """(subsets,) the value of every metric on each subset of the languages, without null or interval.

        The predictors of a regression are those over all languages of the evaluation that also vary on the subset.
        """
        plain = Confounds(self._options.none())
        others = predictors(evaluation, self._options.predictors)
        placing = {study.scope.name: self._placing(study, others) for study in self._studies(evaluation)}
        return values_on_subsets(
            "confounds", evaluation, subsets, lambda subset: plain._figures(subset, others, placing)
        )

    def _figures(
        self, evaluation: Evaluation, others: Matrices, placing: Mapping[str, Sequence[str]] | None = None
    ) -> Iterator[Figure]:
        """Of every scope; `placing` names the predictors of a scope's regression, else those of `_placing`."""
        for study in self._studies(evaluation):
            scope = study.scope.name
            names = self._placing(study, others) if placing is None else placing.get(scope, ())
            for figure in (
                *self._mantel(study, others),
                *self._regression(study, {name: others[name] for name in names}),
            ):
                yield replace(figure, name=f"{figure.name}@{scope}" if scope else figure.name)

    def _studies(self, evaluation: Evaluation) -> list[_Study]:
        lacking = set(evaluation.distances.lacking_pairs())
        known = sorted((one for one in evaluation.languages if one.id not in lacking), key=lambda one: one.id)
        found = scopes(known, self._options.fewest)
        return [_Study(evaluation.distances, scope, self._options, evaluation.seed) for scope in found]

    def _placing(self, study: _Study, others: Matrices) -> tuple[str, ...]:
        """The predictors that have values for enough of a scope's languages."""
        enough = self._options.coverage * len(study.scope.groups)
        return tuple(name for name, matrix in others.items() if len(study.placed_by(matrix)) >= enough)

    def _mantel(self, study: _Study, others: Matrices) -> Iterator[Figure]:
        """Each predictor over the languages that it has values for; predictors of the same languages together."""
        together: dict[tuple[str, ...], list[str]] = {}
        for name, matrix in others.items():
            together.setdefault(study.placed_by(matrix), []).append(name)
        for ids, names in together.items():
            for kind, ranks in (("pearson", False), ("spearman", True)):
                drawn = study.drawn(ids, {name: others[name] for name in names})
                if drawn:
                    yield from mantel(f"mantel-{kind}", names, correlations(*drawn, ranks), len(ids))

    def _regression(self, study: _Study, others: Matrices) -> Iterator[Figure]:
        """The predictors that vary, over the languages that all of them have values for."""
        placed = [set(study.placed_by(matrix)) for matrix in others.values()]
        common = tuple(one for one in study.scope.groups if all(one in ids for ids in placed))
        drawn = study.drawn(common, others)
        if not drawn:
            return
        table, resampling = drawn
        found = correlations(table, resampling, self._options.ranks)
        varying = [place for place in range(len(others)) if np.isfinite(found.value[0, place + 1])]
        if len(varying) > MOST_PREDICTORS:
            raise UserError(
                f"the evaluator confounds has {len(varying)} predictors for one regression; the most is "
                f"{MOST_PREDICTORS}",
                "name fewer in its option predictors",
            )
        names = [list(others)[place] for place in varying]
        shuffled = crossed(table.of(varying), resampling, self._options.ranks)
        yield from regression(names, found.of(varying), shuffled, len(common))


@dataclass(frozen=True)
class Scope:
    """Some languages, and the group of each; pairs within a group count.

    `name` is empty for all pairs, `within-script` for all pairs that share a script, else a script as `one_script`
    names it.
    """

    name: str
    groups: dict[str, str]


def scopes(languages: Sequence[Language], fewest: int) -> Iterator[Scope]:
    """All languages, and where there are several scripts, within any of them and within each that is large enough."""
    yield Scope("", {language.id: "" for language in languages})
    scripts = {language.id: one_script(language.script) for language in languages if language.script}
    counts = Counter(scripts.values())
    if len(counts) < 2:
        return
    paired = {one: name for one, name in scripts.items() if counts[name] >= FEWEST_IN_SCRIPT}
    if len(set(paired.values())) > 1:
        yield Scope("within-script", paired)
    for name, count in sorted(counts.items()):
        if count >= fewest:
            yield Scope(name, {one: "" for one, script in scripts.items() if script == name})


@dataclass(frozen=True, eq=False)
class _Study:
    """Distances within a scope, and how its languages are resampled."""

    distances: DistanceMatrix
    scope: Scope
    options: ConfoundsOptions
    seed: int

    def placed_by(self, matrix: DistanceMatrix) -> tuple[str, ...]:
        """The scope's languages that a matrix has, without those whose pairs are missing."""
        known = set(matrix.ids)
        ids = tuple(one for one in self.scope.groups if one in known)
        lacking = set(matrix.subset(ids).lacking_pairs())
        return tuple(one for one in ids if one not in lacking)

    def drawn(self, ids: tuple[str, ...], others: Matrices) -> tuple[Table, Resampling] | None:
        """Over the ids; None where these are too few, or there are no predictors."""
        if len(ids) < FEWEST or not others:
            return None
        _, groups = np.unique([self.scope.groups[one] for one in ids], return_inverse=True)
        matrices = np.stack([matrix.subset(ids).values for matrix in (self.distances, *others.values())])
        codes = groups.astype(np.int64)
        return Table(matrices, codes), Resampling.draw(codes, self.options, self.seed)


def predictors(evaluation: Evaluation, chosen: Literal["all"] | Sequence[str]) -> dict[str, DistanceMatrix]:
    """The chosen ones by name, or all: `script`, `geography`, `glottolog-tree` and every baseline.

    A baseline of the run replaces the predictor of the same name. Where the distances are a baseline's own there are no
    other baselines, and those chosen are ignored.

    Raises
    ------
    UserError
        If a chosen one does not exist.
    """
    known = {**facts(evaluation.languages), **evaluation.baselines}
    if chosen == "all":
        return known
    unknown = [name for name in chosen if name not in known]
    if unknown and evaluation.baselines:
        raise UserError(
            f"the evaluator confounds has no distances for {', '.join(unknown)}; there are {', '.join(known)}",
            "add it to baselines, or remove it from the option predictors",
        )
    return {name: known[name] for name in chosen if name in known}


def facts(languages: Sequence[Language]) -> dict[str, DistanceMatrix]:
    """The predictors that need no text."""
    context = BaselineContext(tuple(languages), lambda _: ())
    return {
        "script": script_distances(languages),
        "geography": Geography().distances(context),
        "glottolog-tree": GlottologTree().distances(context),
    }


def mantel(kind: str, names: Sequence[str], found: Correlations, n: int) -> Iterator[Figure]:
    """`<kind>:<predictor>`, with a one-sided p: large correlations against chance."""
    for place, name in enumerate(names):
        halved, shuffled = found.halved[:, 0, place + 1], found.shuffled[:, place]
        yield Figure(f"{kind}:{name}", float(found.value[0, place + 1]), n, halved, shuffled, (-1.0, 1.0))


def regression(names: Sequence[str], found: Correlations, crossed: Float64, n: int) -> Iterator[Figure]:
    """`mrm-r2`, then of every predictor `mrm-share`, `mrm-unique` and `mrm-alone`.

    A share has no null of its own, since it includes what predictors explain together.

    Parameters
    ----------
    crossed : (permutations, 1 + predictors, predictors) as `correlations.crossed` gives them
    """
    if not names:
        return
    every = np.concatenate([found.value[np.newaxis], found.halved])
    among, between = every[:, 1:, 1:], every[:, 0, 1:]
    whole = explained(among, between)
    yield Figure("mrm-r2", float(whole[0]), n, whole[1:], explained(among[0], found.shuffled), (0.0, 1.0))
    by_chance = unique_by_chance(among[0], between[0], crossed)
    yield from _each("mrm-share", names, shares(among, between), n, None)
    yield from _each("mrm-unique", names, unique(among, between), n, by_chance)
    yield from _each("mrm-alone", names, alone(between), n, alone(found.shuffled))


def _each(kind: str, names: Sequence[str], values: Float64, n: int, shuffled: Float64 | None) -> Iterator[Figure]:
    """Of every predictor, from (1 + subsamples, predictors) values, those over all languages first."""
    for place, name in enumerate(names):
        null = None if shuffled is None else shuffled[:, place]
        yield Figure(f"{kind}:{name}", float(values[0, place]), n, values[1:, place], null, (0.0, 1.0))
