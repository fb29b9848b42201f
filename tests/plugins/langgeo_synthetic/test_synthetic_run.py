from __future__ import annotations

from pathlib import Path

import pytest
from tiny_run import Langgeo, record_of, rows

CONFIG = """\
models:
  - {name: byte-lm, layers: 1, width: 16, heads: 2, window: 32, batch: 4, steps: 4}
corpora:
  - {name: synthetic, families: 2, branches: 2, languages: 2, sentences: 30}
languages: all
calibration: {tokens: 256, window: 64}
clusterers:
  - {name: kmeans, seeds: 2, n_init: 1}
evaluators:
  - {name: synthetic-tree, permutations: 19, subsamples: 4}
exporters: [mst]
"""


@pytest.fixture
def config(tmp_path: Path) -> Path:
    file = tmp_path / "small.yaml"
    file.write_text(CONFIG, encoding="utf-8")
    return file


def test_a_run_knows_its_tree_and_learns_its_text(langgeo: Langgeo, config: Path, tmp_path: Path) -> None:
    assert langgeo("-q", "run", config, "seed=3", "--out", tmp_path / "run").code == 0
    languages = {row["id"]: row for row in rows(tmp_path / "run" / "languages.csv")}
    assert (languages["qaa"]["lineage"], languages["qaa"]["name"]) == ("1/1.1", "Language 1.1.1")
    assert languages["qaa_Cyrl"]["script"] == "Cyrl"
    found = {(row["level"], row["metric"]) for row in rows(tmp_path / "run" / "metrics.csv") if row["source"] == "run"}
    assert {("branch", "ari"), ("family", "ami"), ("", "quartet-distance:nj"), ("", "twin-share:qaa_Cyrl")} <= found
    (model,) = record_of(tmp_path / "run")["models"]
    assert model["revision"].startswith("4 steps, last loss ")
    assert model["source"].startswith("trained on synthetic: 9 texts, ")


def test_seeds_follow_the_run_unless_they_are_written(langgeo: Langgeo, config: Path, tmp_path: Path) -> None:
    assert langgeo("-q", "run", config, "seed=3", "models.byte-lm.seed=1", "--out", tmp_path / "run").code == 0
    written = (tmp_path / "run" / "config.yaml").read_text(encoding="utf-8")
    assert "seed: 3\nmodels:\n- name: byte-lm\n  seed: 1\n" in written
    assert "- name: synthetic\n  seed: 3\n" in written


def test_another_seed_is_another_run(langgeo: Langgeo, config: Path, tmp_path: Path) -> None:
    assert langgeo("-q", "run", config, "--out", tmp_path / "run").code == 0
    refused = langgeo("-q", "run", config, "seed=1", "--out", tmp_path / "run")
    assert refused.code == 2
    assert "seed" in refused.err


def test_validating_trains_nothing(langgeo: Langgeo, config: Path, cache: Path) -> None:
    done = langgeo("validate", config)
    assert (done.code, "no problems; 9 languages" in done.out) == (0, True)
    assert not (cache / "models").exists()


def test_a_model_of_bytes_learns_a_folder_of_one_s_own(
    langgeo: Langgeo, config: Path, text_folder: Path, tmp_path: Path
) -> None:
    words = ("evaluators=[glottolog]", "--text", text_folder, "--out", tmp_path / "run")
    assert langgeo("-q", "run", config, *words).code == 0
    (model,) = record_of(tmp_path / "run")["models"]
    assert model["source"].startswith("trained on text-folder: 8 texts, ")


def test_pieces_of_one_text_find_nothing(langgeo: Langgeo, tiny_model: Path, tmp_path: Path) -> None:
    lines = "\n".join(f"the quick brown fox jumps over {number} lazy dogs" for number in range(96))
    (tmp_path / "texts").mkdir()
    (tmp_path / "texts" / "eng.txt").write_text(lines, encoding="utf-8")
    control = tmp_path / "pieces.yaml"
    control.write_text(
        CONFIG.replace(CONFIG[: CONFIG.index("languages: all")], "")
        + f"models: [{{name: huggingface, path: {tiny_model}}}]\n"
        + f"corpora: [{{name: pieces, corpus: {{name: text-folder, path: {tmp_path / 'texts'}}}, language: eng, "
        "count: 12, branches: 3}]\n",
        encoding="utf-8",
    )
    assert langgeo("-q", "run", control, "exporters=[html]", "--out", tmp_path / "run").code == 0
    (ari,) = [
        row
        for row in rows(tmp_path / "run" / "metrics.csv")
        if (row["source"], row["level"], row["metric"]) == ("run", "branch", "ari")
    ]
    assert float(ari["p"]) > 0.05
    assert "No signal: the agreement of the map" in (tmp_path / "run" / "report.html").read_text(encoding="utf-8")


def test_a_shuffled_corpus_and_random_weights_make_a_run(
    langgeo: Langgeo, tiny_model: Path, text_folder: Path, tmp_path: Path
) -> None:
    control = tmp_path / "random.yaml"
    control.write_text(
        CONFIG.replace(CONFIG[: CONFIG.index("languages: all")], "").replace("synthetic-tree", "glottolog")
        + f"models: [{{name: random-init, model: {{name: huggingface, path: {tiny_model}}}}}]\n"
        + f"corpora: [{{name: shuffled, corpus: {{name: text-folder, path: {text_folder}}}}}]\n",
        encoding="utf-8",
    )
    assert langgeo("-q", "run", control, "--out", tmp_path / "run").code == 0
    record = record_of(tmp_path / "run")
    assert record["models"][0]["name"] == "tiny, random"
    assert record["corpora"][0]["name"] == "text-folder, shuffled"


def test_a_plan_trains_and_draws_nothing(langgeo: Langgeo, tmp_path: Path, cache: Path) -> None:
    config = tmp_path / "mine.yaml"
    models = "[{name: byte-lm, steps: 2}, {name: random-init, model: {name: byte-lm, steps: 3}}]"
    config.write_text(f"models: {models}\ncorpora: [synthetic]\nlanguages: all\nevaluators: []\n", encoding="utf-8")
    planned = langgeo("plan", config, "--no-probe")
    assert planned.code == 0, planned.err
    assert planned.out.count("not trained yet: a run does that once") == 2
    assert not (cache / "models").exists()
