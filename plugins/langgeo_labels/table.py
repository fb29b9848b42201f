"""A table of classes: a row for each language, a column for each level."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from langgeo_core.api import UserError, read_text
from langgeo_formats.api import find_languages

LANGUAGE = "language"
DELIMITERS = ",;\t"


@dataclass(frozen=True)
class LabelTable:
    """`classes[level][language id]`; a language without a class at a level is absent."""

    file: Path
    classes: dict[str, dict[str, str]]


def read_labels(file: Path, levels: Sequence[str] = ()) -> LabelTable:
    """The classes of some columns of a CSV file, or of all; an empty entry is no class.

    Raises
    ------
    UserError
        If the file cannot be read, lacks a column, names a column or a language twice, or has no classes.
    ConfigError
        With every unknown language.
    """
    header, rows = _rows(file)
    chosen = list(levels) or [column for column in header if column != LANGUAGE]
    absent = [level for level in chosen if level not in header]
    if absent:
        columns = ", ".join(column for column in header if column != LANGUAGE)
        raise UserError(f"{file} has no column {', '.join(map(repr, absent))}", f"its columns are {columns}")
    ids = _ids(file, [row[LANGUAGE] for row in rows])
    classes = {
        level: {ids[row[LANGUAGE]]: row[level].strip() for row in rows if row[level].strip()} for level in chosen
    }
    if not any(classes.values()):
        raise UserError(f"{file} has no classes", f"add a column of classes for each level beside {LANGUAGE!r}")
    return LabelTable(file, classes)


def _rows(file: Path) -> tuple[list[str], list[dict[str, str]]]:
    """The header and the rows that name a language."""
    text = read_text(file, "set `file` to a CSV table")
    first = text.partition("\n")[0]
    reader = csv.reader(io.StringIO(text), delimiter=max(DELIMITERS, key=first.count))
    header = [entry.strip() for entry in next(reader, [])]
    _check_header(file, header)
    lines = [(reader.line_num, row) for row in reader if any(entry.strip() for entry in row)]
    odd = [number for number, row in lines if len(row) != len(header)]
    if odd:
        message = f"{file}, line {odd[0]}: does not have the {len(header)} columns of the header"
        raise UserError(message, "put quotes around an entry that holds a comma")
    rows = [dict(zip(header, row, strict=True)) for _, row in lines]
    nameless = [number for (number, _), row in zip(lines, rows, strict=True) if not row[LANGUAGE].strip()]
    if nameless:
        raise UserError(f"{file}, line {nameless[0]}: the language's name is missing")
    return header, rows


def _check_header(file: Path, header: Sequence[str]) -> None:
    if LANGUAGE not in header:
        columns = ", ".join(map(repr, header)) or "none"
        raise UserError(f"{file} has no column {LANGUAGE!r}; its columns are {columns}", "name it in the first line")
    repeated = sorted({column for column in header if header.count(column) > 1})
    if repeated:
        raise UserError(f"{file} has several columns {', '.join(map(repr, repeated))}", "rename all but one")


def _ids(file: Path, written: Sequence[str]) -> dict[str, str]:
    """The id of every name in the first column."""
    repeated = sorted({name for name in written if written.count(name) > 1})
    if repeated:
        raise UserError(f"{file} has several rows for {', '.join(repeated)}", "keep one row of each language")
    found = find_languages(written, str(file))
    return {name: language.id for name, language in found.languages.items()}
