"""Scorers that are not separable through the same commands as all others."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from tiny_run import LANGUAGES, Finished, Langgeo, record_of, rows, statistics_files

from langgeo_core.api import Run
from langgeo_core.calibration.windows import RunWindows
from langgeo_core.config.catalog import bundled_catalog
from langgeo_core.config.load import draft_config
from langgeo_core.planning.plan import make_plan
from langgeo_core.plugins.registry import installed

QUICK = ("exporters=[]", "baselines=[]")


@pytest.fixture(scope="module")
def fisher_run(tmp_path_factory: pytest.TempPathFactory, tiny_config: Path) -> Finished:
    """The tiny config with the scorer fisher; not to be changed."""
    from langgeo_core.cli import _exit_code

    folder = tmp_path_factory.mktemp("fisher")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LANGGEO_CACHE", str(folder / "cache"))
        assert _exit_code(["-q", "run", str(tiny_config), "scorer=fisher", *QUICK, "--out", str(folder / "run")]) == 0
    return Finished(folder / "run", folder / "cache", tiny_config)


@pytest.fixture
def own_fisher(fisher_run: Finished, tmp_path: Path, cache: Path) -> Finished:
    """A copy of the run and its cache."""
    shutil.copytree(fisher_run.folder, tmp_path / "run")
    shutil.copytree(fisher_run.cache, cache)
    return Finished(tmp_path / "run", cache, fisher_run.config)


def test_a_run_like_any_other(fisher_run: Finished):
    record = record_of(fisher_run.folder)
    assert (record["finished"], record["status"], record["signature"]) == (True, "done", "PackedBits")
    assert record["cells_calibrated"] == len(LANGUAGES)
    cells = rows(fisher_run.folder / "cells.csv")
    assert [cell["language"] for cell in cells] == list(LANGUAGES)
    assert {(cell["status"], cell["tokens"]) for cell in cells} == {("calibrated", "128")}
    assert sorted(cell["statistics"] for cell in cells) == [file.name for file in statistics_files(fisher_run.cache)]
    distances = Run(fisher_run.folder).distances.values
    assert (distances[~np.eye(len(LANGUAGES), dtype=bool)] > 0).all()
    kept = [float(row["kept_mean"]) for row in rows(fisher_run.folder / "kept.csv")]
    assert len(kept) == 14
    np.testing.assert_allclose(kept, 0.5, atol=0.01)


def test_distances_are_those_of_scores_written_out(fisher_run: Finished, tiny_model: Path):
    """From the files of the store, the medians and bits by hand."""
    from safetensors.numpy import load_file

    weights = load_file(tiny_model / "model.safetensors")
    languages = []
    for cell in rows(fisher_run.folder / "cells.csv"):
        sums = load_file(fisher_run.cache / "cells" / cell["statistics"][:2] / cell["statistics"])
        assert len(sums) == 14
        bits = []
        for name in sorted(sums):
            scores = np.square(weights[f"model.{name}.weight"]) * (sums[name] / np.float32(128))
            bits.append((scores > np.float32(np.median(scores.astype(np.float64)))).ravel())
        languages.append(np.concatenate(bits))
    bits = np.stack(languages)
    expected = (bits[:, None] != bits[None]).mean(axis=2)
    np.testing.assert_allclose(Run(fisher_run.folder).distances.values, expected, rtol=1e-12)


def test_x_sns_is_what_a_few_lines_of_transformers_give(
    langgeo: Langgeo, tiny_config: Path, tiny_model: Path, tmp_path: Path
):
    """Each window's gradient, squared and summed; the 15 % of all weights with the largest; 1 − |A ∩ B| / |A ∪ B|."""
    import torch
    import yaml
    from transformers import AutoModelForCausalLM

    tiny = yaml.safe_load(tiny_config.read_text(encoding="utf-8"))
    words = [f"{key}={json.dumps(tiny[key])}" for key in ("models", "corpora", "evaluators", "clusterers")]
    words += ["languages=all", "calibration.tokens=128", "calibration.window=32", "calibration.bos=false", *QUICK]
    assert langgeo("-q", "run", "x-sns", *words, "--out", tmp_path / "run").code == 0
    plan = make_plan(draft_config("x-sns", words, installed(), bundled_catalog()).resolved())
    windows = RunWindows(plan)
    model = AutoModelForCausalLM.from_pretrained(tiny_model, dtype=torch.float32)
    kept = []
    for language in LANGUAGES:
        sums: dict[str, np.ndarray] = {}
        for window in windows.ids(*plan.models, *plan.corpora, language):
            model.zero_grad()
            tokens = torch.tensor([window])
            (model(input_ids=tokens, labels=tokens).loss * (len(window) - 1)).backward()
            for name, parameter in model.model.layers.named_parameters():
                if parameter.ndim == 2:
                    sums[name] = sums.get(name, 0) + parameter.grad.numpy() ** 2
        fisher = np.concatenate([values.ravel() for values in sums.values()])
        kept.append(set(np.argsort(fisher)[-int(0.15 * len(fisher)) :]))
    expected = [[1 - len(one & other) / len(one | other) for other in kept] for one in kept]
    np.testing.assert_allclose(Run(tmp_path / "run").distances.values, expected, atol=1e-5)


def test_plan_shows_its_cells(own_fisher: Finished, langgeo: Langgeo):
    assert "8 in the store" in langgeo("plan", own_fisher.config, "scorer=fisher").out
    assert "8 to calibrate" in langgeo("plan", own_fisher.config, "scorer=taylor").out
    assert "8 to calibrate" in langgeo("plan", own_fisher.config).out


@pytest.mark.parametrize("option", ["calibration.batch=3", "calibration.damping=0.1"])
def test_what_has_no_part_in_gradients_leaves_the_cells(own_fisher: Finished, langgeo: Langgeo, option: str):
    assert "8 in the store" in langgeo("plan", own_fisher.config, "scorer=fisher", option).out
    assert "8 to calibrate" in langgeo("plan", own_fisher.config, "scorer=fisher", "calibration.tokens=64").out


def test_what_was_interrupted_goes_on(own_fisher: Finished, langgeo: Langgeo, tmp_path: Path):
    lost = statistics_files(own_fisher.cache)[:3]
    for file in lost:
        file.unlink()
        file.with_suffix(".json").unlink()
    done = langgeo("run", own_fisher.config, "scorer=fisher", *QUICK, "--out", tmp_path / "again")
    assert done.code == 0
    record = record_of(tmp_path / "again")
    assert (record["cells_calibrated"], record["cells_reused"]) == (3, 5)
    assert all(file.is_file() for file in lost)
    again, before = (Run(folder).distances.values for folder in (tmp_path / "again", own_fisher.folder))
    np.testing.assert_allclose(again, before, atol=1e-3)


def test_a_damaged_cell_is_computed_again(own_fisher: Finished, langgeo: Langgeo, tmp_path: Path):
    file = statistics_files(own_fisher.cache)[0]
    file.write_bytes(file.read_bytes()[:-4])
    assert langgeo("run", own_fisher.config, "scorer=fisher", *QUICK, "--out", tmp_path / "again").code == 0
    record = record_of(tmp_path / "again")
    assert record["cells_calibrated"] == 1
    assert "does not match its checksum; computed again" in record["incidents"][0]["message"]


def test_a_cell_damaged_before_compare_is_told(own_fisher: Finished, langgeo: Langgeo):
    file = statistics_files(own_fisher.cache)[0]
    file.write_bytes(file.read_bytes()[:-4])
    written = own_fisher.folder / "config.yaml"
    refused = langgeo("run", written, "--from", "compare", "--out", own_fisher.folder)
    assert refused.code == 2
    assert "run again from the stage calibrate" in refused.err


def test_other_quantizers_and_distances_need_no_model(own_fisher: Finished, langgeo: Langgeo):
    words = ["scorer=fisher", "quantizer=none", "distance=l1", *QUICK, "--from", "compare", "--out", own_fisher.folder]
    assert langgeo("run", own_fisher.config, *words).code == 0
    record = record_of(own_fisher.folder)
    assert (record["signature"], record["cells_calibrated"], record["cells_reused"]) == ("Dense", 0, 8)


@pytest.mark.parametrize("scorer", ["sparsegpt", "taylor"])
def test_compare_cannot_go_on_with_the_cells_of_another_scorer(own_fisher: Finished, langgeo: Langgeo, scorer: str):
    words = [f"scorer={scorer}", *QUICK, "--from", "compare", "--out", own_fisher.folder]
    refused = langgeo("run", own_fisher.config, *words)
    assert refused.code == 2
    assert "scorer changed: that takes effect at calibrate, before compare" in refused.err
    assert "use --from calibrate with --overwrite" in refused.err


def test_a_model_without_a_head_is_told(
    langgeo: Langgeo, tiny_config: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    from langgeo_hf.folder import FolderModel

    class Headless:
        """A folder's model without `load_causal`."""

        def __init__(self, options: Any) -> None:
            self._model = FolderModel(options)

        def __getattr__(self, name: str) -> Any:
            if name == "load_causal":
                raise AttributeError(name)
            return getattr(self._model, name)

    monkeypatch.setattr("langgeo_hf.model.FolderModel", Headless)
    refused = langgeo("run", tiny_config, "scorer=fisher", *QUICK, "--out", tmp_path / "out")
    assert refused.code == 2
    assert "the scorer fisher needs a loss, and the model huggingface cannot be loaded with its head" in refused.err


def test_a_class_that_is_not_what_its_record_says_is_told(
    langgeo: Langgeo, tiny_config: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.delattr("langgeo_scorers.gradients.Fisher.accumulate")
    refused = langgeo("plan", tiny_config, "scorer=fisher")
    assert refused.code == 2
    assert "the scorer fisher of langgeo is registered as per_weight, but Fisher lacks" in refused.err


def test_validate_takes_it(langgeo: Langgeo, tiny_config: Path):
    assert "no problems" in langgeo("validate", tiny_config, "scorer=fisher").out


def test_scorers_of_either_kind_in_one_ablation(own_run: Finished, langgeo: Langgeo, tmp_path: Path):
    words = ["scorer=sparsegpt,fisher,wanda", "baselines=[]", "--out", tmp_path / "out"]
    done = langgeo("ablate", own_run.config, *words)
    assert done.code == 0, done.err
    table = rows(tmp_path / "out" / "ablation.csv")
    assert {row["variant"]: row["status"] for row in table} == {
        "baseline": "ok", "scorer=fisher": "ok", "scorer=wanda": "ok",
    }  # fmt: skip
    calibrated = {
        name: record_of(tmp_path / "out" / "variants" / name)["cells_calibrated"]
        for name in ("baseline", "scorer=fisher")
    }
    assert calibrated == {"baseline": 0, "scorer=fisher": 8}
    found = [
        Run(tmp_path / "out" / "variants" / name).distances.values
        for name in ("baseline", "scorer=fisher", "scorer=wanda")
    ]
    assert not np.allclose(found[0], found[1], rtol=1e-3) and not np.allclose(found[2], found[1], rtol=1e-3)


def test_gradients_predict_a_small_step(
    langgeo: Langgeo, tiny_config: Path, tiny_model: Path, tmp_path: Path, cache: Path
):
    """The cosine distance is that of gradients by autograd, and the cells are those of `taylor`."""
    words = (
        tiny_config,
        "quantizer=none",
        "distance=cosine",
        *(exact := ("calibration.dtype=float64", "calibration.bos=false")),
        *QUICK,
    )
    assert langgeo("-q", "run", *words, "scorer=gradient", "--out", tmp_path / "one").code == 0
    assert langgeo("-q", "run", *words, "scorer=taylor", "--out", tmp_path / "two").code == 0
    assert record_of(tmp_path / "two")["cells_reused"] == len(LANGUAGES)
    config = draft_config(str(tiny_config), exact, installed(), bundled_catalog()).resolved()
    plan = make_plan(config)
    (model,) = plan.models.values()
    loaded = model.load_causal("float64")
    layers = [module for _, module in loaded.network.named_modules() if isinstance(module, torch.nn.Linear)]
    gradients = []
    for language in LANGUAGES[:3]:
        loaded.causal.zero_grad()
        found = RunWindows(plan).of(next(iter(plan.models)), next(iter(plan.corpora)), language).windows
        for ids in found.ids:
            batch = torch.tensor([ids])
            logits = loaded.causal(input_ids=batch, attention_mask=torch.ones_like(batch)).logits[0]
            torch.nn.functional.cross_entropy(logits[:-1], batch[0, 1:], reduction="sum").backward()
        gradients.append(torch.cat([layer.weight.grad.flatten() for layer in layers]))
    unit = torch.stack([one / one.norm() for one in gradients])
    distances = Run(tmp_path / "one").distances.subset(LANGUAGES[:3]).values
    np.testing.assert_allclose(distances, 1 - (unit @ unit.T).numpy(), atol=1e-5)
