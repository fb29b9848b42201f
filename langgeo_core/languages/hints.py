"""Which id was meant by one that does not exist."""

from __future__ import annotations

import difflib
from collections.abc import Mapping

from langgeo_core.languages.aliases import aliases
from langgeo_core.languages.scripts import SCRIPTS

_HELP = "an id is an ISO 639-3 code such as `deu`, with a script or a variety where needed: `cmn_Hant`, `roh_sursilv`"


def nearest(written: str, names: Mapping[str, str]) -> str:
    """A hint with up to three ids like what was written: a code, an id in another style, or a language's name.

    `names` maps every ISO 639-3 code to its language's name.
    """
    for guess in (_restyled, _named, _like_name, _like_code):
        if found := guess(written, names):
            options = [f"`{identifier}` ({names[identifier.partition('_')[0]]})" for identifier in found[:3]]
            return f"did you mean {' or '.join(options)}?"
    return _HELP


def _restyled(written: str, names: Mapping[str, str]) -> list[str]:
    """`DEU`, `zh-Hant` and `cmn_hans` as ids."""
    base, _, suffix = written.replace("-", "_").partition("_")
    base = base.lower()
    code = aliases()[base].iso639_3 if base in aliases() else base
    if code not in names:
        return []
    if not suffix:
        return [aliases()[base].id if base in aliases() else code]
    if len(suffix) == 4 and suffix.isalpha():
        return [f"{code}_{script}" for script in _scripts_like(suffix)] or [code]
    return [f"{code}_{suffix}"] if suffix.isalnum() else [code]


def _scripts_like(suffix: str) -> list[str]:
    script = suffix.capitalize()
    return [script] if script in SCRIPTS else difflib.get_close_matches(script, sorted(SCRIPTS), n=2, cutoff=0.75)


def _named(written: str, names: Mapping[str, str]) -> list[str]:
    """Languages of exactly that name, then those with the word in their name."""
    word = written.casefold()
    exact = [identifier for identifier, name in _all_names(names) if name.casefold() == word]
    partly = [identifier for identifier, name in _all_names(names) if word in name.casefold().split()]
    return list(dict.fromkeys(exact)) or list(dict.fromkeys(partly))


def _like_name(written: str, names: Mapping[str, str]) -> list[str]:
    by_name = {name.casefold(): identifier for identifier, name in reversed(_all_names(names))}
    close = difflib.get_close_matches(written.casefold(), by_name, n=3, cutoff=0.8) if len(written) > 3 else []
    return list(dict.fromkeys(by_name[name] for name in close))


def _like_code(written: str, names: Mapping[str, str]) -> list[str]:
    """Codes one letter away, those of languages with an ISO 639-1 code first: nearly any three letters are a code."""
    base = written.partition("_")[0].lower()
    if not 2 <= len(base) <= 4:
        return []
    widely_used = sorted({alias.iso639_3 for alias in aliases().values()})
    close = difflib.get_close_matches(base, widely_used, n=3, cutoff=0.6)
    return close or difflib.get_close_matches(base, sorted(names), n=3, cutoff=0.6)


def _all_names(names: Mapping[str, str]) -> list[tuple[str, str]]:
    """(id, name): what aliases stand for first, as these are the names of the most widely used languages."""
    return [(alias.id, alias.name) for alias in aliases().values()] + list(names.items())
