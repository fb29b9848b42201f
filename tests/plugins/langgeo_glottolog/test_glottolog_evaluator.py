import dataclasses
from collections.abc import Sequence

import numpy as np
import pytest
from scipy.spatial.distance import pdist, squareform
from sklearn import metrics as reference

from langgeo_core.api import Clustering, DistanceMatrix, Embedding, Evaluation, Language, Metric
from langgeo_glottolog.evaluator import Glottolog
from langgeo_glottolog.options import GlottologOptions
from langgeo_labels import level_metrics

Key = tuple[str, str, str]


def grouping(ids: tuple[str, ...], name: str, labels: Sequence[int], seed: int) -> Clustering:
    level, k = ("", None) if name == "hdbscan" else ("branch", 3)
    return Clustering(ids, np.array(labels, dtype=np.int64), name, level, k, seed)


def evaluation(
    coordinates: np.ndarray, labels: Sequence[str | None], groupings: dict[str, list[Sequence[int]]]
) -> Evaluation:
    ids = tuple(f"l{index:03}" for index in range(len(labels)))
    points = coordinates if coordinates.ndim == 2 else coordinates[:, None]
    seeds = [(name, labels, seed) for name, found in groupings.items() for seed, labels in enumerate(found)]
    return Evaluation(
        languages=tuple(Language(identifier, identifier) for identifier in ids),
        distances=DistanceMatrix(ids, squareform(pdist(points))),
        embedding=Embedding(ids, points),
        clusterings=tuple(grouping(ids, *found) for found in seeds),
        labels={"branch": tuple(labels)},
    )


def evaluate(given: Evaluation, **options: int) -> dict[Key, Metric]:
    chosen = GlottologOptions(levels=tuple(given.labels), **{"permutations": 99, "subsamples": 20, **options})
    rows = Glottolog(chosen).evaluate(given)
    assert all(row.evaluator == "glottolog" and np.isfinite(row.value) for row in rows)
    return {(row.level, row.clusterer, row.metric): row for row in rows}


def random_case(n: int = 40, seed: int = 0, seeds: int = 5) -> Evaluation:
    rng = np.random.default_rng(seed)
    labels = [f"class {label}" for label in rng.integers(0, 6, n)]
    groupings = {"kmeans": list(rng.integers(0, 5, (seeds, n))), "hdbscan": [rng.integers(-1, 4, n)]}
    return evaluation(rng.normal(size=(n, 3)), labels, groupings)


def figures(rows: dict[Key, Metric]) -> np.ndarray:
    columns = ("value", "sd", "null_mean", "null_sd", "p", "ci_low", "ci_high", "n", "k")
    return np.array([[getattr(rows[key], column) for column in columns] for key in sorted(rows)], dtype=float)


def test_every_metric_has_its_row():
    rows = evaluate(random_case())
    metrics = ("ari", "ami", "v_measure", "purity")
    agreement = {("branch", name, metric) for name in ("kmeans", "hdbscan") for metric in metrics}
    geometry = {("branch", "", metric) for metric in ("map", "map-by-class", "silhouette", "nn1", "nn3", "nn5")}
    assert set(rows) == agreement | geometry | {("branch", "hdbscan", "noise")}


def test_values_are_means_over_seeds():
    given = random_case()
    row = evaluate(given)["branch", "kmeans", "ari"]
    scores = [
        reference.adjusted_rand_score(given.labels["branch"], one.labels)
        for one in given.clusterings
        if one.clusterer == "kmeans"
    ]
    assert row.value == pytest.approx(np.mean(scores), abs=1e-12)
    assert row.sd == pytest.approx(np.std(scores, ddof=1), abs=1e-12)
    assert (row.seeds, row.n, row.k) == (5, 40, 3)


def test_the_null_is_the_mean_over_seeds_under_one_shuffle():
    given = random_case(seeds=2)
    (sample_classes,) = given.labels.values()
    row = evaluate(given, permutations=7)["branch", "kmeans", "ami"]
    rng = np.random.default_rng(given.seed)
    orders = rng.permuted(np.tile(np.arange(40), (7, 1)), axis=1)
    shuffled = [
        np.mean(
            [
                reference.adjusted_mutual_info_score(np.array(sample_classes)[order], one.labels)
                for one in given.clusterings
                if one.clusterer == "kmeans"
            ]
        )
        for order in orders
    ]
    assert row.null_mean == pytest.approx(np.mean(shuffled), abs=1e-12)
    assert row.null_sd == pytest.approx(np.std(shuffled), abs=1e-12)


def test_the_spread_of_one_seed_is_the_standard_error_over_languages():
    row = evaluate(random_case(seeds=1))["branch", "kmeans", "ari"]
    assert row.seeds == 1
    assert row.ci_high - row.value == pytest.approx(1.96 * row.sd, rel=1e-3)


def test_noise_is_alone_for_agreement_and_wrong_for_purity():
    labels = ["a", "a", "a", "b", "b", "b"]
    rows = evaluate(evaluation(np.arange(6.0), labels, {"hdbscan": [[0, 0, -1, 1, 1, -1]]}))
    alone = [0, 0, 2, 1, 1, 3]
    assert rows["branch", "hdbscan", "ari"].value == pytest.approx(reference.adjusted_rand_score(labels, alone))
    assert rows["branch", "hdbscan", "ami"].value == pytest.approx(reference.adjusted_mutual_info_score(labels, alone))
    assert rows["branch", "hdbscan", "purity"].value == pytest.approx(4 / 6)
    assert rows["branch", "hdbscan", "noise"].value == pytest.approx(2 / 6)
    noise = rows["branch", "hdbscan", "noise"]
    assert (noise.null_mean, noise.null_sd, noise.p) == (pytest.approx(2 / 6), pytest.approx(0.0), 1.0)
    assert rows["branch", "hdbscan", "ari"].k == 2


def test_nothing_but_noise_has_no_purity():
    rows = evaluate(evaluation(np.arange(6.0), list("aabbcc"), {"hdbscan": [[-1] * 6]}))
    assert rows["branch", "hdbscan", "purity"].value == 0
    assert rows["branch", "hdbscan", "purity"].p == 1
    assert rows["branch", "hdbscan", "ari"].k == 0


def test_unlabelled_languages_are_left_out():
    labels = ["a", "a", None, "b", "b", "c", None]
    clusters = [0, 0, 0, 1, 1, 1, 2]
    rows = evaluate(evaluation(np.array([0, 1, 1.1, 5, 6, 20, 5.5]), labels, {"kmeans": [clusters]}))
    assert rows["branch", "kmeans", "purity"].value == pytest.approx(4 / 5)
    assert rows["branch", "kmeans", "ari"].n == rows["branch", "", "silhouette"].n == 5
    assert (rows["branch", "", "nn1"].value, rows["branch", "", "nn1"].n) == (1, 4)


def test_the_order_of_the_languages_does_not_matter():
    given = random_case()
    order = np.random.default_rng(5).permutation(40)
    ids = [given.languages[index].id for index in order]
    moved = dataclasses.replace(
        given,
        languages=tuple(given.languages[index] for index in order),
        labels={"branch": tuple(given.labels["branch"][index] for index in order)},
        distances=given.distances.subset(ids),
        clusterings=tuple(
            dataclasses.replace(one, ids=tuple(ids), labels=one.labels[order]) for one in given.clusterings
        ),
    )
    np.testing.assert_allclose(figures(evaluate(moved)), figures(evaluate(given)), atol=1e-12)


def test_the_names_of_the_classes_do_not_matter():
    given = random_case()
    names = {"class 0": "z", "class 1": "b", "class 2": "y", "class 3": "a", "class 4": "x", "class 5": "c"}
    renamed = dataclasses.replace(given, labels={"branch": tuple(names[label] for label in given.labels["branch"])})
    np.testing.assert_allclose(figures(evaluate(renamed)), figures(evaluate(given)), atol=1e-12)


def test_tables_in_blocks_give_the_same_figures(monkeypatch: pytest.MonkeyPatch):
    whole = figures(evaluate(random_case()))
    monkeypatch.setattr(level_metrics, "CELLS", 1000)
    np.testing.assert_allclose(figures(evaluate(random_case())), whole, rtol=0, atol=1e-14)


def test_clear_classes_are_found_and_significant():
    rng = np.random.default_rng(2)
    labels = [name for name in "abc" for _ in range(10)]
    coordinates = rng.normal(size=(30, 2)) + np.repeat([[0, 0], [20, 0], [0, 20]], 10, axis=0)
    rows = evaluate(evaluation(coordinates, labels, {"kmeans": [np.repeat([0, 1, 2], 10)] * 2}))
    assert all(row.p == 1 / 100 for row in rows.values())
    assert all(rows["branch", "kmeans", metric].value == 1 for metric in ("ari", "ami", "purity"))
    assert rows["branch", "", "nn1"].value == 1
    assert rows["branch", "kmeans", "ari"].ci_low == rows["branch", "kmeans", "ari"].ci_high == 1


def test_p_is_uniform_for_random_labels():
    found = [evaluate(random_case(n=24, seed=seed, seeds=2), subsamples=2) for seed in range(200)]
    for key in (
        ("branch", "", "silhouette"),
        ("branch", "", "nn1"),
        ("branch", "", "map"),
        ("branch", "kmeans", "ari"),
        ("branch", "kmeans", "ami"),
    ):
        p = np.array([rows[key].p for rows in found])
        assert abs(p.mean() - 0.5) < 0.08
        assert 0.04 <= (p <= 0.1).mean() <= 0.16


def test_one_class_has_no_geometry_and_proves_nothing():
    rows = evaluate(evaluation(np.arange(6.0), ["a"] * 6, {"kmeans": [[0, 0, 1, 1, 2, 2]]}))
    assert rows["branch", "", "nn1"].value == 1
    assert ("branch", "", "silhouette") not in rows
    assert all(row.p == 1 for row in rows.values())


def test_single_languages_have_no_geometry():
    rows = evaluate(evaluation(np.arange(6.0), list("abcdef"), {"kmeans": [[0, 0, 1, 1, 2, 2]]}))
    assert {metric for _, clusterer, metric in rows if not clusterer} == set()
    assert all(row.p == 1 for row in rows.values())


def test_equal_languages_prove_nothing():
    rows = evaluate(evaluation(np.zeros(12), list("aaabbbcccddd"), {"kmeans": [[0] * 12]}))
    assert len(rows) == 10
    assert all(row.p == 1 for row in rows.values())


@pytest.mark.parametrize("labels", [["a"], [None, None], [None, "a", None]])
def test_fewer_than_two_labelled_languages_have_no_rows(labels: list[str | None]):
    n = len(labels)
    assert evaluate(evaluation(np.arange(float(n)), labels, {"kmeans": [[0] * n]})) == {}


@pytest.mark.parametrize("n", [2, 3])
def test_two_or_three_languages_have_no_interval(n: int):
    rows = evaluate(evaluation(np.arange(float(n)), ["a", "b", "a"][:n], {"kmeans": [list(range(n))]}))
    assert rows
    assert all(row.ci_low is None and row.ci_high is None for row in rows.values())


def test_missing_pairs_leave_nearest_neighbours():
    given = random_case()
    values = given.distances.values.copy()
    values[0, 1] = values[1, 0] = np.nan
    rows = evaluate(dataclasses.replace(given, distances=DistanceMatrix(given.distances.ids, values)))
    assert ("branch", "", "nn1") in rows
    assert ("branch", "", "silhouette") not in rows


def test_only_the_levels_and_clusterings_asked_for():
    given = random_case()
    labels = {"family": given.labels["branch"], "branch": given.labels["branch"]}
    both = dataclasses.replace(given, labels=labels)
    rows = Glottolog(GlottologOptions(levels=("family",), permutations=9, subsamples=2)).evaluate(both)
    assert {row.level for row in rows} == {"family"}
    assert {row.clusterer for row in rows} == {"", "hdbscan"}
