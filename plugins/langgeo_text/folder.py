"""A folder of text files, one for each language, and the documents of such a file."""

from __future__ import annotations

import difflib
import gzip
import json
import zlib
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

from langgeo_core.api import ConfigError, CorpusIdentity, LanguageTable, Problem, Text, UserError
from langgeo_text.options import TextFolderOptions

SUFFIXES = (".txt", ".txt.gz", ".jsonl")


class TextFolder:
    """`<language id>.txt`, `.txt.gz` (the file is one document) or `.jsonl` (a document a line, key `text`).

    A file name may use an alias: `est.txt` is the text of `ekk`. Other kinds of files and subfolders are ignored.
    """

    def __init__(self, options: TextFolderOptions) -> None:
        self.options = options
        self.path = options.path.expanduser()

    def identity(self) -> CorpusIdentity:
        """The version and licence given in the options; no text is read."""
        return CorpusIdentity("text-folder", self.options.version, self.options.licence, str(self.path.absolute()))

    def languages(self) -> Sequence[str]:
        """Ids in alphabetical order; raises UserError naming files of unknown languages and duplicates."""
        return sorted(self._files)

    def read(self, language: str) -> Text:
        """The text; raises UserError with the file and the byte or line if it cannot be read."""
        if language not in self._files:
            close = difflib.get_close_matches(language, self.languages(), n=3) or self.languages()[:12]
            raise UserError(f"{self.path} has no text in {language}", f"it has {', '.join(close)}")
        path = self._files[language]
        return Text(language, read_documents(path), str(path))

    @cached_property
    def _files(self) -> dict[str, Path]:
        found: dict[str, Path] = {}
        problems: list[Problem] = []
        for path in self._texts():
            try:
                language = LanguageTable().lookup(path.name.removesuffix(suffix_of(path))).id
            except UserError as error:
                problems.append(Problem(str(path), error.message, f"rename or remove the file; {error.hint}"))
                continue
            if first := found.get(language):
                problems.append(Problem(str(path), f"{first.name} is also in {language}", "merge them or remove one"))
            found.setdefault(language, path)
        if problems:
            raise ConfigError(problems)
        return found

    def _texts(self) -> list[Path]:
        if not self.path.is_dir():
            reason = "is a file" if self.path.exists() else "does not exist"
            raise UserError(f"the text folder {self.path} {reason}", "set `path` to a folder of texts")
        texts = sorted(path for path in self.path.iterdir() if suffix_of(path) and path.is_file())
        if not texts:
            raise UserError(f"{self.path} contains no texts", "add files such as deu.txt, deu.txt.gz or deu.jsonl")
        return texts


def suffix_of(path: Path) -> str:
    """The suffix of the file's name, one of `SUFFIXES`; empty for other kinds of files and hidden ones."""
    if path.name.startswith("."):
        return ""
    return next((suffix for suffix in SUFFIXES if path.name.endswith(suffix)), "")


def read_documents(path: Path) -> tuple[str, ...]:
    """The documents of a file with one of `SUFFIXES`, in their order.

    Raises
    ------
    UserError
        If the file cannot be read, is not UTF-8, is empty, or a line of it is not a document.
    """
    text = _decode(path, _bytes(path))
    documents = _json_lines(path, text) if suffix_of(path) == ".jsonl" else (text.strip(),)
    if not any(documents):
        raise UserError(f"{path} has no text", "add text to the file, or remove it")
    return documents


def _bytes(path: Path) -> bytes:
    try:
        content = path.read_bytes()
        return gzip.decompress(content) if path.suffix == ".gz" else content
    except (OSError, EOFError, zlib.error) as error:
        raise UserError(f"{path} cannot be read: {error}", "check that it is complete and readable") from error


def _decode(path: Path, content: bytes) -> str:
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        where = f"byte {error.start} (0x{content[error.start]:02x})"
        raise UserError(f"{path} is not UTF-8: {where} is invalid", "save the file as UTF-8") from error
    return text.removeprefix("\ufeff").replace("\r\n", "\n")


def _json_lines(path: Path, text: str) -> tuple[str, ...]:
    # Not splitlines(): JSON strings may contain U+2028 and other characters that it treats as line ends.
    lines = enumerate(text.split("\n"), start=1)
    return tuple(_document(path, number, line) for number, line in lines if line.strip())


def _document(path: Path, number: int, line: str) -> str:
    try:
        record = json.loads(line)
    except ValueError as error:
        raise UserError(f"{path}, line {number}: not JSON ({error})", 'write each line as {"text": "..."}') from error
    document = record.get("text") if isinstance(record, dict) else None
    if not isinstance(document, str) or not document.strip():
        raise UserError(f"{path}, line {number}: no text in the key `text`", 'write each line as {"text": "..."}')
    return document


def near(language: str, known: Sequence[str]) -> str:
    """A hint for a language that a corpus lacks: the ids with the same code, else similar ids."""
    same_code = [identifier for identifier in known if identifier.partition("_")[0] == language.partition("_")[0]]
    close = same_code or difflib.get_close_matches(language, known, n=3)
    return f"it has {', '.join(close)}" if close else "remove the language, or add a corpus that has it"
