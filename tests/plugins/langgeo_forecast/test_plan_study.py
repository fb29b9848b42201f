"""`validate`, `plan` and `run` of what is not on this machine, and what `plan` predicts."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tiny_run import Finished, Langgeo

MODELS = ("mistral-7b", "gemma-3-4b", "llama-3.2-1b")
CORPORA = ("wikipedia", "culturax", "fineweb-2")


@pytest.fixture
def alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine with an empty hub cache, on which every download is a failure of the test."""
    pytest.importorskip("datasets")
    import huggingface_hub
    from huggingface_hub import constants

    from langgeo_datasets import corpus, places

    real = huggingface_hub.snapshot_download

    def offline(repo: str, **options: Any) -> str:
        assert options.get("local_files_only"), "a download was begun"
        return real(repo, **{**options, "cache_dir": tmp_path / "hub"})

    monkeypatch.setattr(huggingface_hub, "snapshot_download", offline)
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.setattr(corpus, "on_hub", lambda *_: pytest.fail("the hub was asked"))
    monkeypatch.setattr(places, "on_hub", lambda *_: pytest.fail("the hub was asked"))


@pytest.mark.usefixtures("alone")
def test_the_study_is_valid_where_nothing_of_it_is_here(langgeo: Langgeo) -> None:
    checked = langgeo("validate", "study-106")
    assert checked.code == 0, checked.err
    assert checked.out.startswith("study-106: no problems; 106 languages, 954 cells")
    told = [line.strip().partition(":")[0] for line in checked.out.splitlines()[1:]]
    assert told == [*MODELS, *CORPORA]


@pytest.mark.usefixtures("alone")
def test_a_run_of_the_study_says_at_once_what_to_download(langgeo: Langgeo, tmp_path: Path) -> None:
    refused = langgeo("run", "study-106", "--out", tmp_path / "run")
    assert refused.code == 2
    assert "error: 6 problems found\n" in refused.err
    for repo in ("mistralai/Mistral-7B-v0.1", "google/gemma-3-4b-pt", "meta-llama/Llama-3.2-1B"):
        assert f"type: hf download {repo}" in refused.err
    assert "wikimedia/wikipedia is not on this machine" in refused.err
    assert not (tmp_path / "run").exists()


@pytest.mark.usefixtures("alone")
def test_the_plan_of_the_study_predicts_before_anything_is_downloaded(langgeo: Langgeo) -> None:
    words = ["models.mistral-7b.download=true", "corpora.wikipedia.download=true", "calibration.device=cpu"]
    planned = langgeo("plan", "study-106", *words, "calibration.memory=11", "--rate", "100", "--json")
    assert planned.code == 0, planned.err
    data = json.loads(planned.out)
    assert {cell["state"] for cell in data["cells"]} == {"not downloaded yet", "without text"}
    assert data["lacking"] == {"wikipedia": [], "culturax": ["nan", "sco"], "fineweb-2": ["eng", "hbs"]}
    assert {name: found["comes"] for name, found in data["absent"].items()} == {
        f"models.{name}": name == "mistral-7b" for name in MODELS
    } | {f"corpora.{name}": name == "wikipedia" for name in CORPORA}
    prediction = data["prediction"]
    assert [model["cells"] for model in prediction["models"]] == [314, 314, 314]
    downloads = [model["disk"]["download"] / 1e9 for model in prediction["models"]]
    assert downloads == [14.5, 8.6, 2.5]
    assert prediction["process"] < 12 * 2**30
    assert prediction["disk"] > sum(downloads) * 1e9


@pytest.mark.usefixtures("alone")
def test_the_plan_of_the_study_in_words(langgeo: Langgeo) -> None:
    planned = langgeo("plan", "study-106", "--no-probe")
    lines = planned.out.splitlines()
    assert lines[0] == "study-106: 106 languages, 954 cells"
    for line in (
        "  mistral-7b x wikipedia: 106 not downloaded yet",
        "  culturax has no text in nan, sco",
        "  fineweb-2 has no text in eng, hbs",
    ):
        assert line in lines
    assert "(a guess, nothing was measured), bfloat16:" in planned.out
    assert "download 14.5 GB; shape from registry.yaml" in planned.out


def test_a_model_that_is_here_is_read_from_its_config(langgeo: Langgeo, tiny_config: Path) -> None:
    planned = json.loads(langgeo("plan", tiny_config, "--json").out)
    (model,) = planned["prediction"]["models"]
    assert (model["source"], model["cells"], model["disk"]["download"]) == ("config.json", 8, 0)
    assert planned["prediction"]["rates"]["source"] == "measured"
    assert 0 < model["calibrating"] < 60


def test_partial_sums_are_as_large_as_the_file_of_the_run(own_run: Finished, langgeo: Langgeo) -> None:
    planned = json.loads(langgeo("plan", own_run.config, "calibration.seed=7", "--json").out)
    (file,) = (own_run.folder / "distances").glob("*.safetensors")
    partials = planned["prediction"]["models"][0]["disk"]["partials"]
    assert partials == pytest.approx(file.stat().st_size, rel=0.2)


def test_a_model_of_unknown_shape_says_so(langgeo: Langgeo, tiny_config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("langgeo_hf.folder.read_shape", lambda folder: None)
    planned = langgeo("plan", tiny_config)
    assert planned.code == 0
    assert (
        "huggingface: unknown shape: it has no config.json on this machine and no model_facts in the registry"
        in planned.out
    )


def test_a_registry_may_say_the_shape_and_is_told_what_is_wrong(
    langgeo: Langgeo, tiny_config: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("langgeo_hf.folder.read_shape", lambda folder: None)
    facts = "{layers: 2, hidden: 8, intermediate: 8, heads: 2, kv_heads: 1, head_dim: 4, vocabulary: 9}"
    registry = tmp_path / "mine.yaml"
    registry.write_text(f"model_facts: {{huggingface: {facts}}}", encoding="utf-8")
    assert "shape from registry.yaml" in langgeo("--registry", registry, "plan", tiny_config, "--no-probe").out
    registry.write_text(f"model_facts: {{huggingface: {facts.replace('hidden: 8', 'hiden: 8')}}}", encoding="utf-8")
    refused = langgeo("--registry", registry, "plan", tiny_config, "--no-probe")
    assert refused.code == 2
    assert "unknown key 'hiden'" in refused.err
