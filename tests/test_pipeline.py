"""A whole run over a tiny model: what its folder holds, what repeats it, what resumes it."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load_file
from tiny_run import LANGUAGES, Finished, Langgeo, made_up_text, save_tiny_model, with_files

from langgeo_core import load_run
from langgeo_core.runs import Run, read_distances

NO_PICTURES = "exporters=[mst]"


def rows(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def header(file: Path) -> list[str]:
    return file.read_text(encoding="utf-8").partition("\n")[0].split(",")


def record_of(folder: Path) -> dict[str, Any]:
    record: dict[str, Any] = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    return record


def incidents(folder: Path) -> str:
    return "\n".join(incident["message"] for incident in record_of(folder)["incidents"])


def statistics_files(cache: Path) -> list[Path]:
    return sorted((cache / "cells").rglob("*.safetensors"))


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
            "source evaluator clusterer level metric value sd seeds null_mean null_sd p ci_low ci_high n k",
        ),
        ("kept.csv", "model corpus matrix layer module rows columns kept_mean kept_min kept_max"),
    ],
)
def test_tables_have_the_promised_columns_and_rows(whole_run: Finished, name: str, columns: str) -> None:
    assert header(whole_run.folder / name) == columns.split()
    assert rows(whole_run.folder / name)


def test_figures_come_as_svg_and_png(whole_run: Finished) -> None:
    kinds = {file.suffix for file in (whole_run.folder / "figures").iterdir()}
    assert {".svg", ".png"} <= kinds


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


# The same folder again


def test_the_same_config_goes_on_in_its_folder(own_run: Finished, langgeo: Langgeo) -> None:
    before = (own_run.folder / "distances.csv").read_bytes()
    written = own_run.folder / "config.yaml"
    (own_run.folder / "distances.csv").unlink()
    assert langgeo("run", written, "--out", own_run.folder).code == 0
    assert (own_run.folder / "distances.csv").read_bytes() == before


def test_another_config_is_refused_with_the_keys_that_differ(own_run: Finished, langgeo: Langgeo) -> None:
    before = (own_run.folder / "run.json").read_bytes()
    words = ["scorer.diagonal=cholesky", "calibration.tokens=64", "--out", own_run.folder]
    refused = langgeo("run", own_run.folder / "config.yaml", *words)
    assert refused.code == 2
    assert "different: calibration.tokens, scorer.diagonal\n" in refused.err
    assert "--overwrite" in refused.err
    assert (own_run.folder / "run.json").read_bytes() == before


def test_overwrite_takes_the_folder_over_and_nothing_of_the_old_run_is_read(
    own_run: Finished, langgeo: Langgeo, text_folder: Path
) -> None:
    before = (own_run.folder / "distances.csv").read_bytes()
    corpus = f"corpora=[{{name: text-folder, as: renamed, path: {text_folder}}}]"
    words = ["scorer.diagonal=cholesky", corpus, NO_PICTURES, "--overwrite", "--out", own_run.folder]
    done = langgeo("run", own_run.config, *words)
    assert (done.code, "report.html" in done.out) == (0, False)
    assert "diagonal: cholesky" in (own_run.folder / "config.yaml").read_text(encoding="utf-8")
    assert set(Run(own_run.folder).cell_distances) == {"huggingface--renamed"}
    assert (own_run.folder / "distances.csv").read_bytes() != before


def test_a_folder_of_something_else_is_refused(langgeo: Langgeo, tiny_config: Path, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "notes.txt").write_text("keep me")
    refused = langgeo("run", tiny_config, "--out", tmp_path / "mine")
    assert refused.code == 2
    assert "is not empty and holds no run" in refused.err
    assert [file.name for file in (tmp_path / "mine").iterdir()] == ["notes.txt"]


# From a later stage on

WRITES = {
    "compare": "kept.csv",
    "aggregate": "distances.csv",
    "embed": "embedding.csv",
    "cluster": "clusters.csv",
    "evaluate": "metrics.csv",
    "report": "mst.csv",
}


@pytest.mark.parametrize("stage", WRITES)
def test_from_a_stage_writes_its_files_and_all_later_ones_anew(
    own_run: Finished, langgeo: Langgeo, stage: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr("langgeo_hf.folder.FolderModel.load")
    order = list(WRITES)
    before = {name: (own_run.folder / name).read_bytes() for name in WRITES.values()}
    for later in order[order.index(stage) :]:
        (own_run.folder / WRITES[later]).unlink()
    kept = {WRITES[earlier]: _written_at(own_run.folder / WRITES[earlier]) for earlier in order[: order.index(stage)]}
    done = langgeo("run", own_run.config, NO_PICTURES, "--from", stage, "--out", own_run.folder)
    assert (done.code, done.err.count("error")) == (0, 0)
    assert {name: (own_run.folder / name).read_bytes() for name in WRITES.values()} == before
    assert {name: _written_at(own_run.folder / name) for name in kept} == kept
    record = record_of(own_run.folder)
    assert (record["status"], record["cells_calibrated"], record["cells_reused"]) == ("done", 0, 8)
    assert record["signature"] == "KeptCounts"
    assert set(record["times"]) == {"calibrate", *WRITES}


def _written_at(file: Path) -> tuple[int, int]:
    return file.stat().st_mtime_ns, file.stat().st_ino


@pytest.mark.parametrize(
    ("change", "start", "first"),
    [
        ("calibration.tokens=64", "compare", "calibrate"),
        ("scorer.diagonal=cholesky", "aggregate", "compare"),
        ("aggregator.normalise=always", "embed", "aggregate"),
        ("embedder.transform=sqrt", "cluster", "embed"),
        ("clusterers.kmeans.seeds=3", "evaluate", "cluster"),
        ("evaluators.glottolog.permutations=9", "report", "cluster"),
    ],
)
def test_from_a_stage_after_what_changed_is_refused(
    own_run: Finished, langgeo: Langgeo, change: str, start: str, first: str
) -> None:
    refused = langgeo("run", own_run.config, change, NO_PICTURES, "--from", start, "--out", own_run.folder)
    assert refused.code == 2
    assert f"{change.partition('=')[0]} changed, which {start} comes after" in refused.err
    assert f"use --from {first}" in refused.err


def test_from_the_stage_that_changed_is_taken(own_run: Finished, langgeo: Langgeo) -> None:
    words = ["scorer.diagonal=cholesky", NO_PICTURES, "--from", "compare", "--out", own_run.folder]
    before = (own_run.folder / "distances.csv").read_bytes()
    assert langgeo("run", own_run.config, *words).code == 0
    assert (own_run.folder / "distances.csv").read_bytes() != before


def test_from_a_stage_without_a_run_is_refused(langgeo: Langgeo, tiny_config: Path, tmp_path: Path) -> None:
    refused = langgeo("run", tiny_config, "--from", "embed", "--out", tmp_path / "nothing")
    assert refused.code == 2
    assert "holds no run to go on with from embed" in refused.err


@pytest.mark.parametrize(
    ("stage", "name"),
    [
        ("compare", "cells.csv"),
        ("aggregate", "distances/huggingface--text-folder.csv"),
        ("embed", "distances.csv"),
        ("cluster", "embedding.csv"),
        ("evaluate", "clusters.csv"),
    ],
)
def test_from_a_stage_whose_input_is_missing_names_the_file(
    own_run: Finished, langgeo: Langgeo, stage: str, name: str
) -> None:
    (own_run.folder / name).unlink()
    refused = langgeo("run", own_run.config, NO_PICTURES, "--from", stage, "--out", own_run.folder)
    assert refused.code == 2
    assert f"{own_run.folder} has no {name}" in refused.err


# What is missing, degenerate or damaged


def two_corpora(config: Path, texts: Path, target: Path) -> Path:
    """The config with a second folder of texts called `second`."""
    written = config.read_text(encoding="utf-8")
    second = f"  - {{name: text-folder, as: second, path: {texts}}}\nlanguages: [deu, eng, fra, ita]"
    target.write_text(written.replace("languages: all", second), encoding="utf-8")
    return target


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
    assert "cannot tell languages apart" in done.out
    assert record_of(tmp_path / "run")["status"] == "degenerate"
    assert not read_distances(tmp_path / "run" / "distances.csv").values.any()
    assert "cannot tell languages apart" in (tmp_path / "run" / "report.html").read_text(encoding="utf-8").lower()


def cut_short(content: bytes) -> bytes:
    return content[: len(content) // 2]


def alter_a_byte(content: bytes) -> bytes:
    return content[:-1] + bytes([content[-1] ^ 1])


@pytest.mark.parametrize("damage", [cut_short, alter_a_byte, lambda _: b""])
def test_damaged_statistics_are_noticed_and_computed_again(
    own_run: Finished, langgeo: Langgeo, tmp_path: Path, damage: Any
) -> None:
    file = statistics_files(own_run.cache)[0]
    whole = file.read_bytes()
    file.write_bytes(damage(whole))
    words = [NO_PICTURES, "--out"]
    plan = langgeo("plan", own_run.config)
    assert "1 damaged, to calibrate again" in plan.out
    assert langgeo("run", own_run.config, *words, tmp_path / "again").code == 0
    record = record_of(tmp_path / "again")
    assert (record["cells_calibrated"], record["cells_reused"]) == (1, 7)
    assert file.name in incidents(tmp_path / "again")
    assert "computed again" in incidents(tmp_path / "again")
    assert file.read_bytes() == whole
    assert (tmp_path / "again/distances.csv").read_bytes() == (own_run.folder / "distances.csv").read_bytes()


def test_damaged_statistics_stop_a_run_from_compare(own_run: Finished, langgeo: Langgeo) -> None:
    file = statistics_files(own_run.cache)[0]
    file.write_bytes(alter_a_byte(file.read_bytes()))
    refused = langgeo("run", own_run.config, NO_PICTURES, "--from", "compare", "--out", own_run.folder)
    assert refused.code == 2
    assert "does not match its checksum" in refused.err
    assert "run again from the stage calibrate" in refused.err


@pytest.mark.parametrize("content", ["", "{", "[]"])
def test_a_damaged_note_of_a_cell_is_noticed_too(
    own_run: Finished, langgeo: Langgeo, tmp_path: Path, content: str
) -> None:
    note = sorted((own_run.cache / "cells").rglob("*.json"))[0]
    note.write_text(content)
    assert langgeo("run", own_run.config, NO_PICTURES, "--out", tmp_path / "again").code == 0
    assert record_of(tmp_path / "again")["cells_calibrated"] == 1
    assert "computed again" in incidents(tmp_path / "again")
