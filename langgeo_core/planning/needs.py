"""What calibration has to gather for a config: which statistics, and of which weight matrices."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from langgeo_core.config.resolved import ResolvedConfig
from langgeo_core.config.schema import PartsSettings
from langgeo_core.contract import records
from langgeo_core.contract.errors import UserError
from langgeo_core.contract.types import INVERSE, Layout, WeightMatrix
from langgeo_core.system.files import digest

Chosen = NDArray[np.bool_]
Matrices = Sequence[WeightMatrix]

NAMES = ("inputs", "hidden", "hidden-inputs", "inputs-inverse", "hidden-inputs-inverse")
KINDS = {name: frozenset(name.split("-")) for name in NAMES}
"""What a cell may hold, the poorer before the richer."""


@dataclass(frozen=True)
class Needs:
    """What is gathered of a text.

    Parameters
    ----------
    statistics : a value of `KINDS`. `inputs`: what is summed of each distinct input; `inverse`: and what is made of its
        Gram matrix; `hidden`: what is summed of the residual stream
    parts : of which of these
    """

    statistics: frozenset[str] = KINDS["inputs"]
    parts: PartsSettings = field(default_factory=PartsSettings)

    @classmethod
    def of(cls, config: ResolvedConfig) -> Needs:
        """What the scorer of a config reads, of the parts that its distances are summed over.

        It is the whole network where a threshold is taken over several weight matrices, or an evaluator asks for it.
        """
        if not config.choices["scorers"]:
            return cls()
        scorer = config.one("scorers").component
        read = scorer.statistics if isinstance(scorer, records.Scorer) else ()
        found = {"hidden" if name == "hidden" else "inputs" for name in read} or {"inputs"}
        if {*read} & {*INVERSE}:
            found |= {"inputs", "inverse"}
        evaluators = (chosen.component for chosen in config.choices["evaluators"])
        if config.one("quantizers").build().scope in ("layer", "global") or any(
            isinstance(one, records.Evaluator) and one.whole_network for one in evaluators
        ):
            return cls(frozenset(found))
        return cls(frozenset(found), config.settings.parts)

    def __or__(self, other: Needs) -> Needs:
        """What serves both."""
        return Needs(self.statistics | other.statistics, self.parts if self.parts == other.parts else PartsSettings())

    @property
    def whole(self) -> Needs:
        """The same statistics of the whole network."""
        return replace(self, parts=PartsSettings())

    @property
    def suffixes(self) -> tuple[str, ...]:
        """What the addresses of cells end with that serve these needs: a cell of just these first, the richest last."""
        kinds = [name for name, kind in KINDS.items() if kind >= self.statistics]
        own = "" if self == self.whole else f"-{digest(self.parts.model_dump(mode='json'))[:12]}"
        return tuple(f"-{kind}{parts}" for kind in kinds for parts in dict.fromkeys((own, "")))

    def layout(self, model: str, layout: Layout) -> Layout:
        """The weight matrices whose inputs are measured, and as such the residual stream, of all that a model has.

        Raises
        ------
        UserError
            If there are none, or the residual stream was not found.
        """
        if "hidden" in self.statistics and not layout.hidden:
            message = f"no residual stream was found in {model}: its blocks do not hand on a row for each token"
            raise UserError(message, "choose a scorer that reads the inputs of linear layers")
        kinds = [("inputs", layout.matrices), ("hidden", layout.hidden)]
        every = [matrices for kind, matrices in kinds if kind in self.statistics]
        masks = [taking_part(matrices, self.parts) for matrices in every]
        found = [one for pair in zip(every, masks, strict=True) for one, taken in zip(*pair, strict=True) if taken]
        if not found:
            check_parts(self.parts, {model: every[0]})
        return Layout(tuple(found))


def taking_part(matrices: Matrices, parts: PartsSettings) -> Chosen:
    """(matrices,) which of a model's weight matrices `parts` names; all where it names none."""
    chosen = np.ones(len(matrices), dtype=bool)
    if parts.layers:
        chosen &= np.any([_in_layers(matrices, written) for written in parts.layers], axis=0)
    if parts.modules:
        chosen &= np.any([_in_module(matrices, written) for written in parts.modules], axis=0)
    return chosen


def check_parts(parts: PartsSettings, models: Mapping[str, Matrices]) -> None:
    """Refuse parts that are in no model, and models that have none of the parts.

    Parameters
    ----------
    models : the weight matrices of each model by its name

    Raises
    ------
    UserError
        Naming what there is.
    """
    asked = [("layers", written, _in_layers) for written in parts.layers]
    asked += [("modules", written, _in_module) for written in parts.modules]
    for key, written, within in asked:
        if models and not any(within(matrices, written).any() for matrices in models.values()):
            known = "; ".join(f"{name} has {_what_there_is(matrices)}" for name, matrices in models.items())
            raise UserError(f"parts.{key}: no weight matrix is in {written!r}", known)
    for name, matrices in models.items():
        if not taking_part(matrices, parts).any():
            raise UserError(f"parts: no weight matrix of {name} is in them", f"it has {_what_there_is(matrices)}")


def depths(matrices: Matrices) -> dict[int, float]:
    """Where the middle of each layer lies between the first layer's start, 0, and the last one's end, 1."""
    layers = sorted({matrix.layer for matrix in matrices})
    return {layer: (place + 0.5) / len(layers) for place, layer in enumerate(layers)}


def _in_layers(matrices: Matrices, written: str) -> Chosen:
    low, _, high = written.partition("-")
    if "." in written:
        middle = depths(matrices)
        return np.array([float(low) <= middle[matrix.layer] < float(high) for matrix in matrices])
    return np.array([int(low) <= matrix.layer <= int(high or low) for matrix in matrices])


def _in_module(matrices: Matrices, written: str) -> Chosen:
    return np.array([f".{matrix.module}".endswith(f".{written}") for matrix in matrices])


def _what_there_is(matrices: Matrices) -> str:
    layers = [matrix.layer for matrix in matrices]
    modules = ", ".join(dict.fromkeys(matrix.module for matrix in matrices))
    return f"layers {min(layers)} to {max(layers)} and modules {modules}"
