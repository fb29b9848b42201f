import gzip
import json
from pathlib import Path

import pytest
from hypothesis import given, strategies as st
from pydantic import ValidationError

from langgeo_core.api import ConfigError, UserError
from langgeo_text.folder import TextFolder, read_documents
from langgeo_text.options import TextFolderOptions


def folder(path: Path) -> TextFolder:
    return TextFolder(TextFolderOptions(path=path))


def write(path: Path, text: str = "ein Text") -> Path:
    path.write_text(text, encoding="utf-8", newline="")
    return path


def write_lines(path: Path, *records: object) -> Path:
    return write(path, "\n".join(json.dumps(record, ensure_ascii=False) for record in records))


def refusal(path: Path) -> UserError:
    with pytest.raises(UserError) as caught:
        corpus = folder(path)
        for language in corpus.languages():
            corpus.read(language)
    return caught.value


def test_the_three_kinds_of_files(tmp_path):
    write(tmp_path / "deu.txt", "\ufefferste Zeile\r\n\r\nzweite Zeile\n")
    (tmp_path / "cmn_Hans.txt.gz").write_bytes(gzip.compress("人人生而自由".encode()))
    write_lines(tmp_path / "est.jsonl", {"text": "üks"}, {"text": "kaks\u2028kolm", "title": "2"})
    write(tmp_path / "notes.md")
    write(tmp_path / ".hidden.txt")
    corpus = folder(tmp_path)
    assert corpus.languages() == ["cmn_Hans", "deu", "ekk"]
    assert corpus.read("deu").documents == ("erste Zeile\n\nzweite Zeile",)
    assert corpus.read("cmn_Hans").documents == ("人人生而自由",)
    assert corpus.read("ekk").documents == ("üks", "kaks\u2028kolm")
    assert corpus.read("ekk").source == str(tmp_path / "est.jsonl")


def test_identity_reads_nothing(tmp_path):
    options = TextFolderOptions(path=tmp_path / "nowhere", licence="CC0-1.0", version="2")
    identity = TextFolder(options).identity()
    assert (identity.name, identity.version, identity.licence) == ("text-folder", "2", "CC0-1.0")
    assert identity.source == str(tmp_path / "nowhere")


def test_unknown_options_are_refused(tmp_path):
    with pytest.raises(ValidationError):
        TextFolderOptions(path=tmp_path, encoding="latin-1")


def test_the_code_nan_is_a_language(tmp_path):
    write(tmp_path / "nan.txt")
    assert folder(tmp_path).languages() == ["nan"]


def test_a_missing_folder(tmp_path):
    assert str(tmp_path / "nowhere") in refusal(tmp_path / "nowhere").message
    assert "is a file" in refusal(write(tmp_path / "deu.txt")).message


def test_a_folder_without_texts(tmp_path):
    write(tmp_path / "notes.md")
    error = refusal(tmp_path)
    assert str(tmp_path) in error.message
    assert "deu.txt" in error.hint


def test_bytes_that_are_not_utf8_are_located(tmp_path):
    (tmp_path / "deu.txt").write_bytes("Grüße".encode() + b"\xe9 ...")
    assert f"{tmp_path / 'deu.txt'} is not UTF-8: byte 7 (0xe9)" in refusal(tmp_path).message


@pytest.mark.parametrize("content", ["", " \n\t\n", "\ufeff"])
def test_an_empty_text(tmp_path, content):
    write(tmp_path / "deu.txt", content)
    assert refusal(tmp_path).message == f"{tmp_path / 'deu.txt'} has no text"


def test_an_empty_list_of_documents(tmp_path):
    write(tmp_path / "deu.jsonl", "\n\n")
    assert refusal(tmp_path).message == f"{tmp_path / 'deu.jsonl'} has no text"


@pytest.mark.parametrize("bad", ['{"body": "x"}', '{"text": ""}', '{"text": 3}', '["text"]', "{text: x}"])
def test_a_line_without_text_is_numbered(tmp_path, bad):
    write(tmp_path / "deu.jsonl", f'{{"text": "a"}}\n\n{bad}\n')
    assert f"{tmp_path / 'deu.jsonl'}, line 3:" in refusal(tmp_path).message


def test_a_damaged_archive(tmp_path):
    whole = gzip.compress(b"some text that is long enough to be cut " * 9)
    for content in (whole[:-9], whole[:30] + b"\0" * 9 + whole[39:], b"plain text"):
        (tmp_path / "deu.txt.gz").write_bytes(content)
        assert str(tmp_path / "deu.txt.gz") in refusal(tmp_path).message


def test_names_that_are_no_language_and_files_too_many_are_all_reported(tmp_path):
    for name in ("German.txt", "deu.txt", "de.txt.gz", "est.txt", "ekk.jsonl"):
        write(tmp_path / name)
    error = refusal(tmp_path)
    assert isinstance(error, ConfigError)
    assert [Path(problem.where).name for problem in error.problems] == ["German.txt", "deu.txt", "est.txt"]
    assert "`deu` (German)" in error.problems[0].hint
    assert error.problems[1].message == "de.txt.gz is also in deu"
    assert error.problems[2].message == "ekk.jsonl is also in ekk"


def test_a_language_without_a_file(tmp_path):
    write(tmp_path / "deu.txt")
    with pytest.raises(UserError) as caught:
        folder(tmp_path).read("fin")
    assert caught.value.hint == "it has deu"


@given(documents=st.lists(st.text(st.characters(exclude_categories=["Cs"]), min_size=1).filter(str.strip), min_size=1))
def test_documents_come_back_as_they_were_written(tmp_path_factory, documents):
    path = tmp_path_factory.mktemp("texts") / "deu.jsonl"
    write_lines(path, *({"text": document} for document in documents))
    assert read_documents(path) == tuple(documents)
