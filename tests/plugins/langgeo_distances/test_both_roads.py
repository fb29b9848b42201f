"""Every quantizer with every distance that fits: both roads, some rows at a time, against everything written out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from quantized_cases import (
    any_group,
    as_per_weight,
    built,
    compared,
    plain_distances,
    plain_values,
    separable_group,
)
from tiny_models import one_thread

import langgeo_distances
import langgeo_quantizers
from langgeo_core.api import UserError
from langgeo_core.comparison.pairwise import choose_form
from langgeo_core.contract.signatures import COMPACT

BITS = {"hamming", "jaccard"}
LEVELS = {"hamming", "l1", "l2", "cosine", "correlation"}
NUMBERS = LEVELS - {"hamming"}
FITTING = {
    "median": BITS,
    "quantile": BITS,
    "sign-of-difference": BITS,
    "n-bit": LEVELS,
    "rank": NUMBERS,
    "log": NUMBERS,
    "none": NUMBERS | {"jensen-shannon"},
}
WHOLE = ("median", "quantile", "n-bit")
"""Quantizers whose distances are made of whole numbers."""
SCOPES = ("row", "matrix", "layer", "global")
VARIANTS: list[tuple[str, dict[str, Any]]] = [
    *(("median", {"scope": scope}) for scope in SCOPES),
    *(("quantile", {"scope": scope, "keep": keep}) for scope in SCOPES for keep in (0.25, 0.75)),
    *(("n-bit", {"scope": scope, "bits": bits}) for scope in SCOPES for bits in (1, 2, 4)),
    *(("rank", {"scope": scope}) for scope in ("row", "matrix")),
    ("sign-of-difference", {}),
    ("none", {}),
    ("log", {}),
]
PAIRS = [(name, options, distance) for name, options in VARIANTS for distance in sorted(FITTING[name])]


@pytest.fixture(scope="module", autouse=True)
def quick() -> Iterator[None]:
    with one_thread():
        yield


def close(found: np.ndarray, expected: np.ndarray, name: str) -> None:
    """Shares of whole numbers to the last bit or so, all else to 1e-6."""
    tolerance = 1e-14 if name in BITS else 1e-6
    np.testing.assert_allclose(found, expected, rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize(("name", "options", "distance"), PAIRS)
def test_separable_scores_on_both_roads(name: str, options: dict[str, Any], distance: str):
    group = separable_group()
    quantizer, measure = built("quantizers", name, options), built("distances", distance, {})
    expected = plain_distances(plain_values(group, name, options), distance)
    forms = [form for form in quantizer.forms() if form in measure.forms()]
    assert len(forms) == 2 or quantizer.scope == "row" or name in ("rank", "sign-of-difference")
    for form in forms:
        close(compared(group, quantizer, measure, form, rows=3), expected, distance)
    general = [form for form in forms if form not in COMPACT]
    for form in general:
        others = [as_per_weight(scores) for scores in group]
        close(compared(others, quantizer, measure, form, rows=2), expected, distance)
    assert expected[0, 1] > 0


@pytest.mark.parametrize(("name", "options", "distance"), PAIRS)
def test_scores_of_any_form(name: str, options: dict[str, Any], distance: str):
    group = any_group()
    quantizer, measure = built("quantizers", name, options), built("distances", distance, {})
    form = choose_form(quantizer, measure, separable=False)
    expected = plain_distances(plain_values(group, name, options), distance)
    for rows in (1, 4, 100):
        close(compared(group, quantizer, measure, form, rows), expected, distance)


@pytest.mark.parametrize(("name", "options", "distance"), [pair for pair in PAIRS if pair[0] in WHOLE])
def test_whole_numbers_are_the_same_on_both_roads(name: str, options: dict[str, Any], distance: str):
    quantizer, measure = built("quantizers", name, options), built("distances", distance, {})
    for seed in range(5):
        group = separable_group(seed)
        sums = [compared(group, quantizer, Sums(measure), form, 3) for form in quantizer.forms()]
        sums.append(compared([as_per_weight(one) for one in group], quantizer, Sums(measure), quantizer.forms()[-1], 2))
        for other in sums[1:]:
            np.testing.assert_array_equal(other, sums[0])


class Sums:
    """A distance that gives its sums instead of what it makes of them."""

    def __init__(self, distance: Any) -> None:
        self.partial = distance.partial

    def finish(self, total: np.ndarray, size: int) -> np.ndarray:
        return total


@pytest.mark.parametrize("name", sorted(FITTING))
def test_only_what_fits_is_offered(name: str):
    for record in langgeo_distances.langgeo_distances():
        quantizer, measure = built("quantizers", name, {}), built("distances", record.name, {})
        for separable in (True, False):
            if record.name in FITTING[name]:
                assert choose_form(quantizer, measure, separable)
            else:
                with pytest.raises(UserError, match="the quantizer makes"):
                    choose_form(quantizer, measure, separable)


def test_every_quantizer_is_tried_here():
    assert {record.name for record in langgeo_quantizers.langgeo_quantizers()} == set(FITTING)


def test_the_readme_says_what_fits():
    text = Path(langgeo_distances.__file__).with_name("README.md").read_text()
    header, _, *rows = re.search(r"^\| quantizer .*?\n\n", text, re.M | re.S).group().strip().splitlines()
    names = re.findall(r"`([\w-]+)`", header)
    said: dict[str, set[str]] = {}
    for row in rows:
        first, *cells = [cell.strip() for cell in row.strip("|").split("|")]
        chosen = {name for name, cell in zip(names, cells, strict=True) if cell == "yes"}
        said |= {quantizer: chosen for quantizer in re.findall(r"`([\w-]+)`", first)}
    assert said == FITTING
