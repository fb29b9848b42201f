"""The cache folder, and files: read with clear errors, and written so that a reader never sees half of one."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from langgeo_core.contract.errors import ConfigError, Problem, UserError, storage_errors as storage_errors

UNFINISHED = ".unfinished-"
"""How the names of files and folders begin that are being made, and those of the locks of their makers."""
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f]")


def cache_folder() -> Path:
    """`LANGGEO_CACHE` if set, else the platform's cache folder for langgeo."""
    import platformdirs

    if override := os.environ.get("LANGGEO_CACHE"):
        return Path(override).expanduser()
    return Path(platformdirs.user_cache_dir("langgeo", appauthor=False))


@contextmanager
def replacing(target: Path) -> Iterator[Path]:
    """A temporary path beside `target` that takes its place when the block ends without an error, safe on disk.

    Raises
    ------
    UserError
        If `target` is a symbolic link, a device or another thing that is no file.
    StorageError
        If the disk is full or the folder cannot be written.
    """
    from filelock import FileLock

    with storage_errors(target):
        if target.is_symlink() or (target.exists() and not target.is_file()):
            raise UserError(f"{target} is a link or no regular file, so it is not replaced", "remove it first")
        target.parent.mkdir(parents=True, exist_ok=True)
        scratch = target.with_name(f"{UNFINISHED}{os.urandom(8).hex()}{target.suffix}")
        lock = FileLock(scratch)  # so that nobody takes it for a leftover
        lock.acquire()
    try:
        with storage_errors(target):
            yield scratch
            scratch.chmod(0o644)
            with scratch.open("rb+") as file:
                os.fsync(file.fileno())
            scratch.replace(target)
            if os.name == "posix":  # Windows cannot open a folder
                folder = os.open(target.parent, os.O_RDONLY)
                os.fsync(folder)
                os.close(folder)
    finally:
        scratch.unlink(missing_ok=True)
        lock.release()


def refuse_links(folder: Path) -> None:
    """Raise UserError if anything in a folder is a symbolic link: what is written through one lies elsewhere."""
    for parent, folders, files in os.walk(folder):
        if links := [one for one in sorted((*folders, *files)) if Path(parent, one).is_symlink()]:
            message = f"{Path(parent, links[0])} is a symbolic link, and nothing is written through one"
            raise UserError(message, f"remove it, or work in a copy without links: cp -rL {folder} COPY")


def read_text(file: Path, hint: str = "") -> str:
    """The text of a UTF-8 file, without a byte order mark; every kind of line end becomes a newline.

    Parameters
    ----------
    hint : what to do if the file cannot be read

    Raises
    ------
    UserError
        If the file cannot be read, or is a pipe or a device.
    ConfigError
        If it is not UTF-8 or holds control characters, with the line.
    """
    try:
        if file.exists() and not (file.is_file() or file.is_dir()):  # a pipe waits, a device may never end
            raise UserError(f"{file} is a pipe, socket or device, not a file", hint)
        raw = file.read_bytes()
    except OSError as error:
        raise UserError(f"{file} cannot be read: {error.strerror}", hint) from error
    try:
        text = raw.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise ConfigError([Problem(f"{file}:{line}", "is not UTF-8 text", "save the file as UTF-8")]) from error
    if found := _CONTROL.search(text):
        line = text.count("\n", 0, found.start()) + 1
        what = f"is not UTF-8 text: it holds the control character U+{ord(found[0]):04X}"
        raise ConfigError([Problem(f"{file}:{line}", what, "save the file as UTF-8")])
    return text


def write_text(target: Path, text: str) -> None:
    """Replace `target` by a UTF-8 text."""
    with replacing(target) as scratch:
        scratch.write_text(text, encoding="utf-8")


def write_record(target: Path, record: Mapping[str, Any]) -> None:
    """Replace `target` by a JSON object with a checksum of itself."""
    text = json.dumps({**record, "checksum": digest(json.loads(json.dumps(record)))}, indent=1, ensure_ascii=False)
    write_text(target, text)


def read_record(file: Path) -> dict[str, Any]:
    """A JSON object that `write_record` wrote, without its checksum; raises ValueError if it does not match that."""
    record = json.loads(file.read_text(encoding="utf-8"))
    if not isinstance(record, dict):
        raise ValueError("expected a JSON object")
    if "checksum" not in record:
        raise ValueError("it has no checksum of itself: an older version wrote it, or it was edited")
    if record.pop("checksum") != digest(record):
        raise ValueError("it does not match its checksum: it was edited or damaged")
    return record


def digest(value: Any) -> str:
    """SHA-256 of a value's canonical JSON."""
    import hashlib

    return hashlib.sha256(json.dumps(value, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def sha256_file(path: Path) -> str:
    """SHA-256 of a file's bytes; OSError if it is a pipe or a device, which could be read for ever."""
    import hashlib

    if path.exists() and not path.is_file():
        raise OSError(f"{path} is no regular file")
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def checksums(folder: Path, names: Iterable[str]) -> dict[str, str]:
    """The SHA-256 of files in a folder."""
    return {name: sha256_file(folder / name) for name in names}
