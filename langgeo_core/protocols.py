"""What each kind of component must do. A plugin's classes need not inherit from these."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from langgeo_core.signatures import Scores, Signature
from langgeo_core.types import (
    BaselineContext,
    CorpusIdentity,
    DistanceMatrix,
    Embedding,
    Evaluation,
    InputStatistics,
    Language,
    Metric,
    ModelIdentity,
    Text,
)

if TYPE_CHECKING:
    import torch

    from langgeo_core.runs import Run

Scope = Literal["matrix", "layer", "global"]


class LoadedModel(Protocol):
    """A model in memory, ready for forward passes.

    `network` is a `torch.nn.Module` called as `network(input_ids=..., attention_mask=...)` that stops before
    the logits. `bos` is None where the tokenizer has no such token.
    """

    network: torch.nn.Module
    bos: int | None
    pad: int

    def encode(self, text: str) -> list[int]:
        """Token ids without any special token."""


class WeightReader(Protocol):
    """Weight matrices one by one, without building the network."""

    def read(self, name: str) -> NDArray[np.float32]:
        """(rows, columns) float32 of the linear layer `name`, a path in `LoadedModel.network`."""


class Model(Protocol):
    """A language model; see `components.Model`."""

    def identity(self) -> ModelIdentity:
        """Which weights; reads no tensor into memory."""

    def load(self, dtype: str) -> LoadedModel:
        """The network in `dtype` (`float32`, `float64`, `bfloat16`), in evaluation mode."""

    def weights(self) -> WeightReader: ...


class Corpus(Protocol):
    """Text in many languages; see `components.Corpus`."""

    def identity(self) -> CorpusIdentity: ...

    def languages(self) -> Sequence[str]:
        """Ids of the languages it has text for."""

    def read(self, language: str) -> Text:
        """The text; raises UserError naming the file where it is unreadable."""


class Scorer(Protocol):
    """How important each weight is for a language: S_ij = w_ij² · g_j; see `components.Scorer`.

    A scorer with an attribute `uses_weights` that is false gives S_ij = g_j.
    """

    def feature_scores(self, statistics: InputStatistics) -> NDArray[np.float64]:
        """g: (n,) non-negative."""


class Quantizer(Protocol):
    """Encodes scores. `scope` says over which weights a threshold is taken together."""

    scope: Scope

    def forms(self) -> tuple[type[Signature], ...]:
        """The signatures it can make of separable scores, the most compact first."""

    def fit(self, group: Sequence[Scores]) -> Any:
        """What `encode` needs to know of all matrices of one scope."""

    def encode(self, scores: Scores, fitted: Any, form: type[Signature]) -> Signature: ...


class Distance(Protocol):
    """A distance that is a function of sums over weight matrices.

    `terms` names the sums it keeps, such as `("differing",)` or `("intersection", "union")`.
    """

    terms: tuple[str, ...]

    def forms(self) -> tuple[type[Signature], ...]:
        """The signatures it can compare."""

    def partial(self, signature: Signature) -> NDArray[np.float64]:
        """(terms, languages, languages) for one weight matrix; whole numbers are exact up to 2⁵³."""

    def finish(self, total: NDArray[np.float64], size: int) -> NDArray[np.float64]:
        """(languages, languages) distances from the summed terms over `size` weights."""


class Aggregator(Protocol):
    """One matrix from several; see `components.Aggregator`."""

    def aggregate(self, matrices: Mapping[str, DistanceMatrix]) -> DistanceMatrix:
        """One matrix over the same ids from those named `model--corpus`; missing pairs are NaN."""


class Embedder(Protocol):
    """Languages as points; see `components.Embedder`."""

    def embed(self, distances: DistanceMatrix) -> Embedding: ...


class Clusterer(Protocol):
    """`k` is a number of clusters, `classes` for as many as the labels have, or None for its own choice."""

    k: int | Literal["classes"] | None
    seeds: int

    def cluster(self, embedding: Embedding, k: int | None, seed: int) -> NDArray[np.int64]:
        """(n,) cluster of each language, -1 for noise."""


class Evaluator(Protocol):
    """A comparison with what is known; see `components.Evaluator`."""

    def labels(self, languages: Sequence[Language]) -> dict[str, tuple[str | None, ...]]:
        """The classes it compares with, per level; None where a language has no place at that level."""

    def evaluate(self, evaluation: Evaluation) -> list[Metric]: ...


class Baseline(Protocol):
    """Distances that need no language model; see `components.Baseline`."""

    def distances(self, context: BaselineContext) -> DistanceMatrix:
        """One matrix over `context.languages`; a pair that it cannot measure is NaN."""


class Exporter(Protocol):
    """A form of a run for others to read; see `components.Exporter`."""

    def export(self, run: Run) -> list[Path]:
        """Write into `run.path` and return the files written."""
