"""A table of classes: a row for each language, a column for each level."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from langgeo_core.api import UserError, read_text
from langgeo_formats.api import Found, find_languages, is_missing, table_rows

LANGUAGE = "language"


@dataclass(frozen=True)
class LabelTable:
    """`classes[level][language id]`; a language without a class at a level is absent.

    `remarks` say which names were read as which languages, and which entries as no class.
    """

    file: Path
    classes: dict[str, dict[str, str]]
    remarks: tuple[str, ...] = ()


def read_labels(file: Path, levels: Sequence[str] = ()) -> LabelTable:
    """The classes of some columns of a CSV file, or of all; an empty entry is no class, nor is one such as `NA` or `-`.

    Raises
    ------
    UserError
        If the file cannot be read, lacks a column or the name of one, names a column or a language twice, or has no
        classes.
    ConfigError
        With every unknown language.
    """
    header, rows = _rows(file)
    chosen = list(levels) or [column for column in header if column != LANGUAGE]
    absent = [level for level in chosen if level not in header]
    if absent:
        columns = ", ".join(column for column in header if column != LANGUAGE)
        raise UserError(f"{file} has no column {', '.join(map(repr, absent))}", f"its columns are {columns}")
    found = _languages(file, [row[LANGUAGE] for row in rows])
    ids = {name: language.id for name, language in found.languages.items()}
    classes = {
        level: {ids[row[LANGUAGE]]: row[level] for row in rows if not is_missing(row[level])} for level in chosen
    }
    if not any(classes.values()):
        raise UserError(f"{file} has no classes", f"add a column of classes for each level beside {LANGUAGE!r}")
    unread = {level: sorted({row[level] for row in rows if is_missing(row[level])} - {""}) for level in chosen}
    told = "the column {!r} of {} has entries that are no class: {}"
    remarks = [told.format(level, file.name, ", ".join(words)) for level, words in unread.items() if words]
    return LabelTable(file, classes, (*(note.message for note in found.notes), *remarks))


def _rows(file: Path) -> tuple[list[str], list[dict[str, str]]]:
    """The header and the rows that name a language."""
    text = read_text(file, "set `file` to a CSV table")
    try:
        first, *lines = table_rows(text) or [(0, [])]
    except UserError as failure:
        raise UserError(f"{file}, {failure.message}", failure.hint) from failure
    header = [entry.strip() for entry in first[1]]
    _check_header(file, header)
    odd = [number for number, row in lines if len(row) != len(header)]
    if odd:
        message = f"{file}, line {odd[0]}: does not have the {len(header)} columns of the header"
        raise UserError(message, "put quotes around an entry that holds a comma")
    rows = [dict(zip(header, map(str.strip, row), strict=True)) for _, row in lines]
    nameless = [number for (number, _), row in zip(lines, rows, strict=True) if not row[LANGUAGE]]
    if nameless:
        raise UserError(f"{file}, line {nameless[0]}: the language's name is missing")
    return header, rows


def _check_header(file: Path, header: Sequence[str]) -> None:
    if LANGUAGE not in header:
        columns = ", ".join(map(repr, header)) or "none"
        raise UserError(f"{file} has no column {LANGUAGE!r}; its columns are {columns}", "name it in the first line")
    if any(not column or re.fullmatch(r"Unnamed: \d+", column) for column in header):
        hint = "name it, or remove it: pandas writes its index so, unless told `to_csv(index=False)`"
        raise UserError(f"{file} has a column without a name", hint)
    repeated = sorted(column for column, count in Counter(header).items() if count > 1)
    if repeated:
        raise UserError(f"{file} has several columns {', '.join(map(repr, repeated))}", "rename all but one")


def _languages(file: Path, written: Sequence[str]) -> Found:
    """The language of every name in the first column."""
    repeated = sorted(name for name, count in Counter(written).items() if count > 1)
    if repeated:
        raise UserError(f"{file} has several rows for {', '.join(repeated)}", "keep one row of each language")
    return find_languages(written, str(file))
