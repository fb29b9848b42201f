"""A store at an address, such as `s3://bucket/langgeo`, that the stores of many machines read from and add to."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from shutil import copyfile

from langgeo_core.contract.errors import LanggeoError, StorageError, UserError
from langgeo_core.system.files import replacing


class Remote:
    """The files below an address that fsspec knows: s3, gs, az, file, memory and others.

    Raises
    ------
    UserError
        If there is no such kind of address, or a package for it is missing.
    """

    def __init__(self, address: str) -> None:
        from fsspec.core import url_to_fs

        self.address = address
        try:
            self._system, root = url_to_fs(address)
        except (ImportError, ValueError) as failure:
            hint = "write an address such as s3://bucket/folder, and install the package that fsspec names for it"
            raise UserError(f"store: {address}: {failure}", hint) from failure
        self._root = root.rstrip("/")
        self._listed: set[str] = set()
        self._until = 0.0

    def has(self, name: str) -> bool:
        """Whether a file was there when last listed: a twentieth of the time at most goes into that."""
        began = time.monotonic()
        if name not in self._listed and began > self._until:
            with self._reaching():
                self._system.invalidate_cache()
                found = self._system.find(self._root)
            self._listed = {path.removeprefix(self._root).lstrip("/") for path in found}
            self._until = time.monotonic() + max(10.0, 20 * (time.monotonic() - began))
        return name in self._listed

    def look_again(self) -> None:
        """Take nothing for missing that others may have put in the meantime."""
        self._until = 0.0

    def get(self, name: str, file: Path) -> None:
        """Copy a file from there."""
        with self._reaching():
            self._system.get_file(f"{self._root}/{name}", str(file))

    def put(self, name: str, file: Path) -> None:
        """Copy a file to there, whole or not at all, if none is there."""
        target = f"{self._root}/{name}"
        with self._reaching(), suppress(FileExistsError):
            if "file" in self._system.protocol:
                if not self._system.exists(target):
                    with replacing(Path(target)) as scratch:
                        copyfile(file, scratch)
            else:
                self._system.put_file(str(file), target, mode="create")
        self._listed.add(name)

    @contextmanager
    def _reaching(self) -> Iterator[None]:
        """One error for whatever the library of an address raises; those of S3's have no class in common."""
        try:
            yield
        except (LanggeoError, FileExistsError):
            raise
        except Exception as failure:
            message = f"the store {self.address} does not answer: {type(failure).__name__}: {failure}"
            hint = "start the same command again when it does: what is finished is kept"
            raise StorageError(message, hint) from failure
