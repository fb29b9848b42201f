"""Metrics of a clusterer's groupings against the classes, over all its seeds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from langgeo_core.api import Clustering
from langgeo_glottolog.agreement import AGREEMENTS, agreements, contingency
from langgeo_glottolog.figures import Measure
from langgeo_glottolog.sample import Sample

Float64 = NDArray[np.float64]
Int64 = NDArray[np.int64]

CELLS = 4_000_000
"""Cells of contingency tables held at once: 32 MB."""


@dataclass(frozen=True, eq=False)
class Groups:
    """A clustering of the sample: codes from 0, of which those from `placed` on are single noise languages."""

    codes: Int64
    placed: int

    @property
    def noise(self) -> NDArray[np.bool_]:
        return np.asarray(self.codes >= self.placed)


def cluster_measure(sample: Sample, clusterings: Sequence[Clustering]) -> Measure:
    """`ari`, `ami`, `v_measure`, `purity` of one clusterer, and `noise` where it may leave languages out.

    Values are over its seeds; under one shuffle, and on a part of the languages, they are the mean over the seeds. On
    a part the clusters are those found on all, restricted to it.
    """
    seeds = [_groups(sample, clustering) for clustering in clusterings]
    noisy = any(clustering.k is None or (clustering.labels < 0).any() for clustering in clusterings)
    everyone = np.arange(len(sample.ids))[np.newaxis]

    def shuffled(orders: Int64) -> dict[str, Float64]:
        return _mean([_scores(sample.classes[orders], everyone, groups) for groups in seeds], noisy)

    def on(parts: Int64) -> dict[str, Float64]:
        return _mean([_scores(sample.classes[parts], parts, groups) for groups in seeds], noisy)

    values = np.concatenate([_scores(sample.classes[np.newaxis], everyone, groups) for groups in seeds], axis=1)
    first = clusterings[0]
    return Measure(_named(values, noisy), shuffled, on, first.clusterer, _k(first))


def _groups(sample: Sample, clustering: Clustering) -> Groups:
    position = {identifier: index for index, identifier in enumerate(clustering.ids)}
    labels = clustering.labels[[position[identifier] for identifier in sample.ids]]
    noise = labels < 0
    names, codes = np.unique(labels[~noise], return_inverse=True)
    spread = np.empty(len(labels), dtype=np.int64)
    spread[~noise] = codes
    spread[noise] = len(names) + np.arange(noise.sum())
    return Groups(spread, len(names))


def _k(first: Clustering) -> int:
    """As configured, or as found by the first seed."""
    return len(np.unique(first.labels[first.labels >= 0])) if first.k is None else first.k


def _mean(scores: Sequence[Float64], noisy: bool) -> dict[str, Float64]:
    return _named(np.mean(scores, axis=0), noisy)


def _named(scores: Float64, noisy: bool) -> dict[str, Float64]:
    """Rows under their names; the last is the share of noise, of which labels are no part."""
    named = dict(zip((*AGREEMENTS, "noise"), scores, strict=True))
    return named if noisy else {name: values for name, values in named.items() if name != "noise"}


def _scores(classes: Int64, parts: Int64, groups: Groups) -> Float64:
    """(metrics, batch) of classes (batch, m) of the languages at positions (batch, m), or (1, m) for all alike."""
    scores = []
    for block, places in _blocks(classes, parts, groups):
        codes = np.broadcast_to(groups.codes[places], block.shape)
        noise = np.broadcast_to(groups.noise[places].mean(axis=1), (len(block),))
        scores.append(np.vstack([agreements(contingency(block, codes), groups.placed), noise]))
    return np.concatenate(scores, axis=1)


def _blocks(classes: Int64, parts: Int64, groups: Groups) -> list[tuple[Int64, Int64]]:
    """The batch in parts whose tables fit in memory; at most n classes meet the clusters."""
    cells = len(classes) * len(groups.codes) * (int(groups.codes.max()) + 1)
    count = min(len(classes), cells // CELLS + 1)
    split = [parts] * count if len(parts) == 1 else np.array_split(parts, count)
    return list(zip(np.array_split(classes, count), split, strict=True))
