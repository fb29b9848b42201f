"""The whole score card: what stands where."""

from __future__ import annotations

from dataclasses import replace

from langgeo_core.api import Metric
from langgeo_report.reading import Excess
from langgeo_report.scores import scorecard

ARI = Metric("glottolog", "ari", 0.42, 92, "kmeans", "branch", sd=0.05, seeds=20, null_mean=0.0, null_sd=0.02, p=0.001)


def test_score_card_sets_baselines_beneath_the_run() -> None:
    baseline = replace(ARI, source="text", value=0.3)
    (question,) = scorecard([baseline, ARI])
    assert [score.source for score in question] == ["run", "text"]
    assert (question[0].value, question[0].error, question[0].seed_sd) == ("0.420", "", "0.050 (20)")
    ((one,),) = scorecard([replace(ARI, seeds=1)])
    assert (one.value, one.error, one.seed_sd) == ("0.420", "0.050", "")
    assert question[0].strip.value == 42.0 and question[0].strip.null == (0.0, 4.0)


def test_ceilings_come_last() -> None:
    rows = [replace(ARI, source=source) for source in ("tree", "untrained", "text", "paper", "run")]
    roles = {"tree": "ceiling", "untrained": "control", "paper": "run"}
    ((run, *others),) = scorecard(rows, roles)
    assert run.name == "this run"
    assert [one.name for one in others] == ["text", "paper (another run)", "untrained (control)", "tree (ceiling)"]


def test_empty_cells_of_the_table_stay_empty() -> None:
    ((score,),) = scorecard([Metric("glottolog", "novel", -0.2, 10)])
    assert (score.value, score.error, score.seed_sd, score.null) == ("−0.200", "", "", "")
    assert (score.p, score.interval, score.k) == ("", "", "")


def test_no_spread_is_shown_where_none_could_be_measured() -> None:
    nn5 = Metric(
        "glottolog", "nn5", 0.875, 12, sd=0.0, ci_low=0.875, ci_high=0.875, null_mean=0.5, null_sd=3e-17, p=1.0
    )
    ((score,),) = scorecard([nn5])
    assert (score.value, score.error, score.interval, score.null) == ("0.875", "", "", "0.500")
    assert score.strip.interval is None


def test_the_interval_over_classes_has_their_number() -> None:
    row = replace(ARI, extras={"classes": 6, "class_ci_low": 0.3, "class_ci_high": 0.78})
    few = replace(ARI, extras={"classes": 1, "class_ci_low": None, "class_ci_high": None})
    assert [score.class_interval for ((score,),) in map(scorecard, ([row], [few], [ARI]))] == [
        "0.300 to 0.780 (6)",
        "",
        "",
    ]


def test_the_score_card_shows_scripts_duplicates_and_excess() -> None:
    row = replace(ARI, extras={"script_p": 0.0004, "distinct": 0.4, "distinct_n": 88})
    baseline = replace(ARI, source="text", value=0.3)
    ((run, text),) = scorecard([row, baseline], {}, {("text", ARI.question): Excess(0.12, 0.01, 0.23)})
    assert (run.script_p, run.distinct, run.excess) == ("< 0.001", "0.400 (88)", "")
    assert (text.script_p, text.distinct, text.excess) == ("", "", "0.12 [0.01, 0.23]")
