"""Packing runs as spaces, and reading them again."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from langgeo_atlas import packaged
from langgeo_atlas.packaged import ABOUT, ARRAYS, DATA, checksum, origin, pack, record, space, spaces
from langgeo_core.api import DamagedFileError, DistanceMatrix, Language, Run, UserError, replicate_id
from langgeo_core.planning.plan import language_rows
from langgeo_core.storage.schema import write_distances, write_table
from langgeo_testing import seal_run

IDS = ("deu", "eng", "fra", "nld", "tur")
COUNT = 4


def run_of(folder: Path, values: np.ndarray, replicates: np.ndarray | None, baselines: dict[str, np.ndarray]) -> Run:
    (folder / "baselines").mkdir(parents=True)
    (folder / "config.yaml").write_text("name: x\n", encoding="utf-8")
    rows = language_rows([Language(one, one) for one in IDS])
    write_table(folder / "languages.csv", list(rows[0]), rows)
    write_distances(folder / "distances.csv", DistanceMatrix(IDS, values))
    write_table(folder / "metrics.csv", ["metric", "value"], [{"metric": "map", "value": 0.5}])
    for name, matrix in baselines.items():
        write_distances(folder / "baselines" / f"{name}.csv", DistanceMatrix(IDS, matrix))
    if replicates is not None:
        (folder / "replicates").mkdir()
        ids = tuple(replicate_id(one, number) for one in IDS for number in range(COUNT))
        write_distances(folder / "replicates" / "distances.csv", DistanceMatrix(ids, replicates))
    made = {
        "name": "x",
        "langgeo": "1",
        "started": "2026-01-01T00:00:00",
        "models": [],
        "corpora": [],
        "calibration": {},
        "components": {"baselines": [{"name": name} for name in baselines]},
        "times": {"a": 1},
    }
    return Run(seal_run(folder, made))


def symmetric(source: np.random.Generator, n: int) -> np.ndarray:
    values = source.uniform(1, 3, (n, n))
    values = values + values.T
    np.fill_diagonal(values, 0)
    return values


@pytest.fixture
def runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Run, Run]]:
    """Two runs, the second without replicates, packed into a folder that stands for the package's."""
    source = np.random.default_rng(0)
    lacking = symmetric(source, 5)
    lacking[4, :4] = lacking[:4, 4] = np.nan
    baselines = {"letters": symmetric(source, 5), "geography": lacking, "glottolog-tree": symmetric(source, 5)}
    best = run_of(tmp_path / "best", symmetric(source, 5), symmetric(source, 5 * COUNT), baselines)
    paper = run_of(tmp_path / "paper", symmetric(source, 5), None, {})
    (tmp_path / "data").mkdir()
    monkeypatch.setattr(packaged, "DATA", tmp_path / "data")
    pack(best, paper, tmp_path / "data")
    yield best, paper
    packaged._about.cache_clear()
    packaged._arrays.cache_clear()


def test_what_is_packed_is_the_run_to_a_65535th_of_the_largest_distance(runs: tuple[Run, Run]) -> None:
    best, paper = runs
    assert list(spaces()) == ["best", "paper", "letters", "geography", "glottolog-tree"]
    for name, matrix in {
        "best": best.distances,
        "paper": paper.distances,
        "letters": best.baselines["letters"],
    }.items():
        found = space(name)
        assert found.ids == IDS
        np.testing.assert_allclose(found.distances.values, matrix.values, atol=0.51 * matrix.values.max() / 65535)
    assert space("best").rows == [{"metric": "map", "value": "0.5"}]
    assert space("paper").interval("deu", "eng") is None
    assert record()["runs"]["best"] == {
        "started": "2026-01-01T00:00:00", "langgeo": "1", "models": [], "corpora": [], "calibration": {},
        "components": {"baselines": [{"name": name} for name in ("letters", "geography", "glottolog-tree")]},
    }  # fmt: skip
    assert space("letters").record["components"]["distances"] == [{"name": "letters"}]


def test_languages_without_all_pairs_are_left_out(runs: tuple[Run, Run]) -> None:
    assert space("geography").ids == IDS[:4]
    with pytest.raises(UserError, match=r"Turkish .tur. is not in this space"):
        space("geography").distance("Turkish", "German")


def test_intervals_are_the_jackknife_s(runs: tuple[Run, Run]) -> None:
    best, _ = runs
    assert best.replicates
    left = np.stack([best.replicates.without(number).values for number in range(COUNT)])
    one, other = 0, 3
    values = left[:, one, other]
    error = np.sqrt((COUNT - 1) / COUNT * ((values - values.mean()) ** 2).sum())
    wide = 3.182446305284263 * error / values.mean() * best.distances.values[one, other]  # t of three degrees
    low, high = space("best").interval("German", "nl")
    middle = best.distances.values[one, other]
    np.testing.assert_allclose([low, high], [max(0, middle - wide), middle + wide], atol=0.02 * wide)


def test_packing_again_gives_the_same_bytes_and_the_checksum_is_that_of_the_arrays(
    runs: tuple[Run, Run], tmp_path: Path
) -> None:
    first = (packaged.DATA / ARRAYS).read_bytes(), (packaged.DATA / ABOUT).read_bytes()
    pack(*runs, tmp_path / "data")
    assert first == ((packaged.DATA / ARRAYS).read_bytes(), (packaged.DATA / ABOUT).read_bytes())
    assert record()["arrays"] == checksum(packaged._arrays())


def test_a_run_that_lacks_a_baseline_is_refused(runs: tuple[Run, Run], tmp_path: Path) -> None:
    _, paper = runs
    with pytest.raises(UserError, match="has no baseline letters"):
        pack(paper, paper, tmp_path)


def test_there_is_no_such_space(runs: tuple[Run, Run]) -> None:
    with pytest.raises(UserError, match="no packaged space 'bset'") as refused:
        space("bset")
    assert "did you mean 'best'" in refused.value.hint


@pytest.mark.parametrize("name", [ABOUT, ARRAYS])
def test_damaged_data(runs: tuple[Run, Run], name: str) -> None:
    file = packaged.DATA / name
    file.write_bytes(file.read_bytes()[:40])
    packaged._about.cache_clear()
    packaged._arrays.cache_clear()
    with pytest.raises(DamagedFileError, match=name):
        space("best")


def test_packaged_languages_know_the_scripts_of_their_texts() -> None:
    for name in ("best", "paper"):
        scripts = {one.id: one.script for one in space(name).languages}
        assert (scripts["rus"], scripts["deu"], scripts["hin"]) == ("Cyrl", "Latn", "Deva")
        assert all(scripts.values())


def test_the_packaged_spaces_are_what_they_were_packed_as() -> None:
    assert sum(file.stat().st_size for file in DATA.iterdir()) < 3_000_000
    with np.load(DATA / ARRAYS, allow_pickle=False) as stored:
        arrays = {name: stored[name] for name in stored.files}
    about = json.loads((DATA / ABOUT).read_text(encoding="utf-8"))
    assert checksum(arrays) == about["arrays"]
    assert list(about["spaces"]) == ["best", "paper", "letters", "geography", "glottolog-tree"]
    for name, kept in about["spaces"].items():
        n = len(kept["ids"])
        assert arrays[name].shape == (n * (n - 1) // 2,)
        assert arrays[name].max() == 65535
    for run in about["runs"].values():
        assert all(model["licence"] for model in (*run["models"], *run["corpora"]))


@pytest.mark.parametrize("name", list(spaces()))
def test_a_space_says_what_it_was_made_from(name: str) -> None:
    made = origin(name)
    assert made["about"] == spaces()[name]
    assert [one["label"] for one in made["models"]] == (["gemma-3-270m"] if name in ("best", "paper") else [])
    assert [one["label"] for one in made["corpora"]] == (["udhr"] if name in ("best", "paper", "letters") else [])
    (distance,) = made["components"]["distances"]
    assert distance["source"]


def test_the_distances_without_each_replicate_are_changed_as_its_absence_changes_them() -> None:
    best = space("best").subset(["deu", "nld", "tur", "fin"])
    left = best.without_each()
    shares = [matrix.values / np.where(best.distances.values, best.distances.values, 1) for matrix in left]
    off = ~np.eye(4, dtype=bool)
    np.testing.assert_allclose(np.mean(shares, axis=0)[off], 1, atol=1e-12)
    assert len(left) == 8 and np.ptp(np.array(shares)[:, off], axis=0).min() > 0
    assert space("geography").without_each() == []
