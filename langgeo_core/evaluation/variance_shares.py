"""How much of the distances is about the languages, and how much about the model or the corpus that was asked."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from langgeo_core.contract.types import DistanceMatrix

Float64 = NDArray[np.float64]


def variance_shares(matrices: Mapping[tuple[str, str], DistanceMatrix]) -> dict[str, float]:
    """Shares of the variance of distances by its source, for matrices by model and corpus.

    `pair`: what all agree on; `model` and `corpus`: pairs that are near to some models, or in some corpora, alone;
    `residual`: the rest, in which a single corpus leaves the models' differences and a single model the corpora's.
    Random effects by the method of moments, negative ones taken as 0 (Searle, Casella & McCulloch 1992), over the
    pairs that all matrices have, each matrix divided by its mean. Pairs that share a language are not independent, so
    these describe and do not test. Empty without two matrices of a full grid, or three shared pairs.
    """
    grid = _grid(matrices)
    if grid is None:
        return {}
    components = _components(grid)
    total = sum(components.values())
    return {name: value / total for name, value in components.items()} if total > 0 else {}


def shared_languages(matrices: Mapping[tuple[str, str], DistanceMatrix]) -> tuple[str, ...]:
    """The languages of the pairs that all matrices have."""
    first, *others = matrices.values()
    ids = [identifier for identifier in first.ids if all(identifier in set(one.ids) for one in others)]
    everywhere = np.all([np.isfinite(matrix.subset(ids).values) for matrix in matrices.values()], axis=0)
    return tuple(identifier for identifier, pairs in zip(ids, everywhere.sum(axis=1), strict=True) if pairs > 1)


def _grid(matrices: Mapping[tuple[str, str], DistanceMatrix]) -> Float64 | None:
    """(pairs, models, corpora) distances in units of each matrix's mean."""
    models = list(dict.fromkeys(model for model, _ in matrices))
    corpora = list(dict.fromkeys(corpus for _, corpus in matrices))
    if len(matrices) < 2 or len(matrices) < len(models) * len(corpora):
        return None
    ids = shared_languages(matrices)
    upper = np.triu_indices(len(ids), k=1)
    values = np.array([[matrices[model, corpus].subset(ids).values[upper] for corpus in corpora] for model in models])
    grid = np.moveaxis(values, -1, 0)
    grid = grid[np.isfinite(grid).all(axis=(1, 2))]
    if len(grid) < 3 or not grid.mean(axis=0).all():
        return None
    scaled: Float64 = grid / grid.mean(axis=0)
    return scaled


def _components(grid: Float64) -> dict[str, float]:
    """Variances by source; a factor of one level has none."""
    pairs, models, corpora = grid.shape
    pair = grid.mean(axis=(1, 2), keepdims=True) - grid.mean()
    with_model = grid.mean(axis=2, keepdims=True) - grid.mean() - pair
    with_corpus = grid.mean(axis=1, keepdims=True) - grid.mean() - pair
    if min(models, corpora) == 1:
        rest = _square(grid - grid.mean() - pair, pairs - 1, models * corpora - 1)
        between = models * corpora * float((pair**2).sum()) / (pairs - 1)
        return {"pair": max(0.0, (between - rest) / (models * corpora)), "residual": rest}
    rest = _square(grid - grid.mean() - pair - with_model - with_corpus, pairs - 1, (models - 1) * (corpora - 1))
    by_model = corpora * _square(with_model, pairs - 1, models - 1)
    by_corpus = models * _square(with_corpus, pairs - 1, corpora - 1)
    between = models * corpora * float((pair**2).sum()) / (pairs - 1)
    return {
        "pair": max(0.0, (between - by_model - by_corpus + rest) / (models * corpora)),
        "model": max(0.0, (by_model - rest) / corpora),
        "corpus": max(0.0, (by_corpus - rest) / models),
        "residual": rest,
    }


def _square(effects: Float64, *freedom: int) -> float:
    return float((effects**2).sum()) / float(np.prod(freedom))
