"""A distance matrix from a file: its format, its languages, its numbers."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path

import numpy as np
import pytest

from langgeo_core.api import ConfigError, LanguageTable, UserError
from langgeo_formats.given_matrix import as_distances, look_like_similarities, read_matrix
from langgeo_formats.table import as_csv

NAN = float("nan")
NAMES = ("deu", "eng", "fra")


def matrix(**changes: float) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    """Distances 1, 2 and 3; `r01=5` changes an entry."""
    values = np.array([[0, 1, 2], [1, 0, 3], [2, 3, 0]], dtype=np.float64)
    for place, value in changes.items():
        values[int(place[1]), int(place[2])] = value
    return values


def test_distances_are_left_as_they_are() -> None:
    values, notes = as_distances(matrix(), NAMES, "x")
    np.testing.assert_array_equal(values, matrix())
    assert notes == []


@pytest.mark.parametrize(
    ("given", "note"),
    [
        (matrix(r01=1 + 1e-7), "not exactly symmetric (differences up to 1.0e-07)"),
        (matrix(r11=1e-9), "values up to 1.0e-09 on the diagonal were set to 0"),
        (matrix(r01=-1e-9, r10=-1e-9), "negative distances down to -1.0e-09 were set to 0"),
    ],
)
def test_rounding_is_removed_with_a_remark(given: np.ndarray, note: str) -> None:  # type: ignore[type-arg]
    values, notes = as_distances(given, NAMES, "x")
    assert len(notes) == 1
    assert note in notes[0]
    np.testing.assert_array_equal(values, values.T)
    assert (np.diagonal(values) == 0).all() and (values >= 0).all()


def test_an_empty_triangle_is_filled_from_the_other() -> None:
    values, notes = as_distances(matrix(r01=NAN, r02=NAN, r12=NAN), NAMES, "x")
    np.testing.assert_array_equal(values, matrix())
    assert notes == ["the upper triangle is empty; it was filled from the lower one"]


def test_a_language_without_distances_may_lack_its_diagonal() -> None:
    values, notes = as_distances(matrix(r02=NAN, r12=NAN, r20=NAN, r21=NAN, r22=NAN), NAMES, "x")
    np.testing.assert_array_equal(values, [[0, 1, NAN], [1, 0, NAN], [NAN, NAN, 0]])
    assert notes == []


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (matrix(r01=1.1), "x: not symmetric: deu to eng is 1.1, the other way 1"),
        (matrix(r22=0.5), "distance of fra from itself is 0.5, not 0"),
        (1 - matrix() / 4, "these look like similarities"),
        (matrix(r02=-1, r20=-1), "distance of deu and fra is -1"),
        (matrix(r12=np.inf), "distance of eng and fra is infinite"),
        (matrix(r01=NAN), "distance of deu and eng is missing in one direction only"),
        (np.full((3, 3), NAN), "every distance is missing"),
    ],
)
def test_numbers_that_are_not_distances_are_refused(given: np.ndarray, message: str) -> None:  # type: ignore[type-arg]
    with pytest.raises(UserError, match=message):
        as_distances(given, NAMES, "x")


def test_the_given_numbers_are_not_changed() -> None:
    given = matrix(r01=1 + 1e-7)
    as_distances(given, NAMES, "x")
    assert given[0, 1] == 1 + 1e-7


TABLE = "language,German,en,fra\nGerman,0,1,2\nen,1,0,3\nfra,2,3,0\n"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "x.csv"
    file.write_text(TABLE, encoding="utf-8")
    return file


def test_languages_are_found_and_what_they_were_called_is_noted(file: Path) -> None:
    given = read_matrix(file)
    assert given.distances.ids == ("deu", "eng", "fra")
    np.testing.assert_array_equal(given.distances.values, [[0, 1, 2], [1, 0, 3], [2, 3, 0]])
    assert [note.message for note in given.notes] == [
        "names of x.csv that are read as languages: German as deu, en as eng"
    ]
    digest = hashlib.sha256(TABLE.encode()).hexdigest()
    assert given.described() == {"file": str(file), "sha256": digest, "format": "csv", "name": ""}


def test_unknown_languages_are_all_named_or_left_out(file: Path) -> None:
    file.write_text(TABLE.replace("en", "Entwyx").replace("fra", "Xyzzyx"), encoding="utf-8")
    with pytest.raises(ConfigError, match="2 unknown languages: 'Entwyx', 'Xyzzyx'") as refused:
        read_matrix(file)
    assert "--skip-unknown" in refused.value.problems[0].hint
    with pytest.raises(UserError, match="known languages: 1; at least 2"):
        read_matrix(file, skip_unknown=True)
    file.write_text(TABLE.replace("en", "Entwyx"), encoding="utf-8")
    kept = read_matrix(file, skip_unknown=True)
    assert kept.distances.ids == ("deu", "fra")
    assert kept.distances.values[0, 1] == 2
    assert "unknown languages of x.csv, left out: 'Entwyx'" in kept.notes[1].message


def test_one_of_several_matrices(tmp_path: Path) -> None:
    file = tmp_path / "x.json"
    matrices = {"a--b": [[0, 2], [2, 0]], "a--c": [[0, 3], [3, 0]]}
    data = {"languages_list": ["deu", "fra"], "distances_matrices": matrices}
    file.write_text(json.dumps(data), encoding="utf-8")
    assert read_matrix(file, name="a--c").distances.values[0, 1] == 3
    with pytest.raises(UserError, match=r"several matrices and no default\n.*a--b, a--c"):
        read_matrix(file)
    with pytest.raises(UserError, match=r"no matrix 'b'\n.*it holds a--b, a--c"):
        read_matrix(file, name="b")
    file.write_text(json.dumps({**data, "average_distances_matrix": [[0, 1], [1, 0]]}), encoding="utf-8")
    assert read_matrix(file).distances.values[0, 1] == 1
    assert read_matrix(file).name == "average"


def test_the_format_can_be_chosen(file: Path) -> None:
    with pytest.raises(UserError, match="first line of a PHYLIP matrix"):
        read_matrix(file, "phylip")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty"),
        (b"name: x\n", "is not recognised; it begins with 'name: x'"),
        (b"\xff\xfe\x00", "not UTF-8 text"),
        ("x,deu,fra\n".encode("utf-16-le"), "not UTF-8 text: it holds the control character U\\+0000"),
        (b'x,deu,fra\n"deu,0,1\nfra,1,0\n', "line 3: unexpected end of data"),
        (b"x,deu,fra\ndeu,0,1_0\nfra,1_0,0\n", "'1_0' is not a number"),
        (b'{"languages": ["deu", "\\ud800"], "matrix": [[0, 1], [1, 0]]}', "unpaired surrogate"),
        (b"[" * 100_000, "invalid JSON"),
        (b"x,deu,deu\ndeu,0,1\ndeu,1,0\n", "names languages twice: deu"),
        (b"x,deu,German\ndeu,0,1\nGerman,1,0\n", "'deu' and 'German' both name deu"),
        (b"x,deu,fra\ndeu,0,1\nfra,2,0\n", "not symmetric: deu to fra"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused(file: Path, content: bytes, message: str) -> None:
    file.write_bytes(content)
    with pytest.raises(UserError, match=message):
        read_matrix(file)


def test_a_byte_order_mark_does_not_matter(file: Path) -> None:
    file.write_bytes(b"\xef\xbb\xbf" + TABLE.encode())
    assert read_matrix(file).distances.ids == ("deu", "eng", "fra")


@pytest.mark.parametrize("end", ["\r", "\r\n"])
def test_old_line_ends_are_read(file: Path, end: str) -> None:
    file.write_bytes(TABLE.replace("\n", end).encode())
    np.testing.assert_array_equal(read_matrix(file).distances.values, matrix())


def test_a_pipe_is_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.csv")
    for path in (tmp_path / "pipe.csv", Path("/dev/zero")):
        with pytest.raises(UserError, match="is a pipe, socket or device"):
            read_matrix(path)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="cannot be read: No such file"):
        read_matrix(tmp_path / "nowhere.csv")


RELATED = ("deu", "nld", "swe", "fra", "ita", "spa", "rus", "ces", "pol")
BRANCHES = np.repeat([0, 1, 2], 3)


def test_similarities_with_a_zero_diagonal_are_asked_about(tmp_path: Path) -> None:
    noise = np.random.default_rng(1).random((9, 9)) / 10
    distances = (BRANCHES[:, np.newaxis] != BRANCHES) * 0.5 + 0.3 + noise + noise.T
    np.fill_diagonal(distances, 0.0)
    similarities = np.where(np.eye(9, dtype=bool), 0.0, 1 - distances)
    files = tmp_path / "distances.csv", tmp_path / "similarities.csv"
    for file, values in zip(files, (distances, similarities), strict=True):
        file.write_text(as_csv(RELATED, values), encoding="utf-8")
    assert read_matrix(files[0]).distances.ids == RELATED
    with pytest.raises(UserError, match=r"look like similarities(.|\n)*--distances"):
        read_matrix(files[1])
    assert read_matrix(files[1], distances=True).distances.ids == RELATED


def test_noise_is_not_taken_for_similarities() -> None:
    languages = [LanguageTable().lookup(one) for one in RELATED]
    rng = np.random.default_rng(0)
    refused = 0
    for _ in range(50):
        noise = rng.random((9, 9))
        refused += look_like_similarities(noise + noise.T, languages)
    assert refused <= 1


def test_a_huge_entry_makes_no_other_difference_small() -> None:
    values = np.full((4, 4), 0.5)
    np.fill_diagonal(values, 0)
    values[0, 3] = values[3, 0] = 999_999
    values[0, 1], values[1, 0] = 0.1, 0.9
    with pytest.raises(UserError, match="not symmetric"):
        as_distances(values, list("abcd"), "file")
    values[0, 1] = values[1, 0] = -0.3
    with pytest.raises(UserError, match="negative"):
        as_distances(values, list("abcd"), "file")


@pytest.mark.parametrize("text", [
    "\n\nlanguage;deu;nld;fra\ndeu;0;1;2\nnld;1;0;3\nfra;2;3;0\n",
    '"a, b, c, d";deu;nld;fra\ndeu;0;1;2\nnld;1;0;3\nfra;2;3;0\n',
])  # fmt: skip
def test_delimiters_are_those_of_the_header_outside_quotes(file: Path, text: str) -> None:
    file.write_text(text, encoding="utf-8")
    assert read_matrix(file).distances.values.tolist() == [[0, 1, 2], [1, 0, 3], [2, 3, 0]]
