"""The executor `local`."""

from __future__ import annotations

from pathlib import Path
from typing import Any


class Local:
    """The run's own process: every model is loaded once, and nothing is handed to others."""

    def elsewhere(self, plan: Any, store: Any, folder: Path, quiet: bool) -> None:
        """Nothing."""
