"""Model folders that langgeo makes itself, once each, in the cache: converted, trained or drawn."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

from safetensors import SafetensorError

from langgeo_core.api import UNFINISHED, StorageError, UserError, cache_folder, locking
from langgeo_hf.folder import folder_sha256

FINISHED = "complete"
"""The file that marks a complete folder; it holds the folder's SHA-256."""
notice = logging.getLogger("langgeo.notice")


def made_once(name: str, make: Callable[[Path], None]) -> Path:
    """The folder `models/<name>` of the cache, as it was made; the first call makes it, of all processes together.

    Its weights, tokenizer and configuration are hashed once in a process. A folder that differs from what was made is
    made again, with a notice.

    Parameters
    ----------
    make : fills an empty folder, which is renamed to its final name when complete

    Raises
    ------
    StorageError
        If it cannot be written.
    """
    target = _target(name)
    if is_made(name) and _is_as_made(target):
        return target
    scratch = target.with_name(f"{UNFINISHED}{name}")
    try:
        with locking(scratch.with_name(f"{scratch.name}.lock"), wait=True):
            if is_made(name):  # by another process, which this one waited for
                if _is_as_made(target):
                    return target
                notice.warning("%s is damaged, or was made by an older version: made again", target)
            _fill(scratch, target, make)
    except (OSError, SafetensorError) as failure:
        raise StorageError(
            f"the model cannot be written to {target}: {failure}",
            "float32 needs 4 bytes for each weight; free some space, or set LANGGEO_CACHE to another folder",
        ) from failure
    return target


def made_folders() -> Iterator[tuple[Path, bool]]:
    """Every folder that was made, and whether it still is as it was made; reads all of them."""
    for file in sorted((cache_folder() / "models").glob(f"*/{FINISHED}")):
        yield file.parent, _is_as_made(file.parent)


def is_made(name: str) -> bool:
    """Whether the folder is complete; reads no weights."""
    return (_target(name) / FINISHED).is_file()


def _target(name: str) -> Path:
    return cache_folder() / "models" / name


def _is_as_made(target: Path) -> bool:
    try:
        return is_made(target.name) and (target / FINISHED).read_text(encoding="utf-8").strip() == folder_sha256(target)
    except (UserError, ValueError):
        return False


def _fill(scratch: Path, target: Path, make: Callable[[Path], None]) -> None:
    shutil.rmtree(scratch, ignore_errors=True)  # of a process that was killed over it
    scratch.mkdir()
    try:
        make(scratch)
        (scratch / FINISHED).write_text(f"{folder_sha256(scratch)}\n", encoding="utf-8")
        shutil.rmtree(target, ignore_errors=True)
        scratch.rename(target)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
