"""Addresses of cells: what was stored once has to be found for ever."""

from __future__ import annotations

from langgeo_core.planning.plan import cell_key

CALIBRATION = {
    "tokens": 2048, "window": 512, "seed": 0, "bos": True, "short": "error", "dtype": "float32", "damping": 0.01,
}  # fmt: skip


def test_the_address_of_diagonals_is_what_it_always_was():
    expected = "881bc2b5cd6c67e3af956ee009a9b73aa8122184699a96c6cd3bdbd02a601ba7"
    assert cell_key("a" * 64, "b" * 64, CALIBRATION) == expected
    assert cell_key("a" * 64, "b" * 64, dict(reversed(CALIBRATION.items()))) == expected
    assert cell_key("a" * 64, "b" * 64, CALIBRATION, statistic="") == expected


def replicate(number: int, of: int, each: str = "window") -> dict[str, object]:
    return {"replicate": number, "of": of, "each": each}


def test_everything_that_changes_a_cell_changes_its_address():
    keys = [
        cell_key("a", "b", CALIBRATION),
        cell_key("c", "b", CALIBRATION),
        cell_key("a", "c", CALIBRATION),
        cell_key("a", "b", {**CALIBRATION, "tokens": 2047}),
        cell_key("a", "b", CALIBRATION, "squared-gradient/1"),
        cell_key("a", "b", CALIBRATION, "squared-gradient/2"),
        cell_key("a", "b", CALIBRATION, replicate=replicate(0, 2)),
        cell_key("a", "b", CALIBRATION, replicate=replicate(1, 2)),
        cell_key("a", "b", CALIBRATION, replicate=replicate(0, 4)),
        cell_key("a", "b", CALIBRATION, replicate=replicate(0, 2, "line")),
        cell_key("a", "b", CALIBRATION, "squared-gradient/1", replicate(0, 2)),
    ]
    assert len(set(keys)) == len(keys)
