"""A store at an address behind the one of this machine."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from test_store import KEY, cell, save

from langgeo_core.contract.errors import StorageError, UserError
from langgeo_core.contract.types import Layout
from langgeo_core.storage.remote import Remote
from langgeo_core.storage.store import DamagedCellError, Store


@pytest.fixture(params=["file", "memory"])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "file":
        yield (tmp_path / "shared").as_uri()
        return
    from fsspec.implementations.memory import MemoryFileSystem

    yield "memory://langgeo"
    MemoryFileSystem.store.clear()


@pytest.fixture
def machine(address: str, tmp_path: Path) -> Any:
    """The store of a machine by its name, each time as a new process would see it."""
    return lambda name: Store(tmp_path / name, Remote(address), checked={})


def test_what_one_machine_saved_another_finds_and_keeps(machine: Any, tmp_path: Path) -> None:
    saved = save(machine("a"))
    machine("a").save_skipped("cd" + KEY[2:], 41)
    machine("a").save_layout("0" * 64, Layout(()))
    other = machine("b")
    assert other.find(KEY) == replace(saved, file=tmp_path / "b/cells/ab" / saved.file.name)
    assert other.find("cd" + KEY[2:]).skipped
    assert other.layout("0" * 64) == Layout(())
    assert other.find("ef" + KEY[2:]) is None
    np.testing.assert_array_equal(
        other.load(other.find(KEY), "nan").inputs["layers.0.q"].gram_diagonal, cell().inputs["layers.0.q"].gram_diagonal
    )
    assert Store(tmp_path / "b").find(KEY), "without an address too"
    assert Store(tmp_path / "c").find(KEY) is None


def test_a_record_alone_brings_no_data(machine: Any, tmp_path: Path) -> None:
    save(machine("a"))
    assert machine("b").note(KEY)["model"] == machine("a").note(KEY)["model"] == "m"
    assert machine("b").note("ef" + KEY[2:]) is None
    assert not (tmp_path / "b").exists()


def test_what_was_saved_before_there_was_an_address_is_put_there_when_it_is_found(machine: Any, tmp_path: Path) -> None:
    save(Store(tmp_path / "a"))
    assert machine("b").find(KEY) is None
    assert machine("a").find(KEY)
    assert machine("b").find(KEY)


def test_what_is_damaged_here_is_not_put_there(machine: Any, tmp_path: Path) -> None:
    file = save(Store(tmp_path / "a")).file
    file.write_bytes(file.read_bytes()[:-5])
    with pytest.raises(DamagedCellError):
        machine("a").find(KEY)
    assert machine("b").find(KEY) is None


def test_the_first_of_two_that_saved_a_cell_is_kept(machine: Any) -> None:
    first, second = machine("a"), machine("b")
    assert second.find(KEY) is None
    saved = save(first)
    second.save(KEY, cell(5), 9.0, (), {"dtype": "float64", "model": "m", "language": "nan"})
    assert machine("c").find(KEY).sha256 == saved.sha256
    assert machine("c").note(KEY)["seconds"] == 1.25


def test_what_others_put_is_seen_when_it_is_looked_for_again(machine: Any) -> None:
    store = machine("b")
    assert store.find(KEY) is None
    save(machine("a"))
    assert store.find(KEY) is None, "listed a moment ago"
    store.remote.look_again()
    assert store.find(KEY)


@pytest.mark.parametrize("part", ["json", "safetensors"])
def test_what_was_damaged_there_is_not_taken(machine: Any, address: str, part: str, tmp_path: Path) -> None:
    from fsspec.core import url_to_fs

    save(machine("a"))
    system, root = url_to_fs(address)
    (name,) = (path for path in system.find(root) if path.endswith(part))
    content = system.cat_file(name)
    system.pipe_file(name, content.replace(b"0", b"1") if part == "json" else content[:-3])
    with pytest.raises(DamagedCellError, match=r"checksum|belongs to"):
        machine("b").find(KEY)
    assert [path for path in (tmp_path / "b").rglob("*") if path.is_file()] == []


def test_a_store_that_vanishes_is_one_message_and_what_was_saved_is_put_there_later(
    machine: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = machine("a")
    assert store.find(KEY) is None

    def gone(*_: Any, **__: Any) -> None:
        raise ConnectionResetError("gone")

    with monkeypatch.context() as patched:
        patched.setattr(type(store.remote._system), "put_file", gone)
        patched.setattr("langgeo_core.storage.remote.copyfile", gone)
        with pytest.raises(StorageError, match=r"(does not answer|cannot write).*: gone") as refused:
            save(store)
        assert "start the same command again" in refused.value.hint
    assert machine("b").find(KEY) is None
    assert machine("a").find(KEY)
    assert machine("b").find(KEY)


@pytest.mark.parametrize("address", ["nosuch://bucket", "gs://bucket/x"])
def test_an_address_of_no_kind_or_without_its_package(address: str) -> None:
    with pytest.raises(UserError, match=f"store: {address}: ") as refused:
        Remote(address)
    assert "install" in refused.value.hint


def test_a_record_names_its_data(machine: Any, address: str) -> None:
    from fsspec.core import url_to_fs

    saved = save(machine("a"))
    system, root = url_to_fs(address)
    names = sorted(path.removeprefix(root).lstrip("/") for path in system.find(root))
    assert names == [f"cells/ab/{KEY}.{saved.sha256}.safetensors", f"cells/ab/{KEY}.json"]
    assert json.loads(system.cat_file(f"{root}/cells/ab/{KEY}.json"))["sha256"] == saved.sha256
