"""The values that pass between stages. Each checks itself once, so that nobody else has to."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from functools import cached_property, partial
from itertools import chain, combinations
from pathlib import Path
from typing import Any, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from langgeo_core.contract.errors import NumericalError, UnavailableError, UserError

Float64 = NDArray[np.float64]


@dataclass(frozen=True)
class Language:
    """A language as this project names it, with Glottolog's facts (CC BY 4.0).

    `id` is ISO 639-3, with `_Script` or `_variety` where one code has several texts. `lineage` lists the
    glottocodes of its ancestors from the family down. `level` is Glottolog's: language, dialect or family.
    Unknown text is "", unknown coordinates are None.
    """

    id: str
    iso639_3: str
    glottocode: str = ""
    name: str = ""
    script: str = ""
    level: str = ""
    family: str = ""
    branch: str = ""
    lineage: tuple[str, ...] = ()
    latitude: float | None = None
    longitude: float | None = None
    macroareas: str = ""


@dataclass(frozen=True)
class Text:
    """One language's text: documents in the order of their source.

    Raises UserError, naming the source, if a document holds a character that no text holds, or nothing can be seen.
    """

    language: str
    documents: tuple[str, ...]
    source: str

    def __post_init__(self) -> None:
        for number, document in enumerate(self.documents, start=1):
            if found := foreign_character(document):
                where = f"document {number}, character {found[0] + 1}"
                raise UserError(f"{self.source}: {where} is {found[1]}", "remove it, or leave the language out")
        if not any(unicodedata.category(one) not in _UNSEEN and one not in _BLANK for one in chain(*self.documents)):
            raise UserError(f"{self.source} has no text", "add text, or leave the language out")

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 over the documents' lengths and UTF-8 bytes."""
        digest = hashlib.sha256()
        for document in self.documents:
            encoded = document.encode()
            digest.update(f"{len(encoded)}:".encode() + encoded)
        return digest.hexdigest()


_FOREIGN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff]")
_UNSEEN = ("Cc", "Cf", "Zs", "Zl", "Zp", "Mn", "Me")  # controls, zero width, spaces, marks on other characters
_BLANK = "\u115f\u1160\u2800\u3164\uffa0"


def foreign_character(document: str) -> tuple[int, str] | None:
    """The position of the first character that no text holds, and its name; None if there is none.

    These are control characters up to U+001F other than tab and line ends, which show that a file is in another
    encoding or no text, and surrogates, which no encoding can write.
    """
    found = _FOREIGN.search(document)
    kind = "control character" if found and found[0] < " " else "unpaired surrogate"
    return (found.start(), f"the {kind} U+{ord(found[0]):04X}") if found else None


@dataclass(frozen=True)
class CorpusIdentity:
    """Which text this is, and on what terms it may be read."""

    name: str
    version: str
    licence: str
    source: str


@dataclass(frozen=True)
class ModelIdentity:
    """Which weights these are. `revision` is `unpinned` where nobody could verify it."""

    name: str
    weights_sha256: str
    revision: str
    licence: str
    source: str


@dataclass(frozen=True)
class ModelShape:
    """What the size of a model follows from: `layers` blocks of attention and a feed-forward part.

    The latter is two matrices or, where it is `gated`, three. `tied`: the head is the table of embeddings.
    """

    layers: int
    hidden: int
    intermediate: int
    heads: int
    kv_heads: int
    head_dim: int
    vocabulary: int
    tied: bool = True
    gated: bool = True


@dataclass(frozen=True)
class Absence:
    """What is not on this machine yet, and how it gets here; `comes` where a run fetches it as the config asks."""

    what: str
    how: str
    comes: bool = False


@dataclass(frozen=True)
class WeightMatrix:
    """A linear layer's weight: `rows` outputs x `columns` inputs, fed by the distinct input `input`.

    `calls` are the places of those calls in a forward pass that read tokens; several where a block is used again.
    """

    name: str
    layer: int
    module: str
    rows: int
    columns: int
    input: str
    calls: tuple[int, ...] = (0,)

    @property
    def size(self) -> int:
        return self.rows * self.columns


def is_hidden(name: str) -> bool:
    """Whether this is a place of the residual stream, not the input of a linear layer."""
    return ":" in name


@dataclass(frozen=True)
class Layout:
    """The weight matrices of a model, in the order of the network, and what feeds each.

    `hidden` are the places of its residual stream, as if each were the input of a weight matrix with one row: layer 0
    is what the first block reads, layer k what block k − 1 gives. None where the residual stream was not found.
    """

    matrices: tuple[WeightMatrix, ...]
    hidden: tuple[WeightMatrix, ...] = ()

    @cached_property
    def inputs(self) -> dict[str, int]:
        """Every distinct input and its number of features."""
        return {matrix.input: matrix.columns for matrix in self.matrices}

    @cached_property
    def calls(self) -> dict[str, tuple[int, ...]]:
        """For every distinct input the calls of its layer that read tokens."""
        return {matrix.input: matrix.calls for matrix in self.matrices}


SUMMED = ("gram_diagonal", "mean", "positive", "hidden")
INVERSE = ("inverse_diagonal", "cholesky_diagonal")
"""The fields of `InputStatistics` that are sums over tokens, and those that need the inverse of a Gram matrix."""
_nothing = partial(np.empty, 0)


@dataclass(frozen=True)
class InputStatistics:
    """What one language did to one distinct linear input of n features, or to the residual stream in one place.

    With X the tokens x n inputs, G = XᵀX / tokens and H = G + λI, λ = `damping`. What no scorer of the run reads is
    empty; of the residual stream there is `hidden` alone. Sums are in float64.

    gram_diagonal : (n,), diag(G), undamped: the mean square of each feature
    inverse_diagonal : (n,), diag(H⁻¹)
    cholesky_diagonal : (n,), U_jj² with H⁻¹ = UᵀU, U upper triangular (the diagonal of SparseGPT's code)
    language, name : whose statistics these are, and of which input; empty while they are being made
    mean : (n,), of each feature over the tokens
    positive : (n,), the share of tokens at which it is above 0
    hidden : (n,), the mean of the residual stream over the tokens
    raised : λ where H could be factored only with more than `damping`; a scorer that reads of H finds it as `damping`
    """

    gram_diagonal: Float64 = field(default_factory=_nothing)
    inverse_diagonal: Float64 = field(default_factory=_nothing)
    cholesky_diagonal: Float64 = field(default_factory=_nothing)
    damping: float = 0.0
    tokens: int = 0
    language: str = ""
    name: str = ""
    mean: Float64 = field(default_factory=_nothing)
    positive: Float64 = field(default_factory=_nothing)
    hidden: Float64 = field(default_factory=_nothing)
    raised: float = 0.0


@dataclass(frozen=True)
class CellStatistics:
    """All distinct inputs of one cell (model x corpus x language)."""

    language: str
    tokens: int
    inputs: Mapping[str, InputStatistics]


@dataclass(frozen=True, eq=False)
class WeightSums:
    """A cell of a scorer that is not separable, in memory: `sums[matrix]` (rows, columns) over the text's tokens.

    `statistic` names what was summed, as the scorer does.
    """

    language: str
    tokens: int
    statistic: str
    sums: Mapping[str, NDArray[np.floating]]


Statistics = TypeVar("Statistics", CellStatistics, WeightSums)


@dataclass(frozen=True)
class Collected(Generic[Statistics]):
    """A cell's statistics, and one sentence for each input whose damping had to be raised."""

    statistics: Statistics
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class WeightStatistics:
    """The same cell on disk: `read(matrix, start, stop)` gives some rows, (stop - start, columns) float32."""

    language: str
    tokens: int
    read: Callable[[str, int, int], NDArray[np.float32]]


@dataclass(frozen=True, eq=False)
class DistanceMatrix:
    """Unique language `ids` and `values`, (n, n) float64, made read-only.

    Symmetric, zero on the diagonal, non-negative; a missing pair is NaN.
    """

    ids: tuple[str, ...]
    values: Float64

    def __post_init__(self) -> None:
        values = np.array(self.values, dtype=np.float64)
        ids = tuple(self.ids)
        if values.shape != (len(ids), len(ids)):
            raise NumericalError(f"a distance matrix of shape {values.shape} does not fit {len(ids)} ids")
        if len(set(ids)) != len(ids):
            repeated = sorted({identifier for identifier in ids if ids.count(identifier) > 1})
            raise NumericalError(f"ids appear twice in a distance matrix: {', '.join(repeated)}")
        if np.isinf(values).any() or (values < 0).any():
            raise NumericalError("a distance matrix has infinite or negative entries")
        if not np.array_equal(values, values.T, equal_nan=True):
            raise NumericalError("a distance matrix is not symmetric")
        if (np.diagonal(values) != 0).any():
            raise NumericalError("a distance matrix is not zero on its diagonal")
        values.setflags(write=False)
        object.__setattr__(self, "ids", ids)
        object.__setattr__(self, "values", values)

    @property
    def complete(self) -> bool:
        """Whether no pair is missing."""
        return not np.isnan(self.values).any()

    def lacking_pairs(self) -> tuple[str, ...]:
        """A small set of ids without which no pair is missing, the one with the most gaps first, of equals by id."""
        missing = np.isnan(self.values)
        found = []
        while missing.any():
            gaps = missing.sum(axis=1)
            worst = min(np.flatnonzero(gaps == gaps.max()).tolist(), key=self.ids.__getitem__)
            found.append(self.ids[worst])
            missing[worst, :] = missing[:, worst] = False
        return tuple(found)

    def require_complete(self, reader: str) -> None:
        """Raise NumericalError if a pair is missing, on behalf of a component that needs all."""
        if not self.complete:
            raise NumericalError(
                f"{reader} needs every pair of languages, and these lack some: {', '.join(self.lacking_pairs())}",
                "leave these languages out, or give every model and corpus text for them",
            )

    def moderate(self) -> DistanceMatrix:
        """The same distances times a power of two, the largest about 1, if squares of them may overflow or vanish.

        Else the matrix itself: with a largest distance of about 1e-12 to 1e12.
        """
        largest = float(np.nanmax(self.values, initial=0.0))
        if not largest or 2.0**-40 < largest < 2.0**40:
            return self
        return DistanceMatrix(self.ids, np.ldexp(self.values, -int(np.frexp(largest)[1])))

    def spread(self, ids: Sequence[str]) -> DistanceMatrix:
        """The matrix over all of the given ids, NaN for those that it lacks."""
        values = np.full((len(ids), len(ids)), np.nan)
        np.fill_diagonal(values, 0.0)
        rows = [ids.index(identifier) for identifier in self.ids]
        values[np.ix_(rows, rows)] = self.values
        return DistanceMatrix(tuple(ids), values)

    def subset(self, ids: Iterable[str]) -> DistanceMatrix:
        """The matrix of the given ids, in their order."""
        position = {identifier: index for index, identifier in enumerate(self.ids)}
        rows = [position[identifier] for identifier in ids]
        return DistanceMatrix(tuple(self.ids[row] for row in rows), self.values[np.ix_(rows, rows)])


@dataclass(frozen=True, eq=False)
class PartialDistances:
    """The sums over weight matrices, in the order of the network, that one model and corpus's distances are made of.

    `sums` (matrices, terms, languages, languages) float64 are as `Distance.partial` makes them; a matrix's `input` is
    empty where it is not known.
    """

    ids: tuple[str, ...]
    matrices: tuple[WeightMatrix, ...]
    sums: Float64


@dataclass(frozen=True, eq=False)
class RawMatrix:
    """A distance matrix as a file holds it: its languages are not looked up and its numbers are not checked yet.

    `names` are the languages as the file writes them, `values` (n, n) float64, NaN where it has no number. `name` is
    what the file calls this matrix, if it does. Of several the user gets the `default` one, unless another is chosen.
    """

    names: tuple[str, ...]
    values: Float64
    name: str = ""
    default: bool = False


@dataclass(frozen=True, eq=False)
class GivenMatrix:
    """Distances from a file, which replace those that a run would make.

    `format` is the name of its reader, `name` what the file calls the matrix. `notes` say which names were read as
    which languages, and how the numbers were changed. `scripts` are those of languages whose id has none.
    """

    file: Path
    sha256: str
    format: str
    name: str
    distances: DistanceMatrix
    notes: tuple[Incident, ...] = ()
    scripts: Mapping[str, str] = field(default_factory=dict)

    def described(self) -> dict[str, str]:
        """What run.json records of the file."""
        return {"file": str(self.file), "sha256": self.sha256, "format": self.format, "name": self.name}


def replicate_id(language: str, replicate: int) -> str:
    """The id of a replicate in a matrix of replicates: `deu/0`, `deu/1`."""
    return f"{language}/{replicate}"


def language_of_replicate(identifier: str) -> tuple[str, int]:
    """The language of an id that `replicate_id` made, and the number of the replicate."""
    language, _, replicate = identifier.rpartition("/")
    return language, int(replicate)


@dataclass(frozen=True, eq=False)
class Replicates:
    """Distances among the replicates of languages: disjoint pieces of each one's text, equal in windows.

    `languages` are the n that have all replicates, `count` is R, how many each has. `matrix` is over the ids `deu/0`,
    `deu/1`, … of each language in turn; NaN where a pair is missing.
    """

    languages: tuple[str, ...]
    count: int
    matrix: DistanceMatrix

    @classmethod
    def of(cls, matrix: DistanceMatrix) -> Replicates:
        """From a matrix over ids of `replicate_id`; a language that lacks a replicate is left out."""
        pieces = [language_of_replicate(identifier) for identifier in matrix.ids]
        count = 1 + max((number for _, number in pieces), default=-1)
        have = [language for language, _ in pieces]
        languages = tuple(one for one in dict.fromkeys(have) if have.count(one) == count)
        ids = [replicate_id(language, number) for language in languages for number in range(count)]
        return cls(languages, count, matrix.subset(ids))

    @property
    def values(self) -> Float64:
        """(n, R, n, R) distances of replicate r of a language to replicate s of another."""
        n = len(self.languages)
        return self.matrix.values.reshape(n, self.count, n, self.count)

    def subset(self, languages: Iterable[str]) -> Replicates:
        """The replicates of some languages, in their order."""
        chosen = tuple(languages)
        ids = [replicate_id(language, number) for language in chosen for number in range(self.count)]
        return Replicates(chosen, self.count, self.matrix.subset(ids))

    def between(self, numbers: Sequence[int]) -> Float64:
        """(n, n) mean distance of replicates r of a language to s of another (on the diagonal of itself), r ≠ s.

        Only replicates in `numbers` are read, at least two.
        """
        values = self.values
        pairs = [values[:, one, :, other] for one, other in combinations(numbers, 2)]
        mean: Float64 = np.mean([(pair + pair.T) / 2 for pair in pairs], axis=0)
        return mean

    def without(self, replicate: int) -> DistanceMatrix:
        """The distances of the languages from all replicates but one: the mean over pairs of different replicates.

        A replicate is not compared with the same one of another language, so that all entries come from one transform
        of all replicates, and what parallel texts share is not counted as likeness of languages. Where distances are
        squared Euclidean, each is in expectation that of the languages' means plus a constant of either language.
        Raises NumericalError if fewer than two replicates are left.
        """
        left = [number for number in range(self.count) if number != replicate]
        if len(left) < 2:
            raise NumericalError(f"{self.count} replicates are too few to leave one out", "measure three or more")
        distances = self.between(left)
        np.fill_diagonal(distances, 0.0)
        return DistanceMatrix(self.languages, distances)


@dataclass(frozen=True, eq=False)
class Embedding:
    """Languages as points: `coordinates` (n, axes) float64.

    `eigenvalues` are all n in falling order, or empty where the method has none; `notes` are figures worth reporting,
    such as `negative_mass`.
    """

    ids: tuple[str, ...]
    coordinates: Float64
    eigenvalues: Float64 = field(default_factory=lambda: np.empty(0))
    notes: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Clustering:
    """One grouping of the languages: `labels[i]` is the cluster of `ids[i]`, -1 is noise."""

    ids: tuple[str, ...]
    labels: NDArray[np.int64]
    clusterer: str
    level: str = ""
    k: int | None = None
    seed: int = 0


@dataclass(frozen=True)
class Metric:
    """One printed figure with its spread, its null and its n: a row of metrics.csv.

    `sd` is the spread over `seeds` clusterings or, where there is one, the standard error over languages;
    `null_mean`, `null_sd` and `p` come from shuffled labels (without a null, p is that of a difference);
    `ci_low`, `ci_high` bound the value over languages; `n` counts them. `extras` are the values of the additional
    columns that the evaluator's record declares.
    """

    evaluator: str
    metric: str
    value: float
    n: int
    clusterer: str = ""
    level: str = ""
    source: str = "run"
    sd: float | None = None
    seeds: int = 1
    null_mean: float | None = None
    null_sd: float | None = None
    p: float | None = None
    ci_low: float | None = None
    ci_high: float | None = None
    k: int | None = None
    extras: Mapping[str, float | None] = field(default_factory=dict, hash=False)

    @property
    def question(self) -> tuple[str, str, str, str]:
        """What it answers, whatever its source: evaluator, level, clusterer and metric."""
        return self.evaluator, self.level, self.clusterer, self.metric

    @property
    def row(self) -> dict[str, Any]:
        """The values of its row, the extras among them; an extra column that it does not fill is None."""
        own = {one.name: getattr(self, one.name) for one in fields(self) if one.name != "extras"}
        return defaultdict(lambda: None, own | dict(self.extras))

    @property
    def seed_variance(self) -> float:
        """Of a mean over independent seeds, sd² / seeds; 0 without seeds."""
        return (self.sd or 0.0) ** 2 / self.seeds if self.seeds > 1 else 0.0

    @property
    def spreads(self) -> tuple[float | None, float | None]:
        """Standard error over languages, None where halves all agree and measure none; deviation over seeds."""
        return (None, self.sd) if self.seeds > 1 else (self.sd or None, None)

    @property
    def interval(self) -> tuple[float, float] | None:
        """The 95 % interval over languages; None where halves of the languages all agree and measure none."""
        low, high = self.ci_low, self.ci_high
        return None if low is None or high is None or low >= high else (low, high)


@dataclass(frozen=True)
class Incident:
    """Something that did not go as configured, and what was done instead."""

    stage: str
    message: str


@dataclass(frozen=True, eq=False)
class NetworkParts:
    """The weight matrices behind the distances of an evaluation, and what the run would make of some of them.

    Parameters
    ----------
    models : the weight matrices of each model, in the order of the network
    distances : `distances(model, chosen)`, with `chosen` (matrices,) of which at least one is true: the distances over
        those matrices of the model, its corpora aggregated and transformed as the run's are. Files are read once
    judged : `judged(distances, seeds)`, what evaluators would be given of these distances: embedded and clustered as
        the run's are, with at most so many seeds of each clusterer whose number of clusters follows the classes, and
        without other clusterers
    """

    models: Mapping[str, tuple[WeightMatrix, ...]]
    distances: Callable[[str, NDArray[np.bool_]], DistanceMatrix]
    judged: Callable[[DistanceMatrix, int], Evaluation]


@dataclass(frozen=True)
class Evaluation:
    """What an evaluator is given.

    `labels[level][i]` is the class of `languages[i]`, or None where the policy leaves it out. `baselines` holds the
    distances of the run's baselines by name, which may have missing pairs and languages beside those evaluated; none
    where the distances are a baseline's own. Both are made `moderate`. `parts` is None where the distances are of no
    model. `replicates` are the distances among the replicates of these languages, None where `reliability.replicates`
    measured none.
    """

    languages: tuple[Language, ...]
    distances: DistanceMatrix
    embedding: Embedding
    clusterings: tuple[Clustering, ...]
    labels: Mapping[str, tuple[str | None, ...]]
    seed: int = 0
    baselines: Mapping[str, DistanceMatrix] = field(default_factory=dict)
    parts: NetworkParts | None = None
    replicates: Replicates | None = None

    def __post_init__(self) -> None:
        baselines = {name: matrix.moderate() for name, matrix in self.baselines.items()}
        object.__setattr__(self, "distances", self.distances.moderate())
        object.__setattr__(self, "baselines", baselines)


@dataclass(frozen=True)
class BaselineContext:
    """What a baseline is given: the languages, their texts, and what the tokenizers of the run's models make of them.

    Parameters
    ----------
    languages : those to measure
    documents : `documents(language)`, the texts in all corpora of the run in order; none for a language without text.
        Raises UnavailableError in a run that has no corpus
    tokens : for each model of the run `tokens[model](language, whole)`, (tokens,) int64 ids over all corpora in order,
        without special tokens: those that calibration reads, or with `whole` all of them. Empty in a run that has no
        model; nothing else of a model is here, and no weight is read
    passages : for each model of the run `passages[model](language)`, the text of each window that calibration reads,
        as the model's tokenizer gives it back
    replicates : the same of the replicates of each text, under their ids: all that they have is in their windows. None
        where the run has no replicates
    parallel : whether replicates with the same number are the same lines in all languages
    """

    languages: tuple[Language, ...]
    documents: Callable[[str], tuple[str, ...]]
    tokens: Mapping[str, Callable[[str, bool], NDArray[np.int64]]] = field(default_factory=dict)
    passages: Mapping[str, Callable[[str], tuple[str, ...]]] = field(default_factory=dict)
    replicates: BaselineContext | None = None
    parallel: bool = False

    def of_replicates(self) -> BaselineContext:
        """The context of the replicates; UnavailableError where there are none."""
        if self.replicates is None:
            raise UnavailableError("it reads replicates of texts, and this run has none: set reliability.replicates")
        return self.replicates
