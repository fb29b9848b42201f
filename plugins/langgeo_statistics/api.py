"""What other plugins may use: trees of distances, and their agreement with a known tree."""

from langgeo_statistics.trees import from_paths
from langgeo_statistics.trees_evaluator import TreeSample, tree_agreement

__all__ = ["TreeSample", "from_paths", "tree_agreement"]
