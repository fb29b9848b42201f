"""Every file of a run folder and of the cache, damaged in every way: the next command notices, or gives the same."""

from __future__ import annotations

import os
import random
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from commands import Ended, call, refuse_to_open
from conftest import copied
from fault_inputs import Base
from states import differing, incidents, results
from tally import BAD, judge

SEED = 20_240_711


def truncate(file: Path, _: Path) -> None:
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])


def empty(file: Path, _: Path) -> None:
    file.write_bytes(b"")


def flip_a_bit(file: Path, _: Path) -> None:
    content = bytearray(file.read_bytes())
    place = random.Random(f"{SEED}{file.name}").randrange(len(content))
    content[place] ^= 1 << random.Random(f"{SEED}{file.name}bit").randrange(8)
    file.write_bytes(content)


def change_a_digit(file: Path, _: Path) -> None:
    """Of a text the digit, so that it stays one; of others the last byte, which belongs to a tensor."""
    content = bytearray(file.read_bytes())
    digits = [place for place, byte in enumerate(content) if byte in b"0123456789"]
    if file.suffix == ".safetensors" or not digits:
        content[-1] ^= 1
    else:
        place = random.Random(f"{SEED}{file.name}digit").choice(digits)
        content[place] = b"0123456789"[(content[place] - 47) % 10]
    file.write_bytes(content)


def another_of_its_kind(file: Path, _: Path) -> None:
    """The next file with the same ending in the same folder, or in the same run."""
    near = [one for one in sorted(file.parent.glob(f"*{file.suffix}")) if one != file and one.is_file()]
    far = [one for one in sorted(file.parent.parent.rglob(f"*{file.suffix}")) if one != file and one.is_file()]
    others = [one for one in (*near, *far) if one.read_bytes() != file.read_bytes()]
    if not others:
        pytest.skip("the only file of its kind")
    shutil.copyfile(others[0], file)


def of_another_config(file: Path, other: Path) -> None:
    if not other.is_file() or other.read_bytes() == file.read_bytes():
        pytest.skip("no other file of this name")
    shutil.copyfile(other, file)


def unreadable(file: Path, _: Path) -> None:
    """By the hook `refuse_to_open`, since the superuser may read everything."""


def a_pipe(file: Path, _: Path) -> None:
    file.unlink()
    os.mkfifo(file)


def missing(file: Path, _: Path) -> None:
    file.unlink()


DAMAGES: tuple[Callable[[Path, Path], None], ...] = (
    truncate,
    empty,
    flip_a_bit,
    change_a_digit,
    another_of_its_kind,
    of_another_config,
    unreadable,
    a_pipe,
    missing,
)

OF_A_RUN = (
    "run.json",
    "config.yaml",
    "languages.csv",
    "cells.csv",
    "kept.csv",
    "aggregated.csv",
    "distances.csv",
    "distances/huggingface--text-folder.csv",
    "distances/huggingface--text-folder.safetensors",
    "replicates/cells.csv",
    "replicates/huggingface--text-folder.csv",
    "replicates/distances.csv",
    "embedding.csv",
    "embedding.json",
    "labels.json",
    "clusters.csv",
    "metrics.csv",
    "comparisons.csv",
    "k_sweep.csv",
    "reliability.csv",
    "baselines/byte-length.csv",
    "mst.csv",
    "exports/distances.nex",
)
COMMANDS = {
    "run": "-q run {config} --out run",
    "run --from": "-q run {config} --out run --from cluster",
    "report": "-q report run",
    "explain": "explain run German English",
    "nearest": "nearest run German",
    "baseline": "-q evaluate {given} baselines=[{{name:file,path:run}}] exporters=[] evaluators=[] --out evaluated",
}
"""What is done next with a run folder."""


def words(command: str, at: Base) -> list[str]:
    filled = COMMANDS.get(command, command).format(config=at.config, given=at.place / "given.csv")
    return [word.replace("{name:file,path:run}", "{name: file, path: run}") for word in filled.split()]


def given(at: Base, ended: Ended) -> dict[str, bytes]:
    """All that a command gives: its output, the run folder, and what it wrote beside."""
    found = {f"run/{name}": content for name, content in results(at.run).items()} if at.run.is_dir() else {}
    baselines = sorted((at.place / "evaluated" / "baselines").glob("*.csv"))
    return found | {file.name: file.read_bytes() for file in baselines} | {"printed": _printed(ended, at)}


def _printed(ended: Ended, at: Base) -> bytes:
    """Without the line that counts cells and incidents, and without the place."""
    lines = (line for line in ended.out.splitlines() if "cells calibrated" not in line)
    return "\n".join(lines).replace(str(at.place), "").encode()


@pytest.fixture(scope="session")
def undamaged(base: Base, tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, bytes]]:
    """What each command gives where nothing is damaged."""
    found = {}
    for command in COMMANDS:
        at = copied(base, tmp_path_factory.mktemp("undamaged"))
        shutil.copyfile(base.run / "distances.csv", at.place / "given.csv")
        ended = call(words(command, at), at.place, at.cache)
        assert ended.code == 0, ended.told
        found[command] = given(at, ended)
    return found


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda one: one.__name__)
@pytest.mark.parametrize("name", OF_A_RUN)
def test_a_file_of_a_run_folder(
    name: str,
    damage: Callable[[Path, Path], None],
    base: Base,
    other_base: Base,
    undamaged: dict[str, dict[str, bytes]],
    tmp_path: Path,
) -> None:
    bad = []
    for command in COMMANDS:
        place = tmp_path / command.replace(" ", "-")
        place.mkdir()
        at = copied(base, place)
        shutil.copyfile(base.run / "distances.csv", at.place / "given.csv")
        damage(at.run / name, other_base.run / name)
        hook = (refuse_to_open, (str(at.run / name),)) if damage is unreadable else None
        ended = call(words(command, at), at.place, at.cache, hook, seconds=30)
        if damage is a_pipe and (at.run / name).is_fifo():
            (at.run / name).unlink()
        found = given(at, ended) if ended.code == 0 else {}
        # A command that does not read the file leaves it as it is: that is no change in what it gives.
        changed = [one for one in differing(found, undamaged[command]) if one != f"run/{name}" or command == "run"]
        noticed = any(one in ended.told + incidents(at.run) for one in (name, Path(name).name, "checksum"))
        verdict = judge(
            "damaged file of a run folder", f"{name} {damage.__name__}: {command}", ended, not changed, noticed
        )
        if verdict in BAD:
            bad.append((command, verdict, changed[:4], ended.told[-600:]))
        elif ended.code and Path(name).name not in ended.told and "run.json" not in ended.told:
            bad.append((command, "the message does not name the file", [], ended.told[-600:]))
        shutil.rmtree(place)
    assert not bad, "\n".join(map(str, bad))


OF_THE_STORE = ("cells/*/*.json", "cells/*/*.safetensors", "layouts/*.json")
STORE_COMMANDS = {
    "run": "-q run {config} --out run",
    "run anew": "-q run {config} --out again",
    "run --from": "-q run {config} --out run --from compare",
    "cache verify": "cache verify",
}


def test_a_whole_store_is_found_whole(base: Base, gguf_base: Base) -> None:
    for at in (base, gguf_base):
        ended = call(["cache", "verify"], at.place, at.cache)
        assert ended.code == 0, ended.told


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda one: one.__name__)
@pytest.mark.parametrize("pattern", OF_THE_STORE)
def test_a_file_of_the_store(
    pattern: str, damage: Callable[[Path, Path], None], base: Base, other_base: Base, tmp_path: Path
) -> None:
    bad = []
    files = [file.relative_to(base.cache) for file in sorted(base.cache.glob(pattern))]
    others = sorted(other_base.cache.glob(pattern))
    for number, name in enumerate(files[:: max(1, len(files) // 3)]):
        for command, line in STORE_COMMANDS.items():
            place = tmp_path / f"{command.replace(' ', '-')}-{number}"
            place.mkdir()
            at = copied(base, place)
            damage(at.cache / name, others[number])
            hook = (refuse_to_open, (str(at.cache / name),)) if damage is unreadable else None
            ended = call(words(line, at), at.place, at.cache, hook, seconds=30)
            out = at.place / "again" if command == "run anew" else at.run
            changed = differing(results(out), base.results) if ended.code == 0 else []
            noticed = ended.code == 0 and name.stem[:12] in ended.told + incidents(out)
            if command == "cache verify" and ended.code == 0 and damage is not missing:
                changed = ["not noticed"]
            attack = f"{name.suffix} {damage.__name__}: {command}"
            verdict = judge("damaged file of the store", attack, ended, not changed, noticed and not changed)
            if verdict in BAD:
                bad.append((str(name), command, verdict, changed[:4], ended.told[-600:]))
            shutil.rmtree(place)
    assert not bad, "\n".join(map(str, bad))


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda one: one.__name__)
def test_a_file_of_a_converted_model(
    damage: Callable[[Path, Path], None], gguf_base: Base, base: Base, tmp_path: Path
) -> None:
    bad = []
    models = [file for file in sorted((gguf_base.cache / "models").rglob("*")) if file.is_file()]
    for number, file in enumerate(models):
        name = file.relative_to(gguf_base.cache)
        other = next(base.config.parent.joinpath("model").glob(f"*{file.suffix}"))
        for command, line in (("run anew", "-q run {config} --out again"), ("cache verify", "cache verify")):
            place = tmp_path / f"{number}-{command.replace(' ', '-')}"
            place.mkdir()
            at = copied(gguf_base, place)
            for part in ("cells", "layouts"):
                shutil.rmtree(at.cache / part)
            damage(at.cache / name, other)
            hook = (refuse_to_open, (str(at.cache / name),)) if damage is unreadable else None
            ended = call(words(line, at), at.place, at.cache, hook, seconds=30)
            out = at.place / "again"
            changed = differing(results(out), gguf_base.results) if ended.code == 0 and command == "run anew" else []
            if command == "cache verify" and ended.code == 0 and damage is not missing:
                changed = ["not noticed"]
            attack = f"{name.name} {damage.__name__}: {command}"
            verdict = judge("damaged file of a converted model", attack, ended, not changed)
            if verdict in BAD:
                bad.append((str(name), command, verdict, changed[:4], ended.told[-600:]))
            shutil.rmtree(place)
    assert not bad, "\n".join(map(str, bad))
