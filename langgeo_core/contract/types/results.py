"""What the later stages find: points, clusters, figures, incidents."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from langgeo_core.contract.types.arrays import Float64


@dataclass(frozen=True, eq=False)
class Embedding:
    """Languages as points.

    Parameters
    ----------
    ids : language ids
    coordinates : (n, axes) float64
    eigenvalues : all n eigenvalues in falling order, or empty where the method has none
    notes : figures worth reporting, such as `negative_mass`
    """

    ids: tuple[str, ...]
    coordinates: Float64
    eigenvalues: Float64 = field(default_factory=lambda: np.empty(0))
    notes: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Clustering:
    """One grouping of the languages: `labels[i]` is the cluster of `ids[i]`, -1 is noise."""

    ids: tuple[str, ...]
    labels: NDArray[np.int64]
    clusterer: str
    level: str = ""
    k: int | None = None
    seed: int = 0


@dataclass(frozen=True)
class Metric:
    """One printed figure with its spread, its null and its n: a row of metrics.csv.

    `sd` is the spread over `seeds` clusterings or, where there is one, the standard error over languages;
    `null_mean`, `null_sd` and `p` come from shuffled labels (without a null, p is that of a difference);
    `ci_low`, `ci_high` bound the value over languages; `n` counts them. `script_null_mean`, `script_null_sd` and
    `script_p` come from labels shuffled among languages of the same script alone; `distinct` is the value over the
    `distinct_n` languages left without near duplicates.
    """

    evaluator: str
    metric: str
    value: float
    n: int
    clusterer: str = ""
    level: str = ""
    source: str = "run"
    sd: float | None = None
    seeds: int = 1
    null_mean: float | None = None
    null_sd: float | None = None
    p: float | None = None
    ci_low: float | None = None
    ci_high: float | None = None
    k: int | None = None
    script_null_mean: float | None = None
    script_null_sd: float | None = None
    script_p: float | None = None
    distinct: float | None = None
    distinct_n: int | None = None

    @property
    def question(self) -> tuple[str, str, str, str]:
        """What it answers, whatever its source: evaluator, level, clusterer and metric."""
        return self.evaluator, self.level, self.clusterer, self.metric

    @property
    def seed_variance(self) -> float:
        """Of a mean over independent seeds, sd² / seeds; 0 without seeds."""
        return (self.sd or 0.0) ** 2 / self.seeds if self.seeds > 1 else 0.0


@dataclass(frozen=True)
class Incident:
    """Something that did not go as configured, and what was done instead."""

    stage: str
    message: str
