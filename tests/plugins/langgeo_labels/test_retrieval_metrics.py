"""The rows `map`, `map-across-scripts`, `map-within-script`: candidates, n, nulls, intervals, and what is left out."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from scipy.spatial.distance import pdist, squareform
from sklearn.metrics import average_precision_score

from langgeo_core.api import DistanceMatrix, Embedding, Evaluation, Language, Metric
from langgeo_inference.api import ResamplingOptions
from langgeo_labels.api import metrics_of_levels, note_what_scripts_leave_out, values_of_levels
from langgeo_labels.retrieval import class_interval
from langgeo_labels.scripts import shuffles_within_scripts

BY_SCRIPT = ("map-across-scripts", "map-within-script")


def space(distances: np.ndarray, classes: Sequence[str | None], scripts: Sequence[str]) -> Evaluation:
    ids = tuple(f"q{index:02}" for index in range(len(classes)))
    languages = tuple(Language(one, one, script=script) for one, script in zip(ids, scripts, strict=True))
    embedding = Embedding(ids, np.zeros((len(ids), 1)))
    return Evaluation(languages, DistanceMatrix(ids, distances), embedding, (), {"branch": tuple(classes)})


def rows(given: Evaluation, permutations: int = 19, subsamples: int = 20) -> dict[str, Metric]:
    options = ResamplingOptions(permutations=permutations, subsamples=subsamples)
    return {row.metric: row for row in metrics_of_levels("test", ["branch"], given, options)}


def by_hand() -> Evaluation:
    """Two classes of three and a language alone, on a line; a and b have each a language in a second script."""
    places = np.array([[0.0], [1], [10], [3], [4], [12], [6]])
    scripts = ["Latn", "Latn", "Cyrl", "Latn", "Latn", "Cyrl", "Latn"]
    return space(squareform(pdist(places)), list("aaabbbc"), scripts)


def made_up(n: int = 40, seed: int = 0) -> Evaluation:
    rng = np.random.default_rng(seed)
    classes = [f"class {one}" for one in rng.choice(6, n, p=[0.4, 0.2, 0.2, 0.1, 0.05, 0.05])]
    scripts = rng.choice(["Latn", "Latn", "Cyrl", "Deva", ""], n).tolist()
    return space(np.round(squareform(pdist(rng.normal(size=(n, 2)))), 1), classes, scripts)


def test_across_and_within_by_hand() -> None:
    found = rows(by_hand())
    # Across: the Latin ones rank 10 (a) before 12 (b), the two Cyrillic ones 6 (c), 4, 3 (b), 1, 0 (a).
    across = {"a": [1, 1, (1 / 4 + 2 / 5) / 2], "b": [1 / 2, 1 / 2, (1 / 2 + 2 / 3) / 2]}
    assert found["map-across-scripts"].value == pytest.approx(np.mean([*across["a"], *across["b"]]))
    by_class = np.mean([np.mean(values) for values in across.values()])
    assert found["map-across-scripts-by-class"].value == pytest.approx(by_class)
    # Within: 0 ranks 1 first, 1 ranks 0 first; 3 ranks 4 first, 4 ranks 3 first; the Cyrillic ones have no relative.
    assert found["map-within-script"].value == 1
    assert [found[name].n for name in ("map", *BY_SCRIPT)] == [6, 6, 4]
    assert {found[name].extras["classes"] for name in ("map", *BY_SCRIPT)} == {2}
    assert found["map"].value == pytest.approx(np.mean([
        (1 + 2 / 5) / 2,  # a at 0 ranks 1 (a), 3, 4, 6, 10 (a), 12
        (1 + 2 / 5) / 2,  # a at 1: 0 (a), 3, 4, 6, 10 (a), 12
        (1 / 5 + 2 / 6) / 2,  # a at 10: 12, 6, 4, 3, 1 (a), 0 (a)
        (1 + 2 / 6) / 2,  # b at 3: 4 (b), 1, then 0 and 6 at once, 10, 12 (b)
        (1 + 2 / 6) / 2,  # b at 4: 3 (b), 6, 1, 0, 10, 12 (b)
        (1 / 3 + 2 / 4) / 2,  # b at 12: 10, 6, 4 (b), 3 (b), 1, 0
    ]))  # fmt: skip


def test_the_values_are_those_of_scikit_learn_over_the_candidates() -> None:
    rng = np.random.default_rng(8)
    given = made_up()
    exact = DistanceMatrix(given.distances.ids, squareform(pdist(rng.normal(size=(40, 3)))))
    classes, scripts = np.array(given.labels["branch"]), np.array([one.script for one in given.languages])
    found = rows(replace(given, distances=exact))
    known = (scripts != "")[:, None] & (scripts != "")
    same = scripts[:, None] == scripts
    for name, allowed in (("map", same | True), (BY_SCRIPT[0], known & ~same), (BY_SCRIPT[1], known & same)):
        scores: dict[str, list[float]] = {}
        for query in range(40):
            candidates = allowed[query] & (np.arange(40) != query)
            relatives = classes[candidates] == classes[query]
            if relatives.any():
                score = average_precision_score(relatives, -exact.values[query, candidates])
                scores.setdefault(classes[query], []).append(score)
        whole = [score for own in scores.values() for score in own]
        assert (found[name].value, found[name].n) == (pytest.approx(np.mean(whole)), len(whole))
        assert found[f"{name}-by-class"].value == pytest.approx(np.mean([np.mean(own) for own in scores.values()]))
        assert found[name].extras["classes"] == len(scores)


def test_the_null_by_script_is_that_of_labels_shuffled_within_scripts() -> None:
    given = made_up()
    found = rows(given, permutations=9)
    rng = np.random.default_rng(given.seed)
    rng.permuted(np.tile(np.arange(40), (9, 1)), axis=1), rng.permuted(np.tile(np.arange(40), (10, 1)), axis=1)
    orders = shuffles_within_scripts([one.script for one in given.languages], 9, rng)
    assert orders is not None
    classes = np.array(given.labels["branch"])
    shuffled = [rows(replace(given, labels={"branch": tuple(classes[order])}), 1, 2) for order in orders]
    for name in BY_SCRIPT:
        values = [one[name].value for one in shuffled]
        row = found[name]
        assert (row.null_mean, row.null_sd) == (pytest.approx(np.mean(values)), pytest.approx(np.std(values)))
        assert row.p == (1 + sum(value >= row.value - 1e-12 for value in values)) / 10
        extras = row.extras
        assert (row.null_mean, row.null_sd, row.p) == tuple(
            extras[f"script_{one}"] for one in ("null_mean", "null_sd", "p")
        )
        assert {one[name].n for one in shuffled} == {row.n}
    assert found["map"].null_mean != found["map"].extras["script_null_mean"]


def test_labels_that_follow_the_script_alone_are_at_their_null() -> None:
    """What tells scripts apart finds no relative by itself: the null within scripts has the script's share in it."""
    rng = np.random.default_rng(1)
    scripts = ["Latn"] * 30 + ["Cyrl"] * 10
    classes = ["a"] * 24 + ["b"] * 6 + ["a"] * 2 + ["b"] * 8
    points = rng.normal(size=(40, 2)) + np.repeat([[0, 0], [30, 0]], [30, 10], axis=0)
    found = rows(space(squareform(pdist(points)), classes, scripts), permutations=199)
    assert found["map-within-script"].null_mean > 0.5
    assert min(found[name].p for name in BY_SCRIPT) > 0.05


def test_p_by_script_is_uniform_for_labels_without_meaning() -> None:
    found = [rows(made_up(seed=seed), permutations=19, subsamples=2) for seed in range(80)]
    for name in (*BY_SCRIPT, "map-across-scripts-by-class"):
        p = np.array([one[name].p for one in found])
        assert abs(p.mean() - 0.5) < 0.08
        assert 0.03 <= (p <= 0.1).mean() <= 0.18


def test_the_interval_over_classes_leaves_one_out_at_a_time() -> None:
    given = made_up()
    found, classes = rows(given), given.labels["branch"]
    without = [
        rows(replace(given, labels={"branch": tuple(None if own == one else own for own in classes)}), 1, 2)
        for one in sorted(set(classes))
    ]
    for name in ("map", *BY_SCRIPT, "map-across-scripts-by-class"):
        row = found[name]
        values = np.array([one[name].value for one in without if one[name].n < row.n])
        assert row.extras["classes"] == len(values) > 3
        ends = (row.extras["class_ci_low"], row.extras["class_ci_high"])
        assert ends == pytest.approx(class_interval(row.value, values))


def test_a_single_class_has_no_interval_over_classes() -> None:
    found = rows(space(squareform(pdist(np.arange(6.0)[:, None])), list("aaaabc"), ["Latn", "Cyrl"] * 3))
    extras = found["map-across-scripts"].extras
    assert (extras["classes"], extras["class_ci_low"], extras["class_ci_high"]) == (1, None, None)


def test_the_order_of_the_languages_does_not_matter() -> None:
    given, order = made_up(), np.random.default_rng(5).permutation(40)
    ids = [given.languages[index].id for index in order]
    moved = replace(
        given,
        languages=tuple(given.languages[index] for index in order),
        labels={"branch": tuple(given.labels["branch"][index] for index in order)},
        distances=given.distances.subset(ids),
    )
    assert rows(moved) == rows(given)


def test_halves_restrict_queries_and_candidates() -> None:
    given = made_up()
    ids = [one.id for one in given.languages]
    halves = [ids[::2], ids[1::2], ids[:6]]
    found = values_of_levels("test", ["branch"], given, halves)
    for place, half in enumerate(halves):
        kept = [index for index, one in enumerate(ids) if one in half]
        classes = [given.labels["branch"][index] for index in kept]
        scripts = [given.languages[index].script for index in kept]
        alone = rows(space(given.distances.subset(half).values, classes, scripts), 1, 2)
        for name in ("map", *BY_SCRIPT, "map-within-script-by-class"):
            expected = alone[name].value if name in alone else np.nan
            assert found["test", "branch", "", name][place] == pytest.approx(expected, abs=1e-12, nan_ok=True)


def test_a_language_of_unknown_script_has_no_part_in_metrics_by_script() -> None:
    given = by_hand()
    unknown = replace(
        given, languages=tuple(replace(one, script="") if one.id == "q02" else one for one in given.languages)
    )
    found = rows(unknown)
    assert found["map"].n == 6 and found["map-across-scripts"].n == 3
    assert found["map-across-scripts"].extras["classes"] == 1


@pytest.mark.parametrize(
    ("classes", "scripts", "absent", "said"),
    [
        ("aabb", ["Latn", "Latn", "Cyrl", "Cyrl"], {"map-across-scripts"},
         ["map-across-scripts is left out (branch): no class has languages in two known scripts"]),
        ("aabb", ["Latn", "Cyrl", "Latn", "Cyrl"], {"map-within-script"},
         ["map-within-script is left out (branch): no class has two languages in one known script"]),
        ("aabb", ["Hans", "Hant", "", ""], {"map-across-scripts"},
         ["map-across-scripts is left out (branch): no class has languages in two known scripts"]),
        ("aabb", [""] * 4, set(BY_SCRIPT),
         ["map-across-scripts, map-within-script is left out (branch): no script is known; "
          "an id such as srp_Cyrl names it"]),
        ("aabb", ["Latn", "Cyrl", "Latn", "Latn"], set(), []),
    ],
    ids=["one script a class", "one language a script", "two codes of one script", "unknown scripts", "nothing"],
)  # fmt: skip
def test_what_scripts_leave_out_is_absent_and_said(
    classes: str, scripts: list[str], absent: set[str], said: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    given = space(squareform(pdist(np.arange(4.0)[:, None])), list(classes), scripts)
    found = rows(given)
    assert {name for name in BY_SCRIPT if name not in found} == absent
    assert "map" in found
    with caplog.at_level(logging.INFO, "langgeo.notice"):
        assert note_what_scripts_leave_out(given.languages, given.labels) == given.labels
    assert caplog.messages == said


def test_a_shuffle_without_a_query_finds_nothing() -> None:
    """Of the pairs of a class of two, the only one with a distance is the observed one."""
    distances = np.full((4, 4), np.nan)
    np.fill_diagonal(distances, 0)
    distances[0, 1] = distances[1, 0] = 1.0
    row = rows(space(distances, list("aabc"), [""] * 4), permutations=199)["map"]
    assert row.value == 1 and 0 < row.null_mean < 0.4
