"""Which choices changed the metrics significantly, in sentences."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from statistics import median

from langgeo_ablation.comparisons import Comparison
from langgeo_ablation.variants import Outcome, Variant
from langgeo_core.api import Metric
from langgeo_inference.api import DROWNED, NORMAL_95, SIGNIFICANT, TINY, p_text


def is_significant(row: Comparison) -> bool:
    """Whether a difference exceeds the variation between seeds and, after Holm's correction, between languages."""
    if row.difference is None or row.p_adjusted is None:
        return False
    return row.p_adjusted < SIGNIFICANT and not _within_seeds(row)


def sentences(outcomes: Sequence[Outcome], comparisons: Sequence[Comparison], alike: Mapping[str, float]) -> list[str]:
    """Two for each swept key on its own, one for several keys together, then on precision, noise and what is left out.

    Those of a key are about the headline metrics and, where `distances_alike` knows them, about the distances.
    """
    baseline = outcomes[0].variant
    compared = [row for row in comparisons if row.headline and row.difference and not row.outcome.variant.is_baseline]
    rows = [row for row in compared if row.outcome.status != "degenerate"]
    said = []
    for key in baseline.choices:
        alone = [outcome.variant for outcome in outcomes if _changed_keys(outcome.variant, baseline) == (key,)]
        said.append(_on_key(key, [row for row in rows if _changed_keys(row.outcome.variant, baseline) == (key,)]))
        said.extend(_on_distances(key, alone, alike))
    said.extend(_together(baseline, rows))
    said.extend(_precision(rows))
    if lost := dict.fromkeys(row.outcome.variant.name for row in comparisons if _lost_in_noise(row.metric)):
        most = "most language pairs are not significantly farther apart than replicates of one text"
        said.append(f"No signal in {', '.join(lost)}: {most}, so that these figures are no evidence.")
    for status, reason in (("skipped", "could not be run"), ("degenerate", "cannot tell languages apart")):
        if names := [outcome.variant.name for outcome in outcomes if outcome.status == status]:
            said.append(f"{', '.join(names)} {reason}.")
    return said


def _lost_in_noise(metric: Metric) -> bool:
    return metric.source == "run" and metric.metric == "below_floor" and metric.value >= DROWNED


def _changed_keys(variant: Variant, baseline: Variant) -> tuple[str, ...]:
    return tuple(key for key, choice in variant.choices.items() if choice != baseline.choices[key])


def _on_key(key: str, alone: Sequence[Comparison]) -> str:
    """From the variants that change this key alone."""
    if not alone:
        return f"{key}: no variant that changes only this key has metrics to compare."
    if significant := [row for row in alone if is_significant(row)]:
        return f"{key} changed the metrics: {'; '.join(_described(row, key) for row in significant)}."
    largest, left_out = max(alone, key=_size), _left_out(alone)
    same = _size(largest) < TINY
    names = ", ".join(dict.fromkeys(str(row.outcome.variant.choices[key]) for row in alone))
    levels = " and ".join(dict.fromkeys(row.metric.level for row in alone if row.metric.level))
    where = f" at the level {levels}" if levels else ""
    shown = f"All differences of {names}{where} are 0" if same else f"The largest is {_described(largest, key)}"
    tested = [row for row in alone if row.p_adjusted is not None]
    if not tested:
        return f"{key}: differences are not tested: {left_out}. {shown}."
    languages = f"{min(row.shared for row in tested)} languages"
    if same and all(map(_is_equal, tested)):
        said = f"these metrics cannot tell: they are equal in all variants on every half of the {languages}"
    elif same:
        said = f"no significant difference. {shown} over the {languages}, and vary around 0 on halves of them"
    elif _within_seeds(largest):
        seeds = f"within the variation between seeds of the clusterer (± {NORMAL_95 * largest.seed_error:.3f})"
        said = f"no significant difference. {shown}, {seeds}"
    else:
        within = "" if largest.p_adjusted is None else ", within the variation between samples of languages"
        said = f"no significant difference. {shown}{within}"
    return f"{key}: {said}.{f' Not tested: {left_out}.' if left_out else ''}"


def _left_out(alone: Sequence[Comparison]) -> str:
    """Which metrics are not tested, and why."""
    reasons: dict[str, list[str]] = {}
    for row in alone:
        if row.p_adjusted is None:
            reasons.setdefault(row.untested, []).append(row.name)
    return "; ".join(f"{', '.join(dict.fromkeys(names))} ({reason})" for reason, names in reasons.items())


def _is_equal(row: Comparison) -> bool:
    """Whether baseline and variant have the same value on every half of the languages, too."""
    known = row.difference
    return known is not None and known.low is not None and known.high is not None and known.high - known.low < TINY


def _on_distances(key: str, alone: Sequence[Variant], alike: Mapping[str, float]) -> Iterator[str]:
    """How much a choice changed the distances, which metrics of few languages may not show."""
    known = [(alike[variant.name], variant.choices[key]) for variant in alone if variant.name in alike]
    if known:
        each = ", ".join(f"{_correlation_text(value)} ({choice})" for value, choice in known)
        yield f"{key}: distances have Spearman's correlation {each} with those of the baseline."


def _correlation_text(value: float) -> str:
    """Three digits; 1.000 only where the order of the pairs is the same."""
    return "> 0.999" if 0.9995 <= value < 1 - TINY else f"{value:.3f}"


def _within_seeds(row: Comparison) -> bool:
    return _size(row) <= NORMAL_95 * row.seed_error


def _size(row: Comparison) -> float:
    return abs(row.difference.delta) if row.difference else 0.0


def _described(row: Comparison, key: str = "") -> str:
    assert row.difference is not None
    known, variant = row.difference, row.outcome.variant
    who = variant.choices[key] if key else variant.name
    interval = "" if known.low is None else f"95 % interval {known.low:z.3f} to {known.high:z.3f}"
    tested = "" if row.p_adjusted is None else f"adjusted p {p_text(row.p_adjusted)}"
    details = ", ".join(filter(None, (interval, tested)))
    return f"{row.name} {known.delta:+z.3f} with {who}{f' ({details})' if details else ''}"


def _together(baseline: Variant, rows: Sequence[Comparison]) -> Iterator[str]:
    several = [row for row in rows if len(_changed_keys(row.outcome.variant, baseline)) != 1]
    if not several:
        return
    significant = [row for row in several if is_significant(row)]
    total = len({row.outcome.variant.name for row in several})
    different = len({row.outcome.variant.name for row in significant})
    variants = "1 variant that changes" if total == 1 else f"{total} variants that change"
    differ = f"{different or 'none'} {'differ' if different > 1 else 'differs'} significantly from the baseline"
    if all(row.p_adjusted is None for row in several):
        differ = "none is tested against the baseline"
    largest = max(significant or several, key=_size)
    such = " such" if significant else ""
    shown = (
        f"the largest{such} difference is {_described(largest)}" if _size(largest) > TINY else "all differences are 0"
    )
    yield f"Of {variants} several keys, {differ}; {shown}."


def _precision(rows: Sequence[Comparison]) -> Iterator[str]:
    """Absence of evidence is only as strong as the intervals are narrow; each metric has a scale of its own."""
    widths: dict[str, list[float]] = {}
    for row in rows:
        one = row.difference
        if one and one.low is not None and one.high is not None and one.high - one.low > TINY:
            widths.setdefault(row.name, []).append((one.high - one.low) / 2)
    if widths:
        each = ", ".join(f"± {median(own):.3f} for {name}" for name, own in widths.items())
        yield (
            f"With {min(row.shared for row in rows)} languages, the 95 % interval of a difference is about {each}, "
            "before correction for the number of comparisons; smaller differences cannot be detected."
        )
