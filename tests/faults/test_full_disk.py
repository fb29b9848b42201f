"""The disk is full at any change of a file, in every exporter: one message; started again, the run gives the same."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from commands import Hook, call, files_at_most, full_at_change
from conftest import copied
from fault_inputs import EVERY, Base
from states import differing, results
from stopping import numbers, resumes, run
from tally import BAD, judge

PARTS = 4
SIZES = (20, 100, 1_000, 4_096, 8_192, 20_000, 100_000)


def told_well(kind: str, attack: str, base: Base, place: Path, hook: Hook, words: list[object]) -> str:
    """What is wrong with how a command ends under a hook that fills the disk."""
    before = results(place / "run") if (place / "run").is_dir() else base.results
    ended = call(words, place, place / "cache", hook)
    after = results(place / "run") if (place / "run").is_dir() else {}
    changed = [name for name in differing(after, before) if name in before]
    whole = ended.code == 0 and not changed
    verdict = judge(kind, attack, ended, whole)
    if verdict in BAD:
        return f"{attack}: {verdict} {ended.told[-700:]}"
    if ended.code == 2 or (ended.code == 1 and "error: " not in ended.err):
        return f"{attack}: exit code {ended.code}, {ended.told[-700:]}"
    return ""


@pytest.mark.parametrize("part", range(PARTS))
def test_full_at_a_change_of_a_file(part: int, changes: list[str], base: Base, tmp_path: Path) -> None:
    wrong = []
    for number in numbers(changes)[part::PARTS][::2]:
        place = tmp_path / str(number)
        place.mkdir()
        hook = (full_at_change, (str(place), number))
        wrong.append(told_well("full disk in a run", changes[number - 1], base, place, hook, run(base)))
        wrong.append(resumes("full disk in a run, started again", changes[number - 1], base, place))
        shutil.rmtree(place)
    assert not any(wrong), "\n".join(filter(None, wrong))


@pytest.mark.parametrize("size", SIZES)
def test_files_are_cut_off(size: int, base: Base, tmp_path: Path) -> None:
    hook, attack = (files_at_most, (size,)), f"files of at most {size} bytes"
    wrong = [
        told_well("full disk in a run", attack, base, tmp_path, hook, run(base)),
        resumes("full disk in a run, started again", attack, base, tmp_path),
    ]
    assert not any(wrong), "\n".join(filter(None, wrong))


@pytest.mark.parametrize("exporter", EVERY.split(", "))
def test_full_in_an_exporter(exporter: str, base: Base, tmp_path: Path) -> None:
    words: list[object] = ["export", "run", "--format", exporter, "--out", "exported"]
    wrong = []
    for attack in ("change 1", "change 2", "change 4", "100 bytes", "5000 bytes"):
        number = int(attack.split()[attack.startswith("change")])
        place = tmp_path / attack
        place.mkdir()
        at = copied(base, place)
        (place / "exported").mkdir()
        hook = (full_at_change, (str(place), number)) if "change" in attack else (files_at_most, (number,))
        wrong.append(told_well("full disk in an exporter", f"{exporter} {attack}", at, place, hook, words))
        shutil.rmtree(place)
    assert not any(wrong), "\n".join(filter(None, wrong))
