"""The transform `same-lines`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from langgeo_core.api import DistanceMatrix, Language, NumericalError, language_of_replicate, replicate_id


class SameLines:
    """The mean squared distance of two languages' translations of the same lines.

    Of the distance `cosine`, whose values are squares of Euclidean distances already, it is the mean of 1 - cos over
    the lines: with the mean of the hidden states one less the similarity of mPLM-Sim (Lin et al. 2024, section 3).
    Distances among the lines themselves stay as they are, squared. Several models and corpora count equally.
    """

    parallel = True

    def transform(self, distances: DistanceMatrix, languages: Sequence[Language]) -> DistanceMatrix:
        """Of Euclidean distances among replicates; see `of_replicates`."""
        return self.of_replicates({"the distances": distances})[1]

    def of_replicates(self, members: Mapping[str, DistanceMatrix]) -> tuple[DistanceMatrix, DistanceMatrix]:
        """The distances of the languages, and those of the lines.

        Parameters
        ----------
        members : Euclidean distances over the same ids of replicates, of each model and corpus

        Raises
        ------
        NumericalError
            If a line of a language is missing, or models and corpora have not the same ones.
        """
        ids = next(iter(members.values())).ids
        pieces = [language_of_replicate(identifier) for identifier in ids]
        languages = tuple(dict.fromkeys(language for language, _ in pieces))
        lines = sorted({number for _, number in pieces})
        wanted = [[replicate_id(language, line) for language in languages] for line in lines]
        for name, matrix in members.items():
            if set(matrix.ids) != {identifier for line in wanted for identifier in line}:
                message = f"same-lines needs every line of every language in every model and corpus; {name} lacks some"
                raise NumericalError(message, "leave these languages out")
        squares = np.mean([matrix.subset(ids).values ** 2 for matrix in members.values()], axis=0)
        lines_apart = DistanceMatrix(ids, squares)
        means = np.mean([lines_apart.subset(line).values for line in wanted], axis=0)
        return DistanceMatrix(languages, means), lines_apart
