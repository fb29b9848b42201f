"""Varieties of nearly the same language: as neighbours or in one cluster they are little evidence of agreement."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

from langgeo_core.api import Language, LanguageTable

GROUPS = (
    ("fil", "tgl"),
    ("hin", "urd"),
    ("ind", "msa", "zlm", "zsm"),
    ("kin", "run"),
    ("pan", "pnb"),
    ("pes", "prs"),
    ("quh", "quy", "quz"),
)
"""ISO 639-3 codes of standards of one language, or of languages that understand each other, in different glottocodes:
Filipino and Tagalog, Hindi and Urdu, Indonesian and Malay, Kinyarwanda and Kirundi, the two Panjabis, Iranian and
Afghan Persian, South Bolivian, Ayacucho and Cusco Quechua (Southern Quechua, one written standard)."""

_GROUP_OF = {code: group[0] for group in GROUPS for code in group}


def one_of_each(languages: Iterable[Language]) -> frozenset[str]:
    """The ids without near duplicates: of each group the first by id.

    Besides `GROUPS`, texts of one glottocode are a group, such as one language in two scripts, and so are the dialects
    of one language in Glottolog, such as Bosnian, Croatian and Serbian.
    """
    kept: dict[str, str] = {}
    for language in sorted(languages, key=lambda language: language.id):
        kept.setdefault(_variety(language), language.id)
    return frozenset(kept.values())


def _variety(language: Language) -> str:
    if language.iso639_3 in _GROUP_OF:
        return _GROUP_OF[language.iso639_3]
    if language.level == "dialect" and language.lineage:
        return path_to_language(language)[-1]
    return language.glottocode or language.iso639_3


def path_to_language(dialect: Language) -> tuple[str, ...]:
    """Glottocodes from the family down to the language that a dialect belongs to; empty where Glottolog has none.

    There may be other dialects between a dialect and its language, as between Croatian and Serbian-Croatian-Bosnian.
    Only languages with an ISO 639-3 code are recognised; below others, the path ends right above the dialect.
    """
    lineage = dialect.lineage
    known = [place for place, glottocode in enumerate(lineage) if glottocode in _languages()]
    return lineage[: known[-1] + 1] if known else lineage


@cache
def _languages() -> frozenset[str]:
    return frozenset(one.glottocode for one in LanguageTable().all() if one.level == "language")
