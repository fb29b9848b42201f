"""`langgeo transfer` and `langgeo sources`, and the evaluator in a run with its section of the report."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from tiny_run import Finished, Langgeo, incidents, rows

import langgeo_core as lg
from langgeo_transfer.measured import measured

CODES = ("deu", "nld", "eng", "rus", "ukr", "pol", "fin", "ekk", "hun", "hin", "urd", "tur", "arb")
SINGLE = ["best", "paper", "letters", "geography", "glottolog-tree"]
FIRST = ["best+geography+glottolog-tree", "best+letters+geography+glottolog-tree", *SINGLE]


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """Scores that fall with the distances of `best`: two tasks, the second as a loss."""
    space = lg.space("best")
    lines = ["task,target,source,score,source_size"]
    for target in CODES:
        for size, source in enumerate(CODES, start=1):
            if source != target:
                near = space.distance(target, source)
                lines += [f"a,{target},{source},{100 - 50 * near},{size}", f"b,{target},{source},{near},{size}"]
    file = tmp_path / "scores.csv"
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return file


def test_every_distance_against_a_table(langgeo: Langgeo, table: Path, tmp_path: Path) -> None:
    out = tmp_path / "figures.csv"
    done = langgeo("transfer", table, "--task", "a", "--permutations", "19", "--out", out)
    assert done.code == 0, done.err
    assert "a: all pairs; 13 targets in 4 families, 156 pairs" in done.out
    figures = [row for row in rows(out) if not row["reference"]]
    assert list(dict.fromkeys(row["distance"] for row in figures)) == [*FIRST, "source-size", "source-average"]
    plain = {row["metric"]: float(row["value"]) for row in figures if (row["distance"], row["scope"]) == ("best", "")}
    assert plain["spearman"] == plain["kendall"] == plain["ndcg-3"] == pytest.approx(1)
    assert plain["loss-1"] == plain["loss-3"] == 0
    assert plain["regret-english"] <= 0
    assert {row["scope"] for row in figures} == {"", "residual", "across-scripts"}
    gaps = [row for row in rows(out) if row["reference"]]
    assert {row["distance"] for row in gaps} == {"best+geography+glottolog-tree"}


def test_losses_and_json(langgeo: Langgeo, table: Path) -> None:
    words = ("transfer", table, "--task", "b", "--space", "best", "--permutations", "0", "--json")
    for option, value in (("--lower-is-better", 1), (None, -1)):
        found = json.loads(langgeo(*words, *([option] if option else [])).out)
        plain = {one["metric"]: one["value"] for one in found["figures"]
                 if (one["distance"], one["scope"]) == ("best", "")}  # fmt: skip
        assert plain["spearman"] == pytest.approx(value)


def test_a_run_a_file_and_what_they_lack(langgeo: Langgeo, table: Path, own_run: Finished) -> None:
    run, file = str(own_run.folder), str(own_run.folder / "distances.csv")
    done = langgeo("transfer", table, "--space", run, "--space", file, "--space", "best+letters", "--permutations", "0")
    assert done.code == 2
    assert "no target of" in done.err and "10 targets (arb, ekk, fin, hin, hun, pol, …)" in done.err


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--space", "bset"], "there is no space 'bset'"),
        (["--task", "c"], "has no task 'c'"),
        (["-k", "0"], "0 is not in the range"),
    ],
)
def test_what_is_wrong_is_said(langgeo: Langgeo, table: Path, words: list[str], told: str) -> None:
    done = langgeo("transfer", table, *words)
    assert (done.code, told in done.err) == (2, True), done.err


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        ("deu,nld,1\nswe,nld,2\n", "no target of"),
        ("deu,nld,1\ndeu,swe,1\ndeu,eng,1\n", "no target of"),
        ("xyz,nld,1\nxyz,swe,2\nxyz,eng,1\n", "'xyz'"),
    ],
    ids=["one source", "constant", "unknown"],
)
def test_tables_in_which_nothing_can_be_ranked(langgeo: Langgeo, tmp_path: Path, lines: str, told: str) -> None:
    file = tmp_path / "t.csv"
    file.write_text(f"target,source,score\n{lines}", encoding="utf-8")
    done = langgeo("transfer", file)
    assert (done.code, told in done.err) == (2, True), done.err


def test_sources_of_a_target_with_and_without_relatives(langgeo: Langgeo) -> None:
    done = langgeo("sources", "Yoruba", "-k", "3")
    assert done.code == 0
    assert done.out.startswith("To Yoruba (yor), from ")
    assert [line.split()[0] for line in done.out.splitlines()[2:5]] == ["1", "2", "3"]
    assert "Yoruba has candidates of its own branch (Volta-Congo)." in done.out
    assert "entity linking, accuracy" in done.out
    asked = ("--candidates", "Turkish, rus,English,Mandarin Chinese", "--json")
    found = json.loads(langgeo("sources", "kat", *asked).out)
    assert found["candidates"] == 4
    assert "No candidate is a close relative of Georgian (of the branch Georgian-Zan)." in found["advice"]
    assert {one["related"] for one in found["measured"]} == {False}
    everyone = json.loads(langgeo("sources", "kat", "--candidates", "all", "--space", "letters", "--json").out)
    assert everyone["candidates"] == len(lg.space("letters")) - 1
    nearest = [one for one, _ in lg.space("letters").nearest("kat", 5)]
    assert [one["language"] for one in everyone["sources"]] == nearest


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["ckb"], "has no distance for Central Kurdish (ckb)\n  the nearest by lineage that it has: Northern Kurdish"),
        (["Albanian"], "(sqi)\n  the nearest by lineage that it has: Northern Tosk Albanian (langgeo sources als)"),
        (["Yoruab"], "did you mean `yor` (Yoruba)"),
        (["yor", "--task", "ner"], "nothing was measured for the task 'ner'"),
        (["yor", "--candidates", "Klingonish"], "'Klingonish'"),
        (["yor", "--candidates", "ckb"], "no candidate has a distance"),
        (["yor", "--space", "nowhere"], "there is no space 'nowhere'"),
    ],
)
def test_what_sources_refuses(langgeo: Langgeo, words: list[str], told: str) -> None:
    done = langgeo("sources", *words)
    assert (done.code, told in done.err) == (2, True), done.err


def test_sources_of_a_run_say_that_nothing_was_measured(langgeo: Langgeo, own_run: Finished) -> None:
    done = langgeo("sources", "German", "--space", own_run.folder, "--candidates", "all")
    assert "was not measured: langgeo transfer TABLE" in done.out
    assert "points of a hundred" not in done.out


def test_sources_import_nothing_heavy() -> None:
    script = "import sys; from langgeo_core.cli import _exit_code; assert _exit_code(['sources', 'yor']) == 0; " \
        "print(sorted({'torch', 'sklearn', 'transformers', 'pandas', 'scipy'} & set(sys.modules)))"  # fmt: skip
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_the_measured_figures_are_of_every_packaged_space() -> None:
    found = measured()
    assert list(dict.fromkeys(one.space for one in found)) == FIRST
    assert all(0 <= one.three <= one.first and one.random > 0 for one in found)
    for task, targets in (("dep", 30), ("el", 9), ("pos", 20), ("mt-to-eng", 52)):
        assert sum(one.targets for one in found if (one.space, one.task) == ("best", task)) == targets


def test_a_run_is_evaluated_and_the_report_has_its_section(
    langgeo: Langgeo, tiny_config: Path, own_run: Finished, tmp_path: Path
) -> None:
    codes = ("deu", "eng", "fra", "ita", "nld", "por", "spa", "swe")
    run = lg.load_run(own_run.folder)
    pairs = [(one, other) for one in codes for other in codes if one != other]
    lines = [f"{one},{other},{-run.distance(one, other)}" for one, other in pairs]
    file = tmp_path / "scores.csv"
    file.write_text("target,source,score\n" + "\n".join(lines) + "\n", encoding="utf-8")
    folder = tmp_path / "evaluated"
    chosen = f"evaluators=[{{name: transfer, file: '{file}', permutations: 19, resamples: 20}}]"
    done = langgeo("run", tiny_config, chosen, "exporters=[html, markdown]", "--out", folder)
    assert done.code == 0, done.err
    found = {
        (row["source"], row["metric"]): row for row in rows(folder / "metrics.csv") if row["evaluator"] == "transfer"
    }
    assert float(found["run", "spearman"]["value"]) == pytest.approx(1)
    assert float(found["run", "spearman"]["p"]) == 0.05
    assert ("char-ngrams", "spearman") in found and ("char-ngrams", "spearman:minus-char-ngrams") not in found
    gap = float(found["run", "spearman:minus-char-ngrams"]["value"])
    assert gap == pytest.approx(1 - float(found["char-ngrams", "spearman"]["value"]))
    nearest = run.nearest("deu", 1)[0][0]
    assert float(found["run", f"pick:deu:{nearest}"]["value"]) == 0
    text, page = (folder / "report.md").read_text("utf-8"), (folder / "report.html").read_text("utf-8")
    for told in ("The nearest source is the best one for 8 of 8 targets", "All pairs; 8 targets"):
        assert told in text and told in page
    assert "no scores" not in incidents(folder)
