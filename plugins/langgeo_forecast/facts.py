"""The shape of a model: from its own config where that is here, else from what registry.yaml says of it."""

from __future__ import annotations

from dataclasses import dataclass

from pydantic import Field

from langgeo_core.config.catalog import Catalog
from langgeo_core.config.resolved import Chosen
from langgeo_core.config.typed import build
from langgeo_core.contract.errors import ConfigError
from langgeo_core.contract.options import Options
from langgeo_core.contract.types import ModelShape


class Facts(Options):
    """An entry of `model_facts`."""

    layers: int = Field(ge=1, description="Decoder blocks.")
    hidden: int = Field(ge=1, description="Length of a hidden state.")
    intermediate: int = Field(ge=1, description="Width of the feed-forward part.")
    heads: int = Field(ge=1, description="Heads of queries.")
    kv_heads: int = Field(ge=1, description="Heads of keys and values.")
    head_dim: int = Field(ge=1, description="Length of a head.")
    vocabulary: int = Field(ge=1, description="Rows of the table of embeddings.")
    tied: bool = Field(default=True, description="Whether the head is the table of embeddings.")
    gated: bool = Field(default=True, description="Whether the feed-forward part has three matrices, not two.")
    download: float = Field(
        default=0.0, ge=0, description="What is downloaded.", json_schema_extra={"unit": "GB, 10⁹ bytes"}
    )


@dataclass(frozen=True)
class Known:
    """What is known of a model; `source` says from where, `download` is in bytes."""

    shape: ModelShape
    source: str
    download: int = 0


def facts_of(chosen: Chosen, catalog: Catalog) -> Known | None:
    """What the registry says under the name that the model has in the config, or under its component's.

    Raises
    ------
    ConfigError
        If the entry has other keys or values than it may.
    """
    name = next((name for name in (chosen.name, chosen.component.name) if name in catalog.model_facts), None)
    if name is None:
        return None
    facts, problems = build(Facts, catalog.model_facts[name], f"model_facts.{name}", "key")
    if facts is None:
        raise ConfigError(problems)
    shape = ModelShape(**facts.model_dump(exclude={"download"}))
    return Known(shape, "registry.yaml", round(facts.download * 1e9))
