from __future__ import annotations

import numpy as np
import pytest
from score_cases import as_per_weight, per_weight, separable, written_out

from langgeo_core.api import Dense, Densities, NumericalError
from langgeo_quantizers.continuous import Identity, Logarithm


def test_scores_of_any_form_are_written_out_as_they_are():
    scores = separable(6, 5)
    found = Identity().encode(as_per_weight(scores), None, Dense)
    np.testing.assert_array_equal(found.values, written_out(scores).reshape(4, -1))


def test_densities_of_some_rows_know_the_mean_of_the_whole_matrix():
    scores = separable(6, 5)
    for whole in (scores, as_per_weight(scores)):
        part = Identity().encode(whole.block(2, 4), Identity().fit([whole]), Densities)
        np.testing.assert_allclose(part.means, written_out(scores).mean(axis=(1, 2), dtype=np.float64))
        np.testing.assert_array_equal(part.values, written_out(scores)[:, 2:4].reshape(4, -1))


def test_the_means_are_read_once_and_only_when_they_are_needed():
    scores, read = as_per_weight(separable(6, 5)), []
    watched = type(scores)(scores.matrix, 4, lambda *rows: (read.append(rows), scores.read(*rows))[1])
    fitted = Identity().fit([watched])
    Identity().encode(scores, fitted, Dense)
    assert not read
    for _ in range(2):
        Identity().encode(scores, fitted, Densities)
    assert len(read) == 4


def test_logarithms_leave_out_what_is_zero_for_every_language():
    values = np.random.default_rng(0).gamma(1.0, size=(3, 4, 5)).astype(np.float32)
    values[:, 1, 2] = values[:, 3, 0] = 0
    found = Logarithm().encode(per_weight(values), None, Dense).values
    flat = values.reshape(3, -1)
    np.testing.assert_allclose(found, np.log(flat[:, flat[0] > 0]), rtol=1e-6)


def test_a_weight_that_is_zero_in_one_language_has_no_logarithm():
    values = np.ones((3, 4, 5))
    values[1, 2, 3] = 0
    with pytest.raises(NumericalError, match="zero in some languages only") as refused:
        Logarithm().encode(per_weight(values), None, Dense)
    assert "n-bit" in refused.value.hint


def test_logarithms_are_the_same_on_both_roads():
    scores = separable(6, 5)
    found = [Logarithm().encode(part, None, Dense).values for part in (scores, as_per_weight(scores))]
    np.testing.assert_allclose(*found, rtol=1e-5, atol=1e-6)
