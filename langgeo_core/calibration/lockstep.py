"""Forward passes that go through a network side by side, a block at a time.

Every pass runs in a greenlet of its own and is suspended where it is about to enter a block. What a family of models
hands to its blocks stays in the suspended frames, so nothing of it needs to be known here. All greenlets share one
thread: exactly one of them runs at a time, all use the same pool of threads in matrix products, and Ctrl-C or an
exception reaches the caller like any other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from typing import Any

from greenlet import getcurrent, greenlet
from torch import nn

Filled = Callable[[str], AbstractContextManager[None]]
"""`filled(path)`: while it lasts, the block at the path has its weights."""


def block_paths(network: nn.Module) -> list[str]:
    """The paths of a network's blocks: the entries of every ModuleList that lies in no other."""
    paths: list[str] = []
    for name, module in network.named_modules():
        if isinstance(module, nn.ModuleList) and not any(name.startswith(f"{path}.") for path in paths):
            paths += [f"{name}.{place}" for place in range(len(module))]
    return paths


def in_step(network: nn.Module, forwards: Sequence[Callable[[], None]], filled: Filled) -> None:
    """Run forward passes through `network`, all of them through one block before any enters the next.

    Within a block they run in the given order. At any time one block is filled. If a pass fails, the others are
    unwound and the failure is raised.
    """
    with _paused_at_blocks(network):
        passes = [greenlet(forward) for forward in forwards]
        try:
            _advance(passes, filled)
        finally:
            for suspended in passes:
                suspended.throw()  # unwinds its frames; of a finished one there is nothing left


def _advance(passes: Sequence[greenlet], filled: Filled) -> None:
    waiting = {suspended: _next_block(suspended) for suspended in passes}
    while block := next((path for path in waiting.values() if path), None):
        with filled(block):
            for suspended, path in waiting.items():
                if path == block:
                    waiting[suspended] = _next_block(suspended)


def _next_block(suspended: greenlet) -> str:
    """Let a pass run up to the next block that it enters; empty where it ends instead."""
    path = suspended.switch()
    return "" if suspended.dead else str(path)


@contextmanager
def _paused_at_blocks(network: nn.Module) -> Iterator[None]:
    def pause_at(path: str) -> Callable[[nn.Module, tuple[Any, ...]], None]:
        def pause(module: nn.Module, arguments: tuple[Any, ...]) -> None:
            here = getcurrent()
            if here.parent is not None:
                here.parent.switch(path)

        return pause

    with ExitStack() as hooks:
        for path in block_paths(network):
            handle = network.get_submodule(path).register_forward_pre_hook(pause_at(path))
            hooks.callback(handle.remove)
        yield
