"""Cells of a model too large for memory: one block's weights and one cell's Gram matrices of it at a time.

Forward passes go through the network side by side, a block at a time. Every pass runs in a greenlet of its own and is
suspended where it is about to enter a block. What a family of models hands to its blocks stays in the suspended frames,
so nothing of it needs to be known here. All greenlets share one thread: exactly one of them runs at a time, all use the
same pool of threads in matrix products, and Ctrl-C or an exception reaches the caller like any other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack, contextmanager
from functools import partial
from itertools import pairwise

import torch
from greenlet import getcurrent, greenlet
from torch import nn

from langgeo_core.calibration.inputs import Run, block_paths, one_after_another
from langgeo_core.contract.protocols import LoadedModel, StreamedModel
from langgeo_core.system.processor import inference

State = Mapping[str, torch.Tensor]
Filled = Callable[[str], AbstractContextManager[None]]
"""`filled(path)`: while it lasts, the block at the path has its weights."""


def runner(model: LoadedModel) -> Run:
    """Runs forward passes of a model; of one whose blocks are empty all of them through a block before the next.

    In memory are then the hidden states of all the texts, the weights of one block, and of the cells of one text the
    Gram matrices of that block: texts go through a block one after the other.
    """
    if not isinstance(model, StreamedModel):
        return one_after_another
    filled = Blocks(model).filled

    def run(forwards: Sequence[Callable[[], None]]) -> None:
        with inference():
            in_step(model.network, forwards, filled)

    return run


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

    def _state(self, path: str) -> State:
        ahead = self._ahead.pop(path, None)
        state = ahead.result() if ahead else self._read(path)
        if following := self._next.get(path):
            self._ahead[following] = self._reader.submit(self._read, following)
        return {name: values.to(self._device, non_blocking=True) for name, values in state.items()}

    def _read(self, path: str) -> State:
        state = self._model.block(path)
        return {name: values.pin_memory() for name, values in state.items()} if self._next else state


def in_step(network: nn.Module, forwards: Sequence[Callable[[], None]], filled: Filled) -> None:
    """Run forward passes through `network`, all of them through one block before any enters the next.

    Within a block they run in the given order. At any time one block is filled. If a pass fails, the others are
    unwound and the failure is raised.
    """

    def pause(path: str, *call: object) -> None:
        here = getcurrent()
        if here.parent is not None:
            here.parent.switch(path)

    def next_block(suspended: greenlet) -> str:
        """Let a pass run up to the next block that it enters; empty where it ends instead."""
        path = suspended.switch()
        return "" if suspended.dead else str(path)

    with ExitStack() as cleanup:
        for path in block_paths(network):
            hook = network.get_submodule(path).register_forward_pre_hook(partial(pause, path))
            cleanup.callback(hook.remove)
        passes = [greenlet(forward) for forward in forwards]
        for suspended in reversed(passes):
            cleanup.callback(suspended.throw)  # unwinds its frames; of a finished one there is nothing left
        waiting = {suspended: next_block(suspended) for suspended in passes}
        while block := next((path for path in waiting.values() if path), None):
            with filled(block):
                for suspended, path in waiting.items():
                    if path == block:
                        waiting[suspended] = next_block(suspended)
