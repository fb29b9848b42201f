"""A registry of components whose options use every type that configs know."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field, field_validator

from langgeo_core.api import ConfigError, Options, UserError
from langgeo_core.config.catalog import Catalog, parse_catalog
from langgeo_core.config.nodes import Node, parse_yaml
from langgeo_core.contract.records import KINDS, Component, Corpus, Origin

Level = Annotated[str, Field(pattern=r"^(family|branch)$")]


class HubOptions(Options):
    repo: str
    revision: str | None = None
    dtype: Literal["float32", "bfloat16"] = "float32"


class FolderOptions(Options):
    path: Path


class SparseOptions(Options):
    diagonal: Literal["inverse", "cholesky", "no"] = "inverse"
    damping: float = Field(0.01, gt=0)
    dead: bool = True


class Inner(BaseModel):
    depth: int = Field(1, ge=1)
    label: str | None = None


class GroupOptions(Options):
    k: Literal["classes"] | Annotated[int, Field(ge=2)] | None = "classes"
    seeds: int = Field(20, ge=1)
    sizes: Literal[1, 2, 4] = 1
    weights: dict[str, float] = Field(default_factory=dict)
    names: tuple[str, ...] = ()
    pair: tuple[int, float] = (1, 0.5)
    inner: Inner = Inner()
    limit: float | None = 1.5
    tags: frozenset[str] = frozenset()

    @field_validator("names")
    @classmethod
    def _short(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        if any(len(name) > 9 for name in names):
            raise ValueError("names have at most 9 letters")
        return names


class GlottologOptions(Options):
    permutations: int = Field(999, ge=1)
    levels: tuple[Level, ...] = Field(("family",), min_length=1)


class Echo:
    """What any factory here builds: it remembers its options."""

    def __init__(self, options: Any = None) -> None:
        self.options = options


@dataclass(frozen=True)
class FakeRegistered:
    component: Component
    origin: Origin


_OPTIONS = {
    "models": {"hub": "HubOptions", "gemma-3.1b": "", "heavy": "Absent"},
    "corpora": {"udhr": "", "django": "", "text-folder": "FolderOptions"},
    "scorers": {"sparsegpt": "SparseOptions", "wanda": "", "broken": "NoSuchClass"},
    "quantizers": {"median": ""},
    "distances": {"hamming": "", "jaccard": ""},
    "aggregators": {"mean": ""},
    "transforms": {"whiten": ""},
    "embedders": {"torgerson": ""},
    "clusterers": {"kmeans": "GroupOptions", "hdbscan": ""},
    "evaluators": {"glottolog": "GlottologOptions"},
    "baselines": {"char-ngrams": ""},
    "exporters": {"mst": "", "html": ""},
    "executors": {"local": ""},
}


def _component(kind: str, name: str, options: str) -> Component:
    reference = f"config_fakes:{options}" if options else ""
    component = KINDS[kind](name, f"The {name}.", "config_fakes:Echo", reference)
    if name == "heavy":
        return replace(component, requires=("no-such-package",), install="'langgeo[heavy]'")
    return replace(component, folder_option="path") if isinstance(component, Corpus) and options else component


class FakeRegistry:
    def names(self, kind: str) -> list[str]:
        return sorted(_OPTIONS[kind])

    def all(self, kind: str) -> list[FakeRegistered]:
        return [self.get(kind, name) for name in _OPTIONS.get(kind, ())]

    def get(self, kind: str, name: str) -> FakeRegistered:
        distribution, _, short = name.rpartition(":")
        if short not in _OPTIONS[kind] or distribution not in ("", "fakes"):
            raise UserError(f"no {kind} is named {name!r}", f"known {kind}: {', '.join(self.names(kind))}")
        return FakeRegistered(_component(kind, short, _OPTIONS[kind][short]), Origin("fakes", "1.0", "config_fakes"))


CATALOG_TEXT = """
models:
  mistral-7b:
    component: hub
    options: {repo: mistral/seven, revision: abc}
    note: Apache-2.0
  hub-pinned: {component: hub, options: {repo: x/y}}
language_sets:
  few: [eng, no, nan]
defaults:
  scorer: sparsegpt
  quantizer: median
  distance: hamming
  aggregator: mean
  transforms: []
  embedder: torgerson
  clusterers: [kmeans, hdbscan]
  evaluators: [glottolog]
  baselines: [char-ngrams]
  exporters: [mst, html]
  executor: local
"""


def fake_catalog() -> Catalog:
    return parse_catalog(CATALOG_TEXT, "registry.yaml")


def read_yaml(text: str, source: str) -> Node:
    """The tree of a YAML document.

    Raises
    ------
    ConfigError
        With every problem of the document.
    """
    tree, problems = parse_yaml(text, source)
    if tree is None or problems:
        raise ConfigError(problems)
    return tree
