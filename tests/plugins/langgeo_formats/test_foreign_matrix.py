"""A file of distances, from its bytes to languages."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import numpy as np
import pytest

from langgeo_core.contract.errors import ConfigError, UserError
from langgeo_formats.readers.foreign import read_foreign

TABLE = "language,German,en,fra\nGerman,0,1,2\nen,1,0,3\nfra,2,3,0\n"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "x.csv"
    file.write_text(TABLE, encoding="utf-8")
    return file


def test_languages_are_found_and_what_they_were_called_is_noted(file: Path) -> None:
    foreign = read_foreign(file)
    assert foreign.distances.ids == ("deu", "eng", "fra")
    np.testing.assert_array_equal(foreign.distances.values, [[0, 1, 2], [1, 0, 3], [2, 3, 0]])
    assert [note.message for note in foreign.notes] == [
        "names of x.csv that are read as languages: German as deu, en as eng"
    ]
    digest = hashlib.sha256(TABLE.encode()).hexdigest()
    assert foreign.described() == {"file": str(file), "sha256": digest, "format": "csv", "name": ""}


def test_unknown_languages_are_all_told_or_left_out(file: Path) -> None:
    file.write_text(TABLE.replace("en", "Entwyx").replace("fra", "Xyzzyx"), encoding="utf-8")
    with pytest.raises(ConfigError, match="2 names are no languages: 'Entwyx', 'Xyzzyx'") as refused:
        read_foreign(file)
    assert "--skip-unknown" in refused.value.problems[0].hint
    with pytest.raises(UserError, match="has 1 known languages"):
        read_foreign(file, skip_unknown=True)
    file.write_text(TABLE.replace("en", "Entwyx"), encoding="utf-8")
    kept = read_foreign(file, skip_unknown=True)
    assert kept.distances.ids == ("deu", "fra")
    assert kept.distances.values[0, 1] == 2
    assert "no language, left out: 'Entwyx'" in kept.notes[1].message


def test_one_of_several_matrices(tmp_path: Path) -> None:
    file = tmp_path / "x.json"
    matrices = {"a--b": [[0, 2], [2, 0]], "a--c": [[0, 3], [3, 0]]}
    data = {"languages_list": ["deu", "fra"], "distances_matrices": matrices}
    file.write_text(json.dumps(data), encoding="utf-8")
    assert read_foreign(file, name="a--c").distances.values[0, 1] == 3
    with pytest.raises(UserError, match=r"several matrices and no average\n.*a--b, a--c"):
        read_foreign(file)
    with pytest.raises(UserError, match=r"no matrix 'b'\n.*it holds a--b, a--c"):
        read_foreign(file, name="b")
    file.write_text(json.dumps({**data, "average_distances_matrix": [[0, 1], [1, 0]]}), encoding="utf-8")
    assert read_foreign(file).distances.values[0, 1] == 1
    assert read_foreign(file).name == "average"


def test_a_layout_can_be_forced(file: Path) -> None:
    with pytest.raises(UserError, match="first line of a PHYLIP matrix"):
        read_foreign(file, "phylip")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty"),
        (b"name: x\n", "begins like none of the known layouts: 'name: x'"),
        (b"\xff\xfe\x00", "not UTF-8 text"),
        (b"x,deu,deu\ndeu,0,1\ndeu,1,0\n", "names languages twice: deu"),
        (b"x,deu,German\ndeu,0,1\nGerman,1,0\n", "'deu' and 'German' both name deu"),
        (b"x,deu,fra\ndeu,0,1\nfra,2,0\n", "not symmetric: deu to fra"),
    ],
)
def test_what_cannot_be_used_is_told(file: Path, content: bytes, message: str) -> None:
    file.write_bytes(content)
    with pytest.raises(UserError, match=message):
        read_foreign(file)


def test_a_byte_order_mark_does_not_matter(file: Path) -> None:
    file.write_bytes(b"\xef\xbb\xbf" + TABLE.encode())
    assert read_foreign(file).distances.ids == ("deu", "eng", "fra")


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="cannot be read: No such file"):
        read_foreign(tmp_path / "nowhere.csv")
