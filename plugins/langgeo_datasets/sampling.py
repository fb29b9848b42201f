"""A bounded, seeded sample of documents from many large files, and the cache of samples."""

from __future__ import annotations

import gzip
import hashlib
import json
import random
import zlib
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from langgeo_core.api import UserError, cache_folder, replacing
from langgeo_text.api import read_documents

SPREAD = 8
"""Number of files read in parallel."""
REACH = 50
"""Maximum number of documents read for each requested one, if few are accepted."""


@dataclass(frozen=True)
class Sample:
    """The sample to draw: `documents` of `column` that `wanted` accepts, from a `pool`.

    At most 1.5 times the pool are in memory at a time.
    """

    column: str
    documents: int
    pool: int
    seed: int
    wanted: Callable[[str], bool] = bool


def draw(files: Sequence[str], sample: Sample) -> tuple[str, ...]:
    """Documents from up to `SPREAD` files at a time, one from each in turn, until there are enough.

    The seed determines the order of files and the documents of each file. A file is read from its beginning: its first
    documents fill its share of the pool, and each drawn document is replaced by the next one. Empty, rejected and
    duplicate documents are skipped.

    Raises
    ------
    UserError
        If a file cannot be read or lacks the column; the message names the file.
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
        # More shards at a time are read by threads, which take five seconds per file to stop.
        rows = _rows(file, sample.column).shuffle(seed=sample.seed, buffer_size=share, max_buffer_input_shards=1)
        for row in rows:
            yield _text(file, sample.column, row[sample.column])
    except (OSError, EOFError, ValueError, TypeError, DatasetsError, pyarrow.ArrowException) as error:
        raise UserError(f"{file} cannot be read: {_reason(error)}", "check that the file is complete") from error


def _rows(file: str, column: str) -> Any:
    """A stream of rows with this column; raises UserError if the file lacks it."""
    from datasets import load_dataset

    kind = "parquet" if file.endswith(".parquet") else "json"
    rows = load_dataset(kind, data_files=[file], split="train", streaming=True)
    columns = rows.column_names or list(next(iter(rows), {}))
    if column not in columns:
        raise UserError(f"{file} has no column {column!r}", f"set `column` to one of {', '.join(columns)}")
    return rows.select_columns([column])


def _text(file: str, column: str, value: object) -> str:
    if value is not None and not isinstance(value, str):
        raise UserError(f"{file}: the column {column!r} is not text", "set `column` to a text column")
    return value or ""


def _reason(error: BaseException) -> str:
    while error.__cause__ is not None:
        error = error.__cause__
    return str(error).strip().partition("\n")[0] or type(error).__name__


@dataclass(frozen=True)
class Kept:
    """A sample, and the commit or the folder that it was drawn from."""

    documents: tuple[str, ...]
    origin: str


def address(question: Mapping[str, Any]) -> Path:
    """The file in the cache for a sample with these properties."""
    digest = hashlib.sha256(json.dumps(question, sort_keys=True).encode()).hexdigest()
    return cache_folder() / "texts" / f"{digest}.json.gz"


def load(path: Path) -> Kept | None:
    """A kept sample; None if there is none, or if it is damaged or another address's and must be drawn again."""
    try:
        with gzip.open(path, "rt", encoding="utf-8") as file:
            content = json.load(file)
        kept = Kept(tuple(content["documents"]), content["origin"])
        return kept if content["checksum"] == _checksum(path, kept) else None
    except (OSError, EOFError, ValueError, KeyError, TypeError, zlib.error):
        return None


def save(path: Path, kept: Kept) -> None:
    """Write a sample atomically; raises StorageError if the cache cannot be written."""
    content = {"checksum": _checksum(path, kept), "origin": kept.origin, "documents": kept.documents}
    with replacing(path) as scratch, gzip.open(scratch, "wt", encoding="utf-8", compresslevel=3) as file:
        json.dump(content, file, ensure_ascii=False)


def kept_samples() -> Iterator[tuple[Path, bool]]:
    """Every sample in the cache, and whether it is as it was written, at its own address."""
    for path in sorted((cache_folder() / "texts").glob("[!.]*.json.gz")):
        yield path, load(path) is not None


def _checksum(path: Path, kept: Kept) -> str:
    """SHA-256 of the file's name and what it holds."""
    content = json.dumps([path.name, kept.origin, kept.documents], ensure_ascii=False)
    return hashlib.sha256(content.encode("utf-8", "surrogatepass")).hexdigest()
