"""Word lists of the ASJP database: its text format and CLDF, and the sounds of a word in ASJPcode."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from langgeo_core.api import ConfigError, UserError, read_text
from langgeo_formats.api import table_rows

SOUNDS = frozenset("pbfvmw8tdszcnrlSZCjT5ykgxNqXh7L4G!ieE3auo")
"""The symbols of ASJPcode (Brown et al. 2008)."""
JOINED = {"~": 2, "$": 3}
"""The marks that make one sound of the symbols before them, and of how many."""
NO_WORD = "XXX"
HINT = "pass the ASJP database's lists.txt, or a folder of CLDF with forms.csv"

_NAME = re.compile(r"(?P<name>[^{}|\t]+)\{[^{}\t]*(\}.*|\s*)")
_ENTRY = re.compile(r"\s*(?P<meaning>\d+)\.?\s*[^\t]*\t(?P<words>.*)")
_CODE = re.compile(r"[a-z]{3}")

Word = tuple[str, ...]
"""Its sounds."""


@dataclass(frozen=True)
class WordList:
    """The words of one variety by their meaning; `code` is its ISO 639-3 code."""

    name: str
    code: str
    words: Mapping[str, tuple[Word, ...]]


@dataclass(frozen=True)
class WordLists:
    """The lists with a code in the order of the file, and the first word that is not in ASJPcode and their number."""

    lists: tuple[WordList, ...]
    unread: int = 0
    first_unread: str = ""


def sounds(form: str) -> Word:
    """The sounds of a word in ASJPcode: `"` and `*` belong to the sound before, `~` joins two and `$` three.

    Blanks between the parts of a word are left out.

    Raises
    ------
    ValueError
        If something else is in it, or a mark follows no sound.

    Examples
    --------
    >>> sounds('kh~w"Ena*')
    ('kh', 'w"', 'E', 'n', 'a*')
    """
    found: list[str] = []
    for symbol in form.replace(" ", ""):
        if symbol in SOUNDS:
            found.append(symbol)
        elif found and symbol in '"*':
            found[-1] += symbol
        elif found and symbol in JOINED:
            found[-JOINED[symbol] :] = ["".join(found[-JOINED[symbol] :])]
        else:
            raise ValueError(f"{form!r} is not in ASJPcode")
    return tuple(found)


def read_word_lists(path: Path) -> WordLists:
    """Those of a text file of the ASJP database, or of CLDF: forms.csv, its folder, or the folder above.

    Raises
    ------
    UserError
        Naming the line, where the file is not in the format; if it has no list with a code.
    """
    folders = [folder for folder in (path, path / "cldf") if (folder / "forms.csv").is_file()]
    file = folders[0] / "forms.csv" if folders else path
    gathered = _Gathered()
    if file.suffix == ".csv":
        _gather_forms(gathered, file)
    else:
        _gather_lists(gathered, file)
    lists = tuple(
        WordList(name, gathered.codes[name], {meaning: tuple(words) for meaning, words in meanings.items()})
        for name, meanings in gathered.words.items()
        if gathered.codes.get(name)
    )
    if not any(found.words for found in lists):
        said = f"; {gathered.first_unread}" if gathered.unread else ""
        raise UserError(f"{file} has no word list with an ISO 639-3 code and words in ASJPcode{said}", HINT)
    return WordLists(lists, gathered.unread, gathered.first_unread)


class _Gathered:
    """What was read so far: the code of each list, and its words by meaning."""

    def __init__(self) -> None:
        self.codes: dict[str, str] = {}
        self.words: dict[str, dict[str, list[Word]]] = {}
        self.unread = 0
        self.first_unread = ""

    def add(self, name: str, meaning: str, forms: Iterator[str], line: int) -> None:
        """Loanwords and missing words are left out."""
        for form in forms:
            if form in ("", NO_WORD) or form.startswith("%"):
                continue
            try:
                word = sounds(form)
            except ValueError as error:
                self.unread += 1
                self.first_unread = self.first_unread or f"line {line}: {error}"
            else:
                self.words[name].setdefault(meaning, []).append(word)


def _gather_lists(gathered: _Gathered, file: Path) -> None:
    """The text format: after the preamble, for each list a line of its name, one of facts, and one for each meaning."""
    lines = iter(enumerate(_text_of_lists(file).split("\n"), start=1))
    name = ""
    for number, line in lines:
        if found := _NAME.fullmatch(line):
            name = found["name"].strip()
            if name in gathered.words:
                raise UserError(f"{file}, line {number}: {name} is there twice", "rename one of the two lists")
            gathered.words[name] = {}
            gathered.codes[name] = _code(file, *next(lines, (number + 1, "")))
        elif name and (entry := _ENTRY.fullmatch(line)):
            words = re.split(r"//|  |\s/", entry["words"].strip())[0].rstrip("/")
            gathered.add(name, entry["meaning"], (word.strip() for word in words.split(",")), number)
        elif name and line.strip():
            message = f"{file}, line {number}: {line.strip()[:40]!r} is no entry of a word list"
            raise UserError(message, "an entry is a number, a meaning, a tab, and words: `21 dog<TAB>hunt //`")


def _text_of_lists(file: Path) -> str:
    """The text of a file whose words are ASCII, and whose comments are in UTF-8 or, in some versions, in others."""
    try:
        return read_text(file, HINT)
    except ConfigError:
        return file.read_bytes().decode("ascii", errors="replace").replace("\r\n", "\n")


def _code(file: Path, number: int, line: str) -> str:
    """The ISO 639-3 code in columns 40 to 42 of a list's second line; "" if there is none."""
    code = line[39:42].strip()
    if not re.match(r"\s*\d", line) or "\t" in line or (code and not re.fullmatch(r"[a-z]{2}[a-z0-9]", code)):
        message = f"{file}, line {number}: expected the facts about a list, with its ISO 639-3 code in columns 40 to 42"
        raise UserError(message, f"found {line.strip()[:60]!r}")
    return code if _CODE.fullmatch(code) else ""


def _gather_forms(gathered: _Gathered, file: Path) -> None:
    """CLDF: a row for each word; the codes are those of languages.csv beside it, or Language_ID where there is none."""
    beside = file.parent / "languages.csv"
    known = None
    if beside.is_file():
        known = {row["ID"]: row["ISO639P3code"] for _, row in _table(beside, ("ID", "ISO639P3code"))}
    for line, row in _table(file, ("Language_ID", "Parameter_ID", "Form")):
        name = row["Language_ID"]
        if name not in gathered.words:
            gathered.words[name] = {}
            gathered.codes[name] = name if known is None else known.get(name, "")
        form = NO_WORD if row.get("Loan", "").lower() == "true" else row["Form"].strip()
        gathered.add(name, row["Parameter_ID"], iter([form]), line)


def _table(file: Path, columns: tuple[str, ...]) -> Iterator[tuple[int, dict[str, str]]]:
    """The rows of a table as maps, with the numbers of their lines; raises UserError if it lacks a column."""
    rows = table_rows(read_text(file, HINT))
    header = rows[0][1] if rows else []
    if missing := [column for column in columns if column not in header]:
        raise UserError(f"{file}, line 1: there is no column {missing[0]}", f"its columns are {', '.join(header[:12])}")
    for line, row in rows[1:]:
        if len(row) != len(header):
            raise UserError(f"{file}, line {line}: {len(row)} entries where the first line has {len(header)}", HINT)
        yield line, dict(zip(header, row, strict=True))
