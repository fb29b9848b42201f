"""URIEL's vectors: how they are read, what is taken for a language, and how far apart they are."""

from __future__ import annotations

from importlib import metadata
from pathlib import Path

import numpy as np
import pytest

from langgeo_baselines import langgeo_baselines, uriel as uriel_data
from langgeo_baselines.options import UrielGeneticOptions, UrielOptions
from langgeo_baselines.uriel import Uriel, UrielGenetic, vector_distances
from langgeo_core.api import BaselineContext, DistanceMatrix, LanguageTable, MissingPackageError, UserError

RECORDS = {record.name: record for record in langgeo_baselines()}
REAL = pytest.mark.skipif(bool(RECORDS["uriel"].missing_packages()), reason="lang2vec not installed")

CODES = ["deu", "nld", "est", "ekk", "eus", "nor"]
FEATURES = ["S_A", "S_B", "S_C", "P_A", "INV_A"]
DOCUMENTED = [
    [1.0, 0.0, 1.0, 1.0, 1.0],
    [1.0, 0.5, 1.0, 0.0, 1.0],
    [0.0, 1.0, 1.0, 1.0, 0.0],
    [1.0, -1, -1, -1, -1],
    [-1, -1, 1.0, -1, 1.0],
    [1.0, 1.0, 1.0, -1, 1.0],
]
FILLED = [[0.0 if value == -1 else value for value in row] for row in DOCUMENTED]
FAMILIES = [[1, 1, 0], [1, 1, 0], [0, 0, 1], [0, 0, 0], [0, 0, 0], [1, 0, 0]]


def context(*ids: str) -> BaselineContext:
    return BaselineContext(tuple(LanguageTable().lookup(id) for id in ids), lambda language: ())


def uriel(*ids: str, **options: object) -> DistanceMatrix:
    return Uriel(UrielOptions.model_validate({"shared": 1, **options})).distances(context(*ids))


def genetic(*ids: str, **options: object) -> DistanceMatrix:
    return UrielGenetic(UrielGeneticOptions.model_validate(options)).distances(context(*ids))


def save(file: Path, features: list[str], values: list[list[float]]) -> None:
    np.savez(file, langs=CODES, feats=features, sources=["made up"], data=np.array(values)[:, :, np.newaxis])


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A distribution lang2vec of five features and six codes, before any other on the path; its folder of data."""
    information = tmp_path / "lang2vec-1.1.2.dist-info"
    information.mkdir()
    (information / "METADATA").write_text("Metadata-Version: 2.1\nName: lang2vec\nVersion: 1.1.2\n")
    data = tmp_path / "lang2vec" / "data"
    data.mkdir(parents=True)
    save(data / "feature_averages.npz", FEATURES, DOCUMENTED)
    save(data / "feature_predictions.npz", FEATURES, FILLED)
    save(data / "family_features.npz", ["F_One", "F_Two", "F_Three"], FAMILIES)
    save(data / "geocoord_features.npz", ["GC_0_0", "GC_9_9"], [[0.1 * row, 0.5] for row in range(len(CODES))])
    monkeypatch.syspath_prepend(tmp_path)
    return data


def rows(features: str, *codes: str) -> list[list[float]]:
    return uriel_data.vectors(codes, features).tolist()


@pytest.mark.parametrize(
    ("features", "expected"),
    [
        ("syntax_average", [1.0, 0.5, 1.0]),
        ("phonology_average", [0.0]),
        ("inventory_knn", [1.0]),
        ("geo", [0.1, 0.5]),
        ("fam", [1.0, 1.0, 0.0]),
    ],
)
def test_a_set_has_its_own_features_of_its_own_file(package: Path, features: str, expected: list[float]) -> None:
    assert rows(features, "nld") == [expected]


def test_what_a_code_lacks_is_taken_from_its_macrolanguage(package: Path) -> None:
    assert rows("syntax_average", "ekk", "nno", "nob") == [[1, 1, 1], [1, 1, 1], [1, 1, 1]]
    assert rows("fam", "ekk", "nno") == [[0, 0, 1], [1, 0, 0]]
    assert rows("syntax_knn", "ekk") == [[1, 0, 0]]


def test_what_is_not_documented_and_who_is_not_there_is_missing(package: Path) -> None:
    assert np.isnan(uriel_data.vectors(["eus"], "syntax_average")).tolist() == [[True, True, False]]
    assert np.isnan(uriel_data.vectors(["eus"], "fam")).all()
    assert np.isnan(uriel_data.vectors(["hin"], "syntax_average")).all()
    assert uriel("deu", "hin", "nld").lacking_pairs() == ("hin",)
    assert genetic("deu", "eus", "nld").lacking_pairs() == ("eus",)


def test_a_pair_with_few_shared_features_is_missing(package: Path) -> None:
    assert uriel("deu", "nld", "eus", shared=1).complete
    assert uriel("deu", "nld", "eus", shared=2).lacking_pairs() == ("eus",)
    assert uriel("deu", "nld", "eus", shared=4).lacking_pairs() == ("deu", "eus")


def test_distances_by_hand(package: Path) -> None:
    cosine = 1 - 2 / np.sqrt(2 * 2.25)
    assert uriel("deu", "nld").values[0, 1] == pytest.approx(cosine)
    assert uriel("deu", "nld", metric="euclidean").values[0, 1] == pytest.approx(np.sqrt(0.25 / 3))
    assert uriel("deu", "eus", metric="euclidean").values[0, 1] == 0
    assert genetic("deu", "nld", "ekk").values[0].tolist() == [0, 0, 1]
    assert genetic("deu", "nno").values[0, 1] == pytest.approx(1 - 1 / np.sqrt(2))


@pytest.mark.parametrize("metric", ["cosine", "euclidean"])
def test_equal_vectors_are_at_distance_zero(metric: str) -> None:
    draw = np.random.default_rng(0)
    values = np.round(draw.random((1, 50)), 4)
    assert not vector_distances(np.repeat(values, 3, axis=0), metric, 1).any()


def test_the_angle_of_a_vector_of_zeros_is_missing() -> None:
    values = np.array([[0.0, 0.0, 1.0], [1.0, 1.0, 0.0], [1.0, 0.0, np.nan], [0.0, 0.0, np.nan]])
    assert np.isnan(vector_distances(values, "cosine", 1)).tolist() == [
        [False, False, True, True],
        [False, False, False, True],
        [True, False, False, True],
        [True, True, True, False],
    ]


def test_no_pickle_is_read(package: Path) -> None:
    np.savez(package / "geocoord_features.npz", langs=np.array(CODES, dtype=object))
    with pytest.raises(UserError, match=r"geocoord_features\.npz of lang2vec cannot be read: .*allow_pickle"):
        uriel("deu", "nld", features="geo")


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"text"])
def test_a_damaged_file_is_named_with_what_to_type(package: Path, content: bytes) -> None:
    (package / "geocoord_features.npz").write_bytes(content)
    with pytest.raises(UserError, match=r"geocoord_features\.npz.*\n.*pip install --force-reinstall"):
        uriel("deu", "nld", features="geo")


def test_without_the_package_it_says_what_to_type(monkeypatch: pytest.MonkeyPatch) -> None:
    def nowhere(name: str) -> None:
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "distribution", nowhere)
    with pytest.raises(MissingPackageError, match=r"langgeo\[uriel\]"):
        uriel("deu", "nld")


@pytest.mark.parametrize("name", ["uriel", "uriel-genetic"])
def test_the_records_ask_for_the_package_before_any_work(name: str) -> None:
    assert RECORDS[name].requires == ("lang2vec",)
    assert RECORDS[name].how_to_install() == 'pip install "langgeo[uriel]"'


@REAL
@pytest.mark.parametrize(
    ("features", "size"),
    [("syntax_average", 103), ("phonology_average", 28), ("inventory_average", 158), ("geo", 299), ("fam", 3718)],
)
def test_the_real_package_has_every_set(features: str, size: int) -> None:
    found = uriel_data.vectors(["deu", "lvs", "cmn", "qqq"], features)
    assert found.shape == (4, size)
    assert np.isnan(found[3]).all()
    assert np.nanmin(found) >= 0 and np.nanmax(found) <= 1


@REAL
def test_german_order_is_nearer_to_dutch_than_to_japanese() -> None:
    for metric in ("cosine", "euclidean"):
        values = uriel("deu", "nld", "jpn", "lvs", metric=metric, shared=20).values
        assert values[0, 1] < values[0, 2]
        assert np.isfinite(values).all()


@REAL
def test_every_macrolanguage_is_in_the_package() -> None:
    members = {LanguageTable().lookup(code).iso639_3: code for code in uriel_data.MACROLANGUAGES}
    assert len(members) == len(uriel_data.MACROLANGUAGES)
    assert [member for member, code in members.items() if member == code] == []
    wider = [*members.values(), *uriel_data.OTHER_MEMBERS.values()]
    assert np.isfinite(uriel_data.vectors(wider, "geo")).all()
