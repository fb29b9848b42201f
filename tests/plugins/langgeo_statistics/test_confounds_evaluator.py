from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from worlds import evaluation, languages, noise, related

from langgeo_baselines.api import script_distances
from langgeo_core.api import Evaluation, Metric, UserError
from langgeo_labels.level_metrics import shuffles_within_scripts
from langgeo_statistics.api import SubsetEvaluator
from langgeo_statistics.confounds import Confounds, scopes
from langgeo_statistics.language_subsets import restricted
from langgeo_statistics.options import ConfoundsOptions

KNOWN = languages()
N = len(KNOWN)
SCRIPT = script_distances(KNOWN).values


def rows(given: Evaluation, **options: object) -> dict[str, Metric]:
    chosen = ConfoundsOptions.model_validate({"permutations": 99, "subsamples": 20, **options})
    return {metric.metric: metric for metric in Confounds(chosen).evaluate(given)}


def test_distances_that_are_the_script() -> None:
    found = rows(evaluation(KNOWN, SCRIPT + 0.01 * noise(N, 1)))
    assert found["mantel-pearson:script"].value == pytest.approx(1, abs=0.01)
    assert found["mantel-pearson:script"].p == 0.01
    assert found["mrm-r2"].value == pytest.approx(1, abs=0.01)
    assert found["mrm-unique:script"].value > 0.7
    assert found["mrm-unique:geography"].value < 0.01
    assert "mantel-pearson:script@within-script" not in found
    assert found["mrm-r2@within-script"].value < 0.1


def test_relatedness_is_there_within_a_script() -> None:
    found = rows(evaluation(KNOWN, 5 * SCRIPT + related(KNOWN, noise=0.1)))
    within = found["mantel-pearson:glottolog-tree@within-script"]
    assert within.value > 0.9
    assert within.p == 0.01
    assert within.n == N
    assert found["mantel-pearson:glottolog-tree"].value < within.value
    assert {name.partition("@")[2] for name in found} == {"", "within-script", "Latn", "Cyrl"}


def test_shares_sum_to_the_whole() -> None:
    found = rows(evaluation(KNOWN, related(KNOWN, noise=2.0), {"text": noise(N, 5)}))
    shares = {name: row.value for name, row in found.items() if name.startswith("mrm-share") and "@" not in name}
    assert set(shares) == {f"mrm-share:{name}" for name in ("script", "geography", "glottolog-tree", "text")}
    assert sum(shares.values()) == pytest.approx(found["mrm-r2"].value)
    for name in ("script", "geography", "glottolog-tree", "text"):
        assert found[f"mrm-alone:{name}"].value == pytest.approx(found[f"mantel-pearson:{name}"].value ** 2)


def test_ranks_in_the_regression() -> None:
    found = rows(evaluation(KNOWN, related(KNOWN, noise=2.0)), ranks=True)
    assert found["mrm-alone:geography"].value == pytest.approx(found["mantel-spearman:geography"].value ** 2)


def test_only_chosen_predictors() -> None:
    given = evaluation(KNOWN, related(KNOWN, 1.0), {"text": noise(N, 5)})
    found = rows(given, predictors=["text", "script"])
    assert {name.partition(":")[2].partition("@")[0] for name in found} == {"text", "script", ""}


def test_a_predictor_that_is_not_there_is_named() -> None:
    given = evaluation(KNOWN, related(KNOWN), {"text": noise(N, 5)})
    with pytest.raises(UserError, match="texts; there are script, geography, glottolog-tree, text"):
        rows(given, predictors=["texts"])
    assert rows(evaluation(KNOWN, related(KNOWN)), predictors=["texts"]) == {}


def test_too_many_predictors_are_refused() -> None:
    others = {f"b{number}": noise(N, number) for number in range(11)}
    with pytest.raises(UserError, match="14 predictors"):
        rows(evaluation(KNOWN, related(KNOWN, 1.0), others))


def test_a_predictor_of_few_languages_has_its_correlation_but_no_share() -> None:
    patchy = noise(N, 5)
    patchy[:8, 8:] = patchy[8:, :8] = np.nan
    patchy[:8, :8] = np.nan
    np.fill_diagonal(patchy, 0.0)
    found = rows(evaluation(KNOWN, related(KNOWN, 1.0), {"patchy": patchy}))
    assert found["mantel-pearson:patchy"].n == N - 8
    assert "mrm-share:patchy" not in found
    assert found["mrm-r2"].n == N
    taken = rows(evaluation(KNOWN, related(KNOWN, 1.0), {"patchy": patchy}), coverage=0.5)
    assert taken["mrm-r2"].n == N - 8
    assert "mrm-share:patchy" in taken


def test_a_regression_has_the_same_predictors_on_every_part() -> None:
    """One that places just enough of all languages is too rare in some of the parts."""
    patchy = noise(N, 5)
    patchy[:2, :] = patchy[:, :2] = np.nan
    np.fill_diagonal(patchy, 0.0)
    given = evaluation(KNOWN, related(KNOWN, 1.0), {"patchy": patchy})
    ids = [one.id for one in given.languages]
    parts = [ids, ids[:12], ids[2:14]]
    evaluator = Confounds(ConfoundsOptions(permutations=1, subsamples=2, coverage=0.9))
    shares = evaluator.values_on(given, parts)["confounds", "", "", "mrm-share:patchy"]
    assert np.isfinite(shares).all()
    assert "mrm-share:patchy" not in {row.metric for row in evaluator.evaluate(restricted(given, ids[:12]))}


def test_languages_without_a_script_or_place() -> None:
    unknown = tuple(replace(one, script="", latitude=None, longitude=None) if one.id < "ab" else one for one in KNOWN)
    found = rows(evaluation(unknown, related(KNOWN, 1.0)), coverage=0.5)
    assert found["mantel-pearson:script"].n == N - 3
    assert found["mantel-pearson:glottolog-tree"].n == N


def test_one_script_has_no_scopes() -> None:
    plain = tuple(replace(one, script="Latn") for one in KNOWN)
    found = rows(evaluation(plain, related(KNOWN, 1.0)))
    assert not any("@" in name or "script" in name for name in found)


def test_codes_of_one_script_are_one_predictor_one_scope_and_one_null() -> None:
    codes = ["Hans", "Hant", "Hani", "Kore", "Hang", "Latn", "", "Latf"]
    known = [replace(one, script=code) for one, code in zip(KNOWN, codes, strict=False)]
    apart = script_distances(known).values
    assert (apart[:3, :3] == 0).all() and apart[3, 4] == 0 and apart[5, 7] == 0
    assert (apart[:3, 3:6] == 1).all() and np.isnan(apart[6, :6]).all()
    assert {scope.name: len(scope.groups) for scope in scopes(known, fewest=2)} == {
        "": 8,
        "Hang": 2,
        "Hani": 3,
        "Latn": 2,
    }
    orders = shuffles_within_scripts(codes, 200, np.random.default_rng(0))
    assert orders is not None
    together = np.array([[set(orders[:, one]) == set(orders[:, other]) for other in range(8)] for one in range(8)])
    both = np.ix_([0, 1, 2, 3, 4, 5, 7], [0, 1, 2, 3, 4, 5, 7])
    np.testing.assert_array_equal(together[both], apart[both] == 0)


def test_the_order_of_the_languages_changes_nothing() -> None:
    values, text = related(KNOWN, 2.0), noise(N, 5)
    order = np.random.default_rng(0).permutation(N)
    turned = np.ix_(order, order)
    shuffled = evaluation([KNOWN[row] for row in order], values[turned], {"text": text[turned]})
    expected = rows(evaluation(KNOWN, values, {"text": text}))
    for name, row in rows(shuffled).items():
        assert row.value == pytest.approx(expected[name].value, abs=1e-12)
        assert row.p == expected[name].p


def test_equal_distances_go_with_nothing() -> None:
    assert rows(evaluation(KNOWN, 1 - np.eye(N))) == {}


def test_baselines_of_more_languages_are_cut() -> None:
    given = evaluation(KNOWN, related(KNOWN, 1.0), {"text": noise(N, 5)})
    part = replace(given, languages=KNOWN[:12], distances=given.distances.subset([one.id for one in KNOWN[:12]]))
    assert rows(part)["mantel-pearson:text"].n == 12


def test_values_on_parts_are_those_of_the_parts_alone() -> None:
    given = evaluation(KNOWN, related(KNOWN, noise=2.0), {"text": noise(N, 5)})
    ids, rng = [one.id for one in KNOWN], np.random.default_rng(4)
    parts = [ids, *(list(rng.choice(ids, size, replace=False)) for size in (20, 14, 8, 3))]
    evaluator = Confounds(ConfoundsOptions(permutations=1, subsamples=2))
    assert isinstance(evaluator, SubsetEvaluator)
    found = evaluator.values_on(given, parts)
    for place, part in enumerate(parts):
        expected = {row.question: row.value for row in evaluator.evaluate(restricted(given, part))}
        mine = {key: values[place] for key, values in found.items() if np.isfinite(values[place])}
        assert mine == pytest.approx(expected, abs=1e-12)
    assert not mine
