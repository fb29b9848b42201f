"""A table of transfer scores: what is read as what, what is left out, what is refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from langgeo_core.api import ConfigError, UserError
from langgeo_transfer.table import read_transfer


def written(folder: Path, text: str) -> Path:
    file = folder / "scores.csv"
    file.write_text(text, encoding="utf-8")
    return file


def test_languages_by_any_name_and_several_names_of_one(tmp_path: Path) -> None:
    text = "task,target,source,score,source_size\npos,de,nld,80,100\npos,de,English,70,\nel,deu,nl,3,5\n"
    table = read_transfer(written(tmp_path, text))
    pos, el = table.tasks
    assert (pos.name, el.name) == ("pos", "el")
    assert [one.id for one in pos.targets] == [one.id for one in el.targets] == ["deu"]
    assert [one.id for one in pos.sources] == ["eng", "nld"]
    np.testing.assert_array_equal(pos.scores, [[70, 80]])
    np.testing.assert_array_equal(pos.sizes, [[np.nan, 100]])
    assert "de as deu" in table.notes[0] and "English as eng" in table.notes[0]
    assert [one.name for one in table.only(["el"]).tasks] == ["el"]
    with pytest.raises(UserError, match="no task 'ep'"):
        table.only(["ep"])


def test_what_is_left_out_is_counted(tmp_path: Path) -> None:
    text = "target,source,score,note\ndeu,nld,1,x\ndeu,deu,9,\ndeu,eng,,\ndeu,nld,1,again\ndeu,swe,2,\n"
    table = read_transfer(written(tmp_path, text))
    assert "columns of scores.csv that are not read: note" in table.notes
    for what in ("the source is the target", "no score", "repeats another row"):
        assert f"scores.csv: {what}: 1 rows left out" in table.notes
    np.testing.assert_array_equal(table.tasks[0].scores, [[1, 2]])


def test_losses_change_their_sign(tmp_path: Path) -> None:
    file = written(tmp_path, "target;source;score\ndeu;nld;1.5\ndeu;eng;2\n")
    np.testing.assert_array_equal(read_transfer(file, lower_is_better=True).tasks[0].scores, [[-2, -1.5]])


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "no column 'target', 'source', 'score'"),
        ("target,source\ndeu,nld\n", "no column 'score'; its columns are 'target', 'source'"),
        ("target,source,score,score\ndeu,nld,1,1\n", "several columns 'score'"),
        ("target,source,score\ndeu,nld,good\n", "line 2: the score 'good' is not a number"),
        ("target,source,score\ndeu,nld,inf\n", "line 2: the score 'inf' is not a number"),
        ("target,source,score\ndeu,nld\n", "line 2: 2 entries where the header has 3"),
        ("target,source,score\n,nld,1\n", "line 2: no target"),
        ("target,source,score\ndeu,nld,1\nde,nl,2\n", "different scores of one pair: lines 2 and 3"),
        ("target,source,score\ndeu,deu,1\n", "no scores of pairs of two languages"),
        ("target,source,score\n", "no scores of pairs"),
    ],
)
def test_what_is_no_table_of_scores_is_refused(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(UserError) as refused:
        read_transfer(written(tmp_path, text))
    assert told in str(refused.value)


def test_unknown_and_ambiguous_languages_are_all_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as refused:
        read_transfer(written(tmp_path, "target,source,score\nGerman,Klingonish,1\nElvish,Dutch,2\n"))
    assert "2 unknown languages: 'Klingonish', 'Elvish'" in str(refused.value)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"nowhere\.csv"):
        read_transfer(tmp_path / "nowhere.csv")
