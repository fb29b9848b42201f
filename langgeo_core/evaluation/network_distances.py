"""The distances of a run over some of its weight matrices, from the sums that its folder keeps."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

import numpy as np
from numpy.typing import NDArray

from langgeo_core.comparison.transforms import transformed
from langgeo_core.comparison.weight_matrices import distances_of
from langgeo_core.contract.protocols import Aggregator, Distance, SelectiveAggregator
from langgeo_core.contract.types import DistanceMatrix, Evaluation, NetworkParts, PartialDistances, WeightMatrix
from langgeo_core.evaluation.clustering import evaluation_of
from langgeo_core.planning.plan import Plan
from langgeo_core.storage.run_folder import Run


def network_parts(run: Run, plan: Plan) -> NetworkParts | None:
    """What evaluators may ask of the parts of a run's networks; None where its distances come from a file."""
    if plan.matrix:
        return None
    stored = _Stored(run, plan)
    return NetworkParts(stored.models, stored.distances, stored.judged)


class _Stored:
    """The sums of a run, and the components that made distances of them."""

    def __init__(self, run: Run, plan: Plan) -> None:
        self._run, self._plan = run, plan
        self._distance: Distance = plan.config.one("distances").build()
        self._ids = run.distances.ids
        self._read = cache(run.partial_distances)
        self.models: dict[str, tuple[WeightMatrix, ...]] = {
            model: matrices for (model, _), matrices in run.weight_matrices.items()
        }

    def distances(self, model: str, chosen: NDArray[np.bool_]) -> DistanceMatrix:
        """As `NetworkParts.distances`; over the run's languages, NaN for those that the model lacks."""
        config = self._plan.config
        matrices = {
            name: self._of(sums, chosen).spread(self._all(sums)).subset(self._ids) for name, sums in self._sums(model)
        }
        aggregator: Aggregator = config.one("aggregators").build()
        if isinstance(aggregator, SelectiveAggregator):
            aggregator = aggregator.among(matrices)
        with _without_notes():
            return transformed(config.choices["transforms"], aggregator.aggregate(matrices), self._run.languages)

    def judged(self, distances: DistanceMatrix, seeds: int) -> Evaluation:
        """As `NetworkParts.judged`."""
        return evaluation_of(self._plan, distances, seeds)

    def _sums(self, model: str) -> Iterator[tuple[str, PartialDistances]]:
        for name, corpus in self._run.weight_matrices:
            if name == model:
                yield f"{model}--{corpus}", self._read(model, corpus)

    def _all(self, sums: PartialDistances) -> tuple[str, ...]:
        return tuple(dict.fromkeys((*self._ids, *sums.ids)))

    def _of(self, sums: PartialDistances, chosen: NDArray[np.bool_]) -> DistanceMatrix:
        return DistanceMatrix(sums.ids, distances_of(sums.sums, sums.matrices, self._distance, chosen))


@contextmanager
def _without_notes() -> Iterator[None]:
    """What components write to run.log is of the run's own distances, not of thousands of parts."""
    log = logging.getLogger("langgeo")
    level = log.level
    log.setLevel(logging.WARNING)
    try:
        yield
    finally:
        log.setLevel(level)
