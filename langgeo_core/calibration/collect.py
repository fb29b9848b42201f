"""One cell's statistics from forward passes over its windows."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import partial
from typing import Self

import torch

from langgeo_core.calibration.inputs import AllSeen, watched
from langgeo_core.calibration.sums import CellSums, Collected as Collected, arithmetic_for
from langgeo_core.calibration.windows import Windows, union
from langgeo_core.contract.protocols import ClosingModel, LoadedModel
from langgeo_core.contract.types import CellStatistics, Layout


@dataclass
class _Batch:
    """Some windows of a text in one forward pass; `left` are the inputs that it has not reached.

    `sums` are those that windows of this batch go into, each with the places of its own among them.
    """

    windows: Sequence[tuple[int, ...]]
    sums: Sequence[tuple[CellSums, Sequence[int]]]
    left: set[str] = field(default_factory=set)


class Collector:
    """Runs windows through a model and reduces every distinct input to its diagonals.

    On the processor Gram matrices are summed window by window in the given order, so that the batch size does not
    matter. Each is reduced and freed once its last window is in, and a forward pass ends at its last measured input.
    Neither padding nor a special token adds a row. Several threads may collect different cells at once.

    Parameters
    ----------
    batch : windows in one forward pass
    bos : whether to start every window with the model's first token, where it has one, and to end it with its last
    damping : λ as a share of the mean diagonal
    """

    def __init__(self, model: LoadedModel, layout: Layout, batch: int, bos: bool, damping: float) -> None:
        self._model, self._layout = model, layout
        self._batch, self._damping = batch, damping
        self._start = [model.bos] if bos and model.bos is not None else []
        last = model.sep if isinstance(model, ClosingModel) else None
        self._end = [last] if bos and last is not None else []
        self._first = next(model.network.parameters())
        self._arithmetic = arithmetic_for(self._first)
        # A context variable has a value of its own in every thread, and in every suspended forward pass.
        self._current: ContextVar[_Batch] = ContextVar("batch")
        self._watch = watched(model.network, {name: name for name in layout.inputs}, self._add)

    def __enter__(self) -> Self:
        self._watch.__enter__()
        return self

    def __exit__(self, *failure: object) -> None:
        self._watch.__exit__(None, None, None)

    def collect(self, language: str, windows: Windows) -> Collected[CellStatistics]:
        """The statistics of one cell.

        Raises
        ------
        NumericalError
            If an input's diagonals cannot be had, with the input's name.
        """
        return self.collect_with_parts(language, windows, ())[0]

    def collect_with_parts(
        self, language: str, windows: Windows, parts: Sequence[Windows]
    ) -> list[Collected[CellStatistics]]:
        """The statistics of a cell, then those of cells that share its windows, from the same forward passes.

        Parameters
        ----------
        parts : each windows of `windows`, in their order, or of one batch with all of them

        Raises
        ------
        NumericalError
            As `collect`.
        """
        sums, forwards = self.passes(windows, parts)
        with torch.inference_mode():
            for forward in forwards:
                forward()
        return [one.result(language) for one in sums]

    def passes(
        self, windows: Windows, parts: Sequence[Windows] = ()
    ) -> tuple[list[CellSums], list[Callable[[], None]]]:
        """The sums of a cell and of its parts, and the forward passes that fill them, to be run in this order."""
        read = union((windows, *parts))
        sums = [(self._sums(one), _places(one, read)) for one in (windows, *parts)]
        forwards: list[Callable[[], None]] = []
        first = 0
        for group in self._batches(read.ids):
            batch = range(first, first + len(group))
            takers = [(one, [place - first for place in places if place in batch]) for one, places in sums]
            forwards.append(partial(self._forward, group, [taker for taker in takers if taker[1]]))
            first = batch.stop
        return [one for one, _ in sums], forwards

    def _sums(self, windows: Windows) -> CellSums:
        return CellSums(self._layout, windows, len(self._start), self._damping, self._arithmetic)

    def _forward(self, windows: Sequence[tuple[int, ...]], sums: Sequence[tuple[CellSums, Sequence[int]]]) -> None:
        self._current.set(_Batch(windows, sums, set(self._layout.inputs)))
        whole = [[*self._start, *window, *self._end] for window in windows]
        ids, mask = self._moved(*_padded(whole, self._model.pad))
        with suppress(AllSeen):
            self._model.network(input_ids=ids, attention_mask=mask)

    def _add(self, name: str, tensor: torch.Tensor) -> None:
        batch = self._current.get()
        rows = tensor.reshape(len(batch.windows), -1, tensor.shape[-1])
        for sums, places in batch.sums:
            taken = rows if len(places) == len(rows) else rows[list(places)]
            sums.add(name, taken, [len(batch.windows[place]) for place in places])
        batch.left.discard(name)
        if not batch.left:
            raise AllSeen

    def _moved(self, ids: torch.Tensor, mask: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor | None]:
        """The same on the network's device; transformers would wait for the device to see that a mask hides nothing."""
        if self._first.device.type == "cpu":
            return ids, mask
        there = partial(torch.Tensor.to, device=self._first.device, non_blocking=True)
        return there(ids.pin_memory()), None if bool(mask.all()) else there(mask.pin_memory())

    def _batches(self, windows: Sequence[tuple[int, ...]]) -> Iterator[Sequence[tuple[int, ...]]]:
        if self._first.device.type == "cpu":
            return _by_windows(windows, self._batch)
        return by_tokens(windows, self._batch * max(map(len, windows)))


def _places(part: Windows, whole: Windows) -> Sequence[int]:
    """Where in `whole` the windows of `part` are; one that comes there again counts where it comes first."""
    begins = part.ids == whole.ids[: len(part.ids)]
    return range(len(part.ids)) if begins else [whole.ids.index(window) for window in part.ids]


def _by_windows(windows: Sequence[tuple[int, ...]], size: int) -> Iterator[Sequence[tuple[int, ...]]]:
    for first in range(0, len(windows), size):
        yield windows[first : first + size]


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


def _padded(windows: list[list[int]], pad: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Ids and attention mask, padded on the right, where causal attention never looks."""
    longest = max(map(len, windows))
    ids = torch.tensor([window + [pad] * (longest - len(window)) for window in windows])
    mask = torch.tensor([[1] * len(window) + [0] * (longest - len(window)) for window in windows])
    return ids, mask
