"""What an exporter promises."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from langgeo_core.storage.run_folder import Run
from langgeo_testing.check import Subject, require
from langgeo_testing.run_folder import write_run


def files_written_are_given_back(subject: Subject) -> None:
    """`export` writes at least one file and gives back the paths of all that it wrote."""
    with _run() as run:
        before = _hashes(run.path)
        written = subject.build().export(run)
        require(isinstance(written, list) and bool(written), f"export gives {written!r}, no list of paths")
        absent = [str(file) for file in written if not Path(file).is_file()]
        require(not absent, f"there is no {', '.join(absent)}")
        new = {file for file in _hashes(run.path) if file not in before}
        silent = sorted(str(file) for file in new - {Path(file).resolve() for file in written})
        require(not silent, f"it does not give back {', '.join(silent)}")


def files_lie_in_the_run_folder(subject: Subject) -> None:
    """`export` writes into `run.path` and nowhere beside it."""
    with _run() as run:
        before = {file for file in _hashes(run.path.parent) if not file.is_relative_to(run.path.resolve())}
        written = subject.build().export(run)
        outside = [str(file) for file in written if not Path(file).resolve().is_relative_to(run.path.resolve())]
        require(not outside, f"it writes {', '.join(outside)}")
        after = {file for file in _hashes(run.path.parent) if not file.is_relative_to(run.path.resolve())}
        require(after == before, f"beside the run folder there is {', '.join(map(str, after - before))}")


def tables_of_the_run_are_left_as_they_are(subject: Subject) -> None:
    """`export` changes no file that the run has written."""
    with _run() as run:
        before = _hashes(run.path)
        subject.build().export(run)
        after = _hashes(run.path)
        changed = [str(file) for file, digest in before.items() if after.get(file) != digest]
        require(not changed, f"it changes {', '.join(changed)}")


def exporting_again_gives_the_same_files(subject: Subject) -> None:
    """`export` can be called again, as `langgeo report` does, and gives the same files."""
    with _run() as run:
        first = sorted(map(str, subject.build().export(run)))
        again = sorted(map(str, subject.build().export(Run(run.path))))
        require(first == again, f"it gives {', '.join(again)} the second time, {', '.join(first)} the first")


@contextmanager
def _run() -> Iterator[Run]:
    """A finished run in a folder of its own."""
    with TemporaryDirectory() as folder:
        yield Run(write_run(Path(folder) / "run"))


def _hashes(folder: Path) -> dict[Path, str]:
    files = (file.resolve() for file in folder.rglob("*") if file.is_file())
    return {file: hashlib.sha256(file.read_bytes()).hexdigest() for file in files}


CHECKS = (
    files_written_are_given_back,
    files_lie_in_the_run_folder,
    tables_of_the_run_are_left_as_they_are,
    exporting_again_gives_the_same_files,
)
