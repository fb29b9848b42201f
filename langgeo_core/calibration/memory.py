"""How much memory each mode of calibration takes, by arithmetic on shapes. All figures are bytes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

import torch
from torch import nn

from langgeo_core.calibration.inputs import block_linears
from langgeo_core.calibration.lockstep import block_paths
from langgeo_core.calibration.windows import Windows
from langgeo_core.config.schema import CalibrationSettings

GIB = 1 << 30
SHARE_OF_FREE = 0.8
LIVE_ROWS = 4
"""How many tensors of a batch live in a block at once, in units of the widest input: its own, gate, up, product."""

Cell = TypeVar("Cell")


@dataclass(frozen=True)
class Footprint:
    """What a network takes, from an outline of it.

    Parameters
    ----------
    weights : all parameters
    block : the parameters of the largest block
    outside : the parameters that lie in no block
    grams : the Gram matrices of all linear layers; those that share an input count once each, so that it is a bound
    block_grams : those of one block
    largest_gram : the largest of them
    state : one token's hidden state
    working : what one token takes while its batch goes through a block
    """

    weights: int
    block: int
    outside: int
    grams: int
    block_grams: int
    largest_gram: int
    state: int
    working: int

    def one_pass(self, cells: int, tokens: int) -> int:
        """With `cells` cells side by side, each in batches of `tokens` tokens."""
        return self.weights + cells * (self.grams + tokens * self.working)

    def sequential(self, states: int, tokens: int, copies: int = 1) -> int:
        """With hidden states of `states` tokens, in batches of `tokens` tokens.

        A Gram matrix is reduced in `copies` more of its size: one on the processor, where it is factored in place, two
        on a card.
        """
        grams = self.block_grams + copies * self.largest_gram
        return self.outside + self.block + grams + states * self.state + tokens * self.working


def footprint(outline: nn.Module) -> Footprint:
    """The footprint of a network, whose parameters may be on the meta device."""
    itemsize = next(outline.parameters()).element_size()
    squares: dict[str, list[int]] = {}
    widths: list[int] = []
    for name, linear in block_linears(outline):
        width = _inputs(linear)
        widths.append(width)
        squares.setdefault(_block_of(name), []).append(width * width * max(4, itemsize))
    weights = _bytes(outline.parameters())
    blocks = [_bytes(outline.get_submodule(path).parameters()) for path in block_paths(outline)]
    most = max(squares.values(), key=sum)
    return Footprint(
        weights,
        max(blocks),
        weights - sum(blocks),
        sum(map(sum, squares.values())),
        sum(most),
        max(most),
        widths[0] * itemsize,
        LIVE_ROWS * max(widths) * itemsize,
    )


def allowed(settings: CalibrationSettings, device: torch.device) -> int:
    """What the settings allow, or most of what is free on the device."""
    if settings.memory is not None:
        return int(settings.memory * GIB)
    return int(SHARE_OF_FREE * _free(device))


def groups(cells: Sequence[tuple[Cell, Windows]], most: int) -> Iterable[list[tuple[Cell, Windows]]]:
    """The cells in their order, in groups of at most `most` tokens; a cell of more is a group of its own."""
    group: list[tuple[Cell, Windows]] = []
    for cell in cells:
        if group and _tokens([*group, cell]) > most:
            yield group
            group = []
        group.append(cell)
    if group:
        yield group


def _tokens(cells: Iterable[tuple[Cell, Windows]]) -> int:
    """With padding and special tokens, whose states are held as well."""
    return sum(len(windows.ids) * (max(map(len, windows.ids)) + 2) for _, windows in cells)


def _free(device: torch.device) -> int:
    if device.type == "cuda":
        return int(torch.cuda.mem_get_info(device)[0])
    import psutil

    return int(psutil.virtual_memory().available)


def _bytes(parameters: Iterable[nn.Parameter]) -> int:
    return sum(values.numel() * values.element_size() for values in parameters)


def _inputs(linear: nn.Module) -> int:
    shape = linear.get_parameter("weight").shape
    return int(shape[1] if isinstance(linear, nn.Linear) else shape[0])


def _block_of(name: str) -> str:
    parts = name.split(".")
    return ".".join(parts[: next(place for place, part in enumerate(parts) if part.isdigit()) + 1])
