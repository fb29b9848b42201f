"""The shape of a model, and the numbers of weights, features and bytes that follow from it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Protocol, runtime_checkable

from pydantic import Field

from langgeo_core.api import (
    Catalog,
    ConfigError,
    Footprint,
    Layout,
    ModelShape,
    Needs,
    Options,
    UserError,
    WeightMatrix,
    build,
)

ITEMSIZE = {"bfloat16": 2, "float32": 4, "float64": 8}
LIVE_ROWS = 6
"""How many tensors of a batch live in a block at once in one pass, as wide as the widest input; measured."""


@runtime_checkable
class ShapedModel(Protocol):
    """A model of a known architecture, for predictions of time and memory."""

    def shape(self) -> ModelShape | None:
        """None where it cannot be read on this machine; downloads and converts nothing."""


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


def facts_of(names: tuple[str, ...], catalog: Catalog) -> Known | None:
    """What registry.yaml says of the first of these names that it has under `model_facts`.

    Raises
    ------
    ConfigError
        If the entry has unknown keys or wrong values.
    """
    name = next((name for name in names if name in catalog.model_facts), None)
    if name is None:
        return None
    found, problems = build(Facts, catalog.model_facts[name], f"model_facts.{name}", "key")
    if found is None:
        raise ConfigError(problems)
    return Known(ModelShape(**found.model_dump(exclude={"download"})), "registry.yaml", round(found.download * 1e9))


def block_inputs(shape: ModelShape) -> tuple[int, int, int, int]:
    """Features of the distinct inputs of a block: of queries, of the output projection, of the feed-forward part, of
    its second half.
    """
    return shape.hidden, shape.heads * shape.head_dim, shape.hidden, shape.intermediate


def block_matrices(shape: ModelShape) -> tuple[tuple[int, int], ...]:
    """(rows, columns) of the weight matrices of a block."""
    queries, pairs = shape.heads * shape.head_dim, shape.kv_heads * shape.head_dim
    wide = ((shape.intermediate, shape.hidden),) * (2 if shape.gated else 1)
    attention = ((queries, shape.hidden), (pairs, shape.hidden), (pairs, shape.hidden), (shape.hidden, queries))
    return *attention, *wide, (shape.hidden, shape.intermediate)


def block_weights(shape: ModelShape) -> int:
    """Weights of the linear layers of a block."""
    return sum(rows * columns for rows, columns in block_matrices(shape))


def linear_weights(shape: ModelShape) -> int:
    """Weights of all linear layers: those that are compared."""
    return shape.layers * block_weights(shape)


def network_weights(shape: ModelShape, head: bool = False) -> int:
    """Weights of the network, with its head where this is no copy of the embeddings."""
    tables = 2 if head and not shape.tied else 1
    return linear_weights(shape) + tables * shape.vocabulary * shape.hidden


def features(shape: ModelShape) -> int:
    """Features of all distinct inputs."""
    return shape.layers * sum(block_inputs(shape))


def sum_itemsize(dtype: str) -> int:
    """Bytes of a number of a Gram matrix."""
    return 8 if dtype == "float64" else 4


def footprint_of(shape: ModelShape, dtype: str) -> Footprint:
    """The footprint that `calibration.modes.footprint` finds in an outline of such a network, but for norms."""
    itemsize, widths = ITEMSIZE[dtype], tuple(columns for _, columns in block_matrices(shape))
    block, outside = block_weights(shape) * itemsize, shape.vocabulary * shape.hidden * itemsize
    return Footprint(
        weights=outside + shape.layers * block,
        block=block,
        outside=outside,
        widths=shape.layers * widths,
        block_widths=widths,
        number=sum_itemsize(dtype),
        state=shape.hidden * itemsize,
        working=Footprint.LIVE_ROWS * max(block_inputs(shape)) * itemsize,
    )


@dataclass(frozen=True)
class Gathered:
    """What calibration gathers of a model: whether inverses of Gram matrices, up to which layer, and of how many.

    The last two are shares of all layers.
    """

    inverse: bool = True
    reached: float = 1.0
    measured: float = 1.0

    @classmethod
    def of(cls, shape: ModelShape, needs: Needs) -> Gathered:
        """For the layers that `needs.parts` names; modules are not told apart."""
        matrices = tuple(WeightMatrix("", layer, "", 1, 1, "") for layer in range(shape.layers))
        parts = needs.parts.model_copy(update={"modules": ()})
        try:
            found = replace(needs, statistics=frozenset({"inputs"}), parts=parts).layout("", Layout(matrices)).matrices
        except UserError:  # it has none of them, which the run says
            return cls("inverse" in needs.statistics)
        reached, measured = max(matrix.layer for matrix in found) + 1, len(found)
        return cls("inverse" in needs.statistics, reached / shape.layers, measured / shape.layers)


def statistics_bytes(shape: ModelShape, dtype: str, per_weight: bool, gathered: Gathered | None = None) -> int:
    """The files of one cell: sums and diagonals of every distinct input, or a number for each weight.

    Each tensor has some 120 bytes of a header.
    """
    if per_weight:
        return 4 * linear_weights(shape) + 120 * shape.layers * len(block_matrices(shape))
    what = gathered or Gathered()
    inputs, tensors = 4 * shape.layers, 6 if what.inverse else 4
    numbers = 3 * 8 + 2 * sum_itemsize(dtype) * what.inverse
    return round(what.measured * (numbers * features(shape) + inputs * (16 + tensors * 120))) + 500
