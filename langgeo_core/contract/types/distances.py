"""Distances between languages, and what they are summed from."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from langgeo_core.contract.errors import NumericalError
from langgeo_core.contract.types.arrays import Float64
from langgeo_core.contract.types.models import WeightMatrix


@dataclass(frozen=True, eq=False)
class DistanceMatrix:
    """Symmetric, zero on the diagonal, non-negative; a missing pair is NaN.

    Parameters
    ----------
    ids : language ids, unique
    values : (n, n) float64, made read-only
    """

    ids: tuple[str, ...]
    values: Float64

    def __post_init__(self) -> None:
        values = np.array(self.values, dtype=np.float64)
        object.__setattr__(self, "ids", tuple(self.ids))
        _check_distances(self.ids, values)
        values.setflags(write=False)
        object.__setattr__(self, "values", values)

    @property
    def complete(self) -> bool:
        """Whether no pair is missing."""
        return not np.isnan(self.values).any()

    def lacking_pairs(self) -> tuple[str, ...]:
        """A small set of ids without which no pair is missing, the one with the most gaps first, of equals by id."""
        missing = np.isnan(self.values)
        found = []
        while missing.any():
            gaps = missing.sum(axis=1)
            worst = min(np.flatnonzero(gaps == gaps.max()).tolist(), key=self.ids.__getitem__)
            found.append(self.ids[worst])
            missing[worst, :] = missing[:, worst] = False
        return tuple(found)

    def require_complete(self, reader: str) -> None:
        """Refuse missing pairs on behalf of a component that cannot do without.

        Raises
        ------
        NumericalError
            Naming the component and the languages to leave out.
        """
        if not self.complete:
            raise NumericalError(
                f"{reader} needs every pair of languages, and these lack some: {', '.join(self.lacking_pairs())}",
                "leave these languages out, or give every model and corpus text for them",
            )

    def spread(self, ids: Sequence[str]) -> DistanceMatrix:
        """The matrix over all of the given ids, NaN for those that it lacks."""
        values = np.full((len(ids), len(ids)), np.nan)
        np.fill_diagonal(values, 0.0)
        rows = [ids.index(identifier) for identifier in self.ids]
        values[np.ix_(rows, rows)] = self.values
        return DistanceMatrix(tuple(ids), values)

    def subset(self, ids: Iterable[str]) -> DistanceMatrix:
        """The matrix of the given ids, in their order."""
        position = {identifier: index for index, identifier in enumerate(self.ids)}
        rows = [position[identifier] for identifier in ids]
        return DistanceMatrix(tuple(self.ids[row] for row in rows), self.values[np.ix_(rows, rows)])


def _check_distances(ids: Sequence[str], values: Float64) -> None:
    if values.shape != (len(ids), len(ids)):
        raise NumericalError(f"a distance matrix of shape {values.shape} does not fit {len(ids)} ids")
    if len(set(ids)) != len(ids):
        repeated = sorted({identifier for identifier in ids if list(ids).count(identifier) > 1})
        raise NumericalError(f"ids appear twice in a distance matrix: {', '.join(repeated)}")
    if np.isinf(values).any() or (values < 0).any():
        raise NumericalError("a distance matrix has infinite or negative entries")
    if not np.array_equal(values, values.T, equal_nan=True):
        raise NumericalError("a distance matrix is not symmetric")
    if (np.diagonal(values) != 0).any():
        raise NumericalError("a distance matrix is not zero on its diagonal")


@dataclass(frozen=True, eq=False)
class PartialDistances:
    """What the distances of one model and corpus are summed from.

    Parameters
    ----------
    ids : the languages compared
    matrices : the weight matrices, in the order of the network; `input` is empty where it is not known
    sums : (matrices, terms, languages, languages) float64, as `Distance.partial` makes them
    """

    ids: tuple[str, ...]
    matrices: tuple[WeightMatrix, ...]
    sums: Float64


@dataclass(frozen=True, eq=False)
class RawMatrix:
    """A distance matrix as a file holds it: its languages are not looked up and its numbers are not checked yet.

    Parameters
    ----------
    names : the languages, as the file writes them
    values : (n, n) float64, NaN where the file has no number
    name : what the file calls this matrix; empty where it names none
    default : whether it is the one to use when the file holds several and the user asks for none
    """

    names: tuple[str, ...]
    values: Float64
    name: str = ""
    default: bool = False


def replicate_id(language: str, replicate: int) -> str:
    """The id of a replicate in a matrix of replicates: `deu/0`, `deu/1`."""
    return f"{language}/{replicate}"


def language_of_replicate(identifier: str) -> tuple[str, int]:
    """The language of an id that `replicate_id` made, and the number of the replicate."""
    language, _, replicate = identifier.rpartition("/")
    return language, int(replicate)


@dataclass(frozen=True, eq=False)
class Replicates:
    """Distances among the replicates of languages: disjoint pieces of each one's text, equal in windows.

    Parameters
    ----------
    languages : (n,) ids of the languages that have all replicates
    count : R, how many replicates each has
    matrix : over the ids `deu/0`, `deu/1`, … of each language in turn; NaN where a pair is missing
    """

    languages: tuple[str, ...]
    count: int
    matrix: DistanceMatrix

    @classmethod
    def of(cls, matrix: DistanceMatrix) -> Replicates:
        """From a matrix over ids of `replicate_id`; a language that lacks a replicate is left out."""
        pieces = [language_of_replicate(identifier) for identifier in matrix.ids]
        count = 1 + max((number for _, number in pieces), default=-1)
        have = [language for language, _ in pieces]
        languages = tuple(one for one in dict.fromkeys(have) if have.count(one) == count)
        ids = [replicate_id(language, number) for language in languages for number in range(count)]
        return cls(languages, count, matrix.subset(ids))

    @property
    def values(self) -> Float64:
        """(n, R, n, R) distances of replicate r of a language to replicate s of another."""
        n = len(self.languages)
        return self.matrix.values.reshape(n, self.count, n, self.count)

    def subset(self, languages: Iterable[str]) -> Replicates:
        """The replicates of some languages, in their order."""
        chosen = tuple(languages)
        ids = [replicate_id(language, number) for language in chosen for number in range(self.count)]
        return Replicates(chosen, self.count, self.matrix.subset(ids))

    def between(self, numbers: Sequence[int]) -> Float64:
        """(n, n) mean distance of a language's replicates to another's (on the diagonal to its own), r ≠ s.

        Parameters
        ----------
        numbers : the replicates that are read, at least two
        """
        values = self.values
        pairs = [values[:, one, :, other] for one, other in combinations(numbers, 2)]
        mean: Float64 = np.mean([(pair + pair.T) / 2 for pair in pairs], axis=0)
        return mean

    def without(self, replicate: int) -> DistanceMatrix:
        """The distances of the languages from all replicates but one: the mean over pairs of different replicates.

        A replicate is not compared with the same one of another language, so that all entries come from one transform
        of all replicates, and what parallel texts share is not counted as likeness of languages. Where distances are
        squared Euclidean, each is in expectation that of the languages' means plus a constant of either language.

        Raises
        ------
        NumericalError
            If fewer than two replicates are left.
        """
        left = [number for number in range(self.count) if number != replicate]
        if len(left) < 2:
            raise NumericalError(f"{self.count} replicates are too few to leave one out", "measure three or more")
        distances = self.between(left)
        np.fill_diagonal(distances, 0.0)
        return DistanceMatrix(self.languages, distances)
