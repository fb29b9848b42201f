import numpy as np
import pytest
from pydantic import ValidationError

from langgeo_clusterers.clusterers import Hdbscan
from langgeo_clusterers.options import HdbscanOptions
from langgeo_core.api import Embedding


def clusters(coordinates: np.ndarray, **options: object) -> np.ndarray:
    embedding = Embedding(tuple(f"l{index:03}" for index in range(len(coordinates))), coordinates)
    return Hdbscan(HdbscanOptions(**options)).cluster(embedding, None, 0)


def two_blobs_and_a_stray() -> np.ndarray:
    rng = np.random.default_rng(0)
    return np.concatenate([rng.normal(size=(12, 4)) + 50, rng.normal(size=(12, 4)), [[500.0, 0, 0, 0]]])


def test_blobs_are_found_and_the_stray_is_noise():
    labels = clusters(two_blobs_and_a_stray(), min_cluster_size=5)
    assert labels.dtype == np.int64
    assert labels.tolist() == [0] * 12 + [1] * 12 + [-1]


def test_it_chooses_its_own_number_and_needs_one_seed():
    clusterer = Hdbscan(HdbscanOptions())
    assert (clusterer.k, clusterer.seeds) == (None, 1)


@pytest.mark.parametrize("axes", [3, 80])
def test_the_groups_do_not_depend_on_the_order(axes: int):
    rng = np.random.default_rng(1)
    coordinates = rng.normal(size=(8, axes)).repeat(8, axis=0) * 10 + rng.normal(size=(64, axes))
    order = rng.permutation(64)
    straight, shuffled = clusters(coordinates), clusters(coordinates[order])
    together = straight[order][:, None] == straight[order]
    np.testing.assert_array_equal(shuffled[:, None] == shuffled, together)
    np.testing.assert_array_equal(straight, clusters(coordinates))


@pytest.mark.parametrize("n", [1, 2, 3])
@pytest.mark.parametrize("options", [{}, {"min_samples": 5}, {"min_cluster_size": 4}])
def test_too_few_languages_are_noise(n: int, options: dict[str, int]):
    coordinates = np.random.default_rng(2).normal(size=(n, 2))
    assert clusters(coordinates, **options).tolist() == [-1] * n


def test_no_axes_is_one_cluster():
    assert clusters(np.empty((6, 0))).tolist() == [0] * 6


def test_equal_points_do_not_fail():
    assert len(clusters(np.zeros((10, 2)))) == 10
    assert clusters(np.repeat(np.eye(4) * 9, 3, axis=0)).tolist() == [0] * 3 + [1] * 3 + [2] * 3 + [3] * 3


def test_options_are_checked():
    assert HdbscanOptions.model_validate({"min_samples": "3"}).min_samples == 3
    for wrong in ({"min_cluster_size": 1}, {"min_samples": 0}, {"cluster_selection_method": "best"}, {"k": 3}):
        with pytest.raises(ValidationError):
            HdbscanOptions.model_validate(wrong)
