"""Options of the exporters."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from langgeo_core.api import Options
from langgeo_formats.api import Names

Format = Literal["svg", "png", "pdf"]


class HtmlOptions(Options):
    """The interactive page."""

    colour_by: str = Field(
        "", description="Level whose classes colour the points at first; empty: chosen automatically."
    )
    nearest: int = Field(3, ge=1, le=20, description="Number of nearest neighbours listed for each language.")
    label_limit: int = Field(
        40, ge=0, description="Up to this many languages all names are shown; with more, only names that fit."
    )


class FiguresOptions(Options):
    """The figures for papers."""

    colour_by: str = Field("", description="Level whose classes colour the points; empty: chosen automatically.")
    names: Names = Field("name", description="Call languages by their id, their glottocode or their name in Glottolog.")
    dpi: int = Field(200, ge=50, le=600, description="Resolution of the PNG files, dots per inch.")
    formats: tuple[Format, ...] = Field(
        ("svg", "png", "pdf"), min_length=1, description="File formats that each figure is written in."
    )
