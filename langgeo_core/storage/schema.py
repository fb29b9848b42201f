"""The tables of a run folder: every column with its type and meaning, said once; CSV files written and read back.

Stages write these tables, `Run` reads them as typed rows, and docs/run-folder.md prints them.
"""

from __future__ import annotations

import csv
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError

from langgeo_core.contract.errors import DamagedFileError, NumericalError
from langgeo_core.contract.types import DistanceMatrix
from langgeo_core.system.files import replacing

AGAIN = "it was changed or cut short: start the run again without --from, and it is regenerated from cached results"

Entry = str | int | float | None
Row = dict[str, Any]


@dataclass(frozen=True)
class Column:
    """A column: text, whole numbers or numbers. An empty entry of numbers is None."""

    name: str
    meaning: str
    type: type[str] | type[int] | type[float] = str

    def parse(self, entry: str) -> Entry:
        """The value of an entry; raises ValueError where it is of another type."""
        if self.type is str:
            return entry
        try:
            return self.type(entry) if entry else None
        except ValueError:
            kind = "whole number" if self.type is int else "number"
            raise ValueError(f"{entry!r} in the column {self.name} is not a {kind}") from None


@dataclass(frozen=True)
class Table:
    """A CSV file of a run folder; `open` where a run may add columns of numbers at the end."""

    name: str
    columns: tuple[Column, ...]
    open: bool = False

    @property
    def header(self) -> tuple[str, ...]:
        """The names of the columns."""
        return tuple(column.name for column in self.columns)

    def write(self, file: Path, rows: Iterable[Mapping[str, Any]], more: Iterable[str] = ()) -> None:
        """Replace a file by these rows; `more` are the additional columns of a table that is open."""
        write_table(file, (*self.header, *more), rows)

    def read(self, file: Path) -> list[Row]:
        """The rows of a file.

        Raises
        ------
        DamagedFileError
            If the file lacks a column, or an entry is of another type.
        """
        rows = read_table(file)
        with reading(file):
            return [self.parse(row) for row in rows]

    def parse(self, row: Mapping[str, str]) -> Row:
        """A row with its values; raises ValueError where it does not fit."""
        if lacking := [name for name in self.header if name not in row]:
            raise ValueError(f"it lacks the columns {', '.join(lacking)}")
        more = [name for name in row if name not in self.header]
        if more and not self.open:
            raise ValueError(f"it has unknown columns: {', '.join(more)}")
        values = {column.name: column.parse(row[column.name]) for column in self.columns}
        for name in more:  # whole numbers stay whole
            values[name] = Column(name, "", int if row[name].lstrip("-").isdigit() else float).parse(row[name])
        return values

    def markdown(self) -> str:
        """The table's columns as docs/run-folder.md prints them."""
        return "\n".join(["| column | |", "|---|---|", *(f"| `{one.name}` | {one.meaning} |" for one in self.columns)])


LANGUAGES = Table(
    "languages.csv",
    (
        Column("id", "ISO 639-3, with `_Script` or `_variety` where needed"),
        Column("iso639_3", "code"),
        Column("glottocode", "code of Glottolog, whose facts the following are (CC BY 4.0)"),
        Column("name", "name"),
        Column("script", "ISO 15924 code of the text, as far as the id or a corpus says"),
        Column("level", "`language`, `dialect` or `family`"),
        Column("family", "name"),
        Column("branch", "name: the child of the family, in Indo-European the node below Classical Indo-European"),
        Column("lineage", "glottocodes of the ancestors from the family down, joined by `/`"),
        Column("latitude", "degrees", float),
        Column("longitude", "degrees", float),
        Column("macroareas", "Glottolog's"),
    ),
)

CELLS = Table(
    "cells.csv",
    (
        Column("model", "of the cell"),
        Column("corpus", "of the cell"),
        Column("language", "of the cell"),
        Column(
            "status",
            "`calibrated` by this command; `reused` from the store; `skipped`, text too short under `short: skip`; "
            "`missing`, no text",
        ),
        Column("tokens", "tokens used (for `skipped`: how many there are)", int),
        Column("seconds", "time that the computation took when it was done", float),
        Column("statistics", "file name in the store, `<cache>/cells/<first two characters>/`"),
        Column("sha256", "of that file; checked before it is used"),
    ),
)

REPLICATE_CELLS = Table(
    "replicates/cells.csv", (*CELLS.columns, Column("replicate", "number of the replicate, from 0", int))
)

KEPT = Table(
    "kept.csv",
    (
        Column("model", "of the distances"),
        Column("corpus", "of the distances"),
        Column("matrix", "path of the weight matrix in the network"),
        Column("layer", "number of the layer, from 0", int),
        Column("module", "the rest of the path"),
        Column("rows", "outputs", int),
        Column("columns", "inputs", int),
        Column("kept_mean", "mean share of its weights that languages keep; near 0 or 1 the matrix says little", float),
        Column("kept_min", "the least share of a language", float),
        Column("kept_max", "the largest share of a language", float),
    ),
)

CLUSTERS = Table(
    "clusters.csv",
    (
        Column("language", "id"),
        Column("clusterer", "its name in the config"),
        Column("level", "whose number of classes `k` follows; empty where it follows none"),
        Column("k", "number of clusters asked for; empty where the clusterer chooses", int),
        Column("seed", "one of the run's seed, seed + 1, …", int),
        Column("cluster", "from 0; -1 for no cluster", int),
    ),
)

METRICS = Table(
    "metrics.csv",
    (
        Column("source", "`run`, or the name of a baseline"),
        Column("evaluator", "what computed the figure"),
        Column("clusterer", "empty for metrics of the distances"),
        Column("level", "level of the classes, or what else the figure is about"),
        Column("metric", "name of the figure"),
        Column("value", "the figure, over several seeds their mean", float),
        Column(
            "sd",
            "with several seeds the standard deviation over them; with one the standard error over languages (empty "
            "with fewer than four)",
            float,
        ),
        Column("seeds", "number of seeds", int),
        Column("null_mean", "mean of the figure under shuffled labels; empty without such a null", float),
        Column("null_sd", "its standard deviation", float),
        Column(
            "p",
            "one-sided probability of a figure as large under shuffled labels; without a null two-sided: no difference",
            float,
        ),
        Column("ci_low", "lower end of the 95 % interval over languages", float),
        Column("ci_high", "upper end", float),
        Column("n", "languages that count", int),
        Column("k", "clusters", int),
    ),
    open=True,
)

COMPARISONS = Table(
    "comparisons.csv",
    (
        Column("baseline", "its name"),
        Column("evaluator", "as in `metrics.csv`"),
        Column("clusterer", "as in `metrics.csv`"),
        Column("level", "as in `metrics.csv`"),
        Column("metric", "as in `metrics.csv`"),
        Column("delta", "the run's value less the baseline's, over the languages that both have", float),
        Column("low", "lower end of its 95 % interval", float),
        Column("high", "upper end", float),
        Column("p", "two-sided, of no difference", float),
        Column("n", "languages that both have", int),
    ),
)

K_SWEEP = Table(
    "k_sweep.csv",
    (
        Column("evaluator", "as in `metrics.csv`"),
        Column("clusterer", "one with `k: classes`"),
        Column("level", "as in `metrics.csv`"),
        Column("metric", "as in `metrics.csv`"),
        Column("k", "number of clusters", int),
        Column("value", "mean over seeds", float),
        Column("sd", "standard deviation over seeds", float),
        Column("seeds", "up to three", int),
    ),
)

RELIABILITY = Table(
    "reliability.csv",
    (
        Column("language", "id"),
        Column("floor", "mean distance between its own replicates", float),
        Column("nearest", "the nearest other language, by `distance`"),
        Column("distance", "mean distance from a replicate of one to a different replicate of the other", float),
        Column("told_apart", "`no` where the difference from another language is not significant"),
        Column("below_floor", "those languages, with spaces between"),
    ),
)

_ALL = (LANGUAGES, CELLS, REPLICATE_CELLS, KEPT, CLUSTERS, METRICS, COMPARISONS, K_SWEEP, RELIABILITY)
TABLES = {table.name: table for table in _ALL}
"""Every table with fixed columns, by its name. Matrices have a column for each language, points one for each axis."""


def write_table(target: Path, columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> None:
    """Replace `target` by a CSV file; None is an empty entry, floats keep all their digits."""
    with replacing(target) as scratch, scratch.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows([_entry(row[column]) for column in columns] for row in rows)


def write_distances(target: Path, matrix: DistanceMatrix) -> None:
    """Write a square table with a header of ids whose first column repeats them; a missing pair is empty."""
    rows = (
        {"language": identifier, **dict(zip(matrix.ids, row, strict=True))}
        for identifier, row in zip(matrix.ids, matrix.values, strict=True)
    )
    write_table(target, ["language", *matrix.ids], rows)


def read_table(file: Path) -> list[dict[str, str]]:
    """The rows of a CSV file as text.

    Raises
    ------
    DamagedFileError
        If it has no header, or a row that is too short or too long.
    """
    with reading(file):
        header, rows = _lines(file)
        return [dict(zip(header, row, strict=True)) for row in rows]


def read_distances(file: Path) -> DistanceMatrix:
    """A square CSV with a header of ids, whose first column repeats them; an empty entry is missing.

    Raises
    ------
    DamagedFileError
        If the file is none, or its matrix is no matrix of distances.
    """
    with reading(file):
        header, rows = _lines(file)
        if [row[0] for row in rows] != header[1:]:
            raise ValueError("the first column does not repeat the header's ids")
        values = np.array([[float(entry or "nan") for entry in row[1:]] for row in rows])
        return DistanceMatrix(tuple(header[1:]), values)


def remove_stale(folder: Path, patterns: Iterable[str], written: Collection[Path]) -> None:
    """Delete the files of these patterns that were not written: an earlier config's would be read as this run's."""
    for pattern in patterns:
        for file in folder.glob(pattern):
            if file not in written:
                file.unlink()


@contextmanager
def reading(file: Path) -> Iterator[None]:
    """Turn what a damaged file leads to into an error that names it."""
    try:
        yield
    except (ValueError, LookupError, TypeError, AttributeError, csv.Error, SafetensorError, NumericalError) as damage:
        raise DamagedFileError(f"{file} cannot be read: {damage}", AGAIN) from damage


def _lines(file: Path) -> tuple[list[str], list[list[str]]]:
    """The header and the rows, which are as long."""
    with file.open(encoding="utf-8", newline="") as handle:
        header, *rows = list(csv.reader(handle)) or [[]]
    if not header:
        raise ValueError("it is empty")
    rows = [row for row in rows if row]
    uneven = next((row for row in rows if len(row) != len(header)), header)
    if uneven is not header:
        raise ValueError(f"a row has {len(uneven)} entries and the header {len(header)}")
    return header, rows


def _entry(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, float | np.floating):
        return "" if np.isnan(value) else repr(float(value))
    return str(value)
