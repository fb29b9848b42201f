"""The cache folder, and files: read with clear errors, and written so that a reader never sees half of one."""

from __future__ import annotations

import errno
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkstemp

from langgeo_core.contract.errors import ConfigError, Problem, StorageError, UserError


def cache_folder() -> Path:
    """`LANGGEO_CACHE` if set, else the platform's cache folder for langgeo."""
    import platformdirs

    if override := os.environ.get("LANGGEO_CACHE"):
        return Path(override).expanduser()
    return Path(platformdirs.user_cache_dir("langgeo", appauthor=False))


@contextmanager
def replacing(target: Path) -> Iterator[Path]:
    """A temporary path beside `target` that takes its place when the block ends without an error.

    Raises
    ------
    StorageError
        If the disk is full or the folder cannot be written.
    """
    with storage_errors(target):
        target.parent.mkdir(parents=True, exist_ok=True)
        handle, name = mkstemp(prefix=f".{target.stem}-", suffix=target.suffix, dir=target.parent)
    os.close(handle)
    scratch = Path(name)
    try:
        with storage_errors(target):
            yield scratch
            scratch.chmod(0o644)
            scratch.replace(target)
    finally:
        scratch.unlink(missing_ok=True)


@contextmanager
def storage_errors(target: Path) -> Iterator[None]:
    """Turn the system's errors about `target` into ones that say what to do."""
    try:
        yield
    except OSError as failure:
        full = failure.errno in (errno.ENOSPC, errno.EDQUOT)
        hint = "free some space" if full else "check the folder's permissions"
        raise StorageError(
            f"cannot write {target}: {failure.strerror or failure}",
            f"{hint}, then start the same command again: what is finished is kept",
        ) from failure


def read_text(file: Path, hint: str = "") -> str:
    """The text of a UTF-8 file, without a byte order mark.

    Parameters
    ----------
    hint : what to do if the file cannot be read

    Raises
    ------
    UserError
        If the file cannot be read.
    ConfigError
        If it is not UTF-8, with the line.
    """
    try:
        raw = file.read_bytes()
    except OSError as error:
        raise UserError(f"{file} cannot be read: {error.strerror}", hint) from error
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise ConfigError([Problem(f"{file}:{line}", "is not UTF-8 text", "save the file as UTF-8")]) from error


def write_text(target: Path, text: str) -> None:
    """Replace `target` by a UTF-8 text."""
    with replacing(target) as scratch:
        scratch.write_text(text, encoding="utf-8")


def sha256_file(path: Path) -> str:
    """SHA-256 of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
