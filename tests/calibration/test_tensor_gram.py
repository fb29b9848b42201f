from __future__ import annotations

import numpy as np
import pytest
import torch
from tiny_models import one_thread

from langgeo_core.api import InputStatistics, NumericalError
from langgeo_core.calibration import tensor_gram
from langgeo_core.calibration.collect import LapackArithmetic, TensorArithmetic

CPU = torch.device("cpu")
DIAGONALS = ("gram_diagonal", "inverse_diagonal", "cholesky_diagonal")
DEVICES = [
    CPU,
    pytest.param(
        torch.device("cuda"), marks=pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")
    ),
]
"""The same functions on the processor and, where there is one, on a card."""


def inputs(*, windows: int = 6, length: int = 50, features: int = 7, seed: int = 0) -> torch.Tensor:
    source = torch.Generator().manual_seed(seed)
    rows = torch.randn(windows, length, features, generator=source, dtype=torch.float64)
    return rows * torch.logspace(0, 1, features, dtype=torch.float64)


def reduced(
    arithmetic: LapackArithmetic | TensorArithmetic, batch: torch.Tensor, lengths: list[int], skip: int = 1
) -> InputStatistics:
    gram = arithmetic.empty(batch.shape[-1], sum(lengths))
    windows = [window[skip : skip + length] for window, length in zip(batch, lengths, strict=True)]
    arithmetic.add(gram, windows[:4])
    arithmetic.add(gram, windows[4:])
    return arithmetic.reduce(gram, sum(lengths), 0.01)


def assert_close(found: InputStatistics, expected: InputStatistics, rtol: float) -> None:
    assert found.raised == expected.raised
    assert found.damping == pytest.approx(expected.damping, rel=rtol)
    for name in DIAGONALS:
        values = getattr(found, name)
        assert values.dtype == np.float64
        np.testing.assert_allclose(values, getattr(expected, name), rtol=rtol, err_msg=name)


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("features", [1, 7, 256, 600])
def test_in_double_precision_the_diagonals_are_those_of_lapack(features: int, device: torch.device):
    batch, lengths = inputs(features=features), [40, 49, 3, 30, 1, 20]
    found = reduced(TensorArithmetic(torch.float64, device), batch.to(device), lengths)
    assert_close(found, reduced(LapackArithmetic(torch.float64), batch, lengths), rtol=1e-9)


@pytest.mark.parametrize("device", DEVICES)
def test_in_single_precision_they_are_close(device: torch.device):
    batch, lengths = inputs(features=600, length=400).float(), [399] * 6
    found = reduced(TensorArithmetic(torch.float32, device), batch.to(device), lengths)
    assert_close(found, reduced(LapackArithmetic(torch.float32), batch, lengths), rtol=1e-5)


@pytest.mark.parametrize("device", DEVICES)
def test_sums_of_bfloat16_inputs_are_float32(device: torch.device):
    batch, lengths = inputs(features=300, length=400).to(torch.bfloat16), [399] * 6
    found = reduced(TensorArithmetic(torch.float32, device), batch.to(device), lengths)
    assert_close(found, reduced(LapackArithmetic(torch.float32), batch, lengths), rtol=1e-5)
    exact = reduced(LapackArithmetic(torch.float64), batch.double(), lengths)
    np.testing.assert_allclose(found.gram_diagonal, exact.gram_diagonal, rtol=1e-5)


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("features", [5, 256, 700, 2100])
def test_every_block_column_of_the_lower_triangle_is_filled(features: int, device: torch.device):
    rows = torch.randint(-3, 4, (20, features), generator=torch.Generator().manual_seed(1)).double().to(device)
    gram = torch.zeros((features, features), dtype=torch.float64, device=device)
    tensor_gram.add_rows(gram, rows[:12])
    tensor_gram.add_rows(gram, rows[12:])
    assert torch.equal(gram.tril(), (rows.T @ rows).tril())


def test_nothing_above_the_diagonal_is_read():
    rows = inputs(windows=1, length=900, features=700)[0]
    gram = (rows.T @ rows).tril()
    spoilt = gram + torch.full_like(gram, torch.nan).triu(1)
    diagonal = gram.diagonal() / 900 + 1.0
    with one_thread():
        for found, expected in zip(
            tensor_gram.diagonals(spoilt, 1 / 900, diagonal),
            tensor_gram.diagonals(gram, 1 / 900, diagonal),
            strict=True,
        ):
            assert torch.equal(found, expected)


@pytest.mark.parametrize("size", [1, 256, 257, 2300])
def test_row_norms_of_a_triangular_inverse(size: int):
    upper = torch.rand(size, size, dtype=torch.float64, generator=torch.Generator().manual_seed(2)).triu() / size
    upper.diagonal().add_(1.0)
    expected = torch.linalg.inv(upper).square().sum(1)
    torch.testing.assert_close(tensor_gram.inverse_row_norms(upper), expected, rtol=1e-10, atol=0)


def test_an_indefinite_matrix_raises_the_damping_as_lapack_does():
    gram = np.eye(20) - 1.5 / 20
    found = TensorArithmetic(torch.float64, CPU).reduce(torch.from_numpy(gram), 1, 0.01)
    expected = LapackArithmetic(torch.float64).reduce(np.asfortranarray(gram), 1, 0.01)
    assert found.raised == pytest.approx(0.925)
    assert_close(found, expected, rtol=1e-9)


@pytest.mark.parametrize(("value", "words"), [(0.0, "all zero"), (np.nan, "not finite")])
def test_inputs_without_a_gram_matrix_fail(value: float, words: str):
    with pytest.raises(NumericalError, match=words):
        TensorArithmetic(torch.float64, CPU).reduce(torch.full((3, 3), value, dtype=torch.float64), 5, 0.01)
