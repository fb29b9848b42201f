"""The first-order scorers and the controls."""

from __future__ import annotations

import numpy as np
import pytest

from langgeo_core.api import (
    CellStatistics,
    Dense,
    InputStatistics,
    Layout,
    NumericalError,
    ScaledColumns,
    WeightMatrix,
    protocols,
)
from langgeo_core.comparison.pairwise import Recipe, compare
from langgeo_distances.angles import Correlation, Cosine
from langgeo_distances.norms import L1, L2
from langgeo_quantizers.continuous import Identity
from langgeo_scorers.features import (
    ActivationMean,
    ActivationNorm,
    ActivationProbability,
    HiddenMean,
    Magnitude,
    Random,
    Wanda,
)
from langgeo_scorers.options import ActivationOptions, RandomOptions


def statistics(language: str = "deu", name: str = "layers.0.q") -> InputStatistics:
    diagonal = np.array([0.0, 2.0, 5.0])
    return InputStatistics(diagonal, np.ones(3), np.ones(3), 0.25, 8, language, name)


def test_wanda_is_the_mean_squared_activation() -> None:
    assert Wanda(ActivationOptions()).feature_scores(statistics()).tolist() == [0.0, 2.0, 5.0]
    assert Wanda(ActivationOptions(damped=True)).feature_scores(statistics()).tolist() == [0.25, 2.25, 5.25]


def test_a_floor_is_a_share_of_the_median_and_leaves_the_rest_as_it_is() -> None:
    floored = ActivationNorm(ActivationOptions(floor=0.1)).feature_scores(statistics())
    assert floored.tolist() == [pytest.approx(0.2), 2.0, 5.0]
    with pytest.raises(ValueError, match="`damped` and `floor` exclude each other"):
        ActivationOptions(damped=True, floor=0.1)


@pytest.mark.parametrize(
    ("scorer", "field"),
    [(ActivationMean(), "mean"), (ActivationProbability(), "positive"), (HiddenMean(), "hidden")],
)
def test_a_statistic_without_the_weights(scorer: protocols.Scorer, field: str) -> None:
    values = np.array([-1.0, 0.5])
    assert scorer.feature_scores(InputStatistics(**{field: values})).tolist() == values.tolist()
    assert isinstance(scorer, protocols.WeightlessScorer) and not scorer.uses_weights


@pytest.mark.parametrize("distance", [L1(), L2(), Cosine(), Correlation()])
def test_negative_scores_have_one_distance_a_column_at_a_time_and_written_out(distance: protocols.Distance) -> None:
    random = np.random.default_rng(0)
    layout = Layout((WeightMatrix("a", 0, "a", 3, 5, "a"), WeightMatrix("b", 1, "b", 1, 4, "b")))
    means = ({"a": random.normal(size=5), "b": random.normal(size=4)} for _ in range(3))
    cells = [
        CellStatistics(who, 9, {name: InputStatistics(mean=values) for name, values in found.items()})
        for who, found in zip("xyz", means, strict=True)
    ]
    recipe = Recipe(ActivationMean(), Identity(), distance)
    by_column, written_out = (compare(cells, layout, NoWeights(), recipe, form) for form in (ScaledColumns, Dense))
    np.testing.assert_allclose(by_column.distances, written_out.distances, rtol=1e-6)
    assert (by_column.distances[np.triu_indices(3, 1)] > 0).all()


class NoWeights:
    def read(self, name: str) -> np.ndarray:
        raise AssertionError("it reads no weights")


def test_l2_of_negative_scores_by_hand() -> None:
    """(1, −1) and (−2, 3) in a matrix of one row: √((9 + 16) / 2)."""
    layout = Layout((WeightMatrix("a", 0, "a", 1, 2, "a"),))
    values = {"x": np.array([1.0, -1.0]), "y": np.array([-2.0, 3.0])}
    cells = [CellStatistics(who, 9, {"a": InputStatistics(hidden=found)}) for who, found in values.items()]
    found = compare(cells, layout, NoWeights(), Recipe(HiddenMean(), Identity(), L2())).distances
    np.testing.assert_allclose(found, [[0, 12.5**0.5], [12.5**0.5, 0]], rtol=1e-12)


def test_a_scorer_that_reads_what_was_not_gathered_is_named() -> None:
    layout = Layout((WeightMatrix("a", 0, "a", 1, 2, "a"),))
    cells = [CellStatistics(who, 9, {"a": InputStatistics(np.ones(2))}) for who in "xy"]
    with pytest.raises(NumericalError, match="ActivationMean gives 0 scores for the 2 of a") as caught:
        compare(cells, layout, NoWeights(), Recipe(ActivationMean(), Identity(), L2()))
    assert "statistics" in caught.value.hint


def test_only_the_activation_norm_leaves_the_weights_out() -> None:
    assert ActivationNorm(ActivationOptions()).uses_weights is False
    assert ActivationNorm(ActivationOptions()).feature_scores(statistics()).tolist() == [0.0, 2.0, 5.0]


def test_magnitude_is_the_same_for_every_language() -> None:
    assert Magnitude().feature_scores(statistics("deu")).tolist() == [1.0, 1.0, 1.0]


@pytest.mark.parametrize("other", [statistics("eng"), statistics(name="layers.1.q")])
def test_random_depends_on_language_input_and_seed_alone(other: InputStatistics) -> None:
    scorer = Random(RandomOptions())
    first = scorer.feature_scores(statistics())
    assert (first > 0).all()
    assert first.tolist() == Random(RandomOptions()).feature_scores(statistics()).tolist()
    assert first.tolist() != scorer.feature_scores(other).tolist()
    assert first.tolist() != Random(RandomOptions(seed=1)).feature_scores(statistics()).tolist()
