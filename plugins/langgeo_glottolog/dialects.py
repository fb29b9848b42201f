"""Which language a dialect is of."""

from __future__ import annotations

from functools import cache

from langgeo_core.api import Language, LanguageTable


def path_to_language(dialect: Language) -> tuple[str, ...]:
    """Glottocodes from the family down to the language above a dialect; empty where Glottolog has no place for it.

    Between a dialect and its language there may be other dialects, as between Croatian and Serbian-Croatian-Bosnian.
    Only languages with an ISO 639-3 code are known as such; below another the path ends right above the dialect.
    """
    lineage = dialect.lineage
    known = [place for place, glottocode in enumerate(lineage) if glottocode in _languages()]
    return lineage[: known[-1] + 1] if known else lineage


@cache
def _languages() -> frozenset[str]:
    return frozenset(one.glottocode for one in LanguageTable().all() if one.level == "language")
