"""What other plugins may use: the ranks of distances."""

from langgeo_aggregators.rank_mean import scaled_ranks

__all__ = ["scaled_ranks"]
