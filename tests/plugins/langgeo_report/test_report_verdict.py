"""What is said of a run, and when nothing is."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from langgeo_core.api import Metric
from langgeo_report.reading import Excess
from langgeo_report.verdict import evidence, small_print, verdict

ARI = Metric("glottolog", "ari", 0.42, 92, "kmeans", "branch", sd=0.05, seeds=20, null_mean=0.0, null_sd=0.02, p=0.001)
HDBSCAN = replace(ARI, clusterer="hdbscan")
NN1 = Metric("glottolog", "nn1", 0.8, 90, "", "branch", sd=0.1, null_mean=0.06, null_sd=0.03, p=0.001)
MAP = replace(NN1, metric="map", value=0.6, extras={"script_null_mean": 0.3, "script_null_sd": 0.02, "script_p": 0.001})
ACROSS = replace(
    MAP,
    metric="map-across-scripts",
    value=0.54,
    n=51,
    null_mean=0.28,
    extras={"script_null_mean": 0.28, "script_p": 0.001, "classes": 6, "class_ci_low": 0.3, "class_ci_high": 0.78},
)
WITHIN = replace(ACROSS, metric="map-within-script", value=0.71, n=78, null_mean=0.3)
ABOVE, BELOW, UNSURE = Excess(0.2, 0.1, 0.3, 0.001), Excess(-0.2, -0.3, -0.1, 0.001), Excess(0.2, -0.1, 0.5, 0.2)


def beside(source: str, metric: Metric = ARI, value: float = 0.21) -> Metric:
    return replace(metric, source=source, value=value)


def test_the_runs_own_verdict_is_shown() -> None:
    assert verdict({"verdict": "trust it"}, [ARI]).text == "Trust it."


def test_degenerate_run_cannot_tell_languages_apart() -> None:
    assert verdict({"status": "degenerate"}, []).text == "Cannot tell languages apart."
    assert verdict({"status": "degenerate"}, [ARI]).tone == "none"


def test_without_a_null_nothing_is_claimed() -> None:
    found = verdict({}, [Metric("glottolog", "ari", 0.9, 10)])
    assert found.tone == "unknown" and small_print(found.evidence) == []


def test_beyond_chance_and_without_a_rival() -> None:
    found = verdict({}, [ARI, NN1])
    assert found.tone == "good"
    assert found.text == (
        "The map agrees with the languages’ branch classes significantly above chance by adjusted Rand index of kmeans "
        "(0.42, by chance 0.00) and by nearest-neighbour agreement (0.80, by chance 0.06)."
    )
    chance = "Adjusted Rand index of kmeans at level branch: 0.42 against 0.00 ± 0.02 for shuffled labels, p 0.002"
    assert small_print(found.evidence)[0] == f"{chance}; 92 languages."


def test_one_figure_among_several_is_corrected_for_the_others() -> None:
    pieces = [replace(ARI, p=0.039), replace(HDBSCAN, p=1.0), replace(NN1, p=0.66)]
    found = verdict({}, pieces)
    assert found.tone == "none" and found.text.startswith(
        "No signal: the agreement of the map with the languages’ branch classes is not significantly above chance"
    )
    assert "p 0.117" in small_print(found.evidence)[0]


def test_full_agreement_of_few_languages_is_not_called_no_signal() -> None:
    few = [replace(one, value=1.0, n=4, null_mean=0.4, p=0.33) for one in (ARI, NN1)]
    found = verdict({}, few)
    assert found.tone == "unknown"
    assert found.text == (
        "Too few languages to test: the agreement of the map with the languages’ branch classes is perfect, but so few "
        "languages (4 with another one of their class) agree as well by chance too often (adjusted p 0.660)."
    )
    assert verdict({}, [few[0], replace(few[1], value=0.9)]).text.startswith("No signal")


def test_nothing_of_too_few_languages_is_marked() -> None:
    few = [replace(one, value=1.0, n=4, null_mean=0.4, p=0.33) for one in (ARI, NN1)]
    excesses = {("text", ARI.question): ABOVE}
    assert verdict({}, [*few, beside("text")], excesses).differences(excesses) == ({}, [])
    shown, decided = verdict({}, [ARI, beside("text")], excesses).differences(excesses)
    assert shown == excesses and [row.other.source for row in decided] == ["text"]


def test_what_does_not_exceed_chance_is_named() -> None:
    found = verdict({}, [ARI, replace(HDBSCAN, p=0.4)])
    assert found.text.endswith(
        "by adjusted Rand index of kmeans (0.42, by chance 0.00), but not by adjusted Rand index of hdbscan (0.42, by "
        "chance 0.00)."
    )


def test_two_indices_of_one_clusterer_are_one_figure() -> None:
    found = verdict({}, [replace(ARI, metric="ami", p=0.02), replace(ARI, p=0.02), replace(ARI, metric="purity")])
    assert [figure.metric.metric for figure in found.evidence.figures] == ["ari"]
    assert found.evidence.figures[0].p == 0.02


def test_retrieval_decides_where_there_is_any() -> None:
    found = verdict({}, [ARI, NN1, MAP, ACROSS, WITHIN, replace(MAP, level="family")])
    assert [figure.metric for figure in found.evidence.figures] == [MAP, ACROSS, WITHIN]
    assert found.tone == "good"
    assert found.text == (
        "The map agrees with the languages’ branch classes significantly above chance by mean average precision over "
        "all languages (0.60, by chance 0.06), across scripts (0.54, by chance 0.28 with labels shuffled within "
        "scripts) and within scripts (0.71, by chance 0.30). Script alone does not explain this."
    )
    assert small_print(found.evidence)[1] == (
        "Mean average precision across scripts at level branch: 0.54 against 0.28 ± 0.03 for labels shuffled within "
        "scripts, p 0.003; 51 languages; 95 % interval over classes 0.300 to 0.780 (6)."
    )


def test_retrieval_by_script_that_labels_without_meaning_reach() -> None:
    level = replace(ACROSS, value=0.3, p=0.3)
    assert "but not across scripts (0.30, by chance 0.28 with labels shuffled within scripts)" in (
        verdict({}, [MAP, level]).text
    )
    assert "Across scripts it is not tested, because no class has languages in two known" in verdict({}, [MAP]).text
    assert "cross scripts" not in verdict({}, [ARI, NN1]).text and "Within" not in verdict({}, [MAP]).text


def test_what_no_labels_can_change_decides_nothing() -> None:
    one_class = replace(MAP, value=1.0, null_mean=1.0, null_sd=0.0, p=1.0, level="family")
    assert verdict({}, [one_class]).text.startswith("No metric of this run can be tested against chance")
    found = verdict({}, [MAP, replace(WITHIN, value=1.0, null_mean=1.0, null_sd=0.0, p=1.0)])
    assert [figure.metric for figure in found.evidence.figures] == [MAP]
    assert found.evidence.figures[0].p == MAP.p


def test_the_branch_speaks_before_other_levels() -> None:
    found = verdict({}, [replace(ARI, level="family", p=0.5), ARI, replace(ARI, level="depth-4", p=0.5)])
    assert [figure.metric.level for figure in found.evidence.figures] == ["branch"]


def test_below_chance_is_no_agreement_however_small_p() -> None:
    assert verdict({}, [replace(ARI, value=-0.3)]).tone == "none"


def test_noise_is_seldom_called_a_signal() -> None:
    drawn = np.random.default_rng(0).uniform(size=(2000, 3))
    found = [
        verdict({}, [replace(ARI, p=one), replace(HDBSCAN, p=two), replace(NN1, p=three)]).tone != "none"
        for one, two, three in drawn
    ]
    assert 0.03 < np.mean(found) < 0.065


@pytest.mark.parametrize(
    ("excess", "tone", "said"),
    [
        (ABOVE, "good", "it is better by adjusted Rand index of kmeans (text, 0.20 [0.10, 0.30])."),
        (
            BELOW,
            "weak",
            "worse by adjusted Rand index of kmeans (text, −0.20 [−0.30, −0.10]).",
        ),
        (
            UNSURE,
            "weak",
            "different by adjusted Rand index of kmeans (text, 0.20 [−0.10, 0.50]).",
        ),
    ],
)
def test_a_rival_is_judged_by_the_paired_difference(excess: Excess, tone: str, said: str) -> None:
    found = verdict({}, [ARI, beside("text")], {("text", ARI.question): excess})
    assert found.tone == tone and said in found.text
    beyond = {
        "good": "and in at least one figure better than every",
        "weak": "but there is no evidence that the model adds",
    }
    assert found.text.startswith(f"Better than chance, {beyond[tone]}")
    assert f"text: adjusted Rand index of kmeans 0.21, difference {excess}, p " in small_print(found.evidence)[1]


def test_ahead_in_one_figure_and_behind_in_another() -> None:
    excesses = {("text", ARI.question): ABOVE, ("text", NN1.question): BELOW}
    found = verdict({}, [ARI, NN1, beside("text"), beside("text", NN1)], excesses)
    better = "it is better by adjusted Rand index of kmeans (text, 0.20 [0.10, 0.30])"
    worse = "worse by nearest-neighbour agreement (text, −0.20 [−0.30, −0.10])."
    assert found.tone == "weak"
    assert found.text.endswith(f"Compared with the strongest text baseline, {better}; {worse}")
    assert found.text.startswith("Better than chance; better than text baselines in one figure, and worse in another.")


def test_one_figure_ahead_and_none_behind_is_good() -> None:
    rows = [ARI, NN1, beside("text"), beside("text", NN1)]
    found = verdict({}, rows, {("text", ARI.question): ABOVE, ("text", NN1.question): UNSURE})
    assert found.tone == "good" and "no evidence" not in found.text
    assert "[0.10, 0.30]); not significantly different by nearest-neighbour agreement (text, " in found.text


def test_each_figure_is_compared_with_its_strongest_text_baseline() -> None:
    """Better than the bigrams in one figure and than the trigrams in the other, but in neither than both."""
    rows = [ARI, NN1]
    rows += [beside("bigrams", ARI, 0.21), beside("trigrams", ARI, 0.40)]
    rows += [beside("bigrams", NN1, 0.79), beside("trigrams", NN1, 0.60)]
    little = Excess(0.01, -0.1, 0.12, 0.8)
    excesses = {("bigrams", ARI.question): ABOVE, ("trigrams", ARI.question): little}
    excesses |= {("bigrams", NN1.question): little, ("trigrams", NN1.question): ABOVE}
    found = verdict({}, rows, excesses)
    assert found.tone == "weak" and found.text.endswith(
        "Compared with the strongest text baseline, it is not significantly different by adjusted Rand index of kmeans "
        "(trigrams, 0.01 [−0.10, 0.12]) and by nearest-neighbour agreement (bigrams, 0.01 [−0.10, 0.12])."
    )
    assert found.text.startswith("Better than chance, but there is no evidence that the model adds information beyond")


def test_better_than_the_highest_is_not_better_while_another_is_level() -> None:
    """The highest one may be beaten for sure and a lower one, whose difference varies more, may not."""
    rows = [ARI, beside("steady", ARI, 0.3), beside("shaky", ARI, 0.2)]
    excesses = {("steady", ARI.question): ABOVE, ("shaky", ARI.question): UNSURE}
    found = verdict({}, rows, excesses)
    assert "not significantly different by adjusted Rand index of kmeans (shaky, " in found.text
    assert "(steady, 0.20 [0.10, 0.30])" in verdict({}, rows[:2], excesses).text


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(st.floats(0, 0.84), st.floats(0.0001, 0.2)), min_size=1, max_size=5))
def test_one_more_text_baseline_never_makes_it_better(drawn: list[tuple[float, float]]) -> None:
    """Baselines by value and p; the run is at 0.42."""
    rows, excesses, before = [ARI], {}, True
    for number, (value, p) in enumerate(drawn):
        name = f"text-{number}"
        rows.append(beside(name, ARI, value))
        excesses[name, ARI.question] = Excess(ARI.value - value, 0.0, 0.0, p)
        (row,) = evidence(rows, excesses, {}).strongest
        assert before or row.place != "ahead"
        before = row.place == "ahead"
        if before:
            assert row.other.value == max(value for value, _ in drawn[: number + 1])


def test_what_other_seeds_of_the_clusterer_would_undo_is_not_ahead() -> None:
    """1.96 √(2 · 0.05² / 2) is 0.098."""
    for delta, said in ((0.09, "it is not significantly different by"), (0.11, "it is better by")):
        few = [replace(row, seeds=2) for row in (ARI, beside("text"))]
        found = verdict({}, few, {("text", ARI.question): Excess(delta, 0.05, 0.13, 0.001)})
        assert said in found.text


def test_an_undefined_figure_decides_nothing() -> None:
    undefined = replace(ARI, value=float("nan"))
    found = verdict({}, [undefined, replace(ARI, metric="ami")])
    assert [figure.metric.metric for figure in found.evidence.figures] == ["ami"]


def test_differences_are_corrected_for_all_that_is_compared() -> None:
    names = ("one", "two", "three")
    excesses = {(name, ARI.question): Excess(0.2, 0.01, 0.4, 0.03) for name in names}
    alone = verdict({}, [ARI, beside("one")], excesses)
    assert "it is better by" in alone.text
    for roles in ({}, {"two": "facts", "three": "run"}):
        together = verdict({}, [ARI, *map(beside, names)], excesses, roles)
        assert "it is not significantly different by" in together.text
        assert "(one, 0.20 [0.01, 0.40], p 0.090 adjusted for all comparisons)" in together.text


def test_a_rival_without_a_paired_test_is_not_beaten() -> None:
    found = verdict({}, [ARI, beside("text"), replace(beside("short"), n=12)])
    assert found.tone == "weak"
    assert "it is without a paired test by adjusted Rand index of kmeans (text)." in found.text
    assert "short: adjusted Rand index of kmeans 0.21 on 12 languages, no paired test." in small_print(found.evidence)


def test_a_ceiling_is_no_rival() -> None:
    found = verdict({}, [ARI, beside("tree", value=0.9)], {("tree", ARI.question): BELOW}, {"tree": "ceiling"})
    assert found.tone == "good" and "tree" not in found.text
    assert "tree (ceiling, built from the classification itself): adjusted Rand index of kmeans 0.90." in small_print(
        found.evidence
    )


def test_another_run_is_no_baseline_without_a_model() -> None:
    found = verdict({}, [ARI, beside("paper")], {("paper", ARI.question): BELOW}, {"paper": "run"})
    assert found.tone == "good" and "Compared with other runs, it is worse than paper." in found.text
    assert "text baseline" not in found.text


def test_facts_are_no_text_baseline_and_have_to_be_beaten_all_the_same() -> None:
    rows = [ARI, beside("text"), beside("places", ARI, 0.9)]
    excesses = {("text", ARI.question): ABOVE, ("places", ARI.question): BELOW}
    found = verdict({}, rows, excesses, {"places": "facts"})
    assert found.tone == "weak" and "better by adjusted Rand index of kmeans (text, " in found.text
    assert "Compared with what is known of the languages, it is worse than places." in found.text


def test_a_baseline_answers_the_same_question_alone() -> None:
    others = [beside("text", HDBSCAN), replace(ARI, source="text", level="family")]
    assert "text" not in verdict({}, [ARI, *others]).text


def test_training_is_credited_with_what_exceeds_the_control() -> None:
    rows, roles = [ARI, beside("untrained")], {"untrained": "control"}
    some = verdict({}, rows, {("untrained", ARI.question): ABOVE}, roles)
    assert some.tone == "good"
    reached = "Without training, untrained reaches 50 % (by adjusted Rand index of kmeans)"
    given = f"{reached} of this run’s excess over chance"
    assert f"{given}; training adds 0.20 [0.10, 0.30] (by adjusted Rand index of kmeans)." in some.text
    none = verdict({}, rows, {("untrained", ARI.question): UNSURE}, roles)
    assert none.tone == "weak"
    assert f"{given}; training adds nothing significant." in none.text


def test_a_script_that_explains_everything_weakens_the_verdict() -> None:
    inside = replace(ARI, extras={"script_null_mean": 0.4, "script_null_sd": 0.02, "script_p": 0.3})
    assert verdict({}, [inside]).tone == "weak" and "Script alone may explain this" in verdict({}, [inside]).text
    beyond = replace(inside, extras={**inside.extras, "script_null_mean": 0.1, "script_p": 0.001})
    assert verdict({}, [beyond]).tone == "good" and "Script alone does not explain this." in verdict({}, [beyond]).text
    assert "0.10 within scripts, p 0.001" in small_print(verdict({}, [beyond]).evidence)[0]


def test_few_languages_are_a_look() -> None:
    found = verdict({}, [replace(ARI, n=12)])
    assert found.tone == "weak" and found.text.startswith("12 languages are too few for conclusions.")
    assert ". 12 languages are too few for conclusions. " in verdict({}, [replace(ARI, n=12, p=0.4)]).text


@pytest.mark.parametrize(
    ("p", "said"), [(0.001, "is therefore not evidence."), (0.4, "is not significantly above chance either.")]
)
def test_distances_below_the_noise_floor_are_no_signal_whatever_else_is_found(p: float, said: str) -> None:
    metrics = [replace(ARI, p=p), beside("text"), Metric("reliability", "below_floor", 0.6, 20)]
    drowned = verdict({}, metrics, {("text", ARI.question): BELOW})
    assert drowned.tone == "none"
    assert drowned.text.startswith("No signal: 60 % of the language pairs are not significantly farther apart")
    assert drowned.text.count("No signal") == 1
    assert (
        said in drowned.text
        and "text" not in drowned.text.replace("replicates of one text", "")
        and "worse" not in drowned.text
    )
