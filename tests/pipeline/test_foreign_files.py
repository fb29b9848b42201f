"""A run folder from somebody else: links are not written through, and files of another run are not read as its own."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from tiny_run import NO_PICTURES, PICTURES, Finished, Langgeo

from langgeo_core.api import DamagedFileError, Run, UserError, read_record, write_record
from langgeo_testing import seal_run

COMMANDS = {
    "report": lambda run: ("report", run.folder),
    "export": lambda run: ("export", run.folder, "--format", "nexus"),
    "trees": lambda run: ("export", run.folder, "--format", "trees"),
    "run": lambda run: ("run", run.config, PICTURES, "--out", run.folder),
    "other": lambda run: ("run", run.config, NO_PICTURES, "seed=1", "--out", run.folder, "--overwrite"),
    "from": lambda run: ("run", run.config, NO_PICTURES, "--from", "embed", "--out", run.folder),
}


def state(folder: Path) -> dict[str, tuple[bytes, int]]:
    """The content and the time of the last change of each file; every folder's names."""
    files = sorted(folder.rglob("*"))
    return {str(file): (file.read_bytes() if file.is_file() else b"", file.lstat().st_mtime_ns) for file in files}


@pytest.fixture
def victim(own_run: Finished, tmp_path: Path) -> Path:
    """A folder elsewhere, with what the run folder holds and what exporters would write."""
    shutil.copytree(own_run.folder, tmp_path / "victim")
    (tmp_path / "victim" / "run.lock").write_text("process 1 on here")
    for name in ("exports/trees", "distances", "replicates", "baselines"):
        (tmp_path / "victim" / name).mkdir(parents=True, exist_ok=True)
        (tmp_path / "victim" / name / "thesis.csv").write_text("years of work")
    return tmp_path / "victim"


def linked_files(folder: Path, victim: Path) -> None:
    for file in [path for path in sorted(folder.rglob("*")) if path.is_file()]:
        file.unlink()
        file.symlink_to(victim / file.relative_to(folder))


def linked_folders(folder: Path, victim: Path) -> None:
    for name in ("distances", "replicates", "baselines", "figures", "exports"):
        shutil.rmtree(folder / name, ignore_errors=True)
        (folder / name).symlink_to(victim / name)


def dangling(folder: Path, victim: Path) -> None:
    for name in ("report.html", "mst.csv", "run.log", "run.lock", "metrics.csv"):
        (folder / name).unlink(missing_ok=True)
        (folder / name).symlink_to(victim / "not-yet")


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("links", [linked_files, linked_folders, dangling])
def test_nothing_is_written_through_a_link(
    own_run: Finished, langgeo: Langgeo, victim: Path, links: object, command: str
) -> None:
    links(own_run.folder, victim)
    before = state(victim)
    refused = langgeo(*COMMANDS[command](own_run))
    assert (refused.code, state(victim)) == (2, before)
    assert "is a symbolic link, and nothing is written through one" in refused.err or "has no" in refused.err


@pytest.mark.parametrize("command", ["report", "export", "from"])
def test_a_hard_link_is_cut(own_run: Finished, langgeo: Langgeo, victim: Path, command: str) -> None:
    for file in [path.relative_to(own_run.folder) for path in own_run.folder.rglob("*") if path.is_file()]:
        (own_run.folder / file).unlink()
        os.link(victim / file, own_run.folder / file)
    os.link(victim / "run.lock", own_run.folder / "run.lock")
    before = state(victim)
    assert langgeo(*COMMANDS[command](own_run)).code == 0
    assert state(victim) == before


@pytest.fixture(scope="module")
def other_run(whole_run: Finished, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Another config's run of the same languages."""
    from langgeo_core.cli import _exit_code

    folder = tmp_path_factory.mktemp("other")
    shutil.copytree(whole_run.cache, folder / "cache")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LANGGEO_CACHE", str(folder / "cache"))
        words = ["scorer.diagonal=cholesky", "seed=3", "calibration.damping=0.02", "embedder.transform=sqrt"]
        assert _exit_code(["-q", "run", str(whole_run.config), *words, NO_PICTURES, "--out", str(folder / "run")]) == 0
    return folder / "run"


def read(folder: Path) -> Iterator[object]:
    """Everything that a run offers."""
    run = Run(folder)
    yield from (run.record, run.planned, run.languages, run.distances, run.aggregated, run.cell_distances)
    yield from (run.embedding, run.clusterings, run.metrics, run.labels, run.baselines, run.weight_matrices)
    yield from (run.partial_distances(*pair) for pair in run.weight_matrices)


def test_every_file_of_another_run_is_noticed(whole_run: Finished, other_run: Path, tmp_path: Path) -> None:
    names = ["run.json", *read_record(whole_run.folder / "run.json")["files"]]
    assert {"config.yaml", "distances.csv", "metrics.csv", "labels.json"} < set(names)
    unlike = 0
    for number, name in enumerate(names):
        folder = tmp_path / str(number)
        shutil.copytree(whole_run.folder, folder)
        shutil.copyfile(other_run / name, folder / name)
        if (other_run / name).read_bytes() != (whole_run.folder / name).read_bytes():
            unlike += 1
            with pytest.raises(DamagedFileError, match=r"is not the file that run\.json of this run records"):
                list(read(folder))
    assert unlike > 8


def test_files_that_the_run_did_not_write_are_not_read(own_run: Finished) -> None:
    before = Run(own_run.folder)
    for name in ("aggregated.csv", "replicates/distances.csv", "baselines/text.csv", "distances/a--b.csv"):
        (own_run.folder / name).parent.mkdir(exist_ok=True)
        shutil.copyfile(own_run.folder / "distances.csv", own_run.folder / name)
    run = Run(own_run.folder)
    assert run.aggregated is run.distances
    assert run.replicates is None
    assert run.baselines.keys() == before.baselines.keys()
    assert run.cell_distances.keys() == before.cell_distances.keys()


@pytest.mark.parametrize(
    "command", [("report",), ("export", "--format", "csv"), ("nearest", "deu"), ("explain", "deu", "eng")]
)
@pytest.mark.parametrize("how", ["unfinished", "edited", "older"])
def test_commands_refuse_what_no_finished_run_wrote(
    own_run: Finished, langgeo: Langgeo, command: tuple[str, ...], how: str
) -> None:
    file = own_run.folder / "run.json"
    record = read_record(file)
    if how == "unfinished":
        write_record(file, {**record, "finished": False})
    else:
        text = file.read_text(encoding="utf-8").replace('"finished": true', '"finished": true ,"more": 1')
        file.write_text(text.replace('"checksum"', '"check"') if how == "older" else text, encoding="utf-8")
    refused = langgeo(command[0], own_run.folder, *command[1:])
    says = {"unfinished": "has not finished", "edited": "does not match its checksum", "older": "no checksum of itself"}
    assert (refused.code, refused.out) == (2 if how == "unfinished" else 1, "")
    assert says[how] in refused.err
    assert "start it again" in refused.err or "start the run again" in refused.err


@pytest.mark.parametrize("name", ["cells.csv", "distances/huggingface--text-folder.safetensors", "config.yaml"])
def test_a_later_stage_refuses_what_earlier_ones_did_not_write(own_run: Finished, langgeo: Langgeo, name: str) -> None:
    file = own_run.folder / name
    file.write_bytes(file.read_bytes() + b"\n")
    refused = langgeo(*COMMANDS["from"](own_run))
    assert refused.code == 1
    assert f"{file} is not the file that run.json of this run records" in refused.err


def test_what_a_link_or_a_device_names_is_not_replaced(tmp_path: Path) -> None:
    from langgeo_core.api import write_text

    (tmp_path / "victim").write_text("mine")
    (tmp_path / "link").symlink_to(tmp_path / "victim")
    os.mkfifo(tmp_path / "pipe")
    for name in ("link", "pipe"):
        with pytest.raises(UserError, match="is a link or no regular file"):
            write_text(tmp_path / name, "yours")
    assert (tmp_path / "victim").read_text() == "mine"
    assert sorted(file.name for file in tmp_path.iterdir()) == ["link", "pipe", "victim"]


def test_a_file_is_safe_on_disk_before_it_takes_its_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from langgeo_core.api import replacing

    done: list[object] = []
    replace = os.replace
    monkeypatch.setattr(os, "fsync", lambda handle: done.append(os.fstat(handle).st_ino))
    monkeypatch.setattr(os, "replace", lambda one, other: (done.append("replaced"), replace(one, other)))
    with replacing(tmp_path / "a.txt") as scratch:
        scratch.write_text("x")
    assert done == [(tmp_path / "a.txt").stat().st_ino, "replaced", tmp_path.stat().st_ino]


def test_a_report_needs_no_key_that_this_version_lacks(own_run: Finished, langgeo: Langgeo) -> None:
    file = own_run.folder / "config.yaml"
    file.write_text(f"{file.read_text(encoding='utf-8')}\nformer: {{key: 3}}\n", encoding="utf-8")
    seal_run(own_run.folder)
    assert langgeo("report", own_run.folder).code == 0
    refused = langgeo("run", own_run.config, "--out", own_run.folder)
    assert refused.code == 2
    assert "former" in refused.err
    assert "choose another --out, or pass --overwrite" in refused.err
