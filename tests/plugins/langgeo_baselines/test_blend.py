"""`blend` against means by hand."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from pydantic import ValidationError

from langgeo_baselines.blend import Blend
from langgeo_baselines.options import BlendOptions
from langgeo_core.api import BaselineContext, DistanceMatrix, Language, write_distances

IDS = ("deu", "eng", "fra")


def context() -> BaselineContext:
    return BaselineContext(tuple(Language(id, id) for id in IDS), lambda language: ())


def given(folder: Path, **matrices: list[float]) -> list[dict[str, object]]:
    """Files with the distances deu-eng, deu-fra and eng-fra."""
    for name, (one, two, three) in matrices.items():
        values = np.array([[0, one, two], [one, 0, three], [two, three, 0]], dtype=float)
        write_distances(folder / f"{name}.csv", DistanceMatrix(IDS, values))
    return [{"name": "file", "path": str(folder / f"{name}.csv")} for name in matrices]


def blended(baselines: list[dict[str, object]], **options: object) -> list[float]:
    made = BlendOptions.model_validate({"baselines": baselines, **options})
    values = Blend(made).distances(context()).values
    return [values[0, 1], values[0, 2], values[1, 2]]


def test_it_is_the_weighted_mean(tmp_path: Path) -> None:
    parts = given(tmp_path, near=[1, 2, 3], far=[30, 10, 20])
    assert blended(parts) == pytest.approx([15.5, 6, 11.5])
    assert blended(parts, weights=[3, 1]) == pytest.approx([8.25, 4, 7.25])
    assert blended(parts, weights=[0, 2]) == pytest.approx([30, 10, 20])


def test_a_pair_that_one_lacks_is_missing(tmp_path: Path) -> None:
    found = blended(given(tmp_path, near=[1, 2, 3], far=[float("nan"), 1, 3]))
    assert np.isnan(found[0])
    assert found[1:] == pytest.approx([1.5, 3])


@pytest.mark.parametrize("weights", [[1], [0, 0], [1, -1], [1, 1, 1]])
def test_weights_are_checked(weights: list[float]) -> None:
    with pytest.raises(ValidationError):
        BlendOptions.model_validate({"baselines": ["geography", "char-ngrams"], "weights": weights})
