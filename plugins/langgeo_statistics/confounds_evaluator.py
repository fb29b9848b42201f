"""The evaluator `confounds`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from langgeo_core.api import FEWEST, DistanceMatrix, Evaluation, Language, Metric, UserError
from langgeo_statistics.confound_figures import mantel, regression
from langgeo_statistics.correlations import Resampling, Table, correlations, crossed
from langgeo_statistics.options import ConfoundsOptions
from langgeo_statistics.predictors import predictors
from langgeo_statistics.regression import MOST_PREDICTORS
from langgeo_statistics.rows import Figure, Float64, Question, as_metrics, values_on
from langgeo_statistics.scopes import Scope, scopes

Matrices = Mapping[str, DistanceMatrix]


class Confounds:
    """What else the distances go with: script, place, classification and the run's baselines."""

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
            If a chosen predictor is not there, or the regression has too many.
        """
        return as_metrics("confounds", self._figures(evaluation, predictors(evaluation, self._options.predictors)))

    def values_on(self, evaluation: Evaluation, parts: Sequence[Sequence[str]]) -> dict[Question, Float64]:
        """(parts,) the value of every metric on each list of languages, without null or interval.

        A regression has the predictors that it has over all languages of the evaluation, those that vary on the part.
        """
        plain = Confounds(self._options.model_copy(update={"permutations": 0, "subsamples": 0}))
        others = predictors(evaluation, self._options.predictors)
        placing = {study.scope.name: self._placing(study, others) for study in self._studies(evaluation)}
        return values_on("confounds", evaluation, parts, lambda part: plain._figures(part, others, placing))

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
        """The predictors that place enough of a scope's languages."""
        enough = self._options.coverage * len(study.scope.groups)
        return tuple(name for name, matrix in others.items() if len(study.placed_by(matrix)) >= enough)

    def _mantel(self, study: _Study, others: Matrices) -> Iterator[Figure]:
        """Each predictor over the languages that it places; those that place the same are taken together."""
        together: dict[tuple[str, ...], list[str]] = {}
        for name, matrix in others.items():
            together.setdefault(study.placed_by(matrix), []).append(name)
        for ids, names in together.items():
            for kind, ranks in (("pearson", False), ("spearman", True)):
                drawn = study.drawn(ids, {name: others[name] for name in names})
                if drawn:
                    yield from mantel(f"mantel-{kind}", names, correlations(*drawn, ranks), len(ids))

    def _regression(self, study: _Study, others: Matrices) -> Iterator[Figure]:
        """The predictors that vary, over the languages that all of them place."""
        placed = [set(study.placed_by(matrix)) for matrix in others.values()]
        common = tuple(one for one in study.scope.groups if all(one in ids for ids in placed))
        drawn = study.drawn(common, others)
        if not drawn:
            return
        table, resampling = drawn
        found = correlations(table, resampling, self._options.ranks)
        varying = [place for place in range(len(others)) if np.isfinite(found.value[0, place + 1])]
        _check_number(len(varying))
        names = [list(others)[place] for place in varying]
        shuffled = crossed(table.of(varying), resampling, self._options.ranks)
        yield from regression(names, found.of(varying), shuffled, len(common))


@dataclass(frozen=True, eq=False)
class _Study:
    """Distances within a scope, and how its languages are resampled."""

    distances: DistanceMatrix
    scope: Scope
    options: ConfoundsOptions
    seed: int

    def placed_by(self, matrix: DistanceMatrix) -> tuple[str, ...]:
        """The scope's languages that a matrix has, without those whose pairs are missing."""
        there = set(matrix.ids)
        ids = tuple(one for one in self.scope.groups if one in there)
        lacking = set(matrix.subset(ids).lacking_pairs())
        return tuple(one for one in ids if one not in lacking)

    def drawn(self, ids: tuple[str, ...], others: Matrices) -> tuple[Table, Resampling] | None:
        """Over the ids; None where these are too few, or there is nothing to hold the distances against."""
        if len(ids) < FEWEST or not others:
            return None
        _, groups = np.unique([self.scope.groups[one] for one in ids], return_inverse=True)
        matrices = np.stack([matrix.subset(ids).values for matrix in (self.distances, *others.values())])
        counts = self.options.permutations, self.options.subsamples
        codes = groups.astype(np.int64)
        return Table(matrices, codes), Resampling.draw(codes, counts, self.seed)


def _check_number(count: int) -> None:
    if count > MOST_PREDICTORS:
        raise UserError(
            f"the evaluator confounds has {count} predictors for one regression, and takes {MOST_PREDICTORS}",
            "name fewer in its option predictors",
        )
