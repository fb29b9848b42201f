from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from langgeo_core.api import Clustering, DistanceMatrix, Embedding, Evaluation, Language, LanguageTable, Metric
from langgeo_statistics.api import SubsetEvaluator
from langgeo_statistics.language_subsets import restricted
from langgeo_statistics.trees import from_paths
from langgeo_synthetic.corpus import World
from langgeo_synthetic.options import SyntheticOptions, SyntheticTreeOptions
from langgeo_synthetic.tree_evaluator import SyntheticTree
from langgeo_testing import Check, checks

OPTIONS = SyntheticTreeOptions(permutations=99, subsamples=10)
WORLD = World(SyntheticOptions(families=2, branches=2, languages=3))
KNOWN = tuple(WORLD.languages.values())
TWIN_DISTANCE = 9.0


@pytest.mark.parametrize("check", checks("evaluators", "synthetic-tree"), ids=str)
def test_contract(check: Check) -> None:
    check()


def perfect() -> Evaluation:
    """Distances along the tree, a twin far from all, and clusters that are the branches and the twin."""
    ids = tuple(one.id for one in KNOWN)
    tree = from_paths({one.id: one.lineage for one in KNOWN[:-1]})
    values = np.full((len(ids), len(ids)), TWIN_DISTANCE)
    values[:-1, :-1] = tree.paths
    np.fill_diagonal(values, 0.0)
    labels = SyntheticTree(OPTIONS).labels(KNOWN)
    groups = np.unique([str(one) for one in labels["branch"]], return_inverse=True)[1]
    clusterings = (Clustering(ids, groups, "kmeans", "branch", 5, 0),)
    return Evaluation(KNOWN, DistanceMatrix(ids, values), Embedding(ids, np.zeros((len(ids), 1))), clusterings, labels)


def metrics(evaluation: Evaluation) -> dict[tuple[str, str], Metric]:
    found = SyntheticTree(OPTIONS).evaluate(evaluation)
    return {(metric.level, metric.metric): metric for metric in found}


def test_the_twin_is_a_class_of_its_own_when_clusters_are_counted() -> None:
    labels = SyntheticTree(OPTIONS).labels(KNOWN)
    assert len(set(labels["branch"])) == 5
    assert labels["family"][-1] == "qaa_Cyrl"


def test_the_tree_itself_is_recovered_whole() -> None:
    found = metrics(perfect())
    assert found["branch", "ari"].value == 1
    assert found["branch", "ari"].n == 12
    assert found["branch", "nn1"].value == 1
    assert found["", "quartet-distance:nj"].value == 0
    assert found["", "quartet-distance:upgma"].value == 0
    assert found["", "quartet-distance:nj"].n == 12
    assert found["", "quartet-distance:nj"].p == pytest.approx(0.01)


def test_values_on_parts_are_those_of_the_parts_alone() -> None:
    whole, evaluator = perfect(), SyntheticTree(OPTIONS)
    values = whole.distances.values + np.abs(np.subtract.outer(*[np.arange(len(KNOWN)) % 3.5] * 2))
    whole = replace(whole, distances=DistanceMatrix(whole.distances.ids, values))
    parts = [list(whole.distances.ids), [one.id for one in KNOWN[::2]], [one.id for one in KNOWN[4:]]]
    assert isinstance(evaluator, SubsetEvaluator)
    found = evaluator.values_on(whole, parts)
    for place, part in enumerate(parts):
        expected = {row.question: row.value for row in evaluator.evaluate(restricted(whole, part))}
        expected = {key: value for key, value in expected.items() if not key[-1].startswith("twin-")}
        mine = {key: values[place] for key, values in found.items() if np.isfinite(values[place])}
        assert mine == pytest.approx(expected, abs=1e-12)


def test_a_twin_in_the_wrong_cluster_costs_nothing() -> None:
    whole = perfect()
    (clustering,) = whole.clusterings
    moved = clustering.labels.copy()
    moved[-1] = moved[0]
    found = metrics(replace(whole, clusterings=(replace(clustering, labels=moved),)))
    assert found["branch", "ari"].value == 1


def test_the_twin_s_distance_is_told_beside_that_of_families() -> None:
    whole = perfect()
    apart = whole.distances.values[:6, 6:12].mean()
    found = metrics(whole)
    assert found["", "twin-distance:qaa_Cyrl"].value == TWIN_DISTANCE
    assert found["", "twin-share:qaa_Cyrl"].value == pytest.approx(TWIN_DISTANCE / apart)


def test_shuffled_languages_are_not_recovered() -> None:
    whole = perfect()
    order = np.random.default_rng(0).permutation(12)
    values = whole.distances.values.copy()
    values[:12, :12] = values[np.ix_(order, order)]
    found = metrics(replace(whole, distances=DistanceMatrix(whole.distances.ids, values)))
    assert found["", "quartet-distance:nj"].value > 0.3
    assert (found["", "quartet-distance:nj"].p or 0) > 0.05


def test_a_twin_alone_has_no_row() -> None:
    whole = perfect()
    kept = range(1, len(KNOWN))
    ids = tuple(KNOWN[row].id for row in kept)
    part = replace(
        whole,
        languages=tuple(KNOWN[row] for row in kept),
        distances=whole.distances.subset(ids),
        clusterings=(),
        labels=SyntheticTree(OPTIONS).labels([KNOWN[row] for row in kept]),
    )
    assert not any(metric.startswith("twin") for _, metric in metrics(part))


def test_real_languages_and_strangers_have_no_class() -> None:
    table = LanguageTable()
    known = [table.lookup("deu"), table.lookup("qaa"), Language("qab", "qab")]
    assert SyntheticTree(OPTIONS).labels(known) == {"family": (None,) * 3, "branch": (None,) * 3}
