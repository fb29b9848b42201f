"""What other plugins may use: distances from facts about the languages, which need no text."""

from langgeo_baselines.facts import Geography, GlottologTree, script_distances

__all__ = ["Geography", "GlottologTree", "script_distances"]
