"""How far apart languages are on Glottolog's tree."""

from __future__ import annotations

from itertools import combinations, takewhile

import numpy as np

from langgeo_core.api import BaselineContext, DistanceMatrix, Language
from langgeo_glottolog.classes import PSEUDO_FAMILIES

Path = tuple[str, ...]


class GlottologTree:
    """1 − 2·shared / (depth + depth): one less the similarity of Wu & Palmer 1994.

    `shared` counts the nodes from the family down that two languages have in common, themselves included; `depth` is
    the length of a language's own path. Languages of different families, and isolates from all others, are 1 apart;
    two texts of one languoid are 0 apart. A pseudo-family is no node: it holds no ancestor.
    """

    def distances(self, context: BaselineContext) -> DistanceMatrix:
        """Missing for a language that Glottolog does not know."""
        paths = [path_of(language) for language in context.languages]
        values = np.zeros((len(paths), len(paths)))
        for one, other in combinations(range(len(paths)), 2):
            values[one, other] = values[other, one] = tree_distance(paths[one], paths[other])
        return DistanceMatrix(tuple(language.id for language in context.languages), values)


def path_of(language: Language) -> Path:
    """Glottocodes from the family down to the language; empty where it has none."""
    if not language.glottocode:
        return ()
    above = () if language.family in PSEUDO_FAMILIES else language.lineage
    return (*above, language.glottocode)


def tree_distance(one: Path, other: Path) -> float:
    """From 0, the same node, to 1, nothing in common; NaN where a path is empty."""
    if not one or not other:
        return float("nan")
    shared = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))
    return 1 - 2 * shared / (len(one) + len(other))
