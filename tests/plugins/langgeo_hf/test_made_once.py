"""Models that are made once in the cache: by one of several processes, and never from what a killed one left."""

from __future__ import annotations

import os
import shutil
import threading
from pathlib import Path

import pytest

from langgeo_core.api import StorageError
from langgeo_hf.made import made_folders, made_once


def test_two_that_need_the_same_model_make_it_once(tiny_model: Path, cache: Path) -> None:
    begun, both, made = threading.Event(), threading.Event(), []

    def make(folder: Path) -> None:
        begun.set()
        both.wait(10)
        made.append(folder)
        shutil.copytree(tiny_model, folder, dirs_exist_ok=True)

    first, second = (threading.Thread(target=made_once, args=("tiny", make)) for _ in range(2))
    first.start()
    assert begun.wait(10)
    second.start()
    both.set()
    first.join()
    second.join()
    assert len(made) == 1
    assert sorted(path.name for path in (cache / "models").iterdir() if path.name != "digests") == ["tiny"]


def test_what_a_killed_process_left_is_no_part_of_the_model(tiny_model: Path, cache: Path) -> None:
    left = cache / "models" / ".unfinished-tiny"
    left.mkdir(parents=True)
    (left / "model-00001.safetensors").write_text("half of")
    folder = made_once("tiny", lambda target: shutil.copytree(tiny_model, target, dirs_exist_ok=True) and None)
    assert not left.exists()
    assert not (folder / "model-00001.safetensors").exists()


def test_a_failure_leaves_nothing(cache: Path) -> None:
    def fail(folder: Path) -> None:
        (folder / "model.safetensors").write_text("half of")
        raise OSError(28, "No space left on device")

    with pytest.raises(StorageError, match="No space left on device"):
        made_once("tiny", fail)
    assert list((cache / "models").iterdir()) == []


@pytest.mark.parametrize("name", ["complete", "config.json", "model.safetensors"])
def test_a_pipe_in_the_place_of_a_file_is_noticed_and_not_waited_for(tiny_model: Path, cache: Path, name: str) -> None:
    def make(folder: Path) -> None:
        shutil.copytree(tiny_model, folder, dirs_exist_ok=True)

    file = made_once("tiny", make) / name
    file.unlink()
    os.mkfifo(file)
    assert [whole for _, whole in made_folders()] == [False]
    made_once("tiny", make)
    assert file.is_file() and [whole for _, whole in made_folders()] == [True]
