"""Options of `torgerson`."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, PositiveInt

from langgeo_core.api import Options


class TorgersonOptions(Options):
    """What is embedded, and on how many axes."""

    transform: Literal["identity", "sqrt"] = Field(
        "identity",
        description="Embed the distances as they are (as published) or their square root, which is exactly "
        "Euclidean for Hamming distances of bits.",
    )
    axes: Literal["all"] | PositiveInt = Field(
        "all",
        description="How many axes to keep, the largest first; `all` keeps every positive eigenvalue, "
        "and a larger number than there are is the same as `all`.",
    )
