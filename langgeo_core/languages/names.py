"""Languages by whatever others call them: codes in any style, Wikipedia's codes, glottocodes, English names."""

from __future__ import annotations

import csv
import difflib
import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from langgeo_core.contract.errors import ConfigError, Problem, UserError
from langgeo_core.contract.types import Incident, Language
from langgeo_core.languages.table import SCRIPTS, LanguageTable, aliases, find

_FILE = Path(__file__).with_name("data") / "other_names.csv"
_GLOTTOCODE = re.compile(r"[a-z0-9]{4}\d{4}")
_CODE = re.compile(r"[a-z]{2,3}|[A-Z]{2,3}|[A-Z][a-z]{1,2}")
_TAG = re.compile(r"([a-z]{2,3}|[A-Z]{2,3})[-_]([A-Za-z]{4}|[a-z]{2}|[A-Z]{2}|\d[a-z0-9]{2,7})")
_WITH_SUFFIX = re.compile(r"(.*[A-Z].*?)[ _]\(([A-Z][a-z]{3}|[A-Z]{2}|[a-z0-9]+)\)")
_BREAK = re.compile("(?:[^\\w\u0300-\u036f]|[_\u02b9-\u02c8])+")
_MISSING = ("NA", "nan")
"""Codes that programs also write where a name is missing."""

ID = "an id is an ISO 639-3 code such as `deu`, with a script or a variety where needed: `cmn_Hant`, `roh_sursilv`"
MOST_HINTS = 12
"""The most names for which the nearest is looked for, and that a message lists."""


def find_language(written: str, among: Collection[str] = ()) -> Language:
    """The language of an id, an alias, a code in another style, a glottocode or an English name.

    A word that is a code and another language's name is read as the code, unless only the other is `among` these ids.
    Capitals and punctuation of names do not matter, nor accents that are left out.

    Raises
    ------
    UserError
        If there is none, or a name is that of several.

    Examples
    --------
    >>> [find_language(name).id for name in ("zh-Hant", "Norwegian (Bokmål)", "stan1293", "zh-min-nan", "EN")]
    ['cmn_Hant', 'nob', 'eng', 'nan', 'eng']
    """
    readings = _Readings.of(written)
    ids = list(dict.fromkeys(filter(None, (readings.code, *readings.names))))
    found = [one for one in ids if one in among] or ([readings.code] if readings.code else ids)
    if len(found) > 1:
        raise UserError(f"{written!r} names {' and '.join(found)}", "write the id")
    return LanguageTable().lookup(found[0] if found else written.strip())


@dataclass(frozen=True)
class Found:
    """Names as languages: the language of each, what was read as what, and the names that are left out.

    `languages[name]` is there for every name but the `unknown` ones.
    """

    languages: dict[str, Language]
    notes: tuple[Incident, ...]
    unknown: tuple[str, ...] = ()


def find_languages(names: Iterable[str], where: str, skip_unknown: bool = False, advice: str = "") -> Found:
    """The language of every name in a file, and one note on all that were read as something else.

    A word such as `Wa` or `EN`, a code and perhaps another language's name, is read as the rest of the file is written:
    as a code where all are codes or names have other capitals, as a name where all are names. Else it is refused.

    Parameters
    ----------
    where : the file that holds the names, for messages
    skip_unknown : report unknown and ambiguous names in a note, instead of raising
    advice : what else than renaming them can be done about unknown names

    Raises
    ------
    ConfigError
        Naming every name that is unknown or ambiguous, or names a language that another has named.
    """
    readings = {name: _Readings.of(name) for name in names}
    ids, ambiguous = _settled(readings)
    languages = {name: LanguageTable().lookup(identifier) for name, identifier in ids.items()}
    unknown = [name for name in readings if name not in ids and name not in ambiguous]
    problems = []
    first: dict[str, str] = {}
    for name, language in languages.items():
        if language.id in first:
            message = f"{first[language.id]!r} and {name!r} both name {language.id} ({language.name})"
            problems.append(Problem(where, message, "leave one out, or name it by an id of its own"))
        first.setdefault(language.id, name)
    if unknown and not skip_unknown:
        hints = ((name, nearest(name)) for name in unknown[:MOST_HINTS])
        meant = [f"{name}: {hint}" if hint.startswith("did you mean") else hint for name, hint in hints]
        what = "unknown language" if len(unknown) == 1 else f"{len(unknown)} unknown languages"
        what += f": {_some(map(repr, unknown))}"
        problems.append(Problem(where, what, "; ".join(filter(None, dict.fromkeys([*meant, advice])))))
    if ambiguous and not skip_unknown:
        hint = "write ids, or nothing but codes, or nothing but names"
        problems.append(Problem(where, _some(ambiguous.values()), hint))
    if problems:
        raise ConfigError(problems)
    notes = []
    if read := [f"{name} as {language.id}" for name, language in languages.items() if name != language.id]:
        notes.append(Incident("plan", f"names of {where} that are read as languages: {', '.join(read)}"))
    for kind, left in (("unknown", map(repr, unknown)), ("ambiguous", ambiguous.values())):
        if listed := ", ".join(left):
            notes.append(Incident("plan", f"{kind} languages of {where}, left out: {listed}"))
    return Found(languages, tuple(notes), (*unknown, *ambiguous))


@dataclass(frozen=True)
class _Readings:
    """What one word may be: the id of a code or "", the ids of languages of that name, whether it looks like a code.

    `letters` says how it is written: `lower`, `upper`, `title` (it begins with a capital) or "" (`pt-BR`).
    """

    code: str
    names: tuple[str, ...]
    is_like_code: bool
    letters: str

    @classmethod
    def of(cls, written: str) -> _Readings:
        name = written.strip()
        code = _as_code(name)
        shaped = _CODE.fullmatch(name) or _TAG.fullmatch(name) or _GLOTTOCODE.fullmatch(name)
        return cls(code, tuple(_as_name(name)), bool(code or shaped), _letters(name))


def _settled(readings: Mapping[str, _Readings]) -> tuple[dict[str, str], dict[str, str]]:
    """The id of each name of a file, and for each ambiguous one what it may be."""
    others = [one for one in readings.values() if not one.is_like_code]
    named = {one.letters for one in others if one.names or one.letters == "title"} - {""}
    has_codes = any(one.code and one.letters not in named for one in readings.values())
    codes = {_letters(re.split("[-_]", word)[0]) if one.is_like_code else "" for word, one in readings.items()}
    ids: dict[str, str] = {}
    ambiguous: dict[str, str] = {}
    for word, one in readings.items():
        if one.code and word in _MISSING and codes != {one.letters}:
            ambiguous[word] = f"{word!r} is the code of {_described(one.code)} or marks a missing name"
        elif one.code and (one.letters not in named or one.names == (one.code,)):
            ids[word] = one.code
        elif one.code and (has_codes or not one.names):
            names = " or ".join(map(_described, one.names))
            kind = f"the code of {_described(one.code)} or the name of {names}"
            ambiguous[word] = f"{word!r} is {kind if names else f'a code, {_described(one.code)}, among names'}"
        elif len(one.names) > 1:
            ambiguous[word] = f"{word!r} names {' and '.join(one.names)}"
        elif one.names:
            ids[word] = one.names[0]
    return ids, ambiguous


def _letters(word: str) -> str:
    return "lower" if word.islower() else "upper" if word.isupper() else "title" if word[:1].isupper() else ""


def _described(identifier: str) -> str:
    return f"{identifier} ({LanguageTable().lookup(identifier).name})"


def _some(words: Iterable[str]) -> str:
    every = list(words)
    more = f" and {len(every) - MOST_HINTS} others" if len(every) > MOST_HINTS else ""
    return ", ".join(every[:MOST_HINTS]) + more


def _as_code(name: str) -> str:
    """The id of an id, an alias, a code in another style (`DEU`, `zh-Hant`, `pt-BR`) or Wikipedia's code; "" if none.

    Nothing else is taken for a variety behind a hyphen, which is as often part of a name: `Idu-Mishmi`.
    """
    if listed := _names()[0].get(_key(name)):
        return listed[0]
    written = name.lower() if _CODE.fullmatch(name) else name
    if match := _TAG.fullmatch(name):
        suffix = match[2].capitalize() if len(match[2]) == 4 and match[2].isalpha() else match[2]
        written = f"{match[1].lower()}_{suffix}"
    language = find(written)
    return language.id if language else ""


def _as_name(name: str) -> list[str]:
    """Ids of that name: those listed here, what aliases stand for, Glottolog's, or those of a glottocode."""
    key = _key(name)
    found = next((ids[key] for ids in _names() if key in ids), [])
    if found or not (match := _WITH_SUFFIX.fullmatch(name)):
        return found
    # `Mandarin Chinese (Hant)`, as the names of texts in a script or of a variety are written here.
    written = (find(f"{identifier.partition('_')[0]}_{match[2]}") for identifier in _as_name(match[1]))
    return [language.id for language in written if language]


@cache
def _names() -> tuple[dict[str, list[str]], ...]:
    """Ids by what languages are called, as `_key` gives it, with and without accents; the first that has it counts.

    Listed codes that are not of ISO 639, listed names, names of aliases, Glottolog's names, glottocodes.
    """
    with _FILE.open(encoding="utf-8", newline="") as file:
        listed = [(row["kind"] in ("Wikipedia", "locale"), row["name"], row["id"]) for row in csv.DictReader(file)]
    every = tuple(LanguageTable().all())
    calls = (
        [(name, identifier) for is_code, name, identifier in listed if is_code],
        [(name, identifier) for is_code, name, identifier in listed if not is_code],
        [(alias.name, alias.id) for alias in aliases().values()],
        [(one.name, one.id) for one in every],
        [(one.glottocode, one.id) for one in every if one.glottocode],
    )
    found: tuple[dict[str, list[str]], ...] = ({}, {}, {}, {}, {})
    for ids, pairs in zip(found, calls, strict=True):
        for name, identifier in pairs:
            for key in {_key(name), _key(name, accents=False)}:
                if identifier not in ids.setdefault(key, []):
                    ids[key].append(identifier)
    return found


def _key(name: str, accents: bool = True) -> str:
    """Small letters, words one space apart."""
    letters = name.casefold() if name.isascii() else unicodedata.normalize("NFKD", name).casefold()
    if not accents and not name.isascii():
        letters = "".join(letter for letter in letters if not unicodedata.combining(letter))
    return " ".join(_BREAK.sub(" ", letters).split())


# Which id was meant by one that does not exist.


def nearest(written: str) -> str:
    """A hint with up to three ids like what was written: a code, an id in another style, or a language's name."""
    for guess in (_restyled, _as_name, _like_name, _like_code):
        if found := list(dict.fromkeys(guess(written[:100]))):
            options = (f"`{identifier}` ({LanguageTable().lookup(identifier).name})" for identifier in found[:3])
            return f"did you mean {' or '.join(options)}?"
    return ID


def _restyled(written: str) -> list[str]:
    """`DEU`, `zh-Hant`, `cmn_hans` and `cmn_Hanz` as ids."""
    base, _, suffix = written.replace("-", "_").partition("_")
    language = find(base.lower())
    if language is None or (len(suffix) > 4 and base[:1].isupper()):  # rather a name with a hyphen: `Idu-Mishmi`
        return []
    close = [suffix] if suffix else []
    if len(suffix) == 4 and suffix.isalpha():
        close = difflib.get_close_matches(suffix.capitalize(), sorted(SCRIPTS), n=2, cutoff=0.75)
    return [one.id for one in (find(f"{base.lower()}_{end}") for end in close) if one] or [language.id]


def _like_name(written: str) -> list[str]:
    """Languages with that word in their names, or with a name like it that begins with the same letter."""
    key = _key(written)
    names = {**_names()[2], **_names()[3]}
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
    every = sorted(one.id for one in LanguageTable().all() if len(set(base) & set(one.id)) > 1)
    return next(filter(None, (difflib.get_close_matches(base, ids, cutoff=0.6) for ids in (widely_used, every))), [])
