"""A metric space of languages. What Python users call is offered by entry points of the group `langgeo.python`."""

from __future__ import annotations

from typing import Any


def __getattr__(name: str) -> Any:
    if name.startswith("_") or name not in __dir__():
        raise AttributeError(f"langgeo_core has no {name!r}")
    return _offered()[name].load()


def __dir__() -> list[str]:
    return sorted({*globals(), *_offered().names})


def _offered() -> Any:
    from importlib.metadata import entry_points

    return entry_points(group="langgeo.python")
