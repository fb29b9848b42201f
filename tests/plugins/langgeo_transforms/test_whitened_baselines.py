"""Whitening within languages of what text baselines find in replicates."""

from __future__ import annotations

from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tiny_run import LANGUAGES

from langgeo_core.api import BaselineContext, UnavailableError, UserError, build_component
from langgeo_core.calibration.windows import RunWindows
from langgeo_core.config.catalog import bundled_catalog
from langgeo_core.config.load import draft_config
from langgeo_core.evaluation.baselines import baseline_context
from langgeo_core.planning.plan import make_plan
from langgeo_core.plugins.registry import installed
from langgeo_transforms.baseline import Transformed
from langgeo_transforms.options import TransformedOptions


def context(config: Path, *words: str) -> BaselineContext:
    plan = make_plan(draft_config(str(config), words, installed(), bundled_catalog()).resolved())
    return baseline_context(plan, LANGUAGES, RunWindows(plan).ids)


@pytest.fixture
def replicated(tiny_config: Path) -> BaselineContext:
    return context(tiny_config, "reliability.replicates=4")


def whitened(baseline: Any, *transforms: Any) -> Transformed:
    options = {"baseline": baseline, "transforms": transforms or ("whiten-within",)}
    return Transformed(TransformedOptions.model_validate(options))


def test_replicates_read_the_windows_that_are_dealt_to_them(replicated: BaselineContext, tiny_config: Path) -> None:
    pieces = replicated.of_replicates()
    assert [one.id for one in pieces.languages[:5]] == ["deu/0", "deu/1", "deu/2", "deu/3", "eng/0"]
    assert {one.iso639_3 for one in pieces.languages} == set(LANGUAGES)
    model = next(iter(pieces.passages))
    whole = replicated.passages[model]("fra")
    assert [pieces.passages[model](f"fra/{number}") for number in range(4)] == [(one,) for one in whole]
    assert pieces.documents("fra/2") == (whole[2],)
    dealt = [pieces.tokens[model](f"fra/{number}", True).tolist() for number in range(4)]
    assert list(chain.from_iterable(dealt)) == replicated.tokens[model]("fra", False).tolist()
    assert dealt == [pieces.tokens[model](f"fra/{number}", False).tolist() for number in range(4)]
    assert pieces.replicates is None and not replicated.parallel
    with pytest.raises(UnavailableError, match=r"this run has none: set reliability\.replicates"):
        context(tiny_config).of_replicates()


@pytest.mark.parametrize(
    "baseline",
    [
        "char-ngrams",
        {"name": "char-ngrams", "distance": "hellinger", "centre": "true"},
        {"name": "char-ngrams", "root": "false", "text": "all"},
        "byte-ngrams",
        "token-overlap",
        {"name": "token-distribution", "tokens": "all"},
    ],
    ids=str,
)
def test_text_baselines_are_whitened_like_a_run(replicated: BaselineContext, baseline: Any) -> None:
    inner, transform = build_component("baselines", baseline), build_component("transforms", "whiten-within")
    apart = inner.distances(replicated.of_replicates())
    squares = inner.squared
    euclidean = type(apart)(apart.ids, np.sqrt(apart.values) if squares else apart.values)
    expected, _ = transform.of_replicates({"": euclidean})
    found = whitened(baseline).distances(replicated)
    assert found.ids == LANGUAGES
    np.testing.assert_allclose(found.values, expected.subset(LANGUAGES).values, atol=1e-12)
    ranks = whitened(baseline, "whiten-within", "rank").distances(replicated)
    assert ranks.values.max() == 1


@pytest.mark.parametrize("baseline", ["geography", "glottolog-tree"])
def test_baselines_that_read_no_text_are_left_out(replicated: BaselineContext, baseline: str) -> None:
    with pytest.raises(UnavailableError, match=f"those of a language are alike in {baseline}"):
        whitened(baseline).distances(replicated)


def test_a_file_knows_no_replicates(replicated: BaselineContext, tmp_path: Path) -> None:
    (tmp_path / "two.csv").write_text("language,deu,eng\ndeu,0,1\neng,1,0\n", encoding="utf-8")
    with pytest.raises(UnavailableError, match="file knows no replicates of texts"):
        whitened({"name": "file", "path": str(tmp_path / "two.csv")}).distances(replicated)


def test_what_it_needs_of_the_run(replicated: BaselineContext, tiny_config: Path) -> None:
    with pytest.raises(UnavailableError, match="this run has none"):
        whitened("char-ngrams").distances(context(tiny_config))
    with pytest.raises(UnavailableError, match="no lines of parallel texts"):
        whitened("char-ngrams", {"name": "whiten-within", "align": "lines"}).distances(replicated)
    with pytest.raises(UserError, match="put it first"):
        whitened("char-ngrams", "sqrt", "whiten-within")
