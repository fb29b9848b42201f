"""`phylip`: PHYLIP's distance matrices, square or lower-triangular, with names of any length."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from langgeo_core.api import RawMatrix, Run, UserError
from langgeo_formats.entries import Float64, is_number, number, number_text, square
from langgeo_formats.exporting import Format


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


def as_phylip(labels: Sequence[str], values: Float64) -> str:
    """The number of languages, then a row for each; spaces in labels become underscores, a missing pair is NaN."""
    rows = [
        " ".join([re.sub(r"\s+", "_", label), *(number_text(value, "NaN") for value in row)])
        for label, row in zip(labels, values, strict=True)
    ]
    return "\n".join([str(len(labels)), *rows]) + "\n"


class PhylipExporter(Format):
    """`distances.phy`."""

    file = "distances.phy"

    def text(self, run: Run, names: list[str]) -> str:
        return as_phylip(names, run.distances.values)
