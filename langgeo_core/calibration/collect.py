"""One cell's statistics from forward passes over its windows.

A cell's sums are, for every distinct input and every place of the residual stream that is measured, those of each
feature; for inputs, where diagonals of an inverse are asked for, also a Gram matrix. They are reduced and freed once
the last window is in.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import groupby
from typing import Any, Self

import numpy as np
import torch
from numpy.typing import NDArray

from langgeo_core.calibration import gram as lapack_gram, tensor_gram
from langgeo_core.calibration.gram import Pair, Real, damped, input_statistics, mean_of_live, statistics_of_rows
from langgeo_core.calibration.inputs import AllSeen, Run, change_by_padding, one_after_another, padded, watched
from langgeo_core.calibration.modes import few_rows
from langgeo_core.calibration.windows import Windows
from langgeo_core.contract.errors import NumericalError, UserError
from langgeo_core.contract.protocols import ClosingModel, LoadedModel
from langgeo_core.contract.types import CellStatistics, Collected, InputStatistics, Layout, is_hidden

SeveralCells = tuple[str, Windows, Sequence[Sequence[int]]]
"""A language, the windows of its text, and for each cell the positions of its windows, in rising order."""


def arithmetic_for(parameter: torch.Tensor) -> LapackArithmetic | TensorArithmetic:
    """LAPACK for a network on the processor, torch for one on another device; float64 sums where it is float64."""
    precise = torch.float64 if parameter.dtype == torch.float64 else torch.float32
    return LapackArithmetic(precise) if parameter.device.type == "cpu" else TensorArithmetic(precise, parameter.device)


@dataclass(frozen=True)
class LapackArithmetic:
    """How Gram matrices are summed and reduced on the processor.

    A window at a time: the order of the sums does not depend on the batch size. `empty` gives a Gram matrix of zeros;
    for few rows an empty list, which takes the rows themselves.
    """

    dtype: torch.dtype

    def empty(self, features: int, rows: int) -> Real | list[Real]:
        if few_rows(rows, features):
            return []
        return lapack_gram.empty_gram(features, np.float64 if self.dtype == torch.float64 else np.float32)

    def sums(self, rows: torch.Tensor) -> torch.Tensor:
        """(3, features) float64: `gram.feature_sums` of (tokens, features)."""
        rows = rows.to(torch.promote_types(rows.dtype, torch.float32))
        return torch.from_numpy(lapack_gram.feature_sums(rows.numpy()))

    def add(self, gram: Real | list[Real], windows: Sequence[torch.Tensor]) -> None:
        """Add the rows of some windows, (tokens, features) each."""
        for window in windows:
            if isinstance(gram, list):
                gram.append(window.to("cpu", self.dtype).numpy().copy())
            elif window.dtype == torch.bfloat16 and lapack_gram.multiplies_bfloat16() and gram.dtype == np.float32:
                lapack_gram.add_rows(gram, window.view(torch.uint16).numpy())
            else:
                lapack_gram.add_rows(gram, window.to("cpu", self.dtype).numpy())

    def reduce(self, gram: Real | list[Real], tokens: int, damping: float) -> InputStatistics:
        """The diagonals of one input; raises NumericalError where they cannot be had."""
        if isinstance(gram, list):
            return statistics_of_rows(np.concatenate(gram), tokens, damping)
        return input_statistics(gram, tokens, damping)


@dataclass(frozen=True)
class TensorArithmetic:
    """The same on another device, a batch at a time: the processor waits for it only when an input is reduced."""

    dtype: torch.dtype
    device: torch.device

    def empty(self, features: int, rows: int) -> torch.Tensor:
        return torch.zeros((features, features), dtype=self.dtype, device=self.device)

    sums = staticmethod(tensor_gram.feature_sums)

    def add(self, gram: torch.Tensor, windows: Sequence[torch.Tensor]) -> None:
        rows = torch.cat(list(windows))
        tensor_gram.add_rows(gram, rows if rows.dtype == torch.bfloat16 else rows.to(self.dtype))

    def reduce(self, gram: torch.Tensor, tokens: int, damping: float) -> InputStatistics:
        def factor(ridge: float) -> Pair:
            there = torch.from_numpy(diagonal + ridge).to(self.device, self.dtype)
            inverse, cholesky, definite = tensor_gram.diagonals(gram, 1.0 / tokens, there)
            if not bool(definite):
                raise np.linalg.LinAlgError
            return inverse.cpu().numpy(), cholesky.cpu().numpy()

        diagonal: NDArray[np.float64] = gram.diagonal().to("cpu", torch.float64).numpy() / tokens
        return damped(diagonal, tokens, damping, factor)


@dataclass
class CellSums:
    """What is summed of one cell, with `inverse` Gram matrices too; `add` takes inputs in the order of the windows."""

    layout: Layout
    windows: Windows
    damping: float
    arithmetic: LapackArithmetic | TensorArithmetic
    inverse: bool = True
    remaining: dict[str, int] = field(default_factory=dict)
    sums: dict[str, torch.Tensor] = field(default_factory=dict)
    grams: dict[str, Any] = field(default_factory=dict)
    done: dict[str, InputStatistics] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def add(self, name: str, windows: Sequence[torch.Tensor]) -> None:
        """Take in what one input read in some windows, (tokens, features) each."""
        calls = len(self.layout.calls[name])
        if name not in self.sums:
            self.sums[name] = windows[0].new_zeros((3, windows[0].shape[1]), dtype=torch.float64)
            if self.inverse and not is_hidden(name):
                self.grams[name] = self.arithmetic.empty(self.layout.inputs[name], self.windows.tokens * calls)
        for window in windows:
            self.sums[name] += self.arithmetic.sums(window)
        if name in self.grams:
            self.arithmetic.add(self.grams[name], windows)
        self.remaining[name] = self.remaining.get(name, len(self.windows.ids) * calls) - len(windows)
        if not self.remaining[name]:
            try:
                self.done[name] = self._reduced(name)
            except NumericalError as failure:
                raise NumericalError(f"{name}: {failure.message}", failure.hint) from failure

    def _reduced(self, name: str) -> InputStatistics:
        tokens = self.windows.tokens
        total, squares, positive = self.sums.pop(name).cpu().numpy()
        rows = tokens * len(self.layout.calls[name])
        mean = mean_of_live(squares / tokens)
        if is_hidden(name):
            return InputStatistics(tokens=tokens, hidden=total / rows)
        made = InputStatistics(tokens=tokens)
        if name in self.grams:
            made = self.arithmetic.reduce(self.grams.pop(name), tokens, self.damping)
        if made.raised:
            raised = f"raised to {self.damping * made.raised / made.damping:g}"
            self.notes.append(f"{name}: Cholesky failed at damping {self.damping:g}; {raised}")
        sums = {"gram_diagonal": squares / tokens, "mean": total / rows, "positive": positive / rows}
        return replace(made, damping=self.damping * mean, **sums)

    def result(self, language: str) -> Collected[CellStatistics]:
        """The statistics of the cell, once every window is in."""
        if missing := [name for name in self.layout.inputs if name not in self.done]:
            raise NumericalError(f"{missing[0]}: not all windows reach it", "choose another model")
        ordered = {name: self.done[name] for name in self.layout.inputs}
        return Collected(CellStatistics(language, self.windows.tokens, ordered), tuple(self.notes))


@dataclass
class _Batch:
    """Some windows of a text in one forward pass; `left` counts what it has not reached, `calls` what was called.

    `sums` are those that windows of this batch go into, each with the places of its own among them.
    """

    windows: Sequence[tuple[int, ...]]
    longest: int
    sums: Sequence[tuple[CellSums, Sequence[int]]]
    left: int
    calls: Counter[str] = field(default_factory=Counter)


class Collector:
    """Runs windows through a model and reduces every distinct input to its statistics.

    On the processor sums are taken window by window in the given order, so that the batch size does not
    matter. Each is reduced and freed once its last window is in, and a forward pass ends at the last input of `layout`.
    Several threads may collect different cells at once.

    Parameters
    ----------
    batch : windows in one forward pass
    bos : whether to start every window with the model's first token, where it has one, and to end it with its last
    damping : λ as a share of the mean diagonal
    inverse : whether diagonals of the inverse are made as well
    """

    def __init__(
        self, model: LoadedModel, layout: Layout, batch: int, bos: bool, damping: float, inverse: bool = True
    ) -> None:
        self._inverse = inverse
        self._model, self._layout, self._calls = model, layout, layout.calls
        self._batch, self._damping, self._padded = batch, damping, True
        self._start = [model.bos] if bos and model.bos is not None else []
        last = model.sep if isinstance(model, ClosingModel) else None
        self._end = [last] if bos and last is not None else []
        self._first = next(model.network.parameters())
        self._arithmetic = arithmetic_for(self._first)
        # A context variable has a value of its own in every thread, and in every suspended forward pass.
        self._current: ContextVar[_Batch] = ContextVar("batch")
        self._watch = watched(model.network, layout.inputs, self._add)

    def __enter__(self) -> Self:
        self._watch.__enter__()
        return self

    def __exit__(self, *failure: object) -> None:
        self._watch.__exit__(None, None, None)

    def check_padding(self, texts: Iterable[Windows], run: Run) -> float:
        """By which share padding changes what the network reads; 0 where it is rounding.

        Where it is more, from now on only windows of equal length share a forward pass. The longest and the shortest
        window are run alone and in one batch.
        """
        extremes = [one for windows in texts for choose in (max, min) if (one := choose(windows.ids, key=len))]
        pair = [[*self._start, *choose(extremes, key=len, default=()), *self._end] for choose in (max, min)]
        if len(pair[0]) == len(pair[1]) or self._batch == 1:
            return 0.0
        changed = change_by_padding(self._model.network, self._layout, pair, self._model.pad, run)
        self._padded = not changed
        return changed

    def collect(self, language: str, windows: Windows) -> Collected[CellStatistics]:
        """The statistics of one cell, of a whole text."""
        return self.collect_each(language, windows, [range(len(windows.ids))])[0]

    def collect_each(
        self, language: str, windows: Windows, pieces: Sequence[Sequence[int]]
    ) -> list[Collected[CellStatistics]]:
        """The statistics of several pieces of a text, from the forward passes of the whole."""
        return self.collect_together([(language, windows, pieces)], one_after_another)

    def collect_together(self, texts: Sequence[SeveralCells], run: Run) -> list[Collected[CellStatistics]]:
        """The statistics of the cells of several texts, one after the other, from forward passes that are run together.

        Raises
        ------
        NumericalError
            If an input's diagonals cannot be had, with the input's name.
        """
        planned = [self.passes(windows, pieces) for _, windows, pieces in texts]
        run([forward for _, forwards in planned for forward in forwards])
        return [
            one.result(language) for (language, _, _), (sums, _) in zip(texts, planned, strict=True) for one in sums
        ]

    def passes(
        self, windows: Windows, pieces: Sequence[Sequence[int]]
    ) -> tuple[list[CellSums], list[Callable[[], None]]]:
        """The sums of each piece of a text, and the forward passes that fill them, to be run in this order.

        A batch of which no piece has a window has no pass.
        """
        sums: list[tuple[CellSums, Sequence[int]]] = []
        for piece in pieces:
            own = Windows(tuple(windows.ids[place] for place in piece))
            one = CellSums(self._layout, own, self._damping, self._arithmetic, self._inverse)
            sums.append((one, piece))
        forwards: list[Callable[[], None]] = []
        first = 0
        for group in self._groups(windows.ids):
            batch = range(first, first + len(group))
            takers = [(one, [place - first for place in piece if place in batch]) for one, piece in sums]
            if taken := [taker for taker in takers if taker[1]]:
                forwards.append(partial(self._forward, group, taken))
            first = batch.stop
        return [one for one, _ in sums], forwards

    def _groups(self, ids: Sequence[tuple[int, ...]]) -> Iterator[Sequence[tuple[int, ...]]]:
        """The windows of each forward pass, in their order."""
        most = self._batch * max(map(len, ids))
        for alike in [ids] if self._padded else [tuple(each) for _, each in groupby(ids, len)]:
            if self._first.device.type == "cpu":
                yield from (alike[start : start + self._batch] for start in range(0, len(alike), self._batch))
            else:
                yield from by_tokens(alike, most)

    def _forward(self, windows: Sequence[tuple[int, ...]], sums: Sequence[tuple[CellSums, Sequence[int]]]) -> None:
        whole = [[*self._start, *window, *self._end] for window in windows]
        longest = max(map(len, whole))
        self._current.set(_Batch(windows, longest, sums, sum(map(len, self._calls.values()))))
        ids, mask = padded(whole, self._model.pad)
        masked = self._first.device.type == "cpu" or not bool(mask.all())
        if self._first.device.type != "cpu":
            ids, mask = (one.pin_memory().to(self._first.device, non_blocking=True) for one in (ids, mask))
        with suppress(AllSeen):
            # transformers would wait for another device to see that a mask hides nothing.
            self._model.network(input_ids=ids, attention_mask=mask if masked else None)

    def _add(self, name: str, tensor: torch.Tensor) -> None:
        batch = self._current.get()
        batch.calls[name] += 1
        if batch.calls[name] - 1 not in self._calls[name]:
            return
        rows = tensor.reshape(len(batch.windows), -1, tensor.shape[-1])
        if rows.shape[1] != batch.longest:
            raise UserError(
                f"{name} reads {rows.shape[1]} rows in a window of {batch.longest} tokens, including special ones",
                "the network drops, merges or adds tokens in windows of this length; try another calibration.window",
            )
        first = len(self._start)  # neither a special token nor padding adds a row
        windows = [own[first : first + len(ids)] for own, ids in zip(rows, batch.windows, strict=True)]
        for sums, places in batch.sums:
            sums.add(name, [windows[place] for place in places])
        batch.left -= 1
        if not batch.left:
            raise AllSeen


def by_tokens(windows: Sequence[tuple[int, ...]], most: int) -> Iterator[Sequence[tuple[int, ...]]]:
    """The windows in their order, in batches of at most `most` tokens with padding; a longer window stands alone."""
    batch: list[tuple[int, ...]] = []
    for window in windows:
        longest = max(map(len, [*batch, window]))
        if batch and longest * (len(batch) + 1) > most:
            yield batch
            batch = []
        batch.append(window)
    if batch:
        yield batch
