"""Languages by whatever others call them: codes in any style, Wikipedia's codes, glottocodes, English names."""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from langgeo_core.contract.errors import ConfigError, Problem, UserError
from langgeo_core.contract.types import Incident, Language
from langgeo_core.languages.table import LanguageTable, aliases

_FILE = Path(__file__).with_name("data") / "other_names.csv"
_GLOTTOCODE = re.compile(r"[a-z0-9]{4}\d{4}")
_WITH_SUFFIX = re.compile(r"(.+?)[ _]\(([A-Z][a-z]{3}|[a-z0-9]+|[A-Z0-9]+)\)")
_CODE = re.compile(r"([A-Za-z]{2,3})(?:[-_]([A-Za-z0-9]+))?")


def find_language(written: str) -> Language:
    """The language of an id, an alias, a code in another style, a glottocode or an English name.

    What is an id or an alias as it stands is read as that: `als` is Tosk Albanian, as in ISO 639-3, and not the
    Alemannic of Wikipedia. Capitals, accents and punctuation of names do not matter.

    Raises
    ------
    UserError
        If there is none, or a name is that of several.

    Examples
    --------
    >>> [find_language(name).id for name in ("zh-Hant", "Norwegian (Bokmål)", "stan1293", "zh-min-nan")]
    ['cmn_Hant', 'nob', 'eng', 'nan']
    """
    name = written.strip()
    table = LanguageTable()
    try:
        return table.lookup(name)
    except UserError as unknown:
        found = _named(name) or _named_with_suffix(name) or _by_glottocode(name) or _restyled(name)
        if len(found) > 1:
            raise UserError(f"{name!r} names {' and '.join(found)}", "write the id") from None
        if not found:
            raise unknown
        return table.lookup(found[0])


@dataclass(frozen=True)
class Found:
    """Names as languages: the language of each, what was read as what, and the names nobody knows.

    `languages[name]` is there for every name but the `unknown` ones.
    """

    languages: dict[str, Language]
    notes: tuple[Incident, ...]
    unknown: tuple[str, ...] = ()


def find_languages(names: Iterable[str], where: str, skip_unknown: bool = False, advice: str = "") -> Found:
    """The language of every name, and one note on all that were read as something else.

    Parameters
    ----------
    where : the file that holds the names, for messages
    skip_unknown : report unknown names in a note, instead of raising
    advice : what else than renaming them can be done about unknown names

    Raises
    ------
    ConfigError
        Naming every name that is unknown, or names a language that another has named.
    """
    languages: dict[str, Language] = {}
    unknown: dict[str, UserError] = {}
    for name in names:
        try:
            languages[name] = find_language(name)
        except UserError as error:
            unknown[name] = error
    problems = []
    first: dict[str, str] = {}
    for name, language in languages.items():
        if language.id in first:
            message = f"{first[language.id]!r} and {name!r} both name {language.id} ({language.name})"
            problems.append(Problem(where, message, "leave one out, or name it by an id of its own"))
        first.setdefault(language.id, name)
    listed = ", ".join(map(repr, unknown))
    if unknown and not skip_unknown:
        hints = ((name, error.hint) for name, error in unknown.items())
        meant = [f"{name}: {hint}" if hint.startswith("did you mean") else hint for name, hint in hints]
        what = "unknown language" if len(unknown) == 1 else f"{len(unknown)} unknown languages"
        problems.append(Problem(where, f"{what}: {listed}", "; ".join(filter(None, dict.fromkeys([*meant, advice])))))
    if problems:
        raise ConfigError(problems)
    notes = []
    if read := [f"{name} as {language.id}" for name, language in languages.items() if name != language.id]:
        notes.append(Incident("plan", f"names of {where} that are read as languages: {', '.join(read)}"))
    if unknown:
        notes.append(Incident("plan", f"unknown languages of {where}, left out: {listed}"))
    return Found(languages, tuple(notes), tuple(unknown))


def _named(name: str) -> list[str]:
    """Ids of that name: those listed here, what aliases stand for, then Glottolog's."""
    return next((ids[key] for ids in _names() if (key := _plain(name)) in ids), [])


def _named_with_suffix(name: str) -> list[str]:
    """`Mandarin Chinese (Hant)`, as the names of texts in a script or of a variety are written here."""
    match = _WITH_SUFFIX.fullmatch(name)
    if not match:
        return []
    written = (f"{identifier.partition('_')[0]}_{match[2]}" for identifier in _named(match[1]))
    return [identifier for identifier in written if _is_known(identifier)]


@cache
def _names() -> tuple[dict[str, list[str]], ...]:
    with _FILE.open(encoding="utf-8", newline="") as file:
        listed = [(row["name"], row["id"]) for row in csv.DictReader(file)]
    known = [(alias.name, alias.id) for alias in aliases().values()]
    rows = [(language.name, language.id) for language in LanguageTable().all()]
    found: tuple[dict[str, list[str]], ...] = ({}, {}, {})
    for ids, pairs in zip(found, (listed, known, rows), strict=True):
        for name, identifier in dict.fromkeys((_plain(name), identifier) for name, identifier in pairs):
            ids.setdefault(name, []).append(identifier)
    return found


def _plain(name: str) -> str:
    """Small letters without accents, words one space apart."""
    letters = unicodedata.normalize("NFKD", name)
    bare = "".join(letter for letter in letters if not unicodedata.combining(letter))
    return " ".join(re.findall(r"[^\W_]+", bare.casefold()))


def _by_glottocode(name: str) -> list[str]:
    if not _GLOTTOCODE.fullmatch(name):
        return []
    return [language.id for language in LanguageTable().all() if language.glottocode == name]


def _restyled(name: str) -> list[str]:
    """`DEU`, `zh-Hant`, `pt_BR` and `cmn_hans` as ids, where there is such a language."""
    match = _CODE.fullmatch(name)
    if not match:
        return []
    suffix = match[2] or ""
    suffix = suffix.capitalize() if len(suffix) == 4 and suffix.isalpha() else suffix
    identifier = "_".join(filter(None, (match[1].lower(), suffix)))
    return [identifier] if _is_known(identifier) else []


def _is_known(identifier: str) -> bool:
    try:
        LanguageTable().lookup(identifier)
    except UserError:
        return False
    return True
