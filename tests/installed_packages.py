"""Packages built and put where pip leaves them, and `langgeo` in a process that sees them."""

from __future__ import annotations

import io
import logging
import subprocess
import sys
import sysconfig
import zipfile
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import pytest
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
    """`langgeo` with the folder's packages beside those of this environment, as in a process of its own."""
    from langgeo_core.api import installed
    from langgeo_core.cli import _exit_code

    out, err = io.StringIO(), io.StringIO()
    logging.getLogger("langgeo.notice").handlers.clear()  # an earlier command's, for a stream that is closed
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
        patch.syspath_prepend(site)
        patch.setenv("LANGGEO_CACHE", str(cache or site / "cache"))
        patch.chdir(site)
        installed.cache_clear()
        try:
            code = _exit_code([str(word) for word in words])
        finally:
            installed.cache_clear()
            for name, module in list(sys.modules.items()):
                if (getattr(module, "__file__", None) or "").startswith(str(site)):
                    del sys.modules[name]
    return Outcome(code, out.getvalue(), err.getvalue())


OFFLINE = ("--no-deps", "--no-index", "--disable-pip-version-check", "-q")


BUILD = """
import os, sys
from hatchling.build import build_wheel
for project in sys.argv[2:]:
    os.chdir(project)
    build_wheel(sys.argv[1])
"""


def built_wheels(target: Path, *projects: Path) -> list[Path]:
    """The wheels of projects, by the build backend of this environment."""
    target.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-c", BUILD, *map(str, (target, *projects))]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return sorted(target.glob("*.whl"))


def site_with(folder: Path, *wheels: Path) -> Path:
    """The folder with the files of wheels of pure Python, which is how pip installs them."""
    for wheel in wheels:
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(folder)
    return folder


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
    """Where this environment keeps its packages: folders of that name only, so that no checkout is among them."""
    own = [sysconfig.get_path(name) for name in ("purelib", "platlib")]
    return list(dict.fromkeys([*own, *(path for path in sys.path if Path(path).name.endswith("-packages"))]))
