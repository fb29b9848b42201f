import numpy as np
import pytest
from pydantic import ValidationError
from scipy.spatial.distance import pdist, squareform
from sklearn.cluster import kmeans_plusplus
from sklearn.metrics import adjusted_rand_score

from langgeo_clusterers.clusterers import KMeans, by_first_appearance, spread_points
from langgeo_clusterers.options import KMeansOptions
from langgeo_core.api import Embedding, NumericalError, UserError


def embedding(coordinates: np.ndarray) -> Embedding:
    return Embedding(tuple(f"l{index:03}" for index in range(len(coordinates))), coordinates)


def blobs(counts: tuple[int, ...] = (10, 10, 10), seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return np.concatenate([rng.normal(size=(n, 3)) + 20 * index for index, n in enumerate(counts)])


def clusters(coordinates: np.ndarray, k: int | None, seed: int = 0) -> np.ndarray:
    return KMeans(KMeansOptions()).cluster(embedding(coordinates), k, seed)


def test_attributes_come_from_the_options():
    clusterer = KMeans(KMeansOptions(k=7, seeds=3))
    assert (clusterer.k, clusterer.seeds) == (7, 3)
    assert (KMeans(KMeansOptions()).k, KMeans(KMeansOptions()).seeds) == ("classes", 20)


def test_labels_are_whole_numbers_and_repeatable():
    coordinates = np.random.default_rng(1).normal(size=(60, 5))
    first, again = clusters(coordinates, 8, seed=4), clusters(coordinates, 8, seed=4)
    assert first.dtype == np.int64
    np.testing.assert_array_equal(first, again)
    assert adjusted_rand_score(first, clusters(coordinates, 8, seed=5)) < 1


def test_as_many_clusters_as_languages():
    assert clusters(blobs((1, 1, 1, 1)), 4).tolist() == [0, 1, 2, 3]


def test_one_cluster():
    assert clusters(blobs(), 1).tolist() == [0] * 30


@pytest.mark.filterwarnings("error")
def test_fewer_distinct_points_than_clusters():
    coordinates = np.repeat(blobs((1, 1)), [3, 2], axis=0)
    assert clusters(coordinates, 4).tolist() == [0, 0, 0, 1, 1]


def test_no_axes_is_one_cluster():
    assert clusters(np.empty((5, 0)), 3).tolist() == [0] * 5


def test_more_clusters_than_languages_is_an_error():
    with pytest.raises(NumericalError, match="6 clusters of 5 languages"):
        clusters(np.empty((5, 0)), 6)


def test_no_number_of_clusters_is_an_error():
    with pytest.raises(UserError, match="no number of clusters"):
        clusters(blobs(), None)


def test_numbers_follow_first_appearance():
    assert by_first_appearance(np.array([5, 5, -1, 2, 5, 9, 2])).tolist() == [0, 0, -1, 1, 0, 2, 1]
    assert by_first_appearance(np.array([-1, -1])).tolist() == [-1, -1]
    assert by_first_appearance(np.array([], dtype=int)).tolist() == []


def test_options_are_checked():
    assert KMeansOptions.model_validate({"k": "12"}).k == 12
    for wrong in ({"k": 0}, {"k": "many"}, {"seeds": 0}, {"n_init": 0}, {"clusters": 3}):
        with pytest.raises(ValidationError):
            KMeansOptions.model_validate(wrong)


@pytest.mark.parametrize(("n", "axes", "count"), [(5, 1, 2), (40, 3, 12), (120, 10, 30)])
def test_starts_are_those_of_scikit_learn(n: int, axes: int, count: int):
    points = np.random.default_rng(n).normal(size=(n, axes))
    squared = squareform(pdist(points, "sqeuclidean"))
    for seed in range(5):
        _, theirs = kmeans_plusplus(points, count, random_state=np.random.RandomState(seed))
        np.testing.assert_array_equal(spread_points(squared, count, np.random.RandomState(seed)), theirs)
