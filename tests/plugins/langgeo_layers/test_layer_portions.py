"""The parts of a network, and a greedy choice among parts whose worth is known."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, strategies as st

from langgeo_core.api import WeightMatrix
from langgeo_layers.curve import portions, whole
from langgeo_layers.greedy import agreement, choices, split

MODULES = ("q", "down")
MATRICES = tuple(
    WeightMatrix(f"h.{layer}.{module}", layer, module, 2, 2, "") for layer in (2, 3, 5) for module in MODULES
)


def names(kind: str, ranges: int = 4) -> dict[str, list[str]]:
    return {
        portion.name: [matrix.name for matrix, taken in zip(MATRICES, portion.chosen, strict=True) if taken]
        for portion in portions(MATRICES, kind, ranges)
    }


def test_layers_modules_and_matrices():
    assert names("layers") == {f"layer-{layer}": [f"h.{layer}.q", f"h.{layer}.down"] for layer in (2, 3, 5)}
    assert names("modules") == {
        f"module-{module}": [f"h.{layer}.{module}" for layer in (2, 3, 5)] for module in MODULES
    }
    assert names("matrices") == {f"matrix-{one.layer}-{one.module}": [one.name] for one in MATRICES}
    assert whole(MATRICES).chosen.all()


def test_depths_hold_each_layer_once():
    assert names("depths", 2) == {
        "depth-0.00-0.50": ["h.2.q", "h.2.down"],
        "depth-0.50-1.00": ["h.3.q", "h.3.down", "h.5.q", "h.5.down"],
    }
    assert names("depths", 1) == {}, "the whole network is no part of itself"
    assert len(names("depths", 9)) == 3, "a range without a layer is left out"


@given(st.lists(st.integers(0, 5), min_size=2, max_size=40), st.integers(0, 9))
def test_halves_share_each_class_evenly(labels: list[int], seed: int):
    _, classes = np.unique(labels, return_inverse=True)
    one, other = split(classes, np.random.default_rng(seed))
    assert sorted([*one, *other]) == list(range(len(labels)))
    assert abs(len(one) - len(other)) <= 1
    counts = [np.bincount(classes[half], minlength=classes.max() + 1) for half in (one, other)]
    assert np.abs(counts[0] - counts[1]).max() <= 1


CLASSES = np.repeat(np.arange(6), 6)


def parts_of(signals: list[float], seed: int = 0) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Squared distances of parts that know the classes as well as `signals` says, and noise."""
    rng = np.random.default_rng(seed)
    apart = 1.0 * (CLASSES[:, None] != CLASSES)
    found = []
    for signal in signals:
        noise = rng.random(apart.shape)
        values = signal * apart + noise + noise.T
        np.fill_diagonal(values, 0)
        found.append(values)
    return [np.arange(len(signals)) == place for place in range(len(signals))], found


def test_a_part_that_knows_the_classes_is_chosen_and_keeps_its_promise():
    units, found = parts_of([0.0, 0.0, 2.0, 0.0])

    def measured(chosen: np.ndarray) -> np.ndarray:
        return sum(values for values, taken in zip(found, chosen, strict=True) if taken)

    drawn = [split(CLASSES, np.random.default_rng(seed)) for seed in range(5)]
    paths = list(choices(units, measured, CLASSES, 3, drawn))
    assert len(paths) == 10
    assert all(path.taken[0] == 2 and path.stop == 0 and len(path.taken) == 3 for path in paths)
    assert [path.there[0] for path in paths] == [1.0] * 10
    assert np.mean([path.whole for path in paths]) < 1


def test_choosing_among_noise_promises_what_others_do_not_keep():
    units, found = parts_of([0.0] * 30, seed=3)

    def measured(chosen: np.ndarray) -> np.ndarray:
        return sum(values for values, taken in zip(found, chosen, strict=True) if taken)

    drawn = [split(CLASSES, np.random.default_rng(seed)) for seed in range(10)]
    paths = list(choices(units, measured, CLASSES, 2, drawn))
    promised = np.mean([path.here[path.stop] for path in paths])
    kept = np.mean([path.there[path.stop] for path in paths])
    assert promised > kept + 0.1
    assert kept == pytest.approx(2 / 17, abs=0.08), "two of the seventeen others are of the language's class"


def test_the_first_step_is_the_best_single_part_of_those_that_choose():
    units, found = parts_of([0.1, 0.3, 0.2, 0.4], seed=5)
    here, there = split(CLASSES, np.random.default_rng(1))
    (path, other) = choices(units, lambda chosen: found[int(np.flatnonzero(chosen)[0])], CLASSES, 1, [(here, there)])
    alone = [agreement(values, CLASSES, here) for values in found]
    assert path.here[0] == max(alone)
    assert path.there[0] == agreement(found[path.taken[0]], CLASSES, there)
    assert other.here[0] == max(agreement(values, CLASSES, there) for values in found)
