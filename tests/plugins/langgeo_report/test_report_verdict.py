from __future__ import annotations

from dataclasses import replace

import pytest

from langgeo_core.types import Metric
from langgeo_report.page.excess import Excess
from langgeo_report.page.scorecard import scorecard
from langgeo_report.page.verdict import verdict

ARI = Metric("glottolog", "ari", 0.42, 92, "kmeans", "branch", sd=0.05, seeds=20, null_mean=0.0, null_sd=0.02, p=0.001)


def test_the_runs_own_verdict_is_shown() -> None:
    assert verdict({"verdict": "trust it"}, [ARI]).text == "Trust it."


def test_degenerate_run_cannot_tell_languages_apart() -> None:
    assert verdict({"status": "degenerate"}, []).text == "Cannot tell languages apart."
    assert verdict({"status": "degenerate"}, [ARI]).tone == "none"


def test_beyond_chance_and_baseline() -> None:
    found = verdict({}, [ARI, replace(ARI, source="text", value=0.2)])
    assert found.tone == "good"
    assert "0.42 against 0.00 ± 0.02" in found.text and "more than the best baseline, text" in found.text


def test_a_baseline_within_the_spread_weakens_the_verdict() -> None:
    found = verdict({}, [ARI, replace(ARI, source="text", value=0.39)])
    assert found.tone == "weak" and "does not show more" in found.text


def test_a_baseline_beyond_the_spread_does_better() -> None:
    found = verdict({}, [ARI, replace(ARI, source="text", value=0.6, n=90)])
    assert found.tone == "weak"
    assert "The baseline text does better without a language model: 0.60 on 90 languages." in found.text


def test_a_ceiling_is_no_rival() -> None:
    record = {"components": {"baselines": [{"name": "tree", "ceiling": True}, {"name": "text", "ceiling": False}]}}
    rows = [ARI, replace(ARI, source="tree", value=0.9), replace(ARI, source="text", value=0.2)]
    found = verdict(record, rows)
    assert found.tone == "good"
    assert "the best baseline, text, reaches" in found.text and "as tree, reaches 0.90" in found.text
    ((run, text, tree),) = scorecard(list(reversed(rows)), {"tree"})
    assert [(score.source, score.ceiling) for score in (run, text, tree)] == [
        ("run", False),
        ("text", False),
        ("tree", True),
    ]


def test_a_baseline_answers_the_same_question_alone() -> None:
    others = [replace(ARI, source="text", value=0.9, clusterer="hdbscan"), replace(ARI, source="text", level="family")]
    assert "baseline" not in verdict({}, [ARI, *others]).text


def test_chance_is_called_chance() -> None:
    found = verdict({}, [replace(ARI, p=0.4)])
    assert found.tone == "none" and "no more agreement than chance" in found.text


def test_below_chance_is_no_agreement_however_small_p() -> None:
    assert verdict({}, [replace(ARI, value=-0.3)]).tone == "none"


def test_headline_is_not_the_best_looking_metric() -> None:
    flattering = replace(ARI, metric="purity", value=0.99)
    second = replace(ARI, clusterer="hdbscan", value=0.9)
    assert "0.42" in verdict({}, [flattering, ARI, second]).text


def test_without_a_null_nothing_is_claimed() -> None:
    assert verdict({}, [Metric("glottolog", "ari", 0.9, 10)]).tone == "unknown"


def test_score_card_sets_baselines_beneath_the_run() -> None:
    baseline = replace(ARI, source="text", value=0.3)
    (question,) = scorecard([baseline, ARI])
    assert [score.source for score in question] == ["run", "text"]
    assert question[0].value == "0.420 ± 0.050" and question[0].over == "20 seeds"
    assert question[0].strip.value == 42.0 and question[0].strip.null == (0.0, 4.0)


def test_empty_cells_of_the_table_stay_empty() -> None:
    ((score,),) = scorecard([Metric("glottolog", "novel", -0.2, 10)])
    assert (score.value, score.over, score.null, score.p, score.interval, score.k) == ("−0.200", "", "", "", "", "")


def test_the_paired_interval_decides_where_there_is_one() -> None:
    rows = [ARI, replace(ARI, source="text", value=0.2)]
    unsure = verdict({}, rows, {("text", ARI.question): Excess(0.22, -0.1, 0.54)})
    assert unsure.tone == "weak"
    assert "the difference over the same languages, 0.22 [−0.10, 0.54], may be none" in unsure.text
    sure = verdict({}, rows, {("text", ARI.question): Excess(0.22, 0.1, 0.34)})
    assert sure.tone == "good" and "reaches (0.20), by 0.22 [0.10, 0.34] over the same languages" in sure.text
    worse = verdict({}, rows, {("text", ARI.question): Excess(-0.2, -0.3, -0.1)})
    assert (
        worse.tone == "weak" and "does better without a language model: 0.20; this run less that is −0.20" in worse.text
    )


def test_training_is_credited_with_what_exceeds_the_control() -> None:
    record = {"components": {"baselines": [{"name": "untrained", "options": {"control": True}}]}}
    rows = [ARI, replace(ARI, source="untrained", value=0.21)]
    some = verdict(record, rows, {("untrained", ARI.question): Excess(0.21, 0.1, 0.32)})
    assert some.tone == "good" and "baseline" not in some.text
    assert "untrained reaches 0.21, 50 % of what this run has beyond chance" in some.text
    assert "credited with the rest, 0.21 [0.10, 0.32] over the same languages" in some.text
    none = verdict(record, rows, {("untrained", ARI.question): Excess(0.21, -0.1, 0.52)})
    assert none.tone == "weak" and "Training is credited with nothing" in none.text


def test_a_script_that_explains_everything_weakens_the_verdict() -> None:
    inside = replace(ARI, script_null_mean=0.4, script_null_sd=0.02, script_p=0.3)
    assert verdict({}, [inside]).tone == "weak" and "the script may be all that is seen" in verdict({}, [inside]).text
    beyond = replace(inside, script_null_mean=0.1, script_p=0.001)
    assert verdict({}, [beyond]).tone == "good" and "script alone does not explain it" in verdict({}, [beyond]).text


def test_no_signal_is_called_so() -> None:
    assert "No signal: the map shows no more agreement" in verdict({}, [replace(ARI, p=0.4)]).text


@pytest.mark.parametrize(("p", "said"), [(0.001, "is therefore no evidence."), (0.4, "Nor is the agreement")])
def test_distances_below_the_noise_floor_are_no_signal_whatever_else_is_found(p: float, said: str) -> None:
    metrics = [replace(ARI, p=p), replace(ARI, source="text", value=0.9), Metric("reliability", "below_floor", 0.6, 20)]
    drowned = verdict({}, metrics)
    assert drowned.tone == "none"
    assert drowned.text.startswith("No signal: 60 % of the pairs of languages are no farther apart than two halves")
    assert drowned.text.count("No signal") == 1
    assert said in drowned.text
    assert "text reaches" not in drowned.text and "agrees with" not in drowned.text


def test_the_score_card_shows_scripts_duplicates_and_excess() -> None:
    row = replace(ARI, script_p=0.0004, distinct=0.4, distinct_n=88)
    baseline = replace(ARI, source="text", value=0.3)
    ((run, text),) = scorecard([row, baseline], (), {("text", ARI.question): Excess(0.12, 0.01, 0.23)})
    assert (run.script_p, run.distinct, run.excess) == ("< 0.001", "0.400 (88)", "")
    assert (text.script_p, text.distinct, text.excess) == ("", "", "0.12 [0.01, 0.23]")
