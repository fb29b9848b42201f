"""`langgeo evaluate`: a file of distances scored like a run."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from tiny_run import Finished, Langgeo, incidents, record_of, rows

from langgeo_core import load_run
from langgeo_core.api import Run

FORMATS = {"csv": "distances.csv", "phylip": "distances.phy", "nexus": "distances.nex", "json": "distances.json"}


def of_run(folder: Path) -> list[dict[str, str]]:
    """The run's metrics, but for what needs the scripts of its texts, which a file of distances does not name."""
    found = [row for row in rows(folder / "metrics.csv") if row["source"] == "run" and "script" not in row["metric"]]
    return [{name: value for name, value in row.items() if "script" not in name} for row in found]


@pytest.mark.parametrize("name", FORMATS)
def test_a_run_s_own_distances_have_its_own_metrics(
    own_run: Finished, langgeo: Langgeo, tmp_path: Path, name: str
) -> None:
    file = own_run.folder / "exports" / FORMATS[name]
    assert langgeo("export", own_run.folder, "--format", name).out == f"{file}\n"
    out = tmp_path / "again"
    done = langgeo("-q", "evaluate", file, "--config", own_run.config, "--out", out)
    assert (done.code, done.err) == (0, "")
    for written in ("distances.csv", "embedding.csv", "clusters.csv", "labels.json"):
        assert (out / written).read_bytes() == (own_run.folder / written).read_bytes()
    assert of_run(out) == of_run(own_run.folder)
    assert record_of(out)["matrix"]["format"] == name


def test_the_matrix_of_one_model_and_corpus(own_run: Finished, langgeo: Langgeo, tmp_path: Path) -> None:
    langgeo("export", own_run.folder, "--format", "json")
    file, out = own_run.folder / "exports" / "distances.json", tmp_path / "again"
    (name,) = Run(own_run.folder).cell_distances
    done = langgeo("-q", "evaluate", file, "--matrix", name, "--config", own_run.config, "--out", out)
    assert f"(json, matrix {name})" in done.out.splitlines()[0]
    assert of_run(out) == of_run(own_run.folder)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Four languages by English names: two pairs."""
    file = tmp_path / "theirs.csv"
    rows = ["x,German,English,French,Italian", "German,0,1,5,5", "English,1,0,5,6", "French,5,5,0,2", "Italian,5,6,2,0"]
    file.write_text("\n".join(rows), encoding="utf-8")
    return file


QUICK = ("evaluators.glottolog.permutations=9", "clusterers=[{name: kmeans, k: 2, seeds: 2}]", "exporters=[]")


def test_a_matrix_of_others_becomes_a_run(
    langgeo: Langgeo, file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    done = langgeo("evaluate", "theirs.csv", *QUICK)
    assert done.code == 0
    first, second, third, header, *table = done.out.splitlines()
    assert third.startswith("  note: scripts of 4 languages: where they usually are written, as CLDR has it")
    assert first == f"done: 4 languages of {file} (csv)"
    assert second.startswith("  note: names of theirs.csv that are read as languages: German as deu, English as eng")
    assert header.split()[:3] == ["of", "evaluator", "level"]
    ari = next(line.split() for line in table if line.startswith("run") and " ari " in line and " branch " in line)
    assert ari[:7] == ["run", "glottolog", "branch", "kmeans", "ari", "1.000", "0.000"]
    assert {line.split()[0] for line in table[:-1]} == {"run", "geography", "glottolog-tree"}
    assert table[-1].startswith("run folder: runs/theirs--permutations=9+clusterers=kmeans-k-2")
    folder = tmp_path / table[-1].removeprefix("run folder: ")
    assert load_run(folder).nearest("deu", 1) == [("eng", 1.0)]
    record = record_of(folder)
    assert record["matrix"]["file"] == str(file)
    assert (record["models"], record["corpora"], record["cells_calibrated"]) == ([], [], 0)
    assert record["finished"] is True


def test_its_config_gives_the_same_run_and_can_be_checked_and_reported(
    langgeo: Langgeo, file: Path, tmp_path: Path
) -> None:
    out, again = tmp_path / "out", tmp_path / "again"
    assert langgeo("evaluate", file, *QUICK[:2], "exporters=[mst, html]", "--out", out).code == 0
    page = (out / "report.html").read_text(encoding="utf-8")
    assert "distances from" in page and "theirs.csv" in page
    assert langgeo("run", out / "config.yaml", "--out", again).code == 0
    assert rows(again / "metrics.csv") == rows(out / "metrics.csv")
    assert langgeo("validate", out / "config.yaml").out == "theirs: no problems; 4 languages, 0 cells\n"
    assert langgeo("plan", out / "config.yaml").code == 0
    assert langgeo("report", out).out.split() == [str(out / "mst.csv"), str(out / "report.html")]
    assert langgeo("run", out / "config.yaml", "embedder.transform=sqrt", "--from", "embed", "--out", again).code == 0
    assert (again / "distances.csv").read_bytes() == (out / "distances.csv").read_bytes()


def test_options_languages_and_labels(langgeo: Langgeo, file: Path, tmp_path: Path) -> None:
    table = tmp_path / "mine.csv"
    table.write_text("language,shore\ndeu,north\neng,north\nita,south\n", encoding="utf-8")
    quick = ("clusterers=[kmeans]", "clusterers.kmeans.seeds=1", "exporters=[]", "baselines=[]")
    done = langgeo("evaluate", file, *quick, "languages=[deu, eng, ita]", f"evaluators.labels={table}", "--json",
                   "--out", tmp_path / "out")  # fmt: skip
    found = json.loads(done.out)
    assert (found["languages"], found["matrix"]["format"]) == (3, "csv")
    metrics = {(one["evaluator"], one["level"], one["metric"]): one for one in found["metrics"]}
    assert metrics["labels", "shore", "ari"]["k"] == 2
    assert metrics["labels", "shore", "ari"]["n"] == 3
    assert ("glottolog", "branch", "ari") in metrics


def test_baselines_that_read_texts_are_left_out_with_a_note(langgeo: Langgeo, file: Path, tmp_path: Path) -> None:
    chosen = "baselines=[char-ngrams, token-overlap, geography]"
    done = langgeo("evaluate", file, *QUICK, chosen, "--out", tmp_path / "out")
    assert done.code == 0
    assert {row["source"] for row in rows(tmp_path / "out" / "metrics.csv")} == {"run", "geography"}
    assert "the baseline char-ngrams is left out" in incidents(tmp_path / "out")
    assert "the baseline token-overlap is left out" in incidents(tmp_path / "out")


def test_languages_without_distances_are_left_out_with_a_note(langgeo: Langgeo, tmp_path: Path) -> None:
    file = tmp_path / "x.json"
    values = np.array([[0, 1, 5, np.nan], [1, 0, 5, np.nan], [5, 5, 0, np.nan], [np.nan] * 4])
    data = {"languages_list": ["de", "en", "fr", "cy"], "average_distances_matrix": values.tolist()}
    file.write_text(json.dumps(data), encoding="utf-8")
    assert langgeo("evaluate", file, *QUICK, "--out", tmp_path / "out").code == 0
    assert load_run(tmp_path / "out").ids == ("deu", "eng", "fra")
    assert "no distance of cym; left out from here on" in incidents(tmp_path / "out")


def test_a_folder_that_held_a_run_of_a_model_keeps_nothing_of_it(
    own_run: Finished, langgeo: Langgeo, file: Path
) -> None:
    refused = langgeo("evaluate", file, *QUICK, "--out", own_run.folder)
    assert refused.code == 2
    assert "holds a run with another config (config.yaml)" in refused.err
    assert langgeo("evaluate", file, *QUICK, "--out", own_run.folder, "--overwrite").code == 0
    assert not (own_run.folder / "kept.csv").exists()
    assert Run(own_run.folder).cell_distances == {}
    assert rows(own_run.folder / "cells.csv") == []


def test_all_distances_zero_is_a_result(langgeo: Langgeo, file: Path, tmp_path: Path) -> None:
    file.write_text("x,deu,eng,fra\ndeu,0,0,0\neng,0,0,0\nfra,0,0,0\n", encoding="utf-8")
    done = langgeo("evaluate", file, "clusterers=[kmeans]", "exporters=[]", "--out", tmp_path / "out")
    assert done.code == 0
    assert "do not distinguish languages" in done.out


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["scorer=wanda"], "unknown key 'scorer'"),
        (["calibration.tokens=9"], "unknown key 'calibration'"),
        (["languages=[deu, rus]"], "theirs.csv has no rus"),
        (["languages=[deu]"], "needs at least two"),
        (["--matrix", "x"], "has no matrix 'x'"),
        (["--format", "json"], "theirs.csv: invalid JSON"),
        (["--format", "jsn"], "no reader is named 'jsn'\n    did you mean 'json'?"),
        (["matrix.format=jsn"], "no reader is named 'jsn'"),
        (["clusterers=[{name: kmeans, k: 9}]"], "9 clusters of 4 languages"),
        (["--config", "nowhere"], "neither a config file nor the name"),
        (["evaluators.labels=nowhere.csv"], "nowhere.csv cannot be read"),
    ],
)
def test_mistakes_are_named_in_one_line(
    langgeo: Langgeo, file: Path, tmp_path: Path, words: list[str], message: str
) -> None:
    refused = langgeo("evaluate", file, *words, "--out", tmp_path / "out")
    assert refused.code == 2
    assert message in refused.err
    assert "Traceback" not in refused.err
    assert not (tmp_path / "out" / "config.yaml").exists()


def test_two_evaluators_cannot_share_a_level(langgeo: Langgeo, file: Path, tmp_path: Path) -> None:
    table = tmp_path / "mine.csv"
    table.write_text("language,family\ndeu,a\neng,b\n", encoding="utf-8")
    refused = langgeo("evaluate", file, f"evaluators.labels={table}", "--out", tmp_path / "out")
    assert refused.code == 2
    assert "labels and another evaluator both have a level 'family'" in refused.err


def test_validate_checks_a_matrix(langgeo: Langgeo, file: Path, tmp_path: Path) -> None:
    config = tmp_path / "x.yaml"
    config.write_text(f"matrix: {{file: {tmp_path}/nowhere.csv}}\nembedder: torgersonn\n", encoding="utf-8")
    refused = langgeo("validate", config)
    assert refused.code == 2
    assert f"{config}:1: matrix: {tmp_path}/nowhere.csv cannot be read" in refused.err
    assert f"{config}:2: embedder: no embedder is named 'torgersonn'" in refused.err
    config.write_text(f"matrix: {{file: {file}, skip: yes}}\n", encoding="utf-8")
    assert "unknown key 'skip'" in langgeo("validate", config).err
