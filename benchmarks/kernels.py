"""The kernels of calibration alone, one thread each."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

import numpy as np
import torch
from torch.nn.functional import linear, scaled_dot_product_attention

from benchmarks import plain
from benchmarks.measure import Result, Timings, how, interleaved, ratio, threads
from langgeo_core.api import InputStatistics
from langgeo_core.calibration.gram import (
    add_rows,
    empty_gram,
    input_statistics,
    multiplies_bfloat16,
    statistics_of_rows,
    syrk,
)
from langgeo_core.system.processor import inference

SIZE, TOKENS, WINDOW, FEW, DAMPING, ROUNDS = 2048, 2048, 512, 256, 0.01, 7


def run() -> list[Result]:
    """The Gram matrix and its diagonals at 2,048 features."""
    rows = np.random.default_rng(0).normal(size=(TOKENS, SIZE)).astype(np.float32)
    rows *= np.exp(np.random.default_rng(1).normal(size=SIZE)).astype(np.float32)
    with threads(1):
        of_inputs = [
            _gram(rows),
            *(_gram_of_bfloat16(rows) if multiplies_bfloat16() else ()),
            _diagonals(rows),
            _diagonals_of_rows(rows),
        ]
        return [*of_inputs, _linear(), *map(_attention, (WINDOW + 1, TOKENS + 1))]


def _linear() -> Result:
    """A linear layer of Gemma 3 270M's MLP, with and without what calibration puts in its place."""
    inputs, weight = torch.randn(TOKENS, 640), torch.randn(SIZE, 640)
    timings = _with_and_without(lambda: linear(inputs, weight))
    rate = 2e-9 * TOKENS * 640 * SIZE
    note = (
        f"{TOKENS} tokens, 640 to {SIZE} features, float32: {rate / timings['ours'].seconds:.0f} against "
        f"{rate / timings['plain'].seconds:.0f} GFLOP/s of torch alone; {how(ROUNDS, 1)}"
    )
    return Result("linear", ratio(timings), None, _alike(timings), "layers a second", note)


def _attention(tokens: int) -> Result:
    """Four heads of 256 features, as in Gemma 3 270M, that see 512 tokens back."""
    query, key, value = torch.randn(3, 1, 4, tokens, 256)
    places = torch.arange(tokens)
    seen = (places[:, None] >= places) & (places[:, None] - places < WINDOW)
    timings = _with_and_without(lambda: scaled_dot_product_attention(query, key, value, attn_mask=seen))
    note = (
        f"windows of {tokens} tokens, 512 seen back, float32: {1000 * timings['ours'].seconds:.1f} ms in parts, "
        f"{1000 * timings['plain'].seconds:.1f} of torch alone; {how(ROUNDS, 1)}"
    )
    return Result(f"attention, {tokens}", ratio(timings), None, _alike(timings), "windows a second", note)


def _with_and_without(work: Callable[[], torch.Tensor]) -> dict[str, Timings]:
    def within(mode: Callable[[], AbstractContextManager[None]]) -> torch.Tensor:
        with mode():
            return work()

    return interleaved({"ours": lambda: within(inference), "plain": lambda: within(torch.inference_mode)}, ROUNDS)


def _alike(timings: dict[str, Timings]) -> bool:
    return bool(torch.allclose(timings["ours"].value, timings["plain"].value, rtol=1e-4, atol=1e-4))


def _gram(rows: np.ndarray) -> Result:
    own, other = empty_gram(SIZE, np.float32), torch.zeros(SIZE, SIZE)
    tensor = torch.from_numpy(rows)
    timings = interleaved({"ours": lambda: syrk(rows, own), "plain": lambda: other.addmm_(tensor.T, tensor)}, ROUNDS)
    lower = np.tril_indices(SIZE)
    equal = bool(np.allclose(own[lower], other.numpy()[lower], rtol=1e-3, atol=1e-4 * float(other.max())))
    milliseconds = {name: 1000 * timing.seconds for name, timing in timings.items()}
    note = (
        f"{SIZE} features, {TOKENS} tokens, float32: the lower triangle by BLAS syrk in place "
        f"{milliseconds['ours']:.0f} ms, torch addmm_ {milliseconds['plain']:.0f} ms; {how(ROUNDS, 1)}"
    )
    return Result("gram", ratio(timings), None, equal, "Gram matrices a second", note)


def _gram_of_bfloat16(rows: np.ndarray) -> Iterator[Result]:
    """Against float32 sums of the same numbers, a window at a time as in calibration."""
    tensor = torch.from_numpy(rows).bfloat16()
    exact, bits = tensor.float().numpy(), tensor.view(torch.uint16).numpy()
    windows = range(0, TOKENS, WINDOW)
    own, other = empty_gram(SIZE, np.float32), empty_gram(SIZE, np.float32)

    def added(gram: np.ndarray, source: np.ndarray) -> None:
        gram[:] = 0
        for start in windows:
            add_rows(gram, source[start : start + WINDOW])

    timings = interleaved({"ours": lambda: added(own, bits), "plain": lambda: added(other, exact)}, ROUNDS)
    error = float(np.abs(np.tril(own - other)).max() / other.max())
    note = (
        f"{SIZE} features, {TOKENS} tokens in windows of {WINDOW}, bfloat16: by MKL on tiles, float32 sums, "
        f"{1000 * timings['ours'].seconds:.0f} ms, converted and by syrk {1000 * timings['plain'].seconds:.0f} ms; the "
        f"largest difference is {error:.0e} of the largest entry; {how(ROUNDS, 1)}"
    )
    yield Result("gram-bfloat16", ratio(timings), None, error < 1e-5, "Gram matrices a second", note)


def _diagonals_of_rows(rows: np.ndarray) -> Result:
    """Of a replicate's rows: from them, and from their Gram matrix."""
    few = rows[:FEW]

    def by_gram() -> InputStatistics:
        gram = empty_gram(SIZE, np.float32)
        add_rows(gram, few)
        return input_statistics(gram, FEW, DAMPING)

    ways = {"ours": lambda: statistics_of_rows(few, FEW, DAMPING), "plain": by_gram}
    timings = interleaved(ways, ROUNDS)
    precise = empty_gram(SIZE, np.float64)
    add_rows(precise, few.astype(np.float64))
    exact = input_statistics(precise, FEW, DAMPING)
    errors = {
        name: max(
            float(np.abs(getattr(timing.value, diagonal) / getattr(exact, diagonal) - 1).max())
            for diagonal in ("inverse_diagonal", "cholesky_diagonal")
        )
        for name, timing in timings.items()
    }
    note = (
        f"both diagonals of {SIZE} features, {FEW} tokens, float32: from matrices of tokens x tokens "
        f"{1000 * timings['ours'].seconds:.1f} ms, from the Gram matrix {1000 * timings['plain'].seconds:.1f} ms; from "
        f"float64 they differ by up to {errors['ours']:.0e} and {errors['plain']:.0e}; {how(ROUNDS, 1)}"
    )
    return Result("inverse-diagonal-of-rows", ratio(timings), None, errors["ours"] < 1e-3, "inputs a second", note)


def _diagonals(rows: np.ndarray) -> Result:
    gram = empty_gram(SIZE, np.float32)
    add_rows(gram, rows)
    full = torch.from_numpy(np.tril(gram) + np.tril(gram, -1).T)
    timings = interleaved(
        {
            "ours": lambda: input_statistics(gram.copy(order="F"), TOKENS, DAMPING),
            "plain": lambda: plain.diagonals(full, TOKENS, DAMPING),
        },
        ROUNDS,
    )
    own: InputStatistics = timings["ours"].value
    inverse, cholesky = timings["plain"].value
    equal = bool(
        np.allclose(own.inverse_diagonal, inverse, rtol=1e-3)
        and np.allclose(own.cholesky_diagonal, cholesky, rtol=1e-3)
    )
    note = (
        f"diag(H⁻¹) and U_jj² of {SIZE} features, float32: the inverse of one Cholesky factor "
        f"{1000 * timings['ours'].seconds:.0f} ms, Cholesky, inverse and Cholesky in torch "
        f"{1000 * timings['plain'].seconds:.0f} ms; {how(ROUNDS, 1)}"
    )
    return Result("inverse-diagonal", ratio(timings), None, equal, "matrices a second", note)
