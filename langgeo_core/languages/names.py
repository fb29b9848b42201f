"""English names of languages, and which id was meant by one that does not exist."""

from __future__ import annotations

import csv
import difflib
import re
import unicodedata
from functools import cache
from pathlib import Path

from langgeo_core.languages.codes import SCRIPTS, aliases, find, table_rows

_FILE = Path(__file__).with_name("data") / "other_names.csv"
_SCRIPT_NAMES = {"Arabic": "Arab", "Cyrillic": "Cyrl", "Devanagari": "Deva", "Latin": "Latn"}
_SUFFIX = rf"[A-Z][a-z]{{3}}|[A-Z]{{2}}|[a-z0-9]+|{'|'.join(_SCRIPT_NAMES)}"
_WITH_SUFFIX = re.compile(rf"(.*[A-Z].*?)[ _](?:\(({_SUFFIX})\)|\[({_SUFFIX})\])")
_BREAK = re.compile("(?:[^\\w\u0300-\u036f]|[_\u02b9-\u02c8])+")

ID = "an id is an ISO 639-3 code such as `deu`, with a script or a variety where needed: `cmn_Hant`, `roh_sursilv`"
MOST_HINTS = 12
"""The most names of one file or config for which the nearest is looked for."""


def ids_named(name: str) -> list[str]:
    """Ids of that name: those listed here, what aliases stand for, Glottolog's, or those of a glottocode."""
    key = _key(name)
    found = next((ids[key] for ids in _names() if key in ids), [])
    if found or not (match := _WITH_SUFFIX.fullmatch(name)):
        return found
    # `Mandarin Chinese (Hant)`, as names of texts in a script or of a variety are written here, and `Serbian [Latin]`.
    suffix = _SCRIPT_NAMES.get(match[2] or match[3], match[2] or match[3])
    written = (find(f"{identifier.partition('_')[0]}_{suffix}") for identifier in ids_named(match[1]))
    return [language.id for language in written if language]


@cache
def _names() -> tuple[dict[str, list[str]], ...]:
    """Ids by what languages are called, as `_key` gives it, with and without accents; the first that has it counts.

    Names that are listed, those of aliases, Glottolog's, glottocodes.
    """
    with _FILE.open(encoding="utf-8", newline="") as file:
        listed = [(row["name"], row["id"]) for row in csv.DictReader(file)]
    every = table_rows().values()
    calls = (
        listed,
        [(alias.name, alias.id) for alias in aliases().values()],
        [(name, code) for code, _, name, *_ in every],
        [(glottocode, code) for code, glottocode, *_ in every if glottocode],
    )
    found: tuple[dict[str, list[str]], ...] = ({}, {}, {}, {})
    for ids, pairs in zip(found, calls, strict=True):
        for name, identifier in pairs:
            for key in {_key(name)} if name.isascii() else {_key(name), _key(name, accents=False)}:
                if identifier not in ids.setdefault(key, []):
                    ids[key].append(identifier)
    return found


def _key(name: str, accents: bool = True) -> str:
    """Small letters, words one space apart."""
    letters = name.casefold() if name.isascii() else unicodedata.normalize("NFKD", name).casefold()
    if not accents and not name.isascii():
        letters = "".join(letter for letter in letters if not unicodedata.combining(letter))
    plain = letters.isascii() and letters.replace(" ", "").isalnum()
    return " ".join((letters if plain else _BREAK.sub(" ", letters)).split())


# Which id was meant by one that does not exist.


def did_you_mean(written: str) -> str:
    """A hint with up to three ids like what was written: a code, an id in another style, or a language's name."""
    for guess in (_restyled, ids_named, _like_name, _like_code):
        if found := list(dict.fromkeys(guess(written[:100]))):
            languages = filter(None, map(find, found[:3]))
            options = (f"`{language.id}` ({language.name})" for language in languages)
            return f"did you mean {' or '.join(options)}?"
    return ID


def _restyled(written: str) -> list[str]:
    """`DEU`, `zh-Hant`, `cmn_hans` and `cmn_Hanz` as ids."""
    base, _, suffix = written.replace("-", "_").partition("_")
    language = find(base.lower())
    if language is None or (suffix and base.istitle()):  # rather a name with a hyphen: `Idu-Mishmi`
        return []
    close = [suffix] if suffix else []
    if len(suffix) == 4 and suffix.isalpha():
        close = difflib.get_close_matches(suffix.capitalize(), sorted(SCRIPTS), n=2, cutoff=0.75)
    return [one.id for one in (find(f"{base.lower()}_{end}") for end in close) if one] or [language.id]


def _like_name(written: str) -> list[str]:
    """Languages with that word in their names, or with a name like it that begins with the same letter."""
    key = _key(written)
    names = {**_names()[1], **_names()[2]}
    found = [name for name in names if f" {key} " in f" {name} "]
    if not found and len(key) > 3:
        alike = [name for name in names if name[:1] == key[:1] and abs(len(name) - len(key)) < 3]
        found = difflib.get_close_matches(key, alike, n=3, cutoff=0.8)
    return [names[name][0] for name in found]


def _like_code(written: str) -> list[str]:
    """Codes one letter away, those of languages with an ISO 639-1 code first: nearly any three letters are a code."""
    base = written.partition("_")[0].lower()
    if not 2 <= len(base) <= 4:
        return []
    widely_used = sorted({alias.iso639_3 for alias in aliases().values()})
    every = sorted(code for code in table_rows() if len(set(base) & set(code)) > 1)
    return next(filter(None, (difflib.get_close_matches(base, ids, cutoff=0.6) for ids in (widely_used, every))), [])
