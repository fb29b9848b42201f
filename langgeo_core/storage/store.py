"""The content-addressed store of cell statistics and layouts.

A cell is two files: `<key>.safetensors` with the diagonals, or for scorers that are not separable with a tensor as
large as each weight matrix, and `<key>.json`, written last, with its checksum. Every JSON file of the store holds its
own address and a checksum of itself.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.numpy import load_file, save, save_file

from langgeo_core.contract.errors import UserError, storage_errors
from langgeo_core.contract.types import (
    INVERSE,
    SUMMED,
    CellStatistics,
    InputStatistics,
    Layout,
    WeightMatrix,
    WeightStatistics,
    WeightSums,
)
from langgeo_core.storage.remote import Remote
from langgeo_core.system.files import UNFINISHED, cache_folder, read_record, replacing, sha256_file, write_record
from langgeo_core.system.locks import CLAIM, claim_on

if TYPE_CHECKING:
    from filelock import SoftFileLease


@dataclass(frozen=True)
class CellRecord:
    """What is known of a stored cell besides its numbers."""

    key: str
    file: Path
    sha256: str
    tokens: int
    seconds: float
    notes: tuple[str, ...]
    skipped: bool = False


class DamagedCellError(Exception):
    """A cell's files do not match their checksum or cannot be read."""


_State = tuple[int, int, int, int]
_CHECKED: dict[Path, tuple[_State, str]] = {}


class Store:
    """Cells and layouts below one folder.

    Parameters
    ----------
    remote : a store elsewhere: what is missing here is read from it, and what is saved here is put there too
    checked : state (size, times of the last changes, inode) and checksum of each file that was written or read in full;
        by default those of this process
    """

    def __init__(
        self, folder: Path, remote: Remote | None = None, checked: dict[Path, tuple[_State, str]] = _CHECKED
    ) -> None:
        self.folder, self.remote, self._checked = folder, remote, checked
        self._claims: dict[str, SoftFileLease] = {}

    @classmethod
    def at(cls, address: str | None) -> Store:
        """The store in the cache folder, with the one at an address behind it if there is one."""
        return cls(cache_folder(), Remote(address) if address else None)

    def find(self, key: str) -> CellRecord | None:
        """The record of a finished cell, its file checked against its checksum.

        Raises
        ------
        DamagedCellError
            If the cell is there but was altered, cut short, or is another one.
        StorageError
            If a store elsewhere does not answer.
        """
        note, file = self._path(key, ".json"), self._path(key, ".safetensors")
        try:
            if not self._is_here(note):
                return None
            record = _own_record(note, key)
            if record.get("skipped"):
                self._share(note, record)
                return CellRecord(key, file, "", record["tokens"], 0.0, (), skipped=True)
            state, known = _state(file), self._checked.get(file)
            # Read again only if it has changed: a file with a number for each weight may take gigabytes.
            if known is None or known[0] != state:
                known = self._checked[file] = state, sha256_file(file)
            if known[1] != record["sha256"]:
                raise DamagedCellError(f"{file} does not match its checksum")
            self._share(note, record)
            return CellRecord(key, file, record["sha256"], record["tokens"], record["seconds"], tuple(record["notes"]))
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as failure:
            raise DamagedCellError(f"{note} or its statistics cannot be read: {failure}") from failure

    def first(self, keys: Iterable[str]) -> CellRecord | None:
        """The first of these cells that is there; raises as `find`."""
        return next((record for record in map(self.find, keys) if record), None)

    def note(self, key: str) -> dict[str, Any] | None:
        """What is on record of a cell, for people, without its numbers; None if there is none."""
        file = self._path(key, ".json")
        if file.is_file():
            return _own_record(file, key)
        if not (self.remote and self.remote.has(name := str(file.relative_to(self.folder)))):
            return None
        with TemporaryDirectory() as scratch:
            self.remote.get(name, copy := Path(scratch) / "note.json")
            return _own_record(copy, key)

    def save(
        self, key: str, cell: CellStatistics | WeightSums, seconds: float, notes: tuple[str, ...], record: Any
    ) -> CellRecord:
        """Write a cell; what is made of float32 Gram matrices is float32 on disk. `record` is provenance for people."""

        def write(scratch: Path) -> None:
            if isinstance(cell, WeightSums):
                return _write_sums(scratch, cell)
            precise = np.float64 if record["dtype"] == "float64" else np.float32
            tensors: dict[str, NDArray[Any]] = {}
            for name, one in cell.inputs.items():
                for field in (*SUMMED, *INVERSE):
                    if len(values := getattr(one, field)):
                        tensors[f"{name}/{field}"] = values.astype(precise if field in INVERSE else np.float64)
                tensors[f"{name}/damping"] = np.array([one.damping, one.raised or one.damping])
            scratch.write_bytes(save(tensors, metadata={"language": cell.language}))

        sha256 = self._put(key, write, {"tokens": cell.tokens, "seconds": seconds, "notes": list(notes), **record})
        return CellRecord(key, self._path(key, ".safetensors"), sha256, cell.tokens, seconds, notes)

    def keep(self, key: str, tensors: Mapping[str, NDArray[Any]]) -> None:
        """Write arrays that were made of cells, for other processes that need the same."""
        self._put(
            key, lambda scratch: scratch.write_bytes(save(dict(tensors))), {"tokens": 0, "seconds": 0, "notes": []}
        )

    def kept(self, key: str) -> dict[str, NDArray[Any]] | None:
        """The arrays that `keep` wrote; None if they are not there. Raises as `find`."""
        if (record := self.find(key)) is None:
            return None
        try:
            return load_file(record.file)
        except (OSError, SafetensorError) as failure:
            raise DamagedCellError(f"{record.file} cannot be read: {failure}") from failure

    def _put(self, key: str, write: Callable[[Path], object], record: dict[str, Any]) -> str:
        """Write data and then the record of it; gives the checksum of the data."""
        file = self._path(key, ".safetensors")
        with replacing(file) as scratch:
            write(scratch)
            sha256 = sha256_file(scratch)
        self._checked[file] = _state(file), sha256
        self._write(self._path(key, ".json"), {"address": key, "sha256": sha256, **record})
        return sha256

    @contextmanager
    def claim(self, key: str) -> Iterator[bool]:
        """Whether this process is the one to compute a cell until the block ends; see `claim_on`."""
        from filelock import Timeout

        file = self._path(key, CLAIM, UNFINISHED)
        claim = self._claims.setdefault(key, claim_on(file))  # one, that remembers since when it has seen another's
        if free := not claim.is_locked:  # by another thread
            with storage_errors(file), suppress(Timeout):
                claim.acquire()
        mine = free and claim.is_locked
        try:
            yield mine
        finally:
            if mine:
                del self._claims[key]
                claim.release()

    def save_skipped(self, key: str, tokens: int) -> CellRecord:
        """Remember that a cell's text is too short, so that the model need not be loaded to find out again."""
        self._write(self._path(key, ".json"), {"address": key, "skipped": True, "tokens": tokens})
        return CellRecord(key, self._path(key, ".safetensors"), "", tokens, 0.0, (), skipped=True)

    def load(self, record: CellRecord, language: str, read: Collection[str] = (*SUMMED, *INVERSE)) -> CellStatistics:
        """The numbers of a cell that `find` or `save` returned: the fields of `InputStatistics` that a scorer reads.

        They are the same of a richer cell.
        """
        inputs: dict[str, dict[str, Any]] = {}
        try:
            with safe_open(record.file, framework="numpy") as tensors:
                for name, _, field in (key.rpartition("/") for key in sorted(tensors.keys())):
                    if field in read:
                        inputs.setdefault(name, {})[field] = tensors.get_tensor(f"{name}/{field}").astype(np.float64)
                for name, fields in inputs.items():
                    own, raised = tensors.get_tensor(f"{name}/damping").tolist()
                    fields["damping"] = raised if {*INVERSE} & {*read} else own
            if not inputs:
                raise KeyError("no diagonals")
        except (OSError, SafetensorError, KeyError, ValueError) as failure:
            raise DamagedCellError(f"{record.file} cannot be read: {failure}") from failure
        made = partial(InputStatistics, tokens=record.tokens, language=language)
        return CellStatistics(
            language, record.tokens, {name: made(name=name, **found) for name, found in inputs.items()}
        )

    def load_weights(self, record: CellRecord, language: str) -> WeightStatistics:
        """The same of a cell with a number for each weight: its file is opened whenever some rows are asked for."""
        try:
            with safe_open(record.file, framework="numpy") as tensors:
                names = frozenset(tensors.keys())
        except (OSError, SafetensorError) as failure:
            raise DamagedCellError(f"{record.file} cannot be read: {failure}") from failure

        def read(matrix: str, start: int, stop: int) -> NDArray[np.float32]:
            if matrix not in names:
                raise UserError(f"{record.file} has nothing of {matrix}", "run again from the stage calibrate")
            with safe_open(record.file, framework="numpy") as tensors:
                rows: NDArray[np.float32] = tensors.get_slice(matrix)[start:stop]
            return rows

        return WeightStatistics(language, record.tokens, read)

    def layout(self, weights_sha256: str) -> Layout | None:
        """The layout of a model that was calibrated before; raises DamagedCellError if it was altered or is another."""
        file = self.folder / "layouts" / f"{weights_sha256}.json"
        try:
            if not self._is_here(file):
                return None
            record = _own_record(file, weights_sha256)
            if "hidden" not in record:  # of a version that did not look for it
                return None
            found = [
                tuple(WeightMatrix(**row | {"calls": tuple(row["calls"])}) for row in record[key])
                for key in ("matrices", "hidden")
            ]
            return Layout(*found)
        except (OSError, ValueError, KeyError, TypeError) as failure:
            raise DamagedCellError(f"{file} cannot be read: {failure}") from failure

    def save_layout(self, weights_sha256: str, layout: Layout) -> None:
        """Keep a model's layout, so that later stages need not build the network."""
        self._write(self.folder / "layouts" / f"{weights_sha256}.json", {"address": weights_sha256, **asdict(layout)})

    def _is_here(self, note: Path) -> bool:
        """Whether a record is in this folder; it and its data are brought from elsewhere if they are there."""
        name = str(note.relative_to(self.folder))
        if note.is_file() or not (self.remote and self.remote.has(name)):
            return note.is_file()
        with replacing(note) as scratch:
            self.remote.get(name, scratch)
            if sha256 := _own_record(scratch, note.stem).get("sha256"):
                with replacing(note.with_suffix(".safetensors")) as data:
                    self.remote.get(f"{name.removesuffix('.json')}.{sha256}.safetensors", data)
                    if sha256_file(data) != sha256:
                        raise DamagedCellError(f"{self.remote.address}/{name} has data of another checksum")
        return True

    def _write(self, note: Path, record: dict[str, Any]) -> None:
        write_record(note, record)
        self._share(note, record)

    def _share(self, note: Path, record: dict[str, Any]) -> None:
        """Put a sound record where others find it, its data first, under a name that has their checksum."""
        name = str(note.relative_to(self.folder))
        if self.remote and not self.remote.has(name):
            if sha256 := record.get("sha256"):
                data = f"{name.removesuffix('.json')}.{sha256}.safetensors"
                self.remote.put(data, note.with_suffix(".safetensors"))
            self.remote.put(name, note)

    def _path(self, key: str, suffix: str, prefix: str = "") -> Path:
        return self.folder / "cells" / key[:2] / f"{prefix}{key}{suffix}"


def _own_record(file: Path, address: str) -> dict[str, Any]:
    record = read_record(file)
    if record["address"] != address:
        raise ValueError(f"it belongs to {record['address']}")
    return record


def _state(file: Path) -> _State:
    found = file.stat()
    return found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino


def _write_sums(file: Path, cell: WeightSums) -> None:
    """Straight to disk: a second copy in memory would be as large as the model's weights.

    Raises
    ------
    OSError
        As Python would, so that a full disk is told from other failures.
    """
    tensors = {name: np.ascontiguousarray(values, dtype=np.float32) for name, values in cell.sums.items()}
    try:
        save_file(tensors, file, metadata={"language": cell.language, "statistic": cell.statistic})
    except SafetensorError as failure:
        number = re.search(r"os error (\d+)", str(failure))
        raise OSError(int(number[1]) if number else 0, str(failure)) from failure
