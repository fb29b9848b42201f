"""The fault suite: each test attacks, and what became of every attack is counted and printed at the end."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
import tally
from commands import call, list_changes
from fault_inputs import Base, gguf_run, small_run
from states import differing, results
from stopping import run

HERE = Path(__file__).parent


EVERY_NTH = int(os.environ.get("LANGGEO_FAULTS_EVERY", "1"))
"""1 for all tests of the suite; 10 for a tenth, as a quick look."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    mine = [item for item in items if item.path.is_relative_to(HERE)]
    for item in mine:
        item.add_marker(pytest.mark.faults)
    left_out = {item for number, item in enumerate(mine) if number % EVERY_NTH}
    items[:] = [item for item in items if item not in left_out]


def pytest_sessionstart(session: pytest.Session) -> None:
    if not hasattr(session.config, "workerinput"):
        tally.LINES.unlink(missing_ok=True)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if "faults" in terminalreporter.config.getoption("markexpr").replace("not faults", "") and tally.table():
        terminalreporter.write_line("\n" + tally.markdown())


def _base(place: Path, config: Path) -> Base:
    run, cache = place / "run", place / "cache"
    ended = call(["-q", "run", config, "--out", run], place, cache)
    assert ended.code == 0, ended.told
    return Base(place, config, run, cache, results(run))


@pytest.fixture(scope="session")
def base(tmp_path_factory: pytest.TempPathFactory) -> Base:
    """A finished small run; not to be changed."""
    place = tmp_path_factory.mktemp("base")
    return _base(place, small_run(place / "input"))


@pytest.fixture(scope="session")
def other_base(tmp_path_factory: pytest.TempPathFactory) -> Base:
    """The same with other weights, texts and seeds, so that each file has another of the same name."""
    place = tmp_path_factory.mktemp("other")
    return _base(place, small_run(place / "input", seed=1))


@pytest.fixture(scope="session")
def gguf_base(tmp_path_factory: pytest.TempPathFactory) -> Base:
    """A finished run of a GGUF file, whose converted model is in the cache."""
    place = tmp_path_factory.mktemp("gguf")
    return _base(place, gguf_run(place / "input"))


@pytest.fixture(scope="session")
def changes(base: Base, tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Each change of a file that a whole run makes."""
    place = tmp_path_factory.mktemp("changes")
    ended = call(run(base), place, place / "cache", (list_changes, (str(place), str(place / ".printed-list"))))
    assert ended.code == 0, ended.told
    assert differing(results(place / "run"), base.results) == []
    return (place / ".printed-list").read_text(encoding="utf-8").splitlines()


@pytest.fixture
def copy(base: Base, tmp_path: Path) -> Base:
    """The finished run and its cache, to be changed at will."""
    return copied(base, tmp_path)


def copied(base: Base, place: Path) -> Base:
    shutil.copytree(base.run, place / "run")
    shutil.copytree(base.cache, place / "cache")
    return Base(place, base.config, place / "run", place / "cache", base.results)
