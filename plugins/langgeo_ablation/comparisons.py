"""Every figure of every variant beside the baseline's."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from langgeo_ablation.halves import Key, figures_on, key_of
from langgeo_ablation.runner import Outcome
from langgeo_core.config.resolved import ResolvedConfig
from langgeo_core.contract.errors import NumericalError
from langgeo_core.contract.types import Metric
from langgeo_core.evaluation.paired import Difference, draw_halves, paired_difference
from langgeo_core.storage.run_folder import Run

Float64 = NDArray[np.float64]


@dataclass(frozen=True)
class Comparison:
    """A variant's figure, and how it differs from the baseline's.

    `difference` is None where the baseline has no such figure. `seed_error` is the standard error of the difference
    over the seeds of a clusterer, 0 without seeds. `shared` counts the languages of the difference, `partly` says that
    the two runs have others besides; `failure`, why there is no difference on those that they share.
    """

    outcome: Outcome
    metric: Metric
    difference: Difference | None = None
    p_adjusted: float | None = None
    seed_error: float = 0.0
    shared: int = 0
    partly: bool = False
    failure: str = ""


def compare_all(
    outcomes: Sequence[Outcome], halves: int, advance: Callable[[str], None] = lambda _: None
) -> list[Comparison]:
    """The comparisons of all variants that ran, the baseline's own among them; the first outcome is the baseline.

    `advance` is called after every other outcome, with its name.
    """
    baseline = _Finished(outcomes[0])
    rows = [Comparison(baseline.outcome, metric, Difference(0.0, 0.0, 0.0)) for metric in baseline.metrics.values()]
    for outcome in outcomes[1:]:
        if outcome.status != "skipped":
            rows.extend(_against(baseline, _Finished(outcome), halves))
        advance(outcome.variant.name)
    return rows


class _Finished:
    """A variant's figures, over all its languages and on halves of them."""

    def __init__(self, outcome: Outcome) -> None:
        assert outcome.variant.config is not None
        self.outcome = outcome
        self.config: ResolvedConfig = outcome.variant.config
        self.run = Run(outcome.folder)
        self.metrics: dict[Key, Metric] = {key_of(metric): metric for metric in self.run.metrics}
        self._on_halves: dict[tuple[str, ...], Mapping[Key, Float64]] = {}

    @property
    def ids(self) -> set[str]:
        return set(self.run.distances.ids)

    def on_halves(self, ids: tuple[str, ...], halves: int, seed: int) -> Mapping[Key, Float64]:
        """(1 + halves,) of every figure: on the given languages, then on halves drawn from them.

        The same ids, number and seed give the same halves, whatever the variant.
        """
        if ids not in self._on_halves:
            drawn = draw_halves(len(ids), halves, np.random.default_rng(seed))
            parts = [ids, *([ids[position] for position in half] for half in drawn)]
            self._on_halves[ids] = figures_on(self.run, self.config, ids, parts)
        return self._on_halves[ids]


def _against(baseline: _Finished, other: _Finished, halves: int) -> list[Comparison]:
    """Over the languages that both have; where one has more, both are read on the shared ones."""
    ids = tuple(sorted(baseline.ids & other.ids))
    seed = baseline.config.settings.seed
    mine: Mapping[Key, Float64] = {}
    theirs: Mapping[Key, Float64] = {}
    failure = "" if len(ids) > 1 else f"the baseline shares {len(ids)} languages with it"
    try:
        if not failure:
            mine, theirs = other.on_halves(ids, halves, seed), baseline.on_halves(ids, halves, seed)
    except NumericalError as error:
        failure = f"no difference on the {len(ids)} languages that the baseline has too: {error.message}"
    same_languages = baseline.ids == other.ids
    rows = []
    for key, metric in other.metrics.items():
        reference = baseline.metrics.get(key)
        on_parts = mine[key] - theirs[key] if key in mine and key in theirs else np.full(1 + halves, np.nan)
        delta = metric.value - reference.value if reference and same_languages else float(on_parts[0])
        known = reference is not None and np.isfinite(delta)
        difference = paired_difference(delta, on_parts[1:], len(ids)) if known else None
        spread = math.sqrt(metric.seed_variance + reference.seed_variance) if reference else 0.0
        rows.append(Comparison(other.outcome, metric, difference, None, spread, len(ids), not same_languages, failure))
    return rows
