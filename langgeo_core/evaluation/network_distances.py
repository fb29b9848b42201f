"""The distances of a run over some of its weight matrices, from the sums that its folder keeps."""

from __future__ import annotations

import logging
from functools import cache

import numpy as np
from numpy.typing import NDArray

from langgeo_core.comparison.transforms import reader_of_replicates, transformed
from langgeo_core.comparison.weight_matrices import distances_of
from langgeo_core.contract.protocols import Aggregator, Distance, SelectiveAggregator
from langgeo_core.contract.types import DistanceMatrix, NetworkParts
from langgeo_core.evaluation.clustering import evaluation_of
from langgeo_core.planning.plan import Plan
from langgeo_core.storage.run_folder import Run


def network_parts(run: Run, plan: Plan) -> NetworkParts | None:
    """What evaluators may ask of parts of a run's networks; None if its distances come from a file or replicates."""
    if plan.matrix or reader_of_replicates(plan.config.choices["transforms"]):
        replicates = "the first transform reads replicates, of which no sums of weight matrices are kept"
        why = "distances of a file" if plan.matrix else replicates
        logging.getLogger("langgeo").info("no figures over parts of the networks: %s", why)
        return None
    distance: Distance = plan.config.one("distances").build()
    ids, read = run.distances.ids, cache(run.partial_distances)

    def distances(model: str, chosen: NDArray[np.bool_]) -> DistanceMatrix:
        """As `NetworkParts.distances`; over the run's languages, NaN for those that the model lacks."""
        matrices = {}
        for name, corpus in run.weight_matrices:
            if name == model:
                sums = read(model, corpus)
                own = DistanceMatrix(sums.ids, distances_of(sums.sums, sums.matrices, distance, chosen))
                everyone = tuple(dict.fromkeys((*ids, *sums.ids)))
                matrices[f"{model}--{corpus}"] = own.spread(everyone).subset(ids)
        aggregator: Aggregator = plan.config.one("aggregators").build()
        if isinstance(aggregator, SelectiveAggregator):
            aggregator = aggregator.among(matrices)
        log = logging.getLogger("langgeo")
        level = log.level
        log.setLevel(logging.WARNING)  # run.log is about the run's own distances, not about thousands of parts
        try:
            return transformed(plan.config.choices["transforms"], aggregator.aggregate(matrices), run.languages)
        finally:
            log.setLevel(level)

    models = {model: matrices for (model, _), matrices in run.weight_matrices.items()}
    return NetworkParts(models, distances, lambda found, seeds: evaluation_of(plan, found, seeds))
