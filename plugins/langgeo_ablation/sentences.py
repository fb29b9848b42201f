"""Which choices changed the metrics significantly, in sentences."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from statistics import median

from langgeo_ablation.comparisons import Comparison
from langgeo_ablation.variants import Outcome, Variant
from langgeo_core.api import NORMAL_95, TINY, p_text

SIGNIFICANT = 0.05


def is_significant(row: Comparison) -> bool:
    """Whether a difference exceeds the variation between seeds and, after Holm's correction, between languages."""
    if row.difference is None or row.p_adjusted is None:
        return False
    return row.p_adjusted < SIGNIFICANT and not _within_seeds(row)


def sentences(outcomes: Sequence[Outcome], comparisons: Sequence[Comparison]) -> list[str]:
    """One for each swept key on its own, one for several keys together, one on the precision, one on what is left out.

    They are about the headline metrics.
    """
    baseline = outcomes[0].variant
    compared = [row for row in comparisons if row.headline and row.difference and not row.outcome.variant.is_baseline]
    rows = [row for row in compared if row.outcome.status != "degenerate"]
    said = [_on_key(key, baseline, rows) for key in baseline.choices]
    said.extend(_together(baseline, rows))
    said.extend(_precision(rows))
    for status, reason in (("skipped", "could not be run"), ("degenerate", "cannot tell languages apart")):
        if names := [outcome.variant.name for outcome in outcomes if outcome.status == status]:
            said.append(f"{', '.join(names)} {reason}.")
    return said


def _changed_keys(variant: Variant, baseline: Variant) -> tuple[str, ...]:
    return tuple(key for key, choice in variant.choices.items() if choice != baseline.choices[key])


def _on_key(key: str, baseline: Variant, rows: Sequence[Comparison]) -> str:
    """From the variants that change this key alone."""
    alone = [row for row in rows if _changed_keys(row.outcome.variant, baseline) == (key,)]
    if not alone:
        return f"{key}: no variant that changes only this key can be compared."
    if significant := [row for row in alone if is_significant(row)]:
        return f"{key} changed the metrics: {'; '.join(_described(row, key) for row in significant)}."
    largest = max(alone, key=_size)
    if _size(largest) < TINY:
        return f"{key}: none of the metrics above changed."
    if _within_seeds(largest):
        why = f"within the variation between seeds of the clusterer (± {NORMAL_95 * largest.seed_error:.3f})"
    elif largest.p_adjusted is None:
        why = "which cannot be tested: too few languages, or the same difference on every half of them"
    else:
        why = "within the variation between samples of languages"
    return f"{key}: no significant difference. The largest is {_described(largest, key)}, {why}."


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
    largest = _described(max(significant or several, key=_size))
    yield f"Of {variants} several keys, {differ}; the largest{' such' if significant else ''} difference is {largest}."


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
