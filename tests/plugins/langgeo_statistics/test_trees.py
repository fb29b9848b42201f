from __future__ import annotations

import numpy as np
import pytest
import skbio
from scipy.cluster.hierarchy import cophenet, linkage
from scipy.spatial.distance import squareform
from tree_cases import names, random_distances, random_tree

from langgeo_core.api import Language, NumericalError
from langgeo_statistics.trees import Tree, from_lineages, from_paths, neighbour_joining, placed, upgma, ward


@pytest.mark.parametrize("n", [4, 5, 9, 24])
def test_neighbour_joining_as_scikit_bio(n: int) -> None:
    distances = random_distances(n, n)
    reference = skbio.tree.nj(skbio.DistanceMatrix(distances, names(n)), neg_as_zero=False)
    expected = reference.cophenet().filter(names(n)).data
    np.testing.assert_allclose(neighbour_joining(distances, names(n)).paths, expected, atol=1e-9)


def test_the_worked_example_of_saitou_and_nei() -> None:
    """Five leaves whose distances fit a tree exactly (the example of scikit-bio and Wikipedia)."""
    distances = np.array(
        [[0, 5, 9, 9, 8], [5, 0, 10, 10, 9], [9, 10, 0, 8, 7], [9, 10, 8, 0, 3], [8, 9, 7, 3, 0]], dtype=float
    )
    tree = neighbour_joining(distances, "abcde")
    assert sorted(tree.lengths[:5]) == [1, 2, 2, 3, 4]
    np.testing.assert_allclose(tree.paths, distances)


def test_two_and_three_leaves() -> None:
    two = neighbour_joining(np.array([[0.0, 3], [3, 0]]), "ab")
    assert two.newick() == "(a:1.5,b:1.5);\n"
    three = neighbour_joining(np.array([[0.0, 3, 4], [3, 0, 5], [4, 5, 0]]), "abc")
    assert three.newick() == "(a:1.0,b:2.0,c:3.0);\n"


@pytest.mark.parametrize(("build", "method"), [(ward, "ward"), (upgma, "average")])
def test_rooted_trees_have_the_cophenetic_distances_of_scipy(build, method: str) -> None:  # type: ignore[no-untyped-def]
    distances = random_distances(15, 2)
    expected = squareform(cophenet(linkage(squareform(distances), method)))
    np.testing.assert_allclose(build(distances, names(15)).paths, expected, atol=1e-12)


@pytest.mark.parametrize("build", [neighbour_joining, ward, upgma])
def test_equal_distances_make_a_star(build) -> None:  # type: ignore[no-untyped-def]
    for size in (0.0, 1.0):
        tree = build(size * (1 - np.eye(7)), names(7))
        assert tree.children == (tuple(tree.children[0]),)
        assert sorted(tree.children[0]) == list(range(7))


@pytest.mark.parametrize("build", [neighbour_joining, ward, upgma])
def test_the_order_of_the_languages_does_not_break_ties(build) -> None:  # type: ignore[no-untyped-def]
    """Whole numbers from 1 to 3 tie nearly everywhere, and which pair is joined first decides the tree."""
    rng = np.random.default_rng(3)
    for _ in range(10):
        upper = np.triu(rng.integers(1, 4, (10, 10)), 1).astype(float)
        distances, order = upper + upper.T, rng.permutation(10)
        tree = build(distances, names(10))
        turned = build(distances[np.ix_(order, order)], [names(10)[row] for row in order])
        assert turned.ids == tuple(names(10)[row] for row in order)
        assert turned.newick() == tree.newick()


def test_missing_pairs_and_single_languages_are_refused() -> None:
    distances = random_distances(4, 0)
    distances[0, 1] = distances[1, 0] = np.nan
    with pytest.raises(NumericalError, match="missing"):
        neighbour_joining(distances, names(4))
    with pytest.raises(NumericalError, match="two languages"):
        ward(np.zeros((1, 1)), "a")


def language(name: str, *lineage: str, family: str = "") -> Language:
    return Language(name, name, glottocode=f"{name}code", family=family, lineage=lineage)


def test_the_tree_of_lineages() -> None:
    languages = [
        language("deu", "indo", "germ"),
        language("fra", "indo", "ital"),
        language("nld", "indo", "germ"),
        language("eus"),
        language("epo", "arti", family="Artificial Language"),
        language("ido", "arti", family="Artificial Language"),
    ]
    tree = from_lineages(languages)
    assert tree.newick() == "(((deu:1.0,nld:1.0):1.0,fra:1.0):1.0,eus:1.0,epo:1.0,ido:1.0);\n"


def test_dialects_and_texts_of_one_languoid_hang_side_by_side() -> None:
    simplified = Language("cmn_Hans", "cmn", glottocode="mand", lineage=("sino",))
    traditional = Language("cmn_Hant", "cmn", glottocode="mand", lineage=("sino",))
    dialect = Language("cdo", "cdo", glottocode="peki", lineage=("sino", "mand"))
    tree = from_lineages([simplified, traditional, dialect, language("bod", "sino")])
    below = {frozenset(np.array(tree.ids)[row]) for row in tree.below[len(tree.ids) :]}
    assert below == {frozenset({"cmn_Hans", "cmn_Hant", "cdo"}), frozenset(tree.ids)}


def test_languages_without_a_place_are_named() -> None:
    unknown = Language("xxx", "xxx")
    assert placed([unknown, language("eus")]) == (language("eus"),)
    with pytest.raises(NumericalError, match="xxx"):
        from_lineages([unknown, language("eus"), language("deu", "indo")])


@pytest.mark.parametrize("seed", range(5))
def test_a_subset_keeps_paths_and_clades(seed: int) -> None:
    tree = upgma(random_distances(12, seed), names(12))
    some = [name for name in reversed(tree.ids) if name not in ("l02", "l07", "l08")]
    rows = [tree.ids.index(name) for name in some]
    part = tree.subset(some)
    np.testing.assert_allclose(part.paths, tree.paths[np.ix_(rows, rows)], atol=1e-12)
    kept = {frozenset(leaves) for row in tree.below if len(leaves := np.array(some)[row[rows]]) > 1}
    assert kept == {frozenset(np.array(some)[row]) for row in part.below if row.sum() > 1}


def test_a_subset_of_unknown_or_too_few_leaves_is_refused() -> None:
    tree = random_tree(5, 0)
    with pytest.raises(NumericalError, match="zzz"):
        tree.subset(["l00", "l01", "zzz"])
    with pytest.raises(NumericalError):
        tree.subset(["l00"])


def test_support_stands_in_the_newick_text() -> None:
    tree = from_paths({"a": ("x",), "b": ("x",), "c d": ()})
    assert tree.newick([0.875, None]) == "('c d':1.0,(a:1.0,b:1.0)0.875:1.0);\n"


def test_what_is_no_tree_is_refused() -> None:
    with pytest.raises(NumericalError, match="not a tree"):
        Tree(("a", "b", "c"), ((0, 1), (2, 0)), (1.0,) * 5)
    with pytest.raises(NumericalError, match="different ids"):
        Tree(("a", "a"), ((0, 1),), (1.0, 1.0, 0.0))
