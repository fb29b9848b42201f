from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
import torch
from torch import nn

from langgeo_core.calibration.inputs import block_paths
from langgeo_core.calibration.sequential import in_step


class Chain(nn.Module):
    """Blocks that add their number; `around` computes between them, as some families do."""

    def __init__(self, depth: int = 3) -> None:
        super().__init__()
        self.blocks = nn.ModuleList(nn.Linear(2, 2) for _ in range(depth))
        self.around: Callable[[int], None] = lambda place: None

    def forward(self, values: torch.Tensor) -> torch.Tensor:
        for place, block in enumerate(self.blocks):
            self.around(place)
            values = block(values) + place
        return values


class Journal:
    """What was filled and what ran, in order."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    @contextmanager
    def filled(self, path: str) -> Iterator[None]:
        self.lines.append(f"+{path[-1]}")
        try:
            yield
        finally:
            self.lines.append(f"-{path[-1]}")


def test_all_passes_go_through_a_block_before_any_enters_the_next():
    network, journal, found = Chain(), Journal(), {}

    def forward(number: int) -> None:
        result = network(torch.full((1, 2), float(number)))
        journal.lines.append(f"end {number}")
        found[number] = result

    for block in network.blocks:
        block.register_forward_hook(lambda *_: journal.lines.append("x"))
    in_step(network, [lambda number=number: forward(number) for number in range(2)], journal.filled)
    assert journal.lines == ["+0", "x", "x", "-0", "+1", "x", "x", "-1", "+2", "x", "end 0", "x", "end 1", "-2"]
    for number, result in found.items():
        assert torch.equal(result, network(torch.full((1, 2), float(number))))


def test_passes_that_end_early_or_enter_no_block_end_alone():
    network, journal = Chain(), Journal()
    in_step(network, [lambda: None, lambda: network(torch.zeros(1, 2))], journal.filled)
    assert journal.lines == ["+0", "-0", "+1", "-1", "+2", "-2"]


@pytest.mark.parametrize("failure", [ValueError("no"), KeyboardInterrupt()])
def test_a_failure_unwinds_every_pass(failure: BaseException):
    network, journal = Chain(), Journal()

    def forward(number: int) -> None:
        try:
            network(torch.zeros(1, 2))
        finally:
            journal.lines.append(f"unwound {number}")

    def fail(place: int) -> None:
        if place == 2:
            raise failure

    network.around = fail
    with pytest.raises(type(failure)):
        in_step(network, [lambda number=number: forward(number) for number in range(3)], journal.filled)
    assert journal.lines == ["+0", "-0", "+1", "unwound 0", "-1", "unwound 1", "unwound 2"]
    assert not any(module._forward_pre_hooks for module in network.modules())


def test_a_block_that_cannot_be_filled_unwinds_every_pass():
    network, unwound = Chain(), []

    def forward() -> None:
        try:
            network(torch.zeros(1, 2))
        finally:
            unwound.append(True)

    def filled(path: str) -> None:
        raise OSError("the disk is gone")

    with pytest.raises(OSError, match="the disk is gone"):
        in_step(network, [forward, forward], filled)
    assert unwound == [True, True]


def test_passes_begin_no_threads():
    network, seen = Chain(), set()
    network.around = lambda place: seen.add((threading.get_ident(), threading.active_count()))
    before = threading.active_count()
    in_step(network, [lambda: network(torch.zeros(1, 2)) for _ in range(50)], Journal().filled)
    assert seen == {(threading.get_ident(), before)}


def test_blocks_within_blocks_belong_to_them():
    outer = nn.Module()
    outer.layers = nn.ModuleList([Chain(2), Chain(1)])
    outer.other = nn.ModuleList([nn.Linear(1, 1)])
    assert block_paths(outer) == ["layers.0", "layers.1", "other.0"]
