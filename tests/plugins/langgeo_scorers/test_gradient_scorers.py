"""Fisher and Taylor scores against each token's own gradient, by autograd on a layer of its own."""

from __future__ import annotations

import numpy as np
import pytest
import torch

import langgeo_scorers
from langgeo_core.config.resolve import build_component
from langgeo_core.contract.protocols import PerWeightScorer
from langgeo_scorers.gradients import Fisher, Gradient, Taylor
from langgeo_scorers.options import FisherOptions

TOKENS, ROWS, COLUMNS = 7, 3, 4


def each_token() -> tuple[torch.Tensor, torch.Tensor, np.ndarray, np.ndarray]:
    """Inputs, gradients of the outputs, (tokens, rows, columns) gradients of the weight at each token, the weight."""
    generator = torch.Generator().manual_seed(0)
    inputs = torch.randn(TOKENS, COLUMNS, generator=generator, dtype=torch.float64)
    weight = torch.randn(ROWS, COLUMNS, generator=generator, dtype=torch.float64)
    mix = torch.randn(TOKENS, TOKENS, generator=generator, dtype=torch.float64)
    copies = weight.expand(TOKENS, ROWS, COLUMNS).clone().requires_grad_()
    outputs = torch.einsum("tj,tij->ti", inputs, copies)
    outputs.retain_grad()
    # Tokens see each other, as in attention, and the loss is anything but linear.
    torch.logsumexp(torch.tanh(mix @ outputs) ** 2 + outputs, dim=1).sum().backward()
    return inputs, outputs.grad, copies.grad.numpy(), weight.numpy()


def test_fisher_is_the_mean_of_squared_gradients():
    inputs, gradients, each, weight = each_token()
    scorer = Fisher(FisherOptions())
    summed = scorer.accumulate(inputs, gradients).numpy()
    np.testing.assert_allclose(summed, np.square(each).sum(axis=0), rtol=1e-12)
    scores = scorer.scores(summed.astype(np.float32), weight.astype(np.float32), TOKENS)
    assert scores.dtype == np.float32
    np.testing.assert_allclose(scores, weight**2 * np.square(each).mean(axis=0), rtol=1e-5)


def test_fisher_without_weights_of_the_gradient_of_a_window():
    inputs, gradients, each, weight = each_token()
    scorer = Fisher(FisherOptions(weights=False, gradient="window"))
    assert scorer.statistic != Fisher(FisherOptions(weights=False)).statistic
    summed = scorer.accumulate(inputs, gradients).numpy()
    np.testing.assert_allclose(summed, np.square(each.sum(axis=0)), rtol=1e-12)
    scores = scorer.scores(summed.astype(np.float32), weight.astype(np.float32), TOKENS)
    np.testing.assert_allclose(scores, np.square(each.sum(axis=0)) / TOKENS, rtol=1e-5)


def test_taylor_is_the_square_of_weight_times_mean_gradient():
    inputs, gradients, each, weight = each_token()
    scorer = Taylor()
    summed = scorer.accumulate(inputs, gradients).numpy()
    np.testing.assert_allclose(summed, each.sum(axis=0), rtol=1e-12)
    scores = scorer.scores(summed.astype(np.float32), weight.astype(np.float32), TOKENS)
    assert scores.dtype == np.float32
    np.testing.assert_allclose(scores, (weight * each.mean(axis=0)) ** 2, rtol=1e-4)


def test_gradient_keeps_its_sign():
    inputs, gradients, each, weight = each_token()
    scorer = Gradient()
    summed = scorer.accumulate(inputs, gradients).numpy()
    scores = scorer.scores(summed.astype(np.float32), weight.astype(np.float32), TOKENS)
    assert scores.dtype == np.float32 and (scores < 0).any()
    np.testing.assert_allclose(scores, each.mean(axis=0), rtol=1e-5)
    assert scorer.statistic == Taylor().statistic


def test_tokens_that_pull_apart_cancel_in_taylor_alone():
    inputs, gradients = torch.ones(2, 1), torch.tensor([[2.0], [-2.0]])
    weight = np.ones((1, 1), dtype=np.float32)
    scorers = Fisher(FisherOptions()), Taylor()
    found = [scorer.scores(scorer.accumulate(inputs, gradients).numpy(), weight, 2) for scorer in scorers]
    np.testing.assert_array_equal(found, [[[4.0]], [[0.0]]])


@pytest.mark.parametrize("scorer", [Fisher(FisherOptions()), Taylor()])
def test_some_rows_score_as_they_do_in_the_whole(scorer: PerWeightScorer):
    inputs, gradients, _, weight = each_token()
    summed, weights = scorer.accumulate(inputs, gradients).float().numpy(), weight.astype(np.float32)
    whole = scorer.scores(summed, weights, TOKENS)
    np.testing.assert_array_equal(scorer.scores(summed[1:], weights[1:], TOKENS), whole[1:])
    assert (whole >= 0).all()


def test_records_and_classes_agree():
    records = [record for record in langgeo_scorers.langgeo_scorers() if record.per_weight]
    assert [record.name for record in records] == ["fisher", "gradient", "taylor"]
    built = [build_component("scorers", record.name) for record in records]
    assert all(
        record.per_weight and isinstance(scorer, PerWeightScorer) for record, scorer in zip(records, built, strict=True)
    )
    assert len({scorer.statistic for scorer in built}) == 2
