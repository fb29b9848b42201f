"""What is left of distances beside what other distances explain."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.distance import squareform

from langgeo_baselines.api import script_distances
from langgeo_core.api import (
    BaselineContext,
    ConfigError,
    DistanceMatrix,
    Language,
    NumericalError,
    UnavailableError,
    UserError,
    build_component,
)
from langgeo_transforms.options import PartialOutOptions, Written

log = logging.getLogger("langgeo.transforms")

Float64 = NDArray[np.float64]


class PartialOut:
    """The residuals of a multiple regression on distance matrices (Legendre, Lapointe & Casgrain 1994).

    Least squares over all pairs gives d = a + Σ b_k x_k + e; the new distance of a pair is e plus the mean of d, so
    what the confounds explain is the same for all. Where the smallest of these would be negative, all are raised by as
    much. What a confound shares with relatedness goes too: relatives use the same script and live near each other.
    """

    def __init__(self, options: PartialOutOptions) -> None:
        self._confounds: dict[str, Any] = {}
        for written in options.confounds:
            name = _name(written)
            if name in self._confounds:
                raise UserError(f"partial-out has two confounds named {name}", "give one another name with `as: …`")
            self._confounds[name] = _built(written)

    def transform(self, distances: DistanceMatrix, languages: Sequence[Language]) -> DistanceMatrix:
        """A missing pair stays missing, and has no part. The share that was taken out goes to the run's log.

        Raises
        ------
        UserError
            If a confound reads texts.
        NumericalError
            If a confound lacks a pair of languages that have a distance.
        """
        pairs = squareform(distances.values, checks=False)
        known = ~np.isnan(pairs)
        measured = {name: _measured(name, one, languages) for name, one in self._confounds.items()}
        found = {name: _over_rows(matrix, languages) for name, matrix in measured.items()}
        for name, values in found.items():
            _check_known(name, values, distances)
        columns = np.stack([squareform(values, checks=False)[known] for values in found.values()], axis=1)
        left, share = residuals(pairs[known], columns)
        log.info("partial-out: %s explained %.1f %% of the variance", ", ".join(found), 100 * share)
        pairs[known] = left
        return DistanceMatrix(distances.ids, squareform(pairs))


def residuals(pairs: Float64, columns: Float64) -> tuple[Float64, float]:
    """(pairs,) residuals about the mean, raised until none is negative, and R².

    Parameters
    ----------
    pairs : (pairs,) distances
    columns : (pairs, confounds)

    Examples
    --------
    >>> residuals(np.array([1.0, 3.0, 5.0, 7.0]), np.array([[0.0], [0.0], [1.0], [1.0]]))
    (array([3., 5., 3., 5.]), 0.8)
    """
    if not pairs.size:
        return pairs, 0.0
    centred = pairs - pairs.mean()
    spread = columns - columns.mean(axis=0)
    sizes = spread.std(axis=0)
    spread = spread / np.where(sizes > 0, sizes, 1.0)
    weights = np.linalg.lstsq(spread, centred, rcond=None)[0]
    left = centred - spread @ weights
    variance = float(centred @ centred)
    raised = left + max(pairs.mean(), -left.min())
    return raised, 1 - float(left @ left) / variance if variance else 0.0


def _name(written: Written) -> str:
    return written if isinstance(written, str) else str(written.get("as", written.get("name")))


class _Script:
    """Whether two languages are written in different scripts, as if it were a baseline."""

    def distances(self, context: BaselineContext) -> DistanceMatrix:
        return script_distances(context.languages)


def _built(written: Written) -> Any:
    if written == "script":
        return _Script()
    try:
        return build_component("baselines", written)
    except ConfigError as failure:
        wrong = failure.problems[0]
        message = f"partial-out cannot take out {_name(written)}: {wrong.message}"
        raise UserError(message, f"{wrong.hint}; or script" if isinstance(written, str) else wrong.hint) from failure


def _measured(name: str, confound: Any, languages: Sequence[Language]) -> DistanceMatrix:
    """The confound over each language once."""
    once = tuple({language.id: language for language in languages}.values())
    try:
        found: DistanceMatrix = confound.distances(BaselineContext(once, _no_texts))
    except UnavailableError as lacking:
        raise UserError(
            f"partial-out cannot take out {name}: {lacking.message}",
            "give its matrix of a finished run: {name: file, path: RUN/baselines/NAME.csv}",
        ) from lacking
    return found


def _no_texts(_: str) -> tuple[str, ...]:
    raise UnavailableError("it reads texts, and a transform has none")


def _over_rows(found: DistanceMatrix, languages: Sequence[Language]) -> Float64:
    """(n, n) over the rows of the distances, in which a language may come twice."""
    position = {identifier: index for index, identifier in enumerate(found.ids)}
    rows = [position[language.id] for language in languages]
    values: Float64 = found.values[np.ix_(rows, rows)]
    return values


def _check_known(name: str, values: Float64, distances: DistanceMatrix) -> None:
    lacking = np.isnan(values) & ~np.isnan(distances.values)
    if lacking.any():
        ids = DistanceMatrix(distances.ids, np.where(lacking, np.nan, 0.0)).lacking_pairs()
        all_but_one = len(ids) >= len(distances.ids) - 1
        raise NumericalError(
            f"partial-out knows no {name} of {'these languages' if all_but_one else ', '.join(ids)}",
            f"take {name} out of its option confounds{'' if all_but_one else ', or leave these languages out'}",
        )
