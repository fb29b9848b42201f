"""`pairs`: a row for every two languages, with who they are and where, as CSV or Parquet."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path
from typing import Any, Literal

import numpy as np
from pydantic import Field

from langgeo_core.api import Language, MissingPackageError, Options, Run, replacing, write_text
from langgeo_formats.entries import number_text
from langgeo_formats.exporting import FOLDER

FACTS = ("id", "name", "glottocode", "family", "latitude", "longitude")


class PairsOptions(Options):
    """How the table is written."""

    file: Literal["csv", "parquet"] = Field("csv", description="A CSV file, or Parquet, which needs pyarrow.")


class PairsExporter:
    """`exports/pairs.csv` or `exports/pairs.parquet`."""

    def __init__(self, options: PairsOptions) -> None:
        self._options = options

    def export(self, run: Run) -> list[Path]:
        """Write the table; a missing pair has no distance."""
        target = run.path / FOLDER / f"pairs.{self._options.file}"
        rows = list(pair_rows(run))
        if self._options.file == "csv":
            out = io.StringIO()
            writer = csv.writer(out, lineterminator="\n")
            writer.writerow(_columns())
            writer.writerows([*facts, number_text(distance, "")] for *facts, distance in rows)
            write_text(target, out.getvalue())
            return [target]
        try:
            import pyarrow as pa
            import pyarrow.parquet as pq
        except ImportError as missing:
            raise MissingPackageError(
                "Parquet needs pyarrow", "type: pip install pyarrow, or write file=csv"
            ) from missing
        columns = dict(zip(_columns(), map(list, zip(*rows, strict=True)), strict=True))
        columns["distance"] = [None if np.isnan(value) else value for value in columns["distance"]]
        with replacing(target) as scratch:
            pq.write_table(pa.table(columns), scratch)
        return [target]


def pair_rows(run: Run) -> Iterator[list[Any]]:
    """The facts of both languages and their distance, as `_columns` names them."""
    values = run.distances.values
    for (row, one), (column, other) in combinations(enumerate(run.languages), 2):
        yield [*_facts(one), *_facts(other), float(values[row, column])]


def _facts(language: Language) -> list[Any]:
    return [getattr(language, fact) for fact in FACTS]


def _columns() -> list[str]:
    return [*(f"{fact}_1" for fact in FACTS), *(f"{fact}_2" for fact in FACTS), "distance"]
