"""The sums of one cell: a Gram matrix for every distinct input, reduced and freed once its last window is in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, Protocol, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray

from langgeo_core.calibration import gram as lapack_gram, tensor_gram
from langgeo_core.calibration.gram import Damped, Pair, Real, damped, input_statistics
from langgeo_core.calibration.windows import Windows
from langgeo_core.contract.errors import NumericalError
from langgeo_core.contract.types import CellStatistics, InputStatistics, Layout, WeightSums

Statistics = TypeVar("Statistics", CellStatistics, WeightSums)


@dataclass(frozen=True)
class Collected(Generic[Statistics]):
    """A cell's statistics, and one sentence for each input whose damping had to be raised."""

    statistics: Statistics
    notes: tuple[str, ...] = ()


class Arithmetic(Protocol):
    """How Gram matrices are summed and reduced; a Gram matrix is whatever `empty` gives."""

    def empty(self, features: int) -> Any: ...

    def add(self, gram: Any, inputs: torch.Tensor, skip: int, lengths: Sequence[int]) -> None:
        """Add the rows of a batch (windows, padded length, features) that are neither special tokens nor padding.

        Parameters
        ----------
        skip : rows that are left out at the beginning of each window
        lengths : how many rows of each window count
        """

    def reduce(self, gram: Any, tokens: int, damping: float) -> Damped:
        """The diagonals of one input; raises NumericalError where they cannot be had."""


def arithmetic_for(parameter: torch.Tensor) -> Arithmetic:
    """LAPACK for a network on the processor, torch for one on another device; float64 sums where it is float64."""
    double = parameter.dtype == torch.float64
    if parameter.device.type == "cpu":
        return LapackArithmetic(np.float64 if double else np.float32)
    return TensorArithmetic(torch.float64 if double else torch.float32, parameter.device)


@dataclass(frozen=True)
class LapackArithmetic:
    """On the processor, a window at a time: the order of the sums does not depend on the batch size."""

    dtype: type

    def empty(self, features: int) -> Real:
        return lapack_gram.empty_gram(features, self.dtype)

    def add(self, gram: Real, inputs: torch.Tensor, skip: int, lengths: Sequence[int]) -> None:
        target = torch.float64 if self.dtype is np.float64 else torch.float32
        rows = inputs.to("cpu", target).numpy().reshape(len(lengths), -1, inputs.shape[-1])
        for window, length in zip(rows, lengths, strict=True):
            lapack_gram.add_rows(gram, window[skip : skip + length])

    def reduce(self, gram: Real, tokens: int, damping: float) -> Damped:
        return input_statistics(gram, tokens, damping)


@dataclass(frozen=True)
class TensorArithmetic:
    """On another device, a batch at a time; the processor waits for the device when an input is reduced, not before."""

    dtype: torch.dtype
    device: torch.device

    def empty(self, features: int) -> torch.Tensor:
        return tensor_gram.empty_gram(features, self.dtype, self.device)

    def add(self, gram: torch.Tensor, inputs: torch.Tensor, skip: int, lengths: Sequence[int]) -> None:
        windows = inputs.reshape(len(lengths), -1, inputs.shape[-1])
        rows = torch.cat([window[skip : skip + length] for window, length in zip(windows, lengths, strict=True)])
        tensor_gram.add_rows(gram, rows if rows.dtype == torch.bfloat16 else rows.to(self.dtype))

    def reduce(self, gram: torch.Tensor, tokens: int, damping: float) -> Damped:
        def factor(filled: NDArray[np.float64]) -> Pair | None:
            there = torch.from_numpy(filled).to(self.device, self.dtype)
            inverse, cholesky, definite = tensor_gram.diagonals(gram, 1.0 / tokens, there)
            return (inverse.cpu().numpy(), cholesky.cpu().numpy()) if bool(definite) else None

        diagonal: NDArray[np.float64] = gram.diagonal().to("cpu", torch.float64).numpy() / tokens
        return damped(diagonal, tokens, damping, factor)


@dataclass
class CellSums:
    """What is summed of one cell; `add` takes the inputs of its batches in the order of its windows."""

    layout: Layout
    windows: Windows
    skip: int
    damping: float
    arithmetic: Arithmetic
    remaining: dict[str, int] = field(default_factory=dict)
    grams: dict[str, Any] = field(default_factory=dict)
    done: dict[str, InputStatistics] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def add(self, name: str, inputs: torch.Tensor, lengths: Sequence[int]) -> None:
        """Take in one input of one batch, (windows, padded length, features), whose windows have these lengths."""
        if name not in self.grams:
            self.grams[name] = self.arithmetic.empty(self.layout.inputs[name])
        self.arithmetic.add(self.grams[name], inputs, self.skip, lengths)
        self.remaining[name] = self.remaining.get(name, len(self.windows.ids)) - len(lengths)
        if self.remaining[name] == 0:
            self._reduce(name)

    def _reduce(self, name: str) -> None:
        try:
            reduced = self.arithmetic.reduce(self.grams.pop(name), self.windows.tokens, self.damping)
        except NumericalError as failure:
            raise NumericalError(f"{name}: {failure.message}", failure.hint) from failure
        self.done[name] = reduced.statistics
        if reduced.raised:
            steps = ", ".join(f"{share:g}" for share in reduced.raised)
            self.notes.append(f"{name}: Cholesky failed at damping {self.damping:g}; raised to {steps}")

    def result(self, language: str) -> Collected[CellStatistics]:
        """The statistics of the cell, once every window is in."""
        ordered = {name: self.done[name] for name in self.layout.inputs}
        return Collected(CellStatistics(language, self.windows.tokens, ordered), tuple(self.notes))
