"""One sentence on how far to trust the run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from langgeo_core.api import Metric
from langgeo_report.page.glossary import title
from langgeo_report.page.provenance import ceilings

DEGENERATE = "cannot tell languages apart"
SIGNIFICANT = 0.05
# Chance-corrected measures of clusters first: their null is where a reader expects it.
PREFERRED_METRICS = ("ari", "ami", "nmi", "nn1", "purity")
PREFERRED_LEVELS = ("branch", "family")


@dataclass(frozen=True)
class Verdict:
    """The sentence, and its tone: `good`, `weak`, `none` or `unknown`."""

    text: str
    tone: str


def verdict(record: Mapping[str, Any], metrics: Sequence[Metric]) -> Verdict:
    """The run's own verdict if it has one; else what its headline metric says against null and baselines."""
    headline = _headline(metrics)
    if record.get("status") == "degenerate":
        return Verdict(_sentence(record.get("verdict") or DEGENERATE), "none")
    if headline is None:
        unknown = "No metric of this run has a null, so nothing here says how far to trust the map."
        return Verdict(_sentence(str(record.get("verdict") or unknown)), "unknown")
    answering = [metric for metric in metrics if metric.source != "run" and metric.question == headline.question]
    known = ceilings(record)
    rival = _best([metric for metric in answering if metric.source not in known])
    ceiling = _best([metric for metric in answering if metric.source in known])
    composed = " ".join((_against_chance(headline), *_compared(headline, rival), *_below(ceiling)))
    return Verdict(_sentence(str(record.get("verdict") or composed)), _tone(headline, rival))


def _headline(metrics: Sequence[Metric]) -> Metric | None:
    """The metric that speaks for the run: by preference, then by place in the file, never by value."""
    tested = [metric for metric in metrics if metric.source == "run" and None not in (metric.p, metric.null_mean)]
    return min(tested, key=_preference, default=None)


def _preference(metric: Metric) -> tuple[int, int]:
    return _position(PREFERRED_METRICS, metric.metric.lower()), _position(PREFERRED_LEVELS, metric.level)


def _position(preferred: Sequence[str], name: str) -> int:
    return preferred.index(name) if name in preferred else len(preferred)


def _best(metrics: Sequence[Metric]) -> Metric | None:
    return max(metrics, key=lambda metric: metric.value, default=None)


def _tone(headline: Metric, rival: Metric | None) -> str:
    if not _beats_chance(headline):
        return "none"
    return "weak" if rival and not _exceeds(headline, rival) else "good"


def _beats_chance(headline: Metric) -> bool:
    above = headline.null_mean is not None and headline.value > headline.null_mean
    return above and headline.p is not None and headline.p < SIGNIFICANT


def _exceeds(headline: Metric, rival: Metric) -> bool:
    """Whether the difference is more than the combined spread of both."""
    spread = (headline.sd or 0.0) ** 2 + (rival.sd or 0.0) ** 2
    return headline.value - rival.value > float(spread**0.5)


def _against_chance(headline: Metric) -> str:
    chance = "agrees with" if _beats_chance(headline) else "shows no more agreement than chance with"
    level = f"the languages’ {headline.level} classes" if headline.level else "what is known of the languages"
    null = f"{headline.null_mean:z.2f}" + (f" ± {headline.null_sd:.2f}" if headline.null_sd is not None else "")
    return (
        f"The map {chance} {level}: {title(headline.metric)} {headline.value:.2f} "
        f"against {null} for shuffled labels (p = {headline.p:.2g}, {headline.n} languages)."
    )


def _compared(headline: Metric, rival: Metric | None) -> Iterator[str]:
    """What the best baseline reaches: less, more, or as much within the spread of both."""
    if rival is None:
        return
    reached = f"{rival.value:.2f}" + (f" on {rival.n} languages" if rival.n != headline.n else "")
    if _exceeds(headline, rival):
        yield f"That is more than the best baseline, {rival.source}, reaches ({reached})."
    elif _exceeds(rival, headline):
        yield f"The baseline {rival.source} does better without a language model: {reached}."
    else:
        yield f"The baseline {rival.source} reaches {reached}, so this run does not show more than that does."


def _below(ceiling: Metric | None) -> Iterator[str]:
    if ceiling is not None:
        yield f"The classification itself, as {ceiling.source}, reaches {ceiling.value:.2f} through the same steps."


def _sentence(text: str) -> str:
    finished = text if text.endswith((".", "!", "?")) else f"{text}."
    return finished[0].upper() + finished[1:]
