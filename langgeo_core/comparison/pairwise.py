"""From statistics to distances, one weight matrix at a time: score, quantize, compare, add up.

Two roads lead there. Scores of the form w_ij² · g_j have signatures a column at a time, which are made of a whole
matrix at once. All other signatures have an entry for each weight; they are made and compared some rows at a time, so
that memory depends neither on the number of languages nor on the size of a matrix. Both give the same distances where
both can be taken.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any, Self, TypeVar

import numpy as np
from numpy.typing import NDArray

from langgeo_core.comparison.weight_matrices import distances_of, finished
from langgeo_core.config.resolved import ResolvedConfig
from langgeo_core.config.schema import PartsSettings
from langgeo_core.contract.errors import NumericalError, UserError
from langgeo_core.contract.protocols import (
    Distance,
    PerWeightScorer,
    Quantizer,
    Scope,
    Scorer,
    WeightlessScorer,
    WeightReader,
)
from langgeo_core.contract.signatures import (
    COMPACT,
    DeferredScores,
    KeptCounts,
    PackedBits,
    PerWeightScores,
    Scores,
    Signature,
    in_words,
)
from langgeo_core.contract.types import CellStatistics, Layout, WeightMatrix, WeightStatistics
from langgeo_core.planning.needs import taking_part
from langgeo_core.planning.plan import per_weight_scorer

Float32 = NDArray[np.float32]
Float64 = NDArray[np.float64]
Cell = CellStatistics | WeightStatistics
Kind = TypeVar("Kind", CellStatistics, WeightStatistics)

HELD_BYTES = 2 * 2**30
"""What the weights of one scope may take with their sorted copies, to be read once: a decoder block of a 7B model."""
BLOCK_BYTES = 256 * 2**20
"""What eight bytes for each weight and language of one block of rows may take: its scores in float64."""


@dataclass(frozen=True, eq=False)
class Comparison:
    """All pairs of languages of one model and corpus.

    Parameters
    ----------
    ids : the languages compared
    matrices : the weight matrices, in the order of the network
    partials : (matrices, terms, languages, languages) float64; none where they were not to be kept
    kept : (matrices, languages) share of weights kept; NaN where signatures are not bits
    distances : (languages, languages) float64, over the matrices that take part
    """

    ids: tuple[str, ...]
    matrices: tuple[WeightMatrix, ...]
    partials: Float64
    kept: Float64
    distances: Float64


@dataclass(frozen=True)
class Recipe:
    """The three components that make distances of statistics, and the weight matrices that these are summed over.

    `device` is the torch device that separable scores may be counted on, None the processor without torch.
    """

    scorer: Scorer | PerWeightScorer
    quantizer: Quantizer
    distance: Distance
    parts: PartsSettings = field(default_factory=PartsSettings)
    device: str | None = None

    @classmethod
    def of(cls, config: ResolvedConfig) -> Self:
        """The components that a config names, built."""
        scorer = per_weight_scorer(config) or config.one("scorers").build()
        quantizer, distance = config.one("quantizers").build(), config.one("distances").build()
        device = counting_device(config.settings.calibration.device)
        return cls(scorer, quantizer, distance, config.settings.parts, device)

    @property
    def separable(self) -> bool:
        """Whether scores are w_ij² · g_j, made of a cell's diagonals."""
        return not isinstance(self.scorer, PerWeightScorer)

    @property
    def form(self) -> type[Signature]:
        """The signature that they meet in; see `choose_form`."""
        return choose_form(self.quantizer, self.distance, self.separable)


def counting_device(wanted: str) -> str | None:
    """The card that `calibration.device` names, if it is there: counts are the same integers without one."""
    if wanted == "cpu":
        return None
    import torch

    device = torch.device("cuda" if wanted == "auto" else wanted)
    there = device.type == "cuda" and (device.index or 0) < torch.cuda.device_count()
    return f"cuda:{device.index or 0}" if there else None


def choose_form(quantizer: Quantizer, distance: Distance, separable: bool = True) -> type[Signature]:
    """The most compact signature that the quantizer makes and the distance reads.

    Signatures a column at a time are left out where they would be wrong: of scores that are not separable, and under
    the scope `row`.

    Raises
    ------
    UserError
        If there is none.
    """
    readable = distance.forms()
    columnwise = separable and quantizer.scope != "row"
    made = [form for form in quantizer.forms() if columnwise or form not in COMPACT]
    for form in made:
        if form in readable:
            return form
    names = in_words(made)
    if len(made) < len(quantizer.forms()):
        names += " under the scope row" if separable else " of a scorer that is not separable"
    message = f"the quantizer makes {names}, the distance reads {in_words(readable)}"
    raise UserError(message, "choose a quantizer and a distance that fit")


def compare(
    cells: Iterable[Cell],
    layout: Layout,
    weights: WeightReader,
    recipe: Recipe,
    form: type[Signature] | None = None,
    advance: Callable[[], None] = lambda: None,
    keep: bool = True,
) -> Comparison:
    """Distances between the cells of one model and corpus.

    Weight matrices are scored and compared one scope at a time; only the sums stay in memory. Those of a scope that
    is too large to be held are read for every look at them, one at a time. `form` forces a signature, `advance` is
    called after every matrix. Without `keep` the sums of single matrices are not in memory, only those over all.
    """
    chosen, matrices = form or recipe.form, layout.matrices
    scoring = Scoring(cells, weights, recipe.scorer, recipe.device)
    partials, shares, total = [], [], np.zeros(())
    taking = dict(zip(matrices, taking_part(matrices, recipe.parts), strict=True))
    for group in scopes(layout, recipe.quantizer.scope):
        scored = scoring.of(group)
        fitted = None if recipe.quantizer.scope == "row" else recipe.quantizer.fit(scored)
        for scores in scored:
            partial, kept = _compared(scores if chosen in COMPACT else scores.held(), fitted, recipe, chosen)
            if keep:
                partials.append(partial)
            else:
                total = total + partial * taking[scores.matrix]
            shares.append(kept)
            advance()
    summed = np.stack(partials) if keep else np.empty((0, *np.shape(total)))
    if keep:
        distances = distances_of(summed, matrices, recipe.distance, np.array(list(taking.values())))
    else:
        distances = finished(total, recipe.distance, sum(one.size for one, taken in taking.items() if taken))
    return Comparison(scoring.languages, matrices, summed, np.stack(shares), distances)


def _compared(scores: Scores, fitted: Any, recipe: Recipe, form: type[Signature]) -> tuple[Float64, Float64]:
    """The partials of one weight matrix and the shares kept of it, whole or added up over blocks of its rows.

    Under the scope `row` each block is fitted. Shares are NaN where signatures are not bits.
    """
    quantizer = recipe.quantizer
    partials: Float64 = np.zeros(())
    shares: Float64 = np.zeros(())
    for part in (scores,) if form in COMPACT else blocks(scores):
        own = quantizer.fit([part]) if quantizer.scope == "row" else fitted
        signature = quantizer.encode(part, own, form)
        partial = recipe.distance.partial(signature)
        kept = np.full(partial.shape[-1], np.nan)
        if isinstance(signature, KeptCounts | PackedBits):
            kept = signature.kept_share
        partials = partials + partial
        shares = shares + part.matrix.size / scores.matrix.size * kept
    return partials, shares


def blocks(scores: Scores) -> Iterator[Scores]:
    """The scores some rows at a time, as many as `BLOCK_BYTES` allow of all languages, and at least one."""
    matrix = scores.matrix
    rows = max(1, BLOCK_BYTES // (8 * scores.languages * matrix.columns))
    for start in range(0, matrix.rows, rows):
        yield scores.block(start, min(start + rows, matrix.rows))


def scopes(layout: Layout, scope: Scope) -> Iterator[tuple[WeightMatrix, ...]]:
    """The matrices whose thresholds are taken together; under the scope `row` each is on its own."""
    if scope == "global":
        yield layout.matrices
    elif scope == "layer":
        for _, group in groupby(layout.matrices, key=lambda matrix: matrix.layer):
            yield tuple(group)
    else:
        for matrix in layout.matrices:
            yield (matrix,)


class Scoring:
    """The scores of all languages for one weight matrix after another.

    Of cells with diagonals only g of each language is kept, in float32.

    Parameters
    ----------
    cells : looked at one by one, and only once
    device : the torch device that separable scores may be counted on, or None
    """

    def __init__(
        self, cells: Iterable[Cell], weights: WeightReader, scorer: Scorer | PerWeightScorer, device: str | None = None
    ) -> None:
        self.weights, self.scorer, self.device = weights, scorer, device
        self.per_weight: list[WeightStatistics] = []
        factors: dict[str, list[Float32]] = {}
        ids = []
        for cell in cells:
            ids.append(cell.language)
            if isinstance(scorer, PerWeightScorer):
                self.per_weight.append(_of_kind(WeightStatistics, cell))
                continue
            for name, statistics in _of_kind(CellStatistics, cell).inputs.items():
                factors.setdefault(name, []).append(scorer.feature_scores(statistics).astype(np.float32))
        self.languages = tuple(ids)
        self.factors = {name: np.stack(factors.pop(name)) for name in list(factors)}

    def of(self, group: Sequence[WeightMatrix]) -> list[Scores]:
        """The scores for weight matrices whose thresholds are taken together.

        Where all of them fit into `HELD_BYTES` they are read once, otherwise whenever they are looked at.
        """
        if isinstance(self.scorer, PerWeightScorer):
            recent = _Recent(self.weights)
            return [_per_weight(matrix, self.per_weight, recent, self.scorer) for matrix in group]
        deferred = [self._deferred(matrix) for matrix in group]
        held = sum(2 * 4 * matrix.size for matrix in group) <= HELD_BYTES
        return [scores.held() if held else scores for scores in deferred]

    def _deferred(self, matrix: WeightMatrix) -> DeferredScores:
        found = self.factors.get(matrix.input, np.empty((0, 0), np.float32))
        if found.shape[-1] != matrix.columns:
            message = f"{type(self.scorer).__name__} gives {found.shape[-1]} scores for the {matrix.columns} of"
            hint = "the record of a scorer must name all `statistics` that it reads; please report it to its author"
            raise NumericalError(f"{message} {matrix.input}", hint)
        weightless = isinstance(self.scorer, WeightlessScorer) and not self.scorer.uses_weights

        def read() -> Float32:
            return np.ones((matrix.rows, matrix.columns), np.float32) if weightless else _read(matrix, self.weights)

        return DeferredScores(matrix, read, found, self.device)


class _Recent:
    """A reader that keeps what it read last, as many weight matrices as fit into `HELD_BYTES`, and at least one."""

    def __init__(self, weights: WeightReader) -> None:
        self.weights = weights
        self.held: dict[str, Float32] = {}

    def read(self, name: str) -> Float32:
        """See `WeightReader.read`."""
        if name not in self.held:
            values = self.weights.read(name)
            while self.held and values.nbytes + sum(one.nbytes for one in self.held.values()) > HELD_BYTES:
                del self.held[next(iter(self.held))]
            self.held[name] = values
        return self.held[name]


def _per_weight(
    matrix: WeightMatrix, cells: Sequence[WeightStatistics], weights: WeightReader, scorer: PerWeightScorer
) -> PerWeightScores:
    """Scores that are made when they are read; of the weight matrix itself there is one copy for all languages."""
    least = -np.inf if getattr(scorer, "signed", False) else 0.0

    def read(language: int, start: int, stop: int) -> Float32:
        cell = cells[language]
        found = scorer.scores(cell.read(matrix.name, start, stop), _read(matrix, weights)[start:stop], cell.tokens)
        if found.shape != (stop - start, matrix.columns) or not (found >= least).all():
            raise NumericalError(
                f"{type(scorer).__name__} gives no score of every weight of {matrix.name} for {cell.language}: "
                "scores are numbers, not negative unless the scorer is `signed`, as many as there are weights"
            )
        return np.asarray(found, dtype=np.float32)

    return PerWeightScores(matrix, len(cells), read)


def _of_kind(kind: type[Kind], cell: Cell) -> Kind:
    if not isinstance(cell, kind):
        raise UserError("the cells are those of another scorer", "run again from the stage calibrate")
    return cell


def _read(matrix: WeightMatrix, weights: WeightReader) -> Float32:
    values = weights.read(matrix.name)
    if values.shape != (matrix.rows, matrix.columns):
        raise UserError(
            f"{matrix.name} has shape {values.shape} in the checkpoint, {(matrix.rows, matrix.columns)} in the network"
        )
    return values
