"""What aggregators, transforms, embedders and clusterers promise."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

from langgeo_core.api import DistanceMatrix, Embedding, LanggeoError, Language, protocols
from langgeo_testing.check import Untouched, array, finite, require, same, skip
from langgeo_testing.components import Contract
from langgeo_testing.made_up import (
    GROUPS,
    Float64,
    between,
    distances_between,
    groups,
    halves_between,
    ids_of,
    lacking,
    languages,
    reordered,
)

EXACT = 1e-9
LOST = 4
"""The place of the language that a corpus lacks."""


class Aggregators(Contract):
    """What an aggregator promises."""

    def one_matrix_over_the_same_languages(self) -> None:
        """`aggregate` gives one complete matrix of complete ones, with their ids in their order."""
        matrices = _several()
        found = self._aggregated(matrices)
        finite("the aggregated distances", found.values)
        require(float(found.values.max()) > 0, "all aggregated distances are zero, and those given are not")

    def order_of_matrices_does_not_matter(self) -> None:
        """The matrices may come in any order."""
        matrices = _several()
        turned = dict(reversed(matrices.items()))
        same(
            "distances, matrices turned round",
            self._aggregated(turned).values,
            self._aggregated(matrices).values,
            EXACT,
        )

    def order_of_languages_does_not_matter(self) -> None:
        """Languages in another order have their distances in that order."""
        matrices = _several()
        moved = self._aggregated({name: reordered(matrix) for name, matrix in matrices.items()})
        same("distances, reordered", moved.values, reordered(self._aggregated(matrices)).values, EXACT)

    def one_matrix_alone_keeps_its_order(self) -> None:
        """Of a single matrix the aggregate has the same pairs nearer and farther, whatever its scale."""
        (name, matrix), *_ = _several().items()
        same("ranks of distances", _ranks(self._aggregated({name: matrix})), _ranks(matrix))

    def same_matrices_give_the_same_result(self) -> None:
        """The same matrices give the same distances in every instance."""
        same("distances again", self._aggregated(_several()).values, self._aggregated(_several()).values)

    def a_missing_language_is_filled_or_refused(self) -> None:
        """Where one matrix lacks a language, the aggregate has it from the others, or refuses with a LanggeoError."""
        matrices = _several()
        first = next(iter(matrices))
        try:
            found = self._aggregated({**matrices, first: lacking(matrices[first], [LOST])})
        except LanggeoError:
            return
        finite("distances of what two of three matrices have", found.values)

    def what_no_matrix_has_stays_missing(self) -> None:
        """Pairs that no matrix has are NaN in the aggregate, or it refuses with a LanggeoError."""
        try:
            found = self._aggregated({name: lacking(matrix, [LOST]) for name, matrix in _several().items()})
        except LanggeoError:
            return
        made_up = int(np.isfinite(np.delete(found.values[LOST], LOST)).sum())
        require(made_up == 0, f"{made_up} distances of a language that no matrix has are made up")
        rest = np.delete(np.delete(found.values, LOST, axis=0), LOST, axis=1)
        finite("distances between the other languages", rest)

    def zero_distances_stay_zero(self) -> None:
        """Of matrices of zeros the aggregate is zero: a run that tells no languages apart is a result."""
        matrices = {
            name: DistanceMatrix(matrix.ids, np.zeros_like(matrix.values)) for name, matrix in _several().items()
        }
        same("distances", self._aggregated(matrices).values, np.zeros_like(next(iter(matrices.values())).values))

    def _aggregated(self, matrices: Mapping[str, DistanceMatrix]) -> DistanceMatrix:
        found = self.build().aggregate(matrices)
        require(isinstance(found, DistanceMatrix), f"aggregate gives {type(found).__name__}, no DistanceMatrix")
        ids = next(iter(matrices.values())).ids
        require(found.ids == ids, f"the ids are {', '.join(found.ids)} instead of {', '.join(ids)}")
        kept: DistanceMatrix = found
        return kept


def _several() -> dict[str, DistanceMatrix]:
    """Three matrices over the same languages that mostly agree, on different scales."""
    random = np.random.default_rng(11)
    points = groups()[::2]
    return {
        f"model-{place}--corpus": between(scale * (points + random.normal(scale=0.3, size=points.shape)))
        for place, scale in enumerate((1.0, 2.5, 0.4))
    }


def _ranks(matrix: DistanceMatrix) -> Float64:
    pairs = matrix.values[np.triu_indices(len(matrix.ids), k=1)]
    return np.asarray(rankdata(pairs.round(9)), dtype=np.float64)


ROUNDING = 1e-6


class Transforms(Contract):
    """What a transform promises."""

    def one_matrix_over_the_same_languages(self) -> None:
        """`transform` gives one complete matrix of a complete one, with its ids in their order, and not of zeros."""
        found = self._transformed(*self._given(languages()))
        finite("the transformed distances", found.values)
        require(float(found.values.max()) > 0, "all transformed distances are zero, and those given are not")

    def same_distances_give_the_same_result(self) -> None:
        """The same distances give the same result, at every call and in every instance."""
        distances, known = self._given(languages())
        transform = self.build()
        first = transform.transform(distances, known).values
        same("distances, second call", transform.transform(distances, known).values, first)
        same("distances, second instance", self._transformed(distances, known).values, first)

    def order_of_languages_does_not_matter(self) -> None:
        """Languages in another order have their distances in that order."""
        expected = self._transformed(*self._given(languages()))
        moved = self._transformed(*self._given(languages()[::-1]))
        same("distances, languages turned round", moved.subset(expected.ids).values, expected.values, ROUNDING)

    def zero_distances_stay_zero(self) -> None:
        """Of a matrix of zeros the result is zero: a run that tells no languages apart is a result."""
        distances, known = self._given(languages())
        zeros = DistanceMatrix(distances.ids, np.zeros_like(distances.values))
        same("distances", self._transformed(zeros, known).values, zeros.values)

    def missing_pairs_are_filled_or_refused(self) -> None:
        """Where pairs are missing there is a matrix all the same, or it refuses with a LanggeoError."""
        distances, known = self._given(languages())
        try:
            found = self._transformed(lacking(distances, [LOST]), known)
        except LanggeoError:
            return
        rest = np.delete(np.delete(found.values, LOST, axis=0), LOST, axis=1)
        finite("distances between the other languages", rest)

    def halves_of_texts_can_be_transformed(self) -> None:
        """A language may come twice under other ids, as it does where halves of its text are compared."""
        found = self._transformed(halves_between(languages()), (*languages(), *languages()))
        finite("distances between halves", found.values)

    def languages_follow_from_their_replicates(self) -> None:
        """A `ReplicateTransform` gives distances of the languages and of the replicates, of zeros zeros."""
        transform, halves = self.build(), halves_between(languages())
        if not isinstance(transform, protocols.ReplicateTransform):
            skip("it reads no replicates")
        found, among = transform.of_replicates({"model--corpus": halves})
        wanted = {language.id for language in languages()}
        require(set(found.ids) == wanted, f"the languages are {', '.join(found.ids)} instead of {', '.join(wanted)}")
        require(among.ids == halves.ids, f"the replicates are {', '.join(among.ids)}")
        finite("distances of the languages", found.values)
        same("distances of the replicates", among.values, self._transformed(halves, ()).values)
        zeros = DistanceMatrix(halves.ids, np.zeros_like(halves.values))
        for one in transform.of_replicates({"model--corpus": zeros}):
            same("distances", one.values, np.zeros_like(one.values))

    def pairwise_means_that_no_other_language_counts(self) -> None:
        """One registered as `pairwise` gives a pair the same distance whichever other languages there are."""
        if not getattr(self.record, "pairwise", False):
            skip("it is not registered as pairwise")
        known = languages()
        whole, part = self._transformed(distances_between(known), known), known[::2]
        found = self._transformed(distances_between(part), part)
        same("distances among half of the languages", found.values, whole.subset(found.ids).values, ROUNDING)

    def _given(self, known: tuple[Language, ...]) -> tuple[DistanceMatrix, tuple[Language, ...]]:
        """Distances of the languages; of one that reads replicates those of halves of their texts."""
        if isinstance(self.build(), protocols.ReplicateTransform):
            return halves_between(known), (*known, *known)
        return distances_between(known), known

    def _transformed(self, distances: DistanceMatrix, known: Sequence[Language]) -> DistanceMatrix:
        found = self.build().transform(distances, known)
        require(isinstance(found, DistanceMatrix), f"transform gives {type(found).__name__}, no DistanceMatrix")
        require(found.ids == distances.ids, f"the ids are {', '.join(found.ids)} instead of {', '.join(distances.ids)}")
        kept: DistanceMatrix = found
        return kept


class Embedders(Contract):
    """What an embedder promises."""

    def every_language_gets_a_point(self) -> None:
        """`embed` gives finite coordinates (languages, axes), with the ids in the order of the distances."""
        distances = between(groups())
        found = self._embedded(distances)
        require(found.coordinates.shape[1] > 0, "there is no axis, and the languages differ")

    def figures_beside_the_points_are_numbers(self) -> None:
        """Eigenvalues are none or one for each language, in falling order; notes are finite numbers."""
        found = self._embedded(between(groups()))
        count = len(found.eigenvalues)
        require(count in (0, len(found.ids)), f"there are {count} eigenvalues for {len(found.ids)} languages")
        require(bool((np.diff(found.eigenvalues) <= 0).all()), f"the eigenvalues are {found.eigenvalues}")
        strange = {name: value for name, value in found.notes.items() if not np.isfinite(float(value))}
        require(not strange, f"the notes have {strange}")

    def same_distances_give_the_same_points(self) -> None:
        """The same distances give the same points, at every call and in every instance; a seed is an option."""
        distances = between(groups())
        embedder = self.build()
        first = embedder.embed(distances).coordinates
        same("coordinates, second call", embedder.embed(distances).coordinates, first)
        same("coordinates, second instance", self.build().embed(distances).coordinates, first)

    def order_of_languages_does_not_matter(self) -> None:
        """Languages in another order lie as far from each other; what is random works in the order of the ids."""
        distances = between(groups())
        moved = between_points(self._embedded(reordered(distances)))
        same(
            "distances between points",
            moved.values,
            reordered(between_points(self._embedded(distances))).values,
            ROUNDING,
        )

    def equal_languages_are_accepted(self) -> None:
        """Where all distances are zero there are points at one place, or no axes."""
        equal = between(np.zeros_like(groups()))
        self._embedded(equal)

    def missing_pairs_are_filled_or_refused(self) -> None:
        """Where pairs are missing the points are finite all the same, or it refuses with a LanggeoError."""
        try:
            self._embedded(lacking(between(groups()), [2]))
        except LanggeoError:
            return

    def _embedded(self, distances: DistanceMatrix) -> Embedding:
        found = self.build().embed(distances)
        require(isinstance(found, Embedding), f"embed gives {type(found).__name__}, no Embedding")
        require(tuple(found.ids) == distances.ids, f"the ids are {found.ids} instead of {distances.ids}")
        axes = np.shape(found.coordinates)[-1]
        finite("coordinates", array("coordinates", found.coordinates, (len(distances.ids), axes)))
        kept: Embedding = found
        return kept


def between_points(embedding: Embedding) -> DistanceMatrix:
    """The distances that the map shows."""
    return DistanceMatrix(embedding.ids, between(embedding.coordinates).values)


Int64 = NDArray[np.int64]


class Clusterers(Contract):
    """What a clusterer promises."""

    def k_and_seeds_are_numbers(self) -> None:
        """`k` is a number from 1 up, `classes` or None, and `seeds` a number from 1 up."""
        clusterer = self.build()
        k, seeds = clusterer.k, clusterer.seeds
        require(k is None or k == "classes" or (isinstance(k, int) and k >= 1), f"k is {k!r}")
        require(isinstance(seeds, int) and seeds >= 1, f"seeds is {seeds!r}")

    def every_language_gets_a_cluster(self) -> None:
        """`cluster` gives a whole number for each language, -1 for noise and no other below zero."""
        labels = self._clustered(_embedding())
        require(bool((labels >= -1).all()), f"the least label is {labels.min()}; noise is -1")

    def no_more_clusters_than_asked_for(self) -> None:
        """There are at most k clusters where k is given."""
        k = _k(self.build())
        if k is None:
            skip("it finds its own number of clusters")
        found = len(set(self._clustered(_embedding()).tolist()) - {-1})
        require(1 <= found <= k, f"there are {found} clusters, asked for {k}")

    def same_seed_gives_the_same_clusters(self) -> None:
        """The same points and seed give the same clusters in every instance, and the points are left as they are."""
        embedding = _embedding()
        before = Untouched({"the coordinates": embedding.coordinates})
        for seed in (0, 1):
            first = self._clustered(embedding, seed)
            same(f"labels of seed {seed}, second instance", self._clustered(embedding, seed), first)
        before.check()

    def order_of_languages_does_not_matter(self) -> None:
        """Without a seed, languages in another order fall into the same groups."""
        if self.build().seeds > 1:
            skip("it runs over several seeds, which may fall to other languages")
        order = np.random.default_rng(5).permutation(len(groups()))
        moved = self._clustered(_embedding(order))
        same("languages that share a cluster", _together(moved), _together(self._clustered(_embedding())[order]))

    def equal_languages_are_accepted(self) -> None:
        """In an embedding without axes, where all languages lie at one point, each still gets a label."""
        points = np.empty((len(groups()), 0))
        self._clustered(Embedding(ids_of(len(points)), points))

    def _clustered(self, embedding: Embedding, seed: int = 0) -> Int64:
        clusterer = self.build()
        return array("labels", clusterer.cluster(embedding, _k(clusterer), seed), (len(embedding.ids),), "iu")


def _embedding(order: Any = None) -> Embedding:
    points, ids = groups(), ids_of(len(groups()))
    places = range(len(points)) if order is None else [int(place) for place in order]
    return Embedding(tuple(ids[place] for place in places), points[list(places)])


def _k(clusterer: Any) -> int | None:
    k: int | None = GROUPS if clusterer.k == "classes" else clusterer.k
    return k


def _together(labels: Int64) -> NDArray[np.bool_]:
    """(n, n) whether two languages share a cluster; noise shares none."""
    shared: NDArray[np.bool_] = (labels[:, None] == labels[None]) & (labels >= 0)
    return shared
