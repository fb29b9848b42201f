"""What other plugins may use: the place of a language in Glottolog's classification, and groups by their names."""

from langgeo_glottolog.classification import family_of, path_of, relation
from langgeo_glottolog.groups import group_named, group_names, groups_like

__all__ = ["family_of", "group_named", "group_names", "groups_like", "path_of", "relation"]
