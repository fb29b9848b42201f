from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from langgeo_core.api import StorageError, UserError
from langgeo_hf import digests
from langgeo_hf.digests import sha256_of


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file that counts as unchanged for long enough."""
    monkeypatch.setattr(digests, "SETTLED", -1)
    file = tmp_path / "model.safetensors"
    file.write_bytes(b"weights")
    return file


def of(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """A list that grows with every file that is hashed."""
    counted: list[object] = []
    hashing = hashlib.file_digest

    def digest(handle: object, name: str) -> object:
        counted.append(handle)
        return hashing(handle, name)

    monkeypatch.setattr(digests.hashlib, "file_digest", digest)
    return counted


def test_a_file_is_hashed_once(file: Path, reads: list[object]):
    assert [sha256_of(file) for _ in range(3)] == [of(b"weights")] * 3
    assert len(reads) == 1


def test_a_changed_file_is_noticed_even_if_it_keeps_its_times(file: Path):
    times = file.stat()
    assert sha256_of(file) == of(b"weights")
    file.write_bytes(b"WEIGHTS")
    os.utime(file, ns=(times.st_atime_ns, times.st_mtime_ns))
    assert sha256_of(file) == of(b"WEIGHTS")


def test_another_file_in_its_place_is_noticed(file: Path, tmp_path: Path):
    sha256_of(file)
    other = tmp_path / "other"
    other.write_bytes(b"WEIGHTS")
    other.replace(file)
    assert sha256_of(file) == of(b"WEIGHTS")


def test_a_file_that_has_just_been_written_is_hashed_again(
    file: Path, reads: list[object], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(digests, "SETTLED", 60)
    assert [sha256_of(file) for _ in range(2)] == [of(b"weights")] * 2
    assert len(reads) == 2


def test_nothing_is_kept_for_the_next_process(file: Path, cache: Path, reads: list[object]):
    sha256_of(file)
    digests._known.clear()
    sha256_of(file)
    assert len(reads) == 2
    assert not cache.exists()


def test_a_link_is_known_by_what_it_leads_to(file: Path, tmp_path: Path, reads: list[object]):
    link = tmp_path / "link"
    link.symlink_to(file)
    assert sha256_of(link) == sha256_of(file)
    assert len(reads) == 1
    other = tmp_path / "other"
    other.write_bytes(b"another")
    link.unlink()
    link.symlink_to(other)
    assert sha256_of(link) == of(b"another")


def test_a_file_that_changes_while_it_is_read_is_refused(file: Path, monkeypatch: pytest.MonkeyPatch):
    def digest(handle: object, name: str) -> object:
        file.write_bytes(b"more weights")
        return hashlib.sha256()

    monkeypatch.setattr(digests.hashlib, "file_digest", digest)
    with pytest.raises(StorageError, match="changed while it was read"):
        sha256_of(file)


@pytest.mark.parametrize("make", [Path.mkdir, os.mkfifo, lambda path: path.symlink_to("nowhere")])
def test_what_is_no_file_is_refused_unread(tmp_path: Path, make: Callable[[Path], None]):
    make(tmp_path / "odd")
    with pytest.raises(UserError, match="is no ordinary file"):
        sha256_of(tmp_path / "odd")


def test_a_large_file_is_announced_once(file: Path, monkeypatch: pytest.MonkeyPatch):
    said: list[str] = []
    monkeypatch.setattr(digests, "LARGE", 1)
    monkeypatch.setattr(digests.notice, "info", lambda text, *values: said.append(text % values))
    sha256_of(file), sha256_of(file)
    assert len(said) == 1
    assert str(file) in said[0]
