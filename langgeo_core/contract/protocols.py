"""What each kind of component must do. A plugin's classes need not inherit from these."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from langgeo_core.contract.signatures import Scores, Signature
from langgeo_core.contract.types import (
    Absence,
    BaselineContext,
    Collected,
    CorpusIdentity,
    DistanceMatrix,
    Embedding,
    Evaluation,
    Incident,
    InputStatistics,
    Language,
    Metric,
    ModelIdentity,
    RawMatrix,
    Replicates,
    Text,
    WeightSums,
)

if TYPE_CHECKING:
    import torch


Scope = Literal["row", "matrix", "layer", "global"]


class Encoder(Protocol):
    """From text to token ids, without any special token."""

    def encode(self, text: str) -> list[int]: ...


class Tokenizer(Encoder, Protocol):
    """From text to tokens, and back."""

    def decode(self, tokens: Sequence[int]) -> str:
        """The text of tokens that follow each other, but for bytes that make no whole character."""


class LoadedModel(Encoder, Protocol):
    """A model in memory, ready for forward passes.

    `network` is a `torch.nn.Module` called as `network(input_ids=..., attention_mask=...)` that stops before
    the logits. `bos` is None where the tokenizer has no such token. One that was trained on windows with a last token
    is a `ClosingModel`.
    """

    @property
    def network(self) -> torch.nn.Module: ...
    @property
    def bos(self) -> int | None: ...
    @property
    def pad(self) -> int: ...


class CausalModel(LoadedModel, Protocol):
    """A loaded model with its head: `causal(input_ids=..., attention_mask=...)` runs `network` and gives `.logits`."""

    @property
    def causal(self) -> torch.nn.Module: ...


@runtime_checkable
class StreamedModel(LoadedModel, Protocol):
    """A loaded model whose blocks, the entries of a ModuleList, have their parameters on the meta device."""

    def block(self, path: str) -> Mapping[str, torch.Tensor]:
        """The state of the block at a path of `network`, under names below the path, in the dtype of the network."""


class WeightReader(Protocol):
    """(rows, columns) float32 of the linear layer `name`, a path in `LoadedModel.network`, without building that."""

    def read(self, name: str) -> NDArray[np.float32]: ...


class Model(Protocol):
    """A language model; see `records.Model`.

    What else one may offer: `HeadedModel`, `StreamingModel`, `LearningModel`, `CheckedModel`, `ReadyModel`,
    `RemoteModel`.
    """

    def identity(self) -> ModelIdentity:
        """Which weights; reads no tensor into memory."""

    def load(self, dtype: str) -> LoadedModel:
        """The network in `dtype` (`float32`, `float64`, `bfloat16`), in evaluation mode."""

    def tokenizer(self) -> Tokenizer:
        """The tokenizer alone; reads no weights."""

    def weights(self) -> WeightReader: ...


@runtime_checkable
class HeadedModel(Protocol):
    """A model that loads with its head too, for scorers that need a loss; UserError if the checkpoint has none."""

    def load_causal(self, dtype: str) -> CausalModel: ...


@runtime_checkable
class StreamingModel(Protocol):
    """A model that can also be loaded a block at a time, for sequential calibration."""

    def outline(self, dtype: str) -> torch.nn.Module:
        """The network that `load` would give, its parameters on the meta device; reads no weights."""

    def load_streamed(self, dtype: str) -> StreamedModel:
        """The network with its blocks empty; raises UserError where the checkpoint cannot be read in parts."""


class Corpus(Protocol):
    """Text in many languages; see `records.Corpus`.

    What else one may offer: `ScriptedCorpus`, `DescribingCorpus`, `RemoteCorpus`, `Remarking`.
    """

    def identity(self) -> CorpusIdentity: ...

    def languages(self) -> Sequence[str]:
        """Ids of the languages it has text for."""

    def read(self, language: str) -> Text:
        """The text; raises UserError naming the file where it is unreadable."""


class Scorer(Protocol):
    """How important each weight is for a language: S_ij = w_ij² · g_j; see `records.Scorer`.

    One that does not multiply by the squared weight says so as a `WeightlessScorer`.
    """

    def feature_scores(self, statistics: InputStatistics) -> NDArray[np.float64]:
        """g: (n,) non-negative."""


@runtime_checkable
class PerWeightScorer(Protocol):
    """A scorer of any form, from a statistic of each weight that is summed over the text's windows.

    `statistic` names it with its version, such as `squared-gradient/1`; cells of scorers that name the same are
    shared. A record with `per_weight` set builds one of these.
    """

    statistic: str

    def accumulate(self, inputs: torch.Tensor, gradients: torch.Tensor) -> torch.Tensor:
        """(rows, columns) of a linear layer, for one window.

        The layer reads `inputs`, (tokens, columns) float32 or float64. `gradients`, (tokens, rows), are those of the
        summed cross-entropy of the next tokens by its outputs.
        """

    def scores(self, statistic: NDArray[np.float32], weights: NDArray[np.float32], tokens: int) -> NDArray[np.float32]:
        """(rows, columns) scores of some rows of a weight matrix; negative only where `signed` is true."""


class WeightCollector(Protocol):
    """Sums the statistic of a `PerWeightScorer` over texts: `collector(causal_model, layout, scorer, bos)` makes it."""

    def __enter__(self) -> WeightCollector: ...
    def __exit__(self, *failure: object) -> None: ...
    def collect_each(self, language: str, windows: Any, pieces: Sequence[Sequence[int]]) -> list[Collected[WeightSums]]:
        """Of a text's `Windows`, for each piece the statistic of every weight over the windows at its positions."""


class Quantizer(Protocol):
    """Encodes scores. `scope` says over which weights a threshold is taken together.

    Under the scope `row`, `fit` and `encode` are given some rows of a matrix at a time; under the others `encode` is,
    unless the form is compact, and `fit` is given the whole.
    """

    scope: Scope

    def forms(self) -> tuple[type[Signature], ...]:
        """The signatures it can make, the most compact first; the compact ones of separable scores only."""

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
        """(terms, languages, languages) for a weight matrix or some of its rows; whole numbers are exact up to 2⁵³."""

    def finish(self, total: NDArray[np.float64], size: int) -> NDArray[np.float64]:
        """(languages, languages) distances from the summed terms over `size` weights."""


class Aggregator(Protocol):
    """One matrix over the same ids from those named `model--corpus`; missing pairs are NaN."""

    def aggregate(self, matrices: Mapping[str, DistanceMatrix]) -> DistanceMatrix: ...


class Transform(Protocol):
    """Other distances between the same languages; see `records.Transform`."""

    def transform(self, distances: DistanceMatrix, languages: Sequence[Language]) -> DistanceMatrix:
        """One matrix over the same ids; all zero where all of `distances` are.

        `languages[i]` is the language of `distances.ids[i]`. Where replicates of texts are compared each comes once
        for each replicate, and the ids are those of the replicates.
        """


class Embedder(Protocol):
    """Languages as points; see `records.Embedder`."""

    def embed(self, distances: DistanceMatrix) -> Embedding: ...


class Clusterer(Protocol):
    """`k` is a number of clusters, `classes` for as many as the labels have, or None for its own choice."""

    k: int | Literal["classes"] | None
    seeds: int

    def cluster(self, embedding: Embedding, k: int | None, seed: int) -> NDArray[np.int64]:
        """(n,) cluster of each language, -1 for noise."""


class Evaluator(Protocol):
    """A comparison with what is known; see `records.Evaluator`."""

    def labels(self, languages: Sequence[Language]) -> dict[str, tuple[str | None, ...]]:
        """The classes it compares with, per level; None where a language has no place at that level."""

    def evaluate(self, evaluation: Evaluation) -> list[Metric]: ...


@runtime_checkable
class Remarking(Protocol):
    """A corpus, evaluator or baseline that reads files of others: `remarks` become incidents of the run.

    Asked after `read`, `labels` or `distances`, they say what was left out, changed, or read as something else.
    """

    def remarks(self) -> Sequence[str]: ...


class Reliability(Protocol):
    """How far the distances of a run can be trusted: its replicates, models and corpora against each other."""

    def metrics(
        self, replicates: Replicates | None, matrices: Mapping[tuple[str, str], DistanceMatrix], seed: int
    ) -> list[Metric]:
        """Rows of metrics.csv; `matrices` are by model and corpus."""

    def rows(self, replicates: Replicates) -> Iterable[Mapping[str, Any]]:
        """The rows of reliability.csv."""

    def sweep(self, config: Any, given: Evaluation) -> Iterable[Mapping[str, Any]]:
        """The rows of k_sweep.csv, of the `ResolvedConfig` of the run."""

    def comparisons(
        self, config: Any, given: Evaluation, baselines: Mapping[str, Evaluation], incidents: list[Incident]
    ) -> Iterable[Mapping[str, Any]]:
        """The rows of comparisons.csv: figures of the run less those of each baseline."""


class Baseline(Protocol):
    """Distances over `context.languages` that need no language model; a pair that it cannot measure is NaN."""

    def distances(self, context: BaselineContext) -> DistanceMatrix: ...


class Exporter(Protocol):
    """A form of a run, a `langgeo_core.api.Run`: `export` writes into `run.path` and returns the files written."""

    def export(self, run: Any) -> list[Path]: ...


class Reader(Protocol):
    """Reads distance matrices in one file format; see `records.Reader`. It is built without arguments.

    It returns names and numbers as the file has them. langgeo then looks the names up and checks the numbers.
    `example` is the text of a small file in this format, with at least two languages, for tests.
    """

    example: str

    def recognises(self, beginning: str) -> float:
        """How likely a file is in this format, from 0 (it is not) to 1 (it can be no other).

        `beginning` holds the first 4,096 characters of the file. The reader with the highest value reads it.
        """

    def read(self, text: str) -> Sequence[RawMatrix]:
        """All matrices in the text of a file, at least one.

        Raises UserError if the text is not in this format. The message says what is wrong and in which row, without
        the file's name, which langgeo puts before it.
        """


# Optional abilities: the core asks `isinstance(component, ...)`, and goes on without where a component lacks one.


@runtime_checkable
class LearningModel(Protocol):
    """A model that learns from the texts of the run: it is called with the run's corpora before `identity`."""

    def learn_from(self, corpora: Mapping[str, Corpus]) -> None: ...


@runtime_checkable
class CheckedModel(Protocol):
    """A model whose `check` raises UserError if its files are incomplete; it reads no weights, fetches nothing."""

    def check(self) -> None: ...


@runtime_checkable
class ReadyModel(Protocol):
    """A model that gives its tokenizer if nothing has to be downloaded, converted or hashed for it; else None."""

    def tokenizer_here(self) -> Tokenizer | None: ...


@runtime_checkable
class RemoteModel(Protocol):
    """A model whose files may be missing on this machine: `absent` says so, without a download or conversion."""

    def absent(self) -> Absence | None: ...


@runtime_checkable
class ClosingModel(Protocol):
    """A loaded model that was trained on windows with a last token, as encoders are."""

    @property
    def sep(self) -> int | None: ...


class Executor(Protocol):
    """Where cells are calibrated."""

    def elsewhere(self, plan: Any, store: Any, folder: Path, quiet: bool) -> Callable[[Any], Iterable[Incident]] | None:
        """What fills the cells that it is called with, in the store, and gives what did not go as configured.

        None if the run's own process does the work. `folder` is that of the run. The function raises a LanggeoError
        if a cell is not in the store afterwards.
        """


@runtime_checkable
class ComparingExecutor(Protocol):
    """An executor whose workers also compare languages."""

    def compare(self, plan: Any, store: Any, folder: Path, quiet: bool, wanted: Iterable[tuple[str, str]]) -> object:
        """Have the cells of each wanted model and corpus compared, and the comparisons kept in the store."""


@runtime_checkable
class ScriptedCorpus(Protocol):
    """A corpus that knows the scripts of its texts, from language id to ISO 15924."""

    def scripts(self) -> Mapping[str, str]: ...


@runtime_checkable
class DescribingCorpus(Protocol):
    """A corpus of languages with codes for private use, which says by language id what is known of each."""

    def describe(self) -> Mapping[str, Language]: ...


@runtime_checkable
class RemoteCorpus(Protocol):
    """A corpus whose texts may be missing on this machine: `absent` says so of one, without a download."""

    def absent(self, language: str) -> Absence | None: ...


@runtime_checkable
class WeightlessScorer(Protocol):
    """A scorer with a say in whether weights take part: where `uses_weights` is false, S_ij = g_j."""

    uses_weights: bool


@runtime_checkable
class SquaredDistances(Protocol):
    """A distance or baseline whose values, where `squared` is true, are squared Euclidean distances."""

    @property
    def squared(self) -> bool: ...


@runtime_checkable
class ReplicateTransform(Transform, Protocol):
    """A transform that makes the distances of languages from those among replicates of their texts; a run's first one.

    Where `parallel` is true, replicates with the same number must be the same lines in all languages.
    """

    @property
    def parallel(self) -> bool: ...

    def of_replicates(self, members: Mapping[str, DistanceMatrix]) -> tuple[DistanceMatrix, DistanceMatrix]:
        """The distances of the languages, and those of the replicates in the new space.

        `members` are Euclidean distances over ids of `replicate_id`, of each `model--corpus`. All zero stay so.
        """


@runtime_checkable
class SelectiveAggregator(Protocol):
    """An aggregator whose options name matrices, and which can do with some of them."""

    def among(self, names: Collection[str]) -> Aggregator:
        """The aggregator for these matrices alone; what it was told of others is left out."""
