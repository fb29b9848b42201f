"""Addresses of cells: what was stored once has to be found for ever."""

from __future__ import annotations

from langgeo_core.planning.addresses import cell_key
from langgeo_core.planning.replicates import BLOCKS, HALVES

CALIBRATION = {
    "tokens": 2048, "window": 512, "seed": 0, "bos": True, "short": "error", "dtype": "float32", "damping": 0.01,
}  # fmt: skip


def test_the_address_of_diagonals_is_what_it_always_was():
    expected = "881bc2b5cd6c67e3af956ee009a9b73aa8122184699a96c6cd3bdbd02a601ba7"
    assert cell_key("a" * 64, "b" * 64, CALIBRATION) == expected
    assert cell_key("a" * 64, "b" * 64, dict(reversed(CALIBRATION.items()))) == expected
    assert cell_key("a" * 64, "b" * 64, CALIBRATION, statistic="") == expected


def test_the_addresses_of_halves_are_what_they_always_were():
    halves = [cell_key("a" * 64, "b" * 64, CALIBRATION, part=part) for part in HALVES.parts]
    assert halves == [
        "7490d34ae90b3350d639323feee6678a044a542318ed52a3c8d32062f22897a0",
        "48d9a548bb0fe0df1d6650afdecf33232af16428ecd3c6e965a6037bffe91071",
    ]
    of_weights = "01beb3fb1396c60380231abbcd096dd092f79b71bb108bf4cb77edeb06bfff6b"
    assert cell_key("a" * 64, "b" * 64, CALIBRATION, "x/1", HALVES.parts[0]) == of_weights


def test_everything_that_changes_a_cell_changes_its_address():
    keys = [
        cell_key("a", "b", CALIBRATION),
        cell_key("c", "b", CALIBRATION),
        cell_key("a", "c", CALIBRATION),
        cell_key("a", "b", {**CALIBRATION, "tokens": 2047}),
        cell_key("a", "b", CALIBRATION, "squared-gradient/1"),
        cell_key("a", "b", CALIBRATION, "squared-gradient/2"),
        *(cell_key("a", "b", CALIBRATION, part=part) for part in (*HALVES.parts, *BLOCKS.parts)),
    ]
    assert len(set(keys)) == len(keys)
