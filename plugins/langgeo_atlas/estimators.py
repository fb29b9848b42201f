"""Embedders and clusterers of langgeo as estimators of scikit-learn, which this module imports."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClusterMixin
from sklearn.metrics import pairwise_distances
from sklearn.utils.validation import validate_data

from langgeo_core.api import DistanceMatrix, Embedding, LanggeoError, build_component

Float64 = NDArray[np.float64]
Metric = Literal["precomputed", "euclidean", "manhattan", "cosine"]


class _OfDistances(BaseEstimator):  # type: ignore[misc]
    """What both kinds share: distances in, points out."""

    metric: str

    def _embedded(self, X: Any, embedder: str, options: Mapping[str, Any] | None) -> Embedding:
        """The points of an embedder over the distances in X, or between its rows.

        Raises
        ------
        ValueError
            If X holds no distances, as scikit-learn has it.
        """
        values = validate_data(self, X, dtype=np.float64, ensure_min_samples=2)
        if self.metric != "precomputed":
            values = pairwise_distances(values, metric=self.metric)
            np.fill_diagonal(values, 0.0)
        elif values.shape[0] != values.shape[1]:
            raise ValueError(f"precomputed distances must be square, and X is {values.shape[0]} x {values.shape[1]}")
        if (values < 0).any():
            raise ValueError("Negative values in data: distances are not below 0")
        if not np.allclose(values, values.T, rtol=1e-6):
            raise ValueError("distances must be symmetric")
        ids = tuple(map(str, range(len(values))))
        try:
            distances = DistanceMatrix(ids, (values + values.T) / 2)
            found: Embedding = build_component("embedders", {"name": embedder, **(options or {})}).embed(distances)
        except LanggeoError as failure:
            raise ValueError(str(failure)) from failure
        return found

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.pairwise = self.metric == "precomputed"
        tags.input_tags.positive_only = self.metric == "precomputed"
        return tags


class SpaceTransformer(_OfDistances):
    """Languages as points: an embedder of langgeo that follows scikit-learn's conventions.

    Like `sklearn.manifold.MDS` it has `fit` and `fit_transform` and places no further samples: `transform` is missing.

    Parameters
    ----------
    embedder : the name of an embedder, as `langgeo list embedders` shows them
    options : its options, as a config would write them
    metric : `precomputed` where X is distances, such as a `LanguageSpace`; else how rows of X are compared

    Attributes
    ----------
    embedding_ : (samples, axes) float64
    eigenvalues_ : all of them in falling order, empty where the method has none

    Examples
    --------
    >>> import langgeo_core as lg
    >>> germanic = lg.space("best").subset(["Germanic"])
    >>> points = lg.SpaceTransformer(options={"axes": 2}).fit_transform(germanic)
    >>> points.shape == (len(germanic), 2)
    True
    """

    def __init__(
        self, embedder: str = "torgerson", *, options: Mapping[str, Any] | None = None, metric: Metric = "precomputed"
    ) -> None:
        self.embedder = embedder
        self.options = options
        self.metric = metric

    def fit(self, X: Any, y: None = None) -> Self:
        """Embed the distances; raises ValueError where X holds none."""
        found = self._embedded(X, self.embedder, self.options)
        self.embedding_: Float64 = found.coordinates
        self.eigenvalues_: Float64 = found.eigenvalues
        return self

    def fit_transform(self, X: Any, y: None = None) -> Float64:
        """As `fit`, and return the points."""
        return self.fit(X).embedding_


class SpaceClusterer(ClusterMixin, _OfDistances):  # type: ignore[misc]
    """Languages in groups: a clusterer of langgeo, over the points of an embedder, by scikit-learn's conventions.

    Parameters
    ----------
    clusterer : the name of a clusterer, as `langgeo list clusterers` shows them
    n_clusters : how many groups; ignored by clusterers that find out, such as `hdbscan`
    options : of the clusterer, as a config would write them
    embedder : as for `SpaceTransformer`
    metric : as for `SpaceTransformer`
    random_state : the seed, a whole number from 0

    Attributes
    ----------
    labels_ : (samples,) the group of each, counted from 0; -1 for those in none

    Examples
    --------
    >>> import langgeo_core as lg
    >>> few = lg.space("best").subset(["German", "Dutch", "Russian", "Turkish"])
    >>> lg.SpaceClusterer(n_clusters=3).fit_predict(few)
    array([0, 0, 1, 2])
    """

    def __init__(
        self,
        clusterer: str = "kmeans",
        n_clusters: int = 8,
        *,
        options: Mapping[str, Any] | None = None,
        embedder: str = "torgerson",
        metric: Metric = "precomputed",
        random_state: int = 0,
    ) -> None:
        self.clusterer = clusterer
        self.n_clusters = n_clusters
        self.options = options
        self.embedder = embedder
        self.metric = metric
        self.random_state = random_state

    def fit(self, X: Any, y: None = None) -> Self:
        """Group the languages; raises ValueError where X holds no distances, or fewer languages than groups."""
        points = self._embedded(X, self.embedder, None)
        try:
            built = build_component("clusterers", {"name": self.clusterer, **(self.options or {})})
            count = None if built.k is None else self.n_clusters
            self.labels_: NDArray[np.int64] = built.cluster(points, count, self.random_state)
        except LanggeoError as failure:
            raise ValueError(str(failure)) from failure
        return self
