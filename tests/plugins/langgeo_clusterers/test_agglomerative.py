import numpy as np
import pytest
from pydantic import ValidationError
from sklearn.metrics import adjusted_rand_score

from langgeo_clusterers.clusterers import Agglomerative
from langgeo_clusterers.options import AgglomerativeOptions
from langgeo_core.api import Embedding, NumericalError, UserError

LINKAGES = ("average", "ward", "complete", "single")


def clusters(coordinates: np.ndarray, k: int | None, linkage: str = "average", seed: int = 0) -> np.ndarray:
    embedding = Embedding(tuple(f"l{index:03}" for index in range(len(coordinates))), coordinates)
    return Agglomerative(AgglomerativeOptions.model_validate({"linkage": linkage})).cluster(embedding, k, seed)


def line(*places: float) -> np.ndarray:
    return np.array(places)[:, None]


def test_attributes_come_from_the_options():
    assert Agglomerative(AgglomerativeOptions(k=7)).k == 7
    clusterer = Agglomerative(AgglomerativeOptions())
    assert (clusterer.k, clusterer.seeds) == ("classes", 1)


def test_linkages_by_hand():
    # In a chain with growing steps the nearest two always join the chain; the farthest two of clusters do not.
    chain = line(0, 1, 2.1, 3.3, 4.6, 6.0)
    assert clusters(chain, 2, "single").tolist() == [0, 0, 0, 0, 0, 1]
    assert clusters(chain, 2, "complete").tolist() == [0, 0, 0, 0, 1, 1]
    assert clusters(line(0, 1, 10, 12, 14), 2, "average").tolist() == [0, 0, 1, 1, 1]


@pytest.mark.parametrize("linkage", LINKAGES)
def test_blobs_are_found_in_any_order_with_any_seed(linkage: str):
    rng = np.random.default_rng(0)
    coordinates = rng.normal(size=(30, 3)) + np.repeat([0, 20, 40], 10)[:, None]
    found = clusters(coordinates, 3, linkage)
    assert found.dtype == np.int64
    assert found.tolist() == [0] * 10 + [1] * 10 + [2] * 10
    order = rng.permutation(30)
    assert adjusted_rand_score(clusters(coordinates[order], 3, linkage, seed=9), found[order]) == 1


@pytest.mark.parametrize("linkage", LINKAGES)
def test_few_places(linkage: str):
    assert clusters(line(0, 5, 7, 9), 4, linkage).tolist() == [0, 1, 2, 3]
    assert clusters(line(0, 5, 7, 9), 1, linkage).tolist() == [0] * 4
    assert clusters(line(3, 3, 3, 8, 8), 4, linkage).tolist() == [0, 0, 0, 1, 1]
    assert clusters(np.empty((5, 0)), 3, linkage).tolist() == [0] * 5
    assert clusters(line(4), 1, linkage).tolist() == [0]


def test_numbers_that_cannot_be_are_errors():
    with pytest.raises(NumericalError, match="agglomerative cannot make 6 clusters of 5 languages"):
        clusters(np.empty((5, 0)), 6)
    with pytest.raises(UserError, match="agglomerative has no number of clusters"):
        clusters(line(1, 2), None)


def test_options_are_checked():
    for wrong in ({"k": 0}, {"linkage": "centroid"}, {"seeds": 3}):
        with pytest.raises(ValidationError):
            AgglomerativeOptions.model_validate(wrong)
