"""Languages by whatever others call them: codes in any style, Wikipedia's codes, glottocodes, English names."""

from __future__ import annotations

import csv
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from langgeo_core.api import ConfigError, Incident, Language, LanguageTable, Problem, UserError, did_you_mean, ids_named

_FILE = Path(__file__).with_name("data") / "other_codes.csv"
_GLOTTOCODE = re.compile(r"[a-z0-9]{4}\d{4}")
_CODE = re.compile(r"[a-z]{2,3}|[A-Z]{2,3}|[A-Z][a-z]{1,2}")
_TAG = re.compile(r"([a-z]{2,3}|[A-Z]{2,3})[-_]([A-Za-z]{4}|[a-z]{2}|[A-Z]{2}|\d[a-z0-9]{2,7})")
_MISSING = ("NA", "nan")
"""Codes that programs also write where a name is missing."""

MOST = 12
"""The most names that a message lists, and for which the nearest is looked for."""


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


def find_languages(
    names: Iterable[str], where: str, skip_unknown: bool = False, advice: str = "", synonyms: bool = False
) -> Found:
    """The language of every name in a file, and one note on all that were read as something else.

    A word such as `Wa` or `EN`, a code and perhaps another language's name, is read as the rest of the file is written:
    as a code where all are codes or names have other capitals, as a name where all are names. Else it is refused.

    Parameters
    ----------
    where : the file that holds the names, for messages
    skip_unknown : report unknown and ambiguous names in a note, instead of raising
    advice : what else than renaming them can be done about unknown names
    synonyms : whether several names may name one language, as in a table of pairs

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
        if language.id in first and not synonyms:
            message = f"{first[language.id]!r} and {name!r} both name {language.id} ({language.name})"
            problems.append(Problem(where, message, "leave one out, or name it by an id of its own"))
        first.setdefault(language.id, name)
    if unknown and not skip_unknown:
        hints = ((name, did_you_mean(name)) for name in unknown[:MOST])
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
        return cls(code, tuple(ids_named(name)), bool(code or shaped), _letters(name))


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
    more = f" and {len(every) - MOST} others" if len(every) > MOST else ""
    return ", ".join(every[:MOST]) + more


def _as_code(name: str) -> str:
    """The id of an id, an alias, a code in another style (`DEU`, `zh-Hant`, `pt-BR`) or Wikipedia's code; "" if none.

    Nothing else is taken for a variety behind a hyphen, which is as often part of a name: `Idu-Mishmi`.
    """
    if listed := _other_codes().get(name.lower().replace("_", "-")):
        return listed
    written = name.lower() if _CODE.fullmatch(name) else name
    if match := _TAG.fullmatch(name):
        suffix = match[2].capitalize() if len(match[2]) == 4 and match[2].isalpha() else match[2]
        written = f"{match[1].lower()}_{suffix}"
    # An id with a variety of four letters, `frp_vaud`, is no script.
    language = LanguageTable().find(written) or ("_" in name and LanguageTable().find(name)) or None
    return language.id if language else ""


@cache
def _other_codes() -> dict[str, str]:
    """Ids by codes of Wikipedia and of locales that ISO 639 does not have."""
    with _FILE.open(encoding="utf-8", newline="") as file:
        return {row["code"]: row["id"] for row in csv.DictReader(file)}
