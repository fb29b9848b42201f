"""What Python users call."""

from __future__ import annotations

import ast
import dataclasses
import logging
import subprocess
import sys
import venv
import zipfile
from importlib.metadata import entry_points
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import t
from tiny_run import Finished

import langgeo_core as lg
from langgeo_atlas.intervals import STUDENT_95
from langgeo_atlas.python import overrides_of
from langgeo_core.api import ConfigError, MissingPackageError, NumericalError, UserError
from langgeo_core.pipeline import run as pipeline

ROOT = Path(lg.__file__).parent


def test_what_is_offered_is_listed_typed_and_nothing_else() -> None:
    names = entry_points(group="langgeo.python").names
    assert names <= {*dir(lg)}
    stub = ast.parse((ROOT / "__init__.pyi").read_text(encoding="utf-8"))
    assert {alias.asname for node in stub.body if isinstance(node, ast.ImportFrom) for alias in node.names} == names
    assert all(getattr(lg, name).__doc__ for name in names)
    with pytest.raises(AttributeError, match="langgeo_core has no 'nothing'"):
        _ = lg.nothing


CODE = """
import sys
import venv
import zipfile
from pathlib import Path
import langgeo_core as lg
print(len(lg.space("best").nearest("Yoruba", 5)))
heavy = {"torch", "transformers", "sklearn", "scipy", "pandas", "matplotlib", "plotly", "numba"}
import time
print(time.process_time())
print(sorted(heavy & set(sys.modules)), Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0])
"""


@pytest.mark.parametrize(
    "asked", ['lg.space("best").nearest', 'lg.space("best").neighbours', 'lg.space("letters").nearest']
)
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="memory is read from /proc")
def test_an_answer_imports_nothing_heavy_and_takes_little_memory(asked: str) -> None:
    code = CODE.replace('lg.space("best").nearest', asked)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    count, seconds, rest = done.stdout.splitlines()
    modules, kilobytes = rest.rsplit(" ", 1)
    assert (count, modules) == ("5", "[]")
    assert int(kilobytes) < 150_000
    assert float(seconds) < 1, "of a processor: about half a second was measured"


def test_without_pandas_its_line_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    space = lg.space("best").subset(["German", "Dutch"])
    monkeypatch.setitem(sys.modules, "pandas", None)
    for call in (space.to_frame, lambda: space.metrics):
        with pytest.raises(MissingPackageError, match="pandas is not installed") as refused:
            call()
        assert refused.value.hint == 'type: pip install "langgeo[frames]"'
    assert space.distance("deu", "nld") > 0


def test_a_space_as_arrays_frames_trees_and_points(own_run: Finished) -> None:
    space = lg.load_run(own_run.folder)
    assert np.asarray(space).shape == (8, 8)
    frame = space.to_frame(names=True)
    assert frame.loc["German", "French"] == space.distance("de", "fra")
    assert {"metric", "value", "n"} <= {*space.metrics.columns}
    assert space.metrics["value"].dtype == lg.space("best").metrics["value"].dtype == float
    assert space.embedding(3).shape == (8, 3)
    for method in ("nj", "upgma", "ward"):
        newick = space.tree(method)
        assert newick.endswith(";") and all(one in newick for one in space.ids)
    with pytest.raises(UserError, match="no tree 'mst'"):
        space.tree("mst")
    for kind in ("map", "heatmap", "tree"):
        assert space.plot(kind).axes
    with pytest.raises(UserError, match="no plot 'pie'"):
        space.plot("pie")
    assert repr(space).startswith("LanguageSpace('run': 8 languages, distances ")
    assert "<table>" in space._repr_html_()


def test_a_subset_takes_languages_classes_and_groups() -> None:
    best = lg.space("best")
    slavic = best.subset(["slav1255", "Finnish"])
    assert {"pol", "rus", "bul", "fin"} <= {*slavic.ids} and "lit" not in slavic.ids
    assert {"pol", "lit"} <= {*best.subset(["Balto-Slavic"]).ids}
    assert best.subset(["Slavic", "finnish"]).ids == slavic.ids
    assert best.subset("SLAV1255").ids == best.subset("slavic").ids == slavic.ids[:-1]
    assert best.subset("balto-slavic").ids == best.subset("Balto-Slavic").ids
    assert best.subset("Bantu").ids == best.subset("Narrow Bantu").ids == best.subset("narr1281").ids
    assert {"swh", "zul"} <= {*best.subset("Bantu").ids} and "ibo" not in best.subset("Bantu").ids
    with pytest.raises(UserError, match="'Klingonic' is not a language id"):
        best.subset(["Klingonic"])


MEANT = {
    "several": (
        "coastal",
        "'coastal' is neither a language nor a group; groups like it are several",
        "write the name or the glottocode of one: Coastal Finnic (coas1319, 4 languages), Coastal NEC",
    ),
    "spelt like it": (
        "North Germanc",
        "'North Germanc' is neither a language nor a group; groups like it are several",
        "North Germanic (nort3160, 6 languages)",
    ),
    "one": (
        "Oceanc",
        "'Oceanc' is neither a language nor a group",
        "did you mean the group Oceanic (ocea1241, 11 languages)?",
    ),
    "a language or one": (
        "Germanc",
        "'Germanc' is neither a language nor a group",
        "did you mean `deu` (German)? or the group Germanic (germ1287, 21 languages)?",
    ),
    "not in the space": (
        "Western Oceanic linkage",
        "no language of the space is in the group Western Oceanic linkage (west2818)",
        "choose another group",
    ),
    "a language that the space lacks": (
        "Klingon",
        "Klingon (tlh) is not in this space",
        "these relatives: Esperanto (epo), Ido",
    ),
}


@pytest.mark.parametrize(("word", "message", "hint"), MEANT.values(), ids=MEANT)
def test_a_word_that_names_no_group_is_told_what_may_be_meant(word: str, message: str, hint: str) -> None:
    with pytest.raises(UserError) as caught:
        lg.space("best").subset([word])
    assert caught.value.message == message
    assert hint in caught.value.hint


def test_classes_of_ones_own_are_groups_too() -> None:
    some = lg.space("best").subset(["Germanic"])
    own = dataclasses.replace(some, labels={"coast": dict.fromkeys(some.ids, "Inland") | {"dan": "North Sea coast"}})
    assert own.subset("north sea coast").ids == ("dan",)
    with pytest.raises(UserError, match="did you mean the group North Sea coast \\(a class\\)"):
        own.subset("sea coast")
    # A language before a class in other capitals, and a class that is spelt so before a language.
    both = dataclasses.replace(some, labels={"x": {"deu": "dutch", "nld": "English", "eng": "none"}})
    assert (both.subset("Dutch").ids, both.subset("dutch").ids, both.subset("English").ids) == (
        ("nld",), ("deu",), ("nld",),
    )  # fmt: skip


def test_it_is_precomputed_distances_for_scikit_learn(own_run: Finished) -> None:
    from sklearn.neighbors import NearestNeighbors

    space = lg.load_run(own_run.folder)
    fitted = NearestNeighbors(n_neighbors=2, metric="precomputed").fit(space)
    _, found = fitted.kneighbors(space)
    assert [space.ids[row] for row in found[:, 1]] == [space.nearest(one, 1)[0][0] for one in space.ids]


def test_run_is_the_command(own_run: Finished, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LANGGEO_CACHE", str(own_run.cache))
    space = lg.run(own_run.config, scorer="wanda", exporters=[], clusterers=[], languages=["deu", "eng", "fra"])
    assert space.ids == ("deu", "eng", "fra")
    (folder,) = (tmp_path / "runs").iterdir()
    assert "scorer=wanda" in folder.name
    again = lg.run(own_run.config, scorer="wanda", exporters=[], clusterers=[], languages=["deu", "eng", "fra"])
    np.testing.assert_array_equal(again, space)
    with pytest.raises(ConfigError, match="unknown key 'scorrer'"):
        lg.run(own_run.config, scorrer="wanda")


def test_evaluate_takes_frames_spaces_and_files(own_run: Finished, tmp_path: Path) -> None:
    space = lg.load_run(own_run.folder)
    quick = {
        "evaluators": [{"name": "glottolog", "permutations": 9, "subsamples": 4}],
        "clusterers": [],
        "baselines": [],
    }
    file = own_run.folder / "distances.csv"
    values = [lg.evaluate(given, **quick).metrics for given in (space, space.to_frame(names=True), file)]
    assert len(values[0]) > 3
    assert all(one["value"].tolist() == values[0]["value"].tolist() for one in values)
    assert lg.evaluate(space, out=tmp_path / "kept", exporters=[], **quick).ids == space.ids
    assert (tmp_path / "kept" / "metrics.csv").is_file()
    named = lg.evaluate(dataclasses.replace(space, name="scripts"), **quick)
    assert named.metrics["value"].tolist() == values[0]["value"].tolist()
    wrong = space.to_frame().rename(index={"deu": "nld_"})
    with pytest.raises(UserError, match="index and columns"):
        lg.evaluate(wrong)


def test_evaluate_replaces_nothing_unless_asked_to(own_run: Finished, tmp_path: Path) -> None:
    before = {file: file.read_bytes() for file in own_run.folder.rglob("*") if file.is_file()}
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "languages.csv").write_text("of my own\n", encoding="utf-8")
    for folder in (own_run.folder, tmp_path / "mine"):
        with pytest.raises(UserError, match="is not empty"):
            lg.evaluate("geography", out=folder)
    assert {file: file.read_bytes() for file in own_run.folder.rglob("*") if file.is_file()} == before
    quick = {"evaluators": [], "clusterers": [], "baselines": [], "exporters": []}
    space = lg.space("geography").subset(["deu", "nld", "fin", "tur"])
    with pytest.raises(UserError, match="holds no run"):
        lg.evaluate(space, out=tmp_path / "mine", overwrite=True, **quick)
    for _ in range(2):
        lg.evaluate(space, out=tmp_path / "kept", overwrite=True, **quick)
    assert lg.load_run(tmp_path / "kept").ids == space.ids


def test_ablate_gives_sentences_and_rows(own_run: Finished, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANGGEO_CACHE", str(own_run.cache))
    found = lg.ablate(own_run.config, out=tmp_path / "ablation", distance=["hamming", "jaccard"])
    assert found.sentences
    assert {row["variant"] for row in found.rows} == {"baseline", "distance=jaccard"}
    assert (found.folder / "ablation.csv").is_file()
    assert len(found.to_frame()) == len(found.rows)
    head, *lines = repr(found).splitlines()
    assert head == f"Ablation('{tmp_path / 'ablation'}': 2 variants, {len(found.rows)} rows)"
    assert lines == list(found.sentences)
    assert found._repr_html_().count("<li>") == len(found.sentences) and "Spearman&#x27;s" in found._repr_html_()


def test_what_takes_long_is_said_unless_quiet(
    own_run: Finished, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LANGGEO_CACHE", str(own_run.cache))
    monkeypatch.chdir(tmp_path)
    notices, plan = logging.getLogger("langgeo.notice"), pipeline.make_plan
    notices.handlers.clear()  # an earlier command's

    def converted(*given: object, **named: object) -> object:
        notices.info("converting a model, only once")
        return plan(*given, **named)

    monkeypatch.setattr(pipeline, "make_plan", converted)
    for quiet in (True, False, True):
        lg.run(own_run.config, languages=["deu", "eng", "fra"], clusterers=[], exporters=[], quiet=quiet)
        assert ("converting a model, only once" in capsys.readouterr().err) is not quiet
    assert notices.handlers == []


def test_choices_become_overrides() -> None:
    choices = {"scorer": {"name": "sparsegpt", "diagonal": "cholesky"}, "calibration": {"tokens": 512}, "seed": 3}
    assert list(overrides_of(choices)) == [
        'scorer={"name": "sparsegpt", "diagonal": "cholesky"}', "calibration.tokens=512", "seed=3",
    ]  # fmt: skip


def test_missing_pairs_have_no_tree_and_a_class_is_a_subset(own_run: Finished) -> None:
    space = lg.load_run(own_run.folder)
    assert set(space.subset(["Germanic"]).ids) == {"deu", "eng", "nld", "swe"}
    frame = space.to_frame()
    frame.iloc[0, 1] = frame.iloc[1, 0] = np.nan
    with pytest.raises(NumericalError, match="needs every pair"):
        lg.compare(frame, space)


def test_student_s_quantiles() -> None:
    np.testing.assert_allclose(STUDENT_95, t.ppf(0.975, range(1, 21)), atol=5e-5)


USER = """
import langgeo_core as lg

best = lg.space("best")
reveal_type(best)
near: list[tuple[str, float]] = best.nearest("Yoruba", 5)
reveal_type(best.embedding(3))
reveal_type(lg.compare(best, "letters").figures[0].difference)
reveal_type(lg.run("starter-small", scorer="wanda", languages=["deu", "eng"]))
reveal_type(lg.SpaceTransformer().fit_transform(best))
reveal_type([one.apart for one in best.neighbours("German")])
wrong: int = best.tree("nj")
best.nearst("German")
"""
# Reading packages whose types no user sees would take most of the time.
UNSEEN = """
[mypy]
[mypy-torch.*,transformers.*,sklearn.*,scipy.*,numba.*,pydantic.*,plotly.*]
follow_imports = skip
follow_imports_for_stubs = True
"""


def test_type_checkers_know_what_users_call(wheel: Path, tmp_path: Path) -> None:
    """In an environment with the wheel, whose marker `py.typed` mypy looks for."""
    venv.create(tmp_path / "env")
    (site,) = (tmp_path / "env").rglob("site-packages")
    with zipfile.ZipFile(wheel) as packed:
        packed.extractall(site)
    (site / "others.pth").write_text(f"{Path(np.__file__).parents[1]}\n", encoding="utf-8")
    (tmp_path / "user.py").write_text(USER, encoding="utf-8")
    interpreter = next(one for one in (tmp_path / "env").glob("*/python*") if one.is_file())
    (tmp_path / "mypy.ini").write_text(UNSEEN, encoding="utf-8")
    words = ["--strict", "--no-error-summary", "--cache-dir", str(tmp_path / "cache"), "--config-file=mypy.ini"]
    command = [sys.executable, "-m", "mypy", *words, "--python-executable", str(interpreter), "user.py"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, check=False)
    lines = [line.partition(": ")[2] for line in done.stdout.splitlines()]
    space = "langgeo_atlas.space.LanguageSpace"
    array = "numpy.ndarray[tuple[Any, ...], numpy.dtype[numpy.float64]]"
    assert [line.replace("builtins.", "") for line in lines] == [
        f'note: Revealed type is "{space}"',
        f'note: Revealed type is "{array}"',
        'note: Revealed type is "float"',
        f'note: Revealed type is "{space}"',
        f'note: Revealed type is "{array}"',
        'note: Revealed type is "list[bool | None]"',
        'error: Incompatible types in assignment (expression has type "str", variable has type "int")  [assignment]',
        'error: "LanguageSpace" has no attribute "nearst"; maybe "nearest"?  [attr-defined]',
    ], done.stdout + done.stderr
