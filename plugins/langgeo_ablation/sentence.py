"""What mattered and what cannot be told to, in plain sentences."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from statistics import median

from langgeo_ablation.comparisons import Comparison
from langgeo_ablation.runner import Outcome
from langgeo_ablation.telling import figure_name, telling
from langgeo_ablation.variants import Variant
from langgeo_core.evaluation.paired import NORMAL_95, TINY, Difference, p_text

SIGNIFICANT = 0.05


def matters(row: Comparison) -> bool:
    """Whether a difference exceeds what chance does: the clusterer's seeds, and the choice of languages after Holm."""
    if row.difference is None or row.p_adjusted is None:
        return False
    return row.p_adjusted < SIGNIFICANT and not _within_seeds(row)


def sentences(outcomes: Sequence[Outcome], comparisons: Sequence[Comparison]) -> list[str]:
    """One for each swept key on its own, one for the keys together, one on how much could have been seen."""
    baseline = outcomes[0].variant
    compared = [row for row in telling(comparisons) if not row.outcome.variant.is_baseline and row.difference]
    rows = [row for row in compared if row.outcome.status != "degenerate"]
    said = [_on_key(key, baseline, rows) for key in baseline.choices]
    said.extend(_together(baseline, rows))
    said.extend(_resolution(rows))
    said.extend(_left_out(outcomes))
    return said


def changed_keys(variant: Variant, baseline: Variant) -> tuple[str, ...]:
    """The keys whose choice differs from the baseline's."""
    return tuple(key for key, choice in variant.choices.items() if choice != baseline.choices[key])


def _on_key(key: str, baseline: Variant, rows: Sequence[Comparison]) -> str:
    """From the variants that change this key alone."""
    alone = [row for row in rows if changed_keys(row.outcome.variant, baseline) == (key,)]
    if not alone:
        return f"{key}: no variant that changes it alone can be compared."
    mattered = [row for row in alone if matters(row)]
    if mattered:
        return f"{key} mattered: {'; '.join(_described(row, key) for row in mattered)}."
    largest = max(alone, key=_size)
    if _size(largest) < TINY:
        return f"{key} changes none of the figures above."
    said = f"the largest difference is {_described(largest, key)}, {_why_unsure(largest)}"
    return f"{key} cannot be told from making no difference here: {said}."


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
    return f"{figure_name(row.metric)} {known.delta:+z.3f} with {who}{f' ({details})' if details else ''}"


def _why_unsure(row: Comparison) -> str:
    if _within_seeds(row):
        return f"no more than the seeds of the clusterer make (± {NORMAL_95 * row.seed_error:.3f})"
    if row.p_adjusted is None:
        return "which these languages are too few, or too alike, to test"
    return "which another choice of languages could undo"


def _together(baseline: Variant, rows: Sequence[Comparison]) -> Iterator[str]:
    several = [row for row in rows if len(changed_keys(row.outcome.variant, baseline)) != 1]
    if not several:
        return
    mattered = sorted(filter(matters, several), key=_size, reverse=True)
    total = len({row.outcome.variant.name for row in several})
    beyond = len({row.outcome.variant.name for row in mattered})
    largest = max(several, key=_size)
    most = (
        f", most of all {_described(mattered[0])}" if mattered else f"; the largest difference is {_described(largest)}"
    )
    variants = "1 variant that changes" if total == 1 else f"{total} variants that change"
    yield f"Of {variants} several keys, {beyond or 'none'} can be told from the baseline{most}."


def _resolution(rows: Sequence[Comparison]) -> Iterator[str]:
    """Absence of evidence is only as strong as the intervals are narrow."""
    reaches = [reach for row in rows if row.difference and (reach := _reach(row.difference)) > TINY]
    if reaches:
        languages = min(row.shared for row in rows)
        yield (
            f"With {languages} languages a difference is known to about ± {median(reaches):.2f}, before any "
            "correction for the number of comparisons: smaller ones cannot be told from none."
        )


def _reach(difference: Difference) -> float:
    return 0.0 if difference.low is None or difference.high is None else (difference.high - difference.low) / 2


def _left_out(outcomes: Sequence[Outcome]) -> Iterator[str]:
    for status, said in (("skipped", "could not be run"), ("degenerate", "cannot tell languages apart")):
        names = [outcome.variant.name for outcome in outcomes if outcome.status == status]
        if names:
            yield f"{', '.join(names)} {said}."
