"""`blend` against means by hand."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from pydantic import ValidationError

from langgeo_baselines.blend import Blend
from langgeo_baselines.options import BlendOptions
from langgeo_core.api import BaselineContext, DistanceMatrix, Language, UnavailableError, write_distances

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


def test_each_is_divided_by_its_mean(tmp_path: Path) -> None:
    parts = given(tmp_path, near=[1, 2, 3], far=[300, 100, 200])
    assert blended(parts) == pytest.approx([(0.5 + 1.5) / 2, (1 + 0.5) / 2, (1.5 + 1) / 2])
    assert blended(parts, weights=[3, 1]) == pytest.approx([0.75, 0.875, 1.375])
    assert blended(parts, weights=[0, 2]) == pytest.approx([1.5, 0.5, 1])


def test_a_pair_that_one_lacks_is_missing(tmp_path: Path) -> None:
    parts = given(tmp_path, near=[1, 2, 3], far=[float("nan"), 1, 3])
    found = blended(parts)
    assert np.isnan(found[0])
    assert found[1:] == pytest.approx([(2 / 2.5 + 1 / 2) / 2, (3 / 2.5 + 3 / 2) / 2])


def test_zeros_have_no_scale(tmp_path: Path) -> None:
    with pytest.raises(UnavailableError, match="all zero"):
        blended(given(tmp_path, near=[1, 2, 3], none=[0, 0, 0]))


@pytest.mark.parametrize("weights", [[1], [0, 0], [1, -1], [1, 1, 1]])
def test_weights_are_checked(weights: list[float]) -> None:
    with pytest.raises(ValidationError):
        BlendOptions.model_validate({"baselines": ["geography", "char-ngrams"], "weights": weights})
