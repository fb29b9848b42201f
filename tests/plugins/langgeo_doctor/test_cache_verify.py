"""`langgeo cache verify` reads the whole store again and names what is damaged."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from tiny_run import Finished, Langgeo

from langgeo_hf.api import made_once


def test_a_sound_store(own_run: Finished, langgeo: Langgeo) -> None:
    done = langgeo("cache", "verify")
    stored = [*own_run.cache.glob("cells/*/*.json"), *own_run.cache.glob("layouts/*.json")]
    assert len(stored) >= 9
    assert (done.code, done.out) == (0, f"{len(stored)} cells, layouts, models and samples read, 0 damaged\n")


def test_no_store_at_all(langgeo: Langgeo) -> None:
    assert json.loads(langgeo("cache", "verify", "--json").out) == {"checked": 0, "damaged": {}}


def cut_short(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-7])


def flip(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)


def another(file: Path) -> None:
    other = next(one for one in sorted(file.parents[1].rglob(f"*{file.suffix}")) if one != file)
    shutil.copyfile(other, file)


def move(file: Path) -> None:
    for suffix in (".json", ".safetensors"):
        target = file.with_suffix(suffix)
        target.rename(target.with_stem(file.stem[:2] + "0" * 62))


def test_a_made_model(langgeo: Langgeo, tiny_model: Path) -> None:
    folder = made_once("mine", lambda scratch: shutil.copytree(tiny_model, scratch, dirs_exist_ok=True))
    assert langgeo("cache", "verify").code == 0
    flip(folder / "config.json")
    done = langgeo("cache", "verify")
    assert done.code == 1
    assert f"{folder} is not as it was made" in done.out


@pytest.mark.parametrize("pattern", ["cells/*/*.json", "layouts/*.json"])
def test_a_pipe_is_no_record(own_run: Finished, langgeo: Langgeo, pattern: str) -> None:
    file = sorted(own_run.cache.glob(pattern))[0]
    file.unlink()
    os.mkfifo(file)
    done = langgeo("cache", "verify")
    assert done.code == 1
    assert f"{file} cannot be read: it is no file" in done.out


@pytest.mark.parametrize("pattern", ["cells/*/*.safetensors", "cells/*/*.json", "layouts/*.json"])
@pytest.mark.parametrize("damage", [cut_short, flip, another, move])
def test_damage_is_named(own_run: Finished, langgeo: Langgeo, pattern: str, damage: Callable[[Path], None]) -> None:
    file = sorted(own_run.cache.glob(pattern))[0]
    if file.parent.name == "layouts" and damage in (another, move):
        shutil.copyfile(file, file.with_stem("0" * 64))  # another model's
        file = file.with_stem("0" * 64)
    else:
        damage(file)
    done = langgeo("cache", "verify", "--json")
    assert done.code == 1
    ((record, problem),) = json.loads(done.out)["damaged"].items()
    assert Path(record).parent == file.parent
    assert "cannot be read" in problem or "does not match its checksum" in problem
