from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from langgeo_atlas.space import Neighbour
from langgeo_core import LanguageSpace, load_run
from langgeo_core.api import DistanceMatrix, Language, UserError, write_record
from langgeo_core.planning.plan import language_rows
from langgeo_core.storage.schema import write_distances, write_table
from langgeo_testing import seal_run

NAN = float("nan")
IDS = ("deu", "eng", "fra", "nan")
VALUES = np.array([[0, 1, 2, 1], [1, 0, NAN, 5], [2, NAN, 0, 4], [1, 5, 4, 0]])


def space() -> LanguageSpace:
    languages = tuple(Language(identifier, identifier) for identifier in IDS)
    labels = {"family": dict(zip(IDS, ["indo", "indo", "indo", None], strict=True))}
    return LanguageSpace(languages, DistanceMatrix(IDS, VALUES), np.arange(8.0).reshape(4, 2), labels)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A run of four languages, with a fifth that no model or corpus had."""
    (tmp_path / "config.yaml").write_text("name: x\n")
    languages = [Language(identifier, identifier) for identifier in ("xxx", *reversed(IDS))]
    rows = language_rows(languages)
    write_table(tmp_path / "languages.csv", list(rows[0]), rows)
    write_distances(tmp_path / "distances.csv", DistanceMatrix(IDS, VALUES))
    points = [{"language": identifier, "axis_1": place} for place, identifier in enumerate(IDS)]
    write_table(tmp_path / "embedding.csv", ["language", "axis_1"], points)
    (tmp_path / "embedding.json").write_text('{"eigenvalues": []}')
    (tmp_path / "labels.json").write_text(json.dumps({"family": ["indo", "indo", "indo", None]}))
    return seal_run(tmp_path, {})


def test_distances_by_name():
    assert space().ids == IDS
    assert space().distance("deu", "fra") == space().distance("fra", "deu") == 2
    assert space().distance("eng", "eng") == 0
    assert np.isnan(space().distance("eng", "fra"))


def test_the_nearest_come_first_and_ties_in_the_order_of_languages():
    assert space().nearest("deu", 3) == [("eng", 1.0), ("nan", 1.0), ("fra", 2.0)]
    assert space().nearest("deu", 1) == [("eng", 1.0)]
    assert len(space().nearest("deu")) == 3


@pytest.mark.parametrize(
    ("interval", "apart", "told"),
    [
        ((0.4, 0.6), None, "distance=0.5, low=0.4, high=0.6, apart=None: the nearest)"),
        ((0.4, 0.6), True, "high=0.6, apart=True: farther than the nearest)"),
        ((0.4, 0.6), False, "high=0.6, apart=False: with other text perhaps the nearest)"),
        ((None, None), None, "low=None, high=None, apart=None: no replicates)"),
    ],
)
def test_a_neighbour_says_what_apart_means(
    interval: tuple[float | None, float | None], apart: bool | None, told: str
) -> None:
    shown = repr(Neighbour("deu", "German", 0.5, *interval, apart))
    assert shown.startswith("Neighbour(language='deu', name='German', distance=0.5, ") and shown.endswith(told)


def test_missing_pairs_are_nobodys_neighbours():
    assert space().nearest("eng") == [("deu", 1.0), ("nan", 5.0)]


def test_a_language_at_distance_zero_is_a_neighbour_and_the_language_itself_is_not():
    equal = LanguageSpace(space().languages, DistanceMatrix(IDS, np.zeros((4, 4))), space().coordinates, {})
    assert [identifier for identifier, _ in equal.nearest("fra")] == ["deu", "eng", "nan"]


def test_an_unknown_language_is_told_the_known_ones():
    for call in (
        lambda: space().distance("deu", "ita"),
        lambda: space().nearest("ita"),
        lambda: space().subset(["ita"]),
    ):
        with pytest.raises(UserError, match=r"Italian .ita. is not in this space") as caught:
            call()
        assert "deu, eng, fra, nan" in caught.value.hint


def test_a_subset_keeps_everything_together():
    part = space().subset(["nan", "deu"])
    assert part.ids == ("nan", "deu")
    assert [language.id for language in part.languages] == ["nan", "deu"]
    assert part.distances.values.tolist() == [[0, 1], [1, 0]]
    assert part.coordinates.tolist() == [[6, 7], [0, 1]]
    assert part.labels["family"]["deu"] == "indo"
    assert part.nearest("nan") == [("deu", 1.0)]
    assert all(list(classes) == ["nan", "deu"] for classes in part.labels.values())


def test_a_run_folder_becomes_a_space(folder: Path):
    loaded = load_run(folder)
    assert loaded.ids == IDS
    assert [language.id for language in loaded.languages] == list(IDS)
    np.testing.assert_array_equal(loaded.distances.values, VALUES)
    assert loaded.coordinates.tolist() == [[0], [1], [2], [3]]
    assert loaded.labels == space().labels


def test_a_folder_that_is_no_run_or_not_finished(folder: Path, tmp_path: Path):
    with pytest.raises(UserError, match="not a run folder"):
        load_run(tmp_path / "nowhere")
    with pytest.raises(UserError, match="has not finished"):
        write_record(folder / "run.json", {"files": {}, "finished": False})
        load_run(folder)
    (seal_run(folder, {}) / "embedding.csv").unlink()
    with pytest.raises(UserError, match=r"has no embedding\.csv"):
        load_run(folder)
