"""A bounded, seeded sample of documents out of many large files."""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from langgeo_core.api import UserError
from langgeo_text.api import read_documents

SPREAD = 8
"""How many files are read side by side."""
REACH = 50
"""How many documents at most are looked at for each that is asked for, where few are wanted."""


@dataclass(frozen=True)
class Sample:
    """What to draw: `documents` of `column` that `wanted` accepts, out of a `pool`.

    At most half as many again as the pool are held at a time.
    """

    column: str
    documents: int
    pool: int
    seed: int
    wanted: Callable[[str], bool] = bool


def draw(files: Sequence[str], sample: Sample) -> tuple[str, ...]:
    """Documents from up to `SPREAD` files at a time, one from each in turn, until there are enough.

    Which files come first and which documents of a file is the seed's choice. Within a file, reading goes on from its
    beginning: its first documents fill its share of the pool, and one that is drawn is replaced by the next. Empty
    documents, unwanted ones and copies are passed over.

    Raises
    ------
    UserError
        Naming a file that cannot be read or lacks the column.
    """
    waiting = deque(random.Random(sample.seed).sample(sorted(files), len(files)))
    open_files: deque[Iterator[str]] = deque()
    share = max(1, sample.pool // min(SPREAD, len(files)))
    drawn: dict[str, None] = {}
    left = REACH * sample.documents
    while len(drawn) < sample.documents and left and (waiting or open_files):
        if waiting and len(open_files) < SPREAD:
            open_files.append(_documents(waiting.popleft(), sample, share))
            continue
        document = next(open_files[0], None)
        if document is None:
            open_files.popleft()
            continue
        open_files.rotate(-1)
        left -= 1
        if document.strip() and sample.wanted(document):
            drawn[document] = None
    return tuple(drawn)


def _documents(file: str, sample: Sample, share: int) -> Iterator[str]:
    if file.endswith((".txt", ".txt.gz")):
        yield from read_documents(Path(file))
        return
    import pyarrow
    from datasets.exceptions import DatasetsError

    try:
        # More shards at a time would be read by threads, whose end takes five seconds a file.
        rows = _rows(file, sample.column).shuffle(seed=sample.seed, buffer_size=share, max_buffer_input_shards=1)
        for row in rows:
            yield _text(file, sample.column, row[sample.column])
    except (OSError, EOFError, ValueError, TypeError, DatasetsError, pyarrow.ArrowException) as error:
        raise UserError(f"{file} cannot be read: {_reason(error)}", "check that the file is whole") from error


def _rows(file: str, column: str) -> Any:
    """A stream of rows that hold the one column; raises UserError where the file lacks it."""
    from datasets import load_dataset

    kind = "parquet" if file.endswith(".parquet") else "json"
    rows = load_dataset(kind, data_files=[file], split="train", streaming=True)
    columns = rows.column_names or list(next(iter(rows), {}))
    if column not in columns:
        raise UserError(f"{file} has no column {column!r}", f"set `column` to one of {', '.join(columns)}")
    return rows.select_columns([column])


def _text(file: str, column: str, value: object) -> str:
    if value is not None and not isinstance(value, str):
        raise UserError(f"{file}: the column {column!r} holds no text", "set `column` to the one that does")
    return value or ""


def _reason(error: BaseException) -> str:
    while error.__cause__ is not None:
        error = error.__cause__
    return str(error).strip().partition("\n")[0] or type(error).__name__
