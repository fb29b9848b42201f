"""Baselines of lengths, by hand."""

from __future__ import annotations

from math import log

import numpy as np
import pytest

from langgeo_baselines.lengths import ByteLength, Fertility, log_ratios, measure
from langgeo_baselines.options import FertilityOptions
from langgeo_core.api import BaselineContext, Language, UnavailableError

TEXTS = {"deu": ("ab cd", "é"), "rus": ("жжж",), "xxx": ()}


def tokens(language: str, whole: bool) -> np.ndarray:
    assert whole
    return np.zeros({"deu": 3, "rus": 6, "xxx": 0}[language], dtype=np.int64)


def context(models: int = 1) -> BaselineContext:
    languages = tuple(Language(id, id) for id in TEXTS)
    return BaselineContext(languages, TEXTS.__getitem__, {f"m{number}": tokens for number in range(models)})


@pytest.mark.parametrize(("unit", "size"), [("character", 6), ("byte", 7), ("word", 3)])
def test_measure(unit: str, size: int) -> None:
    assert measure(TEXTS["deu"], unit) == size  # type: ignore[arg-type]


def test_bytes_are_compared_by_their_ratio() -> None:
    values = ByteLength().distances(context()).values
    assert values[0, 1] == pytest.approx(log(7 / 6))
    assert np.isnan(values[2, :2]).all()


@pytest.mark.parametrize(("unit", "ratio"), [("character", (6 / 3) / (3 / 6)), ("byte", 1 / (3 / 7)), ("word", 6)])
def test_fertility_is_tokens_per_unit(unit: str, ratio: float) -> None:
    options = FertilityOptions.model_validate({"unit": unit})
    for models in (1, 2):
        values = Fertility(options).distances(context(models)).values
        assert values[0, 1] == pytest.approx(log(ratio))
        assert np.isnan(values[2, :2]).all()


def test_fertility_needs_a_model() -> None:
    with pytest.raises(UnavailableError, match="no model"):
        Fertility(FertilityOptions()).distances(context(models=0))


def test_equal_sizes_are_no_distance_apart() -> None:
    assert (log_ratios(np.array([4, 4, 4])) == 0).all()
