"""Forward passes on the processor give what torch's own would, from fewer products."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import torch
from tiny_models import network
from torch.nn.functional import linear, scaled_dot_product_attention
from torch.overrides import TorchFunctionMode

from langgeo_core.system import products
from langgeo_core.system.processor import inference
from langgeo_core.system.products import QUERIES, ProcessorProducts


class Noted(TorchFunctionMode):
    """Notes the calls of attention that torch is given at last: queries and keys of each."""

    def __init__(self) -> None:
        self.calls: list[tuple[int, int]] = []

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        if func is scaled_dot_product_attention:
            self.calls.append((args[0].shape[-2], args[1].shape[-2]))
        return func(*args, **(kwargs or {}))


@pytest.fixture(params=[True, False], ids=["onednn", "torch"])
def either_library(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(products, "_prefers_onednn", lambda: request.param)
    yield


def heads(rows: int, columns: int, number: int = 3) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    source = torch.Generator().manual_seed(rows + columns)
    return tuple(torch.randn((2, number, size, 16), generator=source) for size in (rows, columns, columns))  # type: ignore[return-value]


def causal(rows: int, columns: int) -> torch.Tensor:
    return torch.ones((rows, columns), dtype=torch.bool).tril(columns - rows)


def sliding(rows: int, columns: int) -> torch.Tensor:
    return causal(rows, columns) & torch.ones((rows, columns), dtype=torch.bool).triu(-99)


def padded(rows: int, columns: int) -> torch.Tensor:
    lengths = torch.tensor([columns, columns - 50]).reshape(2, 1, 1, 1)
    return causal(rows, columns) & (torch.arange(columns) < lengths)


def hidden_rows(rows: int, columns: int) -> torch.Tensor:
    mask = causal(rows, columns).clone()
    mask[:QUERIES] = False
    return mask


MASKS: list[Callable[[int, int], torch.Tensor]] = [causal, sliding, padded]


@pytest.mark.parametrize("mask", MASKS)
@pytest.mark.parametrize("sizes", [(300, 300), (QUERIES + 1, QUERIES + 1), (200, 330)], ids=str)
def test_attention_in_parts_is_attention(mask: Callable[[int, int], torch.Tensor], sizes: tuple[int, int]) -> None:
    given, seen = heads(*sizes), mask(*sizes)
    expected = scaled_dot_product_attention(*given, attn_mask=seen, scale=0.3)
    with Noted() as noted, inference():
        found = scaled_dot_product_attention(*given, attn_mask=seen, scale=0.3)
    torch.testing.assert_close(found, expected, rtol=1e-5, atol=1e-6)
    assert len(noted.calls) > 1


def test_keys_that_no_query_of_a_part_sees_are_left_out() -> None:
    with Noted() as noted, inference():
        scaled_dot_product_attention(*heads(512, 512), attn_mask=sliding(512, 512))
    assert [queries for queries, _ in noted.calls] == [QUERIES] * (512 // QUERIES)
    assert [keys for _, keys in noted.calls] == [min(99 + QUERIES, stop) for stop in range(QUERIES, 513, QUERIES)]


def test_causal_attention_without_a_mask_is_read_in_parts_too() -> None:
    given = heads(150, 150)
    with Noted() as noted, inference():
        found = scaled_dot_product_attention(*given, is_causal=True)
    torch.testing.assert_close(found, scaled_dot_product_attention(*given, is_causal=True), rtol=1e-5, atol=1e-6)
    assert [keys for _, keys in noted.calls] == [QUERIES, 150]


def test_shared_heads_stay_shared() -> None:
    query, _, _ = heads(150, 150, 4)
    _, key, value = heads(150, 150, 2)
    options = {"attn_mask": causal(150, 150), "enable_gqa": True}
    with inference():
        found = scaled_dot_product_attention(query, key, value, **options)
    expected = scaled_dot_product_attention(query, key, value, **options)
    torch.testing.assert_close(found, expected, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(
    "mask",
    [
        pytest.param(torch.ones((150, 150), dtype=torch.bool), id="hides nothing"),
        pytest.param(torch.zeros((150, 150)), id="of numbers"),
        pytest.param(torch.arange(150).reshape(1, 1, 1, 150) < 120, id="for all queries"),
        pytest.param(None, id="none"),
    ],
)
def test_other_attention_is_left_as_it_is(mask: torch.Tensor | None) -> None:
    given = heads(150, 150)
    with Noted() as noted, inference():
        found = scaled_dot_product_attention(*given, attn_mask=mask)
    assert noted.calls == [(150, 150)]
    assert torch.equal(found, scaled_dot_product_attention(*given, attn_mask=mask))


def test_a_part_whose_queries_see_nothing_is_what_torch_makes_of_it() -> None:
    given, seen = heads(150, 150), hidden_rows(150, 150)
    with inference():
        found = scaled_dot_product_attention(*given, attn_mask=seen)
    expected = scaled_dot_product_attention(*given, attn_mask=seen)
    torch.testing.assert_close(found, expected, rtol=1e-5, atol=1e-6, equal_nan=True)


@pytest.mark.parametrize("shape", [(7, 40), (2, 7, 40), (1, 40)], ids=str)
@pytest.mark.parametrize("biased", [True, False])
@pytest.mark.usefixtures("either_library")
def test_a_linear_layer_is_a_linear_layer(shape: tuple[int, ...], biased: bool) -> None:
    inputs, weight = torch.randn(shape), torch.randn((24, 40))
    bias = torch.randn(24) if biased else None
    with inference():
        torch.testing.assert_close(linear(inputs, weight, bias), inputs @ weight.T + (bias if biased else 0))  # type: ignore[operator]
        torch.testing.assert_close(linear(inputs, weight, bias=bias), linear(inputs, weight, bias))


@pytest.mark.usefixtures("either_library")
def test_layers_of_float64_are_torchs_own() -> None:
    inputs, weight = torch.randn((7, 40), dtype=torch.float64), torch.randn((24, 40), dtype=torch.float64)
    with inference():
        found = linear(inputs, weight)
    assert torch.equal(found, linear(inputs, weight))


@pytest.mark.usefixtures("either_library")
def test_a_network_gives_what_it_gives_without() -> None:
    model = network("gemma3_text", torch.float32)
    ids = torch.randint(4, 60, (3, QUERIES + 41))
    mask = torch.ones_like(ids)
    mask[1, 80:] = 0
    with torch.inference_mode():
        expected = model(input_ids=ids, attention_mask=mask).last_hidden_state
    with inference():
        found = model(input_ids=ids, attention_mask=mask).last_hidden_state
    read = mask.bool()
    torch.testing.assert_close(found[read], expected[read], rtol=1e-4, atol=1e-5)


def test_where_a_card_may_compute_nothing_is_put_between(monkeypatch: pytest.MonkeyPatch) -> None:
    entered: list[bool] = []
    monkeypatch.setattr(ProcessorProducts, "__enter__", lambda self: entered.append(True))
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    with inference():
        assert torch.is_inference_mode_enabled()
    assert not entered
