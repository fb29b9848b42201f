import numpy as np
import pytest
from sklearn import metrics

from langgeo_labels.agreement import (
    AGREEMENTS,
    Tables,
    adjusted_rand,
    agreements,
    expected_mutual_information,
    mutual_information_indices,
    purity,
)

# Three clusters of six, five and six languages; classes x, o, d (Manning, Raghavan & Schütze 2008, figure 16.4).
CLASSES = np.array([0, 0, 0, 0, 0, 1, 0, 1, 1, 1, 1, 2, 0, 0, 2, 2, 2])
CLUSTERS = np.array([0] * 6 + [1] * 6 + [2] * 5)


def tables(classes: np.ndarray, clusters: np.ndarray) -> Tables:
    return Tables.of(np.atleast_2d(classes), np.atleast_2d(clusters))


def ami(counts: Tables) -> np.ndarray:
    return mutual_information_indices(counts)[0]


def test_contingency_by_hand():
    found = tables(CLASSES, CLUSTERS)  # classes by clusters [[5, 1, 2], [1, 4, 0], [0, 1, 3]]
    assert found.together.tolist() == [10 + 6 + 1 + 3]
    assert found.n_log_n.tolist() == pytest.approx([sum(count * np.log(count) for count in (5, 4, 2, 3))])
    assert found.commonest.tolist() == [[5, 4, 3]]
    assert found.in_class.tolist() == [[8, 5, 4]] and found.in_cluster.tolist() == [[6, 6, 5]]


def test_each_table_is_summed_alone():
    found = tables(np.stack([CLASSES, CLASSES[::-1], 0 * CLASSES]), np.stack([CLUSTERS] * 3))
    alone = [tables(classes, CLUSTERS) for classes in (CLASSES, CLASSES[::-1], 0 * CLASSES)]
    assert found.together.tolist() == [table.together[0] for table in alone]
    assert found.n_log_n.tolist() == [table.n_log_n[0] for table in alone]
    assert found.commonest.tolist() == [*(table.commonest[0].tolist() for table in alone[:2]), [6, 6, 5]]


def test_worked_example_of_manning_raghavan_and_schuetze():
    counts = tables(CLASSES, CLUSTERS)
    together, in_class, in_cluster, total = 20, 44, 40, 136
    expected = in_class * in_cluster / total
    assert purity(counts)[0] == pytest.approx(12 / 17)
    assert adjusted_rand(counts)[0] == pytest.approx((together - expected) / ((in_class + in_cluster) / 2 - expected))


def test_uncredited_clusters_count_as_wrong():
    counts = tables(CLASSES, CLUSTERS)
    assert purity(counts, 2)[0] == pytest.approx(9 / 17)
    assert purity(counts, 0)[0] == 0


@pytest.mark.parametrize(("k", "c"), [(2, 3), (8, 5), (25, 29), (1, 6), (6, 1), (1, 1), (110, 4)])
def test_batches_agree_with_scikit_learn(k: int, c: int):
    rng = np.random.default_rng(k * c)
    classes, clusters = rng.integers(0, c, (6, 110)), rng.integers(0, k, (6, 110))
    clusters[:2] = np.minimum(classes[:2], k - 1)
    counts = tables(classes, clusters)
    theirs = [
        [score(one, other) for one, other in zip(classes, clusters, strict=True)]
        for score in (metrics.adjusted_rand_score, metrics.adjusted_mutual_info_score, metrics.v_measure_score)
    ]
    assert AGREEMENTS == ("ari", "ami", "v_measure", "purity")
    np.testing.assert_allclose(agreements(counts, k)[:3], theirs, rtol=0, atol=1e-12)


@pytest.mark.parametrize(("k", "c", "n"), [(2, 3, 7), (25, 29, 110), (1, 6, 20), (40, 40, 40)])
def test_expected_information_agrees_with_scikit_learn(k: int, c: int, n: int):
    rng = np.random.default_rng(n)
    classes, clusters = rng.integers(0, c, (5, n)), rng.integers(0, k, (5, n))
    pairs = zip(classes, clusters, strict=True)
    counts = [metrics.cluster.contingency_matrix(one, other).astype(np.int64) for one, other in pairs]
    theirs = [metrics.cluster.expected_mutual_information(table, n) for table in counts]
    np.testing.assert_allclose(expected_mutual_information(tables(classes, clusters)), theirs, rtol=0, atol=1e-12)


def test_all_alone_in_both_is_full_agreement():
    counts = tables(np.arange(7), np.arange(7)[::-1])
    assert adjusted_rand(counts)[0] == ami(counts)[0] == purity(counts)[0] == 1


def test_empty_classes_and_clusters_change_nothing():
    gaps, padded = tables(CLASSES * 3, CLUSTERS * 2 + 1), tables(CLASSES, CLUSTERS)
    np.testing.assert_allclose(ami(gaps), ami(padded), atol=1e-14)
    np.testing.assert_array_equal(adjusted_rand(gaps), adjusted_rand(padded))
    np.testing.assert_array_equal(purity(gaps), purity(padded))


def test_names_of_classes_and_clusters_do_not_matter():
    rename = np.random.default_rng(0).permutation(3)
    renamed, plain = tables(rename[CLASSES], rename[::-1][CLUSTERS]), tables(CLASSES, CLUSTERS)
    for index in (adjusted_rand, purity, ami):
        np.testing.assert_allclose(index(renamed), index(plain), atol=1e-14)
