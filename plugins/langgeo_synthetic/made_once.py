"""Folders of the cache that are made once, all or nothing."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from tempfile import mkdtemp

from safetensors import SafetensorError

from langgeo_core.api import StorageError, cache_folder

FINISHED = "complete"
"""The file that a whole folder has, as the models converted from GGUF do."""


def made_once(name: str, make: Callable[[Path], None]) -> Path:
    """The folder `models/<name>` of the cache; the first call fills it.

    Parameters
    ----------
    make : is given an empty folder, which takes its place when all is written

    Raises
    ------
    StorageError
        If it cannot be written.
    """
    target = cache_folder() / "models" / name
    if not (target / FINISHED).is_file():
        try:
            _fill(target, make)
        except (OSError, SafetensorError) as failure:
            hint = "free some space; LANGGEO_CACHE names another folder"
            raise StorageError(f"the model cannot be written to {target}: {failure}", hint) from failure
    return target


def is_made(name: str) -> bool:
    """Whether the folder is there."""
    return (cache_folder() / "models" / name / FINISHED).is_file()


def _fill(target: Path, make: Callable[[Path], None]) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    scratch = Path(mkdtemp(prefix=f"{target.name}-", dir=target.parent))
    try:
        make(scratch)
        (scratch / FINISHED).touch()
        scratch.chmod(0o755)
        shutil.rmtree(target, ignore_errors=True)
        scratch.rename(target)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
