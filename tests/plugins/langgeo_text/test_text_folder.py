import gzip
import json
import os
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


@pytest.mark.parametrize(
    ("content", "where"),
    [
        ("текст".encode("utf-16-le"), "byte 1 is the control character U+0004"),
        ("text".encode("utf-16-be"), "byte 0 is the control character U+0000"),
        ("𐐷".encode("utf-32-le"), "byte 1 is the control character U+0004"),
        (b"\0" * 9, "byte 0 is the control character U+0000"),
        ("Grüße\ttab\r\n".encode() + b"\f", "byte 13 is the control character U+000C"),
        ("\ufeffGrüße\x1b[0m".encode(), "byte 10 is the control character U+001B"),
    ],
)
def test_a_file_that_decodes_but_is_no_text(tmp_path, content, where):
    (tmp_path / "deu.txt").write_bytes(content)
    assert refusal(tmp_path).message == f"{tmp_path / 'deu.txt'} is not UTF-8 text: {where}"
    (tmp_path / "deu.txt.gz").write_bytes(gzip.compress(content))
    (tmp_path / "deu.txt").unlink()
    assert refusal(tmp_path).message == f"{tmp_path / 'deu.txt.gz'} is not UTF-8 text: {where}"


def test_lines_of_the_three_systems_and_tabs_are_text(tmp_path):
    write(tmp_path / "deu.txt", "a\tb\r\nc\rd\n\x7f\u0085")
    assert folder(tmp_path).read("deu").documents == ("a\tb\nc\rd\n\x7f",)


@pytest.mark.parametrize(
    ("escape", "name"), [("\\ud83d", "unpaired surrogate U+D83D"), ("\\u0000", "control character U+0000")]
)
def test_a_line_of_json_that_spells_what_no_text_holds(tmp_path, escape, name):
    write(tmp_path / "deu.jsonl", f'{{"text": "a\\t"}}\n{{"text": "ab{escape}"}}\n')
    place = f"{tmp_path / 'deu.jsonl'}, line 2: character 3 of the text"
    assert refusal(tmp_path).message == f"{place} is the {name}"


def test_files_that_expand_or_nest_without_end_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("langgeo_text.folder.MOST_BYTES", 2**20)
    monkeypatch.setattr("langgeo_text.folder.MOST_OF_A_LINE", 2**18)
    (tmp_path / "deu.txt.gz").write_bytes(gzip.compress(b"a" * (2**20 + 1)))
    assert refusal(tmp_path).message == f"{tmp_path / 'deu.txt.gz'} holds more than 1 MiB of text"
    (tmp_path / "deu.txt.gz").unlink()
    write(tmp_path / "deu.jsonl", '{"text": "a"}\n' + "[" * 2**17)
    assert f"{tmp_path / 'deu.jsonl'}, line 2: not JSON" in refusal(tmp_path).message
    write(tmp_path / "deu.jsonl", "[" * (2**18 + 1))
    assert refusal(tmp_path).message.endswith("line 1: more than 262,144 characters on one line")


def test_what_is_named_like_a_text_and_not_read_is_named(tmp_path):
    for name in ("deu.txt", "ita.TXT", "spa.jsonl.gz", "fra.docx", "README.md", "it.md", "Makefile", ".fra.TXT"):
        write(tmp_path / name)
    (tmp_path / "por").mkdir()
    corpus = folder(tmp_path)
    assert corpus.languages() == ["deu"]
    (remark,) = corpus.remarks()
    assert remark.startswith(f"not read in {tmp_path}: fra.docx, ita.TXT, por, spa.jsonl.gz (texts end in .txt")
    (tmp_path / "deu.txt").unlink()
    assert remark in refusal(tmp_path).hint


def test_what_has_the_name_of_a_text_and_is_no_file_is_refused(tmp_path):
    write(tmp_path / "ita.TXT")
    (tmp_path / "fra.txt").symlink_to("/nowhere/fra.txt")
    os.mkfifo(tmp_path / "eng.txt")
    (tmp_path / "zho.txt").symlink_to("/dev/zero")
    (tmp_path / "deu.jsonl").mkdir()
    error = refusal(tmp_path)
    assert isinstance(error, ConfigError)
    assert [problem.message for problem in error.problems] == [
        "is a folder, not a file",
        "is a pipe, socket or device, not a file",
        "is a broken link to /nowhere/fra.txt, not a file",
        "is a pipe, socket or device, not a file",
    ]
    assert "ita.TXT" in error.problems[0].hint
    with pytest.raises(UserError, match="is a pipe, socket or device, not a file"):
        read_documents(tmp_path / "eng.txt")


@pytest.mark.parametrize("content", ["", " \n\t\n", "\ufeff", "\u200b\u2060\n\u00ad\ufe0f"])
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


@given(
    documents=st.lists(
        st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1).map(lambda found: f"{found}a"), min_size=1
    )
)
def test_documents_come_back_as_they_were_written(tmp_path_factory, documents):
    path = tmp_path_factory.mktemp("texts") / "deu.jsonl"
    write_lines(path, *({"text": document} for document in documents))
    assert read_documents(path) == tuple(documents)


@pytest.mark.parametrize(
    ("name", "content", "script"),
    [
        ("rus.txt", "Все люди рождаются свободными, UN 1948", "Cyrl"),
        ("jpn.txt", "世界人権宣言を公布する", "Jpan"),
        ("hin.jsonl", '{"text": "सभी मनुष्यों को"}\n{"text": "latin"}', "Deva"),
        ("srp_Cyrl.txt", "Sva ljudska bića", "Latn"),
        ("eng.txt", "1948", ""),
        ("eng.txt", b"\xff\xfe", ""),
        ("eng.jsonl", "no JSON", ""),
    ],
)
def test_the_script_is_that_of_most_letters(tmp_path: Path, name: str, content: str | bytes, script: str) -> None:
    (tmp_path / name).write_bytes(content.encode() if isinstance(content, str) else content)
    language = name.partition(".")[0]
    assert TextFolder(TextFolderOptions(path=tmp_path)).scripts() == ({language: script} if script else {})


def test_the_script_of_a_large_compressed_text_is_that_of_its_beginning(tmp_path: Path) -> None:
    with gzip.open(tmp_path / "ell.txt.gz", "wt", encoding="utf-8") as file:
        file.write("ό" * 20_000 + "a" * 100_000)
    assert TextFolder(TextFolderOptions(path=tmp_path)).scripts() == {"ell": "Grek"}


def test_a_path_that_no_file_system_has_is_refused() -> None:
    with pytest.raises(UserError, match="cannot be read: File name too long"):
        folder(Path("/" + "x" * 300)).languages()
