"""Language ids: ISO 639-3, with `_Script` or `_variety` where one code has several texts."""

from __future__ import annotations

import csv
import gzip
import re
from collections.abc import Iterable
from dataclasses import replace
from functools import cache
from pathlib import Path

from langgeo_core.contract.errors import ConfigError, Problem, UserError
from langgeo_core.contract.types import Incident, Language
from langgeo_core.languages.aliases import aliases
from langgeo_core.languages.hints import nearest
from langgeo_core.languages.scripts import SCRIPTS

_FILE = Path(__file__).with_name("data") / "languages.csv.gz"
_ID = re.compile(r"([a-z]{2,3})(?:_([A-Za-z0-9]+))?")
_SCRIPT = re.compile(r"[A-Z][a-z]{3}")
_PRIVATE = re.compile(r"q[a-t][a-z]")


class LanguageTable:
    """Every language that has an ISO 639-3 code, after Glottolog 5.3; read once, on first use.

    The codes for private use, `qaa` to `qtz`, are languages too, of which a corpus that has them may know more.
    """

    def lookup(self, identifier: str) -> Language:
        """The language of an id or an alias; its own `id` never is an alias.

        Raises
        ------
        UserError
            If there is none, with the nearest id.

        Examples
        --------
        >>> LanguageTable().lookup("cmn_Hant").name
        'Mandarin Chinese (Hant)'
        >>> LanguageTable().lookup("no").id
        'nob'
        """
        base, suffix = _split(identifier)
        alias = aliases().get(base)
        if alias:
            base, suffix = alias.iso639_3, suffix or alias.id.partition("_")[2]
        row = _rows().get(base) or _private(base)
        if row is None or _misspelt_script(suffix):
            raise UserError(f"{identifier!r} is not a language id", nearest(identifier, _names()))
        return _variant(row, suffix)

    def all(self) -> Iterable[Language]:
        """Every language of the table, without scripts and varieties."""
        return _rows().values()

    def resolve(self, identifiers: Iterable[str]) -> tuple[tuple[Language, ...], tuple[Incident, ...]]:
        """The languages in the order given, and an incident for each alias that was used.

        Raises
        ------
        ConfigError
            Naming every id that is unknown or names a language that another id has named.
        """
        languages, incidents, problems = self.settle(identifiers)
        if problems:
            raise ConfigError(problems)
        return languages, incidents

    def settle(
        self, identifiers: Iterable[str]
    ) -> tuple[tuple[Language, ...], tuple[Incident, ...], tuple[Problem, ...]]:
        """As `resolve`, with the problems as the third value: ids that are left out."""
        written: dict[str, str] = {}
        languages, incidents, problems = [], [], []
        for identifier in identifiers:
            try:
                language = self.lookup(identifier)
            except UserError as error:
                problems.append(Problem("languages", error.message, error.hint))
                continue
            if language.id in written:
                problems.append(_repeated(written[language.id], identifier, language))
                continue
            written[language.id] = identifier
            languages.append(language)
            if language.id != identifier:
                incidents.append(_alias_used(identifier, language))
        return tuple(languages), tuple(incidents), tuple(problems)


def is_private(language: Language) -> bool:
    """Whether its code is one that ISO 639-3 keeps for private use."""
    return _PRIVATE.fullmatch(language.iso639_3) is not None


def _private(code: str) -> Language | None:
    return Language(code, code, name=f"Private use {code}") if _PRIVATE.fullmatch(code) else None


def _split(identifier: str) -> tuple[str, str]:
    match = _ID.fullmatch(identifier)
    return (match[1], match[2] or "") if match else ("", "")


def _misspelt_script(suffix: str) -> bool:
    """Whether a suffix looks like a script that does not exist, or is one without its capital."""
    if _SCRIPT.fullmatch(suffix):
        return suffix not in SCRIPTS
    return suffix.islower() and suffix.capitalize() in SCRIPTS


def _variant(language: Language, suffix: str) -> Language:
    if not suffix:
        return language
    return replace(
        language,
        id=f"{language.iso639_3}_{suffix}",
        name=f"{language.name} ({suffix})",
        script=suffix if suffix in SCRIPTS else "",
    )


def _alias_used(identifier: str, language: Language) -> Incident:
    alias = aliases()[_split(identifier)[0]]
    return Incident("plan", f"{identifier} ({alias.name}, {alias.kind}) is read as {language.id} ({language.name})")


def _repeated(first: str, second: str, language: Language) -> Problem:
    if first == second:
        return Problem("languages", f"{first} is listed twice", "leave one out")
    return Problem("languages", f"{first} and {second} both name {language.id} ({language.name})", "leave one out")


@cache
def _rows() -> dict[str, Language]:
    with gzip.open(_FILE, "rt", encoding="utf-8", newline="") as file:
        return {row["iso639_3"]: _language(row) for row in csv.DictReader(file)}


def _language(row: dict[str, str]) -> Language:
    return Language(
        id=row["iso639_3"],
        iso639_3=row["iso639_3"],
        glottocode=row["glottocode"],
        name=row["name"],
        level=row["level"],
        family=row["family"],
        branch=row["branch"],
        lineage=tuple(filter(None, row["lineage"].split("/"))),
        latitude=float(row["latitude"]) if row["latitude"] else None,
        longitude=float(row["longitude"]) if row["longitude"] else None,
        macroareas=row["macroareas"],
    )


def _names() -> dict[str, str]:
    return {code: language.name for code, language in _rows().items()}
