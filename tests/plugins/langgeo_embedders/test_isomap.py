import numpy as np
import pytest
from embedding_cases import between, blobs, matrix, plane

from langgeo_core.api import Embedding, NumericalError
from langgeo_embedders.maps import Isomap
from langgeo_embedders.options import IsomapOptions


def embed(values: np.ndarray, **options: object) -> Embedding:
    return Isomap(IsomapOptions.model_validate(options)).embed(matrix(values))


def test_with_all_as_neighbours_points_in_the_plane_are_recovered():
    embedding = embed(between(plane()), n_neighbors=99)
    assert embedding.notes["n_neighbors"] == 19
    np.testing.assert_allclose(between(embedding.coordinates), between(plane()), atol=1e-9)


def test_a_bent_line_is_straightened():
    angles = np.linspace(0, 1.5 * np.pi, 40)
    arc = np.column_stack([np.cos(angles), np.sin(angles)])
    found = embed(between(arc), n_neighbors=2, dimensions=1).coordinates.ravel()
    steps = np.diff(found) * np.sign(found[-1] - found[0])
    np.testing.assert_allclose(steps, 2 * np.sin(angles[1] / 2), rtol=5e-3)


def test_a_graph_that_is_not_connected_is_an_error():
    with pytest.raises(NumericalError, match="3 unconnected parts of sizes 8, 8, 8") as caught:
        embed(between(blobs()), n_neighbors=5)
    assert "n_neighbors" in caught.value.hint


def test_more_axes_than_there_are_is_an_error():
    circle = np.exp(2j * np.pi * np.arange(12) / 12)
    values = between(np.column_stack([circle.real, circle.imag]))
    with pytest.raises(NumericalError, match="cannot embed 12 languages in 11 dimensions") as caught:
        embed(values, n_neighbors=2, dimensions=11)
    assert "dimensions" in caught.value.hint


def test_two_languages():
    np.testing.assert_allclose(between(embed(np.array([[0.0, 2], [2, 0]])).coordinates), [[0, 2], [2, 0]], atol=1e-9)
