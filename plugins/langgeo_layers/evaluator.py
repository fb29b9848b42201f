"""The evaluator `layers`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from langgeo_core.api import Evaluation, Language, Metric, NetworkParts, UserError
from langgeo_inference.api import FEWEST
from langgeo_labels.api import labelled
from langgeo_layers.curve import Network, alone, losses, portions, values_alone, whole
from langgeo_layers.greedy import choosing_figures
from langgeo_layers.options import LayersOptions


class Layers:
    """The agreement of each layer, module and range of depth with the classes, from the sums that a run keeps.

    Always of the whole network, also if `parts` of the config restricts the run's distances to some of it. Distances
    of no model, such as a baseline's, have no rows.
    """

    def __init__(self, options: LayersOptions) -> None:
        self._options = options

    def labels(self, languages: Sequence[Language]) -> dict[str, tuple[str | None, ...]]:
        """None of its own: the classes are those of the run's other evaluators."""
        return {}

    def evaluate(self, evaluation: Evaluation) -> list[Metric]:
        """The figures of every portion of every model.

        Raises
        ------
        UserError
            If a chosen level does not exist.
        """
        if evaluation.parts is None:
            return []
        levels = self._levels(evaluation)
        several = len(evaluation.parts.models) > 1
        return [
            metric
            for model in evaluation.parts.models
            if (network := _network(evaluation, evaluation.parts, model, levels, several)) is not None
            for metric in self._figures(network, evaluation)
        ]

    def values_on(
        self, evaluation: Evaluation, subsets: Sequence[Sequence[str]]
    ) -> dict[tuple[str, str, str, str], NDArray[np.float64]]:
        """None: another run or a baseline may not have the same layers."""
        return {}

    def _levels(self, evaluation: Evaluation) -> tuple[str, ...]:
        unknown = [level for level in self._options.levels if level not in evaluation.labels]
        if unknown:
            raise UserError(
                f"the evaluator layers has no classes of the level {', '.join(unknown)}",
                f"existing levels: {', '.join(evaluation.labels) or 'none'}; add an evaluator that has it",
            )
        return self._options.levels or tuple(evaluation.labels)

    def _figures(self, network: Network, given: Evaluation) -> Iterator[Metric]:
        options, matrices = self._options, network.parts.models[network.model]
        yield from alone(network, whole(matrices), options)
        for kind in options.kinds:
            found = portions(matrices, kind, options.ranges)
            if kind == "matrices":
                yield from values_alone(network, found, options)
                continue
            for portion in found:
                yield from alone(network, portion, options)
            if kind != "depths":
                yield from losses(network, found, options, given.seed)
        for unit in options.greedy if options.splits else ():
            yield from choosing_figures(network, portions(matrices, unit, options.ranges), unit, options, given.seed)


def _network(
    evaluation: Evaluation, parts: NetworkParts, model: str, levels: tuple[str, ...], several: bool
) -> Network | None:
    """The model over the languages without a missing pair; None where these are too few."""
    distances = parts.distances(model, whole(parts.models[model]).chosen)
    present = [identifier for identifier in distances.ids if identifier in set(evaluation.distances.ids)]
    lacking = distances.subset(present).lacking_pairs()
    ids = tuple(sorted(identifier for identifier in present if identifier not in lacking))
    known = {level: labelled(evaluation, level) for level in levels}
    classes = {level: {one: found[one] for one in ids if one in found} for level, found in known.items()}
    return Network(parts, model, ids, classes, f"{model}/" if several else "") if len(ids) >= FEWEST else None
