"""Packages built and put where pip leaves them, and `langgeo` in a process that sees them."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
from pathlib import Path

from tiny_run import Outcome


def install(site: Path, distribution: str, source: str, version: str = "1.0", package: str = "") -> str:
    """A distribution of one module with an entry point of its name; returns the module's name."""
    module = package or distribution.replace("-", "_")
    site.mkdir(parents=True, exist_ok=True)
    (site / f"{module}.py").write_text(source, encoding="utf-8")
    folder = site / f"{distribution.replace('-', '_')}-{version}.dist-info"
    folder.mkdir()
    metadata = f"Metadata-Version: 2.1\nName: {distribution}\nVersion: {version}\n"
    (folder / "METADATA").write_text(metadata, encoding="utf-8")
    (folder / "entry_points.txt").write_text(f"[langgeo]\n{module} = {module}\n", encoding="utf-8")
    return module


def langgeo_with(site: Path, *words: object, cache: Path | None = None) -> Outcome:
    """`langgeo` in a process of its own with the folder's packages beside those of this environment."""
    environment = {**os.environ, "PYTHONPATH": str(site), "OMP_NUM_THREADS": "1"}
    environment["LANGGEO_CACHE"] = str(cache or site / "cache")
    command = [sys.executable, "-m", "langgeo_core", *map(str, words)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment, cwd=site)
    return Outcome(done.returncode, done.stdout, done.stderr)


OFFLINE = ("--no-deps", "--no-index", "--disable-pip-version-check", "-q")


def built_wheel(project: Path, target: Path) -> Path:
    """The wheel of a project, by the build backend of this environment."""
    _pip("wheel", "--no-build-isolation", *OFFLINE, "-w", target, project)
    (wheel,) = target.glob("*.whl")
    return wheel


def environment_with(folder: Path, *wheels: Path) -> Path:
    """The `bin` of a new environment with the wheels installed, that finds the dependencies in this one.

    The other packages of this environment are on its path, but not their `.pth` files: what is installed here
    editable is not there.
    """
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
    _pip("--python", folder / "bin" / "python", "install", *OFFLINE, *wheels)
    (site,) = folder.glob("lib/python*/site-packages")
    (site / "dependencies.pth").write_text("\n".join(site_packages()), encoding="utf-8")
    return folder / "bin"


def _pip(*words: object) -> None:
    command = [sys.executable, "-m", "pip", *map(str, words)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def site_packages() -> list[str]:
    """Where this environment keeps its packages."""
    return list(dict.fromkeys(sysconfig.get_path(name) for name in ("purelib", "platlib")))
