"""SHA-256 of large files; one that does not change is read once in a process."""

from __future__ import annotations

import hashlib
import logging
import time
from pathlib import Path

from langgeo_core.api import StorageError, UserError

SETTLED = 2.0
"""Seconds since a file's last change before its digest is kept: a change within a clock tick keeps the same time."""
LARGE = 1 << 30
"""Size in bytes above which a notice is shown."""
Stamp = tuple[int, ...]
notice = logging.getLogger("langgeo.notice")
_known: dict[Path, tuple[Stamp, str]] = {}


def sha256_of(path: Path) -> str:
    """SHA-256 of a file's contents.

    Raises
    ------
    UserError
        If it cannot be read, or is no ordinary file.
    StorageError
        If it changes while it is read.
    """
    try:
        real = path.resolve()
        if not real.is_file():
            raise UserError(f"{path} is no ordinary file", "replace it by a copy of the file")
        stamp = stamp_of(real)
        known = _known.get(real)
        if known and known[0] == stamp:
            return known[1]
        if stamp[0] > LARGE:
            notice.info("hashing %s (%.1f GB)", path, stamp[0] / 1e9)
        with real.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        if stamp_of(real) != stamp:
            raise StorageError(f"{path} changed while it was read", "wait until it is written, then start again")
    except OSError as failure:
        raise UserError(f"{path} cannot be read: {failure.strerror or failure}", "check its permissions") from failure
    if time.time() - stamp[2] / 1e9 > SETTLED:
        _known[real] = stamp, digest
    return digest


def stamp_of(path: Path) -> Stamp:
    """What changes with a file: size, times of its last changes in nanoseconds, device and inode."""
    status = path.stat()
    return status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_dev, status.st_ino
