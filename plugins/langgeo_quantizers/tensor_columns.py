"""A weight matrix's sorted scores on a torch device: what `columns` does in numba, by the same float32 products."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from langgeo_quantizers.counting import BIN_BITS, places

Bools = NDArray[np.bool_]
Float32 = NDArray[np.float32]
Float64 = NDArray[np.float64]
Int32 = NDArray[np.int32]
Int64 = NDArray[np.int64]


class TensorColumns:
    """See `columns.Columns`; counts are int64 tensors (columns, languages) on the device."""

    def __init__(self, weights: Float32, feature_scores: Float32, device: str) -> None:
        squares = torch.from_numpy(weights).to(device).square()
        self.squares = squares.T.contiguous().sort(dim=1).values
        self.factors = torch.from_numpy(feature_scores).to(device).T.contiguous()

    def sample(self, stride: int, into: Float64) -> None:
        """See `columns.Columns`; a language at a time."""
        columns, rows = self.squares.shape
        chosen, weight = places(rows, columns, stride)
        picked = self.squares.gather(1, torch.from_numpy(chosen).to(self.squares.device))
        for language, histogram in enumerate(into):
            bins = (picked * self.factors[:, language, None]).view(torch.int32) >> BIN_BITS
            histogram += weight * torch.bincount(bins.flatten(), minlength=len(histogram)).cpu().numpy()

    def above(self, thresholds: Float32, low: Tensor | None = None, high: Tensor | None = None) -> Tensor:
        """See `columns.Columns`: every bisection takes as many steps as the longest."""
        rows = self.squares.shape[1]
        limits = torch.from_numpy(thresholds).to(self.squares.device)
        first = (
            torch.zeros(self.factors.shape, dtype=torch.int64, device=limits.device) if high is None else rows - high
        )
        last = torch.full_like(first, rows) if low is None else rows - low
        for _ in range(rows.bit_length()):
            middle = (first + last) >> 1
            exceeds = self._scores(middle.clamp(max=rows - 1)) > limits
            inside = first < last
            last = torch.where(inside & exceeds, middle, last)
            first = torch.where(inside & ~exceeds, middle + 1, first)
        return rows - first

    def totals(self, counts: Tensor) -> Int64:
        """See `columns.Columns`."""
        return np.asarray(counts.sum(0).cpu().numpy())

    def between(self, low: Tensor, high: Tensor, wanted: Bools) -> list[Float32]:
        """See `columns.Columns`."""
        inside = torch.where(torch.from_numpy(wanted).to(low.device), high - low, 0).T.flatten()
        pairs = torch.arange(len(inside), device=low.device).repeat_interleave(inside)
        starts = (inside.cumsum(0) - inside)[pairs]
        columns, languages = self.factors.shape
        language, column = pairs // columns, pairs % columns
        place = self.squares.shape[1] - high[column, language] + torch.arange(len(pairs), device=low.device) - starts
        values = (self.squares[column, place] * self.factors[column, language]).cpu().numpy()
        return np.split(values, inside.view(languages, columns).sum(1).cumsum(0)[:-1].cpu().numpy())

    def smallest(self, counts: Tensor) -> Float32:
        """See `columns.Columns`."""
        rows = self.squares.shape[1]
        scores = self._scores((rows - counts).clamp(max=rows - 1))
        return np.asarray(torch.where(counts > 0, scores, torch.inf).amin(0).cpu().numpy())

    def by_language(self, counts: Tensor) -> Int32:
        """See `columns.Columns`."""
        return np.ascontiguousarray(counts.T.to(torch.int32).cpu().numpy())

    def _scores(self, places: Tensor) -> Tensor:
        """(columns, languages) each language's score at a place of the ascending column."""
        return self.squares.gather(1, places) * self.factors
