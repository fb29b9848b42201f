"""Where configs come from: a path, or the name of one in a plugin's package."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path

from langgeo_core.contract.errors import UserError, suggestion
from langgeo_core.plugins.registry import installed
from langgeo_core.system.files import read_text


@dataclass(frozen=True)
class BundledConfig:
    """A config that a plugin's package holds in its folder `configs`."""

    file: Path
    distribution: str
    version: str


def bundled_configs() -> dict[str, BundledConfig]:
    """The configs in plugins' packages by name; of two with one name the later is `dist:name`."""
    found: dict[str, BundledConfig] = {}
    for plugin in sorted(installed().plugins, key=lambda plugin: plugin.distribution != "langgeo"):
        for folder in getattr(plugin.module, "__path__", ()):
            for file in (Path(folder) / "configs").glob("*.yaml"):
                name = f"{plugin.distribution}:{file.stem}" if file.stem in found else file.stem
                found[name] = BundledConfig(file, plugin.distribution, plugin.version)
    return dict(sorted(found.items()))


def summary_of(file: Path) -> str:
    """The comment in the first lines of a config, on one line; empty where it has none."""
    lines = read_text(file).splitlines()
    comment = takewhile(lambda line: line.startswith("#"), lines)
    return " ".join(" ".join(line.lstrip("# ") for line in comment).split())


def find_config(path_or_name: str) -> Path:
    """The file of a path, or else of a bundled name.

    Raises
    ------
    UserError
        If it is neither.
    """
    path, bundled = Path(path_or_name), bundled_configs()
    if _is_file(path):
        return path
    if path_or_name in bundled:
        return bundled[path_or_name].file
    hint = suggestion(path_or_name, bundled, "bundled configs")
    raise UserError(f"{path_or_name!r} is neither a config file nor the name of a bundled config", hint)


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):  # a name too long for the platform, or with a null character
        return False
