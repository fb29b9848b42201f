"""Options of the quantizers."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from langgeo_core.api import Options


class MedianOptions(Options):
    """Over which weights the median is taken."""

    scope: Literal["matrix", "layer", "global"] = Field(
        "matrix",
        description="matrix: of each weight matrix; layer: of each decoder block; "
        "global: of the whole model, which keeps nearly all or nothing of a matrix whose scale is unlike the others'.",
    )
