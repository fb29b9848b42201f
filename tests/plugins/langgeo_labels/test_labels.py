"""The evaluator `labels`: reading a table, and the same metrics as glottolog's."""

from __future__ import annotations

import logging
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from langgeo_core.api import Clustering, ConfigError, DistanceMatrix, Embedding, Evaluation, LanguageTable, UserError
from langgeo_glottolog.evaluator import Glottolog
from langgeo_glottolog.options import GlottologOptions
from langgeo_labels.evaluator import Labels
from langgeo_labels.options import LabelsOptions

IDS = ("deu", "eng", "fra", "ita", "cmn_Hans")
LANGUAGES = tuple(LanguageTable().lookup(identifier) for identifier in IDS)
TABLE = "language,group,big\nGerman,a,yes\nen,a,\nfra,b,no\n\nita, b ,no\ncmn,c,yes\nrus,d,yes\n"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "labels.csv"
    file.write_text(TABLE, encoding="utf-8")
    return file


def labels(file: Path, **options: object) -> Labels:
    return Labels(LabelsOptions.model_validate({"file": file, "permutations": 9, "subsamples": 2, **options}))


def test_each_column_is_a_level(file: Path) -> None:
    assert labels(file).labels(LANGUAGES) == {
        "group": ("a", "a", "b", "b", "c"),
        "big": ("yes", None, "no", "no", "yes"),
    }
    assert labels(file, levels=("big",)).labels(LANGUAGES) == {"big": ("yes", None, "no", "no", "yes")}


@pytest.mark.parametrize("mark", [";", "\t"])
def test_other_delimiters(file: Path, mark: str) -> None:
    expected = labels(file).labels(LANGUAGES)
    file.write_text("\ufeff" + TABLE.replace(",", mark), encoding="utf-8")
    assert labels(file).labels(LANGUAGES) == expected


def test_a_row_of_its_own_goes_before_that_of_the_code(file: Path) -> None:
    file.write_text(TABLE + "zh-Hans,z,yes\n", encoding="utf-8")
    assert labels(file).labels(LANGUAGES)["group"][-1] == "z"


def test_languages_without_a_class_are_told(file: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "langgeo.notice"):
        labels(file).labels(LANGUAGES)
    assert caplog.messages[0] == f"1 of 5 languages have no class in the column 'big' of {file}: eng"


@pytest.mark.parametrize("mark", ["", "NA", "NaN", "nan", "N/A", "<NA>", "#N/A", "null", "None", "?", "-", " na "])
def test_the_marks_of_a_missing_entry_are_no_class(file: Path, mark: str) -> None:
    file.write_text(f"language,group\nnan,a\ndeu,{mark}\neng,b\nfra,b\n", encoding="utf-8")
    assert labels(file).labels(LANGUAGES) == {"group": (None, "b", "b", None, None)}
    assert labels(file)._table.classes == {"group": {"nan": "a", "eng": "b", "fra": "b"}}
    told = [remark for remark in labels(file).remarks() if "no class" in remark]
    word = f"the column 'group' of {file.name} has entries that are no class: {mark.strip()}"
    assert told == ([word] if mark else [])


def test_old_line_ends_are_read(file: Path) -> None:
    expected = labels(file).labels(LANGUAGES)
    for end in ("\r", "\r\n"):
        file.write_bytes(TABLE.replace("\n", end).encode())
        assert labels(file).labels(LANGUAGES) == expected


def test_names_that_are_read_as_languages_are_remarked(file: Path) -> None:
    remarks = labels(file).remarks()
    assert remarks == (f"names of {file} that are read as languages: German as deu, en as eng",)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (",language,group\n0,deu,a\n1,eng,b\n", "has a column without a name"),
        ("Unnamed: 0,language,group\n0,deu,a\n1,eng,b\n", "has a column without a name"),
        ('language,group\ndeu,"a\neng,b\n', "line 3: unexpected end of data"),
        (f"language,group\ndeu,{'a' * 140_000}\n", "line 2: field larger than field limit"),
        ("language,group\nde\0u,a\n", "holds the control character U\\+0000"),
        ("language,group\nNaN,a\ndeu,b\n", "unknown language: 'NaN'"),
        ("language,group\nNA,a\ndeu,b\n", "marks a missing name"),
        ("code,group\ndeu,a\n", "no column 'language'; its columns are 'code', 'group'"),
        ("", "no column 'language'; its columns are none"),
        ("language,a,a\ndeu,1,2\n", "several columns 'a'"),
        ("language,group\ndeu,a\neng,b\ndeu,c\n", "several rows for deu"),
        ("language,group\ndeu,a,b\n", "line 2: does not have the 2 columns"),
        ("language,group\ndeu,a\n,b\n", "line 3: the language's name is missing"),
        ("language\ndeu\n", "has no classes"),
        ("language,group\ndeu,\neng, \n", "has no classes"),
        ("language,group\ndeu,a\nrus,b\n", "classes for fewer than two languages of this run"),
    ],
)
def test_tables_that_cannot_be_used(file: Path, text: str, message: str) -> None:
    file.write_text(text, encoding="utf-8")
    with pytest.raises(UserError, match=message):
        labels(file).labels(LANGUAGES)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("language,group\ndeu,a\nGerman,b\n", "'deu' and 'German' both name deu"),
        ("language,group\ndeu,a\nGermann,b\nXyzzyx,c\n", "2 unknown languages: 'Germann', 'Xyzzyx'"),
    ],
)
def test_names_that_cannot_be_used(file: Path, text: str, message: str) -> None:
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match=message):
        labels(file).labels(LANGUAGES)


def test_a_column_that_is_not_there(file: Path) -> None:
    with pytest.raises(UserError, match=r"no column 'tone'\n.*its columns are group, big"):
        labels(file, levels=("tone",)).labels(LANGUAGES)
    with pytest.raises(UserError, match="cannot be read: No such file"):
        labels(file.with_name("nowhere.csv")).labels(LANGUAGES)


def test_a_relative_path_begins_at_the_current_folder(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(file.parent)
    assert LabelsOptions.model_validate({"file": "labels.csv"}).file == file


def test_the_figures_are_those_of_glottolog_for_the_same_classes(file: Path) -> None:
    """Families written into a table give the rows that the evaluator glottolog gives."""
    glottolog = Glottolog(GlottologOptions(levels=("branch",), permutations=9, subsamples=2))
    classes = glottolog.labels(LANGUAGES)["branch"]
    rows = "".join(f"{identifier},{label}\n" for identifier, label in zip(IDS, classes, strict=True))
    file.write_text(f"language,branch\n{rows}", encoding="utf-8")
    mine = labels(file)
    assert mine.labels(LANGUAGES)["branch"] == classes
    points = np.array([[0.0], [1], [5], [6.5], [20]])
    clusterings = (Clustering(IDS, np.array([0, 0, 1, 1, 1]), "kmeans", "branch", 2, 0),)
    distances = DistanceMatrix(IDS, np.abs(points - points.T))
    evaluation = Evaluation(LANGUAGES, distances, Embedding(IDS, points), clusterings, {"branch": classes}, 3)
    theirs = [replace(metric, evaluator="labels") for metric in glottolog.evaluate(evaluation)]
    assert mine.evaluate(evaluation) == theirs
    assert len(theirs) == 10
