"""The evaluators in a run, and the files that the exporter makes of it."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import numpy as np
import pytest
import skbio
from tiny_run import LANGUAGES, Finished, Langgeo, rows, two_corpora

from langgeo_core.api import Evaluation, Run, UserError
from langgeo_core.cli import _exit_code
from langgeo_statistics.confounds import Confounds
from langgeo_statistics.options import ConfoundsOptions
from langgeo_statistics.other_distances import of_cells, of_layers, of_replicates
from langgeo_statistics.trees import neighbour_joining
from langgeo_testing import seal_run

LITTLE = "permutations: 9, subsamples: 2"
EVALUATORS = f"evaluators=[{{name: trees, {LITTLE}}}, {{name: confounds, {LITTLE}}}]"
BASELINES = "baselines=[char-ngrams, byte-length, fertility, glottolog-tree]"


@pytest.fixture(scope="module")
def evaluated(whole_run: Finished, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The finished run with both evaluators and four baselines; not to be changed."""
    folder = tmp_path_factory.mktemp("evaluated")
    shutil.copytree(whole_run.folder, folder / "run")
    shutil.copytree(whole_run.cache, folder / "cache")
    words = [str(whole_run.config), EVALUATORS, BASELINES, "--from", "cluster", "--out", str(folder / "run")]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LANGGEO_CACHE", str(folder / "cache"))
        assert _exit_code(["-q", "run", *words]) == 0
    return folder / "run"


def test_an_evaluator_sees_the_baselines_of_the_run_but_not_those_of_a_baseline(evaluated: Path) -> None:
    found = {(row["source"], row["metric"]): row for row in rows(evaluated / "metrics.csv")}
    for name in ("char-ngrams", "byte-length", "glottolog-tree", "geography"):
        assert found["run", f"mantel-pearson:{name}"]["n"] == "8"
        assert ("run", f"mrm-share:{name}") in found
    assert ("byte-length", "mantel-pearson:geography") in found
    assert ("byte-length", "mantel-pearson:char-ngrams") not in found
    assert float(found["glottolog-tree", "quartet-distance:upgma"]["value"]) == pytest.approx(0, abs=1e-9)


def test_the_run_is_compared_with_each_baseline_on_the_same_languages(evaluated: Path) -> None:
    """Shares too: beside a baseline both have the same predictors, which are the three facts."""
    run, found = Run(evaluated), {}
    for row in rows(evaluated / "comparisons.csv"):
        found[row["baseline"], row["metric"]] = float(row["delta"])
    names = {metric for _, metric in found}
    assert {"quartet-distance:nj", "triplet-agreement:upgma", "delta", "mantel-spearman:geography"} <= names
    assert not any("char-ngrams" in name for name in names)
    whole = {(row.source, row.metric): row.value for row in run.metrics}
    for metric in ("quartet-distance:nj", "mrm-alone:geography"):
        assert found["byte-length", metric] == pytest.approx(whole["run", metric] - whole["byte-length", metric])
    share = "mrm-share:geography"
    assert found["byte-length", share] == pytest.approx(share_of_facts(run) - whole["byte-length", share])


def share_of_facts(run: Run) -> float:
    """The share of `geography` in the run's distances among the facts alone."""
    given = Evaluation(run.languages, run.distances, run.embedding, (), {}, 0)
    chosen = Confounds(ConfoundsOptions(permutations=1, subsamples=2))
    return next(row.value for row in chosen.evaluate(given) if row.metric == "mrm-share:geography")


def test_a_mistyped_predictor_is_one_sentence(langgeo: Langgeo, own_run: Finished) -> None:
    evaluators = f"evaluators=[{{name: confounds, predictors: [texts], {LITTLE}}}]"
    done = langgeo("-q", "run", own_run.config, evaluators, BASELINES, "--from", "cluster", "--out", own_run.folder)
    assert done.code == 2
    assert "no distances for texts" in done.err
    assert "Traceback" not in done.err


def test_the_files_of_the_exporter(langgeo: Langgeo, own_run: Finished) -> None:
    done = langgeo("export", own_run.folder, "--format", "trees")
    assert done.code == 0, done.err
    folder = own_run.folder / "exports" / "trees"
    assert {file.name for file in folder.iterdir()} == {"nj.nwk", "ward.nwk", "glottolog.nwk", "trees.nex"}
    run = Run(own_run.folder)
    read = skbio.TreeNode.read([(folder / "nj.nwk").read_text()])
    expected = neighbour_joining(run.distances.values, run.distances.ids)
    np.testing.assert_allclose(read.cophenet().filter(run.distances.ids).data, expected.paths, atol=1e-9)
    assert {tip.name for tip in skbio.TreeNode.read([(folder / "glottolog.nwk").read_text()]).tips()} == set(LANGUAGES)
    shares = [float(label) for label in re.findall(r"\)([\d.]+):", (folder / "nj.nwk").read_text())]
    assert shares
    assert all(0 <= share <= 1 for share in shares)
    assert "TREE ward = [&R] (" in (folder / "trees.nex").read_text()


def test_halves_of_the_layers_add_up_to_the_whole(whole_run: Finished) -> None:
    """Two layers of the same size: the means of the two halves are the run's own distances, up to scale."""
    run = Run(whole_run.folder)
    drawn = {replicate.values.tobytes(): replicate.values for replicate in of_layers(run, 20, seed=0)}
    assert len(drawn) == 2
    upper = np.triu_indices(len(LANGUAGES), 1)
    whole = run.distances.values[upper]
    design = np.column_stack([values[upper] for values in drawn.values()])
    weights, residual, *_ = np.linalg.lstsq(design, whole, rcond=None)
    assert (weights > 0).all()
    assert residual[0] < 1e-20


def test_a_run_over_some_modules_is_halved_over_these(langgeo: Langgeo, own_run: Finished) -> None:
    """Both halves add up to the run's own distances, which other modules have no part in."""
    parts = ("parts.modules=down_proj", "--from", "compare", "--out")
    assert langgeo("-q", "run", own_run.config, *parts, own_run.folder).code == 0
    run = Run(own_run.folder)
    drawn = {replicate.values.tobytes(): replicate.values for replicate in of_layers(run, 20, seed=0)}
    upper = np.triu_indices(len(LANGUAGES), 1)
    design = np.column_stack([values[upper] for values in drawn.values()])
    assert np.linalg.lstsq(design, run.distances.values[upper], rcond=None)[1][0] < 1e-20
    assert langgeo("-q", "run", own_run.config, "parts.layers=0", "--out", own_run.folder, "--overwrite").code == 0
    with pytest.raises(UserError, match="single layer"):
        list(of_layers(Run(own_run.folder), 1, seed=0))


def test_cells_need_two_with_all_languages(
    langgeo: Langgeo, whole_run: Finished, tmp_path: Path, tiny_config: Path, text_folder: Path
) -> None:
    with pytest.raises(UserError, match="has 1 models and corpora"):
        list(of_cells(Run(whole_run.folder)))
    config = two_corpora(tiny_config, text_folder, tmp_path / "two.yaml")
    assert langgeo("-q", "run", config, "--out", tmp_path / "two").code == 0
    cells = list(of_cells(Run(tmp_path / "two")))
    assert [cell.ids for cell in cells] == [Run(tmp_path / "two").distances.ids] * 2
    done = langgeo("export", tmp_path / "two", "--format", "trees", "support=cells", "trees=[upgma]")
    assert done.code == 0, done.err
    assert (tmp_path / "two" / "exports" / "trees" / "upgma.nwk").is_file()


def test_replicates_are_made_by_the_aggregator_of_the_run(
    langgeo: Langgeo, tmp_path: Path, tiny_config: Path, text_folder: Path
) -> None:
    config = two_corpora(tiny_config, text_folder, tmp_path / "two.yaml")
    words = ["aggregator=rank-mean", "transforms=[sqrt]"]
    assert langgeo("-q", "run", config, *words, "--out", tmp_path / "ranks").code == 0
    run = Run(tmp_path / "ranks")
    pairs = len(run.distances.ids) * (len(run.distances.ids) - 1) // 2
    for matrix in (*of_cells(run), *of_layers(run, 3, seed=0)):
        ranks = pairs * matrix.values[np.triu_indices(len(matrix.ids), 1)] ** 2
        np.testing.assert_allclose(2 * ranks, np.round(2 * ranks), atol=1e-9)  # means of two ranks
        assert ranks.max() <= pairs
    weights = "aggregator={name: mean, weights: {huggingface--second: 3}}"
    assert langgeo("-q", "run", config, weights, "--out", tmp_path / "weighted").code == 0
    assert len(list(of_cells(Run(tmp_path / "weighted")))) == 2


def test_replicates_of_the_text_come_before_layers(langgeo: Langgeo, own_run: Finished, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="fewer than three replicates"):
        of_replicates(Run(own_run.folder))
    folder = tmp_path / "replicates"
    trees = f"evaluators=[{{name: trees, {LITTLE}}}]"
    done = langgeo("-q", "run", own_run.config, "reliability.replicates=4", trees, "exporters=[trees]", "--out", folder)
    assert done.code == 0, done.err
    texts = [(folder / "exports" / "trees" / f"{name}.nwk").read_text() for name in ("nj", "ward")]
    shares = [float(label) for text in texts for label in re.findall(r"\)([\d.]+):", text)]
    assert shares and {4 * share % 1 for share in shares} == {0}
    found = {row["metric"]: float(row["value"]) for row in rows(folder / "metrics.csv") if not row["level"]}
    nj = [float(label) for label in re.findall(r"\)([\d.]+):", texts[0])]
    assert found["support:nj"] == pytest.approx(np.median(nj))
    assert found["full-support:nj"] == pytest.approx(np.mean([share == 1 for share in nj]))
    again = langgeo("export", folder, "--format", "trees", "support=layers")
    assert again.code == 0, again.err
    assert (folder / "exports" / "trees" / "nj.nwk").read_text() != texts[0]


def test_distances_from_a_file_have_no_layers(langgeo: Langgeo, own_run: Finished) -> None:
    for file in (own_run.folder / "distances").glob("*.safetensors"):
        file.unlink()
    seal_run(own_run.folder)
    done = langgeo("export", own_run.folder, "--format", "trees", "support=layers")
    assert done.code == 2
    assert "support=none" in done.err
    assert langgeo("export", own_run.folder, "--format", "trees").code == 0
    assert not re.search(r"\)[\d.]+:", (own_run.folder / "exports" / "trees" / "nj.nwk").read_text())
