"""Models: which weights, of what shape, and in what order."""

from __future__ import annotations

from dataclasses import dataclass


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
    """A linear layer's weight: `rows` outputs x `columns` inputs, fed by the distinct input `input`."""

    name: str
    layer: int
    module: str
    rows: int
    columns: int
    input: str

    @property
    def size(self) -> int:
        return self.rows * self.columns


@dataclass(frozen=True)
class Layout:
    """The weight matrices of a model, in the order of the network, and what feeds each."""

    matrices: tuple[WeightMatrix, ...]

    @property
    def inputs(self) -> dict[str, int]:
        """Every distinct input and its number of features."""
        return {matrix.input: matrix.columns for matrix in self.matrices}
