"""The configs for parallel texts, on a tiny model, against a few lines of transformers and NumPy."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch
import yaml
from tiny_run import LANGUAGES, Langgeo, made_up_text
from transformers import AutoModel, AutoTokenizer

from langgeo_core.api import Run

LINES, LAYER = 6, 1


@pytest.fixture
def texts(tmp_path: Path) -> dict[str, list[str]]:
    """Six lines of unlike length in each language, in a folder `parallel`."""
    (tmp_path / "parallel").mkdir()
    found = {}
    for language in LANGUAGES:
        text = made_up_text(language).replace("\n", " ")
        found[language] = [text[40 * line : 40 * line + 20 + 2 * line].strip() for line in range(LINES)]
        (tmp_path / "parallel" / f"{language}.txt").write_text("\n".join(found[language]), encoding="utf-8")
    return found


@pytest.fixture
def states(texts: dict[str, list[str]], tiny_model: Path) -> np.ndarray:
    """(languages, lines, features) mean of the residual stream after the first layer, without the special token."""
    model, tokenizer = AutoModel.from_pretrained(tiny_model), AutoTokenizer.from_pretrained(tiny_model)
    means = []
    for language in LANGUAGES:
        for line in texts[language]:
            ids = tokenizer(line, add_special_tokens=False)["input_ids"]
            start = [] if tokenizer.bos_token_id is None else [tokenizer.bos_token_id]
            with torch.no_grad():
                hidden = model(torch.tensor([[*start, *ids]]), output_hidden_states=True).hidden_states[LAYER]
            means.append(hidden[0, len(start) :].double().mean(0).numpy())
    return np.array(means).reshape(len(LANGUAGES), LINES, -1)


def distances(config: str, langgeo: Langgeo, tiny_config: Path, folder: Path) -> np.ndarray:
    tiny = yaml.safe_load(tiny_config.read_text(encoding="utf-8"))
    words = [f"{key}={json.dumps(tiny[key])}" for key in ("models", "evaluators", "clusterers", "baselines")]
    words += [f"calibration.tokens={LINES}", f"reliability.replicates={LINES}", f"parts.layers={LAYER}", "exporters=[]"]
    done = langgeo("-q", "run", config, *words, "--text", folder / "parallel", "--out", folder / "run")
    assert done.code == 0, done.err
    run = Run(folder / "run")
    assert run.distances.ids == LANGUAGES
    return run.distances.values


def test_mplm_sim_is_the_mean_cosine_of_the_lines(
    states: np.ndarray, langgeo: Langgeo, tiny_config: Path, tmp_path: Path
) -> None:
    unit = states / np.linalg.norm(states, axis=2, keepdims=True)
    expected = 1 - np.einsum("alf,blf->ab", unit, unit) / LINES
    np.testing.assert_allclose(distances("mplm-sim", langgeo, tiny_config, tmp_path), expected, atol=1e-5)


def test_best_parallel_whitens_what_is_left_of_a_line(
    states: np.ndarray, langgeo: Langgeo, tiny_config: Path, tmp_path: Path
) -> None:
    aligned = states - states.mean(axis=0)
    means = aligned.mean(axis=1)
    residuals = (aligned - means[:, np.newaxis]).reshape(-1, states.shape[2])
    covariance = residuals.T @ residuals / ((len(LANGUAGES) - 1) * (LINES - 1))
    values = np.linalg.eigvalsh(covariance)
    level = 0.1 * values.sum() / (values > 1e-12 * values.max()).sum()
    products = means @ np.linalg.solve(covariance + level * np.eye(len(covariance)), means.T)
    lengths = np.sqrt(np.diag(products))
    expected = 1 - products / np.outer(lengths, lengths)
    np.testing.assert_allclose(distances("best-parallel", langgeo, tiny_config, tmp_path), expected, atol=1e-4)
