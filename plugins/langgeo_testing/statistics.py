"""What calibration would have measured of made-up inputs."""

from __future__ import annotations

from typing import Any

import numpy as np

from langgeo_core.contract.types import InputStatistics

LANGUAGES = ("deu", "fin", "tur")
FEATURES = 7
TOKENS = 40
DAMPING = 0.01


def statistics_of(language: str, dead: bool = False) -> InputStatistics:
    """The statistics of an input of seven features; with `dead`, one of them is zero for every token."""
    random = np.random.default_rng(sum(language.encode()))
    inputs = random.normal(size=(TOKENS, FEATURES)) * random.uniform(0.1, 3, size=FEATURES)
    if dead:
        inputs[:, 2] = 0.0
    gram = inputs.T @ inputs / TOKENS
    damping = DAMPING * float(np.diagonal(gram).mean())
    inverse = np.linalg.inv(gram + damping * np.eye(FEATURES))
    upper = np.linalg.cholesky(inverse).T
    return InputStatistics(
        np.diagonal(gram).copy(),
        np.diagonal(inverse).copy(),
        np.diagonal(upper) ** 2,
        damping,
        TOKENS,
        language,
        "input",
    )


class UndeclaredError(Exception):
    """A scorer reads a statistic that its record does not name."""


def only(statistics: InputStatistics, declared: tuple[str, ...]) -> InputStatistics:
    """The same statistics, of which those not declared raise `UndeclaredError` when they are read."""
    watched = object.__new__(_Watched)
    watched.__dict__.update(vars(statistics), _declared=declared)
    return watched


class _Watched(InputStatistics):
    def __getattribute__(self, name: str) -> Any:
        if name in MEASURED and name not in object.__getattribute__(self, "_declared"):
            raise UndeclaredError(name)
        return super().__getattribute__(name)


MEASURED = ("gram_diagonal", "inverse_diagonal", "cholesky_diagonal")
"""The fields of `InputStatistics` that a scorer declares; the others are there for every scorer."""
