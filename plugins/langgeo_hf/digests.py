"""SHA-256 of large files, kept in the cache until a file changes."""

from __future__ import annotations

import hashlib
import json
import logging
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from langgeo_core.api import cache_folder

SETTLED = 2.0
"""Seconds since a file's last change before its digest is kept: a change within a clock tick keeps the same time."""
SMALL = 1 << 23
"""Size in bytes up to which digests are not kept: reading the file is fast enough."""
LARGE = 1 << 30
"""Size in bytes above which a notice is shown."""
notice = logging.getLogger("langgeo.notice")


def sha256_of(path: Path) -> str:
    """SHA-256 of a file; kept for a large file while its path, size, modification time and inode are unchanged."""
    real = path.resolve()
    stamp = _stamp(real)
    if stamp["size"] <= SMALL:
        return _digest(real)
    note = cache_folder() / "models" / "digests" / f"{hashlib.sha256(str(real).encode()).hexdigest()[:32]}.json"
    known = _read(note)
    if known.get("stamp") == stamp and isinstance(known.get("sha256"), str):
        return str(known["sha256"])
    if stamp["size"] > LARGE:
        notice.info("hashing %s (%.1f GB), once unless it changes", path, stamp["size"] / 1e9)
    digest = _digest(real)
    if _stamp(real) == stamp and time.time() - stamp["mtime_ns"] / 1e9 > SETTLED:
        _write(note, {"stamp": stamp, "sha256": digest})
    return digest


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _stamp(path: Path) -> dict[str, Any]:
    status = path.stat()
    return {"path": str(path), "size": status.st_size, "mtime_ns": status.st_mtime_ns, "inode": status.st_ino}


def _read(note: Path) -> dict[str, Any]:
    try:
        known = json.loads(note.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return known if isinstance(known, dict) else {}


def _write(note: Path, known: dict[str, Any]) -> None:
    # If the digest cannot be kept, the file is read again next time; results do not change.
    with suppress(OSError):
        note.parent.mkdir(parents=True, exist_ok=True)
        scratch = note.with_suffix(f".{time.monotonic_ns()}")
        scratch.write_text(json.dumps(known), encoding="utf-8")
        scratch.replace(note)
