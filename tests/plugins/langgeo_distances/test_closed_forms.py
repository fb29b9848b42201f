"""Continuous and set distances: closed forms on columns against everything written out, and against scipy."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial.distance import pdist, squareform

from langgeo_core.api import Dense, KeptCounts, NumericalError, PackedBits, SeparableScores, WeightMatrix
from langgeo_distances.angles import Correlation, Cosine
from langgeo_distances.jaccard import Jaccard
from langgeo_distances.norms import L1, L2
from langgeo_quantizers.bits import Median, Quantile
from langgeo_quantizers.continuous import Identity, Logarithm
from langgeo_quantizers.options import MedianOptions, QuantileOptions

LANGUAGES = 6


def scores(rows: int, columns: int, seed: int) -> SeparableScores:
    rng = np.random.default_rng(seed)
    weights = rng.normal(size=(rows, columns)).astype(np.float32)
    weights[rng.random((rows, columns)) < 0.2] = 0.0
    factors = np.exp(rng.normal(size=(LANGUAGES, columns))).astype(np.float32)
    return SeparableScores(WeightMatrix(f"m{seed}", 0, "m", rows, columns, "m"), weights, factors)


GROUP = [scores(7, 5, 0), scores(4, 9, 1)]


def distances(distance, quantizer, form):
    fitted = quantizer.fit(GROUP) if hasattr(quantizer, "keep") else [quantizer.fit([one]) for one in GROUP]
    fits = fitted if isinstance(fitted, list) else [fitted] * len(GROUP)
    partials = [distance.partial(quantizer.encode(one, fit, form)) for one, fit in zip(GROUP, fits, strict=True)]
    return distance.finish(np.sum(partials, axis=0), sum(one.matrix.size for one in GROUP))


def written_out(quantizer) -> np.ndarray:
    return np.concatenate([quantizer.encode(one, None, Dense).values for one in GROUP], axis=1).astype(np.float64)


@pytest.mark.parametrize("quantizer", [Identity(), Logarithm()])
@pytest.mark.parametrize(
    ("distance", "metric"),
    [(L1(), "cityblock"), (L2(), "euclidean"), (Cosine(), "cosine"), (Correlation(), "correlation")],
)
def test_columns_give_what_everything_written_out_gives(quantizer, distance, metric) -> None:
    compact = distances(distance, quantizer, quantizer.forms()[0])
    general = distances(distance, quantizer, Dense)
    values = written_out(quantizer)
    scale = {"cityblock": values.shape[1], "euclidean": np.sqrt(values.shape[1])}.get(metric, 1.0)
    expected = squareform(pdist(values, metric)) / scale
    np.testing.assert_allclose(compact, expected, rtol=1e-6, atol=1e-6)
    np.testing.assert_allclose(general, expected, rtol=1e-9, atol=1e-12)


def test_logarithms_leave_zero_weights_out() -> None:
    nonzero = sum(int((one.weights != 0).sum()) for one in GROUP)
    assert written_out(Logarithm()).shape == (LANGUAGES, nonzero)


def test_a_feature_that_is_zero_in_every_language_is_left_out() -> None:
    one = scores(5, 4, 2)
    factors = one.feature_scores.copy()
    factors[:, 1] = 0.0
    alive = SeparableScores(one.matrix, one.weights, factors)
    kept = int((one.weights[:, [0, 2, 3]] != 0).sum())
    assert Logarithm().encode(alive, None, Dense).values.shape == (LANGUAGES, kept)


def test_a_feature_that_is_zero_in_one_language_has_no_logarithm() -> None:
    one = scores(5, 4, 2)
    factors = one.feature_scores.copy()
    factors[2, 1] = 0.0
    with pytest.raises(NumericalError, match=r"scorer\.floor=0\.001"):
        Logarithm().encode(SeparableScores(one.matrix, one.weights, factors), None, Logarithm().forms()[0])


@pytest.mark.parametrize("form", [KeptCounts, PackedBits])
def test_jaccard_is_scipys_on_the_unpacked_bits(form) -> None:
    quantizer = Median(MedianOptions())
    bits = np.concatenate(
        [np.stack([(one.dense(i) > t).ravel() for i, t in enumerate(quantizer.fit([one]))]) for one in GROUP], axis=1
    )
    expected = squareform(pdist(bits, "jaccard"))
    np.testing.assert_allclose(distances(Jaccard(), quantizer, form), expected, atol=1e-15)


def test_empty_sets_are_at_jaccard_distance_zero() -> None:
    matrix = WeightMatrix("m", 0, "m", 3, 2, "m")
    empty = KeptCounts(matrix, np.zeros((2, 2), dtype=np.int32))
    assert not Jaccard().finish(Jaccard().partial(empty), 6).any()


@pytest.mark.parametrize("keep", [0.1, 0.5, 0.75])
def test_the_quantile_keeps_at_most_its_share_and_no_less_than_ties_allow(keep) -> None:
    quantizer = Quantile(QuantileOptions(keep=keep))
    size = sum(one.matrix.size for one in GROUP)
    thresholds = quantizer.fit(GROUP)
    for language in range(LANGUAGES):
        values = np.concatenate([one.dense(language).ravel() for one in GROUP])
        assert (values > thresholds[language]).sum() <= int(keep * size)
        assert (values >= thresholds[language]).sum() > int(keep * size)


def test_values_that_do_not_vary_have_no_angle() -> None:
    matrix = WeightMatrix("m", 0, "m", 1, 3, "m")
    with pytest.raises(NumericalError, match="are constant"):
        Correlation().finish(Correlation().partial(Dense(matrix, np.ones((2, 3), dtype=np.float32))), 3)
