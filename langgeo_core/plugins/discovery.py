"""Finds plugins through the entry-point group `langgeo`, one by one: a broken one is reported, the rest work."""

from __future__ import annotations

import difflib
import sys
import time
import traceback
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points
from typing import Any

import pluggy

from langgeo_core.contract import hookspecs

GROUP = "langgeo"


@dataclass(frozen=True)
class Plugin:
    """One entry point and how its import went; `module` is None where it failed."""

    name: str
    distribution: str
    version: str
    reference: str
    seconds: float
    module: Any = None
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
        error = _wrong_hooks(module)
    except (Exception, SystemExit) as failure:
        error = f"{type(failure).__name__}: {failure}"
        trace = traceback.format_exc()
    distribution, version = _origin(point)
    return Plugin(
        point.name,
        distribution,
        version,
        point.value,
        time.perf_counter() - started,
        None if error else module,
        error,
        trace,
    )


def _origin(point: EntryPoint) -> tuple[str, str]:
    if point.dist is None:
        return "unknown", ""
    return point.dist.name, point.dist.version


def new_manager() -> pluggy.PluginManager:
    """A plugin manager that knows the hooks and no plugin."""
    manager = pluggy.PluginManager(GROUP)
    manager.add_hookspecs(hookspecs)
    return manager


def _wrong_hooks(module: Any) -> str:
    """What is wrong with the names and marks of a module's hooks, or nothing."""
    functions = {name: value for name, value in vars(module).items() if callable(value)}
    hooks = [name for name, value in functions.items() if hasattr(value, f"{GROUP}_impl")]
    problems = [_unknown_hook(name) for name in hooks if name not in hook_names()]
    problems += [
        f"{name} is not marked with @hookimpl" for name in functions if name in hook_names() and name not in hooks
    ]
    return "; ".join(problems)


def _unknown_hook(name: str) -> str:
    close = difflib.get_close_matches(name, hook_names(), n=1)
    hint = f"did you mean {close[0]}?" if close else f"hooks: {', '.join(hook_names())}"
    return f"there is no hook {name}; {hint}"


def hook_names() -> list[str]:
    """The names a plugin may implement."""
    return [name for name in vars(hookspecs) if name.startswith("langgeo_") and name != "langgeo_core"]


def warn_of_failures(plugins: Iterable[Plugin]) -> None:
    """One line on stderr for each plugin that did not load."""
    for plugin in plugins:
        if plugin.error:
            reason = plugin.error.splitlines()[0]
            print(
                f"warning: plugin {plugin.name} of {plugin.distribution} {plugin.version} is left out: {reason}"
                " (`langgeo plugins` shows more)",
                file=sys.stderr,
            )
