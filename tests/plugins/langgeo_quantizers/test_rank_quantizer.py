from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from scipy.stats import rankdata, spearmanr
from score_cases import per_weight, separable, written_out
from tiny_models import one_thread

from langgeo_core.api import Dense, UserError
from langgeo_distances.angles import Correlation
from langgeo_quantizers.options import RankOptions
from langgeo_quantizers.ranks import Rank


@pytest.fixture(scope="module", autouse=True)
def quick() -> Iterator[None]:
    with one_thread():
        yield


def ranks(values: np.ndarray, scope: str, rows: int = 100) -> np.ndarray:
    """(languages, rows, columns) ranks, encoded some rows at a time."""
    scores, quantizer = per_weight(values), Rank(RankOptions(scope=scope))
    fitted = quantizer.fit([scores])
    starts = range(0, scores.matrix.rows, rows)
    blocks = [scores.block(start, min(start + rows, scores.matrix.rows)) for start in starts]
    parts = [quantizer.encode(block, fitted, Dense).values for block in blocks]
    return np.concatenate(parts, axis=1).reshape(values.shape)


def test_ties_share_the_mean_of_their_ranks():
    values = np.array([[[0.0, 2.0, 0.0], [1.0, 2.0, 2.0]]])
    np.testing.assert_allclose(ranks(values, "matrix") * 6, [[[1.5, 5, 1.5], [3, 5, 5]]])
    np.testing.assert_allclose(ranks(values, "row") * 3, [[[1.5, 3, 1.5], [1, 2.5, 2.5]]])


SHAPES = array_shapes(min_dims=3, max_dims=3, max_side=7)


@settings(deadline=None, max_examples=40)
@given(values=arrays(np.float32, SHAPES, elements=st.sampled_from([0, 1e-40, 0.125, 1, 1.5, 2, 1e30])))
def test_ranks_are_scipys(values: np.ndarray):
    by_row = rankdata(values, axis=2) / values.shape[2]
    flat = values.reshape(len(values), -1)
    whole = rankdata(flat, axis=1).reshape(values.shape) / flat.shape[1]
    for rows in (2, 100):
        np.testing.assert_allclose(ranks(values, "row", rows), by_row, rtol=1e-7)
        np.testing.assert_allclose(ranks(values, "matrix", rows), whole, rtol=1e-7)


def test_their_correlation_is_spearmans():
    scores = separable(30, 17)
    found = Correlation()
    quantizer = Rank(RankOptions())
    partial = found.partial(quantizer.encode(scores, quantizer.fit([scores]), Dense))
    expected = 1 - spearmanr(written_out(scores).reshape(4, -1), axis=1).statistic
    np.testing.assert_allclose(found.finish(partial, scores.matrix.size), expected, atol=1e-6)


def test_what_takes_too_much_memory_is_refused_with_what_to_do():
    scores = separable(1000, 100, languages=4)
    needed = 4 * 1000 * 100 * 4 / 2**30
    assert Rank(RankOptions(memory=needed * 1.01)).fit([scores]) is not None
    with pytest.raises(UserError, match=r"4 languages for m0 take 0\.00 GiB") as refused:
        Rank(RankOptions(memory=needed * 0.99)).fit([scores])
    for remedy in ("quantizer.scope=row", "quantizer=n-bit", "quantizer.bits=8", "quantizer.memory"):
        assert remedy in refused.value.hint
    assert Rank(RankOptions(scope="row", memory=needed / 2)).fit([scores]) is None
