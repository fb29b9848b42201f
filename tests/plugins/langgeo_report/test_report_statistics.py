"""The sections Trees and Confounds, from rows as the evaluators write them."""

from __future__ import annotations

from langgeo_core.api import Metric
from langgeo_report.sections import confounds, tree_fit

TREES = [
    Metric("trees", "delta", 0.25, 30),
    Metric("trees", "quartet-distance:nj", 0.4, 28, null_mean=0.667, null_sd=0.01, p=0.001, ci_low=0.3, ci_high=0.5),
    Metric("trees", "delta", 0.1, 30, source="char-ngrams"),
    Metric("glottolog", "nn1", 0.5, 30),
]
SUPPORT = [
    Metric("trees", "support:nj", 0.875, 30),
    Metric("trees", "full-support:nj", 0.5, 30),
    Metric("trees", "group-support:nj", 1.0, 6, level="branch Germanic"),
    Metric("trees", "group-support:nj", 0.75, 9, level="family Uralic"),
    Metric("trees", "group-support:nj", 1.0, 5, level="branch Old Norse"),
    Metric("trees", "group-support:ward", 0.0, 2, level="family Basque"),
]
CONFOUNDS = [
    Metric("confounds", "mantel-pearson:script", -0.5, 30, p=0.002),
    Metric("confounds", "mantel-pearson:uriel", 0.125, 20, p=0.0001),
    Metric("confounds", "mrm-r2", 0.25, 29, null_mean=0.005, p=0.01, ci_low=0.2, ci_high=0.3),
    Metric("confounds", "mrm-share:script", 0.05, 29),
    Metric("confounds", "mrm-share:geography", 0.2, 29, ci_low=0.15, ci_high=0.25),
    Metric("confounds", "mrm-alone:geography", 0.22, 29),
    Metric("confounds", "mrm-unique:geography", 0.1, 29, null_mean=0.01, p=0.03, ci_low=0.05, ci_high=0.15),
    Metric("confounds", "mantel-spearman:geography@within-script", 0.3, 20),
    Metric("confounds", "mantel-pearson:geography@Latn", 0.4, 15),
    Metric("confounds", "mrm-share:script", 0.9, 29, source="char-ngrams"),
]


def test_trees_stand_beside_baselines() -> None:
    table = tree_fit(TREES, 4)
    assert table.sources == ["char-ngrams"]
    delta, quartets = table.rows
    assert (delta.name, delta.tree, delta.value, delta.null, delta.others) == ("delta", "", "0.250", "", ["0.100"])
    assert (quartets.name, quartets.tree, quartets.interval) == (
        "quartet-distance",
        "neighbour joining",
        "0.300 to 0.500",
    )
    assert (quartets.null, quartets.p, quartets.others) == ("0.667", "0.001", [""])
    assert "chance" in quartets.meaning


def test_support_has_rows_and_its_groups_a_sentence_for_each_tree() -> None:
    table = tree_fit([*TREES, *SUPPORT], 4)
    assert [row.name for row in table.rows] == ["delta", "quartet-distance", "support", "full-support"]
    assert all(row.meaning for row in table.rows)
    assert table.groups == [
        "Families and branches that are clades of the tree (neighbour joining), and the number of trees without one "
        "replicate that also have them: Germanic, Old Norse (4 of 4); Uralic (3 of 4).",
        "Families and branches that are clades of the tree (Ward), and the number of trees without one replicate that "
        "also have them: Basque (0 of 4).",
    ]
    assert tree_fit(TREES, 4).groups == []


def test_confounds_by_scope_with_the_largest_share_first() -> None:
    whole, within, latin = confounds(CONFOUNDS)
    assert (whole.whole, whole.interval, whole.chance, whole.n) == ("25.0 %", "20.0 % to 30.0 %", "0.5 %", 29)
    assert [row.name for row in whole.predictors] == ["geography", "script", "uriel"]
    geography, script, uriel = whole.predictors
    assert (geography.alone, geography.unique, geography.share, geography.width) == ("22.0 %", "10.0 %", "20.0 %", 20)
    assert (geography.unique_interval, geography.unique_p) == ("5.0 % to 15.0 %", "0.030")
    assert geography.share_interval == "15.0 % to 25.0 %"
    assert (script.unique, script.unique_interval, script.unique_p, script.share_interval) == ("", "", "", "")
    assert "partial Mantel" in whole.caution and "Guillot & Rousset 2013" in whole.caution
    assert (within.caution, latin.caution) == ("", "")
    assert (script.pearson, script.p, script.share) == ("−0.500", "0.002", "5.0 %")
    assert (uriel.p, uriel.share, uriel.n) == ("< 0.001", "", 20)
    assert (within.whole, within.predictors[0].spearman) == ("", "0.300")
    assert latin.title == "Within the script Latn"


def test_runs_without_these_evaluators_have_neither() -> None:
    assert tree_fit(TREES[-1:], 4).rows == []
    assert confounds(TREES) == []
