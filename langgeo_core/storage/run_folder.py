"""A finished run, read from its folder. Files are read on first use; nothing here computes."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from safetensors import safe_open

from langgeo_core.contract.errors import DamagedFileError, UserError
from langgeo_core.contract.types import (
    Clustering,
    DistanceMatrix,
    Embedding,
    Language,
    Metric,
    PartialDistances,
    Replicates,
    WeightMatrix,
)
from langgeo_core.storage.tables import AGAIN, read_distances, read_table, reading

Value = TypeVar("Value")


class Run:
    """The files of a run folder as values.

    Parameters
    ----------
    path : the folder that `langgeo run` wrote

    Raises
    ------
    UserError
        If the folder is not a run, or a file that is asked for is not there yet.
    DamagedFileError
        If a file is there and cannot be read.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        if not (self.path / "config.yaml").is_file():
            raise UserError(
                f"{self.path} is not a run folder: it has no config.yaml", "pass a folder that `langgeo run` wrote"
            )

    @cached_property
    def record(self) -> dict[str, Any]:
        """run.json: provenance, incidents, times, counts of cells."""
        return self._json("run.json")

    @cached_property
    def planned(self) -> tuple[Language, ...]:
        """languages.csv: the languages that the run was to measure, those without distances too."""
        return tuple(self._each("languages.csv", _language))

    @cached_property
    def languages(self) -> tuple[Language, ...]:
        """The languages of the distances, in their order."""
        known = {language.id: language for language in self.planned}
        unknown = [identifier for identifier in self.distances.ids if identifier not in known]
        if unknown:
            raise DamagedFileError(
                f"{self.path}: languages.csv lacks {', '.join(unknown)}, which distances.csv has", AGAIN
            )
        return tuple(known[identifier] for identifier in self.distances.ids)

    @cached_property
    def distances(self) -> DistanceMatrix:
        """distances.csv: the aggregated matrix, transformed where the run has transforms."""
        return read_distances(self._existing("distances.csv"))

    @cached_property
    def aggregated(self) -> DistanceMatrix:
        """aggregated.csv: the distances before the run's transforms; without any, the distances."""
        file = self.path / "aggregated.csv"
        return read_distances(file) if file.is_file() else self.distances

    @property
    def cell_distances(self) -> dict[str, DistanceMatrix]:
        """One matrix per `model--corpus`."""
        folder = self.path / "distances"
        return {file.stem: read_distances(file) for file in sorted(folder.glob("*.csv"))}

    @cached_property
    def replicates(self) -> Replicates | None:
        """replicates/distances.csv: distances among the replicates of texts, made as `distances` are; None without."""
        file = self.path / "replicates" / "distances.csv"
        return Replicates.of(read_distances(file)) if file.is_file() else None

    def partial_distances(self, model: str, corpus: str) -> PartialDistances:
        """What the distances of a model and corpus are summed from; each call reads the file.

        Raises
        ------
        UserError
            If the run keeps none, or the file and kept.csv do not name the same weight matrices.
        """
        file = self._existing(f"distances/{model}--{corpus}.safetensors")
        matrices = self.weight_matrices.get((model, corpus), ())
        with reading(file), safe_open(file, "numpy") as stored:
            sums, names = stored.get_tensor("partials"), stored.metadata() or {}
            if [matrix.name for matrix in matrices] != json.loads(names["matrices"]):
                raise UserError(f"{file} has other weight matrices than kept.csv", "run again from the stage compare")
            return PartialDistances(tuple(json.loads(names["languages"])), matrices, sums)

    @cached_property
    def weight_matrices(self) -> dict[tuple[str, str], tuple[WeightMatrix, ...]]:
        """The weight matrices of each model and corpus that was compared, in the order of kept.csv."""
        found: dict[tuple[str, str], list[WeightMatrix]] = {}
        for pair, matrix in self._each("kept.csv", _compared):
            found.setdefault(pair, []).append(matrix)
        return {pair: tuple(matrices) for pair, matrices in found.items()}

    @cached_property
    def baseline_roles(self) -> dict[str, str]:
        """What each baseline is beside the run, one of `records.ROLES`."""
        chosen = self.record.get("components", {}).get("baselines", ())
        return {baseline["name"]: baseline.get("role", "rival") for baseline in chosen}

    @cached_property
    def baselines(self) -> dict[str, DistanceMatrix]:
        """One matrix per baseline of the run that could be measured."""
        return {file.stem: read_distances(file) for file in sorted((self.path / "baselines").glob("*.csv"))}

    @cached_property
    def embedding(self) -> Embedding:
        """embedding.csv and embedding.json."""
        rows, notes = self.table("embedding.csv"), self._json("embedding.json")
        with reading(self.path / "embedding.csv"):
            axes = [key for key in rows[0] if key != "language"]
            coordinates = np.array([[float(row[axis]) for axis in axes] for row in rows])
            ids = tuple(row["language"] for row in rows)
        with reading(self.path / "embedding.json"):
            eigenvalues = np.array(notes.pop("eigenvalues"))
            return Embedding(ids, coordinates.reshape(len(ids), len(axes)), eigenvalues, notes)

    @cached_property
    def clusterings(self) -> tuple[Clustering, ...]:
        """clusters.csv, one value per clusterer, level, k and seed."""
        groups: dict[tuple[str, str, str, str], list[dict[str, str]]] = {}
        rows = self.table("clusters.csv")
        with reading(self.path / "clusters.csv"):
            for row in rows:
                groups.setdefault((row["clusterer"], row["level"], row["k"], row["seed"]), []).append(row)
            return tuple(_clustering(key, members) for key, members in groups.items())

    @cached_property
    def metrics(self) -> tuple[Metric, ...]:
        """metrics.csv."""
        return tuple(self._each("metrics.csv", _metric))

    @cached_property
    def labels(self) -> dict[str, tuple[str | None, ...]]:
        """labels.json: the classes of every level, in the order of `languages`."""
        stored = self._json("labels.json")
        with reading(self.path / "labels.json"):
            return {level: tuple(classes) for level, classes in stored.items()}

    def table(self, name: str) -> list[dict[str, str]]:
        """Any CSV file of the run as rows of text."""
        return read_table(self._existing(name))

    def _each(self, name: str, value: Callable[[Mapping[str, str]], Value]) -> list[Value]:
        rows = self.table(name)
        with reading(self.path / name):
            return [value(row) for row in rows]

    def _json(self, name: str) -> dict[str, Any]:
        file = self._existing(name)
        with reading(file):
            stored = json.loads(file.read_text(encoding="utf-8"))
            if not isinstance(stored, dict):
                raise ValueError("it is no map")
            return stored

    def _existing(self, name: str) -> Path:
        file = self.path / name
        if not file.is_file():
            raise UserError(f"{self.path} has no {name}", "the run did not get that far; start it again to go on")
        return file


def _language(row: Mapping[str, str]) -> Language:
    text = {key: row[key] for key in row if key not in ("lineage", "latitude", "longitude")}
    return Language(
        **text,
        lineage=tuple(filter(None, row["lineage"].split("/"))),
        latitude=_number(row["latitude"]),
        longitude=_number(row["longitude"]),
    )


def _compared(row: Mapping[str, str]) -> tuple[tuple[str, str], WeightMatrix]:
    """A row of kept.csv: a model and corpus, and a matrix of the model."""
    shape = int(row["rows"]), int(row["columns"])
    return (row["model"], row["corpus"]), WeightMatrix(row["matrix"], int(row["layer"]), row["module"], *shape, "")


def _clustering(key: tuple[str, str, str, str], rows: list[dict[str, str]]) -> Clustering:
    clusterer, level, k, seed = key
    ids = tuple(row["language"] for row in rows)
    labels = np.array([int(row["cluster"]) for row in rows])
    return Clustering(ids, labels, clusterer, level, int(k) if k else None, int(seed))


_WHOLE = {"n", "seeds", "k", "distinct_n"}
_TEXT = {"evaluator", "metric", "clusterer", "level", "source"}


def _metric(row: Mapping[str, str]) -> Metric:
    values: dict[str, Any] = {}
    for key, entry in row.items():
        if key in _TEXT:
            values[key] = entry
        elif key in _WHOLE:
            values[key] = int(entry) if entry else None
        else:
            values[key] = _number(entry)
    values["value"] = float(row["value"] or "nan")
    return Metric(**values)


def _number(entry: str) -> float | None:
    return float(entry) if entry else None
