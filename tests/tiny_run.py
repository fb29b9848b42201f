"""A tiny random model, texts in eight made-up languages, a config over both, and what a run left behind."""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from langgeo_testing import made_up_text as made_up_text, save_tiny_model as save_tiny_model

LANGUAGES = ("deu", "eng", "fra", "ita", "nld", "por", "spa", "swe")
NO_PICTURES = "exporters=[mst]"
PICTURES = "exporters=[mst, {name: figures, formats: [svg]}, html]"
"""The default exporters; every format of the figures would take three times as long."""


@dataclass(frozen=True)
class Outcome:
    """How a command ended and what it printed."""

    code: int
    out: str
    err: str


Langgeo = Callable[..., Outcome]


@dataclass(frozen=True)
class Finished:
    """A finished run and the cache that it filled."""

    folder: Path
    cache: Path
    config: Path


CONFIG = """\
models:
  - name: huggingface
    path: {model}
corpora:
  - name: text-folder
    path: {texts}
languages: all
calibration:
  tokens: 128
  window: 32
clusterers:
  - name: kmeans
    seeds: 2
    n_init: 1
evaluators:
  - name: glottolog
    permutations: 19
    subsamples: 4
baselines: [char-ngrams]
exporters: [mst]
"""


def with_files(source: Path, target: Path, changes: Mapping[str, str | bytes | None]) -> Path:
    """A copy of a folder in which some files have other contents, or are gone where that is None."""
    shutil.copytree(source, target)
    for name, content in changes.items():
        if content is None:
            (target / name).unlink()
        elif isinstance(content, bytes):
            (target / name).write_bytes(content)
        else:
            (target / name).write_text(content, encoding="utf-8")
    return target


def two_corpora(config: Path, texts: Path, target: Path) -> Path:
    """The config with a second folder of texts called `second`."""
    written = config.read_text(encoding="utf-8")
    second = f"  - {{name: text-folder, as: second, path: {texts}}}\nlanguages: [deu, eng, fra, ita]"
    target.write_text(written.replace("languages: all", second), encoding="utf-8")
    return target


def rows(file: Path) -> list[dict[str, str]]:
    """The rows of a table."""
    with file.open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def record_of(folder: Path) -> dict[str, Any]:
    """What run.json of a run folder holds."""
    record: dict[str, Any] = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    return record


def incidents(folder: Path) -> str:
    """The messages of a run's incidents, a line each."""
    return "\n".join(incident["message"] for incident in record_of(folder)["incidents"])


def statistics_files(cache: Path) -> list[Path]:
    """The statistics of every cell in a cache, in the order of their names."""
    return sorted((cache / "cells").rglob("*.safetensors"))
