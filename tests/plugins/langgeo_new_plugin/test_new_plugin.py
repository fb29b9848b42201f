"""`langgeo new-plugin`: what it writes installs, lists, shows, runs and passes its tests; what it refuses."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
import tomllib
import xml.etree.ElementTree as ET
from collections.abc import Callable
from pathlib import Path

import pytest
from installed_packages import built_wheels, environment_with, site_with
from tiny_run import Finished, Langgeo, Outcome, record_of

from langgeo_core.hooks import records
from langgeo_new_plugin.package import KITS, TEMPLATES, Names, write_plugin

KINDS = records.KINDS

ALL = [Names(kind, f"own-{record.__name__.lower()}") for kind, record in KINDS.items()]


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A new package of each kind."""
    folder = tmp_path_factory.mktemp("packages")
    for names in ALL:
        write_plugin(names, folder / names.distribution)
    return folder


@pytest.fixture(scope="module")
def site(packages: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All of them installed in one folder."""
    wheels = built_wheels(tmp_path_factory.mktemp("wheels"), *(packages / names.distribution for names in ALL))
    assert len(wheels) == len(ALL)
    return site_with(tmp_path_factory.mktemp("site"), *wheels)


@pytest.fixture(scope="module")
def results(packages: Path, site: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[int, list[str]]]:
    """For each package how many of its tests ran, and those that did not pass."""
    report = tmp_path_factory.mktemp("results") / "report.xml"
    tests = [str(packages / names.distribution / "tests") for names in ALL]
    words = [
        "-q",
        "--import-mode=importlib",
        "-p",
        "no:cacheprovider",
        "-o",
        "junit_family=xunit1",
        f"--junitxml={report}",
    ]
    environment = {**os.environ, "PYTHONPATH": str(site), "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-m", "pytest", *words, "--rootdir", str(packages), *tests]
    subprocess.run(command, capture_output=True, text=True, check=False, env=environment, cwd=packages)
    found: dict[str, tuple[int, list[str]]] = {names.distribution: (0, []) for names in ALL}
    for case in ET.parse(report).iter("testcase"):
        distribution = case.attrib["file"].split("/")[0]
        count, bad = found[distribution]
        failed = [case.attrib["name"]] if case.find("failure") is not None or case.find("error") is not None else []
        found[distribution] = (count + 1, bad + failed)
    return found


def test_every_kind_has_a_template() -> None:
    assert KITS.keys() == KINDS.keys()
    assert {folder.name for folder in TEMPLATES.iterdir()} == {*KINDS, "common"}


@pytest.mark.parametrize("names", ALL, ids=lambda names: names.kind)
def test_the_package_of_each_kind_passes_its_own_tests(results: dict[str, tuple[int, list[str]]], names: Names) -> None:
    count, failed = results[names.distribution]
    assert failed == []
    assert count >= 13


@pytest.mark.parametrize("names", ALL, ids=lambda names: names.kind)
def test_the_package_is_complete(packages: Path, names: Names) -> None:
    folder = packages / names.distribution
    project = tomllib.loads((folder / "pyproject.toml").read_text(encoding="utf-8"))
    assert project["project"]["entry-points"]["langgeo"] == {names.package: names.package}
    assert project["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"] == [names.package]
    assert names.name in (folder / "README.md").read_text(encoding="utf-8")
    for file in folder.rglob("*"):
        if file.is_file() and "__pycache__" not in file.parts:
            assert "{{" not in file.read_text(encoding="utf-8"), file


@pytest.mark.parametrize("names", ALL, ids=lambda names: names.kind)
def test_what_registers_imports_the_hooks_alone(packages: Path, names: Names) -> None:
    source = (packages / names.distribution / names.package / "__init__.py").read_text(encoding="utf-8")
    imported = {node.module for node in ast.walk(ast.parse(source)) if isinstance(node, ast.ImportFrom)}
    assert imported == {"collections.abc", "langgeo_core.hooks"}


@pytest.fixture(scope="module")
def fresh(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Outcome]:
    """A command of a fresh environment in which the wheels of langgeo and of new plugins are installed."""
    folder = tmp_path_factory.mktemp("fresh")
    for names in IN_A_RUN:
        write_plugin(names, folder / names.distribution)
    wheels = built_wheels(folder / "wheels", *(folder / names.distribution for names in IN_A_RUN))
    binaries = environment_with(folder / "environment", wheel, *wheels)

    def call(program: str, *words: object, cwd: Path = folder) -> Outcome:
        environment = {**os.environ, "LANGGEO_CACHE": str(folder / "cache"), "OMP_NUM_THREADS": "1"}
        environment.pop("PYTHONPATH", None)
        command = [str(binaries / program), *map(str, words)]
        done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment, cwd=cwd)
        return Outcome(done.returncode, done.stdout, done.stderr)

    return call


IN_A_RUN = [
    Names("scorers", "my-idea"),
    *(
        Names(kind, f"my-{kind}")
        for kind, record in KINDS.items()
        if record.key and kind not in ("models", "corpora", "scorers")
    ),
]
"""What takes part in one run of the tiny model."""


def test_a_fresh_environment_has_both_wheels_and_not_this_checkout(fresh: Callable[..., Outcome]) -> None:
    code = "import langgeo_core, langgeo_my_idea; print(langgeo_core.__file__); print(langgeo_my_idea.__file__)"
    files = fresh("python", "-c", code).out.splitlines()
    assert [Path(file).parts[-3] for file in files] == ["site-packages", "site-packages"]
    assert all("environment" in Path(file).parts for file in files)


def test_the_new_scorer_is_listed_and_shown(fresh: Callable[..., Outcome]) -> None:
    listed = fresh("langgeo", "list", "scorers")
    assert (listed.code, listed.err) == (0, "")
    (line,) = [line for line in listed.out.splitlines() if "my-idea" in line.split()]
    assert "langgeo-my-idea 0.1.0" in line
    shown = fresh("langgeo", "show", "scorer", "my-idea")
    assert shown.code == 0
    assert "power = 1.0" in shown.out
    assert "langgeo_my_idea" in fresh("langgeo", "plugins").out


def test_new_plugins_of_every_kind_take_part_in_a_run(
    fresh: Callable[..., Outcome], whole_run: Finished, tmp_path: Path
) -> None:
    out = tmp_path / "run"
    words = [
        "scorer=my-idea", "scorer.power=2", "quantizer=my-quantizers", "distance=my-distances",
        "aggregator=my-aggregators", "transforms=[my-transforms]", "embedder=my-embedders",
        "clusterers=[my-clusterers]", "evaluators=[my-evaluators]", "baselines=[my-baselines]",
        "exporters=[my-exporters]", "executor=my-executors", "executor.processes=1",
    ]  # fmt: skip
    outcome = fresh("langgeo", "-q", "run", whole_run.config, *words, "--out", out)
    assert outcome.code == 0, outcome.err
    record = record_of(out)
    used = {
        (kind, one["component"], one["distribution"]) for kind, ones in record["components"].items() for one in ones
    }
    assert {(names.kind, names.name, names.distribution) for names in IN_A_RUN} <= used
    assert record["signature"] == "PackedBits"
    assert (out / "my-exporters.csv").is_file()
    assert (out / "distances.csv").read_bytes() != (whole_run.folder / "distances.csv").read_bytes()


def test_the_tests_of_the_new_scorer_pass_there(fresh: Callable[..., Outcome], wheel: Path) -> None:
    folder = Path(fresh("python", "-c", "import os; print(os.getcwd())").out.strip()) / "langgeo-my-idea"
    outcome = fresh("python", "-m", "pytest", "-q", "-p", "no:cacheprovider", cwd=folder)
    assert outcome.code == 0, outcome.out
    assert " passed" in outcome.out


def test_it_says_what_to_do_next(langgeo: Langgeo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    outcome = langgeo("new-plugin", "scorer", "my-idea")
    assert (outcome.code, outcome.err) == (0, "")
    assert outcome.out.splitlines()[0] == "wrote langgeo-my-idea: 8 files of the scorer my-idea"
    assert "  langgeo run starter-small scorer=my-idea" in outcome.out.splitlines()
    assert (tmp_path / "langgeo-my-idea" / "langgeo_my_idea" / "scorer.py").is_file()
    again = langgeo("new-plugin", "scorers", "my-idea")
    assert again.code == 2
    assert "langgeo-my-idea already exists" in again.err


def test_a_folder_of_ones_own_choice(langgeo: Langgeo, tmp_path: Path) -> None:
    assert langgeo("new-plugin", "distances", "mine", "--out", tmp_path / "deep" / "folder").code == 0
    assert (tmp_path / "deep" / "folder" / "langgeo_mine" / "distance.py").is_file()


@pytest.mark.parametrize("name", ["My-Idea", "my_idea", "1st", "a b", "-a", "a--b", "a-", "", "../up", "a:b", "é"])
def test_names_that_no_config_could_write_are_refused(langgeo: Langgeo, tmp_path: Path, name: str) -> None:
    outcome = langgeo("new-plugin", "--out", tmp_path / "out", "--", "scorer", name)
    assert outcome.code == 2
    assert f"{name!r} cannot be the name of a component" in outcome.err
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("kind", "name", "said"),
    [
        ("scorer", "wanda", "already has a scorer named 'wanda'"),
        ("scorer", "core", "a package langgeo_core is in "),
        ("distance", "scorers", "a package langgeo_scorers is in "),
        ("command", "run", "langgeo already has a command named 'run'"),
        ("command", "ablate", "already has a command named 'ablate'"),
        ("reader", "phylip", "already has a reader named 'phylip'"),
        ("scorrer", "mine", "there is no kind 'scorrer' of component"),
    ],
)
def test_names_that_are_taken_are_refused(langgeo: Langgeo, tmp_path: Path, kind: str, name: str, said: str) -> None:
    outcome = langgeo("new-plugin", kind, name, "--out", tmp_path / "out")
    assert outcome.code == 2
    assert said in outcome.err
    assert not (tmp_path / "out").exists()


def test_the_owner_of_a_name_is_told(langgeo: Langgeo, tmp_path: Path) -> None:
    from importlib.metadata import version

    outcome = langgeo("new-plugin", "scorer", "wanda", "--out", tmp_path / "out")
    assert f"langgeo {version('langgeo')} already has" in outcome.err


def test_a_name_of_another_kind_is_free(langgeo: Langgeo, tmp_path: Path) -> None:
    assert langgeo("new-plugin", "distance", "wanda", "--out", tmp_path / "out").code == 0


def test_a_folder_that_cannot_be_written_is_told(langgeo: Langgeo, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    outcome = langgeo("new-plugin", "scorer", "mine", "--out", tmp_path / "file" / "below")
    assert outcome.code == 1
    assert "cannot write" in outcome.err
    assert "Traceback" not in outcome.err


@pytest.mark.parametrize("name", ["none", "true", "class", "list", "x"])
def test_words_of_python_make_sound_packages(tmp_path: Path, name: str) -> None:
    for kind in KINDS:
        files = write_plugin(Names(kind, name), tmp_path / kind)
        for file in files:
            if file.suffix == ".py":
                ast.parse(file.read_text(encoding="utf-8"))
