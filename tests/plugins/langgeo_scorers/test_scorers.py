"""The first-order scorers and the controls."""

from __future__ import annotations

import numpy as np
import pytest

from langgeo_core.api import InputStatistics
from langgeo_scorers.features import ActivationNorm, Magnitude, Random, Wanda
from langgeo_scorers.options import ActivationOptions, RandomOptions


def statistics(language: str = "deu", name: str = "layers.0.q") -> InputStatistics:
    diagonal = np.array([0.0, 2.0, 5.0])
    return InputStatistics(diagonal, np.ones(3), np.ones(3), 0.25, 8, language, name)


def test_wanda_is_the_mean_squared_activation() -> None:
    assert Wanda(ActivationOptions()).feature_scores(statistics()).tolist() == [0.0, 2.0, 5.0]
    assert Wanda(ActivationOptions(damped=True)).feature_scores(statistics()).tolist() == [0.25, 2.25, 5.25]


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
