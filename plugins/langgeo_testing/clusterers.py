"""What a clusterer promises."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from langgeo_core.contract.types import Embedding
from langgeo_testing.check import Subject, require, skip
from langgeo_testing.numbers import Untouched, array, same
from langgeo_testing.spaces import GROUPS, groups, ids_of

Int64 = NDArray[np.int64]


def k_and_seeds_are_numbers(subject: Subject) -> None:
    """`k` is a number from 1 up, `classes` or None, and `seeds` a number from 1 up."""
    clusterer = subject.build()
    k, seeds = clusterer.k, clusterer.seeds
    require(k is None or k == "classes" or (isinstance(k, int) and k >= 1), f"k is {k!r}")
    require(isinstance(seeds, int) and seeds >= 1, f"seeds is {seeds!r}")


def every_language_gets_a_cluster(subject: Subject) -> None:
    """`cluster` gives a whole number for each language, -1 for noise and no other below zero."""
    labels = _clustered(subject, _embedding())
    require(bool((labels >= -1).all()), f"the least label is {labels.min()}; noise is -1")


def no_more_clusters_than_asked_for(subject: Subject) -> None:
    """There are at most k clusters where k is given."""
    k = _k(subject.build())
    if k is None:
        skip("it finds its own number of clusters")
    found = len(set(_clustered(subject, _embedding()).tolist()) - {-1})
    require(1 <= found <= k, f"there are {found} clusters, asked for {k}")


def same_seed_gives_the_same_clusters(subject: Subject) -> None:
    """The same points and seed give the same clusters in every instance, and the points are left as they are."""
    embedding = _embedding()
    before = Untouched({"the coordinates": embedding.coordinates})
    for seed in (0, 1):
        first = _clustered(subject, embedding, seed)
        same(f"labels of seed {seed}, second instance", _clustered(subject, embedding, seed), first)
    before.check()


def order_of_languages_does_not_matter(subject: Subject) -> None:
    """Without a seed, languages in another order fall into the same groups."""
    if subject.build().seeds > 1:
        skip("it runs over several seeds, which may fall to other languages")
    order = np.random.default_rng(5).permutation(len(groups()))
    moved = _clustered(subject, _embedding(order))
    same("languages that share a cluster", _together(moved), _together(_clustered(subject, _embedding())[order]))


def languages_that_cannot_be_told_apart_are_no_failure(subject: Subject) -> None:
    """In an embedding without axes, where all languages lie at one point, each still gets a label."""
    points = np.empty((len(groups()), 0))
    _clustered(subject, Embedding(ids_of(len(points)), points))


def _embedding(order: Any = None) -> Embedding:
    points, ids = groups(), ids_of(len(groups()))
    places = range(len(points)) if order is None else [int(place) for place in order]
    return Embedding(tuple(ids[place] for place in places), points[list(places)])


def _k(clusterer: Any) -> int | None:
    k: int | None = GROUPS if clusterer.k == "classes" else clusterer.k
    return k


def _clustered(subject: Subject, embedding: Embedding, seed: int = 0) -> Int64:
    clusterer = subject.build()
    return array("labels", clusterer.cluster(embedding, _k(clusterer), seed), (len(embedding.ids),), "iu")


def _together(labels: Int64) -> NDArray[np.bool_]:
    """(n, n) whether two languages share a cluster; noise shares none."""
    shared: NDArray[np.bool_] = (labels[:, None] == labels[None]) & (labels >= 0)
    return shared


CHECKS = (
    k_and_seeds_are_numbers,
    every_language_gets_a_cluster,
    no_more_clusters_than_asked_for,
    same_seed_gives_the_same_clusters,
    order_of_languages_does_not_matter,
    languages_that_cannot_be_told_apart_are_no_failure,
)
