"""Content addresses: what a cell's statistics depend on, and nothing else."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

STATISTICS_VERSION = 1
"""Raised whenever the same inputs would give other statistics."""


def cell_key(
    weights_sha256: str,
    text_fingerprint: str,
    calibration: Mapping[str, Any],
    statistic: str = "",
    replicate: Mapping[str, Any] | None = None,
) -> str:
    """The address of one cell's statistics.

    `calibration` holds the options that change the numbers: tokens, window, seed, bos, short, dtype, damping.
    Device, threads, batch size and library versions are recorded with the cell, not keyed. `statistic` is what a
    scorer that is not separable sums, and empty for the diagonals that all separable scorers share. `replicate` says
    which piece of the text is read, as `replicate`, `of` and `each`; None for all of it.
    """
    return digest(
        {
            "statistics": STATISTICS_VERSION,
            "weights": weights_sha256,
            "text": text_fingerprint,
            "calibration": dict(calibration),
            **({"statistic": statistic} if statistic else {}),
            **(replicate or {}),
        }
    )


def digest(value: Any) -> str:
    """SHA-256 of a value's canonical JSON."""
    return hashlib.sha256(json.dumps(value, sort_keys=True, separators=(",", ":")).encode()).hexdigest()
