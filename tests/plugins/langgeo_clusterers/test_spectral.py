import numpy as np
import pytest
from pydantic import ValidationError
from sklearn.metrics import adjusted_rand_score

from langgeo_clusterers.clusterers import Spectral, gaussian_affinity
from langgeo_clusterers.options import SpectralOptions
from langgeo_core.api import Embedding, NumericalError, UserError


def clusters(coordinates: np.ndarray, k: int | None, seed: int = 0, **options: object) -> np.ndarray:
    embedding = Embedding(tuple(f"l{index:03}" for index in range(len(coordinates))), coordinates)
    return Spectral(SpectralOptions.model_validate(options)).cluster(embedding, k, seed)


def blobs() -> np.ndarray:
    return np.random.default_rng(0).normal(size=(30, 3)) + np.repeat([0, 15, 30], 10)[:, None]


def line(*places: float) -> np.ndarray:
    return np.array(places)[:, None]


def test_attributes_come_from_the_options():
    clusterer = Spectral(SpectralOptions(k=7, seeds=3))
    assert (clusterer.k, clusterer.seeds) == (7, 3)
    assert (Spectral(SpectralOptions()).k, Spectral(SpectralOptions()).seeds) == ("classes", 20)


def test_kinship_by_hand():
    # Distances 1, 3 and 4, the median 3.
    expected = np.exp(-np.array([[0, 1, 16], [1, 0, 9], [16, 9, 0]]) / 18)
    np.testing.assert_allclose(gaussian_affinity(line(0, 1, 4), 1.0), expected)
    np.testing.assert_allclose(gaussian_affinity(line(0, 1, 4), 0.5), expected**4)


def test_equal_points_do_not_narrow_the_kernel():
    np.testing.assert_allclose(gaussian_affinity(line(0, 0, 0, 0, 2), 1.0)[0, 4], np.exp(-0.5))


def test_blobs_are_found_in_any_order():
    found = clusters(blobs(), 3)
    assert found.dtype == np.int64
    assert found.tolist() == [0] * 10 + [1] * 10 + [2] * 10
    order = np.random.default_rng(1).permutation(30)
    assert adjusted_rand_score(clusters(blobs()[order], 3), found[order]) == 1


def test_a_ring_and_its_middle_are_told_apart():
    angles = np.linspace(0, 2 * np.pi, 40, endpoint=False)
    ring = 5 * np.column_stack([np.cos(angles), np.sin(angles)])
    middle = 0.3 * np.random.default_rng(0).normal(size=(20, 2))
    assert clusters(np.concatenate([ring, middle]), 2, scale=0.15).tolist() == [0] * 40 + [1] * 20


def test_a_seed_is_repeatable():
    coordinates = np.random.default_rng(1).normal(size=(60, 5))
    np.testing.assert_array_equal(clusters(coordinates, 8, seed=4), clusters(coordinates, 8, seed=4))


@pytest.mark.filterwarnings("error")
def test_few_places():
    assert clusters(line(0, 5, 7, 9), 4).tolist() == [0, 1, 2, 3]
    assert clusters(line(0, 0.1, 7, 9), 3).tolist() == [0, 0, 1, 2]
    assert clusters(line(0, 5, 7, 9), 1).tolist() == [0] * 4
    assert clusters(line(3, 3, 3, 8, 8), 4).tolist() == [0, 0, 0, 1, 1]
    assert clusters(np.empty((5, 0)), 3).tolist() == [0] * 5
    assert clusters(line(4), 1).tolist() == [0]


def test_numbers_that_cannot_be_are_errors():
    with pytest.raises(NumericalError, match="spectral cannot make 6 clusters of 5 languages"):
        clusters(np.empty((5, 0)), 6)
    with pytest.raises(UserError, match="spectral has no number of clusters"):
        clusters(line(1, 2), None)


def test_options_are_checked():
    for wrong in ({"k": 0}, {"scale": 0}, {"seeds": 0}, {"gamma": 3}):
        with pytest.raises(ValidationError):
            SpectralOptions.model_validate(wrong)
