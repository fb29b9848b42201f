"""Options of the formats."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from langgeo_core.api import Options


class FormatOptions(Options):
    """What languages are called in the file."""

    names: Literal["id", "glottocode", "name"] = Field(
        "id", description="Call languages by their id, their glottocode or their name in Glottolog."
    )
