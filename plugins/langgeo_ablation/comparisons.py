"""Every metric of every variant compared with the baseline's, and the headline among them."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from langgeo_ablation.variants import Outcome
from langgeo_core.api import Evaluation, Metric, NumericalError, ResolvedConfig, Run
from langgeo_core.hooks import records
from langgeo_inference.api import FEWEST, Difference, draw_halves, half_error, holm, paired_difference
from langgeo_statistics.api import among, rank_correlation, values_on

Float64 = NDArray[np.float64]
Key = tuple[str, ...]


@dataclass(frozen=True)
class Comparison:
    """A variant's metric, and how it differs from the baseline's.

    `difference` is None where the baseline has no such metric. `seed_error` is the standard error of the difference
    over the seeds of a clusterer, 0 without seeds. `shared` counts the languages of the difference, and `partly` is
    true if the two runs have others besides; `failure` says why there is no difference on those that they share, and
    `untested` why a difference has no p.
    """

    outcome: Outcome
    metric: Metric
    difference: Difference | None = None
    p_adjusted: float | None = None
    seed_error: float = 0.0
    shared: int = 0
    partly: bool = False
    failure: str = ""
    untested: str = ""
    headline: bool = False

    @property
    def name(self) -> str:
        """`branch ari kmeans`."""
        return " ".join(filter(None, (self.metric.level, self.metric.metric, self.metric.clusterer)))


def key_of(metric: Metric) -> Key:
    """What makes rows of two runs the same metric."""
    return metric.source, *metric.question


def compare_all(
    outcomes: Sequence[Outcome], halves: int, advance: Callable[[str], None] = lambda _: None
) -> list[Comparison]:
    """The comparisons of all variants that ran, including the baseline's own; the first outcome is the baseline.

    `advance` is called after every other outcome, with its name.
    """
    baseline = _Finished(outcomes[0])
    rows = [Comparison(baseline.outcome, metric, Difference(0.0, 0.0, 0.0)) for metric in baseline.metrics.values()]
    for outcome in outcomes[1:]:
        if outcome.status != "skipped":
            rows.extend(_against(baseline, _Finished(outcome), halves))
        advance(outcome.variant.name)
    return adjusted(with_headline(rows, baseline.config))


def distances_alike(outcomes: Sequence[Outcome]) -> dict[str, float]:
    """Spearman's correlation of each variant's distances with the baseline's, over the pairs of both, by its name.

    Without a variant that was not run, and one where it is undefined: fewer than three pairs, or equal distances.
    """
    known = [Run(outcome.folder).distances for outcome in outcomes if outcome.status != "skipped"]
    names = [outcome.variant.name for outcome in outcomes if outcome.status != "skipped"]
    found = {}
    for name, own in zip(names, known, strict=True):
        shared = [one for one in own.ids if one in set(known[0].ids)]
        found[name] = rank_correlation(known[0].subset(shared).values, own.subset(shared).values)
    return {name: value for name, value in found.items() if math.isfinite(value)}


class _Finished:
    """A variant's metrics, over all its languages and on halves of them."""

    def __init__(self, outcome: Outcome) -> None:
        assert outcome.variant.config is not None
        self.outcome = outcome
        self.config: ResolvedConfig = outcome.variant.config
        self.run = Run(outcome.folder)
        self.ids = set(self.run.distances.ids)
        self.metrics: dict[Key, Metric] = {key_of(metric): metric for metric in self.run.metrics}
        self._on_halves: dict[tuple[str, ...], Mapping[Key, Float64]] = {}

    def on_halves(self, ids: tuple[str, ...], halves: int, seed: int) -> Mapping[Key, Float64]:
        """(1 + halves,) of every metric: on the given languages, then on halves drawn from them; NaN if undefined.

        The same ids, number and seed give the same halves, whatever the variant.

        Raises
        ------
        NumericalError
            If these languages cannot be embedded or clustered alone.
        """
        if ids not in self._on_halves:
            drawn = draw_halves(len(ids), halves, np.random.default_rng(seed))
            subsets = [ids, *([ids[position] for position in half] for half in drawn)]
            run = self.run
            given = Evaluation(
                run.languages,
                run.distances,
                run.embedding,
                run.clusterings,
                run.labels,
                self.config.settings.seed,
                run.baselines,
            )
            found = values_on(self.config.choices["evaluators"], among(self.config, given, ids), subsets)
            self._on_halves[ids] = {("run", *question): values for question, values in found.items()}
        return self._on_halves[ids]


def _against(baseline: _Finished, other: _Finished, halves: int) -> list[Comparison]:
    """Over the languages of both; if one has more, both are evaluated on the shared ones."""
    ids = tuple(sorted(baseline.ids & other.ids))
    seed = baseline.config.settings.seed
    mine: Mapping[Key, Float64] = {}
    theirs: Mapping[Key, Float64] = {}
    failure = "" if len(ids) > 1 else f"the baseline shares {len(ids)} languages with it"
    try:
        if not failure:
            mine, theirs = other.on_halves(ids, halves, seed), baseline.on_halves(ids, halves, seed)
    except NumericalError as error:
        failure = f"no difference on the {len(ids)} languages of both: {error.message}"
    same_languages = baseline.ids == other.ids
    rows = []
    for key, metric in other.metrics.items():
        reference = baseline.metrics.get(key)
        on_subsets = mine[key] - theirs[key] if key in mine and key in theirs else np.full(1 + halves, np.nan)
        delta = metric.value - reference.value if reference and same_languages else float(on_subsets[0])
        known = reference is not None and np.isfinite(delta)
        difference = paired_difference(delta, on_subsets[1:], len(ids)) if known else None
        spread = math.sqrt(metric.seed_variance + reference.seed_variance) if reference else 0.0
        why = why_untested(difference, on_subsets[1:], len(ids), failure)
        shared = len(ids), not same_languages
        rows.append(Comparison(other.outcome, metric, difference, None, spread, *shared, failure, why))
    return rows


def why_untested(difference: Difference | None, on_halves: Float64, n: int, failure: str) -> str:
    """Why a difference has no p, as `paired_difference` decides it; empty if it has one."""
    if difference is None or difference.p is not None:
        return ""
    if failure:
        return failure
    if n < FEWEST:
        return f"{n} languages are too few: at least {FEWEST} are needed"
    if half_error(on_halves, n) is None:
        return f"undefined on most halves of the {n} languages: more are needed, such as several of each class"
    return f"the same difference on every half of the {n} languages, so that there is no variation to test against"


def with_headline(rows: Sequence[Comparison], config: ResolvedConfig) -> list[Comparison]:
    """The rows with those marked that are shown first.

    They are the headline metrics of the first evaluator of the config that declares some, at the level that it
    declares and for the first clusterer of the config. A run without that level or clusterer has its last one instead,
    a run without headline metrics all rows.
    """
    own = [row for row in rows if row.metric.source == "run"]
    shown: list[Comparison] = []
    for chosen in config.choices["evaluators"]:
        record = chosen.component
        assert isinstance(record, records.Evaluator)
        known = [row for row in own if row.metric.evaluator == chosen.name and row.metric.metric in record.headline]
        if known:
            level = _preferred([record.headline_level], [row.metric.level for row in known])
            names = [clusterer.name for clusterer in config.choices["clusterers"]]
            clusterer = _preferred(names, [row.metric.clusterer for row in known if row.metric.clusterer])
            shown = [row for row in known if row.metric.level == level and row.metric.clusterer in ("", clusterer)]
            break
    marked = {id(row) for row in shown or own}
    return [replace(row, headline=id(row) in marked) for row in rows]


def _preferred(names: Sequence[str], present: Sequence[str]) -> str:
    return next((name for name in names if name in present), present[-1] if present else "")


def adjusted(rows: Sequence[Comparison]) -> list[Comparison]:
    """With p adjusted by Holm: of headline metrics, which are fixed beforehand, over these; of others over all."""
    of_all, of_headline = _holm(rows), _holm([row for row in rows if row.headline])
    return [replace(row, p_adjusted=(of_headline if row.headline else of_all).get(id(row))) for row in rows]


def _holm(rows: Sequence[Comparison]) -> dict[int, float]:
    tested = {id(row): row.difference.p for row in rows if row.difference and row.difference.p is not None}
    return dict(zip(tested, holm(list(tested.values())), strict=True))
