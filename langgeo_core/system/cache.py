"""Where files that can be made again are kept."""

from __future__ import annotations

import os
from pathlib import Path


def cache_folder() -> Path:
    """`LANGGEO_CACHE` if set, else the platform's cache folder for langgeo."""
    override = os.environ.get("LANGGEO_CACHE")
    if override:
        return Path(override).expanduser()
    import platformdirs

    return Path(platformdirs.user_cache_dir("langgeo", appauthor=False))
