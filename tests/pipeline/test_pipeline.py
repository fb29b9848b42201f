"""A whole run over a tiny model: what its folder holds, what repeats it, what it does without."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load_file
from tiny_run import (
    LANGUAGES,
    NO_PICTURES,
    Finished,
    Langgeo,
    incidents,
    made_up_text,
    record_of,
    rows,
    save_tiny_model,
    statistics_files,
    two_corpora,
    with_files,
)

from langgeo_core import load_run
from langgeo_core.api import Run
from langgeo_core.storage.schema import read_distances


def header(file: Path) -> list[str]:
    return file.read_text(encoding="utf-8").partition("\n")[0].split(",")


# What a run folder holds


@pytest.mark.parametrize(
    "name",
    [
        "config.yaml", "run.json", "run.log", "cells.csv", "languages.csv", "distances.csv", "embedding.csv",
        "clusters.csv", "metrics.csv", "kept.csv", "mst.csv", "report.html", "distances/huggingface--text-folder.csv",
        "distances/huggingface--text-folder.safetensors",
    ],
)  # fmt: skip
def test_the_promised_file_is_there_and_not_empty(whole_run: Finished, name: str) -> None:
    assert (whole_run.folder / name).stat().st_size > 0


@pytest.mark.parametrize(
    ("name", "columns"),
    [
        ("cells.csv", "model corpus language status tokens seconds statistics sha256"),
        ("clusters.csv", "language clusterer level k seed cluster"),
        (
            "metrics.csv",
            "source evaluator clusterer level metric value sd seeds null_mean null_sd p ci_low ci_high n k "
            "script_null_mean script_null_sd script_p distinct distinct_n classes class_ci_low class_ci_high",
        ),
        ("comparisons.csv", "baseline evaluator clusterer level metric delta low high p n"),
        ("k_sweep.csv", "evaluator clusterer level metric k value sd seeds"),
        ("kept.csv", "model corpus matrix layer module rows columns kept_mean kept_min kept_max"),
    ],
)
def test_tables_have_the_promised_columns_and_rows(whole_run: Finished, name: str, columns: str) -> None:
    assert header(whole_run.folder / name) == columns.split()
    assert rows(whole_run.folder / name)


def test_the_distances_are_a_matrix_over_the_languages(whole_run: Finished) -> None:
    table = list(csv.reader((whole_run.folder / "distances.csv").read_text(encoding="utf-8").splitlines()))
    assert [row[0] for row in table[1:]] == table[0][1:] == list(LANGUAGES)
    values = np.array([[float(entry) for entry in row[1:]] for row in table[1:]])
    assert np.isfinite(values).all()
    assert np.array_equal(values, values.T)
    assert not np.diagonal(values).any()
    assert (values[~np.eye(len(values), dtype=bool)] > 0).all()


def test_a_row_of_cells_names_its_statistics_and_their_checksum(whole_run: Finished) -> None:
    from hashlib import sha256

    cells = rows(whole_run.folder / "cells.csv")
    assert [cell["language"] for cell in cells] == list(LANGUAGES)
    assert {(cell["status"], cell["tokens"]) for cell in cells} == {("calibrated", "128")}
    files = {file.name: file for file in statistics_files(whole_run.cache)}
    for cell in cells:
        assert sha256(files[cell["statistics"]].read_bytes()).hexdigest() == cell["sha256"]


def test_partials_of_the_matrices_add_up_to_the_distances(whole_run: Finished) -> None:
    tensors = load_file(whole_run.folder / "distances" / "huggingface--text-folder.safetensors")
    kept = rows(whole_run.folder / "kept.csv")
    assert tensors["partials"].shape == (14, 1, 8, 8)
    assert tensors["kept"].shape == (14, 8)
    assert len(kept) == 14
    weights = sum(int(row["rows"]) * int(row["columns"]) for row in kept)
    whole = read_distances(whole_run.folder / "distances" / "huggingface--text-folder.csv").values
    assert np.allclose(tensors["partials"].sum(axis=(0, 1)) / weights, whole, rtol=1e-12)
    assert all(float(row["kept_mean"]) == pytest.approx(0.5, abs=0.01) for row in kept)


def test_clusters_name_every_language_under_every_seed(whole_run: Finished) -> None:
    clusters = rows(whole_run.folder / "clusters.csv")
    assert {row["seed"] for row in clusters} == {"0", "1"}
    assert {row["level"] for row in clusters} == {"family", "branch"}
    for seed in "01":
        named = [row["language"] for row in clusters if row["seed"] == seed and row["level"] == "branch"]
        assert named == list(LANGUAGES)


def test_the_embedding_has_a_point_for_every_language(whole_run: Finished) -> None:
    points = rows(whole_run.folder / "embedding.csv")
    assert [point["language"] for point in points] == list(LANGUAGES)
    assert np.isfinite([float(point["axis_1"]) for point in points]).all()


def test_run_json_says_what_was_done_with_what(whole_run: Finished) -> None:
    record = record_of(whole_run.folder)
    promised = {
        "name", "started", "langgeo", "versions", "platform", "components", "models", "corpora", "calibration", "seed",
        "languages", "status", "cells_calibrated", "cells_reused", "times", "incidents", "finished",
    }  # fmt: skip
    assert promised <= set(record)
    assert (record["status"], record["finished"], record["languages"]) == ("done", True, 8)
    assert (record["cells_calibrated"], record["cells_reused"]) == (8, 0)
    assert list(record["times"]) == ["calibrate", "compare", "aggregate", "embed", "cluster", "evaluate", "report"]
    assert len(record["models"][0]["weights_sha256"]) == 64
    assert record["components"]["scorers"][0]["options"] == {"diagonal": "inverse"}
    assert record["versions"]["torch"]


def test_no_text_of_the_corpus_is_in_the_run_folder(whole_run: Finished, text_folder: Path) -> None:
    held = [file.read_bytes() for file in whole_run.folder.rglob("*") if file.is_file()]
    for language in LANGUAGES:
        text = (text_folder / f"{language}.txt").read_bytes()
        pieces = [text[start : start + 24] for start in range(0, len(text) - 24, 12)]
        assert not [piece for piece in pieces for content in held if piece in content]


def test_load_run_reads_it(whole_run: Finished) -> None:
    space = load_run(whole_run.folder)
    assert space.ids == LANGUAGES
    assert space.nearest("deu", 1)[0][1] == min(space.distance("deu", other) for other in LANGUAGES[1:])
    assert set(space.labels) == {"family", "branch"}
    assert Run(whole_run.folder).metrics


def test_the_default_folder_is_named_after_the_config_and_the_overrides(
    own_run: Finished, langgeo: Langgeo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert langgeo("run", own_run.config, "exporters=[]", "embedder.transform=sqrt", "name=mine").code == 0
    assert langgeo("run", own_run.config, "exporters=[]").code == 0
    found = {path.name for path in (tmp_path / "runs").iterdir()}
    assert found == {"mine--exporters=+transform=sqrt", "tiny--exporters="}


# The same again


def test_a_second_run_calibrates_nothing_and_is_identical(own_run: Finished, langgeo: Langgeo, tmp_path: Path) -> None:
    again = langgeo("run", own_run.config, NO_PICTURES, "--out", tmp_path / "again")
    assert again.code == 0
    record = record_of(tmp_path / "again")
    assert (record["cells_calibrated"], record["cells_reused"]) == (0, 8)
    assert {row["status"] for row in rows(tmp_path / "again" / "cells.csv")} == {"reused"}
    for name in ("distances.csv", "embedding.csv", "clusters.csv", "metrics.csv", "kept.csv"):
        assert (tmp_path / "again" / name).read_bytes() == (own_run.folder / name).read_bytes()


def test_a_model_with_nothing_to_calibrate_is_not_loaded(
    own_run: Finished, langgeo: Langgeo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("the model was loaded")

    monkeypatch.setattr("langgeo_hf.folder.FolderModel.load", refuse)
    assert langgeo("run", own_run.config, NO_PICTURES, "--out", tmp_path / "again").code == 0


def test_its_own_config_repeats_a_run_from_nothing(whole_run: Finished, langgeo: Langgeo, tmp_path: Path) -> None:
    written = shutil.copy(whole_run.folder / "config.yaml", tmp_path / "written.yaml")
    assert langgeo("run", written, NO_PICTURES, "--out", tmp_path / "again").code == 0
    assert record_of(tmp_path / "again")["cells_calibrated"] == 8
    assert (tmp_path / "again/distances.csv").read_bytes() == (whole_run.folder / "distances.csv").read_bytes()


def test_neither_the_order_of_languages_nor_the_batch_matters(
    langgeo: Langgeo, tiny_config: Path, cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def distances(name: str, languages: str, batch: int, dtype: str) -> Any:
        monkeypatch.setenv("LANGGEO_CACHE", str(cache / name))
        words = [f"languages=[{languages}]", f"calibration.batch={batch}", f"calibration.dtype={dtype}", NO_PICTURES]
        assert langgeo("run", tiny_config, *words, "calibration.tokens=120", "--out", tmp_path / name).code == 0
        return read_distances(tmp_path / name / "distances.csv")

    for dtype, relative in (("float64", 1e-9), ("float32", 1e-4)):
        forth = distances(f"forth-{dtype}", "deu, nld, swe, por", 8, dtype)
        back = distances(f"back-{dtype}", "por, swe, nld, deu", 1, dtype)
        assert back.ids == ("por", "swe", "nld", "deu")
        assert np.allclose(back.subset(forth.ids).values, forth.values, rtol=relative, atol=0)
        pairs = zip(_by_language(cache / f"forth-{dtype}"), _by_language(cache / f"back-{dtype}"), strict=True)
        for one, other in pairs:
            for key in one:
                assert np.allclose(one[key], other[key], rtol=relative, atol=0), key


def _by_language(cache: Path) -> list[dict[str, Any]]:
    """The statistics of every cell, whose names do not depend on the batch."""
    return [load_file(file) for file in statistics_files(cache)]


def test_the_model_and_the_text_both_matter(
    langgeo: Langgeo, own_run: Finished, text_folder: Path, tmp_path: Path
) -> None:
    other_model = save_tiny_model(tmp_path / "other", seed=1)
    texts = with_files(text_folder, tmp_path / "texts", {"deu.txt": made_up_text("another")})
    changes = {"model": f"models.huggingface.path={other_model}", "text": f"corpora.text-folder.path={texts}"}
    for name, change in changes.items():
        assert langgeo("run", own_run.config, change, NO_PICTURES, "--out", tmp_path / name).code == 0
        assert (tmp_path / name / "distances.csv").read_bytes() != (own_run.folder / "distances.csv").read_bytes()
    assert record_of(tmp_path / "model")["cells_calibrated"] == 8
    assert record_of(tmp_path / "text")["cells_calibrated"] == 1


# What is missing or degenerate


def test_a_language_that_one_corpus_lacks(
    langgeo: Langgeo, tiny_config: Path, text_folder: Path, tmp_path: Path
) -> None:
    texts = with_files(text_folder, tmp_path / "second", {"ita.txt": None})
    config = two_corpora(tiny_config, texts, tmp_path / "two.yaml")
    assert langgeo("run", config, "--out", tmp_path / "run").code == 0
    matrices = Run(tmp_path / "run").cell_distances
    assert matrices["huggingface--text-folder"].ids == ("deu", "eng", "fra", "ita")
    assert matrices["huggingface--second"].ids == ("deu", "eng", "fra")
    whole = read_distances(tmp_path / "run" / "distances.csv")
    assert whole.ids == ("deu", "eng", "fra", "ita")
    assert whole.complete
    assert "second has no text in ita" in incidents(tmp_path / "run")
    statuses = {(cell["corpus"], cell["language"]): cell["status"] for cell in rows(tmp_path / "run" / "cells.csv")}
    assert statuses["second", "ita"] == "missing"
    assert statuses["text-folder", "ita"] == "calibrated"


def test_corpora_with_the_same_text_share_cells_and_average_to_themselves(
    own_run: Finished, langgeo: Langgeo, text_folder: Path, tmp_path: Path
) -> None:
    config = two_corpora(own_run.config, text_folder, tmp_path / "two.yaml")
    assert langgeo("run", config, "--out", tmp_path / "two").code == 0
    assert record_of(tmp_path / "two")["cells_calibrated"] == 0
    single = read_distances(own_run.folder / "distances.csv").subset(["deu", "eng", "fra", "ita"])
    assert np.allclose(read_distances(tmp_path / "two" / "distances.csv").values, single.values, rtol=1e-12)


def test_cells_that_are_the_same_are_calibrated_once(
    langgeo: Langgeo, tiny_config: Path, text_folder: Path, tmp_path: Path
) -> None:
    config = two_corpora(tiny_config, text_folder, tmp_path / "two.yaml")
    assert langgeo("run", config, "--out", tmp_path / "two").code == 0
    record = record_of(tmp_path / "two")
    assert (record["cells_calibrated"], record["cells_reused"]) == (4, 4)
    first, second = Run(tmp_path / "two").cell_distances.values()
    assert np.array_equal(first.values, second.values)


def test_two_models_of_one_component_under_labels(
    own_run: Finished, langgeo: Langgeo, tiny_model: Path, tmp_path: Path
) -> None:
    other = save_tiny_model(tmp_path / "other", seed=1)
    models = f"[{{name: huggingface, as: one, path: {tiny_model}}}, {{name: huggingface, as: two, path: {other}}}]"
    words = [f"models={models}", "--out", tmp_path / "two"]
    assert langgeo("run", own_run.config, *words).code == 0
    matrices = Run(tmp_path / "two").cell_distances
    assert set(matrices) == {"one--text-folder", "two--text-folder"}
    mean = (matrices["one--text-folder"].values + matrices["two--text-folder"].values) / 2
    assert np.allclose(read_distances(tmp_path / "two" / "distances.csv").values, mean, rtol=1e-12)
    record = record_of(tmp_path / "two")
    assert [model["label"] for model in record["models"]] == ["one", "two"]
    assert (record["cells_calibrated"], record["cells_reused"]) == (8, 8)


def test_all_distances_zero_is_a_finding_and_no_failure(langgeo: Langgeo, tiny_config: Path, tmp_path: Path) -> None:
    (tmp_path / "texts").mkdir()
    for language in LANGUAGES:
        (tmp_path / "texts" / f"{language}.txt").write_text(made_up_text("one and the same"))
    words = ["exporters=[mst, html]", "--text", tmp_path / "texts", "--out", tmp_path / "run"]
    done = langgeo("run", tiny_config, *words)
    assert done.code == 0
    assert done.out.startswith("degenerate: 8 languages")
    assert "do not distinguish languages" in done.out
    assert record_of(tmp_path / "run")["status"] == "degenerate"
    assert not read_distances(tmp_path / "run" / "distances.csv").values.any()
    assert "cannot tell languages apart" in (tmp_path / "run" / "report.html").read_text(encoding="utf-8").lower()
