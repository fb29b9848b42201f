"""Finds plugins through the entry-point group `langgeo`, one by one: a broken one is reported, the rest work."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.metadata import Distribution, EntryPoint, entry_points
from types import ModuleType

GROUP = "langgeo"


@dataclass(frozen=True)
class Plugin:
    """One entry point and the result of importing it; `module` is None where that failed."""

    name: str
    distribution: str
    version: str
    reference: str
    seconds: float
    module: ModuleType | None = None
    error: str = ""
    trace: str = ""


def discover(points: Iterable[EntryPoint] | None = None) -> tuple[Plugin, ...]:
    """Import every plugin of the group, in a fixed order."""
    found = entry_points(group=GROUP) if points is None else points
    return tuple(_load(point) for point in sorted(set(found), key=lambda point: (point.name, point.value)))


def _load(point: EntryPoint) -> Plugin:
    started = time.perf_counter()
    module, error, trace = None, "", ""
    try:
        module = point.load()
    except (Exception, SystemExit) as failure:
        import traceback

        error = f"{type(failure).__name__}: {failure}"
        trace = traceback.format_exc()
    seconds = time.perf_counter() - started
    distribution, version = _name_and_version(point.dist) if point.dist else ("unknown", "")
    return Plugin(point.name, distribution, version, point.value, seconds, module, error, trace)


@cache
def _name_and_version(distribution: Distribution) -> tuple[str, str]:
    """From the first lines of its metadata: to parse all of it takes longer than to import every plugin."""
    text = distribution.read_text("METADATA") or distribution.read_text("PKG-INFO") or ""
    header = dict(line.partition(": ")[::2] for line in text.partition("\n\n")[0].splitlines())
    return header.get("Name", "unknown"), header.get("Version", "")


def warn_of_failures(plugins: Iterable[Plugin]) -> None:
    """One line on stderr for each plugin that did not load."""
    for plugin in plugins:
        if plugin.error:
            print(
                f"warning: plugin {plugin.name} of {plugin.distribution} {plugin.version} is left out: "
                f"{plugin.error.splitlines()[0]}; update or uninstall it",
                file=sys.stderr,
            )
