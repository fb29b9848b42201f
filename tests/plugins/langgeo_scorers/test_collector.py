"""Gradients of every weight at every token: what hooks catch against autograd written out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from tiny_models import TinyModel, config, one_thread, random_windows
from torch import nn
from torch.nn.functional import cross_entropy
from transformers import AutoModelForCausalLM

from langgeo_core.api import NumericalError
from langgeo_core.calibration.inputs import find_layout
from langgeo_core.calibration.windows import Windows
from langgeo_core.contract.protocols import PerWeightScorer
from langgeo_core.contract.types import WeightSums
from langgeo_scorers.collector import GradientCollector

WINDOWS = random_windows(1, 9, 12, 5, 12)
FAMILIES = ["llama", "mistral", "gemma3_text", "qwen2", "gpt2"]


@dataclass(frozen=True)
class TinyCausal(TinyModel):
    causal: nn.Module = None


class Signed:
    """Σ_t δ_ti x_tj."""

    statistic = "gradient/test"

    def accumulate(self, inputs: torch.Tensor, gradients: torch.Tensor) -> torch.Tensor:
        return gradients.T @ inputs

    def scores(self, statistic: np.ndarray, weights: np.ndarray, tokens: int) -> np.ndarray:
        return np.abs(statistic)


class Squared(Signed):
    """Σ_t (δ_ti x_tj)²."""

    def accumulate(self, inputs: torch.Tensor, gradients: torch.Tensor) -> torch.Tensor:
        return gradients.square().T @ inputs.square()


@pytest.fixture(scope="module", autouse=True)
def quick() -> Iterator[None]:
    with one_thread():
        yield


def model(family: str = "llama", dtype: torch.dtype = torch.float64) -> TinyCausal:
    torch.manual_seed(0)
    causal = AutoModelForCausalLM.from_config(config(family))
    with torch.no_grad():
        for name, parameter in causal.named_parameters():
            if parameter.dim() > 1:
                parameter.normal_(std=0.3, generator=torch.Generator().manual_seed(sum(name.encode())))
    causal = causal.to(dtype).eval()
    return TinyCausal(causal.base_model, causal=causal)


def collect(tiny: TinyCausal, windows: Windows, scorer: PerWeightScorer, bos: bool = True) -> WeightSums:
    layout = find_layout(tiny.network, [3] * 4)
    with GradientCollector(tiny, layout, scorer, bos) as collector:
        return collector.collect("xyz", windows).statistics


def loss(tiny: TinyCausal, ids: list[int]) -> torch.Tensor:
    tokens = torch.tensor([ids])
    logits = tiny.causal(input_ids=tokens, attention_mask=torch.ones_like(tokens)).logits
    return cross_entropy(logits[0, :-1], tokens[0, 1:], reduction="sum")


def token_gradients(tiny: TinyCausal, name: str, ids: list[int], patch: pytest.MonkeyPatch) -> np.ndarray:
    """(tokens, rows, columns): the gradient of a matrix that every token has a copy of."""
    layer = tiny.network.get_submodule(name)
    weight = layer.weight.detach() if isinstance(layer, nn.Linear) else layer.weight.detach().T
    copies = weight.expand(len(ids), *weight.shape).clone().requires_grad_()
    bias = 0 if layer.bias is None else layer.bias.detach()
    with patch.context() as patched:
        patched.setattr(layer, "forward", lambda x: torch.einsum("btj,tij->bti", x, copies) + bias)
        loss(tiny, ids).backward()
    return copies.grad.numpy()


@pytest.mark.parametrize("family", FAMILIES)
def test_sums_are_those_of_every_tokens_own_gradient(family: str, monkeypatch: pytest.MonkeyPatch):
    tiny = model(family)
    squared, signed = collect(tiny, WINDOWS, Squared()), collect(tiny, WINDOWS, Signed())
    assert (squared.language, squared.tokens, squared.statistic) == ("xyz", 38, "gradient/test")
    names = [matrix.name for matrix in find_layout(tiny.network, [3] * 4).matrices]
    assert list(squared.sums) == names
    for name in (names[0], names[2], names[-1], names[-2]):
        rows = [token_gradients(tiny, name, [1, *window], monkeypatch)[1:] for window in WINDOWS.ids]
        each = np.concatenate(rows)
        assert len(each) == 38
        np.testing.assert_allclose(squared.sums[name], np.square(each).sum(axis=0), rtol=1e-9, atol=1e-15)
        np.testing.assert_allclose(signed.sums[name], each.sum(axis=0), rtol=1e-9, atol=1e-12)
        assert (squared.sums[name] > 0).any()


@pytest.mark.parametrize("batch", [1, 3, 8])
def test_padded_batches_of_plain_autograd_give_the_same(batch: int):
    """Padding has no target and no later token, so its rows have no gradient."""
    tiny = model("llama")
    windows = random_windows(2, 9, 12, 5, 12, 3, 12, 7, 1, 12)
    found = collect(tiny, windows, Signed(), bos=False)
    for first in range(0, len(windows.ids), batch):
        group = windows.ids[first : first + batch]
        longest = max(map(len, group))
        ids = torch.tensor([[*window, *[0] * (longest - len(window))] for window in group])
        mask = torch.tensor([[1] * len(window) + [0] * (longest - len(window)) for window in group])
        logits = tiny.causal(input_ids=ids, attention_mask=mask).logits[:, :-1]
        targets = torch.where(mask.bool(), ids, -100)[:, 1:]
        cross_entropy(logits.reshape(-1, logits.shape[-1]), targets.reshape(-1), reduction="sum").backward()
    for name, values in found.sums.items():
        np.testing.assert_allclose(values, tiny.network.get_submodule(name).weight.grad, rtol=1e-9, atol=1e-12)


def test_windows_add_up_in_any_order():
    tiny = model()
    whole = collect(tiny, WINDOWS, Squared())
    backwards = collect(tiny, Windows(WINDOWS.ids[::-1]), Squared())
    parts = [collect(tiny, Windows((window,)), Squared()) for window in WINDOWS.ids]
    for name, values in whole.sums.items():
        np.testing.assert_allclose(backwards.sums[name], values, rtol=1e-9)
        np.testing.assert_allclose(sum(part.sums[name] for part in parts), values, rtol=1e-9)


def test_a_cell_does_not_depend_on_the_one_before():
    tiny = model()
    layout = find_layout(tiny.network, [3] * 4)
    with GradientCollector(tiny, layout, Squared(), True) as collector:
        collector.collect("one", random_windows(5, 12))
        after = collector.collect("two", WINDOWS).statistics
    for name, values in collect(tiny, WINDOWS, Squared()).sums.items():
        np.testing.assert_array_equal(after.sums[name], values)


def test_the_leading_token_adds_no_row_but_is_read():
    tiny = model()
    with_it, without = collect(tiny, WINDOWS, Squared()), collect(tiny, WINDOWS, Squared(), bos=False)
    none = collect(replace(tiny, bos=None), WINDOWS, Squared())
    name = "layers.1.mlp.up_proj"
    assert not np.allclose(with_it.sums[name], without.sums[name], rtol=1e-3)
    np.testing.assert_array_equal(none.sums[name], without.sums[name])


def test_a_window_of_one_token_predicts_nothing():
    tiny = model()
    short = Windows((*WINDOWS.ids, (7,)))
    for bos in (True, False):
        alone = collect(tiny, WINDOWS, Squared(), bos)
        for name, values in collect(tiny, short, Squared(), bos).sums.items():
            np.testing.assert_allclose(values, alone.sums[name], rtol=1e-12)


@pytest.mark.parametrize(("dtype", "rtol"), [(torch.float32, 1e-3), (torch.bfloat16, 0.3)])
def test_lower_precision_is_near_and_summed_in_single(dtype: torch.dtype, rtol: float):
    exact, found = collect(model(), WINDOWS, Squared()), collect(model(dtype=dtype), WINDOWS, Squared())
    for name, values in found.sums.items():
        assert values.dtype == np.float32
        np.testing.assert_allclose(values.sum(), exact.sums[name].sum(), rtol=rtol)


def test_the_model_is_left_as_it_was():
    tiny = model()
    frozen = tiny.causal.get_submodule("lm_head").weight.requires_grad_(False)
    collect(tiny, WINDOWS, Squared())
    assert [name for name, parameter in tiny.causal.named_parameters() if parameter.grad is not None] == []
    assert [p for p in tiny.causal.parameters() if not p.requires_grad] == [frozen]
    for module in tiny.causal.modules():
        assert not module._forward_pre_hooks and not module._forward_hooks


def test_no_gradient_of_a_weight_is_ever_made(monkeypatch: pytest.MonkeyPatch):
    tiny, seen = model(), []

    class Looking(Squared):
        def accumulate(self, inputs: torch.Tensor, gradients: torch.Tensor) -> torch.Tensor:
            seen.append((inputs.requires_grad, gradients.requires_grad))
            assert not any(parameter.requires_grad for parameter in tiny.causal.parameters())
            return super().accumulate(inputs, gradients)

    collect(tiny, WINDOWS, Looking())
    assert set(seen) == {(False, False)}
    assert len(seen) == 14 * len(WINDOWS.ids)


def test_a_gradient_that_is_not_finite_is_named():
    tiny = model()
    with torch.no_grad():
        tiny.network.get_submodule("layers.1.mlp.up_proj").weight.fill_(float("inf"))
    with pytest.raises(NumericalError, match=r"^layers\.0\.self_attn\.q_proj: a gradient is not finite") as caught:
        collect(tiny, WINDOWS, Squared())
    assert "calibration.dtype" in caught.value.hint


def test_a_layer_that_the_loss_does_not_reach_is_named():
    tiny = model()

    class Blind(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.inner = tiny.causal

        def forward(self, **arguments: Any) -> SimpleNamespace:
            logits = self.inner(**arguments).logits
            return SimpleNamespace(logits=torch.zeros_like(logits, requires_grad=True) + logits.detach())

    with pytest.raises(NumericalError, match=r"^layers\.0\.self_attn\.q_proj: no gradient of the loss"):
        collect(replace(tiny, causal=Blind()), WINDOWS, Squared())


def test_a_statistic_of_another_shape_is_refused_with_its_scorer():
    class Turned(Squared):
        def accumulate(self, inputs: torch.Tensor, gradients: torch.Tensor) -> torch.Tensor:
            return super().accumulate(inputs, gradients).T

    with pytest.raises(NumericalError, match=r"Turned\.accumulate gives \(24, 16\) for layers\.1\.mlp\.down_proj"):
        collect(model(), WINDOWS, Turned())
