"""The values that pass between stages. Each checks itself once, so that nobody else has to."""

from langgeo_core.contract.types.arrays import Float64
from langgeo_core.contract.types.distances import (
    DistanceMatrix,
    PartialDistances,
    RawMatrix,
    Replicates,
    language_of_replicate,
    replicate_id,
)
from langgeo_core.contract.types.given import BaselineContext, Evaluation, NetworkParts
from langgeo_core.contract.types.languages import CorpusIdentity, Language, Text
from langgeo_core.contract.types.models import Absence, Layout, ModelIdentity, ModelShape, WeightMatrix
from langgeo_core.contract.types.results import Clustering, Embedding, Incident, Metric
from langgeo_core.contract.types.statistics import CellStatistics, InputStatistics, WeightStatistics, WeightSums

__all__ = [
    "Absence",
    "BaselineContext",
    "CellStatistics",
    "Clustering",
    "CorpusIdentity",
    "DistanceMatrix",
    "Embedding",
    "Evaluation",
    "Float64",
    "Incident",
    "InputStatistics",
    "Language",
    "Layout",
    "Metric",
    "ModelIdentity",
    "ModelShape",
    "NetworkParts",
    "PartialDistances",
    "RawMatrix",
    "Replicates",
    "Text",
    "WeightMatrix",
    "WeightStatistics",
    "WeightSums",
    "language_of_replicate",
    "replicate_id",
]
