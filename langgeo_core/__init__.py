"""langgeo: a metric space of languages from the weights of multilingual language models.

What Python users call is offered by plugins, as entry points of the group `langgeo.python`: `load_run` is one.
"""

from __future__ import annotations

from importlib.metadata import entry_points
from typing import Any

_GROUP = "langgeo.python"


def __getattr__(name: str) -> Any:
    for found in () if name.startswith("_") else entry_points(group=_GROUP, name=name):
        return found.load()
    raise AttributeError(f"langgeo_core has no {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *entry_points(group=_GROUP).names})
