"""What the sentences call real, and what they do not."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from langgeo_ablation.comparisons import Comparison
from langgeo_ablation.runner import Outcome
from langgeo_ablation.sentence import matters, sentences
from langgeo_ablation.table import shown_rows
from langgeo_ablation.telling import adjusted
from langgeo_ablation.variants import Variant
from langgeo_core.contract.types import Metric
from langgeo_core.evaluation.paired import Difference

BASELINE = Outcome(Variant("baseline", {"a": "x", "b": "1"}, None), "ok", Path("baseline"))
OTHER = Outcome(Variant("a=y", {"a": "y", "b": "1"}, None), "ok", Path("other"))
BOTH = Outcome(Variant("a=y+b=2", {"a": "y", "b": "2"}, None), "ok", Path("both"))


def row(outcome: Outcome, delta: float, p: float | None, seed_error: float = 0.0, source: str = "run") -> Comparison:
    metric = Metric("glottolog", "ari", 0.5 + delta, 12, "kmeans", "branch", source, sd=0.1, seeds=5)
    return Comparison(outcome, metric, Difference(delta, delta - 0.1, delta + 0.1, p), p, seed_error, 12)


@pytest.mark.parametrize(
    ("delta", "p", "seed_error", "real"),
    [(0.3, 0.01, 0.1, True), (0.3, 0.01, 0.2, False), (-0.3, 0.01, 0.16, False), (0.3, 0.2, 0.0, False)],
)
def test_a_difference_must_exceed_seeds_and_languages(delta: float, p: float, seed_error: float, real: bool) -> None:
    assert matters(row(OTHER, delta, p, seed_error)) is real


def test_what_mattered_is_said_with_its_numbers() -> None:
    said = sentences([BASELINE, OTHER], [row(BASELINE, 0.0, None), row(OTHER, 0.3, 0.01, 0.1)])
    assert said[0] == ("a mattered: branch ari kmeans +0.300 with y (95 % interval 0.200 to 0.400, adjusted p 0.010).")
    assert said[1] == "b: no variant that changes it alone can be compared."
    assert said[2].startswith("With 12 languages a difference is known to about ± 0.10")


def test_no_more_than_seeds_make_is_not_told_from_none() -> None:
    said = sentences([BASELINE, OTHER], [row(BASELINE, 0.0, None), row(OTHER, 0.05, 0.001, 0.1)])
    assert said[0].startswith("a cannot be told from making no difference here")
    assert said[0].endswith("no more than the seeds of the clusterer make (± 0.196).")


def test_what_languages_could_undo_is_not_told_from_none() -> None:
    said = sentences([BASELINE, OTHER], [row(BASELINE, 0.0, None), row(OTHER, 0.3, 0.2)])
    assert said[0].startswith("a cannot be told from making no difference here")
    assert said[0].endswith("which another choice of languages could undo.")


def test_no_difference_at_all() -> None:
    assert sentences([BASELINE, OTHER], [row(BASELINE, 0.0, None), row(OTHER, 0.0, 1.0)])[0] == (
        "a changes none of the figures above."
    )


def test_several_keys_at_once() -> None:
    said = sentences([BASELINE, BOTH], [row(BASELINE, 0.0, None), row(BOTH, 0.3, 0.01)])
    assert said[2].startswith("Of 1 variant that changes several keys, 1 can be told from the baseline, most of all")


def test_several_keys_that_change_nothing_real() -> None:
    said = sentences([BASELINE, BOTH], [row(BASELINE, 0.0, None), row(BOTH, -0.3, 0.4)])
    assert said[2].startswith("Of 1 variant that changes several keys, none can be told from the baseline; the largest")
    assert "-0.300 with a=y+b=2" in said[2]


def test_a_degenerate_variant_is_named_and_not_compared() -> None:
    control = replace(OTHER, status="degenerate")
    said = sentences([BASELINE, control], [row(BASELINE, 0.0, None), row(control, -0.6, 0.001)])
    assert said == [
        "a: no variant that changes it alone can be compared.",
        "b: no variant that changes it alone can be compared.",
        "a=y cannot tell languages apart.",
    ]


def test_figures_without_a_model_stand_below_the_baseline() -> None:
    rows = [row(BASELINE, 0.0, None), row(BASELINE, 0.1, None, source="letters"), row(OTHER, 0.3, 0.01)]
    assert [line[:3] for line in shown_rows([BASELINE, OTHER], rows)] == [
        ("baseline", "branch ari kmeans", "0.500 ± 0.100"),
        ("letters (no model)", "branch ari kmeans", "0.600 ± 0.100"),
        ("a=y", "branch ari kmeans", "0.800 ± 0.100"),
    ]


def test_telling_figures_are_corrected_for_each_other_and_the_rest_for_all() -> None:
    purity = replace(row(OTHER, 0.1, 0.01), metric=replace(row(OTHER, 0.1, 0.01).metric, metric="purity"))
    baseline = row(BASELINE, 0.0, None)
    found = adjusted([baseline, row(OTHER, 0.3, 0.01), row(BOTH, 0.2, 0.02), purity, row(OTHER, 0, None)])
    assert [one.p_adjusted for one in found] == [
        None,
        pytest.approx(0.02),
        pytest.approx(0.02),
        pytest.approx(0.03),
        None,
    ]
