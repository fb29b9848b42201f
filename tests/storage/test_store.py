from __future__ import annotations

import errno
import json
import os
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from langgeo_core.api import CellStatistics, InputStatistics, Layout, StorageError, WeightMatrix, replacing, write_text
from langgeo_core.contract.types import SUMMED
from langgeo_core.storage.store import CellRecord, DamagedCellError, Store
from langgeo_core.system.files import sha256_file

KEY = "ab" + "0" * 62
DIAGONALS = ("gram_diagonal", "inverse_diagonal", "cholesky_diagonal")


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "store")


def cell(features: int = 7) -> CellStatistics:
    source = np.random.default_rng(0)
    inputs = {
        name: InputStatistics(*source.gamma(1.0, size=(3, size)), damping=source.random() / 3, tokens=99, mean=-one)
        for name, size in {"layers.0.q": features, "layers.10.o": 3}.items()
        for one in [source.gamma(1.0, size=size)]
    }
    return CellStatistics("nan", 99, inputs)


def save(store: Store, statistics: CellStatistics | None = None, dtype: str = "float32") -> CellRecord:
    return store.save(KEY, statistics or cell(), 1.25, ("a note",), {"dtype": dtype, "model": "m", "language": "nan"})


def files(store: Store) -> list[str]:
    return sorted(file.name for file in store.folder.rglob("*") if file.is_file())


@pytest.mark.parametrize(
    ("dtype", "stored"), [("float32", np.float32), ("float64", np.float64), ("bfloat16", np.float32)]
)
def test_a_cell_comes_back(store: Store, dtype: str, stored: type):
    saved = save(store, dtype=dtype)
    found = Store(store.folder).find(KEY)
    assert found == saved
    assert (found.tokens, found.seconds, found.notes, found.skipped) == (99, 1.25, ("a note",), False)
    assert found.sha256 == sha256_file(found.file)
    loaded = store.load(found, "nan")
    assert (loaded.language, loaded.tokens, set(loaded.inputs)) == ("nan", 99, {"layers.0.q", "layers.10.o"})
    for name, expected in cell().inputs.items():
        actual = loaded.inputs[name]
        assert (actual.damping, actual.tokens) == (expected.damping, 99)
        for diagonal in DIAGONALS:
            values = getattr(actual, diagonal)
            assert values.dtype == np.float64
            kept = np.float64 if diagonal in SUMMED else stored
            np.testing.assert_array_equal(values, getattr(expected, diagonal).astype(kept))
        np.testing.assert_array_equal(actual.mean, expected.mean)
        assert len(actual.positive) == len(actual.hidden) == 0, "never gathered"


def test_only_what_is_read_comes_back(store: Store):
    record = save(store)
    loaded = store.load(record, "nan", ("mean",)).inputs["layers.0.q"]
    np.testing.assert_array_equal(loaded.mean, cell().inputs["layers.0.q"].mean)
    assert [len(getattr(loaded, diagonal)) for diagonal in DIAGONALS] == [0, 0, 0]
    with pytest.raises(DamagedCellError, match="no diagonals"):
        store.load(record, "nan", ("hidden",))


def test_a_raised_damping_is_that_of_the_inverse_alone(store: Store):
    one = np.ones(3)
    statistics = InputStatistics(one, one, one, damping=0.01, tokens=9, raised=0.1)
    record = save(store, CellStatistics("nan", 9, {"q": statistics}))
    assert store.load(record, "nan", ("gram_diagonal",)).inputs["q"].damping == 0.01
    assert store.load(record, "nan", ("gram_diagonal", "inverse_diagonal")).inputs["q"].damping == 0.1


def test_single_precision_takes_half_the_space_of_what_is_made_of_gram_matrices(store: Store):
    large = cell(features=5000)
    double = save(store, large, "float64").file.stat().st_size
    single = save(store, large, "float32").file.stat().st_size
    assert double - single == pytest.approx(2 * 4 * (5000 + 3), abs=100)


def test_two_files_a_cell_with_provenance_for_people(store: Store):
    record = save(store)
    assert files(store) == [f"{KEY}.json", f"{KEY}.safetensors"]
    assert record.file.parent.name == "ab"
    assert json.loads(record.file.with_suffix(".json").read_text())["model"] == "m"


def test_what_was_never_saved_is_not_found(store: Store):
    assert store.find(KEY) is None
    assert store.layout("0" * 64) is None


def test_a_skipped_cell_is_remembered(store: Store):
    saved = store.save_skipped(KEY, 41)
    found = store.find(KEY)
    assert found == saved
    assert (found.skipped, found.tokens) == (True, 41)
    assert files(store) == [f"{KEY}.json"]


def test_a_cell_takes_the_place_of_a_skipped_one(store: Store):
    store.save_skipped(KEY, 41)
    save(store)
    assert not store.find(KEY).skipped


def truncated(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-5])


def one_bit(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[-3] ^= 1
    file.write_bytes(content)


@pytest.mark.parametrize("damage", [truncated, one_bit, Path.unlink, lambda file: file.write_bytes(b"")])
def test_damaged_numbers_are_noticed(store: Store, damage: object):
    record = save(store)
    damage(record.file)
    with pytest.raises(DamagedCellError, match=KEY):
        store.find(KEY)


@pytest.mark.parametrize("note", ["", "{", "[]", "null", "3", "{}", '{"sha256": "0"}', '{"skipped": true}', "\xff"])
def test_a_broken_record_is_noticed(store: Store, note: str):
    save(store).file.with_suffix(".json").write_text(note, encoding="latin-1")
    with pytest.raises(DamagedCellError, match=KEY):
        store.find(KEY)


@pytest.mark.parametrize("damage", [truncated, Path.unlink, lambda file: file.write_bytes(b"x" * 99)])
def test_numbers_that_are_damaged_after_the_check_are_noticed(store: Store, damage: object):
    record = save(store)
    damage(record.file)
    with pytest.raises(DamagedCellError, match="cannot be read"):
        store.load(record, "nan")


def test_a_damaged_cell_can_be_saved_again(store: Store):
    one_bit(save(store).file)
    save(store)
    assert store.load(store.find(KEY), "nan").tokens == 99


LAYOUT = Layout((WeightMatrix("layers.0.q", 0, "q", 4, 3, "layers.0.q"), WeightMatrix("k", 1, "k", 2, 3, "layers.0.q")))


def test_a_layout_comes_back(store: Store):
    store.save_layout(KEY, LAYOUT)
    assert store.layout(KEY) == LAYOUT
    assert store.layout("f" * 64) is None


@pytest.mark.parametrize("content", ["", "[{]", '[{"name": "q"}]', "null"])
def test_a_broken_layout_is_noticed(store: Store, content: str):
    store.save_layout(KEY, LAYOUT)
    next(store.folder.rglob(f"{KEY}.json")).write_text(content)
    with pytest.raises(DamagedCellError, match=KEY):
        store.layout(KEY)


def no_space(*arguments: object, **options: object) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


def test_a_full_disk_says_what_to_do_and_leaves_no_half_file(store: Store, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(Path, "write_bytes", no_space)
    with pytest.raises(StorageError, match=f"cannot write .*{KEY}.*No space left on device") as caught:
        save(store)
    assert "free some space" in caught.value.hint
    assert "what is finished is kept" in caught.value.hint
    assert files(store) == []


def test_arrays_that_are_damaged_are_told_from_those_that_are_not_there(store: Store):
    assert store.kept(KEY) is None
    store.keep(KEY, {"one": np.arange(3)})
    np.testing.assert_array_equal(store.kept(KEY)["one"], np.arange(3))
    file = store.find(KEY).file
    file.write_bytes(file.read_bytes()[:-8])
    with pytest.raises(DamagedCellError, match=KEY):
        store.kept(KEY)


def test_a_disk_that_is_full_before_the_record_leaves_no_cell(store: Store, monkeypatch: pytest.MonkeyPatch):
    with monkeypatch.context() as full:
        full.setattr(Path, "write_text", no_space)
        with pytest.raises(StorageError, match=rf"{KEY}\.json"):
            save(store)
        with pytest.raises(StorageError):
            store.save_skipped(KEY, 3)
        with pytest.raises(StorageError):
            store.save_layout(KEY, LAYOUT)
    assert store.find(KEY) is None
    assert [name for name in files(store) if name.startswith(".")] == []


@contextmanager
def at_most(size: int) -> Iterator[None]:
    """The system refuses to write files larger than this, as a quota does."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_file_that_the_system_cuts_short_is_an_error(store: Store):
    save(store)
    with at_most(1000), pytest.raises(StorageError, match=f"cannot write .*{KEY}.*File too large"):
        save(store, cell(features=5000))
    assert files(store) == [f"{KEY}.json", f"{KEY}.safetensors"]
    assert len(store.load(store.find(KEY), "nan").inputs["layers.0.q"].gram_diagonal) == 7


def test_a_folder_that_is_a_file_is_an_error(tmp_path: Path):
    (tmp_path / "store").write_text("")
    with pytest.raises(StorageError) as caught:
        save(Store(tmp_path / "store"))
    assert "Not a directory" in caught.value.message


def test_the_old_file_stays_if_the_new_one_fails(tmp_path: Path):
    target = tmp_path / "t.txt"
    write_text(target, "old")
    with pytest.raises(KeyboardInterrupt), replacing(target) as scratch:
        scratch.write_text("half of the n")
        assert target.read_text() == "old"
        raise KeyboardInterrupt
    assert target.read_text() == "old"
    assert [file.name for file in tmp_path.iterdir()] == ["t.txt"]
    write_text(target, "nëw")
    assert target.read_bytes() == "nëw".encode()


OTHER = "cd" + "1" * 62


@pytest.mark.parametrize("word", ['"tokens": 99', "a note", "1.25", '"language": "nan"', '"checksum"'])
def test_a_changed_word_in_a_record_is_noticed(store: Store, word: str):
    note = save(store).file.with_suffix(".json")
    note.write_text(note.read_text().replace(word, word.translate(str.maketrans("9ae1", "8bf2"))))
    with pytest.raises(DamagedCellError, match="checksum"):
        store.find(KEY)


def test_another_cell_in_a_cells_place_is_noticed(store: Store):
    record = save(store)
    for suffix in (".json", ".safetensors"):
        target = store.folder / "cells" / OTHER[:2] / f"{OTHER}{suffix}"
        target.parent.mkdir(exist_ok=True)
        target.write_bytes(record.file.with_suffix(suffix).read_bytes())
    with pytest.raises(DamagedCellError, match=f"belongs to {KEY}"):
        store.find(OTHER)


def test_another_models_layout_in_its_place_is_noticed(store: Store):
    store.save_layout(KEY, LAYOUT)
    note = next(store.folder.rglob(f"{KEY}.json"))
    note.rename(note.with_name(f"{OTHER}.json"))
    with pytest.raises(DamagedCellError, match=f"belongs to {KEY}"):
        store.layout(OTHER)


def test_a_pipe_in_the_place_of_statistics_is_damage_and_is_not_waited_for(store: Store):
    record = save(store)
    record.file.unlink()
    os.mkfifo(record.file)
    with pytest.raises(DamagedCellError, match="no regular file"):
        store.find(record.key)
