"""One cell's statistics from forward passes over its windows."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Self

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


class Collector:
    """Runs windows through a model and reduces every distinct input to its diagonals.

    Gram matrices are summed window by window in the given order, so that the batch size does not matter, and each
    is reduced and freed once its last window is in. Neither padding nor the leading special token adds a row.
    Several threads may collect different cells at once.

    Parameters
    ----------
    batch : windows in one forward pass
    bos : whether to start every window with the model's first token, where it has one
    damping : λ as a share of the mean diagonal
    """

    def __init__(self, model: LoadedModel, layout: Layout, batch: int, bos: bool, damping: float) -> None:
        self._model, self._layout = model, layout
        self._batch, self._damping = batch, damping
        self._start = [model.bos] if bos and model.bos is not None else []
        self._current = threading.local()
        self._watch = watched(model.network, {name: name for name in layout.inputs}, self._add)

    def __enter__(self) -> Self:
        self._watch.__enter__()
        return self

    def __exit__(self, *failure: object) -> None:
        self._watch.__exit__(None, None, None)

    def collect(self, language: str, windows: Windows) -> Collected:
        """The statistics of one cell.

        Raises
        ------
        NumericalError
            If an input's diagonals cannot be had, with the input's name.
        """
        first = next(self._model.network.parameters())
        dtype = np.float64 if first.dtype == torch.float64 else np.float32
        sums = self._current.sums = _Sums(self._layout, windows, len(self._start), self._damping, dtype)
        with torch.inference_mode():
            for group in _batches(windows.ids, self._batch):
                sums.expect(list(map(len, group)))
                ids, mask = _padded([[*self._start, *window] for window in group], self._model.pad)
                self._model.network(input_ids=ids.to(first.device), attention_mask=mask.to(first.device))
        return sums.result(language)

    def _add(self, name: str, tensor: torch.Tensor) -> None:
        self._current.sums.add(name, tensor)


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
