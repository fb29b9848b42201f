"""The package that docs/write-a-scorer.md makes is what it says, and the code of docs/writing-a-plugin.md runs."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from installed_packages import built_wheels, langgeo_with, site_with
from langgeo_new_plugin.names import Names
from langgeo_new_plugin.writing import write_plugin
from tiny_run import Finished, Outcome, record_of

from langgeo_core.contract.records import KINDS

DOCS = Path(__file__).parents[1] / "docs"
SCORER = (DOCS / "write-a-scorer.md").read_text(encoding="utf-8")
PLUGIN = (DOCS / "writing-a-plugin.md").read_text(encoding="utf-8")
NAMED = re.compile(r"```python\n# (?P<file>\S+\.py)\n(?P<source>.*?)```", re.DOTALL)
CODE = re.compile(r"```python\n(.*?)```", re.DOTALL)
CONSOLE = re.compile(r"```\n(\$ .*?)```", re.DOTALL)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The new package with the page's blocks written over it, in their order."""
    folder = tmp_path_factory.mktemp("guide") / "langgeo-redundancy"
    write_plugin(Names("scorers", "redundancy"), folder)
    for block in NAMED.finditer(SCORER):
        (folder / block["file"]).write_text(block["source"], encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def site(project: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package installed in a folder."""
    return site_with(tmp_path_factory.mktemp("site"), *built_wheels(tmp_path_factory.mktemp("wheels"), project))


def printed(command: str) -> str:
    """What the page prints below a command, up to the next one."""
    for block in CONSOLE.findall(SCORER):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE):
            line, _, output = part.partition("\n")
            if line == command:
                return output.rstrip()
    raise AssertionError(f"the page has no command {command!r}")


def test_every_block_of_python_is_a_file_of_the_package(project: Path) -> None:
    files = [block["file"] for block in NAMED.finditer(SCORER)]
    assert len(files) == len(CODE.findall(SCORER)) >= 8
    shown = re.search(r"```\nlanggeo-redundancy/\n.*?```", SCORER, re.DOTALL)
    assert shown is not None
    new = [file for file in files if Path(file).name not in shown[0]]
    assert new == ["langgeo_redundancy/gradient.py", "tests/test_gradient.py"]


def test_the_package_passes_its_tests(project: Path, site: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(site), "OMP_NUM_THREADS": "1"}
    words = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    done = subprocess.run(words, capture_output=True, text=True, check=False, env=environment, cwd=project)
    assert done.returncode == 0, done.stdout
    assert "31 passed, 3 skipped" in done.stdout


def test_new_plugin_prints_what_the_page_shows(tmp_path: Path) -> None:
    outcome = langgeo_with(tmp_path, "new-plugin", "scorer", "redundancy")
    assert (outcome.code, outcome.out.rstrip()) == (0, printed("langgeo new-plugin scorer redundancy"))


def test_show_prints_what_the_page_shows(site: Path) -> None:
    assert langgeo_with(site, "show", "scorer", "redundancy").out.rstrip() == printed("langgeo show scorer redundancy")


def test_a_misspelt_option_prints_what_the_page_shows(site: Path) -> None:
    command = "langgeo validate starter-small scorer=redundancy scorer.exponnent=1"
    outcome = langgeo_with(site, *command.split()[1:])
    assert (outcome.code, outcome.err.rstrip()) == (2, printed(command))


def run(site: Path, own_run: Finished, out: Path, *words: str) -> Outcome:
    command = ["-q", "run", own_run.config, *words, "exporters=[mst]", "--out", out]
    return langgeo_with(site, *command, cache=own_run.cache)


def test_with_exponent_one_it_is_sparsegpt(site: Path, own_run: Finished, tmp_path: Path) -> None:
    assert run(site, own_run, tmp_path / "one", "scorer=redundancy", "scorer.exponent=1").code == 0
    assert record_of(tmp_path / "one")["cells_calibrated"] == 0
    assert run(site, own_run, tmp_path / "none", "scorer=redundancy", "scorer.exponent=0").code == 0
    of = {name: (tmp_path / name / "distances.csv").read_text(encoding="utf-8") for name in ("one", "none")}
    assert of["one"] == (own_run.folder / "distances.csv").read_text(encoding="utf-8") != of["none"]


def test_the_scorer_that_needs_the_gradient_runs(site: Path, own_run: Finished, tmp_path: Path) -> None:
    outcome = run(site, own_run, tmp_path / "gradient", "scorer=gradient-size", "languages=[deu,eng,fra,ita]")
    assert outcome.code == 0, outcome.err
    record = record_of(tmp_path / "gradient")
    assert (record["cells_calibrated"], record["signature"]) == (4, "PackedBits")


def test_the_fault_that_the_page_shows_is_the_fault(project: Path, site: Path, tmp_path: Path) -> None:
    (said,) = re.findall(r"```\nAssertionError: (scorer 'redundancy' breaks.*?)\n```", SCORER, re.DOTALL)
    code = (
        "from dataclasses import replace\nfrom langgeo_core.plugins.registry import installed\n"
        "from langgeo_testing import checks\n"
        "record = installed().get('scorers', 'redundancy').component\n"
        "for check in checks(replace(record, statistics=('gram_diagonal',))):\n"
        "    try:\n        check()\n    except AssertionError as failure:\n        print(failure)\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(site)}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment)
    assert done.stdout.rstrip() == said


@pytest.mark.parametrize("source", CODE.findall(PLUGIN))
def test_the_code_about_plugins_of_every_kind_runs(source: str, monkeypatch: pytest.MonkeyPatch) -> None:
    space: dict[str, object] = {"__name__": "example"}
    exec(compile(source, "writing-a-plugin.md", "exec"), space)
    made = [value for value in space.values() if isinstance(value, list)]
    assert made or callable(space["test_contract"])
    assert all(len(checks) > 8 for checks in made if isinstance(checks, list))


def test_the_page_has_a_row_for_every_kind() -> None:
    for kind, record in KINDS.items():
        assert f"\n| `{record.__name__.lower()}` |" in PLUGIN
        assert f"\n| {kind} |" in PLUGIN


def test_links_lead_somewhere() -> None:
    for page in (SCORER, PLUGIN, (DOCS / "README.md").read_text(encoding="utf-8")):
        for link in re.findall(r"\]\(([^)#:]+)\)", page):
            assert (DOCS / link).exists(), link
