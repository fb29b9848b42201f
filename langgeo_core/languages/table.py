"""Language ids: ISO 639-3, with `_Script` or `_variety` where one code has several texts.

What others write for a language is known too: other ISO codes, macrolanguages and retired codes, as aliases.
"""

from __future__ import annotations

from collections.abc import Iterable

from langgeo_core.contract.errors import ConfigError, Problem, UserError
from langgeo_core.contract.types import Incident, Language
from langgeo_core.languages.codes import (
    SCRIPTS as SCRIPTS,
    aliases as aliases,
    find,
    is_private as is_private,
    language_of,
    one_script as one_script,
    table_rows,
)
from langgeo_core.languages.names import ID, MOST_HINTS, did_you_mean


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
        language = find(identifier)
        if language is None:
            raise UserError(f"{identifier!r} is not a language id", did_you_mean(identifier))
        return language

    def find(self, identifier: str) -> Language | None:
        """As `lookup`, None if there is none."""
        return find(identifier)

    def all(self) -> Iterable[Language]:
        """Every language of the table, without scripts and varieties."""
        return map(language_of, table_rows())

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
        languages, incidents = [], []
        problems: list[Problem] = []
        for identifier in identifiers:
            language = find(identifier)
            if language is None:
                hint = did_you_mean(identifier) if len(problems) < MOST_HINTS else ID
                problems.append(Problem("languages", f"{identifier!r} is not a language id", hint))
                continue
            if (first := written.get(language.id)) is not None:
                both = f"{first} and {identifier} both name {language.id} ({language.name})"
                what = f"{first} is listed twice" if first == identifier else both
                problems.append(Problem("languages", what, "leave one out"))
                continue
            written[language.id] = identifier
            languages.append(language)
            if language.id != identifier:
                alias = aliases().get(identifier.partition("_")[0])
                stands_for = f" ({alias.name}, {alias.kind})" if alias else ""
                what = f"{identifier}{stands_for} is read as {language.id} ({language.name})"
                incidents.append(Incident("plan", what))
        return tuple(languages), tuple(incidents), tuple(problems)
