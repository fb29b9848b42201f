"""PHYLIP's distance matrices, square and lower-triangular, with names of any length."""

from __future__ import annotations

from collections.abc import Iterable

from langgeo_core.contract.errors import UserError
from langgeo_formats.readers.raw import RawMatrix, is_number, number, square


def looks_like_phylip(text: str) -> bool:
    """Whether the first line is a count alone."""
    return text.lstrip().partition("\n")[0].strip().isdecimal()


def read_phylip(text: str, place: str) -> list[RawMatrix]:
    """The matrix of a PHYLIP file; a row may go on in the next line, a name may hold spaces.

    Raises
    ------
    UserError
        If there are not as many rows as the first line says, or their lengths are no square's or triangle's.
    """
    first, *lines = [line for line in text.splitlines() if line.strip()]
    if not first.strip().isdecimal():
        raise UserError(f"{place}: the first line of a PHYLIP matrix is the number of rows, not {first.strip()[:40]!r}")
    count = int(first)
    rows: list[tuple[str, list[float]]] = []
    for line in lines:
        tokens = line.split()
        if rows and _goes_on(line, rows[-1][1], count):
            rows[-1][1].extend(_numbers(tokens, f"{place}, row of {rows[-1][0]}"))
            continue
        name, entries = _named(tokens)
        rows.append((name, _numbers(entries, f"{place}, row of {name}")))
    if len(rows) != count:
        raise UserError(f"{place}: {len(rows)} rows where the first line says {count}")
    return [RawMatrix(tuple(name for name, _ in rows), square([entries for _, entries in rows], place))]


def _goes_on(line: str, row: list[float], count: int) -> bool:
    """Whether a line continues an unfinished row: it has numbers only, and no more than the row wants.

    The name of a row may be a word for a missing number (`nan`): a line that opens with one, and is not indented,
    begins a row.
    """
    tokens = line.split()
    opens = line[0].isspace() or tokens[0].lstrip("+-.")[:1].isdecimal()
    return opens and len(row) + len(tokens) <= count and all(map(is_number, tokens))


def _named(tokens: list[str]) -> tuple[str, list[str]]:
    """The first token, and what follows it up to the first number, is the name."""
    end = next((index for index, token in enumerate(tokens) if index and is_number(token)), len(tokens))
    return " ".join(tokens[:end]), tokens[end:]


def _numbers(entries: Iterable[str], place: str) -> list[float]:
    return [number(entry, place) for entry in entries]
