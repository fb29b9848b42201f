"""Cells with a number for each weight: written straight to disk, read some rows at a time, hashed once."""

from __future__ import annotations

import resource
from pathlib import Path

import numpy as np
import pytest

from langgeo_core.api import CellStatistics, InputStatistics, StorageError, UserError
from langgeo_core.contract.types import WeightSums
from langgeo_core.storage import store as storing
from langgeo_core.storage.store import CellRecord, DamagedCellError, Store
from langgeo_core.system.files import sha256_file

KEY = "cd" + "0" * 62
PROVENANCE = {"dtype": "float64", "language": "nan"}


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "store")


def sums(rows: int = 6) -> WeightSums:
    source = np.random.default_rng(0)
    shapes = {"layers.0.q": (rows, 4), "layers.0.o": (3, rows)}
    return WeightSums(
        "nan", 99, "squared-gradient/1", {name: source.normal(size=size) for name, size in shapes.items()}
    )


def save(store: Store, cell: WeightSums | CellStatistics | None = None) -> CellRecord:
    return store.save(KEY, cell or sums(), 1.25, ("a note",), PROVENANCE)


def files(store: Store) -> list[str]:
    return sorted(file.name for file in store.folder.rglob("*") if file.is_file())


@pytest.fixture
def hashed(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The files that are read in full to hash them."""
    found: list[Path] = []

    def note(file: Path) -> str:
        found.append(file)
        return sha256_file(file)

    monkeypatch.setattr(storing, "sha256_file", note)
    return found


def test_rows_come_back_in_single_precision(store: Store):
    saved = save(store)
    found = Store(store.folder).find(KEY)
    assert found == saved
    assert found.sha256 == sha256_file(found.file)
    cell = store.load_weights(found, "nan")
    assert (cell.language, cell.tokens) == ("nan", 99)
    for name, values in sums().sums.items():
        for start, stop in ((0, len(values)), (1, 3)):
            rows = cell.read(name, start, stop)
            assert rows.dtype == np.float32
            np.testing.assert_array_equal(rows, values[start:stop].astype(np.float32))


def test_what_python_holds_turned_is_written_in_order(store: Store):
    turned = WeightSums("nan", 9, "s/1", {"q": np.arange(12.0).reshape(3, 4).T})
    read = store.load_weights(save(store, turned), "nan").read
    np.testing.assert_array_equal(read("q", 1, 4), np.arange(12.0).reshape(3, 4).T[1:4])


def test_a_matrix_that_is_not_there_is_told(store: Store):
    cell = store.load_weights(save(store), "nan")
    with pytest.raises(UserError, match=r"has nothing of layers\.7\.q") as caught:
        cell.read("layers.7.q", 0, 1)
    assert "calibrate" in caught.value.hint


def test_either_kind_of_cell_is_not_taken_for_the_other(store: Store):
    record = save(store)
    with pytest.raises(DamagedCellError, match="no diagonals"):
        store.load(record, "nan")
    one = np.ones(4)
    diagonals = CellStatistics("nan", 9, {"layers.0.q": InputStatistics(one, one, one, 0.1, 9)})
    with pytest.raises(UserError, match=r"has nothing of layers\.0\.q"):
        store.load_weights(save(store, diagonals), "nan").read("layers.0.q", 0, 1)


def test_a_file_that_is_gone_or_cut_short_cannot_be_opened(store: Store):
    record = save(store)
    record.file.write_bytes(record.file.read_bytes()[:20])
    with pytest.raises(DamagedCellError, match=KEY):
        store.load_weights(record, "nan")


def test_damage_is_noticed_in_a_file_that_was_sound_before(store: Store):
    record = save(store)
    assert store.find(KEY) == record
    content = bytearray(record.file.read_bytes())
    content[-3] ^= 1
    record.file.write_bytes(content)
    with pytest.raises(DamagedCellError, match="checksum"):
        store.find(KEY)


def test_a_file_is_hashed_once(store: Store, hashed: list[Path]):
    record = save(store)
    assert len(hashed) == 1
    for _ in range(3):
        assert Store(store.folder).find(KEY) == record
    assert len(hashed) == 1


def test_a_file_of_another_process_is_hashed_once(store: Store, hashed: list[Path]):
    record = save(store)
    other = Store(store.folder, checked={})
    del hashed[:]
    for _ in range(3):
        assert other.find(KEY) == record
    assert hashed == [record.file]


def test_a_file_that_the_system_cuts_short_is_an_error(store: Store):
    save(store)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, hard))
    try:
        with pytest.raises(StorageError, match=f"cannot write .*{KEY}.*File too large") as caught:
            save(store, sums(rows=5000))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert "what is finished is kept" in caught.value.hint
    assert files(store) == [f"{KEY}.json", f"{KEY}.safetensors"]
    assert store.load_weights(store.find(KEY), "nan").read("layers.0.q", 0, 6).shape == (6, 4)
