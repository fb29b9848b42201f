"""Scores with zeros and ties on both roads, and every quantizer and distance done the plain way."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
from scipy.spatial.distance import jensenshannon, pdist, squareform
from scipy.stats import rankdata

import langgeo_distances
import langgeo_quantizers
from langgeo_core.api import PerWeightScores, Scores, SeparableScores, Signature, WeightMatrix
from langgeo_core.contract.signatures import COMPACT

LANGUAGES = 5
SHAPES = ((7, 5), (4, 9), (6, 4), (1, 3))
"""Odd and even numbers of weights and columns; one matrix is a single row."""


def separable_group(seed: int = 0) -> list[SeparableScores]:
    """Matrices of three layers whose weights are multiples of 1/4; the third language has the first one's factors."""
    source = np.random.default_rng(seed)
    group = []
    for place, (rows, columns) in enumerate(SHAPES):
        weights = np.round(source.normal(size=(rows, columns)) * 4) / 4
        factors = source.choice([0.25, 0.5, 1.0, 1.5, 3.0], size=(LANGUAGES, columns))
        factors[2] = factors[0]
        matrix = WeightMatrix(f"m{place}", place // 2, f"m{place}", rows, columns, f"m{place}")
        group.append(SeparableScores(matrix, weights.astype(np.float32), factors.astype(np.float32)))
    return group


def as_per_weight(scores: Scores) -> PerWeightScores:
    """The same scores as if they did not separate."""
    dense = np.stack([scores.dense(language) for language in range(scores.languages)])
    return PerWeightScores(scores.matrix, len(dense), lambda who, start, stop: dense[who, start:stop])


def any_group(seed: int = 0) -> list[PerWeightScores]:
    """Scores that do not separate, zero in the same places for every language."""
    source = np.random.default_rng(seed)
    group = []
    for place, (rows, columns) in enumerate(SHAPES):
        values = source.choice([0.125, 0.25, 1.0, 1.5, 7.0], size=(LANGUAGES, rows, columns)).astype(np.float32)
        values *= source.random((rows, columns)) < 0.8
        values[2] = values[0]
        matrix = WeightMatrix(f"m{place}", place // 2, f"m{place}", rows, columns, f"m{place}")
        group.append(PerWeightScores(matrix, LANGUAGES, lambda who, start, stop, all=values: all[who, start:stop]))
    return group


def written_out(scores: Scores) -> np.ndarray:
    """(languages, rows, columns) float32."""
    return np.stack([scores.dense(language) for language in range(scores.languages)])


def built(kind: str, name: str, options: dict[str, Any]) -> Any:
    """A registered component with options."""
    records = {
        "quantizers": langgeo_quantizers.langgeo_quantizers,
        "distances": langgeo_distances.langgeo_distances,
    }[kind]()
    record = next(record for record in records if record.name == name)
    schema = record.load("options")
    return record.load("factory")(schema(**options)) if schema else record.load("factory")()


def scopes(group: Sequence[Scores], scope: str) -> Iterator[list[Scores]]:
    """The matrices that share a threshold."""
    layers = {"global": lambda _: 0, "layer": lambda scores: scores.matrix.layer}
    key = layers.get(scope, lambda scores: scores.matrix.name)
    for one in dict.fromkeys(key(scores) for scores in group):
        yield [scores for scores in group if key(scores) == one]


def compared(group: Sequence[Scores], quantizer: Any, distance: Any, form: type[Signature], rows: int) -> np.ndarray:
    """Distances as a run calculates them: compact forms of whole matrices, others a few rows at a time."""
    total, size = np.zeros(()), 0
    for shared in scopes(group, quantizer.scope):
        fitted = None if quantizer.scope == "row" else quantizer.fit(shared)
        for scores in shared:
            step = scores.matrix.rows if form in COMPACT else rows
            for start in range(0, scores.matrix.rows, step):
                stop = min(start + step, scores.matrix.rows)
                block = scores if form in COMPACT else scores.block(start, stop)
                own = quantizer.fit([block]) if quantizer.scope == "row" else fitted
                total = total + distance.partial(quantizer.encode(block, own, form))
            size += scores.matrix.size
    return distance.finish(total, size)


def plain_values(group: Sequence[Scores], name: str, options: dict[str, Any]) -> list[np.ndarray]:
    """(languages, entries) of every matrix: bits, levels or numbers."""
    scope = options.get("scope", "matrix")
    if name == "none":
        return [written_out(scores).reshape(LANGUAGES, -1).astype(np.float64) for scores in group]
    if name == "log":
        return [np.log(flat[:, flat.all(axis=0)]) for flat in plain_values(group, "none", {})]
    if name == "sign-of-difference":
        return [flat > flat.mean(axis=0) for flat in plain_values(group, "none", {})]
    found = []
    for shared in scopes(group, scope):
        shapes = [scores.matrix.rows if scope == "row" else 1 for scores in shared]
        parts = [
            written_out(scores).reshape(LANGUAGES, count, -1) for scores, count in zip(shared, shapes, strict=True)
        ]
        values = np.concatenate(parts, axis=2)
        encoded = _PLAIN[name](values, **{key: value for key, value in options.items() if key != "scope"})
        ends = np.cumsum([part.shape[2] for part in parts])[:-1]
        found += [part.reshape(LANGUAGES, -1) for part in np.split(encoded, ends, axis=2)]
    return found


def _median(values: np.ndarray) -> np.ndarray:
    middle = np.median(values.astype(np.float64), axis=2, keepdims=True)
    return values > middle.astype(np.float32)


def _quantile(values: np.ndarray, keep: float) -> np.ndarray:
    """Above the smallest score that at most the share `keep` of the scores exceed."""
    return _exceeds(values, keep)


def _levels(values: np.ndarray, bits: int) -> np.ndarray:
    levels = 2**bits
    return np.sum([_exceeds(values, 1 - k / levels) for k in range(1, levels)], axis=0)


def _exceeds(values: np.ndarray, share: float) -> np.ndarray:
    above = (values[..., None, :] > values[..., None]).sum(axis=3)
    candidates = np.where(above <= share * values.shape[2], values, np.inf)
    return values > candidates.min(axis=2, keepdims=True)


def _ranks(values: np.ndarray) -> np.ndarray:
    return rankdata(values, axis=2) / values.shape[2]


_PLAIN: dict[str, Callable[..., np.ndarray]] = {
    "median": _median,
    "quantile": _quantile,
    "n-bit": _levels,
    "rank": _ranks,
}


def plain_distances(values: Sequence[np.ndarray], name: str) -> np.ndarray:
    """(languages, languages) of the values of all matrices."""
    if name == "jensen-shannon":
        sizes = [part.shape[1] for part in values]
        divergences = [squareform(pdist(part, lambda a, b: jensenshannon(a, b, base=2) ** 2)) for part in values]
        return np.sqrt(np.average(divergences, axis=0, weights=sizes))
    everything = np.concatenate(values, axis=1)
    numbers = everything if name == "jaccard" else everything.astype(np.float64)
    metric = {"l1": "cityblock", "l2": "euclidean"}.get(name, name)
    scale = {"l1": everything.shape[1], "l2": np.sqrt(everything.shape[1])}.get(name, 1.0)
    return squareform(pdist(numbers, metric)) / scale
