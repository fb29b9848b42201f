"""Languages as directions: the angle between them in a space of their distances."""

from __future__ import annotations

import logging
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.distance import pdist, squareform

from langgeo_core.api import DistanceMatrix, Embedding, Language, NumericalError, build_component
from langgeo_transforms.options import WhitenOptions

log = logging.getLogger("langgeo.transforms")

Float64 = NDArray[np.float64]

NO_DIRECTION = 1e-9
"""A point whose length is a smaller share of the longest is at the centre but for rounding."""


class Centre:
    """1 - cos of the angle at which the mean of all languages sees two of them.

    The points are those of classical scaling, whose origin is the mean. How far a language is from the mean no longer
    counts; in which direction it lies does.
    """

    def transform(self, distances: DistanceMatrix, languages: Sequence[Language]) -> DistanceMatrix:
        """Between 0 and 2; a language at the mean has no direction, and is 1 from all that have one.

        Raises
        ------
        NumericalError
            If pairs are missing.
        """
        points, _ = space("centre", distances)
        return DistanceMatrix(distances.ids, cosine_distances(points))


class Whiten:
    """1 - cos of the angle between two languages in the k leading axes, each divided by its deviation to a power.

    With V and λ the leading eigenvectors and eigenvalues of classical scaling, the points are V λ^((1 - p) / 2). The
    few axes that hold most of the variance then count no more than the others that are kept; those left out are taken
    for noise.

    k is the smaller of `axes` and `share` of the number of languages. As many axes as that allows, n - 1, whitened in
    full, would make all languages equally far from each other, which is refused.
    """

    def __init__(self, options: WhitenOptions) -> None:
        self._options = options

    def transform(self, distances: DistanceMatrix, languages: Sequence[Language]) -> DistanceMatrix:
        """Between 0 and 2. How many axes were kept goes to the run's log.

        Raises
        ------
        NumericalError
            If pairs are missing, or all axes would be whitened in full.
        """
        points, eigenvalues = space("whiten", distances)
        kept = self._axes(len(distances.ids), len(eigenvalues))
        share = eigenvalues[:kept].sum() / eigenvalues.sum() if kept else 0.0
        log.info("whiten: %d of %d axes, %.1f %% of their variance", kept, len(eigenvalues), 100 * share)
        whitened = points[:, :kept] / eigenvalues[:kept] ** (self._options.power / 2)
        return DistanceMatrix(distances.ids, cosine_distances(whitened))

    def _axes(self, n: int, positive: int) -> int:
        allowed = max(1, int(self._options.share * n))
        kept = min(self._options.axes, allowed, positive)
        if kept > 1 and kept >= n - 1 and self._options.power == 1:
            raise NumericalError(
                f"whitening all {kept} axes of {n} languages makes them all equally far from each other",
                "lower the option share or axes of whiten, or its power",
            )
        return kept


def space(reader: str, distances: DistanceMatrix) -> tuple[Float64, Float64]:
    """(n, axes) centred points of classical scaling, and the (axes,) positive eigenvalues, the largest first.

    `reader` is the transform on whose behalf missing pairs are refused.
    """
    distances.require_complete(reader)
    embedder = build_component("embedders", {"name": "torgerson", "transform": "identity", "axes": "all"})
    embedding: Embedding = embedder.embed(distances)
    return embedding.coordinates, embedding.eigenvalues[: embedding.coordinates.shape[1]]


def cosine_distances(points: Float64) -> Float64:
    """(n, n) 1 - cos between points (n, axes), as half the squared distance of their directions.

    Equal points are at exactly 0. A point at the origin is 1 from every other that is not.

    Examples
    --------
    >>> cosine_distances(np.array([[2.0, 0.0], [0.0, 3.0], [-5.0, 0.0], [0.0, 0.0]]))
    array([[0., 1., 2., 1.],
           [1., 0., 1., 1.],
           [2., 1., 0., 1.],
           [1., 1., 1., 0.]])
    """
    lengths = np.linalg.norm(points, axis=1)
    directed = lengths > NO_DIRECTION * lengths.max(initial=0.0)
    unit = np.where(directed[:, np.newaxis], points / np.where(directed, lengths, 1.0)[:, np.newaxis], 0.0)
    values = squareform(pdist(unit, "sqeuclidean")) / 2 if points.shape[1] else np.zeros((len(points), len(points)))
    one_has_none = directed[:, np.newaxis] != directed
    return np.minimum(np.where(one_has_none, 1.0, values), 2.0)
