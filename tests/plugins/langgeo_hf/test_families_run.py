from __future__ import annotations

import csv
import json
import random
from pathlib import Path

import numpy as np
import pytest
from tiny_models import VOCABULARY, save
from tiny_run import LANGUAGES, Langgeo

CONFIG = """\
models: [{{name: huggingface, path: {model}}}]
corpora: [{{name: text-folder, path: {texts}}}]
languages: all
calibration: {{tokens: 96, window: 24, batch: {batch}}}
clusterers: [{{name: kmeans, seeds: 2, n_init: 1}}]
evaluators: [{{name: glottolog, permutations: 19, subsamples: 4}}]
exporters: [mst]
baselines: []
"""


@pytest.fixture(scope="module")
def words(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A text of 120 words in each language, each with a liking for other words; not to be changed."""
    folder = tmp_path_factory.mktemp("words")
    for language in LANGUAGES:
        draw = random.Random(language)
        liked = draw.sample(range(3, VOCABULARY - 1), 20)
        (folder / f"{language}.txt").write_text(" ".join(f"w{draw.choice(liked)}" for _ in range(120)))
    return folder


def distances(folder: Path) -> np.ndarray:
    with (folder / "distances.csv").open() as file:
        return np.array([row[1:] for row in list(csv.reader(file))[1:]], dtype=np.float64)


@pytest.mark.parametrize("family", ["mistral", "gemma3", "xlm-roberta", "gpt2"])
def test_every_family_runs_by_the_same_command_and_its_batches_do_not_matter(
    family: str, words: Path, langgeo: Langgeo, tmp_path: Path
):
    model = save(tmp_path / "model", family)
    found = []
    for batch in (1, 3):
        config = tmp_path / f"batch-{batch}.yaml"
        config.write_text(CONFIG.format(model=model, texts=words, batch=batch))
        done = langgeo("-q", "run", config, "--out", tmp_path / f"run-{batch}")
        assert done.code == 0, done.err
        assert langgeo("cache", "prune", "cells", "--yes").code == 0
        found.append(distances(tmp_path / f"run-{batch}"))
    record = json.loads((tmp_path / "run-3" / "run.json").read_text())
    assert (record["status"], record["cells_calibrated"]) == ("done", len(LANGUAGES))
    assert found[0].shape == (len(LANGUAGES), len(LANGUAGES))
    assert found[0][~np.eye(len(LANGUAGES), dtype=bool)].min() > 0
    np.testing.assert_allclose(found[0], found[1], atol=1e-4)


def test_a_window_that_a_model_cannot_read_is_told(words: Path, langgeo: Langgeo, tmp_path: Path):
    config = tmp_path / "long.yaml"
    config.write_text(CONFIG.format(model=save(tmp_path / "model", "bert"), texts=words, batch=1))
    done = langgeo("run", config, "calibration.window=60", "--out", tmp_path / "run")
    assert done.code == 2
    assert "BertModel accepts at most 40 tokens, including special ones, got 62" in done.err
    assert "calibration.window to 38 or fewer" in done.err
