import numpy as np
import pytest
from pydantic import ValidationError

import langgeo_scorers
from langgeo_core.api import InputStatistics
from langgeo_core.calibration.gram import add_rows, empty_gram, input_statistics
from langgeo_scorers.features import SparseGPT
from langgeo_scorers.options import SparseGPTOptions


def scorer(**options: str) -> SparseGPT:
    return SparseGPT(SparseGPTOptions(**options))


def measured(inputs: np.ndarray) -> InputStatistics:
    gram = empty_gram(inputs.shape[1], np.float64)
    add_rows(gram, inputs)
    return input_statistics(gram, len(inputs), 0.01)


STATISTICS = InputStatistics(np.array([1.0, 3.0]), np.array([0.5, 0.25]), np.array([0.5, 0.2]), 0.02, 10)


def test_the_plugin_registers_a_record_that_loads():
    record = next(langgeo_scorers.langgeo_scorers())
    built = record.load("factory")(record.load("options")())
    assert record.name == "sparsegpt"
    assert set(record.statistics) == {"inverse_diagonal", "cholesky_diagonal"}
    np.testing.assert_array_equal(built.feature_scores(STATISTICS), [2, 4])


def test_the_diagonal_is_the_papers_unless_asked_for_the_codes():
    np.testing.assert_array_equal(scorer().feature_scores(STATISTICS), [2, 4])
    np.testing.assert_array_equal(scorer(diagonal="inverse").feature_scores(STATISTICS), [2, 4])
    np.testing.assert_array_equal(scorer(diagonal="cholesky").feature_scores(STATISTICS), [2, 5])
    with pytest.raises(ValidationError):
        SparseGPTOptions(diagonal="hessian")


def test_the_score_is_the_error_of_removing_a_weight_and_mending_the_others():
    # min over v of (w - v)ᵀ H (w - v) with v_j = 0 is w_j² / [H⁻¹]_jj.
    source = np.random.default_rng(0)
    inputs, weights = source.normal(size=(40, 6)) * np.arange(1, 7), source.normal(size=6)
    statistics = measured(inputs)
    H = inputs.T @ inputs / 40 + statistics.damping * np.eye(6)
    for j, score in enumerate(weights**2 * scorer().feature_scores(statistics)):
        others = np.delete(np.arange(6), j)
        change = np.zeros(6)
        change[j] = -weights[j]
        change[others] = np.linalg.solve(H[np.ix_(others, others)], H[others, j] * weights[j])
        assert score == pytest.approx(change @ H @ change, rel=1e-9)


def test_scores_lie_between_the_damping_and_the_damped_gram():
    statistics = measured(np.random.default_rng(1).normal(size=(5, 9)))
    for diagonal in ("inverse", "cholesky"):
        scores = scorer(diagonal=diagonal).feature_scores(statistics)
        assert scores.shape == (9,)
        assert (scores >= statistics.damping * (1 - 1e-9)).all()
        assert (scores <= (statistics.gram_diagonal + statistics.damping) * (1 + 1e-9)).all()
