"""One cell's statistics from forward passes over its windows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import torch

from langgeo_core.calibration.gram import Real, add_rows, empty_gram, input_statistics
from langgeo_core.calibration.inputs import watched
from langgeo_core.calibration.windows import Windows
from langgeo_core.errors import NumericalError
from langgeo_core.protocols import LoadedModel
from langgeo_core.types import CellStatistics, InputStatistics, Layout


@dataclass(frozen=True)
class Collected:
    """A cell's statistics, and one sentence for each input whose damping had to be raised."""

    statistics: CellStatistics
    notes: tuple[str, ...]


def collect(
    model: LoadedModel, layout: Layout, language: str, windows: Windows, batch: int, bos: bool, damping: float
) -> Collected:
    """Run the windows through the model, `batch` at a time, and reduce every distinct input to its diagonals.

    Gram matrices are summed window by window in the order of `windows`, so that the batch size does not matter,
    and each is reduced and freed once its last window is in. Neither padding nor the leading special token adds
    a row.
    """
    start = [model.bos] if bos and model.bos is not None else []
    sums = _Sums(layout, windows, skip=len(start), damping=damping, dtype=_gram_dtype(model))
    labels = {name: name for name in layout.inputs}
    with torch.inference_mode(), watched(model.network, labels, sums.add):
        for group in _batches(windows.ids, batch):
            sums.expect(list(map(len, group)))
            ids, mask = _padded([[*start, *window] for window in group], model.pad)
            device = next(model.network.parameters()).device
            model.network(input_ids=ids.to(device), attention_mask=mask.to(device))
    return sums.result(language)


@dataclass
class _Sums:
    layout: Layout
    windows: Windows
    skip: int
    damping: float
    dtype: type
    lengths: list[int] = field(default_factory=list)
    remaining: dict[str, int] = field(default_factory=dict)
    grams: dict[str, Real] = field(default_factory=dict)
    done: dict[str, InputStatistics] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def expect(self, lengths: list[int]) -> None:
        """The lengths of the windows in the batch that is about to run."""
        self.lengths = lengths

    def add(self, name: str, tensor: torch.Tensor) -> None:
        """Take in one input of one batch: (windows, padded length, features)."""
        gram = self.grams.get(name)
        if gram is None:
            gram = self.grams[name] = empty_gram(self.layout.inputs[name], self.dtype)
        rows = _numpy(tensor, self.dtype).reshape(len(self.lengths), -1, tensor.shape[-1])
        for window, length in zip(rows, self.lengths, strict=True):
            add_rows(gram, window[self.skip : self.skip + length])
        self.remaining[name] = self.remaining.get(name, len(self.windows.ids)) - len(self.lengths)
        if self.remaining[name] == 0:
            self._reduce(name)

    def _reduce(self, name: str) -> None:
        try:
            damped = input_statistics(self.grams.pop(name), self.windows.tokens, self.damping)
        except NumericalError as failure:
            raise NumericalError(f"{name}: {failure.message}", failure.hint) from failure
        self.done[name] = damped.statistics
        if damped.raised:
            steps = ", ".join(f"{share:g}" for share in damped.raised)
            self.notes.append(f"{name}: Cholesky failed at damping {self.damping:g}; raised to {steps}")

    def result(self, language: str) -> Collected:
        ordered = {name: self.done[name] for name in self.layout.inputs}
        return Collected(CellStatistics(language, self.windows.tokens, ordered), tuple(self.notes))


def _gram_dtype(model: LoadedModel) -> type:
    double = next(model.network.parameters()).dtype == torch.float64
    return np.float64 if double else np.float32


def _numpy(tensor: torch.Tensor, dtype: type) -> Real:
    target = torch.float64 if dtype is np.float64 else torch.float32
    values: Real = tensor.to("cpu", target).numpy()
    return values


def _batches(windows: Sequence[tuple[int, ...]], size: int) -> Iterator[Sequence[tuple[int, ...]]]:
    for first in range(0, len(windows), size):
        yield windows[first : first + size]


def _padded(windows: list[list[int]], pad: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Ids and attention mask, padded on the right, where causal attention never looks."""
    longest = max(map(len, windows))
    ids = torch.tensor([window + [pad] * (longest - len(window)) for window in windows])
    mask = torch.tensor([[1] * len(window) + [0] * (longest - len(window)) for window in windows])
    return ids, mask
