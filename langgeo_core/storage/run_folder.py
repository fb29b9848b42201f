"""A finished run, read from its folder. Files are read on first use; nothing here computes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from fnmatch import fnmatch
from functools import cached_property
from pathlib import Path
from typing import Any

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
from langgeo_core.storage.schema import (
    AGAIN,
    CLUSTERS,
    KEPT,
    LANGUAGES,
    METRICS,
    Row,
    Table,
    read_distances,
    read_table,
    reading,
)
from langgeo_core.system.files import read_record, sha256_file


class Run:
    """The files of a run folder as values.

    Parameters
    ----------
    path : the folder that `langgeo run` wrote
    finished : False to read a run that is still under way, as its own stages do, without checking its files

    Raises
    ------
    UserError
        If the folder is not a run, the run has not finished, or a file that is asked for is not there.
    DamagedFileError
        If a file cannot be read, or is not the one that the run wrote.
    """

    def __init__(self, path: str | Path, finished: bool = True) -> None:
        self.path, self._checked = Path(path), finished
        if not (self.path / "config.yaml").is_file():
            raise UserError(
                f"{self.path} is not a run folder: it has no config.yaml", "pass a folder that `langgeo run` wrote"
            )
        if finished:
            if self.record.get("finished") is not True:
                raise UserError(f"the run in {self.path} has not finished", "start it again to go on")
            # Sums may take gigabytes and are read by few: they are checked when they are read.
            check_files(self.path, {name: own for name, own in self.files.items() if not name.endswith(".safetensors")})

    @cached_property
    def record(self) -> dict[str, Any]:
        """run.json: provenance, incidents, times, counts of cells."""
        file = self.path / "run.json"
        if not file.is_file():
            raise UserError(f"{self.path} has no run.json", "the run did not get that far; start it again to go on")
        with reading(file):
            return read_record(file)

    @cached_property
    def files(self) -> dict[str, str]:
        """The files that the run's stages have written, each with its SHA-256; exporters' are not among them."""
        return dict(self.record.get("files", {}))

    def matrices(self, pattern: str) -> dict[str, DistanceMatrix]:
        """The square matrices among the run's files of this pattern, by the names of their files."""
        names = sorted(name for name in self.files if fnmatch(name, pattern))
        return {Path(name).stem: read_distances(self._existing(name)) for name in names}

    @cached_property
    def planned(self) -> tuple[Language, ...]:
        """languages.csv: the languages that the run was to measure, those without distances too."""
        rows = self.rows(LANGUAGES)
        with reading(self.path / LANGUAGES.name):
            return tuple(Language(**{**row, "lineage": tuple(filter(None, row["lineage"].split("/")))}) for row in rows)

    @cached_property
    def languages(self) -> tuple[Language, ...]:
        """The languages of the distances, in their order."""
        known = {language.id: language for language in self.planned}
        return tuple(known[identifier] for identifier in self.distances.ids)

    @cached_property
    def distances(self) -> DistanceMatrix:
        """distances.csv: the aggregated matrix, transformed where the run has transforms."""
        return read_distances(self._existing("distances.csv"))

    @cached_property
    def aggregated(self) -> DistanceMatrix:
        """aggregated.csv: the distances before the run's transforms; without any, the distances."""
        return read_distances(self._existing("aggregated.csv")) if "aggregated.csv" in self.files else self.distances

    @property
    def cell_distances(self) -> dict[str, DistanceMatrix]:
        """One matrix per `model--corpus`."""
        return self.matrices("distances/*.csv")

    @cached_property
    def replicates(self) -> Replicates | None:
        """replicates/distances.csv: distances among the replicates of texts, made as `distances` are; None without."""
        name = "replicates/distances.csv"
        return Replicates.of(read_distances(self._existing(name))) if name in self.files else None

    def partial_distances(self, model: str, corpus: str) -> PartialDistances:
        """What the distances of a model and corpus are summed from; each call reads the file.

        Raises
        ------
        UserError
            If the run keeps none, or the file and kept.csv do not name the same weight matrices.
        """
        name = f"distances/{model}--{corpus}.safetensors"
        file = self._existing(name)
        if self._checked:
            check_files(self.path, {name: self.files[name]})
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
        for row in self.rows(KEPT):
            shape = {name: row[name] for name in ("layer", "module", "rows", "columns")}
            found.setdefault((row["model"], row["corpus"]), []).append(WeightMatrix(row["matrix"], **shape, input=""))
        return {pair: tuple(matrices) for pair, matrices in found.items()}

    @cached_property
    def baseline_roles(self) -> dict[str, str]:
        """What each baseline is beside the run, one of `records.ROLES`."""
        chosen = self.record.get("components", {}).get("baselines", ())
        return {baseline["name"]: baseline.get("role", "rival") for baseline in chosen}

    @cached_property
    def baselines(self) -> dict[str, DistanceMatrix]:
        """One matrix per baseline of the run that could be measured."""
        return self.matrices("baselines/*.csv")

    @cached_property
    def embedding(self) -> Embedding:
        """embedding.csv and embedding.json."""
        rows, notes = self.table("embedding.csv"), self._json("embedding.json")
        with reading(self.path / "embedding.csv"):
            axes = [key for key in rows[0] if key != "language"]
            coordinates = np.array([[float(row[axis]) for axis in axes] for row in rows])
            ids = tuple(row["language"] for row in rows)
            eigenvalues = np.array(notes.pop("eigenvalues"))
            return Embedding(ids, coordinates.reshape(len(ids), len(axes)), eigenvalues, notes)

    @cached_property
    def clusterings(self) -> tuple[Clustering, ...]:
        """clusters.csv, one value per clusterer, level, k and seed."""
        groups: dict[tuple[Any, ...], list[Row]] = {}
        for row in self.rows(CLUSTERS):
            groups.setdefault(tuple(row[name] for name in ("clusterer", "level", "k", "seed")), []).append(row)
        with reading(self.path / CLUSTERS.name):
            return tuple(
                Clustering(tuple(row["language"] for row in rows), np.array([row["cluster"] for row in rows]), *made)
                for made, rows in groups.items()
            )

    @cached_property
    def metrics(self) -> tuple[Metric, ...]:
        """metrics.csv."""
        rows = self.rows(METRICS)
        with reading(self.path / METRICS.name):
            return tuple(map(_metric, rows))

    @cached_property
    def labels(self) -> dict[str, tuple[str | None, ...]]:
        """labels.json: the classes of every level, in the order of `languages`."""
        stored = self._json("labels.json")
        with reading(self.path / "labels.json"):
            return {level: tuple(classes) for level, classes in stored.items()}

    def table(self, name: str) -> list[dict[str, str]]:
        """Any CSV file of the run as rows of text."""
        return read_table(self._existing(name))

    def rows(self, table: Table) -> list[Row]:
        """A table of the run as typed rows."""
        return table.read(self._existing(table.name))

    def _json(self, name: str) -> dict[str, Any]:
        file = self._existing(name)
        with reading(file):
            stored = json.loads(file.read_text(encoding="utf-8"))
            if not isinstance(stored, dict):
                raise ValueError("expected a JSON object")
            return stored

    def _existing(self, name: str) -> Path:
        file = self.path / name
        if name not in self.files or not file.is_file():
            raise UserError(f"{self.path} has no {name}", "the run did not get that far; start it again to go on")
        return file


def check_files(folder: Path, files: Mapping[str, str]) -> None:
    """Compare files with their SHA-256 in run.json; UserError if one is gone, DamagedFileError if one differs."""
    for name, sha256 in files.items():
        with reading(folder / name):
            if not (folder / name).is_file():
                lacks = f"{folder} has no {name}, which the run wrote"
                raise UserError(f"{folder / name} is no regular file" if (folder / name).exists() else lacks, AGAIN)
            if sha256_file(folder / name) != sha256:
                raise DamagedFileError(f"{folder / name} is not the file that run.json of this run records", AGAIN)


def _metric(row: Row) -> Metric:
    core = {name: row.pop(name) for name in METRICS.header}
    value = float("nan") if core["value"] is None else core["value"]
    extras = {name: extra for name, extra in row.items() if extra is not None}
    return Metric(**{**core, "value": value, "extras": extras})
