"""What the sentences call significant, and what they do not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from langgeo_ablation.choices import Sweep
from langgeo_ablation.comparisons import Comparison, adjusted, why_untested
from langgeo_ablation.output import Findings
from langgeo_ablation.sentences import is_significant, sentences
from langgeo_ablation.variants import Outcome, Variant
from langgeo_core.api import Metric
from langgeo_inference.api import Difference, paired_difference

BASELINE = Outcome(Variant("baseline", {"a": "x", "b": "1"}, None), "ok", Path("baseline"))
OTHER = Outcome(Variant("a=y", {"a": "y", "b": "1"}, None), "ok", Path("other"))
BOTH = Outcome(Variant("a=y+b=2", {"a": "y", "b": "2"}, None), "ok", Path("both"))


def row(outcome: Outcome, delta: float, p: float | None, seed_error: float = 0.0, source: str = "run") -> Comparison:
    metric = Metric("glottolog", "ari", 0.5 + delta, 12, "kmeans", "branch", source, sd=0.1, seeds=5)
    difference = Difference(delta) if p is None else Difference(delta, delta - 0.1, delta + 0.1, p)
    why = "3 languages are too few" if p is None else ""
    return Comparison(outcome, metric, difference, p, seed_error, 12, untested=why, headline=source == "run")


def said_of(outcomes: Sequence[Outcome], *rows: Comparison, alike: Mapping[str, float] | None = None) -> list[str]:
    return sentences(outcomes, [row(BASELINE, 0.0, None), *rows], alike or {})


@pytest.mark.parametrize(
    ("delta", "p", "seed_error", "real"),
    [(0.3, 0.01, 0.1, True), (0.3, 0.01, 0.2, False), (-0.3, 0.01, 0.16, False), (0.3, 0.2, 0.0, False)],
)
def test_a_difference_must_exceed_seeds_and_languages(delta: float, p: float, seed_error: float, real: bool) -> None:
    assert is_significant(row(OTHER, delta, p, seed_error)) is real


def test_a_significant_difference_is_reported_with_its_numbers() -> None:
    said = said_of([BASELINE, OTHER], row(OTHER, 0.3, 0.01, 0.1))
    assert said[0] == (
        "a changed the metrics: branch ari kmeans +0.300 with y (95 % interval 0.200 to 0.400, adjusted p 0.010)."
    )
    assert said[1] == "b: no variant that changes only this key has metrics to compare."
    assert said[2].startswith("With 12 languages, the 95 % interval of a difference is about ± 0.10")


def test_variants_that_are_lost_in_noise_are_named() -> None:
    noise = Metric("reliability", "below_floor", 0.6, 12)
    lost = replace(row(OTHER, 0.0, None), metric=noise, headline=False)
    told = "No signal in a=y: most language pairs are not significantly farther apart than replicates of one text"
    assert any(said.startswith(told) for said in said_of([BASELINE, OTHER], row(OTHER, 0.1, 0.5), lost))
    clear = replace(lost, metric=replace(noise, value=0.4))
    assert not any("No signal" in said for said in said_of([BASELINE, OTHER], row(OTHER, 0.1, 0.5), clear))


def test_precision_is_told_for_each_metric() -> None:
    wide = row(OTHER, 0.1, 0.5)
    metric, narrow = replace(wide.metric, metric="silhouette", clusterer=""), Difference(0.01, 0.008, 0.012, 0.5)
    said = said_of([BASELINE, OTHER], wide, replace(wide, metric=metric, difference=narrow))
    assert said[-1] == (
        "With 12 languages, the 95 % interval of a difference is about ± 0.100 for branch ari kmeans, ± 0.002 for "
        "branch silhouette, before correction for the number of comparisons; smaller differences cannot be detected."
    )


def test_a_difference_within_seeds_is_not_significant() -> None:
    said = said_of([BASELINE, OTHER], row(OTHER, 0.05, 0.001, 0.1))
    assert said[0].startswith("a: no significant difference. The largest is branch ari kmeans +0.050 with y")
    assert said[0].endswith("within the variation between seeds of the clusterer (± 0.196).")


def test_a_difference_within_samples_of_languages_is_not_significant() -> None:
    said = said_of([BASELINE, OTHER], row(OTHER, 0.3, 0.2))
    assert said[0].startswith("a: no significant difference. The largest is")
    assert said[0].endswith("within the variation between samples of languages.")


def test_a_difference_of_0_that_is_tested() -> None:
    assert said_of([BASELINE, OTHER], row(OTHER, 0.0, 1.0))[0] == (
        "a: no significant difference. "
        "All differences of y at the level branch are 0 over the 12 languages, and vary around 0 on halves of them."
    )


def test_metrics_that_are_equal_on_every_half_cannot_tell() -> None:
    equal = replace(row(OTHER, 0.0, 1.0), difference=Difference(0.0, 0.0, 0.0, 1.0))
    assert said_of([BASELINE, OTHER], equal)[0] == (
        "a: these metrics cannot tell: they are equal in all variants on every half of the 12 languages."
    )
    assert "cannot tell" not in said_of([BASELINE, OTHER], equal, row(OTHER, 0.0, 1.0))[0]


def test_what_is_not_tested_is_said_with_the_reason() -> None:
    assert said_of([BASELINE, OTHER], row(OTHER, -0.3, None), row(OTHER, 0.0, None))[0] == (
        "a: differences are not tested: branch ari kmeans (3 languages are too few). "
        "The largest is branch ari kmeans -0.300 with y."
    )
    assert said_of([BASELINE, OTHER], row(OTHER, 0.0, None))[0].endswith(
        "too few). All differences of y at the level branch are 0."
    )
    partly = said_of([BASELINE, OTHER], row(OTHER, -0.3, None), row(OTHER, 0.2, 0.5))[0]
    assert partly.startswith(
        "a: no significant difference. The largest is branch ari kmeans -0.300 with y. Not tested:"
    )


@pytest.mark.parametrize(
    ("on_halves", "n", "why"),
    [
        ([0.1, 0.2, 0.3, 0.4], 12, ""),
        ([0.0, 0.0, 0.0, 0.0], 12, "the same difference on every half of the 12 languages"),
        ([0.1, 0.2, np.nan, np.nan], 12, "undefined on most halves of the 12 languages"),
        ([0.1, 0.2, 0.3, 0.4], 3, "3 languages are too few: at least 4 are needed"),
    ],
)
def test_why_there_is_no_test(on_halves: list[float], n: int, why: str) -> None:
    halves = np.array(on_halves)
    assert why_untested(paired_difference(0.2, halves, n), halves, n, "").startswith(why)
    assert bool(why) == bool(why_untested(paired_difference(0.2, halves, n), halves, n, ""))
    assert why_untested(Difference(0.2), halves, n, "it failed") == "it failed"


def test_how_alike_the_distances_are() -> None:
    third = Outcome(Variant("a=z", {"a": "z", "b": "1"}, None), "ok", Path("third"))
    alike = {"baseline": 1.0, "a=y": 0.98234, "a=z": 0.99997, "a=y+b=2": 0.5}
    said = said_of([BASELINE, OTHER, third, BOTH], row(OTHER, 0.3, 0.2), alike=alike)
    assert said[1] == "a: distances have Spearman's correlation 0.982 (y), > 0.999 (z) with those of the baseline."
    assert said[2] == "b: no variant that changes only this key has metrics to compare."
    equal = said_of([BASELINE, OTHER], alike={"baseline": 1.0, "a=y": 1 - 1e-16})
    assert equal[1] == "a: distances have Spearman's correlation 1.000 (y) with those of the baseline."


def test_several_keys_at_once() -> None:
    said = said_of([BASELINE, BOTH], row(BOTH, 0.3, 0.01))
    assert said[2].startswith(
        "Of 1 variant that changes several keys, 1 differs significantly from the baseline; the largest such"
    )


def test_several_keys_that_change_nothing_real() -> None:
    said = said_of([BASELINE, BOTH], row(BOTH, -0.3, 0.4))
    assert said[2].startswith(
        "Of 1 variant that changes several keys, none differs significantly from the baseline; the largest"
    )
    assert "-0.300 with a=y+b=2" in said[2]
    assert said_of([BASELINE, BOTH], row(BOTH, 0.0, None))[2] == (
        "Of 1 variant that changes several keys, none is tested against the baseline; all differences are 0."
    )


def test_a_degenerate_variant_is_named_and_not_compared() -> None:
    control = replace(OTHER, status="degenerate")
    said = said_of([BASELINE, control], row(control, -0.6, 0.001))
    assert said == [
        "a: no variant that changes only this key has metrics to compare.",
        "b: no variant that changes only this key has metrics to compare.",
        "a=y cannot tell languages apart.",
    ]


def test_metrics_without_a_model_follow_the_baseline() -> None:
    rows = [row(BASELINE, 0.0, None), row(BASELINE, 0.1, None, source="letters"), row(OTHER, 0.3, 0.01)]
    findings = Findings("x", Sweep(()), [BASELINE, OTHER], rows, [], 12, {})
    assert [line[:5] for line in findings.shown] == [
        ("baseline", "branch ari kmeans", "0.500", "-", "0.100"),
        ("letters (no model)", "branch ari kmeans", "0.600", "-", "0.100"),
        ("a=y", "branch ari kmeans", "0.800", "-", "0.100"),
    ]


def test_headline_metrics_are_corrected_for_each_other_and_the_rest_for_all() -> None:
    purity = replace(row(OTHER, 0.1, 0.01), headline=False)
    baseline = row(BASELINE, 0.0, None)
    found = adjusted([baseline, row(OTHER, 0.3, 0.01), row(BOTH, 0.2, 0.02), purity, row(OTHER, 0, None)])
    assert [one.p_adjusted for one in found] == [
        None,
        pytest.approx(0.02),
        pytest.approx(0.02),
        pytest.approx(0.03),
        None,
    ]
