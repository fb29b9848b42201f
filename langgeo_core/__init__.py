"""langgeo: a metric space of languages from the weights of multilingual language models."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from langgeo_core.storage.run_folder import LanguageSpace as LanguageSpace, load_run as load_run

__all__ = ["LanguageSpace", "load_run"]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"langgeo_core has no {name!r}")
    from langgeo_core.storage import run_folder

    return getattr(run_folder, name)
