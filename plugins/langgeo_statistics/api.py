"""What other plugins may use: trees of distances, their support, and their agreement with a known tree."""

from langgeo_statistics.quartets import generalised_quartet_distance, triplet_agreement
from langgeo_statistics.support import support
from langgeo_statistics.trees import from_lineages, from_paths, neighbour_joining, upgma, ward
from langgeo_statistics.trees_evaluator import TreeSample, tree_agreement

__all__ = [
    "TreeSample",
    "from_lineages",
    "from_paths",
    "generalised_quartet_distance",
    "neighbour_joining",
    "support",
    "tree_agreement",
    "triplet_agreement",
    "upgma",
    "ward",
]
