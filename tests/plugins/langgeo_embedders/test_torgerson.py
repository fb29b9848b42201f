import numpy as np
import pytest
from pydantic import ValidationError
from scipy.spatial.distance import pdist, squareform

import langgeo_embedders
from langgeo_core.api import DistanceMatrix, NumericalError
from langgeo_embedders.options import TorgersonOptions
from langgeo_embedders.torgerson import Torgerson


def matrix(values: np.ndarray) -> DistanceMatrix:
    return DistanceMatrix(tuple(f"l{index:03}" for index in range(len(values))), values)


def points(*, n: int, axes: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(n, axes)) * np.linspace(3, 1, axes)


def between(coordinates: np.ndarray) -> np.ndarray:
    return squareform(pdist(coordinates))


def embed(values: np.ndarray, **options: object):
    return Torgerson(TorgersonOptions(**options)).embed(matrix(values))


def test_the_plugin_registers_a_record_that_loads():
    record = next(langgeo_embedders.langgeo_embedders())
    embedder = record.load("factory")(record.load("options")())
    assert record.name == "torgerson"
    assert embedder.embed(matrix(between(points(n=4, axes=2)))).coordinates.shape == (4, 2)


def test_worked_example_of_borg_and_groenen():
    # Borg & Groenen, Modern Multidimensional Scaling, 2nd ed., section 12.1, printed to two decimals.
    distances = np.array([[0, 4.05, 8.25, 5.57], [0, 0, 2.54, 2.69], [0, 0, 0, 2.11], [0, 0, 0, 0]])
    embedding = embed(distances + distances.T)
    np.testing.assert_allclose(embedding.eigenvalues, [35.71, 3.27, 0, -5.57], atol=0.01)
    expected = np.array([[4.62, -0.07], [0.09, 1.11], [-3.63, 0.34], [-1.08, -1.38]])
    signs = np.sign((embedding.coordinates * expected).sum(axis=0))
    np.testing.assert_allclose(embedding.coordinates[:, :2] * signs, expected, atol=0.01)
    assert embedding.notes["negative_mass"] == pytest.approx(5.57 / (35.71 + 3.27 + 5.57), abs=1e-3)


def test_points_on_a_line_by_hand():
    embedding = embed(np.array([[0.0, 1, 3], [1, 0, 2], [3, 2, 0]]))
    np.testing.assert_allclose(embedding.coordinates, [[-4 / 3], [-1 / 3], [5 / 3]], atol=1e-12)
    np.testing.assert_allclose(embedding.eigenvalues, [42 / 9, 0, 0], atol=1e-12)
    assert embedding.notes["positive_axes"] == 1


def test_points_in_the_plane_are_recovered():
    original = points(n=50, axes=2)
    embedding = embed(between(original))
    assert embedding.coordinates.shape == (50, 2)
    np.testing.assert_allclose(between(embedding.coordinates), between(original), atol=1e-10)
    assert embedding.notes["negative_mass"] < 1e-12


def test_agrees_with_scikit_learn():
    from sklearn import manifold

    if not hasattr(manifold, "ClassicalMDS"):
        pytest.skip("this scikit-learn has no ClassicalMDS")
    distances = between(points(n=30, axes=4))
    theirs = manifold.ClassicalMDS(n_components=4, metric="precomputed").fit_transform(distances)
    ours = embed(distances).coordinates
    np.testing.assert_allclose(ours, theirs * np.sign((ours * theirs).sum(axis=0)), atol=1e-10)


def test_agrees_with_scikit_bio_on_the_positive_axes():
    skbio = pytest.importorskip("skbio")
    distances = np.random.default_rng(1).uniform(1, 2, size=(20, 20))
    distances = np.triu(distances, 1) + np.triu(distances, 1).T
    with pytest.warns(RuntimeWarning, match="negative"):
        theirs = skbio.stats.ordination.pcoa(skbio.DistanceMatrix(distances), dimensions=20)
    embedding = embed(distances)
    axes = embedding.coordinates.shape[1]
    np.testing.assert_allclose(embedding.eigenvalues[:axes], theirs.eigvals.to_numpy()[:axes], atol=1e-10)
    reference = theirs.samples.to_numpy()[:, :axes]
    signs = np.sign((embedding.coordinates * reference).sum(axis=0))
    np.testing.assert_allclose(embedding.coordinates, reference * signs, atol=1e-8)


def test_the_root_of_hamming_is_euclidean_and_hamming_need_not_be():
    bits = np.random.default_rng(2).random((40, 60)) < 0.5
    hamming = squareform(pdist(bits, "hamming"))
    rooted = embed(hamming, transform="sqrt")
    assert rooted.eigenvalues.min() > -1e-12 * rooted.eigenvalues.max()
    np.testing.assert_allclose(between(rooted.coordinates) ** 2, hamming, atol=1e-12)
    corners = np.array([[0, 0, 0], [1, 0, 0], [0, 1, 0], [1, 1, 0], [1, 1, 1]])
    assert embed(squareform(pdist(corners, "hamming"))).notes["negative_mass"] > 1e-3


def test_fewer_axes_are_the_first_of_all():
    distances = between(points(n=12, axes=5))
    np.testing.assert_array_equal(embed(distances, axes=2).coordinates, embed(distances).coordinates[:, :2])
    assert embed(distances, axes=99).coordinates.shape == (12, 5)
    assert len(embed(distances, axes=2).eigenvalues) == 12


def test_the_order_of_the_languages_changes_nothing_else():
    distances = between(points(n=25, axes=6))
    order = np.random.default_rng(3).permutation(25)
    straight, shuffled = embed(distances), embed(distances[np.ix_(order, order)])
    np.testing.assert_allclose(shuffled.coordinates, straight.coordinates[order], atol=1e-10)
    np.testing.assert_allclose(shuffled.eigenvalues, straight.eigenvalues, atol=1e-10)


def test_the_largest_entry_of_every_axis_is_positive():
    coordinates = embed(between(points(n=25, axes=6))).coordinates
    largest = np.abs(coordinates).argmax(axis=0)
    assert (coordinates[largest, np.arange(6)] > 0).all()


@pytest.mark.parametrize("n", [1, 2, 10])
def test_equal_languages_have_no_axis(n: int):
    embedding = embed(np.zeros((n, n)))
    assert embedding.coordinates.shape == (n, 0)
    assert embedding.notes == {"negative_mass": 0.0, "positive_axes": 0.0}


def test_missing_pairs_name_the_languages_to_leave_out():
    distances = between(points(n=6, axes=2))
    distances[2, [0, 1, 3, 4, 5]] = distances[[0, 1, 3, 4, 5], 2] = np.nan
    with pytest.raises(NumericalError, match=r"lack some: l002\n  leave these languages out"):
        embed(distances)


def test_options_are_checked():
    assert TorgersonOptions.model_validate({"axes": "3"}).axes == 3
    for wrong in ({"axes": 0}, {"axes": "most"}, {"transform": "cube"}, {"axis": 2}):
        with pytest.raises(ValidationError):
            TorgersonOptions.model_validate(wrong)
