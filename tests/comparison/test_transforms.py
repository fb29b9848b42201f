"""Transforms in a run: what they are given, what they leave, and which distances are transformed."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tiny_run import (
    LANGUAGES,
    NO_PICTURES,
    Finished,
    Langgeo,
    incidents,
    made_up_text,
    record_of,
    rows,
    two_corpora,
)

from langgeo_core.api import (
    DistanceMatrix,
    LanggeoError,
    Language,
    LanguageTable,
    Run,
    build_component,
    write_distances,
)
from langgeo_core.comparison.transforms import transformed, transformed_replicates
from langgeo_core.config.resolved import Chosen
from langgeo_core.contract.records import Origin, Transform
from langgeo_core.storage.schema import read_distances
from langgeo_statistics.other_distances import of_layers

WHITE = "transforms=[{name: whiten, share: 0.5}]"
KNOWN = tuple(map(LanguageTable().lookup, LANGUAGES))


def chosen(name: str) -> Chosen:
    reference = f"langgeo_transforms.scaling:{name}"
    return Chosen("transforms", name, Transform(name, "", reference), Origin("langgeo", "0", "langgeo_transforms"))


def random_matrix(ids: tuple[str, ...], seed: int = 0) -> DistanceMatrix:
    values = np.triu(np.random.default_rng(seed).uniform(1, 2, size=(len(ids), len(ids))), 1)
    return DistanceMatrix(ids, values + values.T)


def whitened(matrix: DistanceMatrix) -> DistanceMatrix:
    found: DistanceMatrix = build_component("transforms", {"name": "whiten", "share": "0.5"}).transform(
        matrix, [LanguageTable().lookup(one.partition("/")[0]) for one in matrix.ids]
    )
    return found


# By themselves


def test_one_after_the_other() -> None:
    matrix = random_matrix(LANGUAGES)
    found = transformed([chosen("Rank"), chosen("SquareRoot")], matrix, KNOWN)
    other = transformed([chosen("SquareRoot"), chosen("Rank")], matrix, KNOWN)
    np.testing.assert_allclose(found.values**2, other.values)
    assert transformed([], matrix, KNOWN) is matrix


class Careless:
    def transform(self, distances: DistanceMatrix, languages: object) -> DistanceMatrix:
        return distances.subset(distances.ids[1:])


def test_a_transform_that_loses_a_language_is_named_with_its_owner(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("langgeo_transforms.scaling.Rank", Careless)
    with pytest.raises(LanggeoError, match="the transform Rank returned distances of other languages") as caught:
        transformed([chosen("Rank")], random_matrix(LANGUAGES), KNOWN)
    assert "langgeo_transforms of langgeo 0" in caught.value.hint


def test_each_half_is_transformed_as_a_run_of_it_would_be() -> None:
    ids = tuple(f"{language}/{half}" for language in LANGUAGES for half in (0, 1))
    halves = random_matrix(ids)
    found = transformed_replicates([chosen("Rank")], halves, KNOWN)
    assert found.ids == ids
    together = transformed([chosen("Rank")], halves, [_renamed(one) for one in ids])
    for half in (0, 1):
        own = [one for one in ids if one.endswith(f"/{half}")]
        alone = transformed([chosen("Rank")], halves.subset(own), [_renamed(one) for one in own])
        np.testing.assert_array_equal(found.subset(own).values, alone.values)
    first, second = np.arange(0, 16, 2), np.arange(1, 16, 2)
    between = np.ix_(first, second)
    np.testing.assert_array_equal(found.values[between], together.values[between])
    assert transformed_replicates([], halves, KNOWN).values.tolist() == halves.values.tolist()


def _renamed(identifier: str) -> Language:
    return replace(LanguageTable().lookup(identifier.partition("/")[0]), id=identifier)


# In a run


def test_a_run_keeps_what_was_transformed(own_run: Finished, langgeo: Langgeo) -> None:
    before = Run(own_run.folder).distances
    assert not (own_run.folder / "aggregated.csv").exists()
    done = langgeo("run", own_run.config, WHITE, NO_PICTURES, "--from", "aggregate", "--out", own_run.folder)
    assert done.code == 0, done.err
    run = Run(own_run.folder)
    np.testing.assert_array_equal(run.aggregated.values, before.values)
    np.testing.assert_array_equal(run.distances.values, whitened(before).values)
    (component,) = run.record["components"]["transforms"]
    assert (component["name"], component["pairwise"], component["options"]["share"]) == ("whiten", False, 0.5)
    assert run.record["status"] == "done"
    assert "whiten: 4 of 7 axes" in (own_run.folder / "run.log").read_text(encoding="utf-8")
    again = langgeo("run", own_run.config, NO_PICTURES, "--from", "aggregate", "--out", own_run.folder)
    assert again.code == 0, again.err
    assert not (own_run.folder / "aggregated.csv").exists()
    np.testing.assert_array_equal(Run(own_run.folder).aggregated.values, before.values)


def test_another_transform_begins_with_aggregate(own_run: Finished, langgeo: Langgeo) -> None:
    refused = langgeo("run", own_run.config, WHITE, NO_PICTURES, "--from", "embed", "--out", own_run.folder)
    assert refused.code == 2
    assert "transforms changed: that takes effect at aggregate, before embed" in refused.err
    assert "use --from aggregate" in refused.err


def test_options_are_set_by_the_transform_s_name(own_run: Finished, langgeo: Langgeo, tmp_path: Path) -> None:
    words = ["transforms=[sqrt, whiten]", "transforms.whiten.share=0.5", "transforms.whiten.power=0", NO_PICTURES]
    done = langgeo("run", own_run.config, *words, "--out", tmp_path / "out")
    assert done.code == 0, done.err
    options = {one["name"]: one["options"] for one in record_of(tmp_path / "out")["components"]["transforms"]}
    assert options == {"sqrt": {}, "whiten": {"axes": 30, "share": 0.5, "power": 0.0}}


def test_replicates_of_texts_are_transformed_too(own_run: Finished, langgeo: Langgeo, tmp_path: Path) -> None:
    words = ["reliability.replicates=2", NO_PICTURES]
    done = langgeo("-q", "run", own_run.config, *words, "--out", tmp_path / "plain")
    assert done.code == 0, done.err
    shutil.copytree(tmp_path / "plain", tmp_path / "white")
    done = langgeo("-q", "run", own_run.config, WHITE, *words, "--from", "aggregate", "--out", tmp_path / "white")
    assert done.code == 0, done.err
    plain, white = (read_distances(tmp_path / name / "replicates" / "distances.csv") for name in ("plain", "white"))
    for half in (0, 1):
        own = [one for one in plain.ids if one.endswith(f"/{half}")]
        np.testing.assert_allclose(white.subset(own).values, whitened(plain.subset(own)).values, atol=1e-12)
    assert len(rows(tmp_path / "white" / "reliability.csv")) == 8


def test_distances_of_a_file_can_be_transformed(own_run: Finished, langgeo: Langgeo, tmp_path: Path) -> None:
    words = [WHITE, NO_PICTURES, "--out", tmp_path / "out"]
    done = langgeo("-q", "evaluate", own_run.folder / "distances.csv", *words)
    assert done.code == 0, done.err
    run = Run(tmp_path / "out")
    np.testing.assert_array_equal(run.distances.values, whitened(Run(own_run.folder).distances).values)
    np.testing.assert_array_equal(run.aggregated.values, Run(own_run.folder).distances.values)


def test_the_config_of_a_transformed_run_does_not_transform_its_distances_again(
    own_run: Finished, langgeo: Langgeo, tmp_path: Path
) -> None:
    words = [WHITE, NO_PICTURES, "--from", "aggregate", "--out", own_run.folder]
    assert langgeo("-q", "run", own_run.config, *words).code == 0
    file, config = own_run.folder / "distances.csv", own_run.folder / "config.yaml"
    done = langgeo("-q", "evaluate", file, "--config", config, "--out", tmp_path / "again")
    assert done.code == 0, done.err
    assert (tmp_path / "again" / "distances.csv").read_bytes() == file.read_bytes()


def test_missing_pairs_are_one_sentence(own_run: Finished, langgeo: Langgeo, tmp_path: Path) -> None:
    matrix = Run(own_run.folder).distances
    values = matrix.values.copy()
    values[0, 1] = values[1, 0] = np.nan
    write_distances(tmp_path / "gaps.csv", DistanceMatrix(matrix.ids, values))
    refused = langgeo("-q", "evaluate", tmp_path / "gaps.csv", WHITE, "--out", tmp_path / "out")
    assert refused.code == 1
    assert "whiten needs every pair of languages, and these lack some: deu" in refused.err
    assert "Traceback" not in refused.err


def test_all_distances_zero_stay_a_result(langgeo: Langgeo, tmp_path: Path) -> None:
    write_distances(tmp_path / "zeros.csv", DistanceMatrix(LANGUAGES, np.zeros((8, 8))))
    for name in ("whiten", "centre", "local-scaling", "partial-out", "rank", "sqrt"):
        words = [f"transforms=[{{name: {name}{', confounds: geography' if name == 'partial-out' else ''}}}]"]
        words += ["evaluators.glottolog.permutations=9", "evaluators.glottolog.subsamples=4"]
        done = langgeo("-q", "evaluate", tmp_path / "zeros.csv", *words, NO_PICTURES, "--out", tmp_path / name)
        assert done.code == 0, done.err
        assert record_of(tmp_path / name)["status"] == "degenerate"


def test_the_support_of_trees_is_that_of_transformed_distances(own_run: Finished, langgeo: Langgeo) -> None:
    plain = [one.values for one in of_layers(Run(own_run.folder), 3, seed=0)]
    words = [WHITE, NO_PICTURES, "--from", "aggregate", "--out", own_run.folder]
    assert langgeo("-q", "run", own_run.config, *words).code == 0
    run = Run(own_run.folder)
    found = [one.values for one in of_layers(run, 3, seed=0)]
    expected = [whitened(DistanceMatrix(run.distances.ids, one)).values for one in plain]
    np.testing.assert_allclose(found, expected, atol=1e-12)


def test_a_baseline_may_be_transformed_beside_itself(own_run: Finished, langgeo: Langgeo) -> None:
    baselines = "baselines=[char-ngrams, {name: transformed, as: white, transforms: [{name: whiten, share: 0.5}]}]"
    done = langgeo("run", own_run.config, baselines, NO_PICTURES, "--from", "evaluate", "--out", own_run.folder)
    assert done.code == 0, done.err
    found = Run(own_run.folder).baselines
    np.testing.assert_array_equal(found["white"].values, whitened(found["char-ngrams"]).values)
    assert {"char-ngrams", "white"} <= {row["source"] for row in rows(own_run.folder / "metrics.csv")}
    assert "white" not in incidents(own_run.folder)


def test_variants_of_an_ablation_share_everything_before(own_run: Finished, langgeo: Langgeo, tmp_path: Path) -> None:
    words = ["transforms=[],[sqrt],[{name: whiten, share: 0.5}]", "--out", tmp_path / "ablation"]
    done = langgeo("-q", "ablate", own_run.config, *words)
    assert done.code == 0, done.err
    table = rows(tmp_path / "ablation" / "ablation.csv")
    assert {row["status"] for row in table} == {"ok"}
    assert len({row["variant"] for row in table}) == 3
    assert "aggregated.csv" in {file.name for file in (tmp_path / "ablation").rglob("*.csv")}


def test_a_confound_that_does_not_exist_is_told_before_anything_is_read(
    langgeo: Langgeo, tiny_config: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr("langgeo_hf.folder.FolderModel.load")
    words = ["transforms=[{name: partial-out, confounds: [scrpt]}]"]
    for done in (
        langgeo("run", tiny_config, *words, "--out", tmp_path / "out"),
        langgeo("validate", tiny_config, *words),
    ):
        assert done.code == 2
        assert "no baseline is named 'scrpt'" in done.err
    assert not (tmp_path / "out").exists()


# Transforms of replicates


WITHIN = ("scorer=activation-norm", "quantizer=log", "distance=l2", "transforms=[whiten-within]")


@pytest.fixture(scope="module")
def replicated(whole_run: Finished, tmp_path_factory: pytest.TempPathFactory) -> Finished:
    """The tiny run with four replicates of each text, whitened within languages; not to be changed."""
    from langgeo_core.cli import _exit_code

    folder = tmp_path_factory.mktemp("within")
    shutil.copytree(whole_run.cache, folder / "cache")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LANGGEO_CACHE", str(folder / "cache"))
        words = [*WITHIN, "reliability.replicates=4", "exporters=[trees, html]", "--out", str(folder / "run")]
        assert _exit_code(["-q", "run", str(whole_run.config), *words]) == 0
    return Finished(folder / "run", folder / "cache", whole_run.config)


@pytest.fixture
def own_replicated(replicated: Finished, tmp_path: Path, cache: Path) -> Finished:
    shutil.copytree(replicated.folder, tmp_path / "run")
    shutil.copytree(replicated.cache, cache)
    return Finished(tmp_path / "run", cache, replicated.config)


def test_distances_are_those_that_the_transform_makes_of_replicates(replicated: Finished) -> None:
    run = Run(replicated.folder)
    (member,) = run.matrices("replicates/*--*.csv").values()
    expected, among = build_component("transforms", "whiten-within").of_replicates({"": member})
    np.testing.assert_allclose(run.distances.values, expected.values, atol=1e-12)
    assert run.replicates is not None
    np.testing.assert_allclose(run.replicates.matrix.values, among.values, atol=1e-12)
    (whole,) = run.cell_distances.values()
    np.testing.assert_array_equal(run.aggregated.values, whole.values)
    assert "8 languages with 4 replicates, 24 degrees of freedom" in (run.path / "run.log").read_text(encoding="utf-8")
    assert len(rows(run.path / "reliability.csv")) == 8
    assert (run.path / "exports" / "trees").is_dir()


def test_bits_are_whitened_by_their_roots_and_later_transforms_follow(
    own_replicated: Finished, langgeo: Langgeo
) -> None:
    words = ["quantizer=median", "distance=hamming", "transforms=[whiten-within, rank]", NO_PICTURES]
    words += ["reliability.replicates=4", "scorer=activation-norm", "--from", "compare", "--out", own_replicated.folder]
    done = langgeo("-q", "run", own_replicated.config, *words)
    assert done.code == 0, done.err
    run = Run(own_replicated.folder)
    (member,) = run.matrices("replicates/*--*.csv").values()
    roots = DistanceMatrix(member.ids, np.sqrt(member.values))
    expected, among = build_component("transforms", "whiten-within").of_replicates({"": roots})
    ranked = transformed([chosen("Rank")], expected, KNOWN)
    np.testing.assert_allclose(run.distances.values, ranked.values, atol=1e-12)
    assert run.replicates is not None
    wanted = transformed_replicates([chosen("Rank")], among, KNOWN)
    np.testing.assert_allclose(run.replicates.matrix.values, wanted.values, atol=1e-12)


def test_variants_with_and_without_share_the_cells(own_replicated: Finished, langgeo: Langgeo, tmp_path: Path) -> None:
    words = [*WITHIN[:3], "reliability.replicates=4", NO_PICTURES, "evaluators=[glottolog, layers]"]
    choices = "transforms=[],[whiten-within],[{name: whiten-within, metric: mahalanobis, shrinkage: auto}]"
    done = langgeo("-q", "ablate", own_replicated.config, choices, *words, "--out", tmp_path / "ablation")
    assert done.code == 0, done.err
    assert {row["status"] for row in rows(tmp_path / "ablation" / "ablation.csv")} == {"ok"}
    assert "0 cells calibrated" in done.out
    explained = langgeo("explain", own_replicated.folder, "deu", "eng")
    assert "shares refer to the distance before the transforms whiten-within" in explained.out


def test_support_of_clades_is_that_of_replicates_alone(own_replicated: Finished, langgeo: Langgeo) -> None:
    words = [*WITHIN, "reliability.replicates=4", "--from", "report", "--out", own_replicated.folder]
    for support in ("layers", "cells"):
        refused = langgeo(
            "-q", "run", own_replicated.config, *words, f"exporters=[{{name: trees, support: {support}}}]"
        )
        assert refused.code == 2
        assert "support=none" in refused.err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "whiten-within reads replicates of the texts, and there are none\n    set reliability.replicates"),
        (["reliability.replicates=2", "transforms=[sqrt, whiten-within]"], "as they are measured\n    put it first"),
        (
            ["reliability.replicates=2", "transforms=[{name: whiten-within, align: lines}]"],
            "no lines of parallel texts\n    set reliability.each=line",
        ),
    ],
)
def test_what_whitening_needs_is_said_before_anything_is_read(
    langgeo: Langgeo, tiny_config: Path, tmp_path: Path, words: list[str], said: str
) -> None:
    for done in (
        langgeo("run", tiny_config, *WITHIN, *words, "--out", tmp_path / "out"),
        langgeo("validate", tiny_config, *WITHIN, *words),
    ):
        assert done.code == 2
        assert said in done.err
    assert not (tmp_path / "out").exists()


def test_distances_of_a_file_have_no_replicates(own_run: Finished, langgeo: Langgeo, tmp_path: Path) -> None:
    file = own_run.folder / "distances.csv"
    refused = langgeo("-q", "evaluate", file, "transforms=[whiten-within]", "--out", tmp_path / "out")
    assert refused.code == 2
    assert "a file of distances has none" in refused.err


@pytest.mark.parametrize("ensemble", ["together", "apart"])
def test_several_corpora_are_whitened_together_or_apart(
    langgeo: Langgeo, own_replicated: Finished, tmp_path: Path, ensemble: str
) -> None:
    config = two_corpora(own_replicated.config, other_texts(tmp_path / "other"), tmp_path / "two.yaml")
    chosen_one = f"transforms=[{{name: whiten-within, ensemble: {ensemble}}}]"
    words = [*WITHIN[:3], chosen_one, "reliability.replicates=4", NO_PICTURES]
    done = langgeo("-q", "run", config, *words, "--out", tmp_path / "out")
    assert done.code == 0, done.err
    run = Run(tmp_path / "out")
    members = run.matrices("replicates/*--*.csv")
    assert len(members) == 2
    transform = build_component("transforms", {"name": "whiten-within", "ensemble": ensemble})
    np.testing.assert_allclose(run.distances.values, transform.of_replicates(members)[0].values, atol=1e-12)


def other_texts(folder: Path) -> Path:
    folder.mkdir()
    for language in ("deu", "eng", "fra", "ita"):
        (folder / f"{language}.txt").write_text(made_up_text(language)[::-1].strip(), encoding="utf-8")
    return folder
