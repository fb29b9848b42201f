"""The package of the tutorial on scorers is what it says, and the code of the page on plugins of every kind runs."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from installed_packages import built_wheels, environment_with, langgeo_with, site_with
from tiny_run import Finished, Outcome, record_of

from langgeo_core import load_run
from langgeo_core.hooks import records
from langgeo_new_plugin.package import Names, write_plugin

DOCS = Path(__file__).parents[1] / "docs"
SCORER = (DOCS / "tutorials" / "write-a-scorer.md").read_text(encoding="utf-8")
PLUGIN = (DOCS / "how-to" / "write-a-plugin.md").read_text(encoding="utf-8")
NAMED = re.compile(r"```python\n# (?P<file>\S+\.py)\n(?P<source>.*?)```", re.DOTALL)
FILE = re.compile(r"```(?:python|toml)\n# (?P<file>langgeo-\S+)\n(?P<source>.*?)```", re.DOTALL)
CODE = re.compile(r"```python\n(.*?)```", re.DOTALL)
UNJUDGED = ("exporters=[]", "evaluators=[]", "clusterers=[]", "baselines=[]")
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
    assert "30 passed, 3 skipped" in done.stdout


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
        "from dataclasses import replace\nfrom langgeo_core.api import installed\n"
        "from langgeo_testing import checks\n"
        "record = installed().get('scorers', 'redundancy').component\n"
        "for check in checks(replace(record, statistics=('gram_diagonal',))):\n"
        "    try:\n        check()\n    except AssertionError as failure:\n        print(failure)\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(site)}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment)
    assert done.stdout.rstrip() == said


@pytest.mark.parametrize("source", [source for source in CODE.findall(PLUGIN) if not source.startswith("# langgeo-")])
def test_the_code_about_plugins_of_every_kind_runs(source: str, monkeypatch: pytest.MonkeyPatch) -> None:
    space: dict[str, object] = {"__name__": "example"}
    exec(compile(source, "write-a-plugin.md", "exec"), space)
    made = [value for value in space.values() if isinstance(value, list)]
    assert made or callable(space["test_contract"])
    assert all(len(checks) > 8 for checks in made if isinstance(checks, list))


@pytest.fixture(scope="module")
def fresh(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Outcome]:
    """`langgeo` in a fresh environment with its wheel and those of the command and the format that the page shows."""
    folder = tmp_path_factory.mktemp("own")
    for block in FILE.finditer(PLUGIN):
        file = folder / block["file"]
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(block["source"], encoding="utf-8")
    wheels = built_wheels(folder / "wheels", folder / "langgeo-outliers", folder / "langgeo-mega")
    binaries = environment_with(folder / "environment", wheel, *wheels)

    def call(program: str, *words: object) -> Outcome:
        environment = {**os.environ, "LANGGEO_CACHE": str(folder / "cache"), "OMP_NUM_THREADS": "1"}
        environment.pop("PYTHONPATH", None)
        command = [str(binaries / program), *map(str, words)]
        done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment, cwd=folder)
        return Outcome(done.returncode, done.stdout, done.stderr)

    return call


def test_a_command_of_another_package_is_in_the_help_and_runs(
    fresh: Callable[..., Outcome], whole_run: Finished
) -> None:
    helped = fresh("langgeo", "--help")
    assert (helped.code, helped.err) == (0, "")
    section = helped.out.partition("Commands of langgeo-outliers 0.1.0:\n")[2]
    assert section.split("\n")[0] == "  outliers  List the languages of a run that are far from all others."
    found = fresh("langgeo", "outliers", whole_run.folder, "-n", "2", "--json")
    assert (found.code, found.err) == (0, "")
    rows = json.loads(found.out)
    space = load_run(whole_run.folder)
    means = {one: space.distances.values[place].sum() / 7 for place, one in enumerate(space.ids)}
    assert [row["language"] for row in rows] == sorted(means, key=lambda one: -means[one])[:2]
    assert "langgeo outliers" in fresh("langgeo", "outliers", "--help").out


def test_a_format_of_another_package_is_recognised_and_evaluated(
    fresh: Callable[..., Outcome], whole_run: Finished, tmp_path: Path
) -> None:
    space = load_run(whole_run.folder)
    rows = [" ".join(map(str, row[:place])) for place, row in enumerate(space.distances.values.tolist())]
    file = tmp_path / "words.meg"
    file.write_text("\n".join(["#mega", "!Title words;", *(f"#{one}" for one in space.ids), *rows]), encoding="utf-8")
    for number, words in enumerate(((), ("--format", "mega"))):
        out = tmp_path / str(number)
        done = fresh("langgeo", "-q", "evaluate", file, *words, *UNJUDGED, "--out", out)
        assert done.code == 0, done.err
        assert (out / "distances.csv").read_text() == (whole_run.folder / "distances.csv").read_text()


@pytest.mark.parametrize(("kind", "name"), [("commands", "outliers"), ("readers", "mega")])
def test_they_keep_the_contract_of_their_kind(fresh: Callable[..., Outcome], kind: str, name: str) -> None:
    lines = (
        "import unittest",
        "from contextlib import suppress",
        "from langgeo_testing import checks",
        f"for check in checks({kind!r}, {name!r}):",
        "    with suppress(unittest.SkipTest):",
        "        check()",
        "        print(check)",
    )
    done = fresh("python", "-c", "\n".join(lines))
    assert done.code == 0, done.err
    assert len(done.out.splitlines()) >= 8


def test_the_page_has_a_row_for_every_kind() -> None:
    for kind, record in records.KINDS.items():
        assert f"\n| `{record.singular()}` |" in PLUGIN
        assert f"\n| {kind} |" in PLUGIN
