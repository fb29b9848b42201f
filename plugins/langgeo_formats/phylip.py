"""`phylip`: PHYLIP's distance matrices, square or lower-triangular, with names of any length."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Literal

from pydantic import Field

from langgeo_core.api import RawMatrix, Run, UserError, write_table, write_text
from langgeo_formats.entries import Float64, is_number, number, number_text, square
from langgeo_formats.exporting import FOLDER, Format, FormatOptions, labels

WIDTH = 10
"""Letters of a name in PHYLIP's own layout."""


class PhylipReader:
    """Reads PHYLIP matrices."""

    example = "3\ndeu 0 1 2\neng 1 0 NaN\nfra 2 NaN 0\n"

    def recognises(self, beginning: str) -> float:
        """Likely where the first line is a whole number and nothing else."""
        return 0.9 * beginning.lstrip().partition("\n")[0].strip().isdecimal()

    def read(self, text: str) -> list[RawMatrix]:
        """The matrix of a PHYLIP file; a row may continue on the next line, and a name may hold spaces.

        Raises
        ------
        UserError
            If the number of rows is not that of the first line, or their lengths fit no square and no triangle.
        """
        first, *lines = [line for line in text.split("\n") if line.strip()]
        if not re.fullmatch(r"[0-9]{1,9}", first.strip()):
            raise UserError(f"the first line of a PHYLIP matrix is the number of rows, not {first.strip()[:40]!r}")
        count = int(first)
        rows: list[tuple[str, list[float]]] = []
        for line in lines:
            tokens = line.split()
            if rows and _continues(line, rows[-1][1], count):
                rows[-1][1].extend(_numbers(tokens, rows[-1][0]))
                continue
            # The name is the first token and all that follow it up to the first number.
            end = next((index for index, token in enumerate(tokens) if index and is_number(token)), len(tokens))
            name = " ".join(tokens[:end])
            rows.append((name, _numbers(tokens[end:], name)))
        if len(rows) != count:
            raise UserError(f"{len(rows)} rows where the first line says {count}")
        return [RawMatrix(tuple(name for name, _ in rows), square([entries for _, entries in rows]))]


def _continues(line: str, row: list[float], count: int) -> bool:
    """Whether a line continues an unfinished row: it has only numbers, and no more than the row lacks.

    A language's name may be a word for a missing number (`nan`): a line that begins with one, and is not indented,
    begins a row.
    """
    tokens = line.split()
    begins_with_number = line[0].isspace() or tokens[0].lstrip("+-.")[:1].isdecimal()
    return begins_with_number and len(row) + len(tokens) <= count and all(map(is_number, tokens))


def _numbers(entries: Iterable[str], name: str) -> list[float]:
    return [number(entry, f"row of {name}") for entry in entries]


class PhylipOptions(FormatOptions):
    """How names and rows are written."""

    layout: Literal["relaxed", "strict"] = Field(
        "relaxed", description="Names of any length; or strict, ten letters each, with a table of the names beside it."
    )
    triangle: Literal["full", "lower"] = Field("full", description="The square matrix, or its lower triangle.")


def as_phylip(labels: Sequence[str], values: Float64, lower: bool = False) -> str:
    """The number of languages, then a row for each; spaces in labels become underscores, a missing pair is NaN.

    Spaces at the end of a label stay, as `strict_names` pads them. A lower triangle has no diagonal.
    """
    rows = []
    for place, (label, row) in enumerate(zip(labels, values, strict=True)):
        numbers = [number_text(value, "NaN") for value in row[: place if lower else None]]
        rows.append(" ".join([re.sub(r"\s+(?=\S)", "_", label), *numbers]))
    return "\n".join([str(len(labels)), *rows]) + "\n"


def strict_names(labels: Sequence[str]) -> list[str]:
    """Unique names of exactly ten ASCII letters, padded with spaces; what does not fit ends in a number.

    Examples
    --------
    >>> strict_names(["deu", "Norwegian Bokmål", "Norwegian Bokmaal"])
    ['deu       ', 'Norwegian1', 'Norwegian2']
    """
    plain = [unicodedata.normalize("NFKD", label).encode("ascii", "ignore").decode() for label in labels]
    words = [re.sub(r"[^A-Za-z0-9]+", "_", one).strip("_") or "language" for one in plain]
    short = {word for word in words if len(word) <= WIDTH and words.count(word) == 1}
    found, taken = list[str](), set(short)
    for word in words:
        name, number = word, 0
        while word not in short and (name in taken or not number):
            number += 1
            name = word[: WIDTH - len(str(number))] + str(number)
        taken.add(name)
        found.append(name.ljust(WIDTH))
    return found


class PhylipExporter(Format):
    """`distances.phy`, and with strict names `distances-names.csv`."""

    file = "distances.phy"

    def export(self, run: Run) -> list[Path]:
        """Write the matrix, and what its ten letters stand for."""
        options = self._options
        assert isinstance(options, PhylipOptions)
        names = labels(run.languages, options.names)
        written = strict_names(names) if options.layout == "strict" else names
        folder = run.path / FOLDER
        write_text(folder / self.file, as_phylip(written, run.distances.values, options.triangle == "lower"))
        if options.layout == "relaxed":
            return [folder / self.file]
        rows = [
            {"name": short.strip(), "language": identifier, "label": label}
            for short, identifier, label in zip(written, run.distances.ids, names, strict=True)
        ]
        write_table(folder / "distances-names.csv", ["name", "language", "label"], rows)
        return [folder / self.file, folder / "distances-names.csv"]
