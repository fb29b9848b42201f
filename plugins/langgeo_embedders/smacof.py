"""Multidimensional scaling by least stress."""

from __future__ import annotations

import numpy as np
from scipy.spatial.distance import pdist
from sklearn import manifold

from langgeo_core.api import DistanceMatrix, Embedding
from langgeo_embedders.inputs import Float64, complete_values, embedded, without_axes
from langgeo_embedders.options import SmacofOptions

TINY = 1e-9
"""What stands for a distance of zero in non-metric scaling, as a share of the least positive one."""


class Smacof:
    """Minimises stress by majorisation (SMACOF; de Leeuw 1977), from random starts (scikit-learn).

    Reported is Kruskal's Stress-1 = √(Σ (d − d̂)² / Σ d²), with d the distances of the map, and d̂ the given
    distances or, if non-metric, the increasing function of them that fits best. The map is turned to its principal
    axes. Of the starts the one with the least stress is kept, which need not be the least there is. Non-metric
    maps have no unit.
    """

    def __init__(self, options: SmacofOptions) -> None:
        self._options = options

    def embed(self, distances: DistanceMatrix) -> Embedding:
        """(n, dimensions) coordinates; no axes where all distances are zero.

        Raises
        ------
        NumericalError
            If pairs are missing.
        """
        values = complete_values("smacof", distances)
        if not values.any():
            return without_axes(distances)
        options = self._options
        coordinates, stress, steps = manifold.smacof(
            values if options.metric else _without_zeros(values),
            metric=options.metric,
            n_components=options.dimensions,
            n_init=options.n_init,
            max_iter=options.max_iter,
            eps=options.tolerance,
            random_state=options.seed,
            return_n_iter=True,
        )
        notes = {"stress": stress, "iterations": float(steps)}
        if options.metric:  # scikit-learn norms the stress of non-metric scaling alone
            notes["stress"] = float(np.sqrt(stress / (pdist(coordinates) ** 2).sum()))
        return embedded(distances, _principal_axes(coordinates), notes)


def _without_zeros(values: Float64) -> Float64:
    """scikit-learn's non-metric scaling takes a distance of zero for a missing one; only the order matters there."""
    apart = ~np.eye(len(values), dtype=bool)
    filled: Float64 = np.where(apart & (values == 0), TINY * values[values > 0].min(), values)
    return filled


def _principal_axes(coordinates: Float64) -> Float64:
    """Centred and turned, the widest axis first, the largest entry of every axis positive."""
    centred = coordinates - coordinates.mean(axis=0)
    turned = centred @ np.linalg.eigh(centred.T @ centred)[1][:, ::-1]
    largest = np.abs(turned).argmax(axis=0)
    axes: Float64 = turned * np.sign(turned[largest, np.arange(turned.shape[1])])
    return axes
