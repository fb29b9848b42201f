"""`whiten-within` against explicit features, its invariances, and what it refuses."""

from __future__ import annotations

import logging
from itertools import product
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.spatial.distance import pdist, squareform
from scipy.stats import kstest
from sklearn.covariance import ledoit_wolf as published
from transform_cases import between, cloud

from langgeo_core.api import DistanceMatrix, NumericalError, UserError
from langgeo_transforms.options import WhitenWithinOptions
from langgeo_transforms.residuals import Within, ledoit_wolf
from langgeo_transforms.whiten_within import WhitenWithin

Float64 = NDArray[np.float64]


def features(languages: int, replicates: int, axes: int, seed: int = 0) -> Float64:
    """(languages, replicates, axes) languages with one uneven variation within."""
    random = np.random.default_rng(seed)
    uneven = random.normal(size=(axes, axes)) * np.linspace(0.1, 1, axes)
    within = random.normal(size=(languages, replicates, axes)) @ uneven
    return random.normal(size=(languages, 1, axes)) * 1.5 + within


def apart(points: Float64) -> DistanceMatrix:
    languages, replicates, axes = points.shape
    ids = tuple(f"l{one}/{number}" for one, number in product(range(languages), range(replicates)))
    return DistanceMatrix(ids, squareform(pdist(points.reshape(-1, axes))))


def whiten(*members: DistanceMatrix, **options: Any) -> tuple[DistanceMatrix, DistanceMatrix]:
    transform = WhitenWithin(WhitenWithinOptions.model_validate(options))
    return transform.of_replicates({f"m--{place}": one for place, one in enumerate(members)})


def languages_of(*members: DistanceMatrix, **options: Any) -> Float64:
    return whiten(*members, **options)[0].values


class Explicit:
    """The same from the features themselves, one pair at a time."""

    def __init__(self, points: Float64, shrinkage: float, metric: str, align: str) -> None:
        aligned = align == "lines"
        self.points = points - (points.mean(axis=0) if aligned else points.mean(axis=(0, 1)))
        self.means, self.metric, self.aligned = self.points.mean(axis=1), metric, aligned
        self.residuals = self.points - self.means[:, None]
        self.everyone = list(range(len(points)))
        eigenvalues = np.linalg.eigvalsh(self.covariance(self.everyone))
        self.level = shrinkage * eigenvalues[eigenvalues > 1e-9 * eigenvalues.max()].mean()

    def covariance(self, languages: list[int]) -> Float64:
        freedom = max(1, len(languages) - self.aligned) * (self.points.shape[1] - 1)
        flat = self.residuals[languages].reshape(-1, self.points.shape[2])
        found: Float64 = flat.T @ flat / freedom
        return found

    def distance(self, one: Float64, other: Float64, languages: list[int]) -> float:
        inverse = np.linalg.inv(self.covariance(languages) + self.level * np.eye(len(one)))
        if self.metric == "mahalanobis":
            return float(np.sqrt((one - other) @ inverse @ (one - other)))
        return float(1 - one @ inverse @ other / np.sqrt((one @ inverse @ one) * (other @ inverse @ other)))

    def of_means(self) -> Float64:
        pairs = [[self.distance(one, other, self.everyone) for other in self.means] for one in self.means]
        return np.array(pairs)

    def of_replicates(self) -> Float64:
        n, count, _ = self.points.shape
        found = np.zeros((n, count, n, count))
        for a, b in product(range(n), range(n)):
            others = [one for one in self.everyone if one not in (a, b)]
            for r, s in product(range(count), range(count)) if a != b else ():
                found[a, r, b, s] = self.distance(self.points[a, r], self.points[b, s], others)
                found[a, r, a, s] += self.distance(self.points[a, r], self.points[a, s], others) / (n - 1)
        return found.reshape(n * count, -1)


@pytest.mark.parametrize("align", ["none", "lines"])
@pytest.mark.parametrize("metric", ["cosine", "mahalanobis"])
@pytest.mark.parametrize(
    ("shape", "shrinkage"), [((6, 3, 5), 0.1), ((5, 2, 40), 0.03), ((2, 4, 4), 0.3), ((4, 7, 6), 1)]
)
def test_it_is_what_the_features_give(shape: tuple[int, int, int], shrinkage: float, metric: str, align: str) -> None:
    points = features(*shape)
    expected = Explicit(points, shrinkage, metric, align)
    means, replicates = whiten(apart(points), shrinkage=shrinkage, metric=metric, align=align)
    assert means.ids == tuple(f"l{one}" for one in range(shape[0]))
    np.testing.assert_allclose(means.values, expected.of_means(), atol=1e-9)
    np.testing.assert_allclose(replicates.values, expected.of_replicates(), atol=1e-9)


def test_by_hand() -> None:
    """Replicates differ along y alone, with variance 2; λ is half of that, so y counts a third and x counts whole."""
    centres, up = np.array([[1.0, 0], [-1, 0], [0, 3]]), np.array([0, 1])
    points = np.stack([centres - up, centres + up], axis=1)
    found = languages_of(apart(points), shrinkage=0.5, metric="mahalanobis")
    np.testing.assert_allclose(found, [[0, 2, 2], [2, 0, 2], [2, 2, 0]], atol=1e-12)


def test_parallel_lines_take_what_they_do_to_all_languages_with_them() -> None:
    points = features(5, 4, 6)
    lines = np.random.default_rng(3).normal(size=(1, 4, 6)) * 10
    plain = languages_of(apart(points), align="lines")
    np.testing.assert_allclose(languages_of(apart(points + lines), align="lines"), plain, atol=1e-9)
    assert np.abs(languages_of(apart(points + lines)) - languages_of(apart(points))).max() > 0.01


@pytest.mark.parametrize("options", [{}, {"shrinkage": "auto", "align": "lines"}, {"metric": "mahalanobis"}])
def test_the_order_of_languages_and_replicates_does_not_matter(options: dict[str, Any]) -> None:
    matrix = apart(features(5, 3, 8))
    turned = matrix.subset(np.random.default_rng(0).permutation(matrix.ids).tolist())
    for one, other in zip(whiten(matrix, **options), whiten(turned, **options), strict=True):
        np.testing.assert_allclose(other.subset(one.ids).values, one.values, atol=1e-9)
    assert whiten(turned)[1].ids == turned.ids
    renumbered = DistanceMatrix(tuple(f"{one[:3]}{'201'[int(one[3])]}" for one in matrix.ids), matrix.values)
    np.testing.assert_allclose(languages_of(renumbered, **options), languages_of(matrix, **options), atol=1e-9)


@pytest.mark.parametrize("metric", ["cosine", "mahalanobis"])
def test_scale_and_directions_of_the_space_do_not_matter(metric: str) -> None:
    points = features(6, 3, 4)
    plain = languages_of(apart(points), metric=metric)
    np.testing.assert_allclose(languages_of(apart(points * 1000), metric=metric), plain, atol=1e-9)
    sheared = points @ np.random.default_rng(1).normal(size=(4, 4))
    one, other = (languages_of(apart(given), metric=metric, shrinkage=0) for given in (points, sheared))
    np.testing.assert_allclose(one, other, atol=1e-8)


def test_as_much_shrinkage_as_there_can_be_is_no_whitening() -> None:
    points = features(6, 3, 10)
    means = points.mean(axis=1) - points.mean(axis=(0, 1))
    lengths = np.linalg.norm(means, axis=1)
    expected = 1 - means @ means.T / np.outer(lengths, lengths)
    np.testing.assert_allclose(languages_of(apart(points), shrinkage=1e9), expected, atol=1e-8)


# Ledoit and Wolf


def share(points: Float64, align: bool = False) -> float:
    return ledoit_wolf(Within.of(apart(points).values ** 2, points.shape[1], align, 1000))


@pytest.mark.parametrize("seed", range(4))
def test_the_share_of_differences_is_the_published_one(seed: int) -> None:
    points = features(30, 2, 5, seed)
    differences = (points[:, 0] - points[:, 1]) / np.sqrt(2)
    _, expected = published(differences, assume_centered=True)
    assert share(points) == pytest.approx(expected, abs=1e-9)
    assert 0 < expected < 1


@pytest.mark.parametrize("align", [False, True])
def test_the_share_of_several_replicates_is_that_of_their_covariances(align: bool) -> None:
    points = features(7, 4, 5)
    explicit = Explicit(points, 0, "cosine", "lines" if align else "none")
    pooled, n = explicit.covariance(explicit.everyone), 7
    own = [one.T @ one / (3 * (n - align)) * n for one in explicit.residuals]
    np.testing.assert_allclose(np.mean(own, axis=0), pooled, atol=1e-12)
    noise = sum(np.linalg.norm(one - pooled) ** 2 for one in own) / n**2
    spread = np.linalg.norm(pooled - np.trace(pooled) / 5 * np.eye(5)) ** 2
    assert share(points, align) == pytest.approx(noise / spread, abs=1e-9)


def test_an_estimated_share_is_what_is_used() -> None:
    points = features(30, 2, 5)
    own = share(points)
    expected = languages_of(apart(points), shrinkage=own / (1 - own))
    np.testing.assert_allclose(languages_of(apart(points), shrinkage="auto"), expected, atol=1e-9)
    even = np.random.default_rng(0).normal(size=(6, 3, 50))
    np.testing.assert_allclose(
        languages_of(apart(even), shrinkage="auto"), languages_of(apart(even), shrinkage=1e9), atol=1e-7
    )


# Several models and corpora


def test_together_they_are_one_space_in_which_each_counts_alike() -> None:
    one, other = features(5, 3, 4, 1), features(5, 3, 6, 2)
    scales = [np.sqrt((apart(given).values ** 2).sum()) for given in (one, other)]
    joined = apart(np.concatenate([one / scales[0], other / scales[1]], axis=2))
    for given in ((one, other), (one * 7, other)):
        for found, expected in zip(whiten(*map(apart, given)), whiten(joined), strict=True):
            np.testing.assert_allclose(found.values, expected.values, atol=1e-9)


def test_apart_each_is_whitened_and_then_their_mean_is_taken() -> None:
    members = [apart(features(5, 3, axes)) for axes in (4, 6)]
    found = whiten(*members, ensemble="apart")
    for place in (0, 1):
        expected = np.mean([whiten(one)[place].values for one in members], axis=0)
        np.testing.assert_allclose(found[place].values, expected, atol=1e-12)


@pytest.mark.parametrize("ensemble", ["together", "apart"])
def test_every_model_and_corpus_needs_every_language(ensemble: str) -> None:
    with pytest.raises(NumericalError, match="m--1 and another differ in l4"):
        whiten(apart(features(5, 3, 4)), apart(features(4, 3, 4)), ensemble=ensemble)


# Many replicates


def test_beyond_the_limit_the_largest_axes_are_found_and_the_error_is_said(caplog: pytest.LogCaptureFixture) -> None:
    random = np.random.default_rng(0)
    falling = np.geomspace(1, 0.001, 150)
    points = random.normal(size=(20, 1, 150)) * 0.3 + random.normal(size=(20, 6, 150)) * falling
    matrix = apart(points)
    options = {"metric": "mahalanobis", "shrinkage": 0.1}
    exact, replicates = whiten(matrix, **options)
    with caplog.at_level(logging.INFO, logger="langgeo"):
        found, among = whiten(matrix, **options, exact_up_to=119)
    assert "29 axes with 9" in caplog.messages[-1]
    bound = float(caplog.messages[-1].split("at most ")[1].split()[0])
    ratios = found.values[np.triu_indices(20, 1)] ** 2 / exact.values[np.triu_indices(20, 1)] ** 2
    assert 1 - 1e-9 < ratios.min() < ratios.max() < 1 + bound
    assert ratios.max() > 1.001
    upper = np.triu_indices(120, 1)
    assert (among.values[upper] / replicates.values[upper]).max() < 1 + bound
    np.testing.assert_array_equal(whiten(matrix, **options, exact_up_to=119)[0].values, found.values)
    few = points * (falling > 0.4)
    exact, found = (languages_of(apart(few), exact_up_to=limit) for limit in (1000, 100))
    np.testing.assert_allclose(found, exact, atol=1e-9)


# What it refuses, and the ends of the scale


def test_one_distance_a_language_has_no_replicates() -> None:
    with pytest.raises(UserError, match=r"there are none\n  set reliability\.replicates"):
        WhitenWithin(WhitenWithinOptions()).transform(between(cloud(5)), ())
    with pytest.raises(NumericalError, match="two languages with two replicates"):
        whiten(apart(features(5, 1, 3)))


def test_unequal_numbers_and_missing_pairs_are_named() -> None:
    matrix = apart(features(4, 3, 3))
    with pytest.raises(NumericalError, match="of 3 some are missing of l1, l2"):
        whiten(matrix.subset(one for one in matrix.ids if one not in ("l1/0", "l2/2")))
    values = matrix.values.copy()
    values[0, 4] = values[4, 0] = np.nan
    with pytest.raises(NumericalError, match=r"whiten-within needs every pair .*: l0/0\n"):
        whiten(DistanceMatrix(matrix.ids, values))


def test_distances_that_are_not_euclidean_are_refused() -> None:
    matrix = apart(features(6, 3, 4))
    for values in (matrix.values**2, np.where(np.eye(18), 0, matrix.values.max() - matrix.values / 2)):
        with pytest.raises(NumericalError, match=r"needs Euclidean distances.*negative") as caught:
            whiten(DistanceMatrix(matrix.ids, values))
        assert "hamming" in caught.value.hint


def test_without_shrinkage_the_covariance_must_not_be_singular() -> None:
    explicit = Explicit(features(9, 3, 5), 0, "mahalanobis", "none")
    found = languages_of(apart(features(9, 3, 5)), shrinkage=0, metric="mahalanobis")
    np.testing.assert_allclose(found, explicit.of_means(), atol=1e-9)
    for axes in (12, 40):  # more than the degrees of freedom without two of five languages, and than those of all
        with pytest.raises(NumericalError, match="not singular") as caught:
            whiten(apart(features(5, 4, axes)), shrinkage=0)
        assert "shrinkage" in caught.value.hint


def test_replicates_that_do_not_differ_are_refused() -> None:
    with pytest.raises(NumericalError, match="no variation within languages"):
        whiten(apart(np.repeat(features(4, 1, 3), 3, axis=1)))


def test_little_variation_is_exact_to_its_share_and_less_is_refused() -> None:
    random = np.random.default_rng(0)
    centres, noise = random.normal(size=(6, 1, 5)), random.normal(size=(6, 3, 5))
    faint = centres + 1e-4 * noise
    found = languages_of(apart(faint))
    np.testing.assert_allclose(found, Explicit(faint, 0.1, "cosine", "none").of_means(), atol=1e-5)
    with pytest.raises(NumericalError, match="but for rounding"):
        whiten(apart(centres + 1e-7 * noise))


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("ensemble", ["together", "apart"])
def test_zeros_stay_zeros(ensemble: str) -> None:
    zeros = apart(np.zeros((4, 3, 2)))
    means, replicates = whiten(zeros, zeros, ensemble=ensemble)
    assert not means.values.any() and not replicates.values.any()
    one = apart(features(4, 3, 5))
    np.testing.assert_allclose(languages_of(zeros, one), languages_of(one), atol=1e-12)


# Whitening creates no signal


def chances(draws: int, axes: int, replicates: int, options: dict[str, Any]) -> Float64:
    """(4, draws) p of the nearest neighbours' agreement with classes, of the distances within them, of the mean average
    precision, and of that across two scripts with labels shuffled within them.

    The twelve languages differ by noise alone, which is uneven, and stronger in some; ties are broken at random.
    """
    random = np.random.default_rng(0)
    classes, scripts, found = np.repeat(np.arange(4), 3), np.array([0, 0, 1] * 4), []
    for _ in range(draws):
        uneven = random.normal(size=(axes, axes)) * np.geomspace(0.01, 1, axes)
        strength = random.uniform(0.5, 2, size=(12, 1, 1))
        matrix = languages_of(apart(strength * random.normal(size=(12, replicates, axes)) @ uneven), **options)
        nearest = np.where(np.eye(12), np.inf, matrix).argmin(axis=1)
        shuffled = np.array([classes, *(random.permutation(classes) for _ in range(99))])
        same = shuffled[:, :, None] == shuffled[:, None]
        figures = [(shuffled == np.take_along_axis(shuffled, nearest[None], 1)).sum(axis=1)]
        figures.append(-(same * matrix).sum(axis=(1, 2)))
        figures.append(_precision(matrix, same, ~np.eye(12, dtype=bool)))
        for script in (0, 1):
            rows = np.flatnonzero(scripts == script)
            shuffled[1:, rows] = random.permuted(np.tile(classes[rows], (99, 1)), axis=1)
        within = shuffled[:, :, None] == shuffled[:, None]
        figures.append(_precision(matrix, within, scripts[:, None] != scripts))
        found.append([_chance(one, random) for one in figures])
    return np.array(found).T


def _precision(matrix: Float64, same: NDArray[np.bool_], allowed: NDArray[np.bool_]) -> Float64:
    """(batch,) mean average precision of (n, n) distances without ties for (batch, n, n) relations."""
    order = np.where(allowed, matrix, np.inf).argsort(axis=1)
    relatives = np.take_along_axis(same & allowed, order[None], axis=2)
    precision = relatives.cumsum(axis=2) / np.arange(1, len(matrix) + 1)
    counts = relatives.sum(axis=2)
    each = (precision * relatives).sum(axis=2) / np.maximum(counts, 1)
    return np.asarray(each.sum(axis=1) / np.maximum((counts > 0).sum(axis=1), 1))


def _chance(figures: Float64, random: np.random.Generator) -> float:
    above, level = (figures[1:] > figures[0]).sum(), (figures[1:] == figures[0]).sum() + 1
    return float((above + random.uniform() * level) / len(figures))


def test_languages_that_differ_by_noise_alone_stay_so() -> None:
    for found in chances(60, 30, 3, {}):
        assert kstest(found, "uniform").pvalue > 0.01


@pytest.mark.slow
@pytest.mark.parametrize("options", [{}, {"metric": "mahalanobis"}, {"shrinkage": "auto"}, {"align": "lines"}], ids=str)
@pytest.mark.parametrize(("axes", "replicates"), [(10, 4), (200, 2), (200, 8)])
def test_no_signal_in_a_thousand_draws(axes: int, replicates: int, options: dict[str, Any]) -> None:
    for found in chances(1000, axes, replicates, options):
        assert kstest(found, "uniform").pvalue > 0.001
