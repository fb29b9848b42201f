"""Metrics of a clusterer's groupings against the classes, over all its seeds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from langgeo_core.api import Clustering, Metric
from langgeo_glottolog.agreement import (
    adjusted_mutual_information,
    adjusted_rand,
    contingency,
    expected_mutual_information,
    purity,
)
from langgeo_glottolog.figures import Figure, as_metric
from langgeo_glottolog.sample import Sample

Float64 = NDArray[np.float64]
Int64 = NDArray[np.int64]

BOUNDS = {"ari": (-0.5, 1.0), "ami": (-1.0, 1.0), "purity": (0.0, 1.0)}

CELLS = 4_000_000
"""Cells of contingency tables held at once: 32 MB."""


@dataclass(frozen=True, eq=False)
class Groups:
    """A clustering of the sample: codes from 0, of which those from `placed` on are single noise languages."""

    codes: Int64
    placed: int


def cluster_metrics(sample: Sample, clusterings: Sequence[Clustering]) -> list[Metric]:
    """`ari`, `ami`, `purity` of one clusterer, and `noise` where it may leave languages out.

    Value and spread are over its seeds; the null is the mean over seeds under one shuffle of the labels; on a
    half of the languages the clusters are those found on all, restricted to it.
    """
    seeds = [_groups(sample, clustering) for clustering in clusterings]
    figures = _agreement(sample, seeds)
    if any(clustering.k is None or (clustering.labels < 0).any() for clustering in clusterings):
        figures.append(_noise(sample, seeds))
    return [as_metric(figure, sample, clusterings[0].clusterer, _k(clusterings)) for figure in figures]


def _groups(sample: Sample, clustering: Clustering) -> Groups:
    position = {identifier: index for index, identifier in enumerate(clustering.ids)}
    labels = clustering.labels[[position[identifier] for identifier in sample.ids]]
    noise = labels < 0
    names, codes = np.unique(labels[~noise], return_inverse=True)
    spread = np.empty(len(labels), dtype=np.int64)
    spread[~noise] = codes
    spread[noise] = len(names) + np.arange(noise.sum())
    return Groups(spread, len(names))


def _k(clusterings: Sequence[Clustering]) -> int:
    """As configured, or as found by the first seed."""
    first = clusterings[0]
    return len(np.unique(first.labels[first.labels >= 0])) if first.k is None else first.k


def _agreement(sample: Sample, seeds: Sequence[Groups]) -> list[Figure]:
    values = np.concatenate([_scores(sample.classes[np.newaxis], groups) for groups in seeds], axis=1)
    shuffled = np.mean([_scores(sample.classes[sample.shuffled], groups) for groups in seeds], axis=0)
    halved = np.mean([_scores_on(sample.halved, sample.classes, groups) for groups in seeds], axis=0)
    rows = zip(BOUNDS.items(), values, shuffled, halved, strict=True)
    return [Figure(name, value, null, half, bounds) for (name, bounds), value, null, half in rows]


def _noise(sample: Sample, seeds: Sequence[Groups]) -> Figure:
    """Share of languages in no cluster; labels have no part in it, so its null is the share itself."""
    noise = np.array([groups.codes >= groups.placed for groups in seeds], dtype=np.float64)
    share = noise.mean(axis=1)
    constant = np.full(len(sample.shuffled), share.mean())
    return Figure("noise", share, constant, noise.mean(axis=0)[sample.halved].mean(axis=1), (0.0, 1.0))


def _scores(classes: Int64, groups: Groups) -> Float64:
    """(metrics, batch) of shuffled classes (batch, n): the margins, and the expected information, are shared."""
    expected = None
    scores = []
    for block in _blocks(classes, groups):
        tables = contingency(block, np.broadcast_to(groups.codes, block.shape))
        if expected is None:
            expected = np.array([expected_mutual_information(tables[0])])
        scores.append(_measured(tables, expected, groups))
    return np.concatenate(scores, axis=1)


def _scores_on(halves: Int64, classes: Int64, groups: Groups) -> Float64:
    """(metrics, batch) on subsets (batch, m) of the languages."""
    scores = []
    for block in _blocks(halves, groups):
        tables = contingency(classes[block], groups.codes[block])
        expected = np.array([expected_mutual_information(table) for table in tables])
        scores.append(_measured(tables, expected, groups))
    return np.concatenate(scores, axis=1)


def _measured(tables: Int64, expected: Float64, groups: Groups) -> Float64:
    """(metrics, batch) in the order of BOUNDS."""
    information = adjusted_mutual_information(tables, expected)
    return np.array([adjusted_rand(tables), information, purity(tables, groups.placed)])


def _blocks(batch: Int64, groups: Groups) -> list[Int64]:
    """The batch in parts whose tables fit in memory; at most n classes meet the clusters."""
    cells = len(batch) * len(groups.codes) * (int(groups.codes.max()) + 1)
    return np.array_split(batch, min(len(batch), cells // CELLS + 1))
