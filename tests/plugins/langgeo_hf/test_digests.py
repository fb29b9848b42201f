from __future__ import annotations

import hashlib
import os
import time
from pathlib import Path

import pytest

from langgeo_hf import digests
from langgeo_hf.digests import sha256_of


@pytest.fixture
def file(tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file that was last changed a while ago, and counts as large."""
    monkeypatch.setattr(digests, "SMALL", 0)
    file = tmp_path / "model.safetensors"
    file.write_bytes(b"weights")
    return aged(file)


def aged(file: Path, seconds: float = 60) -> Path:
    then = time.time() - seconds
    os.utime(file, (then, then))
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


def test_of_a_small_file_nothing_is_kept(file: Path, cache: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(digests, "SMALL", len(b"weights"))
    assert sha256_of(file) == of(b"weights")
    assert not cache.exists()


def test_a_changed_file_is_noticed(file: Path, reads: list[object]):
    sha256_of(file)
    file.write_bytes(b"WEIGHTS")
    assert sha256_of(file) == of(b"WEIGHTS")
    aged(file, seconds=30)
    assert sha256_of(file) == of(b"WEIGHTS")
    assert len(reads) == 3


def test_another_file_in_its_place_is_noticed(file: Path, tmp_path: Path):
    sha256_of(file)
    other = tmp_path / "other"
    other.write_bytes(b"WEIGHTS")
    times = file.stat()
    os.utime(other, ns=(times.st_atime_ns, times.st_mtime_ns))
    other.replace(file)
    assert file.stat().st_mtime_ns == times.st_mtime_ns
    assert sha256_of(file) == of(b"WEIGHTS")


def test_a_file_that_has_just_been_written_is_hashed_again(file: Path, reads: list[object]):
    file.write_bytes(b"weights")
    assert [sha256_of(file) for _ in range(2)] == [of(b"weights")] * 2
    assert len(reads) == 2


def test_a_link_is_known_by_what_it_leads_to(file: Path, tmp_path: Path, reads: list[object]):
    link = tmp_path / "link"
    link.symlink_to(file)
    assert sha256_of(link) == sha256_of(file)
    assert len(reads) == 1
    other = tmp_path / "other"
    other.write_bytes(b"another")
    link.unlink()
    link.symlink_to(aged(other))
    assert sha256_of(link) == of(b"another")


@pytest.mark.parametrize("damage", [b"", b"[]", b"{", b'{"stamp": 1}', b"\xff"])
def test_a_damaged_note_is_not_believed(file: Path, cache: Path, damage: bytes):
    sha256_of(file)
    (note,) = (cache / "models" / "digests").iterdir()
    note.write_bytes(damage)
    assert sha256_of(file) == of(b"weights")


def test_where_nothing_can_be_kept_a_file_is_hashed_all_the_same(file: Path, cache: Path, reads: list[object]):
    cache.write_text("a file in the cache's place")
    assert [sha256_of(file) for _ in range(2)] == [of(b"weights")] * 2
    assert len(reads) == 2


def test_a_large_file_is_announced_once(file: Path, monkeypatch: pytest.MonkeyPatch):
    said: list[str] = []
    monkeypatch.setattr(digests, "LARGE", 1)
    monkeypatch.setattr(digests.notice, "info", lambda text, *values: said.append(text % values))
    sha256_of(file), sha256_of(file)
    assert len(said) == 1
    assert str(file) in said[0]
