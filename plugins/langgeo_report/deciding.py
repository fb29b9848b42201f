"""The few figures that decide the verdict, each corrected for the number of figures that were examined."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from langgeo_core.api import Metric
from langgeo_inference.api import NORMAL_95, TINY, holm
from langgeo_report.printing import title
from langgeo_report.reading import ACROSS, SIGNIFICANT, WITHIN, Excess, Excesses

OVER = {"map": "over all languages", ACROSS: "across scripts", WITHIN: "within scripts"}
"""Where retrieval is measured: three figures of one metric."""
# Without retrieval: one index for each clusterer, because ARI and AMI answer the same question; chance-corrected ones
# first.
PREFERRED_METRICS = ("ari", "ami", "nmi", "nn1", "purity")
PREFERRED_LEVELS = ("branch", "family")


@dataclass(frozen=True)
class Tested:
    """A figure of the run against shuffled labels.

    Parameters
    ----------
    p : adjusted by Holm's method for the other deciding figures
    script_p : the same for labels shuffled within scripts; None if that was not computed
    """

    metric: Metric
    p: float
    script_p: float | None = None

    @property
    def exceeds_chance(self) -> bool:
        """Whether it is significantly above the null of shuffled labels."""
        return self.p < SIGNIFICANT and self.metric.value > (self.metric.null_mean or 0.0)

    @property
    def exceeds_scripts(self) -> bool:
        """Whether it is also significantly above the null of labels shuffled within scripts."""
        return self.exceeds_chance and self.script_p is not None and self.script_p < SIGNIFICANT

    def __str__(self) -> str:
        return briefly(self.metric)


@dataclass(frozen=True)
class Compared:
    """A deciding figure of the run, that of a baseline, and their paired difference.

    Parameters
    ----------
    p : two-sided p of no difference, adjusted by Holm's method for all comparisons; None if it could not be tested
    """

    metric: Metric
    other: Metric
    excess: Excess | None = None
    p: float | None = None

    @property
    def above(self) -> bool:
        """Whether the run is significantly above the baseline."""
        return self._significant and self.excess is not None and self.excess.delta > 0

    @property
    def below(self) -> bool:
        """Whether the run is significantly below the baseline."""
        return self._significant and self.excess is not None and self.excess.delta < 0

    @property
    def place(self) -> str:
        """`ahead`, `behind` or `level`; `untested` without a p."""
        if self.p is None:
            return "untested"
        return "ahead" if self.above else "behind" if self.below else "level"

    @property
    def _significant(self) -> bool:
        """Whether the difference exceeds both the uncertainty over languages and that over seeds of the clusterer."""
        error = math.sqrt(self.metric.seed_variance + self.other.seed_variance)
        within_seeds = self.excess is not None and abs(self.excess.delta) <= NORMAL_95 * error
        return self.p is not None and self.p < SIGNIFICANT and not within_seeds

    def __str__(self) -> str:
        return briefly(self.metric)


def named(metric: Metric) -> str:
    """`adjusted Rand index of kmeans`."""
    return title(metric.metric) + (f" of {metric.clusterer}" if metric.clusterer else "")


def briefly(metric: Metric) -> str:
    """`across scripts`, or `by adjusted Rand index of kmeans`."""
    return OVER.get(metric.metric, f"by {named(metric)}")


def is_testable(metric: Metric) -> bool:
    """Whether it has a null, and other labels could give another value: where all are of one class, none can."""
    known = (metric.value, metric.null_mean, metric.p)
    if any(number is None or not math.isfinite(number) for number in known):
        return False
    return metric.null_sd is None or metric.null_sd > TINY or abs(metric.value - (metric.null_mean or 0.0)) > TINY


def decisive(metrics: Sequence[Metric]) -> list[Tested]:
    """The run's retrieval at the preferred level; without it, one figure for each clusterer and one of the distances.

    They are chosen by preference and then by their order in the file, never by value.
    """
    candidates = [metric for metric in metrics if metric.source == "run" and is_testable(metric)]
    retrieval = [metric for metric in candidates if metric.metric in OVER]
    known = retrieval or [metric for metric in candidates if metric.metric.lower() in PREFERRED_METRICS]
    if not known:
        return _tested(candidates[:1])
    level = min((metric.level for metric in known), key=lambda name: _position(PREFERRED_LEVELS, name))
    at_level = [metric for metric in known if metric.level == level]
    if retrieval:
        return _tested(at_level)
    first: dict[tuple[str, str], Metric] = {}
    for metric in sorted(at_level, key=lambda one: _position(PREFERRED_METRICS, one.metric.lower())):
        first.setdefault((metric.evaluator, metric.clusterer), metric)
    return _tested([metric for metric in known if metric in first.values()])


def compared(
    own: Sequence[Metric], metrics: Sequence[Metric], excesses: Excesses, sources: Collection[str]
) -> Mapping[str, list[Compared]]:
    """Compare each of these sources with figures of the run; all differences are corrected together."""
    others = {(metric.source, metric.question): metric for metric in metrics if metric.source in sources}
    pairs = [
        (metric, other, excesses.get((source, metric.question)))
        for source in dict.fromkeys(source for source, _ in others)
        for metric in own
        if (other := others.get((source, metric.question))) is not None
    ]
    adjusted = iter(holm([excess.p for _, _, excess in pairs if excess is not None and excess.p is not None]))
    found: dict[str, list[Compared]] = {}
    for metric, other, excess in pairs:
        p = next(adjusted) if excess is not None and excess.p is not None else None
        found.setdefault(other.source, []).append(Compared(metric, other, excess, p))
    return found


def strongest(rows: Sequence[Compared]) -> Compared:
    """Of several baselines compared in one figure, the one with the highest value.

    Among those that the run is not significantly above, if there are any: so the run is better than the strongest only
    where it is better than all of them, and one more baseline never makes it so. Those without a p count where none has
    one.
    """
    tested = [row for row in rows if row.p is not None] or rows
    return max([row for row in tested if not row.above] or tested, key=lambda row: row.other.value)


def _tested(metrics: Sequence[Metric]) -> list[Tested]:
    chance = holm([metric.p for metric in metrics if metric.p is not None])
    within = [metric.extras.get("script_p") for metric in metrics]
    scripts = iter(holm([p for p in within if p is not None]))
    return [
        Tested(metric, p, None if script is None else next(scripts))
        for metric, p, script in zip(metrics, chance, within, strict=True)
    ]


def _position(preferred: Sequence[str], name: str) -> int:
    return preferred.index(name) if name in preferred else len(preferred)


def listed(names: Iterable[object]) -> str:
    """`one, two and three`."""
    *most, last = map(str, names)
    return f"{', '.join(most)} and {last}" if most else last
