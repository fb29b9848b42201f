"""What every clusterer keeps."""

import numpy as np
import pytest

import langgeo_clusterers
from langgeo_clusterers.clusterers import by_first_appearance
from langgeo_core.api import Embedding

BY_NAME = {one.name: one.load("factory")(one.load("options")()) for one in langgeo_clusterers.langgeo_clusterers()}


def embedding(coordinates: np.ndarray) -> Embedding:
    return Embedding(tuple(f"l{index:03}" for index in range(len(coordinates))), coordinates)


def test_the_plugin_registers_records_that_load():
    assert list(BY_NAME) == ["kmeans", "hdbscan", "agglomerative", "spectral"]
    rng = np.random.default_rng(0)
    blobs = np.concatenate([rng.normal(size=(10, 3)) + 20 * index for index in range(3)])
    for clusterer in BY_NAME.values():
        assert clusterer.cluster(embedding(blobs), 3, 0).tolist() == [0] * 10 + [1] * 10 + [2] * 10


@pytest.mark.parametrize("clusterer", BY_NAME.values(), ids=BY_NAME)
def test_the_order_of_the_languages_changes_no_cluster(clusterer: object):
    rng = np.random.default_rng(3)
    given = embedding(rng.integers(0, 4, size=(60, 3)) + 0.01 * rng.normal(size=(60, 3)))
    for seed in range(3):
        order = rng.permutation(60)
        moved = Embedding(tuple(given.ids[place] for place in order), given.coordinates[order])
        found, again = clusterer.cluster(given, 7, seed), clusterer.cluster(moved, 7, seed)
        np.testing.assert_array_equal(again, by_first_appearance(found[order]))


@pytest.mark.parametrize("name", ["kmeans", "agglomerative", "spectral"])
@pytest.mark.filterwarnings("error")
def test_languages_at_one_place_share_a_cluster_whatever_rounding_does(name: str):
    points = np.repeat(np.array([[0.1, 0.2], [0.3, -0.4], [-0.5, 0.6]]), 2, axis=0)
    points += 1e-16 * np.arange(12).reshape(6, 2)
    assert BY_NAME[name].cluster(embedding(points), 5, 0).tolist() == [0, 0, 1, 1, 2, 2]
