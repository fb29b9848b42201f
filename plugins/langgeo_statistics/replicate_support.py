"""How far trees depend on the choice of text: the support of their clades when one replicate of it is left out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from langgeo_core.api import DistanceMatrix, Language, Metric, Replicates
from langgeo_statistics.support import named, support
from langgeo_statistics.trees import ROOTED, TREES, Tree


def jackknife(replicates: Replicates | None) -> list[DistanceMatrix]:
    """The distances without each replicate of the texts in turn; none for fewer than three replicates."""
    if replicates is None or replicates.count < 3:
        return []
    return [replicates.without(number) for number in range(replicates.count)]


def replicate_support(
    trees: Mapping[str, Tree], left: Sequence[DistanceMatrix], languages: Sequence[Language]
) -> Iterator[Metric]:
    """`support`, `full-support` and for families and branches `group-support` of each tree.

    None without such distances, or where some lack a language or a pair.

    Parameters
    ----------
    trees : by name, over the same leaves
    left : as `jackknife` makes them, over these leaves and others
    languages : the leaves, with what Glottolog says of them
    """
    ids = [language.id for language in languages]
    known = [matrix.subset(ids) for matrix in left if set(ids) <= set(matrix.ids)]
    if not known or not all(matrix.complete for matrix in known):
        return
    groups = _groups(languages)
    for name, tree in trees.items():
        rooted = name in ROOTED
        shares = support(tree, [TREES[name](matrix.values, matrix.ids) for matrix in known], rooted)
        told = [share for share in shares if share is not None]
        if told:
            yield Metric("trees", f"support:{name}", float(np.median(told)), len(ids))
            yield Metric("trees", f"full-support:{name}", float(np.mean([share == 1 for share in told])), len(ids))
        for level, share in named(tree, shares, groups, rooted).items():
            yield Metric("trees", f"group-support:{name}", share, len(groups[level]), level=level)


def _groups(languages: Sequence[Language]) -> dict[str, frozenset[str]]:
    """The languages of each family and branch, of equal ones the first, by what `level` calls it: `branch Germanic`."""
    found: dict[str, set[str]] = {}
    for kind in ("family", "branch"):
        for language in languages:
            if name := getattr(language, kind):
                found.setdefault(f"{kind} {name}", set()).add(language.id)
    distinct: dict[frozenset[str], str] = {}
    for name, ids in found.items():
        distinct.setdefault(frozenset(ids), name)
    return {name: ids for ids, name in distinct.items()}
