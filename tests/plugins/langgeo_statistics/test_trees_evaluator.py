from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from worlds import evaluation, languages, noise, related

from langgeo_core.api import DistanceMatrix, Evaluation, Metric, Replicates
from langgeo_statistics.api import SubsetEvaluator
from langgeo_statistics.language_subsets import restricted
from langgeo_statistics.options import TreesOptions
from langgeo_statistics.trees_evaluator import Trees

KNOWN = languages()


def rows(given: Evaluation, **options: object) -> dict[str, Metric]:
    chosen = TreesOptions.model_validate({"permutations": 99, "subsamples": 20, **options})
    return {metric.metric: metric for metric in Trees(chosen).evaluate(given)}


def test_distances_that_follow_the_classification() -> None:
    found = rows(evaluation(KNOWN, related(KNOWN)))
    for tree in ("nj", "ward", "upgma"):
        row = found[f"quartet-distance:{tree}"]
        assert (row.value, row.p, row.ci_low, row.ci_high) == (0, 0.01, 0, 0)
        assert row.null_mean == pytest.approx(0.7, abs=0.1)
        assert found[f"cophenetic:{tree}"].value == pytest.approx(1, abs=0.02)
    assert found["triplet-agreement:upgma"].value == 1
    assert found["triplet-agreement:upgma"].p == 0.01
    assert found["delta"].value == pytest.approx(0, abs=1e-9)
    assert "triplet-agreement:nj" not in found


def test_noise_agrees_with_nothing() -> None:
    found = rows(evaluation(KNOWN, noise(len(KNOWN), 3) + 1 - np.eye(len(KNOWN))))
    row = found["quartet-distance:nj"]
    assert row.value == pytest.approx(2 / 3, abs=0.12)
    assert row.null_mean == pytest.approx(2 / 3, abs=0.03)
    assert row.p is not None
    assert row.p > 0.02
    assert row.ci_low is not None and row.ci_high is not None
    assert row.ci_low < row.value < row.ci_high
    assert found["delta"].value > 0.2


def test_equal_distances_leave_everything_open() -> None:
    found = rows(evaluation(KNOWN, 1 - np.eye(len(KNOWN))))
    assert found["quartet-distance:nj"].value == 1
    assert found["quartet-distance:nj"].p == 1
    assert found["triplet-agreement:ward"].value == 0
    assert "cophenetic:nj" not in found


def test_the_order_of_the_languages_changes_nothing() -> None:
    values = related(KNOWN, noise=2.0)
    order = np.random.default_rng(0).permutation(len(KNOWN))
    shuffled = evaluation([KNOWN[row] for row in order], values[np.ix_(order, order)])
    expected = rows(evaluation(KNOWN, values))
    for name, row in rows(shuffled).items():
        assert row.value == pytest.approx(expected[name].value, abs=1e-12)
        assert row.p == expected[name].p


def test_a_language_without_a_place_is_in_the_tree_but_not_in_the_agreement() -> None:
    stray = (*KNOWN[:-1], replace(KNOWN[-1], glottocode="", lineage=()))
    found = rows(evaluation(stray, related(KNOWN)), trees=["nj"])
    assert found["cophenetic:nj"].n == len(KNOWN)
    assert found["quartet-distance:nj"].n == len(KNOWN) - 1


def test_a_missing_pair_costs_a_language() -> None:
    values = related(KNOWN)
    values[0, 5] = values[5, 0] = np.nan
    assert rows(evaluation(KNOWN, values), trees=["nj"])["delta"].n == len(KNOWN) - 1


def test_three_languages_have_no_rows() -> None:
    assert rows(evaluation(KNOWN[:3], related(KNOWN[:3]))) == {}


@pytest.mark.parametrize(("count", "has"), [(4, False), (7, False), (8, True)])
def test_delta_has_an_interval_where_half_of_the_languages_are_four(count: int, has: bool) -> None:
    found = rows(evaluation(KNOWN[:count], noise(count, 3)))["delta"]
    assert (found.n, found.interval is not None) == (count, has)


def test_isolates_alone_resolve_nothing() -> None:
    isolates = tuple(replace(language, lineage=()) for language in KNOWN)
    found = rows(evaluation(isolates, related(KNOWN)), trees=["nj", "upgma"])
    assert set(found) == {"cophenetic:nj", "cophenetic:upgma", "delta", "q-residual"}


def test_values_on_parts_are_those_of_the_parts_alone() -> None:
    stray = (*KNOWN[:-1], replace(KNOWN[-1], glottocode="", lineage=()))
    values = related(KNOWN, noise=2.0)
    values[0, 5] = values[5, 0] = np.nan
    given = evaluation(stray, values)
    ids, rng = [one.id for one in KNOWN], np.random.default_rng(4)
    parts = [ids, *(list(rng.choice(ids, size, replace=False)) for size in (20, 14, 8, 3))]
    evaluator = Trees(TreesOptions(permutations=1, subsamples=2))
    assert isinstance(evaluator, SubsetEvaluator)
    found = evaluator.values_on(given, parts)
    for place, part in enumerate(parts):
        expected = {row.question: row.value for row in evaluator.evaluate(restricted(given, part))}
        mine = {key: values[place] for key, values in found.items() if np.isfinite(values[place])}
        assert mine == pytest.approx(expected, abs=1e-12)
    assert not mine


class Left(Replicates):
    """Replicates of which the distances without each are given."""

    def __init__(self, *matrices: DistanceMatrix) -> None:
        super().__init__(matrices[0].ids, len(matrices), matrices[0])
        object.__setattr__(self, "left", matrices)

    def without(self, replicate: int) -> DistanceMatrix:
        return self.left[replicate]


def left_out(*matrices: np.ndarray) -> Evaluation:
    """Of distances that follow the classification, with those of the texts without each replicate."""
    given = evaluation(KNOWN, related(KNOWN))
    return replace(given, replicates=Left(*(DistanceMatrix(given.distances.ids, values) for values in matrices)))


def test_support_is_the_share_of_the_trees_without_a_replicate() -> None:
    """Four families of two branches of three: the last replicate alone held the branch `aa` together."""
    torn = related(KNOWN)
    torn[0, 1:] = torn[1:, 0] = 5.0
    given = left_out(*[related(KNOWN)] * 3, torn)
    branches = tuple(replace(one, branch=f"B{one.lineage[-1]}") for one in KNOWN)
    found = Trees(TreesOptions.model_validate({"permutations": 9, "subsamples": 2, "trees": ["upgma"]})).evaluate(
        replace(given, languages=branches)
    )
    shares = {row.level: (row.value, row.n) for row in found if row.metric == "group-support:upgma"}
    assert shares == {
        **{f"family F{family}": (1.0 if family else 0.75, 6) for family in range(4)},
        **{f"branch Bf{family}b{branch}": (1.0, 3) for family in range(4) for branch in range(2)},
        "branch Bf0b0": (0.75, 3),
    }
    (median,) = (row for row in found if row.metric == "support:upgma")
    (full,) = (row for row in found if row.metric == "full-support:upgma")
    assert (median.value, full.value, full.n) == (1, pytest.approx(10 / 12), 24)


def test_without_three_replicates_there_is_no_support() -> None:
    assert not [name for name in rows(evaluation(KNOWN, related(KNOWN))) if "support" in name]
    gap = related(KNOWN)
    gap[0, 1] = gap[1, 0] = np.nan
    assert not [name for name in rows(left_out(related(KNOWN), related(KNOWN), gap)) if "support" in name]
    assert not [name for name in rows(left_out(related(KNOWN), related(KNOWN))) if "support" in name]
