"""The base of every options class."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Options(BaseModel):
    """Typed options of a component: unknown keys are refused, instances are immutable."""

    model_config = ConfigDict(extra="forbid", frozen=True)
