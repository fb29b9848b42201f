"""`same-lines` against means of cosines of points."""

from __future__ import annotations

import numpy as np
import pytest

from langgeo_core.api import DistanceMatrix, NumericalError, replicate_id
from langgeo_transforms.same_lines import SameLines

LANGUAGES, LINES = ("deu", "eng", "fra"), 4


def of_points(points: np.ndarray) -> DistanceMatrix:
    """The roots of 1 - cos among (languages, lines, features) points."""
    flat = points.reshape(-1, points.shape[-1])
    unit = flat / np.linalg.norm(flat, axis=1, keepdims=True)
    values = np.sqrt(np.maximum(1 - unit @ unit.T, 0))
    np.fill_diagonal(values, 0)
    return DistanceMatrix(
        tuple(replicate_id(language, line) for language in LANGUAGES for line in range(LINES)), values
    )


def test_it_is_one_less_the_mean_cosine_of_the_same_lines() -> None:
    points = np.random.default_rng(0).normal(size=(3, LINES, 5))
    unit = points / np.linalg.norm(points, axis=2, keepdims=True)
    expected = 1 - np.einsum("alf,blf->ab", unit, unit) / LINES
    np.fill_diagonal(expected, 0)
    found, lines = SameLines().of_replicates({"model--corpus": of_points(points)})
    assert found.ids == LANGUAGES
    np.testing.assert_allclose(found.values, expected, atol=1e-12)
    np.testing.assert_allclose(lines.values, of_points(points).values ** 2)


def test_models_count_equally_whatever_their_order_of_lines() -> None:
    rng = np.random.default_rng(1)
    one, other = of_points(rng.normal(size=(3, LINES, 5))), of_points(rng.normal(size=(3, LINES, 2)))
    found, _ = SameLines().of_replicates({"a--c": one, "b--c": other.subset(other.ids[::-1])})
    alone = [SameLines().of_replicates({"x": matrix})[0].values for matrix in (one, other)]
    np.testing.assert_allclose(found.values, np.mean(alone, axis=0))


def test_a_line_that_is_missing_is_refused() -> None:
    whole = of_points(np.random.default_rng(2).normal(size=(3, LINES, 5)))
    with pytest.raises(NumericalError, match="same-lines needs every line of every language"):
        SameLines().of_replicates({"model--corpus": whole.subset(whole.ids[1:])})
