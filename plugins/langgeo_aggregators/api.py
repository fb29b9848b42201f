"""Names for other plugins: the ranks of distances."""

from langgeo_aggregators.pairwise import scaled_ranks

__all__ = ["scaled_ranks"]
