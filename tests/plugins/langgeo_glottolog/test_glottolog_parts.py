"""Values alone on parts of the languages, the null within scripts, and near duplicates."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from pydantic import BaseModel
from test_glottolog_evaluator import evaluate, evaluation, random_case

from langgeo_clusterers.options import KMeansOptions
from langgeo_core.api import (
    DistanceMatrix,
    Evaluation,
    Incident,
    Language,
    LanguageTable,
    ResolvedConfig,
)
from langgeo_core.config.resolved import Chosen
from langgeo_core.config.schema import RunSettings
from langgeo_core.evaluation.clustering import cluster
from langgeo_core.plugins.registry import installed
from langgeo_embedders.options import TorgersonOptions
from langgeo_glottolog.evaluator import Glottolog
from langgeo_glottolog.options import GlottologOptions
from langgeo_labels.api import neighbour_agreement
from langgeo_labels.near_duplicates import one_of_each
from langgeo_labels.scripts import shuffles_within_scripts
from langgeo_statistics.api import SubsetEvaluator
from langgeo_statistics.comparisons import Excess, excess_over
from langgeo_statistics.language_subsets import among, restricted, values_on


def with_gaps() -> Evaluation:
    given = random_case(n=30)
    labels = tuple(None if index % 7 == 3 else label for index, label in enumerate(given.labels["branch"]))
    return replace(given, labels={"branch": labels})


def test_values_on_parts_are_those_of_the_parts_alone() -> None:
    given, rng = with_gaps(), np.random.default_rng(4)
    ids = [language.id for language in given.languages]
    parts = [ids, *(list(rng.choice(ids, size, replace=False)) for size in (20, 20, 15, 6, 2))]
    evaluator = Glottolog(GlottologOptions(levels=("branch",), permutations=1, subsamples=2))
    assert isinstance(evaluator, SubsetEvaluator)
    found = evaluator.values_on(given, parts)
    for index, part in enumerate(parts):
        rows = {row.question: row.value for row in evaluator.evaluate(restricted(given, part))}
        mine = {key: values[index] for key, values in found.items() if np.isfinite(values[index])}
        assert {key: mine[key] for key in rows} == pytest.approx(rows, abs=1e-12)


def test_a_part_without_labels_has_no_values() -> None:
    given = with_gaps()
    lost = [language.id for language, label in zip(given.languages, given.labels["branch"], strict=True) if not label]
    evaluator = Glottolog(GlottologOptions(levels=("branch",)))
    assert all(np.isnan(values).all() for values in evaluator.values_on(given, [lost]).values())


def test_labels_that_follow_the_script_do_not_exceed_it() -> None:
    rng = np.random.default_rng(0)
    points = rng.normal(size=(40, 2)) + np.repeat([[0, 0], [30, 0]], 20, axis=0)
    given = evaluation(points, ["a"] * 20 + ["b"] * 20, {"kmeans": [[0] * 20 + [1] * 20]})
    scripts = ["Latn"] * 20 + ["Cyrl"] * 20
    languages = tuple(replace(one, script=script) for one, script in zip(given.languages, scripts, strict=True))
    row = evaluate(replace(given, languages=languages))["branch", "kmeans", "ari"]
    assert row.p == 0.01 and (row.extras["script_p"], row.extras["script_null_mean"]) == (1.0, 1.0)
    assert "script_p" not in evaluate(given)["branch", "kmeans", "ari"].extras


def test_shuffles_within_keep_every_script_in_its_place() -> None:
    scripts = ["Latn", "Hans", "Latn", "Grek", "Hant", "Latn"]
    orders = shuffles_within_scripts(scripts, 200, np.random.default_rng(0))
    assert orders is not None
    assert set(orders[:, 3]) == {3} and set(orders[:, 1]) == {1, 4} and set(orders[:, 0]) == {0, 2, 5}
    assert (np.sort(orders, axis=1) == np.arange(6)).all()
    assert shuffles_within_scripts(["Latn", "Grek"], 5, np.random.default_rng(0)) is None
    assert shuffles_within_scripts(["", "", ""], 5, np.random.default_rng(0)) is None


def test_one_variety_of_each_language_is_kept() -> None:
    names = ("bos", "hrv", "srp", "nob", "nno", "hin", "urd", "ind", "zlm", "cmn_Hans", "cmn_Hant", "swe", "dan", "pan")
    languages, _ = LanguageTable().resolve(names)
    assert one_of_each(languages) == {"bos", "nno", "hin", "ind", "cmn_Hans", "swe", "dan", "pan"}
    assert one_of_each([Language("aaa", "aaa"), Language("bbb", "bbb")]) == {"aaa", "bbb"}


@pytest.mark.parametrize(("names", "kept"), [(("bos", "hbs", "hrv", "deu"), {"bos", "deu"}), (("lvs", "ltg"), {"ltg"})])
def test_a_dialect_is_of_the_language_above_other_dialects(names: tuple[str, ...], kept: set[str]) -> None:
    languages, _ = LanguageTable().resolve(names)
    assert one_of_each(languages) == kept


def test_the_value_without_near_duplicates_is_that_of_the_others() -> None:
    given = random_case()
    twice = [replace(one, glottocode="same1234" if index < 3 else "") for index, one in enumerate(given.languages)]
    rows = evaluate(replace(given, languages=tuple(twice)))
    kept = [language.id for index, language in enumerate(given.languages) if index not in (1, 2)]
    alone = evaluate(restricted(given, kept))
    for key, row in rows.items():
        assert (row.extras["distinct"], row.extras["distinct_n"]) == (pytest.approx(alone[key].value, abs=1e-12), 38)
    assert "distinct" not in evaluate(given)["branch", "", "nn1"].extras


def test_three_neighbours_by_hand() -> None:
    distances = np.abs(np.subtract.outer([0.0, 1, 3, 10], [0.0, 1, 3, 10]))
    # of two classes of two, one neighbour each can be of the class: it is for 0 and 1, and for 3 but not for 2
    assert neighbour_agreement(distances, np.array([0, 0, 1, 1]), 2) == 3 / 4
    tied = np.array([[0.0, 1, 1, 1], [1, 0, 2, 2], [1, 2, 0, 2], [1, 2, 2, 0]])
    # 0 has each of three neighbours for 2/3; 1 has 0, and 2 and 3 for a half each; so has 2; 3 is alone in its class.
    assert neighbour_agreement(tied, np.array([0, 0, 0, 1]), 2) == pytest.approx((4 / 3 + 1.5 + 1.5) / 2 / 3)
    assert neighbour_agreement(np.zeros((2, 2)), np.array([0, 0]), 5) == 1


def test_the_excess_over_itself_is_nothing_and_over_noise_is_something() -> None:
    rng = np.random.default_rng(1)
    labels = ["a", "b"] * 20
    clear = evaluation(rng.normal(size=(40, 2)) + np.tile([[0, 0], [30, 0]], (20, 1)), labels, {})
    noise = evaluation(rng.normal(size=(40, 2)), labels, {})
    same = {excess.question[3]: excess.difference for excess in excesses(clear, {"same": clear})["same"]}
    assert {one.delta for one in same.values()} == {0.0} and {one.p for one in same.values()} == {1.0}
    found = {excess.question[3]: excess for excess in excesses(clear, {"noise": noise})["noise"]}
    assert found["nn1"].difference.low > 0 and found["nn1"].n == 40


def test_each_baseline_is_compared_on_the_languages_that_it_has() -> None:
    rng = np.random.default_rng(1)
    clear, noise = (evaluation(rng.normal(size=(40, 2)), ["a", "b"] * 20, {}) for _ in range(2))
    fewer = restricted(noise, noise.distances.ids[:30])
    together = excesses(clear, {"noise": noise, "fewer": fewer, "again": noise})
    assert {name: rows[0].n for name, rows in together.items()} == {"noise": 40, "fewer": 30, "again": 40}
    for name, baseline in (("noise", noise), ("fewer", fewer), ("again", noise)):
        assert together[name] == excesses(clear, {name: baseline})[name]


def test_a_run_is_not_unlike_itself_where_it_has_more_languages() -> None:
    """More languages have more classes, hence more clusters; on the shared ones both are clustered alike."""
    rng = np.random.default_rng(3)
    labels = [*np.repeat(["a", "b", "c"], 12), "d", "e", "f", "g"]
    whole = evaluation(rng.normal(size=(40, 2)) * 3, labels, {})
    clustered = replace(whole, clusterings=tuple(cluster(CONFIG, whole.embedding, whole.labels)))
    fewer = among(CONFIG, clustered, whole.distances.ids[:36])
    assert {(one.k, len(one.ids)) for one in clustered.clusterings} == {(7, 40)}
    assert {(one.k, len(one.ids)) for one in fewer.clusterings} == {(3, 36)}
    rows = excesses(clustered, {"fewer": fewer})["fewer"]
    assert {"ari", "purity", "nn1", "map", "map-by-class"} <= {excess.question[3] for excess in rows}
    assert {(excess.n, excess.difference.delta) for excess in rows} == {(36, 0.0)}
    assert among(CONFIG, clustered, sorted(whole.distances.ids, reverse=True)) is clustered


def test_languages_that_cannot_be_placed_alone_are_noted() -> None:
    rng = np.random.default_rng(3)
    whole, noise = (evaluation(rng.normal(size=(8, 2)), ["a", "b"] * 4, {}) for _ in range(2))
    distances = whole.distances.values.copy()
    distances[0, 1] = distances[1, 0] = np.nan
    holes = replace(whole, distances=DistanceMatrix(whole.distances.ids, distances))
    incidents: list[Incident] = []
    few = restricted(noise, whole.distances.ids[:6])
    assert set(excess_over(CONFIG, holes, {"all": noise, "few": few}, incidents)) == {"all"}
    assert "no comparison of the run with the baseline few on the languages of both" in incidents[0].message


def chosen(kind: str, name: str, options: BaseModel | None = None) -> Chosen:
    entry = installed().get(kind, name)
    return Chosen(kind, name, entry.component, entry.origin, options)


CONFIG = ResolvedConfig(
    RunSettings(name="x", languages=("deu",)),
    {
        "embedders": (chosen("embedders", "torgerson", TorgersonOptions()),),
        "clusterers": (chosen("clusterers", "kmeans", KMeansOptions(seeds=2)),),
        "evaluators": (chosen("evaluators", "glottolog", GlottologOptions(levels=("branch",))),),
    },
)


def excesses(run: Evaluation, baselines: dict[str, Evaluation]) -> dict[str, list[Excess]]:
    incidents: list[Incident] = []
    found = excess_over(CONFIG, run, baselines, incidents)
    assert not incidents
    return found


class EvaluateAlone:
    """The evaluator without `values_on`, as one of a third party may be."""

    def __init__(self, options: GlottologOptions) -> None:
        self.evaluate = Glottolog(options).evaluate


def test_an_evaluator_without_values_alone_is_called_on_each_part() -> None:
    given = with_gaps()
    ids = [language.id for language in given.languages]
    parts = [ids, ids[:20], ids[5:]]
    glottolog = CONFIG.choices["evaluators"][0]
    without = replace(glottolog, component=replace(glottolog.component, factory=f"{__name__}:EvaluateAlone"))
    quick, slow = (values_on([one], given, parts) for one in (glottolog, without))
    assert set(quick) == set(slow)
    for key, values in slow.items():
        np.testing.assert_allclose(quick[key], values, atol=1e-12)
