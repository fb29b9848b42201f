"""What a terminal shows: tables that fit it, one spelling of errors, options anywhere, warnings where they belong."""

from __future__ import annotations

import json
import math
import warnings
from pathlib import Path

import pytest
from tiny_run import PICTURES, Finished, Langgeo

from langgeo_core.api import Run, print_table, print_wrapped
from langgeo_core.pipeline.run import _logging_to

WIDTH = 80


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("langgeo_core.cli.common.terminal_width", lambda: WIDTH)


ROWS = [("a", "1", "x" * 30), ("bb", "", "some words " * 9)]


def test_a_table_has_its_header_and_whole_lines_in_a_pipe(capsys: pytest.CaptureFixture[str]) -> None:
    print_table(("name", "n", "what"), ROWS)
    assert capsys.readouterr().out.splitlines() == [
        "name  n  what", f"a     1  {'x' * 30}", f"bb       {('some words ' * 9).strip()}",
    ]  # fmt: skip


@pytest.mark.usefixtures("terminal")
def test_what_does_not_fit_a_terminal_stands_below_its_row(capsys: pytest.CaptureFixture[str]) -> None:
    print_table(("name", "n", "what"), ROWS)
    lines = capsys.readouterr().out.splitlines()
    assert lines[:4] == ["name  n", "a     1", f"    {'x' * 30}", "bb"]
    assert " ".join(" ".join(lines[4:]).split()) == ("some words " * 9).strip()
    assert max(map(len, lines)) <= WIDTH
    print_table(("name", "words", "n"), [("a", "word " * 19 + "end", "3"), ("c", "d", "")])
    lines = capsys.readouterr().out.splitlines()
    assert lines == ["name", "a", "    words" + " word" * 14, "     " + " word" * 5 + " end, n 3", "c", "    words d"]


@pytest.mark.usefixtures("terminal")
def test_a_sentence_is_wrapped_and_indented(capsys: pytest.CaptureFixture[str]) -> None:
    print_wrapped("  " + "word " * 40)
    first, *others = capsys.readouterr().out.splitlines()
    assert first.startswith("  word") and all(line.startswith("    word") for line in others)
    assert max(map(len, (first, *others))) <= WIDTH


@pytest.mark.usefixtures("terminal")
@pytest.mark.parametrize(
    "words",
    [
        "list", "list configs", "list models", "list language-sets", "plugins", "atlas", "nearest Yoruba -k 9",
        "distance German Dutch", "show exporter phylip", "show scorer sparsegpt", "show language-set starter", "cache",
    ],
)  # fmt: skip
def test_no_line_is_wider_than_the_terminal(langgeo: Langgeo, words: str) -> None:
    done = langgeo(*words.split())
    assert done.code == 0 or words == "cache"
    wide = [line for line in (done.out + done.err).splitlines() if len(line) > WIDTH and " " in line.strip()]
    assert wide == []


@pytest.mark.usefixtures("terminal")
def test_what_is_said_of_a_run_fits(langgeo: Langgeo, own_run: Finished) -> None:
    out = own_run.folder.with_name("evaluated")
    for words in (
        ["evaluate", own_run.folder / "distances.csv", "--out", out],
        ["explain", own_run.folder, "deu", "nld"],
    ):
        done = langgeo("-q", *words)
        assert done.code == 0
        lines = [line for line in done.out.splitlines() if "/" not in line]  # of paths
        assert max(map(len, lines)) <= WIDTH, done.out


def test_a_run_as_json_with_quiet_behind_it_and_short_headlines(langgeo: Langgeo, own_run: Finished) -> None:
    words = ("run", own_run.config, PICTURES, "--out", own_run.folder)
    done = langgeo(*words, "-q")
    assert (done.code, done.err) == (0, "")
    assert "  branch map: " in done.out
    assert max(map(len, done.out.splitlines())) <= max(120, len(f"report: {own_run.folder / 'report.html'}"))
    found = json.loads(langgeo(*words, "--json", "--quiet").out, parse_constant=pytest.fail)
    assert (found["name"], found["status"], found["languages"]) == ("tiny", "done", 8)
    assert found["cells_reused"] == 8 and found["folder"] == str(own_run.folder)
    assert "report.html" in found["exported"]["html"]
    metrics = Run(own_run.folder).metrics
    expected = [None if math.isnan(one.value) else one.value for one in metrics]
    assert [one["value"] for one in found["metrics"]] == expected and len(expected) > 9


@pytest.mark.parametrize("words", [["distance", "German"], ["lst"], ["run", "x", "--frm"], ["nearest", "-k", "0", "x"]])
def test_there_is_one_spelling_of_errors(langgeo: Langgeo, words: list[str]) -> None:
    done = langgeo(*words)
    assert done.code == 2
    assert [line.partition(" ")[0] for line in done.err.splitlines() if line.lower().startswith("error")] == ["error:"]


def test_langgeo_alone_shows_its_help(langgeo: Langgeo) -> None:
    assert "Commands:" in langgeo().err


def test_warnings_of_libraries_go_to_the_log_of_the_run(tmp_path: Path, recwarn: pytest.WarningsRecorder) -> None:
    with _logging_to(tmp_path / "run.log"):
        warnings.warn("a library's remark", UserWarning, stacklevel=1)
    assert "WARNING" in (text := (tmp_path / "run.log").read_text(encoding="utf-8"))
    assert "UserWarning: a library's remark" in text
    assert not recwarn.list
    with pytest.warns(UserWarning, match="after it"):
        warnings.warn("after it", UserWarning, stacklevel=1)
