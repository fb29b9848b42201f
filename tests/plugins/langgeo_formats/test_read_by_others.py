"""What the exporters write, read back by other libraries: names with apostrophes, underscores and letters of others."""

from __future__ import annotations

import csv
import importlib
import io
import json
import re
import shutil
import subprocess
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import networkx as nx
import numpy as np
import pytest
import skbio
from scipy.cluster.hierarchy import cophenet, linkage
from scipy.spatial.distance import squareform

from langgeo_core.api import (
    DistanceMatrix,
    Language,
    LanguageTable,
    NumericalError,
    Run,
    bundled_catalog,
    config_of,
    installed,
)
from langgeo_core.planning.plan import language_rows
from langgeo_core.storage.schema import METRICS, write_distances, write_table
from langgeo_formats.exporting import labels
from langgeo_formats.latex import escaped
from langgeo_formats.phylip import strict_names
from langgeo_statistics.quartets import quartets_of, treelikeness
from langgeo_testing import seal_run

COUNT = 126
ODD = {1: "it's", 2: "cmn_Hant", 3: "Ƙ̣ǃxóõ (ǁAni)", 4: "Норвежский [букмол]", 5: "x" * 60, 6: "a\tb", 7: "50 % & #1"}


def odd_languages() -> list[Language]:
    """126 languages, some with odd names or ids with underscores, one without a place."""
    table = LanguageTable()
    known = [table.lookup("cmn_Hans"), *(one for one in table.all() if one.glottocode)][:COUNT]
    return [
        Language(**{**vars(one), "name": ODD.get(place, one.name), "latitude": None if place == 9 else one.latitude})
        for place, one in enumerate(known)
    ]


def written(folder: Path, languages: list[Language], missing: bool) -> Run:
    """A run over these languages, and where wanted two pairs of the first one missing."""
    count = len(languages)
    source = np.random.default_rng(0).uniform(1, 2, (count, count))
    values = (source + source.T) / 3
    np.fill_diagonal(values, 0)
    if missing:
        values[0, 1:3] = values[1:3, 0] = np.nan
    ids = tuple(one.id for one in languages)
    rows = language_rows(languages)
    write_table(folder / "languages.csv", list(rows[0]), rows)
    write_distances(folder / "distances.csv", DistanceMatrix(ids, values))
    metric = {
        **dict.fromkeys(METRICS.header), "source": "run", "evaluator": "glottolog", "level": "branch", "clusterer": "",
        "metric": "map-across-scripts", "value": 0.61234, "n": count, "seeds": 1, "null_mean": 0.3, "p": 0.001,
    }  # fmt: skip
    write_table(folder / "metrics.csv", METRICS.header, [metric])
    axes = [{"language": one, "axis_1": place, "axis_2": -place} for place, one in enumerate(ids)]
    write_table(folder / "embedding.csv", ["language", "axis_1", "axis_2"], axes)
    (folder / "embedding.json").write_text('{"eigenvalues": [2.0, 1.0]}', encoding="utf-8")
    (folder / "config.yaml").write_text("matrix: {file: distances.csv}\n", encoding="utf-8")
    return Run(seal_run(folder, {"name": "odd"}))


@pytest.fixture(scope="module", params=["starter-small", "odd", "missing"])
def run(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """The twelve languages of the starter; 126 languages with odd names; the same with missing pairs."""
    small = map(LanguageTable().lookup, bundled_catalog().language_sets["starter-small"])
    languages = list(small) if request.param == "starter-small" else odd_languages()
    return written(tmp_path_factory.mktemp("run"), languages, request.param == "missing")


@pytest.fixture
def odd(run: Run) -> Run:
    return run if len(run.languages) == COUNT else pytest.skip("of the odd names")


def export(run: Run, name: str, **options: Any) -> list[Path]:
    override = f"exporters=[{json.dumps({'name': name, **options})}]"
    config = config_of({"registry": None}, str(run.path / "config.yaml"), [override])
    files: list[Path] = config.one("exporters").build().export(run)
    assert all(file.is_file() and file.is_relative_to(run.path) for file in files)
    return files


def kept(run: Run) -> list[str]:
    return [identifier for identifier in run.distances.ids if identifier not in run.distances.lacking_pairs()]


NAMES = pytest.mark.parametrize("names", ["id", "glottocode", "name"])
EXACT = 1e-12


def called(run: Run, names: Any) -> dict[str, str]:
    """The label of each id."""
    return dict(zip(run.distances.ids, labels(run.languages, names), strict=True))


def check(found: dict[tuple[str, str], float], run: Run, names: dict[str, str], ids: list[str] | None = None) -> None:
    """Compare distances by pairs of labels with those of the run, NaN where they are missing."""
    ids = list(run.distances.ids) if ids is None else ids
    values = run.distances.subset(ids).values
    expected = {(names[a], names[b]): values[i, j] for i, a in enumerate(ids) for j, b in enumerate(ids) if i != j}
    assert found.keys() == expected.keys()
    keys = list(expected)
    np.testing.assert_allclose([found[key] for key in keys], [expected[key] for key in keys], rtol=0, atol=EXACT)


def off_diagonal(ids: Any, values: Any) -> dict[tuple[str, str], float]:
    names = list(ids)
    return {(a, b): float(values[i][j]) for i, a in enumerate(names) for j, b in enumerate(names) if i != j}


def heights(run: Run) -> dict[frozenset[str], float]:
    """The height of the node that joins two languages in the tree of UPGMA."""
    upper = squareform(run.distances.values, checks=False)
    joined = squareform(cophenet(linkage(upper, "average")))
    ids = run.distances.ids
    return {frozenset((a, b)): joined[i, j] for i, a in enumerate(ids) for j, b in enumerate(ids) if i < j}


@NAMES
def test_lsmat_by_scikit_bio(run: Run, names: str) -> None:
    (file,) = export(run, "lsmat", names=names)
    found = skbio.DistanceMatrix.read(file, format="lsmat", verify=False)
    words = {one: " ".join(label.split()) for one, label in called(run, names).items()}
    check(off_diagonal(found.ids, found.data), run, words, kept(run))


@NAMES
@pytest.mark.parametrize("triangle", ["full", "lower"])
@pytest.mark.parametrize("layout", ["relaxed", "strict"])
def test_phylip_by_scikit_bio(run: Run, names: str, triangle: str, layout: str) -> None:
    matrix, *table = export(run, "phylip", names=names, layout=layout, triangle=triangle)
    words = {one: re.sub(r"\s+", "_", label) for one, label in called(run, names).items()}
    if layout == "strict":
        with table[0].open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        words = {row["language"]: row["name"] for row in rows}
        assert {row["language"]: row["label"] for row in rows} == called(run, names)
        lines = matrix.read_text(encoding="ascii").splitlines()[1:]
        assert len({line[:10] for line in lines}) == len(run.languages)
        assert {len(line[:10]) for line in lines} == {10}
    if not run.distances.complete:  # scikit-bio's matrices have no missing pairs
        with pytest.raises(skbio.stats.distance.DistanceMatrixError, match="NaN"):
            skbio.DistanceMatrix.read(matrix, format="phylip_dm", strict=layout == "strict")
        return
    found = skbio.DistanceMatrix.read(matrix, format="phylip_dm", strict=layout == "strict")
    check(off_diagonal([one.strip() for one in found.ids], found.data), run, words)


@NAMES
def test_newick_by_scikit_bio_and_dendropy(run: Run, names: str) -> None:
    if not run.distances.complete:
        with pytest.raises(NumericalError, match="needs every pair"):
            export(run, "newick", names=names)
        return
    (file,) = export(run, "newick", names=names)
    words, joined = called(run, names), heights(run)
    tree = skbio.TreeNode.read(file, format="newick", convert_underscores=True)
    between = tree.cophenet()
    found = {frozenset(key): far for key, far in off_diagonal(between.ids, between.data).items()}
    expected = {frozenset(words[one] for one in pair): far for pair, far in joined.items()}
    assert found.keys() == expected.keys()
    assert max(abs(found[key] - expected[key]) for key in expected) < EXACT
    dendropy = pytest.importorskip("dendropy")
    other = dendropy.Tree.get(path=str(file), schema="newick", preserve_underscores=False)
    check_tree(other, expected)


def check_tree(tree: Any, expected: dict[frozenset[str], float]) -> None:
    """Compare the path between any two leaves of DendroPy's tree."""
    far = tree.phylogenetic_distance_matrix()
    found = {frozenset((a.label, b.label)): far.patristic_distance(a, b) for a, b in far.distinct_taxon_pair_iter()}
    assert found.keys() == expected.keys()
    assert max(abs(found[key] - expected[key]) for key in expected) < EXACT


@NAMES
def test_csv_by_pandas(run: Run, names: str) -> None:
    pd = pytest.importorskip("pandas")
    (file,) = export(run, "csv", names=names)
    # `nan` is Min Nan's code, and the index is text.
    found = pd.read_csv(file, index_col=0, float_precision="round_trip", dtype={"language": str}, keep_default_na=False,
                        na_values={label: [""] for label in called(run, names).values()})  # fmt: skip
    assert list(found.index) == list(found.columns)
    check(off_diagonal(found.index, found.to_numpy()), run, called(run, names))


@NAMES
def test_json(run: Run, names: str) -> None:
    (file,) = export(run, "json", names=names)
    found = json.loads(file.read_text(encoding="utf-8"))
    values = np.array(found["average_distances_matrix"], dtype=float)
    check(off_diagonal(found["languages_list"], values), run, called(run, names))


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


@NAMES
def test_a_table_without_its_header(run: Run, names: str) -> None:
    (file,) = export(run, "csv", header=False, names=names)
    rows = list(csv.reader(io.StringIO(file.read_text(encoding="utf-8"))))
    values = [[float(entry or "nan") for entry in row[1:]] for row in rows]
    check(off_diagonal([row[0] for row in rows], values), run, called(run, names))


def test_pairs_as_csv_and_parquet(run: Run) -> None:
    (file,) = export(run, "pairs")
    with file.open(encoding="utf-8", newline="") as handle:
        rows = list(csv.DictReader(handle))
    pairs = {(row["id_1"], row["id_2"]): float(row["distance"] or "nan") for row in rows}
    check(pairs | {(b, a): far for (a, b), far in pairs.items()}, run, called(run, "id"))
    languages = {language.id: language for language in run.languages}
    for row in rows:
        for number in "12":
            one = languages[row[f"id_{number}"]]
            assert (row[f"name_{number}"], row[f"glottocode_{number}"]) == (one.name, one.glottocode)
            assert row[f"latitude_{number}"] == ("" if one.latitude is None else str(one.latitude))
    pq = pytest.importorskip("pyarrow.parquet")
    (parquet,) = export(run, "pairs", file="parquet")
    found = pq.read_table(parquet).to_pylist()
    assert [one["distance"] for one in found] == [float(row["distance"]) if row["distance"] else None for row in rows]
    assert found[0]["latitude_1"] == run.languages[0].latitude


@NAMES
def test_geojson(run: Run, names: str) -> None:
    (file,) = export(run, "geojson", names=names)
    features = json.loads(file.read_text(encoding="utf-8"))["features"]
    assert [one["id"] for one in features] == list(run.distances.ids)
    assert [one["properties"]["label"] for one in features] == list(called(run, names).values())
    values = run.distances.values.copy()
    np.fill_diagonal(values, np.nan)
    far = [one["properties"]["nearest_distance"] for one in features]
    np.testing.assert_allclose(far, np.nanmin(values, axis=1), rtol=0, atol=EXACT)
    for one, language in zip(features, run.languages, strict=True):
        place = None if language.latitude is None else [language.longitude, language.latitude]
        assert (one["geometry"] and one["geometry"]["coordinates"]) == place
        row = run.distances.ids.index(language.id), run.distances.ids.index(one["properties"]["nearest"])
        assert run.distances.values[row] == one["properties"]["nearest_distance"]


def test_geojson_by_geopandas(run: Run) -> None:
    frame = pytest.importorskip("geopandas").read_file(export(run, "geojson", names="name")[0])
    assert list(frame["label"]) == list(called(run, "name").values())
    for place, language in zip(frame.geometry, run.languages, strict=True):
        assert place is None if language.latitude is None else (place.x, place.y) == (
            language.longitude, language.latitude,
        )  # fmt: skip
    assert frame.crs.to_epsg() == 4326


@NAMES
def test_graphml_by_networkx(run: Run, names: str) -> None:
    (file,) = export(run, "graphml", names=names, neighbours=2)
    graph = nx.read_graphml(file)
    assert dict(graph.nodes(data="label")) == called(run, names)
    spanning = graph.edge_subgraph([edge[:2] for edge in graph.edges(data="spanning") if edge[2]])
    assert nx.is_tree(spanning) and len(spanning) == len(run.languages)
    position = {identifier: place for place, identifier in enumerate(run.distances.ids)}
    for one, other, distance in graph.edges(data="distance"):
        assert abs(distance - run.distances.values[position[one], position[other]]) < EXACT
    assert all(graph.degree(one) >= 2 for one in graph)


@NAMES
def test_the_spanning_tree_by_networkx(run: Run, names: str) -> None:
    (file,) = export(run, "mst", names=names)
    with file.open(encoding="utf-8", newline="") as handle:
        rows = list(csv.DictReader(handle))
    words = called(run, names)
    whole = nx.Graph()
    for (a, b), far in off_diagonal(run.distances.ids, run.distances.values).items():
        if not np.isnan(far):
            whole.add_edge(words[a], words[b], weight=far)
    expected = {frozenset(edge[:2]): edge[2] for edge in nx.minimum_spanning_edges(whole, data="weight")}
    expected = {edge: whole.edges[tuple(edge)]["weight"] for edge in expected}
    assert {frozenset((row["source"], row["target"])): float(row["distance"]) for row in rows} == expected


@NAMES
def test_latex_to_its_last_digit(run: Run, names: str) -> None:
    _, file = export(run, "latex", most=COUNT, names=names, digits=15)
    rows = [line.removesuffix(" \\\\").split(" & ") for line in file.read_text(encoding="utf-8").splitlines()
            if line.endswith("\\\\")][1:]  # fmt: skip
    assert [row[0] for row in rows] == [escaped(label) for label in called(run, names).values()]
    for place, row in enumerate(rows):
        found = [float(entry.strip("$") or "nan") for entry in row[1 : place + 1]]
        np.testing.assert_allclose(found, run.distances.values[place, :place], rtol=0, atol=EXACT)


def test_latex(odd: Run) -> None:
    run = odd
    (scores,) = export(run, "latex")
    text = scores.read_text(encoding="utf-8")
    assert "branch & map-across-scripts & $0.612$ &  & $0.300$ & 0.001 & 126 \\\\" in text
    assert text.count("{") == text.count("}")
    scores, distances = export(run, "latex", most=COUNT, names="name", digits=2)
    table = distances.read_text(encoding="utf-8")
    assert r"50 \% \& \#1" in table and r"cmn\_Hant" in table
    assert {line.count(" & ") for line in table.splitlines() if line.endswith("\\\\")} == {COUNT - 1}
    assert escaped("a_b^c~d\\e") == r"a\_b\textasciicircum{}c\textasciitilde{}d\textbackslash{}e"


@NAMES
def test_nexus_by_commonnexus_and_dendropy(run: Run, names: str) -> None:
    (file,) = export(run, "nexus", names=names)
    text = file.read_text(encoding="utf-8")
    assert "?" not in text.split("MATRIX")[1].split("END;")[0]
    nexus, words, ids = pytest.importorskip("commonnexus").Nexus(text), called(run, names), kept(run)
    matrix = nexus.DISTANCES.get_matrix()
    pairs = {(a, b): float(far) for a, row in matrix.items() for b, far in row.items() if a != b}
    check(pairs, run, words, ids)
    small = DistanceMatrix(tuple(ids), run.distances.subset(ids).values)
    joined = heights(SimpleNamespace(distances=small))  # type: ignore[arg-type]
    expected = {frozenset(words[one] for one in pair): far for pair, far in joined.items()}
    dendropy = pytest.importorskip("dendropy")
    trees = dendropy.TreeList.get(data=text, schema="nexus", preserve_underscores=True)
    check_tree(trees[0], expected)


READ_BY_R = """
suppressMessages({library(ape); library(phangorn)})
file <- commandArgs(TRUE)[1]
distances <- readDist(file, format = "nexus")
tree <- read.nexus(file)
cat(labels(distances), sep = "\\t"); cat("\\n")
cat(format(distances, digits = 17), sep = "\\t"); cat("\\n")
tips <- gsub("'", "", tree$tip.label)  # ape keeps the quotes of labels with an underscore
cat(is.rooted(tree), is.ultrametric(tree, tol = 1e-6), setequal(tips, labels(distances)), "\\n")
cat(format(mean(delta.plot(distances, plot = FALSE)$delta.bar), digits = 17), "\\n")
if (length(labels(distances)) < 50) cat(class(neighborNet(distances)), "\\n")
"""


@pytest.fixture(scope="module")
def rscript() -> str:
    """R with ape and phangorn."""
    script = shutil.which("Rscript")
    wanted = [script or "", "-e", "library(ape); library(phangorn)"]
    if script is None or subprocess.run(wanted, capture_output=True, check=False).returncode:
        pytest.skip("there is no R with ape and phangorn")
    return script


@pytest.mark.parametrize("names", ["id", "glottocode"])
def test_nexus_by_r(run: Run, names: str, rscript: str) -> None:
    (file,) = export(run, "nexus", names=names)
    done = subprocess.run([rscript, "-e", READ_BY_R, str(file)], capture_output=True, text=True, check=True)
    words, values, tree, delta, *net = done.stdout.splitlines()
    ids = kept(run)
    square = squareform([float(value) for value in values.split("\t")])
    check(off_diagonal(words.split("\t"), square), run, called(run, names), ids)
    assert tree.split() == ["TRUE", "TRUE", "TRUE"]
    if len(ids) < 50:
        every = quartets_of(len(ids), 10**9, np.random.default_rng(0))
        assert float(delta) == pytest.approx(treelikeness(run.distances.subset(ids).values, every).delta, abs=1e-9)
        assert net == ["networx phylo "]


@NAMES
def test_cldf_by_pycldf(run: Run, names: str) -> None:
    pycldf = pytest.importorskip("pycldf")
    files = export(run, "cldf", names=names)
    (metadata,) = [file for file in files if file.name.endswith("metadata.json")]
    dataset = pycldf.Dataset.from_metadata(metadata)
    assert dataset.validate()
    rows = list(dataset["distances.csv"])
    pairs = {(row["Language_ID"], row["Other_Language_ID"]): float(row["Distance"]) for row in rows}
    pairs |= {(b, a): far for (a, b), far in pairs.items()}
    every = off_diagonal(run.distances.ids, run.distances.values)
    check({key: pairs.get(key, float("nan")) for key in every}, run, called(run, "id"))
    assert [one["Name"] for one in dataset["LanguageTable"]] == list(called(run, names).values())
    (tree,) = importlib.import_module("pycldf.trees").TreeTable(dataset)
    assert {node.unquoted_name for node in tree.newick().walk() if node.is_leaf} == set(kept(run))


def test_every_exporter_calls_languages_as_asked(tmp_path: Path) -> None:
    """Those without the option `names` have more than one name of a language in what they write."""
    run = written(tmp_path, list(map(LanguageTable().lookup, ("deu", "eng", "nob", "cmn_Hant", "nan"))), missing=False)
    several = {"pairs": ("id", "glottocode", "name"), "html": ("id", "name"), "markdown": ()}
    for entry in installed().all("exporters"):
        exporter = entry.component
        if exporter.missing_packages() or exporter.name in ("figures", "mlflow"):
            continue  # one draws outlines of letters and has a test of its own, the other sends files that are there
        options = exporter.load("options")
        choices = ("id", "glottocode", "name") if options and "names" in options.model_fields else ()
        assert choices or exporter.name in several
        for names in choices or [""]:
            files = export(run, exporter.name, **({"names": names} if names else {}))
            text = "".join(file.read_text(encoding="utf-8") for file in files if file.suffix not in (".png", ".pdf"))
            wanted = [getattr(run.languages[1], one) for one in ((names,) if names else several[exporter.name])]
            assert [word for word in wanted if word not in text] == [], exporter.name
