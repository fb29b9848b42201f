"""What other plugins may use: the place of a language in Glottolog's classification."""

from langgeo_glottolog.classification import path_of

__all__ = ["path_of"]
