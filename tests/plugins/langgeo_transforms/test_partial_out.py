import logging

import numpy as np
import pytest
from scipy.spatial.distance import squareform
from sklearn.linear_model import LinearRegression
from transform_cases import NAN, cloud, named, of_pairs, of_square

from langgeo_baselines.facts import great_circles, places
from langgeo_core.api import DistanceMatrix, Language, LanguageTable, NumericalError, UserError, write_distances
from langgeo_transforms.options import PartialOutOptions
from langgeo_transforms.partial_out import PartialOut


def left(distances: DistanceMatrix, languages: tuple[Language, ...], *confounds: object) -> DistanceMatrix:
    options = PartialOutOptions.model_validate({"confounds": confounds or ("script",)})
    return PartialOut(options).transform(distances, languages)


def pairs(matrix: DistanceMatrix) -> np.ndarray:
    return matrix.values[np.triu_indices(len(matrix.ids), 1)]


def random_distances(n: int, seed: int = 0) -> DistanceMatrix:
    return of_square(squareform(np.random.default_rng(seed).uniform(5, 6, size=n * (n - 1) // 2)))


def test_within_and_between_scripts_have_the_same_mean_afterwards(caplog: pytest.LogCaptureFixture):
    matrix = of_pairs(1, 5, 5, 5, 5, 3)  # l0 l1 | l2 l3
    with caplog.at_level(logging.INFO, logger="langgeo"):
        found = left(matrix, named(matrix, "aabb"))
    assert pairs(found) == pytest.approx([3, 4, 4, 4, 4, 5])
    assert caplog.messages == ["partial-out: script explained 85.7 % of the variance"]


def test_the_residuals_are_those_of_least_squares(tmp_path):
    distances, other = random_distances(9), random_distances(9, seed=1)
    write_distances(tmp_path / "other.csv", DistanceMatrix(CODES, other.values))
    distances = DistanceMatrix(CODES, distances.values)
    languages = named(distances, "aabbabbba")
    found = left(distances, languages, "script", {"name": "file", "path": str(tmp_path / "other.csv")})
    scripts = np.array([one.script for one in languages])
    different = squareform((scripts[:, None] != scripts).astype(float))
    design = np.column_stack([different, pairs(other)])
    predicted = LinearRegression().fit(design, pairs(distances)).predict(design)
    np.testing.assert_allclose(pairs(found), pairs(distances) - predicted + pairs(distances).mean())


CODES = ("deu", "eng", "fra", "ita", "nld", "por", "spa", "swe", "rus")


def test_none_becomes_negative():
    """Residuals of -15 to 15 about a mean of 7.7: all are raised by 15."""
    matrix = of_pairs(0, 4, 4, 4, 4, 30)
    found = pairs(left(matrix, named(matrix, "aabb")))
    np.testing.assert_allclose(found, [0, 15, 15, 15, 15, 30], atol=1e-12)
    assert found.min() == 0


def test_what_explains_nothing_changes_nothing():
    distances = random_distances(6)
    np.testing.assert_allclose(left(distances, named(distances, "aaaaaa")).values, distances.values)


def test_a_missing_pair_stays_missing_and_has_no_part():
    matrix = of_pairs(1, 5, 5, NAN, 5, 4)
    found = left(matrix, named(matrix, "aabb"))
    assert pairs(found) == pytest.approx([2.5, 4, 4, NAN, 4, 5.5], nan_ok=True)


def test_an_unknown_confound_names_the_language():
    distances = random_distances(4)
    with pytest.raises(NumericalError, match="knows no script of l2\n"):
        left(distances, named(distances, "aa b"))


def test_where_no_language_has_the_confound_they_are_not_listed():
    distances = random_distances(4)
    with pytest.raises(NumericalError, match="knows no script of these languages\\n"):
        left(distances, named(distances))


def test_place_is_taken_out():
    """Distances that are great circles and nothing else are all the same afterwards."""
    languages = tuple(LanguageTable().lookup(code) for code in ("deu", "fra", "jpn", "swh", "quz"))
    values = (7 + great_circles(places(languages))) * (1 - np.eye(5))
    found = left(DistanceMatrix(tuple(one.id for one in languages), values), languages, "geography")
    np.testing.assert_allclose(pairs(found), np.full(10, pairs(of_square(values)).mean()))


def test_halves_share_their_language():
    """A language that comes twice is its own script and place."""
    once = random_distances(5)
    languages = named(once, "aabbb")
    twice = DistanceMatrix(tuple(f"{one}/{half}" for one in once.ids for half in (0, 1)), random_distances(10).values)
    found = left(twice, tuple(one for one in languages for _ in (0, 1)))
    scripts = np.array([one.script for one in languages for _ in (0, 1)])
    different = squareform((scripts[:, None] != scripts).astype(float)).astype(bool)
    assert pairs(found)[different].mean() == pytest.approx(pairs(found)[~different].mean())


def test_a_baseline_that_reads_texts_is_told_with_the_way_out():
    matrix = of_pairs(1, 2, 3)
    with pytest.raises(UserError, match="cannot take out char-ngrams") as caught:
        left(matrix, named(matrix), "char-ngrams")
    assert "name: file" in caught.value.hint


def test_a_name_that_is_no_baseline_is_told():
    matrix = of_pairs(1, 2, 3)
    with pytest.raises(UserError, match="cannot take out scrpt: no baseline is named 'scrpt'") as caught:
        left(matrix, named(matrix), "scrpt")
    assert caught.value.hint.endswith("; or script")
    with pytest.raises(UserError, match="cannot take out file: the option 'path' is missing"):
        left(matrix, named(matrix), {"name": "file"})
    with pytest.raises(UserError, match="two confounds named script"):
        left(matrix, named(matrix), "script", "script")


def test_the_shape_of_a_cloud_survives_a_confound_unrelated_to_it():
    points = cloud(30)
    distances = of_square(np.sqrt(((points[:, None] - points) ** 2).sum(axis=2)))
    scripts = "".join(np.random.default_rng(3).choice(["a", "b"], size=30))
    found = left(distances, named(distances, scripts))
    assert np.corrcoef(pairs(found), pairs(distances))[0, 1] > 0.98
