import logging

import numpy as np
import pytest
from scipy.spatial.distance import pdist, squareform
from sklearn.decomposition import PCA
from transform_cases import between, cloud, named, of_pairs

from langgeo_core.api import DistanceMatrix, NumericalError
from langgeo_transforms.angles import Centre, Whiten
from langgeo_transforms.options import WhitenOptions


def whiten(distances: DistanceMatrix, axes: int = 30, share: float = 0.25, power: float = 1.0) -> DistanceMatrix:
    return Whiten(WhitenOptions(axes=axes, share=share, power=power)).transform(distances, named(distances))


def centre(distances: DistanceMatrix) -> DistanceMatrix:
    return Centre().transform(distances, named(distances))


@pytest.mark.parametrize("axes", [1, 4, 9])
def test_whitening_is_that_of_principal_components(axes: int):
    points = cloud()
    whitened = PCA(axes, whiten=True, svd_solver="full").fit_transform(points)
    found = whiten(between(points), axes=axes).values
    np.testing.assert_allclose(found, squareform(pdist(whitened, "cosine")), atol=1e-9)


def test_half_a_power_is_half_way():
    points = cloud()
    fitted = PCA(5, svd_solver="full").fit(points)
    half = fitted.transform(points) / fitted.explained_variance_**0.25
    found = whiten(between(points), axes=5, power=0.5).values
    np.testing.assert_allclose(found, squareform(pdist(half, "cosine")), atol=1e-9)


def test_without_a_power_all_axes_are_the_angle_from_the_mean():
    points = cloud()
    expected = squareform(pdist(points, "cosine"))
    np.testing.assert_allclose(centre(between(points)).values, expected, atol=1e-9)
    np.testing.assert_allclose(whiten(between(points), axes=40, share=1, power=0).values, expected, atol=1e-9)


def test_the_scale_of_an_axis_does_not_matter_once_it_is_whitened():
    points = cloud(axes=4)
    stretched = points * [5.0, 1.0, 1.0, 2.0]
    one, other = (whiten(between(given), axes=4).values for given in (points, stretched))
    np.testing.assert_allclose(PCA(whiten=True).fit_transform(points).std(axis=0), np.ones(4), rtol=0.02)
    assert np.abs(one - other).max() < 1e-9


@pytest.mark.parametrize(("n", "axes", "share", "kept"), [(40, 30, 0.25, 10), (40, 3, 0.25, 3), (4, 30, 0.1, 1)])
def test_how_many_axes_are_kept(n: int, axes: int, share: float, kept: int, caplog: pytest.LogCaptureFixture):
    with caplog.at_level(logging.INFO, logger="langgeo"):
        whiten(between(cloud(n, axes=50)), axes=axes, share=share)
    assert caplog.messages[0].startswith(f"whiten: {kept} of {n - 1} axes, ")


def test_the_log_says_how_much_of_the_variance_is_kept(caplog: pytest.LogCaptureFixture):
    points = cloud()
    share = PCA(svd_solver="full").fit(points).explained_variance_ratio_[:3].sum()
    with caplog.at_level(logging.INFO, logger="langgeo"):
        whiten(between(points), axes=3)
    assert caplog.messages == [f"whiten: 3 of 12 axes, {100 * share:.1f} % of their variance"]


def test_all_axes_in_full_are_refused():
    distances = between(cloud(8, axes=20))
    with pytest.raises(NumericalError, match="all 7 axes of 8 languages makes them all equally far") as caught:
        whiten(distances, share=1)
    assert "share" in caught.value.hint
    assert np.ptp(whiten(distances, share=1, power=0.9).values[np.triu_indices(8, 1)]) > 0.01
    assert np.ptp(whiten(distances, axes=6, share=1).values[np.triu_indices(8, 1)]) > 0.01


def test_equal_languages_stay_together_and_one_at_the_mean_has_no_direction():
    points = np.array([[1.0, 0], [-1, 0], [1, 0], [-1, 0], [0, 0]])
    found = centre(between(points)).values
    assert found[0, 2] == found[1, 3] == 0
    assert found[0, 1] == pytest.approx(2)
    np.testing.assert_array_equal(found[4], [1, 1, 1, 1, 0])


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("transform", [whiten, centre])
def test_two_languages_and_equal_ones(transform):
    assert transform(of_pairs(3.0)).values[0, 1] == pytest.approx(2)
    np.testing.assert_array_equal(transform(of_pairs(0, 0, 0)).values, np.zeros((3, 3)))


@pytest.mark.parametrize("transform", [whiten, centre])
def test_a_missing_pair_is_refused_by_name(transform):
    with pytest.raises(NumericalError, match=rf"{transform.__name__} needs every pair .*: l0\n"):
        transform(of_pairs(1, float("nan"), 1))


@pytest.mark.parametrize("transform", [whiten, centre])
def test_the_scale_of_the_matrix_does_not_matter(transform):
    distances = between(cloud())
    larger = DistanceMatrix(distances.ids, distances.values * 1000)
    np.testing.assert_allclose(transform(larger).values, transform(distances).values, atol=1e-9)
