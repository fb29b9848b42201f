"""Options of `labels`."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field, field_validator

from langgeo_inference.api import ResamplingOptions


class LabelsOptions(ResamplingOptions):
    """Which table, which of its columns, and how much resampling."""

    file: Path = Field(description="CSV file with a column `language` and a column of classes for each level.")
    levels: tuple[str, ...] = Field((), description="Columns to compare with. Empty: all.")

    @field_validator("file")
    @classmethod
    def _absolute(cls, file: Path) -> Path:
        return file.expanduser().absolute()
