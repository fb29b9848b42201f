from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from hypothesis.extra.numpy import arrays
from tiny_run import Finished

from langgeo_core.api import DamagedFileError, DistanceMatrix, Language, Metric, UserError
from langgeo_core.planning.plan import language_rows
from langgeo_core.storage.run_folder import Run
from langgeo_core.storage.schema import (
    CELLS,
    CLUSTERS,
    COMPARISONS,
    METRICS,
    TABLES,
    Table,
    read_distances,
    read_table,
    write_distances,
    write_table,
)
from langgeo_testing import seal_run

NAN = float("nan")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "config.yaml").write_text("name: x\n")
    return tmp_path


def test_a_folder_without_config_is_no_run(tmp_path: Path):
    with pytest.raises(UserError, match=r"not a run folder: it has no config\.yaml"):
        Run(tmp_path)


@pytest.mark.parametrize("part", ["languages", "distances", "embedding", "clusterings", "metrics", "labels"])
def test_what_a_run_has_not_written_yet_is_named(folder: Path, part: str):
    with pytest.raises(UserError, match=r"has no [a-z]+\.(csv|json)") as caught:
        getattr(Run(seal_run(folder, {})), part)
    assert "start it again" in caught.value.hint


def test_a_run_before_its_first_stage_is_named(folder: Path):
    with pytest.raises(UserError, match=r"has no run\.json") as caught:
        Run(folder)
    assert "start it again" in caught.value.hint


def test_tables_come_back(tmp_path: Path):
    rows = [
        {"a": 'with "quotes", commas\nand lines', "b": None, "c": 0.1},
        {"a": "nan", "b": 3, "c": NAN},
        {"a": " no ", "b": True, "c": np.float64(1e-300)},
    ]
    write_table(tmp_path / "t.csv", ["c", "a", "b"], rows)
    assert read_table(tmp_path / "t.csv") == [
        {"c": "0.1", "a": 'with "quotes", commas\nand lines', "b": ""},
        {"c": "", "a": "nan", "b": "3"},
        {"c": "1e-300", "a": " no ", "b": "True"},
    ]
    assert b"\r" not in (tmp_path / "t.csv").read_bytes()


def test_a_row_that_lacks_a_column_leaves_the_old_table(tmp_path: Path):
    write_table(tmp_path / "t.csv", ["a"], [{"a": 1}])
    with pytest.raises(KeyError):
        write_table(tmp_path / "t.csv", ["a"], [{"a": 2}, {"b": 3}])
    assert read_table(tmp_path / "t.csv") == [{"a": "1"}]
    assert [file.name for file in tmp_path.iterdir()] == ["t.csv"]


def test_distances_are_a_square_with_ids_on_both_sides(tmp_path: Path):
    write_distances(tmp_path / "d.csv", DistanceMatrix(("eng", "nan"), np.array([[0, 0.5], [0.5, 0]])))
    assert (tmp_path / "d.csv").read_text() == "language,eng,nan\neng,0.0,0.5\nnan,0.5,0.0\n"


lengths = st.one_of(st.floats(0, 1e300), st.just(NAN))


@settings(deadline=None)
@given(values=st.integers(1, 5).flatmap(lambda n: arrays(np.float64, (n, n), elements=lengths)))
def test_distances_come_back_to_the_last_digit(tmp_path_factory: pytest.TempPathFactory, values: np.ndarray):
    upper = np.triu(values, 1)
    matrix = DistanceMatrix(tuple("abcde"[: len(values)]), np.where(upper != 0, upper, upper.T))
    file = tmp_path_factory.getbasetemp() / "distances.csv"
    write_distances(file, matrix)
    found = read_distances(file)
    assert found.ids == matrix.ids
    np.testing.assert_array_equal(found.values, matrix.values)


def test_distances_that_were_edited_are_checked(tmp_path: Path):
    file = tmp_path / "d.csv"
    file.write_text("language,a,b\nb,0,1\na,1,0\n")
    with pytest.raises(DamagedFileError, match=r"d\.csv cannot be read: the first column does not repeat the header"):
        read_distances(file)
    file.write_text("language,a,b\na,0,1\nb,2,0\n")
    with pytest.raises(DamagedFileError, match="not symmetric"):
        read_distances(file)


def test_distances_per_model_and_corpus(folder: Path):
    matrix = DistanceMatrix(("a", "b"), np.array([[0, 1], [1, 0]]))
    for name in ("m--y", "m--x"):
        write_distances(folder / "distances" / f"{name}.csv", matrix)
    (folder / "distances" / "m--x.safetensors").touch()
    assert list(Run(seal_run(folder, {})).cell_distances) == ["m--x", "m--y"]
    assert Run(seal_run(folder, {})).cell_distances["m--x"].ids == ("a", "b")


def test_languages_come_back(folder: Path):
    languages = (
        Language("deu", "deu", "stan1295", "German", "Latn", "language", "indo1319", "germ1287",
                 ("indo1319", "clas1257", "germ1287"), 48.65, 12.47, "Eurasia"),
        Language("nan", "nan", name="Min Nan"),
        Language("xxx", "xxx", latitude=0.0, longitude=-0.5),
    )  # fmt: skip
    rows = language_rows(languages)
    write_table(folder / "languages.csv", list(rows[0]), rows)
    assert Run(seal_run(folder, {})).planned == languages


def test_languages_are_those_of_the_distances_in_their_order(folder: Path):
    rows = language_rows([Language(letter, letter) for letter in "abc"])
    write_table(folder / "languages.csv", list(rows[0]), rows)
    write_distances(folder / "distances.csv", DistanceMatrix(("c", "a"), np.array([[0, 1], [1, 0]])))
    assert [language.id for language in Run(seal_run(folder, {})).languages] == ["c", "a"]


PARTS = {
    "run.json": "record",
    "languages.csv": "languages",
    "distances.csv": "distances",
    "kept.csv": "weight_matrices",
    "embedding.csv": "embedding",
    "embedding.json": "embedding",
    "clusters.csv": "clusterings",
    "metrics.csv": "metrics",
    "labels.json": "labels",
}


def cut_short(text: str) -> str:
    """In the middle of an entry of JSON, before the last entry of a table."""
    return text[: len(text) // 2] if text.startswith("{") else text.rpartition(",")[0]


def in_words(text: str) -> str:
    """The first row with words where there were numbers."""
    header, row, *rows = text.splitlines()
    entries = (f"x{entry}" if entry[:1].isdigit() else entry for entry in row.split(","))
    return "\n".join([header, ",".join(entries), *rows])


@pytest.mark.parametrize(
    ("name", "damaged"),
    [
        *((name, lambda _: "") for name in PARTS),
        *((name, cut_short) for name in PARTS),
        *((name, in_words) for name in ("distances.csv", "kept.csv", "embedding.csv", "clusters.csv", "metrics.csv")),
        *((name, lambda text: text.splitlines()[0]) for name in ("languages.csv", "distances.csv", "embedding.csv")),
        *((name, lambda _: "[1]") for name in ("embedding.json", "labels.json")),
        ("labels.json", lambda _: '{"branch": 3}'),
        ("metrics.csv", lambda text: text + '"' + "x" * 200_000),
    ],
)
def test_a_damaged_file_is_named(own_run: Finished, name: str, damaged: Callable[[str], str]):
    file = own_run.folder / name
    file.write_text(damaged(file.read_text(encoding="utf-8")), encoding="utf-8")
    with pytest.raises(DamagedFileError, match=re.escape(name)) as caught:
        getattr(Run(own_run.folder), PARTS[name])
    assert "start the run again" in caught.value.hint


def test_damaged_sums_are_named(own_run: Finished):
    (file,) = (own_run.folder / "distances").glob("*.safetensors")
    file.write_bytes(file.read_bytes()[:100])
    with pytest.raises(DamagedFileError, match=f"{file.name} is not the file that run.json of this run records"):
        Run(own_run.folder).partial_distances(*file.stem.split("--"))


@pytest.mark.parametrize("axes", [0, 1, 3])
def test_an_embedding_comes_back(folder: Path, axes: int):
    points = np.random.default_rng(0).normal(size=(4, axes))
    names = [f"axis_{number + 1}" for number in range(axes)]
    rows = [
        {"language": letter, **dict(zip(names, point, strict=True))}
        for letter, point in zip("abcd", points, strict=True)
    ]
    write_table(folder / "embedding.csv", ["language", *names], rows)
    notes = {"eigenvalues": [3.5, 1e-17, 0.0, -0.25], "negative_mass": 0.1}
    (folder / "embedding.json").write_text(json.dumps(notes))
    embedding = Run(seal_run(folder, {})).embedding
    assert embedding.ids == tuple("abcd")
    np.testing.assert_array_equal(embedding.coordinates, points)
    assert embedding.eigenvalues.tolist() == notes["eigenvalues"]
    assert embedding.notes == {"negative_mass": 0.1}


def test_clusterings_come_back_one_for_each_repetition(folder: Path):
    rows = [
        {"language": language, "clusterer": clusterer, "level": level, "k": k, "seed": seed, "cluster": cluster}
        for clusterer, level, k, seed, clusters in (
            ("kmeans", "branch", 2, 0, (0, 1)),
            ("kmeans", "branch", 2, 1, (1, 0)),
            ("kmeans", "family", 2, 0, (0, 0)),
            ("hdbscan", "", None, 0, (-1, 0)),
        )
        for language, cluster in zip(("deu", "nan"), clusters, strict=True)
    ]
    CLUSTERS.write(folder / "clusters.csv", rows)
    found = [(c.clusterer, c.level, c.k, c.seed, c.labels.tolist()) for c in Run(seal_run(folder, {})).clusterings]
    assert found == [
        ("kmeans", "branch", 2, 0, [0, 1]),
        ("kmeans", "branch", 2, 1, [1, 0]),
        ("kmeans", "family", 2, 0, [0, 0]),
        ("hdbscan", "", None, 0, [-1, 0]),
    ]
    assert {clustering.ids for clustering in Run(seal_run(folder, {})).clusterings} == {("deu", "nan")}


def test_metrics_come_back(folder: Path):
    metrics = (
        Metric("glottolog", "ari", 0.1 + 0.2, 24, "kmeans", "branch", "run", 0.03, 30, 0.0, 0.02, 1e-4, 0.2, 0.4, 9),
        Metric("glottolog", "1nn", -0.5, 24, level="nan"),
        Metric("mine", "odd", 1.0, 3, extras={"share": 0.25, "count": 7}),
    )
    METRICS.write(folder / "metrics.csv", [metric.row for metric in metrics], ("share", "count", "empty"))
    assert Run(seal_run(folder, {})).metrics == metrics


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("comparisons.csv", "b,e,,,nn1,much,,,,3", "'much' in the column delta is not a number"),
        ("metrics.csv", "run,e,,,nn1,0.5,,one,,,,,,3,", "'one' in the column seeds is not a whole number"),
        ("cells.csv", "m,c,deu,reused,1.5,0,,", "'1.5' in the column tokens is not a whole number"),
    ],
)
def test_an_entry_of_another_type_is_named_with_its_file_and_column(folder: Path, name: str, text: str, said: str):
    table: Table = TABLES[name]
    (folder / name).write_text(f"{','.join(table.header)}\n{text}\n")
    with pytest.raises(DamagedFileError, match=re.escape(f"{name} cannot be read: {said}")):
        Run(seal_run(folder, {})).rows(table)


def test_a_table_with_other_columns_is_refused(folder: Path):
    (folder / "cells.csv").write_text("model,corpus\n")
    assert CELLS.read(folder / "cells.csv") == []
    (folder / "cells.csv").write_text("model,corpus\nm,c\n")
    with pytest.raises(DamagedFileError, match="lacks the columns language, status"):
        CELLS.read(folder / "cells.csv")
    header = ",".join(COMPARISONS.header)
    (folder / "comparisons.csv").write_text(f"{header},more\n{'1,' * len(COMPARISONS.header)}1\n")
    with pytest.raises(DamagedFileError, match="unknown columns: more"):
        COMPARISONS.read(folder / "comparisons.csv")


def test_the_documents_print_the_schema():
    page = (Path(__file__).parents[2] / "docs" / "reference" / "run-folder.md").read_text(encoding="utf-8")
    for table in TABLES.values():
        columns = "\n".join(f"| `{one.name}` | {one.meaning} |" for one in table.columns)
        assert f"| column | |\n|---|---|\n{columns}" in page or table.name == "replicates/cells.csv", table.name


def test_labels_and_the_record_come_back(folder: Path):
    (folder / "labels.json").write_text('{"branch": ["germ1287", null]}')
    run = Run(seal_run(folder, {"cells_reused": 3}))
    assert run.labels == {"branch": ("germ1287", None)}
    assert run.record["cells_reused"] == 3
