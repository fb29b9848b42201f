"""Which rows are shown first: what the records of evaluators and the config say, no name of this plugin's own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from langgeo_ablation.comparisons import Comparison, with_headline
from langgeo_ablation.variants import Outcome, Variant
from langgeo_core.api import Metric, ResolvedConfig, config_of

ONE = Outcome(Variant("baseline", {}, None), "ok", Path("baseline"))


def rows(metrics: Sequence[str], clusterers: Sequence[str], levels: Sequence[str]) -> list[Comparison]:
    """`nn1` and the like without a clusterer, the others with each."""
    found = [
        Metric("glottolog", metric, 0.5, 12, clusterer, level)
        for metric in metrics
        for level in levels
        for clusterer in ([""] if metric.startswith("nn") else clusterers)
    ]
    return [Comparison(ONE, metric) for metric in found]


def with_clusters(config: ResolvedConfig) -> ResolvedConfig:
    """The config with `ari` and `nn1` as the headline of `glottolog`."""
    own = [
        replace(one, component=replace(one.component, headline=("ari", "nn1"))) if one.name == "glottolog" else one
        for one in config.choices["evaluators"]
    ]
    return replace(config, choices={**config.choices, "evaluators": tuple(own)})


@pytest.mark.parametrize(
    ("overrides", "given", "shown"),
    [
        ((), (["nn1", "ari", "purity"], ["kmeans", "hdbscan"], ["family", "branch", "depth-4"]),
         ["branch nn1", "branch ari kmeans"]),
        ((), (["nn1", "ari"], ["kmeans"], ["depth-8", "depth-9"]), ["depth-9 nn1", "depth-9 ari kmeans"]),
        (["clusterers=[hdbscan, kmeans]"], (["ari"], ["kmeans", "hdbscan"], ["branch"]), ["branch ari hdbscan"]),
        ((), (["ari"], ["ward"], ["branch"]), ["branch ari ward"]),
        ((), (["purity"], ["kmeans"], ["family", "branch"]), ["family purity kmeans", "branch purity kmeans"]),
        (["evaluators=[trees, glottolog]"], (["nn1"], [], ["branch"]), ["branch nn1"]),
    ],
    ids=["declared level", "last level", "first clusterer", "another clusterer", "no headline", "second evaluator"],
)  # fmt: skip
def test_the_headline(
    tiny_config: Path,
    overrides: Sequence[str],
    given: tuple[Sequence[str], Sequence[str], Sequence[str]],
    shown: Sequence[str],
) -> None:
    config = with_clusters(config_of({"registry": None}, str(tiny_config), overrides))
    other = Comparison(ONE, Metric("glottolog", "nn1", 0.5, 12, "", "branch", "char-ngrams"))
    assert [row.name for row in with_headline([*rows(*given), other], config) if row.headline] == shown
