"""What the wheel holds, and where an installation finds its data."""

from __future__ import annotations

import configparser
import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

from langgeo_core.config import catalog
from langgeo_core.config.catalog import bundled_configs

ROOT = Path(__file__).parents[1]
SHIPPED = ("langgeo_core", *sorted(f"plugins/{file.parent.name}" for file in ROOT.glob("plugins/*/__init__.py")))


@pytest.fixture(scope="module")
def names(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


def test_the_wheel_holds_the_registry_inside_the_package(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        assert archive.read("langgeo_core/registry.yaml") == (ROOT / "registry.yaml").read_bytes()


@pytest.mark.parametrize(
    "name",
    [
        "langgeo_starter/configs/starter.yaml",
        "langgeo_starter/configs/starter-small.yaml",
        "langgeo_core/languages/data/languages.csv.gz",
        "langgeo_core/languages/data/aliases.csv",
        "langgeo_report/data/report.html.j2",
        "langgeo_report/data/report.css",
        "langgeo_report/data/report.js",
        "langgeo_report/data/land.json",
        "langgeo_hf/__init__.py",
        "langgeo_testing/__init__.py",
        "langgeo_new_plugin/templates/common/pyproject.toml.j2",
        "langgeo_new_plugin/templates/corpora/texts/deu.txt",
    ],
)
def test_the_wheel_holds(names: set[str], name: str) -> None:
    assert name in names


@pytest.mark.parametrize("package", SHIPPED)
def test_the_wheel_holds_every_module_and_data_file_of_a_package(names: set[str], package: str) -> None:
    folder = ROOT / package
    wanted = {file.relative_to(folder.parent).as_posix() for file in _kept(folder)}
    assert wanted
    assert wanted - names == set()


def _kept(folder: Path) -> list[Path]:
    files = [file for file in folder.rglob("*") if file.is_file() and "__pycache__" not in file.parts]
    return [file for file in files if file.suffix != ".pyc"]


def test_the_wheel_holds_nothing_else(names: set[str]) -> None:
    tops = {name.split("/")[0] for name in names if ".dist-info/" not in name}
    assert tops == {package.rpartition("/")[2] for package in SHIPPED}
    assert [name for name in names if "__pycache__" in name or name.split("/")[0] == "tests"] == []


def test_the_wheel_has_the_entry_points(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        (name,) = [name for name in archive.namelist() if name.endswith("entry_points.txt")]
        points = configparser.ConfigParser(delimiters="=")
        points.read_string(archive.read(name).decode())
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert dict(points["langgeo"]) == project["entry-points"]["langgeo"]
    assert dict(points["console_scripts"]) == {"langgeo": "langgeo_core.cli:main"}


FROM_THE_WHEEL = """
import sys
sys.path.insert(0, sys.argv[1])
import langgeo_core, langgeo_text
assert langgeo_core.__file__.startswith(sys.argv[1]), langgeo_core.__file__
assert langgeo_text.__file__.startswith(sys.argv[1]), langgeo_text.__file__
from langgeo_core.config.catalog import bundled_catalog
from langgeo_core.config.catalog import bundled_configs
from langgeo_core.languages.table import LanguageTable
from langgeo_report.citing import citations
print(*bundled_catalog().language_sets, *bundled_configs(), LanguageTable().lookup("deu").name)
print(*(reference.key for reference in citations({}).references))
"""


def test_what_is_unpacked_from_the_wheel_finds_its_data(wheel: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path)
    words = [sys.executable, "-c", FROM_THE_WHEEL, str(tmp_path)]
    done = subprocess.run(words, capture_output=True, text=True, check=True, cwd=tmp_path)
    cited = ["langgeo", "shamrai2025", "glottolog"]
    assert done.stdout.split() == [*catalog.bundled_catalog().language_sets, *bundled_configs(), "German", *cited]


def test_a_checkout_finds_the_registry_at_its_top() -> None:
    assert catalog.registry_text() == (ROOT / "registry.yaml").read_text(encoding="utf-8")
    assert not (ROOT / "langgeo_core" / "registry.yaml").exists()


def test_every_constraint_is_exact_and_every_direct_dependency_has_one() -> None:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pinned = [line.partition("==") for line in lines if line and not line.startswith("#")]
    assert [name for name, equals, version in pinned if not (equals and version)] == []
    known = {name.lower().replace("_", "-") for name, _, _ in pinned}
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = [name for names in project["optional-dependencies"].values() for name in names]
    wanted = {_distribution(requirement) for requirement in (*project["dependencies"], *extras)}
    assert wanted - known == set()


def test_the_tests_have_the_packages_that_they_try() -> None:
    """All extras but those of `make test-page` and `make docs`, pandas, which comes with datasets, and lang2vec."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    (installed,) = re.findall(r'-e "\.\[([\w,]+dev[\w,]*)\]"', (ROOT / "Makefile").read_text(encoding="utf-8"))
    assert {*project["optional-dependencies"]} - {*installed.split(",")} == {"page", "docs", "frames", "uriel"}


def _distribution(requirement: str) -> str:
    from packaging.requirements import Requirement

    return Requirement(requirement).name.lower().replace("_", "-")
