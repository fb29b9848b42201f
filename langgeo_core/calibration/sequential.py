"""Cells of a model too large for memory: one block's weights and one cell's Gram matrices of it at a time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from functools import partial
from itertools import pairwise

import torch

from langgeo_core.calibration.collect import Collector
from langgeo_core.calibration.inputs import find_layout
from langgeo_core.calibration.lockstep import block_paths, in_step
from langgeo_core.calibration.sums import Collected
from langgeo_core.calibration.windows import Windows
from langgeo_core.contract.protocols import StreamedModel
from langgeo_core.contract.types import CellStatistics, Layout

State = Mapping[str, torch.Tensor]
Texts = tuple[str, Windows, *tuple[Windows, ...]]
"""A language, the windows of a cell, and those of parts of its text."""


def collect_together(
    collector: Collector, model: StreamedModel, cells: Sequence[Texts]
) -> list[Collected[CellStatistics]]:
    """The statistics of several cells, one after the other, from one pass over the model's weights.

    Those of parts of a text, which read some of its windows in their order, are summed in the forward passes of the
    whole. In memory are the hidden states of all the cells, the weights of one block, and of one cell and its parts the
    Gram matrices of that block: cells go through a block one after the other.

    Raises
    ------
    NumericalError
        If an input's diagonals cannot be had, with the input's name.
    """
    planned = [collector.passes(whole, parts) for _, whole, *parts in cells]
    blocks = Blocks(model)
    with torch.inference_mode():
        in_step(model.network, [forward for _, forwards in planned for forward in forwards], blocks.filled)
    return [one.result(language) for (language, *_), (sums, _) in zip(cells, planned, strict=True) for one in sums]


def find_streamed_layout(model: StreamedModel, probe: list[int]) -> Layout:
    """The layout of a model whose blocks are filled one at a time; as `find_layout`."""
    blocks = Blocks(model)
    with blocks.filled_when_entered():
        return find_layout(model.network, probe)


class Blocks:
    """The blocks of a streamed model, empty but for those that are in use.

    For a network on another device than the processor the next block is read while the present one computes.
    """

    def __init__(self, model: StreamedModel) -> None:
        self._model = model
        self._device = next(model.network.parameters()).device
        paths = block_paths(model.network)
        self._next = dict(pairwise(paths)) if self._device.type == "cuda" else {}
        self._ahead: dict[str, Future[State]] = {}
        self._reader = ThreadPoolExecutor(1)

    @contextmanager
    def filled(self, path: str) -> Iterator[None]:
        """The block with its weights on the network's device; afterwards they are let go."""
        block = self._model.network.get_submodule(path)
        hollow = block.state_dict()
        block.load_state_dict(self._state(path), assign=True)
        try:
            yield
        finally:
            block.load_state_dict(hollow, assign=True)

    @contextmanager
    def filled_when_entered(self) -> Iterator[None]:
        """Every block is filled when a forward pass enters it and emptied when it leaves."""
        with ExitStack() as hooks:
            for path in block_paths(self._model.network):
                block, held = self._model.network.get_submodule(path), ExitStack()
                for handle in (
                    block.register_forward_pre_hook(partial(self._enter, held, path)),
                    block.register_forward_hook(partial(_leave, held), always_call=True),
                ):
                    hooks.callback(handle.remove)
            yield

    def _enter(self, held: ExitStack, path: str, *call: object) -> None:
        held.enter_context(self.filled(path))

    def _state(self, path: str) -> State:
        ahead = self._ahead.pop(path, None)
        state = ahead.result() if ahead else self._read(path)
        if following := self._next.get(path):
            self._ahead[following] = self._reader.submit(self._read, following)
        return {name: values.to(self._device, non_blocking=True) for name, values in state.items()}

    def _read(self, path: str) -> State:
        state = self._model.block(path)
        return {name: values.pin_memory() for name, values in state.items()} if self._next else state


def _leave(held: ExitStack, *call: object) -> None:
    held.close()
