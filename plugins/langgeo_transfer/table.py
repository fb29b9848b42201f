"""A table of transfer scores: which target learns how much from which source, for one or several tasks."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from langgeo_core.api import Language, UserError, read_text, suggestion
from langgeo_formats.api import find_languages, is_missing, table_rows

Float64 = NDArray[np.float64]
TARGET, SOURCE, SCORE, TASK, SIZE = "target", "source", "score", "task", "source_size"
NEEDED = (TARGET, SOURCE, SCORE)
SHOWN = 6
"""The most rows or languages that a message names."""


@dataclass(frozen=True, eq=False)
class Task:
    """The scores of one task; higher is better.

    Parameters
    ----------
    name : as the table has it; empty where it has no column of tasks
    scores : (targets, sources) float64, NaN where the table has none
    sizes : (targets, sources) float64, the size of the source's data, NaN where the table has none
    """

    name: str
    targets: tuple[Language, ...]
    sources: tuple[Language, ...]
    scores: Float64
    sizes: Float64


@dataclass(frozen=True, eq=False)
class TransferTable:
    """The tasks of a file, and notes on what was read as what and what was left out."""

    file: Path
    tasks: tuple[Task, ...]
    notes: tuple[str, ...]

    def only(self, names: Sequence[str]) -> TransferTable:
        """The tasks of these names, in the file's order; all where none is named."""
        known = [task.name for task in self.tasks]
        for name in names:
            if name not in known:
                raise UserError(f"{self.file} has no task {name!r}", suggestion(name, known, "its tasks"))
        return TransferTable(self.file, tuple(one for one in self.tasks if one.name in names or not names), self.notes)


def read_transfer(file: Path, lower_is_better: bool = False) -> TransferTable:
    """Read a CSV file with the columns target, source and score, perhaps task and source_size.

    Parameters
    ----------
    lower_is_better : whether the scores are losses or errors: their signs are changed

    Raises
    ------
    UserError
        If the file cannot be read, lacks a column, has an entry that is no number, or scores a pair twice differently.
    ConfigError
        With every unknown or ambiguous language.
    """
    header, lines = _lines(file)
    unread = [name for name in header if name not in (*NEEDED, TASK, SIZE)]
    names = [row[column] for _, row in lines for column in (TARGET, SOURCE)]
    advice = "correct them, or remove their rows"
    found = find_languages(dict.fromkeys(names), file.name, advice=advice, synonyms=True)
    notes = [note.message for note in found.notes]
    if unread:
        notes.append(f"columns of {file.name} that are not read: {', '.join(unread)}")
    tasks, dropped = _tasks(file, lines, found.languages, -1.0 if lower_is_better else 1.0)
    notes += [f"{file.name}: {what}: {count} rows left out" for what, count in dropped.items()]
    if not tasks:
        raise UserError(f"{file} has no scores of pairs of two languages", "a row is a target, a source and a score")
    return TransferTable(file, tuple(tasks), tuple(notes))


def _lines(file: Path) -> tuple[list[str], list[tuple[int, dict[str, str]]]]:
    """The header, and each row with the number of its line."""
    text = read_text(file, "pass a CSV table of transfer scores")
    try:
        (_, first), *rest = table_rows(text) or [(0, [])]
    except UserError as failure:
        raise UserError(f"{file}, {failure.message}", failure.hint) from failure
    header = [entry.strip().lower() for entry in first]
    if lacking := [name for name in NEEDED if name not in header]:
        columns = ", ".join(map(repr, header)) or "none"
        hint = f"name columns {', '.join(NEEDED)} in the first line; {TASK} and {SIZE} may be there too"
        raise UserError(f"{file} has no column {', '.join(map(repr, lacking))}; its columns are {columns}", hint)
    if repeated := sorted(name for name, count in Counter(header).items() if count > 1):
        raise UserError(f"{file} has several columns {', '.join(map(repr, repeated))}", "rename all but one")
    lines = []
    for number, row in rest:
        if len(row) != len(header):
            message = f"{file}, line {number}: {len(row)} entries where the header has {len(header)}"
            raise UserError(message, "put quotes around an entry that holds a comma")
        entries = dict(zip(header, map(str.strip, row), strict=True))
        if nameless := [name for name in (TARGET, SOURCE) if not entries[name]]:
            raise UserError(f"{file}, line {number}: no {nameless[0]}", "name a language, or remove the line")
        lines.append((number, entries))
    return header, lines


def _tasks(
    file: Path, lines: Sequence[tuple[int, dict[str, str]]], languages: Mapping[str, Language], sign: float
) -> tuple[list[Task], Counter[str]]:
    """The tasks in the order of the file, and how many rows are left out for what."""
    cells: dict[str, dict[tuple[str, str], tuple[int, float, float]]] = {}
    known: dict[str, Language] = {}
    dropped: Counter[str] = Counter()
    twice = []
    for line, row in lines:
        target, source = languages[row[TARGET]], languages[row[SOURCE]]
        known |= {target.id: target, source.id: source}
        if is_missing(row[SCORE]):
            dropped["no score"] += 1
            continue
        score, size = _number(file, line, row, SCORE), _number(file, line, row, SIZE)
        if target.id == source.id:
            dropped["the source is the target"] += 1
            continue
        own = cells.setdefault(row.get(TASK, ""), {})
        first = own.setdefault((target.id, source.id), (line, sign * score, size))
        if first[0] != line:
            dropped["repeats another row"] += 1
            if first[1] != sign * score:
                twice.append(f"lines {first[0]} and {line} ({source.id} to {target.id})")
    if twice:
        more = f" and {len(twice) - SHOWN} more" if len(twice) > SHOWN else ""
        hint = "keep one row of each target and source in a task, or the mean of their scores"
        raise UserError(f"{file}: different scores of one pair: {', '.join(twice[:SHOWN])}{more}", hint)
    return [_task(name, own, known) for name, own in cells.items()], dropped


def _task(name: str, cells: Mapping[tuple[str, str], tuple[int, float, float]], known: Mapping[str, Language]) -> Task:
    targets, sources = (sorted({pair[side] for pair in cells}) for side in (0, 1))
    values = np.full((2, len(targets), len(sources)), np.nan)
    for (target, source), (_, score, size) in cells.items():
        values[:, targets.index(target), sources.index(source)] = score, size
    return Task(name, tuple(known[one] for one in targets), tuple(known[one] for one in sources), *values)


def _number(file: Path, line: int, row: Mapping[str, str], column: str) -> float:
    """A finite number, NaN where there is none."""
    text = row.get(column, "")
    if is_missing(text):
        return math.nan
    try:
        value = float(text)
    except ValueError:
        value = math.inf
    if not math.isfinite(value):
        hint = "use a decimal point" if "," in text else "leave a missing entry empty"
        raise UserError(f"{file}, line {line}: the {column} {text[:40]!r} is not a number", hint)
    return value
