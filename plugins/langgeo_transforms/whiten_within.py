"""The transform `whiten-within`."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from contextlib import nullcontext

import numpy as np
from numpy.typing import NDArray

from langgeo_core.api import (
    DistanceMatrix,
    Language,
    NumericalError,
    UserError,
    language_of_replicate,
    one_thread,
    replicate_id,
)
from langgeo_transforms.options import WhitenWithinOptions
from langgeo_transforms.residuals import Within
from langgeo_transforms.within_metric import Metric, apart, cosine, mahalanobis

log = logging.getLogger("langgeo.transforms")

Float64 = NDArray[np.float64]

MANY = 2000
"""Fewer replicates are decomposed on one thread: on a busy machine, threads of a small matrix wait for each other."""


class WhitenWithin:
    """Distances that count little along what varies within a language (Hatch, Kajarekar & Stolcke 2006).

    The mean of each language's replicates is compared in the metric of (S + λI)⁻¹, S the pooled covariance of the
    replicates around their language's mean, λ a share of the mean of its eigenvalues that are not zero: of as many as
    S has degrees of freedom, or features if these are fewer. All of it follows from the distances among the
    replicates; see `residuals`. The metric is `cosine`, the angle seen from the mean of all languages, or
    `mahalanobis`.

    Replicates themselves are compared in the same metric without the residuals of the two languages at hand.
    """

    def __init__(self, options: WhitenWithinOptions) -> None:
        self._options = options
        self._measure = {"cosine": cosine, "mahalanobis": mahalanobis}[options.metric]

    @property
    def parallel(self) -> bool:
        """Whether replicates with the same number have to be the same lines in every language."""
        return self._options.align == "lines"

    def transform(self, distances: DistanceMatrix, languages: Sequence[Language]) -> DistanceMatrix:
        """Of Euclidean distances among replicates; see `of_replicates`."""
        return self.of_replicates({"the distances": distances})[1]

    def of_replicates(self, members: Mapping[str, DistanceMatrix]) -> tuple[DistanceMatrix, DistanceMatrix]:
        """The distances of the languages and those of the replicates, from those of the replicates.

        Parameters
        ----------
        members : Euclidean distances over the same ids of replicates, of each model and corpus

        Raises
        ------
        UserError
            If there are no replicates.
        NumericalError
            If languages have unequal numbers of replicates, or models and corpora not the same languages; if pairs are
            missing, distances are not Euclidean, or S is singular and there is no shrinkage.
        """
        ids = next(iter(members.values())).ids
        languages, count = _replicates(ids)
        wanted = [replicate_id(language, number) for language in languages for number in range(count)]
        ordered = {name: _ordered(name, matrix, wanted).values ** 2 for name, matrix in members.items()}
        if self._options.ensemble == "together":
            ordered = {"": np.mean([_scaled(squares) for squares in ordered.values()], axis=0)}
        found = [self._whitened(name, squares, count) for name, squares in ordered.items()]
        means, replicates = (np.mean(values, axis=0) for values in zip(*found, strict=True))
        return DistanceMatrix(languages, means), DistanceMatrix(tuple(wanted), replicates).subset(ids)

    def _whitened(self, name: str, squares: Float64, count: int) -> tuple[Float64, Float64]:
        """(L, L) and (L·R, L·R) distances from (L·R, L·R) squares."""
        languages = len(squares) // count
        if not squares.any():
            return np.zeros((languages, languages)), squares
        with one_thread() if len(squares) < MANY else nullcontext():
            within = Within.of(squares, count, self.parallel, self._options.exact_up_to)
            shrinkage = self._options.shrinkage
            metric = Metric.of(within, None if shrinkage == "auto" else shrinkage)
            self._note(f" of {name}" if name else "", metric)
            means, products = metric.means(), metric.replicates()
        with one_thread():
            return self._measure(means), apart(metric, products, self._measure)

    def _note(self, whose: str, metric: Metric) -> None:
        within = metric.within
        freedom, (values, _) = within.freedom(within.languages), within.axes
        shrinkage = metric.level * freedom * within.rank / within.trace
        log.info(
            "whiten-within%s: %d languages with %d replicates, %d degrees of freedom, covariance of rank %d; the "
            "metric is that of %.3g of it and %.3g of its mean eigenvalue",
            *(whose, within.languages, within.count, freedom, within.rank, metric.weight, shrinkage),
        )
        if not within.exact:
            share, bound = values.sum() / within.trace, metric.weight * values.min() / freedom / metric.level
            log.info(
                "whiten-within%s: %d axes with %.1f %% of the variance within languages were found, the others count "
                "as without any: along these, inner products are too large, by at most %.2g of their size",
                *(whose, len(values), 100 * share, bound),
            )


def _replicates(ids: Sequence[str]) -> tuple[tuple[str, ...], int]:
    """The languages in their order, and how many replicates each has."""
    if not all("/" in identifier for identifier in ids):
        raise UserError(
            "whiten-within reads distances among replicates of each text, and there are none",
            "set reliability.replicates, such as reliability.replicates=4",
        )
    pieces = [language_of_replicate(identifier) for identifier in ids]
    languages = tuple(dict.fromkeys(language for language, _ in pieces))
    count = 1 + max(number for _, number in pieces)
    have = [language for language, _ in pieces]
    if fewer := [language for language in languages if have.count(language) < count]:
        raise NumericalError(
            f"whiten-within needs equally many replicates of every language: of {count} some are missing of "
            f"{', '.join(fewer)}",
            "leave these languages out",
        )
    if count < 2 or len(languages) < 2:
        raise NumericalError("whiten-within needs two languages with two replicates each")
    return languages, count


def _ordered(name: str, matrix: DistanceMatrix, wanted: Sequence[str]) -> DistanceMatrix:
    """The matrix over the wanted ids."""
    lacking = dict.fromkeys(language_of_replicate(one)[0] for one in set(wanted) ^ set(matrix.ids))
    if lacking:
        raise NumericalError(
            f"whiten-within needs every language in every model and corpus: {name} and another differ in "
            f"{', '.join(sorted(lacking))}",
            "leave these languages out, or give every corpus text for them",
        )
    matrix.require_complete("whiten-within")
    return matrix.subset(wanted)


def _scaled(squares: Float64) -> Float64:
    """Divided by the mean of all pairs; zeros stay zero."""
    mean = squares.sum() / (len(squares) * (len(squares) - 1))
    return squares / mean if mean else squares
