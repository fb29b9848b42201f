"""The evaluator on a finished run: its figures are those that a run of the part alone would have."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tiny_run import NO_PICTURES, Finished, Langgeo, two_corpora

from langgeo_core.api import Evaluation, Metric, Run, config_of, make_plan
from langgeo_core.evaluation.clustering import evaluation, labels_for
from langgeo_core.evaluation.network_distances import network_parts
from langgeo_layers.evaluator import Layers
from langgeo_layers.options import LayersOptions

QUICK = {"permutations": 19, "subsamples": 4, "seeds": 1, "splits": 3, "steps": 2}
MODEL = "huggingface"


def given(folder: Path) -> Evaluation:
    """What the stage evaluate gives evaluators of a finished run."""
    run = Run(folder)
    plan = make_plan(config_of({"registry": None}, str(folder / "config.yaml"), (), None))
    labels = labels_for(plan, run.distances.ids)
    whole = evaluation(plan, run.distances, run.embedding, run.clusterings, labels)
    return replace(whole, parts=network_parts(run, plan))


def by_question(metrics: list[Metric]) -> dict[tuple[str, str, str], Metric]:
    return {(metric.metric, metric.level, metric.clusterer): metric for metric in metrics}


@pytest.fixture(scope="module")
def judged(whole_run: Finished) -> dict[tuple[str, str, str], Metric]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LANGGEO_CACHE", str(whole_run.cache))
        return by_question(Layers(LayersOptions(**QUICK)).evaluate(given(whole_run.folder)))


def test_the_whole_network_has_the_distances_of_the_run(whole_run: Finished, cache: Path):
    run = given(whole_run.folder)
    assert run.parts is not None
    matrices = run.parts.models[MODEL]
    found = run.parts.distances(MODEL, np.ones(len(matrices), dtype=bool))
    assert found.ids == run.distances.ids
    np.testing.assert_array_equal(found.values, run.distances.values)


def test_rows_of_every_part(judged: dict[tuple[str, str, str], Metric]):
    names = {name for name, _, _ in judged}
    assert {f"nn1:layer-{layer}" for layer in (0, 1)} < names
    assert {"ami:module-mlp.down_proj", "ari-lost:module-mlp.down_proj", "nn1:depth-0.25-0.50"} < names
    assert "nn1:matrix-1-mlp.down_proj" in names
    assert "ami:matrix-1-mlp.down_proj" not in names, "clusters of every matrix would take too long"
    assert all(metric.p is not None for (name, _, _), metric in judged.items() if name.startswith("nn1:layer"))


def test_a_layer_alone_is_what_a_run_of_that_layer_finds(
    judged: dict[tuple[str, str, str], Metric], own_run: Finished, langgeo: Langgeo
):
    words = ["parts.layers=1", "clusterers.kmeans.seeds=1", NO_PICTURES, "--from", "compare", "--out", own_run.folder]
    assert langgeo("run", own_run.folder / "config.yaml", *words).code == 0
    metrics = {metric.question[1:]: metric for metric in Run(own_run.folder).metrics if metric.source == "run"}
    levels = [("branch", "", "nn1"), ("branch", "kmeans", "ari"), ("family", "kmeans", "ami")]
    for level, clusterer, figure in levels:
        assert judged[f"{figure}:layer-1", level, clusterer].value == metrics[level, clusterer, figure].value


def test_what_is_lost_is_the_difference_to_the_rest(judged: dict[tuple[str, str, str], Metric]):
    """With two layers, the network without one is the other."""
    for figure, clusterer in (("nn1", ""), ("ari", "kmeans"), ("ami", "kmeans")):
        whole = judged[f"{figure}:whole", "branch", clusterer].value
        for layer, other in ((0, 1), (1, 0)):
            lost = judged[f"{figure}-lost:layer-{layer}", "branch", clusterer]
            assert lost.value == pytest.approx(whole - judged[f"{figure}:layer-{other}", "branch", clusterer].value)
            assert lost.n == judged["ami:whole", "branch", "kmeans"].n


def test_the_greedy_choice_has_both_promise_and_what_others_keep(judged: dict[tuple[str, str, str], Metric]):
    kept, whole, gain = (judged[f"nn1-greedy-{name}:layers", "branch", ""] for name in ("kept", "whole", "gain"))
    assert gain.value == pytest.approx(kept.value - whole.value)
    assert gain.ci_low is not None and gain.ci_high is not None and gain.ci_low <= gain.value <= gain.ci_high
    assert 1 <= judged["greedy-steps:modules", "branch", ""].value <= QUICK["steps"]
    taken = [judged[f"greedy-taken:layer-{layer}", "branch", ""].value for layer in (0, 1)]
    assert sum(taken) == pytest.approx(judged["greedy-steps:layers", "branch", ""].value)


def test_a_run_restricted_to_parts_still_shows_the_whole_network(own_run: Finished, langgeo: Langgeo):
    words = ["parts.modules=down_proj", NO_PICTURES, "--from", "compare", "--out", own_run.folder]
    added = ["evaluators=[glottolog, {name: layers, kinds: layers, splits: 0, permutations: 9, figures: nn1}]"]
    assert langgeo("run", own_run.folder / "config.yaml", *words, *added).code == 0
    metrics = [metric for metric in Run(own_run.folder).metrics if metric.evaluator == "layers"]
    assert {metric.source for metric in metrics} == {"run"}, "baselines have no layers"
    wanted = {"nn1:whole", "nn1:layer-0", "nn1:layer-1", "nn1-lost:layer-0", "nn1-lost:layer-1"}
    assert {metric.metric for metric in metrics} == wanted


def test_two_corpora_are_aggregated_for_every_part(
    langgeo: Langgeo, tiny_config: Path, text_folder: Path, tmp_path: Path
):
    config = two_corpora(tiny_config, text_folder, tmp_path / "two.yaml")
    words = ["aggregator.weights={huggingface--second: 3}", NO_PICTURES, "calibration.tokens=64"]
    assert langgeo("run", config, *words, "--out", tmp_path / "run").code == 0
    run = given(tmp_path / "run")
    assert run.parts is not None
    chosen = np.array([matrix.layer == 0 for matrix in run.parts.models[MODEL]])
    both = [run.parts.distances(MODEL, mask).values for mask in (chosen, ~chosen, chosen | True)]
    np.testing.assert_allclose(both[2], run.distances.values, rtol=1e-12)
    assert not np.allclose(both[0], both[1])


def test_parts_are_transformed_as_the_run_is(own_run: Finished, langgeo: Langgeo):
    words = ["transforms=[rank]", NO_PICTURES, "--from", "aggregate", "--out", own_run.folder]
    assert langgeo("run", own_run.folder / "config.yaml", *words).code == 0
    run = given(own_run.folder)
    assert run.parts is not None
    first = np.array([matrix.layer == 0 for matrix in run.parts.models[MODEL]])
    np.testing.assert_array_equal(run.parts.distances(MODEL, first | True).values, run.distances.values)
    upper = np.triu_indices(len(run.languages), 1)
    ranks = run.parts.distances(MODEL, first).values[upper]
    assert ranks.mean() == pytest.approx(run.distances.values[upper].mean()), "ranks of as many pairs"
    assert not np.array_equal(ranks, run.distances.values[upper])


def test_what_a_transform_logs_is_logged_once(own_run: Finished, langgeo: Langgeo):
    words = ["transforms=[{name: whiten, axes: 2}]", NO_PICTURES, "--from", "aggregate", "--out", own_run.folder]
    added = ["evaluators=[glottolog, {name: layers, splits: 1, permutations: 9}]"]
    before = (own_run.folder / "run.log").read_text(encoding="utf-8")
    assert langgeo("run", own_run.folder / "config.yaml", *words, *added).code == 0
    after = (own_run.folder / "run.log").read_text(encoding="utf-8").removeprefix(before)
    assert after.count("whiten: ") == 1


def test_languages_that_nothing_tells_apart_are_no_failure(own_run: Finished, langgeo: Langgeo):
    """The magnitude of weights is the same in every language."""
    words = ["scorer=magnitude", NO_PICTURES, "evaluators=[glottolog, {name: layers, splits: 2, permutations: 9}]"]
    assert (
        langgeo("run", own_run.folder / "config.yaml", *words, "--from", "compare", "--out", own_run.folder).code == 0
    )
    metrics = by_question([metric for metric in Run(own_run.folder).metrics if metric.evaluator == "layers"])
    assert metrics["nn1-lost:layer-0", "branch", ""].value == 0
    assert metrics["nn1-greedy-gain:layers", "branch", ""].value == 0
    refused = langgeo("explain", own_run.folder, "deu", "eng")
    assert refused.code == 2
    assert "has a distance between deu and eng" in refused.err


def test_distances_without_a_network_have_no_rows(whole_run: Finished, cache: Path):
    run = replace(given(whole_run.folder), parts=None)
    assert Layers(LayersOptions()).evaluate(run) == []
    assert Layers(LayersOptions()).values_on(run, [run.distances.ids]) == {}


def test_a_level_that_is_not_there_is_one_message(own_run: Finished, langgeo: Langgeo):
    words = ["evaluators=[glottolog, {name: layers, levels: depth-3}]", "--from", "cluster", "--out", own_run.folder]
    refused = langgeo("run", own_run.folder / "config.yaml", *words)
    assert refused.code == 2
    assert "the evaluator layers has no classes of the level depth-3" in refused.err
    assert "existing levels: family, branch" in refused.err
