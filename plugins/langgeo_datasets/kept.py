"""Samples that were drawn once, kept in langgeo's cache: the same documents next time, without the files."""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkstemp
from typing import Any

from langgeo_core.api import StorageError, cache_folder


@dataclass(frozen=True)
class Kept:
    """A sample and the commit, or the folder, that it was drawn from."""

    documents: tuple[str, ...]
    origin: str


def address(question: Mapping[str, Any]) -> Path:
    """Where the sample that answers a question is kept."""
    digest = hashlib.sha256(json.dumps(question, sort_keys=True).encode()).hexdigest()
    return cache_folder() / "texts" / f"{digest}.json.gz"


def load(path: Path) -> Kept | None:
    """A kept sample; None where there is none, or it is damaged and has to be drawn again."""
    try:
        with gzip.open(path, "rt", encoding="utf-8") as file:
            content = json.load(file)
        return Kept(tuple(content["documents"]), content["origin"])
    except (OSError, EOFError, ValueError, KeyError, TypeError, zlib.error):
        return None


def save(path: Path, kept: Kept) -> None:
    """Keep a sample, all or nothing; raises StorageError where the cache cannot be written."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = mkstemp(dir=path.parent)
        os.close(handle)
        scratch = Path(name)
        try:
            with gzip.open(scratch, "wt", encoding="utf-8", compresslevel=3) as file:
                json.dump({"origin": kept.origin, "documents": kept.documents}, file, ensure_ascii=False)
            scratch.chmod(0o644)
            scratch.replace(path)
        finally:
            scratch.unlink(missing_ok=True)
    except OSError as failure:
        hint = "free some space, or set LANGGEO_CACHE to another folder"
        raise StorageError(f"a sample cannot be kept in {path.parent}: {failure}", hint) from failure
