"""The few figures that decide a verdict, each corrected for the others that were looked at."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from langgeo_core.api import NORMAL_95, Metric, holm
from langgeo_report.page.excess import Excess, Excesses
from langgeo_report.page.glossary import title

SIGNIFICANT = 0.05
# One index for each clusterer, since ARI and AMI answer one question; chance-corrected ones first.
PREFERRED_METRICS = ("ari", "ami", "nmi", "nn1", "purity")
PREFERRED_LEVELS = ("branch", "family")


@dataclass(frozen=True)
class Tested:
    """A figure of the run against shuffled labels.

    Parameters
    ----------
    p : adjusted by Holm for the other deciding figures
    script_p : the same for labels shuffled within scripts; None where that was not done
    """

    metric: Metric
    p: float
    script_p: float | None = None

    @property
    def exceeds_chance(self) -> bool:
        """Whether shuffled labels seldom reach it."""
        return self.p < SIGNIFICANT and self.metric.value > (self.metric.null_mean or 0.0)

    @property
    def exceeds_scripts(self) -> bool:
        """Whether labels shuffled within scripts seldom reach it either."""
        return self.exceeds_chance and self.script_p is not None and self.script_p < SIGNIFICANT

    def __str__(self) -> str:
        return named(self.metric)


@dataclass(frozen=True)
class Compared:
    """A deciding figure of the run beside that of a baseline, and their paired difference.

    Parameters
    ----------
    p : two-sided, of no difference, adjusted by Holm for all that is compared; None where it could not be tested
    """

    metric: Metric
    other: Metric
    excess: Excess | None = None
    p: float | None = None

    @property
    def above(self) -> bool:
        """Whether the run is surely above."""
        return self._sure and self.excess is not None and self.excess.delta > 0

    @property
    def below(self) -> bool:
        """Whether the run is surely below."""
        return self._sure and self.excess is not None and self.excess.delta < 0

    @property
    def _sure(self) -> bool:
        """Beyond another choice of languages, and beyond other seeds of the clusterer."""
        return self.p is not None and self.p < SIGNIFICANT and not self._within_seeds

    @property
    def _within_seeds(self) -> bool:
        error = math.sqrt(self.metric.seed_variance + self.other.seed_variance)
        return self.excess is not None and abs(self.excess.delta) <= NORMAL_95 * error

    def __str__(self) -> str:
        return named(self.metric)


def named(metric: Metric) -> str:
    """`adjusted Rand index of kmeans`."""
    return title(metric.metric) + (f" of {metric.clusterer}" if metric.clusterer else "")


def decisive(metrics: Sequence[Metric]) -> list[Tested]:
    """One figure of the run for each clusterer and one of the distances, at the level that speaks for the run.

    Chosen by preference and then by place in the file, never by value.
    """
    candidates = [metric for metric in metrics if metric.source == "run" and _has_null(metric)]
    known = [metric for metric in candidates if metric.metric.lower() in PREFERRED_METRICS]
    if not known:
        return _tested(candidates[:1])
    level = min((metric.level for metric in known), key=lambda name: _position(PREFERRED_LEVELS, name))
    first: dict[tuple[str, str], Metric] = {}
    for metric in sorted((one for one in known if one.level == level), key=_preference):
        first.setdefault((metric.evaluator, metric.clusterer), metric)
    return _tested([metric for metric in known if metric in first.values()])


def compared(
    deciding: Sequence[Tested], metrics: Sequence[Metric], excesses: Excesses, sources: Collection[str]
) -> Mapping[str, list[Compared]]:
    """Each of these sources beside the deciding figures, all differences corrected together."""
    others = {(metric.source, metric.question): metric for metric in metrics if metric.source in sources}
    pairs = [
        (tested.metric, other, excesses.get((source, tested.metric.question)))
        for source in dict.fromkeys(source for source, _ in others)
        for tested in deciding
        if (other := others.get((source, tested.metric.question))) is not None
    ]
    adjusted = iter(holm([excess.p for _, _, excess in pairs if excess is not None and excess.p is not None]))
    found: dict[str, list[Compared]] = {}
    for metric, other, excess in pairs:
        p = next(adjusted) if excess is not None and excess.p is not None else None
        found.setdefault(other.source, []).append(Compared(metric, other, excess, p))
    return found


def _has_null(metric: Metric) -> bool:
    known = (metric.value, metric.null_mean, metric.p)
    return all(number is not None and math.isfinite(number) for number in known)


def _tested(metrics: Sequence[Metric]) -> list[Tested]:
    chance = holm([metric.p for metric in metrics if metric.p is not None])
    scripts = iter(holm([metric.script_p for metric in metrics if metric.script_p is not None]))
    return [
        Tested(metric, p, None if metric.script_p is None else next(scripts))
        for metric, p in zip(metrics, chance, strict=True)
    ]


def _preference(metric: Metric) -> int:
    return _position(PREFERRED_METRICS, metric.metric.lower())


def _position(preferred: Sequence[str], name: str) -> int:
    return preferred.index(name) if name in preferred else len(preferred)


def listed(names: Iterable[object]) -> str:
    """`one, two and three`."""
    *most, last = map(str, names)
    return f"{', '.join(most)} and {last}" if most else last
