"""Options of the scorer."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from langgeo_core.api import Options


class SparseGPTOptions(Options):
    """Which diagonal divides the squared weight."""

    diagonal: Literal["inverse", "cholesky"] = Field(
        "inverse",
        description="inverse: [H⁻¹]_jj, as written in the paper; "
        "cholesky: U_jj² with H⁻¹ = UᵀU, as in SparseGPT's code, which depends on the order of the columns.",
    )
