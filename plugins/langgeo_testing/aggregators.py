"""What an aggregator promises."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from scipy.stats import rankdata

from langgeo_core.contract.errors import LanggeoError
from langgeo_core.contract.types import DistanceMatrix
from langgeo_testing.check import Subject, require
from langgeo_testing.numbers import finite, same
from langgeo_testing.spaces import Float64, between, groups, lacking, reordered

ROUNDING = 1e-9
LOST = 4
"""The place of the language that a corpus lacks."""


def one_matrix_over_the_same_languages(subject: Subject) -> None:
    """`aggregate` gives one complete matrix of complete ones, with their ids in their order."""
    matrices = _several()
    found = _aggregated(subject, matrices)
    finite("the aggregated distances", found.values)
    require(float(found.values.max()) > 0, "all aggregated distances are zero, and those given are not")


def order_of_matrices_does_not_matter(subject: Subject) -> None:
    """The matrices may come in any order."""
    matrices = _several()
    turned = dict(reversed(matrices.items()))
    same(
        "distances, matrices turned round",
        _aggregated(subject, turned).values,
        _aggregated(subject, matrices).values,
        ROUNDING,
    )


def order_of_languages_does_not_matter(subject: Subject) -> None:
    """Languages in another order have their distances in that order."""
    matrices = _several()
    moved = _aggregated(subject, {name: reordered(matrix) for name, matrix in matrices.items()})
    same("distances, reordered", moved.values, reordered(_aggregated(subject, matrices)).values, ROUNDING)


def one_matrix_alone_keeps_its_order(subject: Subject) -> None:
    """Of a single matrix the aggregate has the same pairs nearer and farther, whatever its scale."""
    (name, matrix), *_ = _several().items()
    same("ranks of distances", _ranks(_aggregated(subject, {name: matrix})), _ranks(matrix))


def same_matrices_give_the_same_result(subject: Subject) -> None:
    """The same matrices give the same distances in every instance."""
    same("distances again", _aggregated(subject, _several()).values, _aggregated(subject, _several()).values)


def a_language_that_one_corpus_lacks_is_told_or_bridged(subject: Subject) -> None:
    """Where one matrix lacks a language, the aggregate has it from the others, or refuses with a LanggeoError."""
    matrices = _several()
    first = next(iter(matrices))
    try:
        found = _aggregated(subject, {**matrices, first: lacking(matrices[first], [LOST])})
    except LanggeoError:
        return
    finite("distances of what two of three matrices have", found.values)


def what_no_matrix_has_stays_missing(subject: Subject) -> None:
    """Pairs that no matrix has are NaN in the aggregate, or it refuses with a LanggeoError."""
    try:
        found = _aggregated(subject, {name: lacking(matrix, [LOST]) for name, matrix in _several().items()})
    except LanggeoError:
        return
    made_up = int(np.isfinite(np.delete(found.values[LOST], LOST)).sum())
    require(made_up == 0, f"{made_up} distances of a language that no matrix has are made up")
    rest = np.delete(np.delete(found.values, LOST, axis=0), LOST, axis=1)
    finite("distances between the other languages", rest)


def languages_that_none_tells_apart_stay_together(subject: Subject) -> None:
    """Of matrices of zeros the aggregate is zero: a run that tells no languages apart is a result."""
    matrices = {name: DistanceMatrix(matrix.ids, np.zeros_like(matrix.values)) for name, matrix in _several().items()}
    same("distances", _aggregated(subject, matrices).values, np.zeros_like(next(iter(matrices.values())).values))


def _several() -> dict[str, DistanceMatrix]:
    """Three matrices over the same languages that mostly agree, on different scales."""
    random = np.random.default_rng(11)
    points = groups()[::2]
    return {
        f"model-{place}--corpus": between(scale * (points + random.normal(scale=0.3, size=points.shape)))
        for place, scale in enumerate((1.0, 2.5, 0.4))
    }


def _aggregated(subject: Subject, matrices: Mapping[str, DistanceMatrix]) -> DistanceMatrix:
    found = subject.build().aggregate(matrices)
    require(isinstance(found, DistanceMatrix), f"aggregate gives {type(found).__name__}, no DistanceMatrix")
    ids = next(iter(matrices.values())).ids
    require(found.ids == ids, f"the ids are {', '.join(found.ids)} instead of {', '.join(ids)}")
    kept: DistanceMatrix = found
    return kept


def _ranks(matrix: DistanceMatrix) -> Float64:
    pairs = matrix.values[np.triu_indices(len(matrix.ids), k=1)]
    return np.asarray(rankdata(pairs.round(9)), dtype=np.float64)


CHECKS = (
    one_matrix_over_the_same_languages,
    order_of_matrices_does_not_matter,
    order_of_languages_does_not_matter,
    one_matrix_alone_keeps_its_order,
    same_matrices_give_the_same_result,
    a_language_that_one_corpus_lacks_is_told_or_bridged,
    what_no_matrix_has_stays_missing,
    languages_that_none_tells_apart_stay_together,
)
