"""Means over targets: intervals over families, nulls, paired differences, scopes; worlds with a tree and without."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from langgeo_core.api import Language
from langgeo_synthetic.corpus import World
from langgeo_synthetic.options import SyntheticOptions
from langgeo_synthetic.phylogeny import balanced
from langgeo_transfer.distances import of_sources, source_averages, standardised, together
from langgeo_transfer.figures import (
    ACROSS,
    PLAIN,
    RESIDUAL,
    Figure,
    Pairs,
    Settings,
    among,
    analyse,
    draw_families,
    per_target,
    resampled,
    single_source,
)
from langgeo_transfer.table import Task

Array = np.ndarray[tuple[int, ...], np.dtype[np.float64]]
SETTINGS = Settings(permutations=99, resamples=500)


def language(code: str, family: str = "", script: str = "") -> Language:
    return Language(code, code, family=family, script=script)


def task(scores: Array, families: str = "", scripts: str = "", sizes: Array | None = None) -> Task:
    """Targets t0, t1, … of families with these letters, sources eng, s1, … in scripts with these letters."""
    targets = tuple(language(f"t{row}", (families or "abcdefgh")[row], "L") for row in range(len(scores)))
    names = ["eng", *(f"s{column}" for column in range(1, scores.shape[1]))]
    sources = tuple(
        language(name, "z", script) for name, script in zip(names, scripts or "L" * len(names), strict=True)
    )
    return Task("made", targets, sources, scores, np.full(scores.shape, np.nan) if sizes is None else sizes)


def named(figures: list[Figure], scope: str = PLAIN) -> dict[tuple[str, str], Figure]:
    return {(one.distance, one.metric): one for one in figures if one.scope == scope}


def test_losses_and_regrets_by_hand() -> None:
    scores = np.array([[10.0, 30, 20, 40], [50, 20, 40, 30], [10, 20, 60, 50]])
    near = np.array([[4.0, 2, 1, 3], [4, 3, 1, 2], [1, 2, 3, 4]])
    pairs = Pairs.of(task(scores), {"near": near})
    values = {name: own[0] for name, own in per_target(pairs, SETTINGS)["near"].items()}
    assert values["loss-1"].tolist() == [20, 10, 50]
    assert values["loss-3"].tolist() == [0, 10, 0]
    assert values["regret-english"].tolist() == [-10, 10, 0]
    # Less the target's mean: (−15, 5, −5, 15), (15, −15, 5, −5), (−25, −15, 25, 15). Of two of these summed the largest
    # are that of s2, of s3 and of s3.
    assert single_source(pairs).tolist() == [20, 30, 50]
    assert values["regret-single"].tolist() == [0, -10, 40]


def test_the_interval_is_that_of_families_not_of_targets() -> None:
    values = np.array([0.0, 0.0, 0.0, 1.0, 1.0, 1.0, 0.5, 0.5])
    families = np.array([0, 0, 0, 1, 1, 1, 2, 3])
    low, high, means = resampled(values, draw_families(families, 4000, 0))
    assert means is not None
    # By hand: 256 draws of four families, each a ratio of sums.
    draws = np.array([np.bincount(one, minlength=4) for one in np.ndindex(4, 4, 4, 4)])
    sums, sizes = draws @ np.array([0, 3, 0.5, 0.5]), draws @ np.array([3, 3, 1, 1])
    assert [low, high] == pytest.approx(np.percentile(sums / sizes, [2.5, 97.5]), abs=0.05)
    assert means.mean() == pytest.approx((sums / sizes).mean(), abs=0.02)
    assert draw_families(np.array([0, 1, 2, 2]), 10, 0) is None, "three families are too few"
    assert resampled(values, None) == (None, None, None)


def world(lengths: tuple[float, float, float], seed: int, worth: float = 1.0) -> tuple[Array, Task]:
    """Distances on the tree of a synthetic world, and scores that fall with them, with a source's worth and noise."""
    leaves = list(balanced((6, 2, 3), lengths).leaves())
    paths = [(*above, leaf.name) for leaf, above in leaves]
    height = np.cumsum(lengths)
    shared = np.array([[sum(a == b for a, b in zip(one, other, strict=True)) for other in paths] for one in paths])
    depth = np.concatenate([[0.0], height])[shared]
    distances = 2 * (height[-1] - depth)
    rng = np.random.default_rng(seed)
    n = len(paths)
    scores = -distances + rng.normal(scale=worth, size=n) + rng.normal(scale=0.5, size=(n, n))
    np.fill_diagonal(scores, np.nan)
    languages = tuple(language(f"q{chr(97 + n // 26)}{chr(97 + n % 26)}", path[0]) for n, path in enumerate(paths))
    return distances, Task("world", languages, languages, scores, np.full((n, n), np.nan))


def test_relatedness_is_found_in_a_world_that_has_it() -> None:
    distances, made = world((2.0, 1.0, 0.5), seed=0)
    noise = np.random.default_rng(9).random(distances.shape)
    figures, gaps = analyse(Pairs.of(made, {"tree": distances, "noise": noise}), SETTINGS)
    plain, residual = named(figures), named(figures, RESIDUAL)
    for found in (plain, residual):
        assert found["tree", "spearman"].p == found["tree", "ndcg-3"].p == found["tree", "loss-1"].p == 0.01
        assert found["noise", "spearman"].p is not None and found["noise", "spearman"].p > 0.05
    assert {one.metric for one in gaps if one.scope == PLAIN and one.adjusted is not None and one.adjusted < 0.05} == {
        "spearman", "ndcg-3", "loss-1", "loss-3",
    }  # fmt: skip
    first = next(one for one in gaps if one.metric == "spearman" and one.scope == PLAIN)
    assert first.value == pytest.approx(plain["tree", "spearman"].value - plain["noise", "spearman"].value)


def test_what_a_source_is_worth_to_everyone_is_taken_out() -> None:
    found = []
    for worth in (0.5, 5.0):
        distances, made = world((2.0, 1.0, 0.5), seed=0, worth=worth)
        found.append(analyse(Pairs.of(made, {"tree": distances}), SETTINGS)[0])
    (equal, uneven), (left, same) = ([named(one, scope)["tree", "spearman"].value for one in found]
                                     for scope in (PLAIN, RESIDUAL))  # fmt: skip
    assert equal > uneven + 0.1
    assert left == pytest.approx(same)


def test_a_star_gives_the_null() -> None:
    """Every language is as far from every other: nothing can be found by distances that grew on another tree."""
    _, star = world((0.0, 0.0, 3.5), seed=1)
    elsewhere, _ = world((2.0, 1.0, 0.5), seed=1)
    ps = []
    for seed in range(20):
        _, star = world((0.0, 0.0, 3.5), seed)
        found = named(analyse(Pairs.of(star, {"tree": elsewhere}), SETTINGS, scopes=(PLAIN,))[0])
        ps.append(found["tree", "spearman"].p)
    assert sum(p < 0.05 for p in ps if p is not None) <= 4
    assert 0.25 < np.median([p for p in ps if p is not None]) < 0.75


def spoken(tree: str, seed: int) -> Task:
    """How well a model of trigrams that was trained on one made-up language predicts another: bits, as a score."""
    options = SyntheticOptions(
        tree=tree, families=5, branches=2, languages=2, sentences=60, contact=0, twin=False, seed=seed
    )
    made = World(options)
    languages = tuple(made.languages.values())
    texts = ["\n".join(made.documents(identifier)) for identifier in made.languages]
    models = [(Counter(_pieces(text, 3)), Counter(_pieces(text, 2))) for text in texts]
    letters = len(set("".join(texts)))

    def bits(source: int, target: int) -> float:
        three, two = models[source]
        pieces = _pieces(texts[target], 3)
        shares = [(three[one] + 0.1) / (two[one[:2]] + 0.1 * letters) for one in pieces]
        return -float(np.mean(np.log2(shares)))

    n = len(texts)
    scores = np.array([[-bits(source, target) for source in range(n)] for target in range(n)])
    np.fill_diagonal(scores, np.nan)
    return Task(tree, languages, languages, scores, np.full((n, n), np.nan))


def _pieces(text: str, size: int) -> list[str]:
    return [text[place : place + size] for place in range(len(text) - size + 1)]


def relatedness(made: Task) -> Array:
    """How many steps of the lineage two languages do not share."""
    lineages = [one.lineage for one in made.targets]
    steps = [[sum(a != b for a, b in zip(one, other, strict=True)) for other in lineages] for one in lineages]
    return np.array(steps, dtype=np.float64)


def test_transfer_in_worlds_of_the_synthetic_corpus() -> None:
    """A model of a relative predicts better where languages evolved along a tree; in a star lineages say nothing."""
    ps: dict[str, list[float]] = {"balanced": [], "star": []}
    for tree, own in ps.items():
        for seed in range(1 if tree == "balanced" else 3):
            made = spoken(tree, seed)
            found = named(analyse(Pairs.of(made, {"tree": relatedness(made)}), SETTINGS, scopes=(PLAIN,))[0])
            own.append(found["tree", "spearman"].p or 0.0)
    assert ps["balanced"] == [0.01]
    assert np.median(ps["star"]) > 0.1


def test_an_order_of_all_places_among_some() -> None:
    orders = np.array([[1, 2, 0, 3], [3, 0, 1, 2]])
    assert among(orders, np.arange(4)).tolist() == orders.tolist()
    # 0 → 1 → 2 and 2 → 0; 0 → 3 and 2 → 1 → 0 and 3 → 2.
    assert among(orders, np.array([0, 2])).tolist() == [[1, 0], [1, 0]]
    assert among(orders, np.array([0, 2, 3])).tolist() == [[1, 0, 2], [2, 0, 1]]


def test_the_same_distances_in_another_order_are_the_null() -> None:
    distances, made = world((2.0, 1.0, 0.5), seed=0)
    pairs = Pairs.of(made, {"tree": distances})
    values = per_target(pairs, SETTINGS)["tree"]["spearman"]
    assert values.shape == (100, 36)
    assert abs(values[1:].mean()) < 0.01


def test_pairs_across_scripts_alone() -> None:
    scores = np.array([[1.0, 2, 3, 4, 5]] * 4)
    pairs = Pairs.of(task(scores, scripts="LLCCC"), {"near": -scores}).scoped(ACROSS)
    assert np.isnan(pairs.scores[:, :2]).all() and np.isfinite(pairs.scores[:, 2:]).all()
    assert not Pairs.of(task(scores, scripts="LLLCC"), {"near": -scores}).scoped(ACROSS).targets, "two sources are few"


def test_targets_that_cannot_be_ranked_are_left_out() -> None:
    scores = np.array([[1.0, 2, 3, 4], [5, 5, 5, 5], [1, 2, np.nan, np.nan], [1, 2, 3, 4]])
    near = np.where(np.arange(4)[:, None] == 3, np.nan, 1.0) + np.zeros((4, 4))
    pairs = Pairs.of(task(scores), {"near": near})
    assert [one.id for one in pairs.targets] == ["t0"]
    assert pairs.left_out == ("t1", "t2", "t3")
    figures, _ = analyse(pairs, SETTINGS)
    assert all(one.low is None for one in figures), "one family has no interval"


def test_the_mean_of_standardised_distances() -> None:
    one, other = np.array([[1.0, 2, 3, np.nan]]), np.array([[10.0, 30, np.nan, 20]])
    np.testing.assert_allclose(together([one, other]), [[-1, 1, np.nan, np.nan]])
    np.testing.assert_allclose(standardised(np.array([[2.0, 2, 2]])), 0)
    np.testing.assert_array_equal(together([one]), one)


def test_the_average_of_a_source_is_over_other_families() -> None:
    made = task(np.array([[1.0, 3], [2, 6], [10, 0]]), families="aab")
    # Less their target's mean: (−1, 1), (−2, 2), (5, −5).
    np.testing.assert_allclose(source_averages(made), [[5, -5], [5, -5], [-1.5, 1.5]])
    sized = replace(made, sizes=np.array([[7.0, 8]] * 3))
    np.testing.assert_array_equal(of_sources(sized)["source-size"], -sized.sizes)
    assert "source-size" not in of_sources(made)
