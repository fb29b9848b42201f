"""Options of the evaluator."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field, NonNegativeInt, PositiveInt, field_validator

from langgeo_core.api import Options


class TransferOptions(Options):
    """Which table of scores, and how much resampling."""

    file: Path = Field(description="CSV file: target, source, score, perhaps task and source_size.")
    tasks: tuple[str, ...] = Field((), description="Only these tasks of the table. Empty: all.")
    lower_is_better: bool = Field(False, description="Whether the scores are losses or errors.")
    cutoff: PositiveInt = Field(3, description="The k of NDCG@k.")
    permutations: NonNegativeInt = Field(999, description="Shuffles of each target's sources behind each null.")
    resamples: NonNegativeInt = Field(5000, description="Resamplings of the families of targets behind each interval.")

    @field_validator("file")
    @classmethod
    def _absolute(cls, file: Path) -> Path:
        return file.expanduser().absolute()
