"""What other plugins may use: trees of distances with their support, and figures on subsets of the languages."""

from langgeo_statistics.language_subsets import SubsetEvaluator, among, values_on
from langgeo_statistics.quartets import generalised_quartet_distance, triplet_agreement
from langgeo_statistics.reliability import rank_correlation
from langgeo_statistics.support import support
from langgeo_statistics.trees import from_lineages, from_paths, neighbour_joining, upgma, ward
from langgeo_statistics.trees_evaluator import TreeSample, tree_agreement

__all__ = [
    "SubsetEvaluator",
    "TreeSample",
    "among",
    "from_lineages",
    "from_paths",
    "generalised_quartet_distance",
    "neighbour_joining",
    "rank_correlation",
    "support",
    "tree_agreement",
    "triplet_agreement",
    "upgma",
    "values_on",
    "ward",
]
