"""A folder of text files, one for each language, and the documents of such a file."""

from __future__ import annotations

import gzip
import io
import json
import zlib
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

from langgeo_core.api import (
    ConfigError,
    CorpusIdentity,
    LanguageTable,
    Problem,
    Text,
    UserError,
    close_matches,
    foreign_character,
)
from langgeo_text.options import TextFolderOptions
from langgeo_text.scripts import script_of_text

SUFFIXES = (".txt", ".txt.gz", ".jsonl")
MOST_BYTES = 2**28
"""The largest text that is read from one file, in bytes, uncompressed."""
MOST_OF_A_LINE = 2**24
"""The longest line of JSON that is read, in characters: as lists and maps it may take thirty times as many bytes."""
BEGINNING = 2**14
"""How much of a text its script is taken from, in bytes."""
SHOWN = 12
"""How many names of files a message lists."""


class TextFolder:
    """`<language id>.txt`, `.txt.gz` (the file is one document) or `.jsonl` (a document a line, key `text`).

    A file name may use an alias: `est.txt` is the text of `ekk`. Hidden files are ignored, and so are other kinds of
    files and subfolders; those that are named like texts are among the `remarks`.
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
            close = close_matches(language, self.languages()) or self.languages()[:12]
            raise UserError(f"{self.path} has no text in {language}", f"it has {', '.join(close)}")
        path = self._files[language]
        return Text(language, read_documents(path), str(path))

    def scripts(self) -> dict[str, str]:
        """The script (ISO 15924) of the letters at the beginning of each text; nothing of a file that is no text."""
        found = {language: script_of_text(_beginning(path)) for language, path in self._files.items()}
        return {language: script for language, script in found.items() if script}

    def remarks(self) -> Sequence[str]:
        """The files that are named like texts, such as `deu.TXT` and `deu.json`, and were not read."""
        unread = [path.name for path in self._entries if not suffix_of(path) and _is_named_like_a_text(path)]
        more = f" and {len(unread) - SHOWN} more" if len(unread) > SHOWN else ""
        advice = f"texts end in {', '.join(SUFFIXES)}"
        return [f"not read in {self.path}: {', '.join(unread[:SHOWN])}{more} ({advice})"] if unread else []

    @cached_property
    def _files(self) -> dict[str, Path]:
        found: dict[str, Path] = {}
        problems: list[Problem] = []
        for path in self._texts():
            if not path.is_file():
                advice = "; ".join(["mend or remove it", *self.remarks()])
                problems.append(Problem(str(path), f"is {kind_of(path)}, not a file", advice))
                continue
            name = path.name.removesuffix(suffix_of(path))
            try:
                known = LanguageTable().lookup(name) if len(problems) < SHOWN else LanguageTable().find(name)
            except UserError as error:
                problems.append(Problem(str(path), error.message, f"rename or remove the file; {error.hint}"))
                continue
            if known is None:  # to look for the nearest id takes long
                problems.append(Problem(str(path), f"{name!r} is not a language id", "rename or remove the file"))
                continue
            language = known.id
            if first := found.get(language):
                problems.append(Problem(str(path), f"{first.name} is also in {language}", "merge them or remove one"))
            found.setdefault(language, path)
        if problems:
            raise ConfigError(problems)
        return found

    def _texts(self) -> list[Path]:
        texts = [path for path in self._entries if suffix_of(path)]
        if not texts:
            advice = "; ".join(["add files such as deu.txt, deu.txt.gz or deu.jsonl", *self.remarks()])
            raise UserError(f"{self.path} contains no texts", advice)
        return texts

    @cached_property
    def _entries(self) -> list[Path]:
        try:
            if not self.path.is_dir():
                reason = "is a file" if self.path.exists() else "does not exist"
                raise UserError(f"the text folder {self.path} {reason}", "set `path` to a folder of texts")
            return sorted(self.path.iterdir())
        except OSError as error:
            raise UserError(
                f"{self.path} cannot be read: {error.strerror}", "check `path` and its permissions"
            ) from error


def suffix_of(path: Path) -> str:
    """The suffix of the file's name, one of `SUFFIXES`; empty for other kinds of files and hidden ones."""
    if path.name.startswith("."):
        return ""
    return next((suffix for suffix in SUFFIXES if path.name.endswith(suffix)), "")


def _is_named_like_a_text(path: Path) -> bool:
    """Whether a name has the suffix of texts in capitals, or a language id before its first dot; no `.md` is a text."""
    if path.name.startswith(".") or path.suffix.lower() == ".md":
        return False
    return path.name.lower().endswith(SUFFIXES) or LanguageTable().find(path.name.partition(".")[0]) is not None


def kind_of(path: Path) -> str:
    """What lies at a path that is not a regular file."""
    if path.is_symlink() and not path.exists():
        return f"a broken link to {path.readlink()}"
    return "a folder" if path.is_dir() else "a pipe, socket or device"


def read_documents(path: Path) -> tuple[str, ...]:
    """The documents of a file with one of `SUFFIXES`, in their order.

    Raises
    ------
    UserError
        If the file cannot be read, is larger than `MOST_BYTES`, is not UTF-8 text, is empty, or a line of it is not a
        document.
    """
    text = _decode(path, _bytes(path))
    documents = _json_lines(path, text) if suffix_of(path) == ".jsonl" else (text.strip(),)
    return Text("", documents, str(path)).documents  # which refuses what no text holds


def _beginning(path: Path) -> str:
    """Up to `BEGINNING` bytes of the text, of lines of JSON the first; empty if it cannot be read."""
    try:
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
            if suffix_of(path) != ".jsonl":
                return file.read(BEGINNING).decode("utf-8", errors="ignore")
            return _document(path, 1, file.readline(MOST_OF_A_LINE).decode("utf-8"))[:BEGINNING]
    except (OSError, EOFError, zlib.error, UnicodeDecodeError, UserError):
        return ""  # which `read` explains


def _bytes(path: Path) -> bytes:
    if path.exists() and not path.is_file():
        raise UserError(f"{path} is {kind_of(path)}, not a file", "replace it by a file")
    try:
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
            content: bytes = file.read(MOST_BYTES + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise UserError(f"{path} cannot be read: {error}", "check that it is complete and readable") from error
    if len(content) > MOST_BYTES:
        raise UserError(f"{path} holds more than {MOST_BYTES >> 20} MiB of text", "keep a part of it")
    return content


def _decode(path: Path, content: bytes) -> str:
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        where = f"byte {error.start} (0x{content[error.start]:02x})"
        raise UserError(f"{path} is not UTF-8: {where} is invalid", "save the file as UTF-8") from error
    if found := foreign_character(text):
        where = f"byte {len(text[: found[0]].encode())} is {found[1]}"
        raise UserError(f"{path} is not UTF-8 text: {where}", "save the file as UTF-8, or remove the character")
    return text.removeprefix("\ufeff").replace("\r\n", "\n")


def _json_lines(path: Path, text: str) -> tuple[str, ...]:
    # Not splitlines(): JSON strings may contain U+2028 and other characters that it treats as line ends.
    lines = enumerate(io.StringIO(text, newline="\n"), start=1)
    return tuple(_document(path, number, line) for number, line in lines if line.strip())


def _document(path: Path, number: int, line: str) -> str:
    if len(line) > MOST_OF_A_LINE:
        message = f"{path}, line {number}: more than {MOST_OF_A_LINE:,} characters on one line"
        raise UserError(message, "write the text as several documents, each on a line")
    try:
        record = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise UserError(f"{path}, line {number}: not JSON ({error})", 'write each line as {"text": "..."}') from error
    document = record.get("text") if isinstance(record, dict) else None
    if not isinstance(document, str) or not document.strip():
        raise UserError(f"{path}, line {number}: no text in the key `text`", 'write each line as {"text": "..."}')
    if found := foreign_character(document):
        where = f"character {found[0] + 1} of the text is {found[1]}"
        raise UserError(f"{path}, line {number}: {where}", "remove the character")
    return document


def near(language: str, known: Sequence[str]) -> str:
    """A hint for a language that a corpus lacks: the ids with the same code, else similar ids."""
    same_code = [identifier for identifier in known if identifier.partition("_")[0] == language.partition("_")[0]]
    close = same_code or close_matches(language, known)
    return f"it has {', '.join(close)}" if close else "remove the language, or add a corpus that has it"
