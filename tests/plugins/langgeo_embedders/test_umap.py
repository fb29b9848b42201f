import numpy as np
import pytest
from embedding_cases import between, matrix, plane

pytest.importorskip("umap", reason="umap-learn not installed")

from langgeo_core.api import Embedding, NumericalError
from langgeo_embedders.options import UmapOptions
from langgeo_embedders.umap import Umap


def embed(values: np.ndarray, **options: object) -> Embedding:
    return Umap(UmapOptions.model_validate(options)).embed(matrix(values))


@pytest.mark.parametrize(("n", "asked", "used"), [(4, 15, 3.0), (20, 15, 15.0), (20, 4, 4.0)])
@pytest.mark.filterwarnings("error:using precomputed metric", "error:n_neighbors is larger")
def test_neighbours_are_at_most_all_others(n: int, asked: int, used: float):
    embedding = embed(between(plane(n)), n_neighbors=asked)
    assert embedding.notes == {"n_neighbors": used}
    assert np.isfinite(embedding.coordinates).all()


@pytest.mark.parametrize(("n", "dimensions"), [(2, 2), (3, 2), (5, 4)])
def test_too_few_languages_are_an_error(n: int, dimensions: int):
    with pytest.raises(NumericalError, match=f"at least {dimensions + 2} languages .* got {n}"):
        embed(between(plane(n)), dimensions=dimensions)


def test_another_seed_is_another_map():
    values = between(plane())
    assert not np.allclose(embed(values).coordinates, embed(values, seed=1).coordinates)
