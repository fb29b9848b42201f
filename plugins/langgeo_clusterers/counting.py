"""How many clusters there can be."""

from __future__ import annotations

import numpy as np

from langgeo_core.api import Embedding, NumericalError, UserError


def clusters_to_make(clusterer: str, k: int | None, embedding: Embedding) -> int:
    """k, but at most as many as distinct points, and one in an embedding without axes.

    Raises
    ------
    UserError
        If no k is given.
    NumericalError
        If k exceeds the number of languages.
    """
    languages, axes = embedding.coordinates.shape
    if k is None:
        raise UserError(f"{clusterer} has no number of clusters", "set its option k, or name an evaluator with classes")
    if k > languages:
        raise NumericalError(f"{clusterer} cannot make {k} clusters of {languages} languages", "lower its option k")
    return min(k, len(np.unique(embedding.coordinates, axis=0))) if axes else 1
