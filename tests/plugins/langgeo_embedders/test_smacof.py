import numpy as np
import pytest
from embedding_cases import between, matrix, misfit, plane
from scipy.spatial.distance import pdist

from langgeo_core.api import Embedding
from langgeo_embedders.maps import Smacof
from langgeo_embedders.options import SmacofOptions


def embed(values: np.ndarray, **options: object) -> Embedding:
    return Smacof(SmacofOptions.model_validate({"tolerance": 1e-12, "n_init": 4, **options})).embed(matrix(values))


@pytest.mark.filterwarnings("error")
def test_points_in_the_plane_are_recovered():
    embedding = embed(between(plane()))
    np.testing.assert_allclose(between(embedding.coordinates), between(plane()), atol=1e-3)
    assert embedding.notes["stress"] < 1e-4


def test_three_points_on_a_line_by_hand():
    embedding = embed(np.array([[0.0, 1, 3], [1, 0, 2], [3, 2, 0]]), dimensions=1, n_init=8)
    np.testing.assert_allclose(np.abs(embedding.coordinates.ravel()), [4 / 3, 1 / 3, 5 / 3], atol=1e-4)


def test_stress_is_that_of_the_map():
    values = between(np.random.default_rng(4).normal(size=(12, 6)))
    embedding = embed(values)
    given, found = values[np.triu_indices(12, 1)], pdist(embedding.coordinates)
    stress = np.sqrt(((given - found) ** 2).sum() / (found**2).sum())
    assert embedding.notes["stress"] == pytest.approx(stress)
    assert stress > 0.05


def test_axes_are_centred_and_the_widest_is_first():
    coordinates = embed(between(plane()), dimensions=3).coordinates
    np.testing.assert_allclose(coordinates.mean(axis=0), 0, atol=1e-9)
    covariance = coordinates.T @ coordinates
    np.testing.assert_allclose(covariance, np.diag(np.diag(covariance)), atol=1e-6)
    assert (np.diff(np.diag(covariance)) <= 0).all()


def test_non_metric_scaling_needs_the_order_alone():
    values = between(plane())
    assert misfit(embed(values**3, metric=False, tolerance=1e-6).coordinates, plane()) < 0.01
    assert misfit(embed(values**3).coordinates, plane()) > 0.05


def test_a_distance_of_zero_is_not_missing_for_non_metric_scaling():
    values = between(np.repeat(plane(10), 2, axis=0))
    coordinates = embed(values, metric=False, tolerance=1e-6).coordinates
    assert np.abs(coordinates[::2] - coordinates[1::2]).max() < 0.05 * np.abs(coordinates).max()


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("metric", [True, False])
def test_two_languages(metric: bool):
    coordinates = embed(np.array([[0.0, 2], [2, 0]]), metric=metric).coordinates
    assert coordinates.shape == (2, 2)
    if metric:
        assert pdist(coordinates) == pytest.approx(2, abs=1e-5)
