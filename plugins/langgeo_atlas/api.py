"""What Python users and other plugins may import."""

from langgeo_atlas.space import LanguageSpace, load_run

__all__ = ["LanguageSpace", "load_run"]
