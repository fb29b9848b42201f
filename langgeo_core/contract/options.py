"""The base of every options class, and options that follow the config."""

from __future__ import annotations

from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict


@dataclass(frozen=True)
class FromConfig:
    """Put into `Annotated`: where the option is left out, it is what the config says under this key, such as `seed`."""

    key: str


class Options(BaseModel):
    """Typed options of a component: unknown keys are refused, instances are immutable."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)  # built when first used: quicker starts
