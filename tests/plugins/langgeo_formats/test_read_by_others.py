"""What the exporters write, read back by other libraries: names with apostrophes, underscores and letters of others."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import networkx as nx
import numpy as np
import pytest
import skbio

from langgeo_core.api import DistanceMatrix, Language, LanguageTable, NumericalError, Run, config_of
from langgeo_core.planning.plan import language_rows
from langgeo_core.storage.schema import write_distances, write_table
from langgeo_formats.exporting import labels
from langgeo_formats.latex import escaped
from langgeo_formats.phylip import strict_names
from langgeo_testing import seal_run

COUNT = 126
ODD = {1: "it's", 2: "cmn_Hant", 3: "Ƙ̣ǃxóõ (ǁAni)", 4: "Норвежский [букмол]", 5: "x" * 60, 6: "a\tb", 7: "50 % & #1"}


def written(folder: Path, missing: bool) -> Run:
    """A run over 126 languages, some with odd names, and where wanted two pairs of the first one missing."""
    known = [one for one in LanguageTable().all() if one.glottocode][:COUNT]
    languages = [
        Language(**{**vars(one), "name": ODD.get(place, one.name), "latitude": None if place == 9 else one.latitude})
        for place, one in enumerate(known)
    ]
    source = np.random.default_rng(0).uniform(1, 2, (COUNT, COUNT))
    values = (source + source.T) / 3
    np.fill_diagonal(values, 0)
    if missing:
        values[0, 1:3] = values[1:3, 0] = np.nan
    ids = tuple(one.id for one in languages)
    rows = language_rows(languages)
    write_table(folder / "languages.csv", list(rows[0]), rows)
    write_distances(folder / "distances.csv", DistanceMatrix(ids, values))
    columns = ["source", "evaluator", "level", "clusterer", "metric", "value", "n", "k", "null_mean", "p"]
    from langgeo_core.storage.schema import METRICS

    metric = dict.fromkeys(METRICS.header) | dict(
        zip(
            columns,
            ["run", "glottolog", "branch", "", "map-across-scripts", 0.61234, COUNT, None, 0.3, 0.001],
            strict=True,
        )
    )
    write_table(folder / "metrics.csv", METRICS.header, [metric])
    (folder / "config.yaml").write_text("matrix: {file: distances.csv}\n", encoding="utf-8")
    return Run(seal_run(folder, {"name": "odd"}))


@pytest.fixture(scope="module", params=[False, True], ids=["complete", "missing"])
def run(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Run:
    return written(tmp_path_factory.mktemp("run"), request.param)


def export(run: Run, name: str, **options: Any) -> list[Path]:
    override = f"exporters=[{json.dumps({'name': name, **options})}]"
    config = config_of({"registry": None}, str(run.path / "config.yaml"), [override])
    files: list[Path] = config.one("exporters").build().export(run)
    assert all(file.is_file() and file.is_relative_to(run.path / "exports") for file in files)
    return files


def kept(run: Run) -> list[str]:
    return [identifier for identifier in run.distances.ids if identifier not in run.distances.lacking_pairs()]


@pytest.mark.parametrize("names", ["id", "name"])
def test_lsmat_by_scikit_bio(run: Run, names: str) -> None:
    (file,) = export(run, "lsmat", names=names)
    found = skbio.DistanceMatrix.read(file, format="lsmat")
    assert len(found.ids) == COUNT - (not run.distances.complete)
    np.testing.assert_allclose(found.data, run.distances.subset(kept(run)).values, rtol=0, atol=1e-12)
    if names == "id":
        assert list(found.ids) == kept(run)


@pytest.mark.parametrize("names", ["id", "name"])
def test_newick_by_scikit_bio(run: Run, names: str) -> None:
    if not run.distances.complete:
        with pytest.raises(NumericalError, match="needs every pair"):
            export(run, "newick", names=names)
        return
    (file,) = export(run, "newick", names=names)
    tree = skbio.TreeNode.read(file, format="newick", convert_underscores=True)
    assert {tip.name for tip in tree.tips()} == set(labels(run.languages, names))


def test_strict_phylip_has_ten_letters_and_a_table_of_names(run: Run) -> None:
    matrix, table = export(run, "phylip", names="name", layout="strict", triangle="lower")
    first, *lines = matrix.read_text(encoding="ascii").splitlines()
    assert first == str(COUNT)
    names = [line[:10] for line in lines]
    assert len(set(names)) == COUNT and {len(name) for name in names} == {10}
    for place, line in enumerate(lines):
        expected = run.distances.values[place, :place]
        np.testing.assert_array_equal(np.array(line[10:].split(), dtype=float), expected)
    with table.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["name"] for row in rows] == [name.strip() for name in names]
    assert [row["language"] for row in rows] == list(run.distances.ids)
    assert rows[1]["label"] == "it's"


def test_strict_names_stay_apart() -> None:
    given = [
        "Bokmål",
        "Bokmal",
        "Norwegian Bokmål",
        "Norwegian Bok",
        "Norwegian1",
        "",
        "ǃ",
        *map(str, range(30)),
        "x" * 12,
    ]
    found = strict_names(given)
    assert len({name.strip() for name in found}) == len(given)
    assert {len(name) for name in found} == {10}


def test_a_table_without_its_header(run: Run) -> None:
    (file,) = export(run, "csv", header=False)
    rows = list(csv.reader(io.StringIO(file.read_text(encoding="utf-8"))))
    assert [row[0] for row in rows] == list(run.distances.ids)
    values = np.array([[float(entry or "nan") for entry in row[1:]] for row in rows])
    np.testing.assert_array_equal(values, run.distances.values)


def test_pairs_as_csv_and_parquet(run: Run) -> None:
    (file,) = export(run, "pairs")
    with file.open(encoding="utf-8", newline="") as handle:
        rows = list(csv.DictReader(handle))
    assert len(rows) == COUNT * (COUNT - 1) // 2
    position = {identifier: place for place, identifier in enumerate(run.distances.ids)}
    for row in rows:
        expected = run.distances.values[position[row["id_1"]], position[row["id_2"]]]
        assert float(row["distance"] or "nan") == expected or (np.isnan(expected) and not row["distance"])
    assert rows[0]["name_2"] == "it's"
    pq = pytest.importorskip("pyarrow.parquet")
    (parquet,) = export(run, "pairs", file="parquet")
    found = pq.read_table(parquet).to_pylist()
    assert [one["distance"] for one in found] == [float(row["distance"]) if row["distance"] else None for row in rows]
    assert found[0]["latitude_1"] == run.languages[0].latitude


def test_geojson(run: Run) -> None:
    (file,) = export(run, "geojson", names="name")
    found = json.loads(file.read_text(encoding="utf-8"))
    assert [one["id"] for one in found["features"]] == list(run.distances.ids)
    assert found["features"][9]["geometry"] is None
    first = found["features"][5]
    assert first["geometry"]["coordinates"] == [run.languages[5].longitude, run.languages[5].latitude]
    values = run.distances.values[5].copy()
    values[5] = np.nan
    assert first["properties"]["nearest_distance"] == np.nanmin(values)
    assert found["features"][4]["properties"]["label"] == ODD[4]


def test_graphml_by_networkx(run: Run) -> None:
    (file,) = export(run, "graphml", names="name", neighbours=2)
    graph = nx.read_graphml(file)
    assert set(graph) == set(run.distances.ids)
    assert graph.nodes[run.distances.ids[3]]["label"] == ODD[3]
    spanning = graph.edge_subgraph([edge[:2] for edge in graph.edges(data="spanning") if edge[2]])
    assert nx.is_tree(spanning) and len(spanning) == COUNT
    position = {identifier: place for place, identifier in enumerate(run.distances.ids)}
    for one, other, distance in graph.edges(data="distance"):
        assert distance == run.distances.values[position[one], position[other]]
    assert all(graph.degree(one) >= 2 for one in graph)


def test_latex(run: Run) -> None:
    (scores,) = export(run, "latex")
    text = scores.read_text(encoding="utf-8")
    assert "branch & map-across-scripts & $0.612$ &  & $0.300$ & 0.001 & 126 \\\\" in text
    assert text.count("{") == text.count("}")
    scores, distances = export(run, "latex", most=COUNT, names="name", digits=2)
    table = distances.read_text(encoding="utf-8")
    assert r"50 \% \& \#1" in table and r"cmn\_Hant" in table
    assert {line.count(" & ") for line in table.splitlines() if line.endswith("\\\\")} == {COUNT - 1}
    assert escaped("a_b^c~d\\e") == r"a\_b\textasciicircum{}c\textasciitilde{}d\textbackslash{}e"


def test_nexus_by_commonnexus_and_dendropy(run: Run) -> None:
    (file,) = export(run, "nexus", names="name")
    text = file.read_text(encoding="utf-8")
    assert "?" not in text.split("MATRIX")[1].split("END;")[0]
    wanted = dict(zip(run.distances.ids, labels(run.languages, "name"), strict=True))
    names = [wanted[one] for one in kept(run)]
    nexus = pytest.importorskip("commonnexus").Nexus(text)
    matrix = nexus.DISTANCES.get_matrix()
    assert len(matrix) == len(names)
    dendropy = pytest.importorskip("dendropy")
    trees = dendropy.TreeList.get(data=text, schema="nexus", preserve_underscores=True)
    assert {leaf.taxon.label for leaf in trees[0].leaf_node_iter()} == set(names)


def test_cldf_by_pycldf(run: Run) -> None:
    pycldf = pytest.importorskip("pycldf")
    files = export(run, "cldf", names="name")
    (metadata,) = [file for file in files if file.name.endswith("metadata.json")]
    dataset = pycldf.Dataset.from_metadata(metadata)
    assert dataset.validate()
    rows = list(dataset["distances.csv"])
    missing = int(np.isnan(run.distances.values).sum()) // 2
    assert len(rows) == COUNT * (COUNT - 1) // 2 - missing
    position = {identifier: place for place, identifier in enumerate(run.distances.ids)}
    for row in rows:
        expected = run.distances.values[position[row["Language_ID"]], position[row["Other_Language_ID"]]]
        assert float(row["Distance"]) == pytest.approx(expected, abs=1e-12)
    assert [one["Name"] for one in dataset["LanguageTable"]] == labels(run.languages, "name")
    (tree,) = dataset["TreeTable"]
    assert tree["ID"] == "upgma"
