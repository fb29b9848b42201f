from __future__ import annotations

import numpy as np
import pytest
import skbio
from scipy.stats import pearsonr
from tree_cases import names, random_distances

from langgeo_inference.api import ResamplingOptions
from langgeo_statistics.correlations import Resampling, Table, correlations


def table(n: int, count: int, seed: int = 0, groups: np.ndarray | None = None) -> Table:
    matrices = np.stack([random_distances(n, seed + place) for place in range(count)])
    matrices[0] += matrices[1] / 2
    return Table(matrices, np.zeros(n, dtype=np.int64) if groups is None else groups)


def draw(given: Table, permutations: int = 99, subsamples: int = 5, seed: int = 0) -> Resampling:
    return Resampling.draw(given.groups, ResamplingOptions(permutations=permutations, subsamples=subsamples), seed)


@pytest.mark.parametrize(("ranks", "method"), [(False, "pearson"), (True, "spearman")])
def test_mantel_as_scikit_bio(ranks: bool, method: str) -> None:
    given = table(14, 3)
    found = correlations(given, draw(given, permutations=1999), ranks)
    first, *others = (skbio.DistanceMatrix(matrix, names(14)) for matrix in given.matrices)
    for place, other in enumerate(others):
        r, p, n = skbio.stats.distance.mantel(first, other, method, permutations=1999, alternative="greater", seed=1)
        assert n == 14
        assert found.value[0, place + 1] == pytest.approx(r)
        reached = (found.shuffled[:, place] >= found.value[0, place + 1] - 1e-12).sum()
        assert (1 + reached) / 2000 == pytest.approx(p, abs=0.04)


def test_a_shuffle_moves_rows_and_columns_together() -> None:
    given = table(9, 2)
    resampling = draw(given)
    found = correlations(given, resampling, False)
    order = resampling.shuffled[3]
    moved = Table(np.stack([given.matrices[0][np.ix_(order, order)], given.matrices[1]]), given.groups)
    assert found.shuffled[3, 0] == pytest.approx(correlations(moved, resampling, False).value[0, 1])


def test_halves_are_computed_anew() -> None:
    given = table(12, 3)
    resampling = draw(given)
    for ranks in (False, True):
        found = correlations(given, resampling, ranks)
        half = given.subset(resampling.halved[2])
        np.testing.assert_allclose(found.halved[2], correlations(half, draw(half), ranks).value)


def test_within_groups_each_has_its_own_mean() -> None:
    groups = np.array([0] * 5 + [1] * 6)
    given = table(11, 2, groups=groups)
    values: list[list[float]] = [[], []]
    for group in (0, 1):
        members = np.flatnonzero(groups == group)
        upper = np.triu_indices(len(members), 1)
        for place, matrix in enumerate(given.matrices):
            some = matrix[np.ix_(members, members)][upper]
            values[place].extend(some - some.mean())
    assert correlations(given, draw(given), False).value[0, 1] == pytest.approx(pearsonr(*values).statistic)


def test_what_differs_between_groups_alone_is_nothing_within_them() -> None:
    groups = np.array([0] * 6 + [1] * 6)
    between = (groups[:, None] != groups).astype(float)
    given = table(12, 2, groups=groups)
    found = correlations(Table(np.stack([given.matrices[0], between]), groups), draw(given), False)
    assert np.isnan(found.value[0, 1])
    ranked = correlations(Table(np.stack([given.matrices[0], between]), groups), draw(given), True)
    assert np.isnan(ranked.value[0, 1])


def test_some_of_the_predictors() -> None:
    given = table(10, 4)
    whole = correlations(given, draw(given), False)
    part = correlations(Table(given.matrices[[0, 3, 1]], given.groups), draw(given), False)
    chosen = whole.of([2, 0])
    np.testing.assert_allclose(chosen.value, part.value)
    np.testing.assert_allclose(chosen.shuffled, part.shuffled)
    np.testing.assert_allclose(chosen.halved, part.halved)
