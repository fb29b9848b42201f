"""The spaces that come with langgeo: read without a model; `python -m langgeo_atlas.packaged BEST PAPER` packs them."""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from langgeo_atlas.intervals import left_out_of
from langgeo_atlas.space import LanguageSpace
from langgeo_core.api import (
    DamagedFileError,
    DistanceMatrix,
    LanguageTable,
    Run,
    UserError,
    replacing,
    suggestion,
    write_record,
)

DATA = Path(__file__).with_name("data")
ABOUT, ARRAYS = "spaces.json", "spaces.npz"
STEPS = 65535
"""Distances are kept as shares of the largest, to 16 bits; the changes without a replicate as shares to 8 bits."""
KEPT = ("model", "corpus", "started", "langgeo", "versions", "models", "corpora", "calibration", "components")
MADE_BY = ("models", "corpora", "scorers", "quantizers", "distances", "aggregators", "transforms")
DESCRIPTIONS = {
    "best": "How often inputs of attention are positive while Gemma 3 270M reads it, whitened within languages; cosine "
    "distance, 0 to 2.",
    "paper": "The published method: SparseGPT's importance of weights, above the median or not; the share of weights "
    "that differ.",
    "letters": "No model: Hellinger distance of trigrams of characters, centred; the strongest that letters give.",
    "geography": "No text: great-circle distance in kilometres between Glottolog's coordinates.",
    "glottolog-tree": "No text: distance on Glottolog's tree, as linguists classify the languages.",
}


def space(name: str = "best") -> LanguageSpace:
    """A space that comes with langgeo; `spaces()` lists them.

    Raises
    ------
    UserError
        If there is none of that name.

    Examples
    --------
    >>> import langgeo_core as lg
    >>> best = lg.space("best")
    >>> len(best), best.nearest("German", 2)[1][0]
    (438, 'nld')
    """
    about, arrays = _about(), _arrays()
    if name not in about["spaces"]:
        raise UserError(f"there is no packaged space {name!r}", suggestion(name, about["spaces"], "spaces"))
    kept = about["spaces"][name]
    ids, largest = tuple(kept["ids"]), kept["largest"]
    languages = tuple(replace(LanguageTable().lookup(one), script=about["scripts"][one]) for one in ids)
    distances = DistanceMatrix(ids, _square(arrays[name] * (largest / STEPS), len(ids)))
    labels = {level: {one.id: getattr(one, level) or None for one in languages} for level in ("family", "branch")}

    def left_out() -> NDArray[np.float64] | None:
        if not kept["changes"]:
            return None
        shares = 1 + arrays[f"{name}-left-out"] * (kept["changes"] / 127)
        return np.stack([_square(one, len(ids)) for one in shares])

    points, made = np.empty((len(ids), 0)), {**origin(name), "name": name}
    return LanguageSpace(languages, distances, points, labels, name, kept["about"], kept["metrics"], left_out, made)


def spaces() -> dict[str, str]:
    """The names of the packaged spaces, each with what it is.

    Examples
    --------
    >>> import langgeo_core as lg
    >>> list(lg.spaces())
    ['best', 'paper', 'letters', 'geography', 'glottolog-tree']
    """
    return {name: kept["about"] for name, kept in _about()["spaces"].items()}


def record() -> dict[str, Any]:
    """Where the packaged spaces come from: versions, models, texts and licences of the runs."""
    return {key: value for key, value in _about().items() if key not in ("spaces", "scripts")}


def origin(name: str) -> dict[str, Any]:
    """What made a packaged space, as run.json has it: version, models, corpora, calibration, components, `about`."""
    runs = record()["runs"]
    run = runs.get(name, runs["best"])
    made = {kind: run["components"].get(kind, []) for kind in MADE_BY}
    if name not in runs:
        of_baseline = [one for one in run["components"]["baselines"] if one["name"] == name]
        texts = [] if of_baseline[0].get("role") != "rival" else run["corpora"]
        made = {**{kind: [] for kind in MADE_BY}, "corpora": made["corpora"] if texts else [], "distances": of_baseline}
        run = {**run, "models": [], "corpora": texts, "calibration": {}}
    kept = {key: run[key] for key in ("langgeo", "models", "corpora", "calibration")}
    return {**kept, "components": made, "about": DESCRIPTIONS[name]}


def pack(best: Run, paper: Run, folder: Path = DATA) -> Path:
    """Write the spaces of two finished runs, with the first one's baselines, into a folder; returns that of arrays.

    Raises
    ------
    UserError
        If a run has no baseline that is packed.
    """
    matrices = {"best": best.distances, "paper": paper.distances}
    for name in ("letters", "geography", "glottolog-tree"):
        if name not in best.baselines:
            raise UserError(f"{best.path} has no baseline {name}", "run the config `atlas`")
        matrices[name] = best.baselines[name]
    left = {"best": left_out_of(best), "paper": left_out_of(paper)}
    arrays: dict[str, NDArray[Any]] = {}
    about: dict[str, Any] = {}
    for name, matrix in matrices.items():
        complete = matrix.subset([one for one in matrix.ids if one not in matrix.lacking_pairs()])
        values, largest = _upper(complete.values), float(complete.values.max())
        arrays[name] = np.rint(values / largest * STEPS).astype(np.uint16)
        changes = 0.0
        if (without := left.get(name)) is not None:
            shares = _upper(without) / _upper(without.mean(axis=0)) - 1
            changes = float(np.abs(shares).max())
            arrays[f"{name}-left-out"] = np.rint(shares / changes * 127).astype(np.int8)
        about[name] = {
            "about": DESCRIPTIONS[name],
            "ids": list(complete.ids),
            "largest": largest,
            "changes": changes,
            "metrics": _figures(paper, "run") if name == "paper" else _figures(best, "run" if name == "best" else name),
        }
    content = BytesIO()
    np.savez_compressed(content, **arrays)  # type: ignore[arg-type]
    with replacing(folder / ARRAYS) as scratch:
        scratch.write_bytes(content.getvalue())
    runs = {name: {key: run.record[key] for key in KEPT if key in run.record} for name, run in
            (("best", best), ("paper", paper))}  # fmt: skip
    scripts = {one.id: one.script for run in (paper, best) for one in run.languages}
    kept = {"spaces": about, "scripts": scripts, "runs": runs, "arrays": checksum(arrays)}
    write_record(folder / ABOUT, kept)
    _about.cache_clear()
    _arrays.cache_clear()
    return folder / ARRAYS


def _figures(run: Run, source: str) -> list[dict[str, str]]:
    """The rows of metrics.csv on the run's own distances or on those of a baseline, without what is empty."""
    rows = [row for row in run.table("metrics.csv") if row.get("source", source) == source]
    return [{key: value for key, value in row.items() if value and key != "source"} for row in rows]


def checksum(arrays: Mapping[str, NDArray[Any]]) -> str:
    """SHA-256 over the names, types, shapes and values of arrays, whatever compressed them."""
    found = hashlib.sha256()
    for name, values in sorted(arrays.items()):
        found.update(f"{name} {values.dtype.str} {values.shape}\n".encode() + values.tobytes())
    return found.hexdigest()


@cache
def _about() -> dict[str, Any]:
    return read_data(ABOUT)


def read_data(name: str) -> dict[str, Any]:
    """A JSON file of the package's data."""
    try:
        return dict(json.loads((DATA / name).read_text(encoding="utf-8")))
    except (OSError, ValueError) as failure:
        raise DamagedFileError(f"{DATA / name} cannot be read: {failure}", "install langgeo again") from failure


@cache
def _arrays() -> dict[str, NDArray[Any]]:
    try:
        with (DATA / ARRAYS).open("rb") as file, np.load(file, allow_pickle=False) as stored:
            return {name: stored[name] for name in stored.files}
    except (OSError, ValueError, KeyError, BadZipFile) as failure:
        raise DamagedFileError(f"{DATA / ARRAYS} cannot be read: {failure}", "install langgeo again") from failure


def _upper(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """(…, n, n) to (…, n(n − 1)/2), row by row."""
    rows, columns = np.triu_indices(values.shape[-1], 1)
    return values[..., rows, columns]


def _square(upper: NDArray[np.float64], n: int) -> NDArray[np.float64]:
    values = np.zeros((n, n))
    values[np.triu_indices(n, 1)] = upper
    return values + values.T


if __name__ == "__main__":
    measured, published = (Run(path) for path in sys.argv[1:])
    print(pack(measured, published))
