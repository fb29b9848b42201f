"""The language of Django's locales, where the code alone does not determine it."""

from __future__ import annotations

from langgeo_core.api import LanguageTable

DROPPED = {
    "ar_DZ": "Algerian Arabic repeats much of `ar`",
    "en_AU": "most of its messages are the English ones",
    "en_GB": "most of its messages are the English ones",
    "es_AR": "a country's Spanish; `es` is complete",
    "es_CO": "a country's Spanish; `es` is complete",
    "es_MX": "a country's Spanish; `es` is complete",
    "es_VE": "a country's Spanish; `es` is complete",
}

# As in `udhr_names`: a language has the same id in both corpora, and plain ids are for the same spelling.
NAMES = {
    "ms": "zlm",
    "pt": "por_PT",
    "pt_BR": "por",
    "sq": "als",
    "sr_Latn": "srp_Latn",
    "zh_Hans": "cmn_Hans",
    "zh_Hant": "cmn_Hant",
}

_LOCALES_BY_SCRIPT = {
    "Arab": "ar ckb fa ug ur",
    "Armn": "hy",
    "Beng": "bn",
    "Cyrl": "be bg kk ky mk mn os ru sr tg tt udm uk",
    "Deva": "hi mr ne",
    "Ethi": "am",
    "Geor": "ka",
    "Grek": "el",
    "Guru": "pa",
    "Hang": "ko",
    "Hans": "zh_Hans",
    "Hant": "zh_Hant",
    "Hebr": "he",
    "Jpan": "ja",
    "Khmr": "km",
    "Knda": "kn",
    "Mlym": "ml",
    "Mymr": "my",
    "Taml": "ta",
    "Telu": "te",
    "Thai": "th",
}
_SCRIPTS = {locale: script for script, locales in _LOCALES_BY_SCRIPT.items() for locale in locales.split()}


def language_of(locale: str) -> str:
    """The language id of a locale such as `de`; raises UserError for an unknown language."""
    return NAMES.get(locale) or LanguageTable().lookup(locale).id


def script_of(locale: str) -> str:
    """The script (ISO 15924) that a locale is written in."""
    return _SCRIPTS.get(locale, "Latn")
