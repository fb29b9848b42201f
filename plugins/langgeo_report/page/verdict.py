"""A few sentences on how far to trust the run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from langgeo_core.api import Metric
from langgeo_report.page.excess import Excess, Excesses
from langgeo_report.page.glossary import title
from langgeo_report.page.provenance import ceilings, controls

DEGENERATE = "cannot tell languages apart"
SIGNIFICANT = 0.05
# Chance-corrected measures of clusters first: their null is where a reader expects it.
PREFERRED_METRICS = ("ari", "ami", "nmi", "nn1", "purity")
PREFERRED_LEVELS = ("branch", "family")


@dataclass(frozen=True)
class Verdict:
    """The sentences, and their tone: `good`, `weak`, `none` or `unknown`."""

    text: str
    tone: str


def verdict(record: Mapping[str, Any], metrics: Sequence[Metric], excesses: Excesses | None = None) -> Verdict:
    """The run's own verdict if it has one; else what its headline metric says against chance, scripts and baselines.

    Where `excesses` knows the paired difference from a baseline, its interval decides; else the spread of both does.
    """
    headline = _headline(metrics)
    if record.get("status") == "degenerate":
        return Verdict(_sentence(record.get("verdict") or DEGENERATE), "none")
    if headline is None:
        unknown = "No metric of this run has a null, so nothing here says how far to trust the map."
        return Verdict(_sentence(str(record.get("verdict") or unknown)), "unknown")
    text = str(record.get("verdict") or _judged(record, metrics, headline, excesses or {}))
    return Verdict(_sentence(text), _tone(record, metrics, excesses or {}))


def _judged(record: Mapping[str, Any], metrics: Sequence[Metric], headline: Metric, excesses: Excesses) -> str:
    share = _drowned(metrics)
    if share is not None:
        return _without_signal(share, headline)
    return " ".join([*_against_chance(headline), *_Rivals(record, metrics, headline, excesses).sentences()])


def _headline(metrics: Sequence[Metric]) -> Metric | None:
    """The metric that speaks for the run: by preference, then by place in the file, never by value."""
    tested = [metric for metric in metrics if metric.source == "run" and None not in (metric.p, metric.null_mean)]
    return min(tested, key=_preference, default=None)


def _preference(metric: Metric) -> tuple[int, int]:
    return _position(PREFERRED_METRICS, metric.metric.lower()), _position(PREFERRED_LEVELS, metric.level)


def _position(preferred: Sequence[str], name: str) -> int:
    return preferred.index(name) if name in preferred else len(preferred)


def _tone(record: Mapping[str, Any], metrics: Sequence[Metric], excesses: Excesses) -> str:
    headline = _headline(metrics)
    if headline is None or not _beats_chance(headline) or _drowned(metrics) is not None:
        return "none"
    if headline.script_p is not None and headline.script_p >= SIGNIFICANT:
        return "weak"
    rivals = _Rivals(record, metrics, headline, excesses)
    beaten = all(rivals.exceeded(one) for one in (rivals.rival, rivals.control) if one is not None)
    return "good" if beaten else "weak"


def _beats_chance(headline: Metric) -> bool:
    above = headline.null_mean is not None and headline.value > headline.null_mean
    return above and headline.p is not None and headline.p < SIGNIFICANT


def _drowned(metrics: Sequence[Metric]) -> float | None:
    """The share of pairs of languages no farther apart than two halves of one text, where it is most of them."""
    shares = [metric.value for metric in metrics if (metric.evaluator, metric.metric) == ("reliability", "below_floor")]
    return next((share for share in shares if share >= 0.5), None)


def _without_signal(share: float, headline: Metric) -> str:
    """Said of a run whose distances are lost in their noise: no agreement counts, nor does what baselines reach."""
    floor = "of the pairs of languages are no farther apart than two halves of one text."
    agreement = f"agreement of the map with {_classes(headline)}"
    if _beats_chance(headline):
        return f"No signal: {_percent(share)} {floor} The {agreement}, {_found(headline)}, is therefore no evidence."
    return f"No signal: {_percent(share)} {floor} Nor is the {agreement} more than chance: {_found(headline)}."


def _against_chance(headline: Metric) -> Iterator[str]:
    if not _beats_chance(headline):
        yield f"No signal: the map shows no more agreement than chance with {_classes(headline)}: {_found(headline)}."
        return
    yield f"The map agrees with {_classes(headline)}: {_found(headline)}."
    if headline.script_p is not None and headline.script_null_mean is not None:
        yield _within_scripts(headline)


def _classes(headline: Metric) -> str:
    return f"the languages’ {headline.level} classes" if headline.level else "what is known of the languages"


def _found(headline: Metric) -> str:
    """The figure beside its null."""
    null = _number(headline.null_mean or 0.0) + (f" ± {headline.null_sd:.2f}" if headline.null_sd is not None else "")
    return (
        f"{title(headline.metric)} {_number(headline.value)} against {null} for shuffled labels "
        f"(p = {headline.p:.2g}, {headline.n} languages)"
    )


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"


def _number(value: float) -> str:
    return f"{value:z.2f}".replace("-", "−")


def _within_scripts(headline: Metric) -> str:
    reached = _number(headline.script_null_mean or 0.0)
    null = f"{reached} for labels shuffled within each script (p = {headline.script_p:.2g})"
    if headline.script_p is not None and headline.script_p < SIGNIFICANT:
        return f"It also exceeds {null}, so script alone does not explain it."
    return f"It does not exceed {null}: the script may be all that is seen."


class _Rivals:
    """What answers the headline's question without what the run has learnt."""

    def __init__(
        self, record: Mapping[str, Any], metrics: Sequence[Metric], headline: Metric, excesses: Excesses
    ) -> None:
        others = [metric for metric in metrics if metric.source != "run" and metric.question == headline.question]
        top, untrained = ceilings(record), controls(record)
        self._headline, self._excesses = headline, excesses
        self.rival = _best([metric for metric in others if metric.source not in top | untrained])
        self.control = _best([metric for metric in others if metric.source in untrained])
        self.ceiling = _best([metric for metric in others if metric.source in top])

    def exceeded(self, other: Metric) -> bool:
        """Whether the run exceeds it beyond doubt."""
        excess = self._excess(other)
        return excess.above if excess else _exceeds(self._headline, other)

    def sentences(self) -> Iterator[str]:
        """On the best baseline, the best control and the ceiling."""
        if self.rival is not None:
            yield self._against_rival(self.rival)
        if self.control is not None:
            yield self._against_control(self.control)
        if self.ceiling is not None:
            name, value = self.ceiling.source, self.ceiling.value
            yield f"The classification itself, as {name}, reaches {_number(value)} through the same steps."

    def _excess(self, other: Metric) -> Excess | None:
        """The paired difference, where it has an interval."""
        found = self._excesses.get((other.source, other.question))
        return found if found and found.low is not None else None

    def _against_rival(self, rival: Metric) -> str:
        """What the best baseline reaches: less, more, or as much within the interval or the spread of both."""
        reached = _number(rival.value) + (f" on {rival.n} languages" if rival.n != self._headline.n else "")
        excess = self._excess(rival)
        by = f", by {excess} over the same languages" if excess else ""
        if self.exceeded(rival):
            return f"That is more than the best baseline, {rival.source}, reaches ({reached}){by}."
        if excess.below if excess else _exceeds(rival, self._headline):
            apart = f"; this run less that is {excess}" if excess else ""
            return f"The baseline {rival.source} does better without a language model: {reached}{apart}."
        if excess:
            difference = f"the difference over the same languages, {excess}, may be none"
            return f"The baseline {rival.source} reaches {reached}, and {difference}."
        return f"The baseline {rival.source} reaches {reached}, so this run does not show more than that does."

    def _against_control(self, control: Metric) -> str:
        """How much of the run's excess over chance is there without training, and what training adds."""
        chance = self._headline.null_mean or 0.0
        gain = self._headline.value - chance
        share = f", {_percent((control.value - chance) / gain)} of what this run has beyond chance" if gain > 0 else ""
        given = f"Without training, {control.source} reaches {_number(control.value)}{share}: tokenizer and text alone."
        excess = self._excess(control)
        added = f"{excess} over the same languages" if excess else _number(self._headline.value - control.value)
        if self.exceeded(control):
            return f"{given} Training is credited with the rest, {added}."
        return f"{given} Training is credited with nothing: the difference, {added}, may be none."


def _best(metrics: Sequence[Metric]) -> Metric | None:
    return max(metrics, key=lambda metric: metric.value, default=None)


def _exceeds(headline: Metric, rival: Metric) -> bool:
    """Whether the difference is more than the combined spread of both."""
    spread = (headline.sd or 0.0) ** 2 + (rival.sd or 0.0) ** 2
    return headline.value - rival.value > float(spread**0.5)


def _sentence(text: str) -> str:
    finished = text if text.endswith((".", "!", "?")) else f"{text}."
    return finished[0].upper() + finished[1:]
