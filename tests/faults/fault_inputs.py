"""A small run whose folder holds a file of nearly every kind."""

from __future__ import annotations

import random
from dataclasses import dataclass
from pathlib import Path

from tiny_gguf import write_gguf

from langgeo_testing import made_up_text, save_tiny_model

LANGUAGES = ("deu", "eng", "fra", "ita")
CONFIG = """\
models: [{{name: huggingface, path: {folder}/model}}]
corpora: [{{name: text-folder, path: {folder}/texts}}]
languages: all
calibration: {{tokens: 96, window: 32, seed: {seed}}}
reliability: {{replicates: 2}}
transforms: [sqrt]
baselines: [byte-length]
clusterers: [{{name: kmeans, k: 2, seeds: 1, n_init: 1}}]
evaluators: [{{name: glottolog, levels: [branch], permutations: 2, subsamples: 2}}]
exporters: [{exporters}]
"""
QUICK = "mst, nexus, json"
EVERY = "csv, figures, html, json, markdown, mst, newick, nexus, phylip, trees"


def small_run(folder: Path, exporters: str = QUICK, seed: int = 0) -> Path:
    """The config, beside its model and its texts; another `seed` has other weights, texts and windows."""
    save_tiny_model(folder / "model", seed=seed)
    (folder / "texts").mkdir()
    for language in LANGUAGES:
        text = made_up_text(language)[seed:]
        (folder / "texts" / f"{language}.txt").write_text(text, encoding="utf-8")
    file = folder / "small.yaml"
    file.write_text(CONFIG.format(folder=folder, exporters=exporters, seed=seed), encoding="utf-8")
    return file


def gguf_run(folder: Path) -> Path:
    """The same of a GGUF file, in whose vocabulary all texts are of two words, each as often as in no other."""
    folder.mkdir(parents=True)
    write_gguf(folder / "tiny.gguf")
    (folder / "texts").mkdir()
    for number, language in enumerate(LANGUAGES):
        words = random.Random(number).choices(("one", "two", "net"), (1, 1 + number, 2), k=400)
        (folder / "texts" / f"{language}.txt").write_text(" ".join(words), encoding="utf-8")
    file = folder / "small.yaml"
    written = CONFIG.format(folder=folder, exporters="mst", seed=0)
    file.write_text(written.replace(f"path: {folder}/model", f"file: {folder}/tiny.gguf"), encoding="utf-8")
    return file


@dataclass(frozen=True)
class Base:
    """A finished run, its cache, and what it gave."""

    place: Path
    config: Path
    run: Path
    cache: Path
    results: dict[str, bytes]
