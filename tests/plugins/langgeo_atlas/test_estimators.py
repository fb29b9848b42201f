"""Embedders and clusterers by scikit-learn's conventions, and spaces where it takes distances."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.cluster import HDBSCAN, AgglomerativeClustering
from sklearn.manifold import MDS
from sklearn.metrics import silhouette_score
from sklearn.neighbors import KNeighborsClassifier
from sklearn.utils.estimator_checks import parametrize_with_checks

import langgeo_core as lg
from langgeo_atlas.estimators import SpaceClusterer, SpaceTransformer

LANGUAGES = ["German", "Dutch", "Swedish", "Russian", "Czech", "Polish", "Turkish", "Kazakh", "Tamil", "Telugu"]


@pytest.fixture(scope="module")
def space() -> lg.LanguageSpace:
    return lg.space("best").subset(LANGUAGES)


@parametrize_with_checks(
    [
        SpaceTransformer(),
        SpaceTransformer("smacof", metric="euclidean"),
        SpaceClusterer(metric="euclidean"),
        SpaceClusterer("agglomerative", metric="euclidean"),
    ]
)
def test_scikit_learn_s_own_checks(estimator: object, check: object) -> None:
    check(estimator)  # type: ignore[operator]


def test_a_transformer_is_the_embedder_of_runs(space: lg.LanguageSpace) -> None:
    points = SpaceTransformer(options={"transform": "identity", "axes": 3}).fit_transform(space)
    np.testing.assert_allclose(points, space.embedding(3), atol=1e-12)
    assert lg.SpaceTransformer is SpaceTransformer
    with pytest.raises(ValueError, match="no embedder is named 'tsnee'"):
        SpaceTransformer("tsnee").fit(space)
    with pytest.raises(ValueError, match="unknown option 'axs'"):
        SpaceTransformer(options={"axs": 3}).fit(space)
    with pytest.raises(ValueError, match="must be square"):
        SpaceTransformer().fit(np.ones((3, 2)))
    with pytest.raises(ValueError, match="symmetric"):
        SpaceTransformer().fit(np.array([[0.0, 1], [2, 0]]))


def test_a_clusterer_groups_the_languages_of_a_space(space: lg.LanguageSpace) -> None:
    for name in ("kmeans", "agglomerative", "spectral"):
        labels = SpaceClusterer(name, n_clusters=4).fit_predict(space)
        assert labels[0] == labels[1] and labels[3] == labels[5] and labels[0] != labels[8]
        assert set(labels) == {0, 1, 2, 3}
    found = clone(SpaceClusterer("hdbscan", options={"min_cluster_size": 2})).fit(space)
    assert found.labels_.shape == (len(LANGUAGES),)
    with pytest.raises(ValueError, match="cannot make 40 clusters"):
        SpaceClusterer(n_clusters=40).fit(space)


def test_scikit_learn_takes_a_space_as_precomputed_distances(space: lg.LanguageSpace) -> None:
    values = np.asarray(space)
    assert values is not space.distances.values and values.dtype == np.float64
    labels = AgglomerativeClustering(4, metric="precomputed", linkage="average").fit_predict(space)
    assert list(labels) == list(AgglomerativeClustering(4, metric="precomputed", linkage="average").fit_predict(values))
    assert labels[0] == labels[1] != labels[3]
    assert -1 <= silhouette_score(space, labels, metric="precomputed") <= 1
    branches = [space.labels["family"][one] for one in space.ids]
    nearest = KNeighborsClassifier(1, metric="precomputed").fit(space, branches)
    assert list(nearest.predict(space)) == branches
    assert HDBSCAN(min_cluster_size=2, metric="precomputed", copy=True).fit(space).labels_.shape == (len(LANGUAGES),)
    mds = MDS(2, metric="precomputed", random_state=0, n_init=1, init="random")
    assert mds.fit_transform(space).shape == (len(LANGUAGES), 2)
