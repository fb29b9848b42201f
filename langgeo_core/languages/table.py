"""Language ids: ISO 639-3, with `_Script` or `_variety` where one code has several texts.

What others write for a language is known too: other ISO codes, macrolanguages and retired codes, as aliases.
"""

from __future__ import annotations

import csv
import difflib
import gzip
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from langgeo_core.contract.errors import ConfigError, Problem, UserError
from langgeo_core.contract.types import Incident, Language

_DATA = Path(__file__).with_name("data")
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
        row = _rows().get(base)
        if row is None and _PRIVATE.fullmatch(base):
            row = Language(base, base, name=f"Private use {base}")
        script = suffix.capitalize() if suffix.islower() and suffix.capitalize() in SCRIPTS else suffix
        if row is None or script != suffix or (_SCRIPT.fullmatch(suffix) and suffix not in SCRIPTS):
            raise UserError(f"{identifier!r} is not a language id", _nearest(identifier))
        if not suffix:
            return row
        script = suffix if suffix in SCRIPTS else ""
        return replace(row, id=f"{row.iso639_3}_{suffix}", name=f"{row.name} ({suffix})", script=script)

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
            if (first := written.get(language.id)) is not None:
                both = f"{first} and {identifier} both name {language.id} ({language.name})"
                what = f"{first} is listed twice" if first == identifier else both
                problems.append(Problem("languages", what, "leave one out"))
                continue
            written[language.id] = identifier
            languages.append(language)
            if language.id != identifier:
                alias = aliases()[_split(identifier)[0]]
                what = f"{identifier} ({alias.name}, {alias.kind}) is read as {language.id} ({language.name})"
                incidents.append(Incident("plan", what))
        return tuple(languages), tuple(incidents), tuple(problems)


def is_private(language: Language) -> bool:
    """Whether its code is one that ISO 639-3 keeps for private use."""
    return _PRIVATE.fullmatch(language.iso639_3) is not None


def _split(identifier: str) -> tuple[str, str]:
    match = _ID.fullmatch(identifier)
    return (match[1], match[2] or "") if match else ("", "")


@cache
def _rows() -> dict[str, Language]:
    with gzip.open(_DATA / "languages.csv.gz", "rt", encoding="utf-8", newline="") as file:
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
        macroareas=row["macroareas"],
        lineage=tuple(filter(None, row["lineage"].split("/"))),
        latitude=float(row["latitude"]) if row["latitude"] else None,
        longitude=float(row["longitude"]) if row["longitude"] else None,
    )


@dataclass(frozen=True)
class Alias:
    """`code` is read as `id`, which may name a script (`zho` is read as `cmn_Hans`).

    `kind` is `macrolanguage`, `retired`, `ISO 639-1` or `ISO 639-2/B`; `name` what the code stands for.
    """

    code: str
    id: str
    kind: str
    name: str

    @property
    def iso639_3(self) -> str:
        """The code of the language alone."""
        return self.id.partition("_")[0]


@cache
def aliases() -> dict[str, Alias]:
    """Every alias by its code; langgeo_core/languages/data/README.md says how they were chosen."""
    with (_DATA / "aliases.csv").open(encoding="utf-8", newline="") as file:
        return {row["alias"]: Alias(row["alias"], row["id"], row["kind"], row["name"]) for row in csv.DictReader(file)}


# Which id was meant by one that does not exist.

_HELP = "an id is an ISO 639-3 code such as `deu`, with a script or a variety where needed: `cmn_Hant`, `roh_sursilv`"


def _nearest(written: str) -> str:
    """A hint with up to three ids like what was written: a code, an id in another style, or a language's name."""
    for guess in (_restyled, _named, _like_name, _like_code):
        if found := list(dict.fromkeys(guess(written))):
            options = [f"`{identifier}` ({_rows()[identifier.partition('_')[0]].name})" for identifier in found[:3]]
            return f"did you mean {' or '.join(options)}?"
    return _HELP


def _restyled(written: str) -> list[str]:
    """`DEU`, `zh-Hant` and `cmn_hans` as ids."""
    base, _, suffix = written.lower().replace("-", "_").partition("_")
    alias = aliases().get(base)
    code = alias.iso639_3 if alias else base
    if code not in _rows():
        return []
    if not suffix:
        return [alias.id if alias else code]
    if len(suffix) == 4 and suffix.isalpha():
        script = suffix.capitalize()
        close = difflib.get_close_matches(script, sorted(SCRIPTS), n=2, cutoff=0.75)
        return [f"{code}_{one}" for one in ([script] if script in SCRIPTS else close)] or [code]
    return [f"{code}_{written.replace('-', '_').partition('_')[2]}"] if suffix.isalnum() else [code]


def _named(written: str) -> list[str]:
    """Languages of exactly that name, or else those with the word in their name."""
    word = written.casefold()
    exact = [identifier for identifier, name in _all_names() if name == word]
    return exact or [identifier for identifier, name in _all_names() if word in name.split()]


def _like_name(written: str) -> list[str]:
    by_name = {name: identifier for identifier, name in reversed(_all_names())}
    close = difflib.get_close_matches(written.casefold(), by_name, n=3, cutoff=0.8) if len(written) > 3 else []
    return [by_name[name] for name in close]


def _like_code(written: str) -> list[str]:
    """Codes one letter away, those of languages with an ISO 639-1 code first: nearly any three letters are a code."""
    base = written.partition("_")[0].lower()
    if not 2 <= len(base) <= 4:
        return []
    widely_used = sorted({alias.iso639_3 for alias in aliases().values()})
    close = difflib.get_close_matches(base, widely_used, n=3, cutoff=0.6)
    return close or difflib.get_close_matches(base, sorted(_rows()), n=3, cutoff=0.6)


@cache
def _all_names() -> tuple[tuple[str, str], ...]:
    """(id, name) without capitals; what aliases stand for first, as these are the most widely used languages."""
    known = [(alias.id, alias.name) for alias in aliases().values()]
    known += [(language.id, language.name) for language in _rows().values()]
    return tuple((identifier, name.casefold()) for identifier, name in known)


# ISO 15924.

SCRIPTS = frozenset(
    """
    Adlm Afak Aghb Ahom Arab Aran Armi Armn Avst Bali Bamu Bass Batk Beng Berf Bhks Blis Bopo Brah Brai Bugi Buhd
    Cakm Cans Cari Cham Cher Chis Chrs Cirt Copt Cpmn Cprt Cyrl Cyrs Deva Diak Dogr Dsrt Dupl Egyd Egyh Egyp Elba
    Elym Ethi Gara Geok Geor Glag Gong Gonm Goth Gran Grek Gujr Gukh Guru Hanb Hang Hani Hano Hans Hant Hatr Hebr
    Hira Hluw Hmng Hmnp Hrkt Hung Inds Ital Jamo Java Jpan Jurc Kali Kana Kawi Khar Khmr Khoj Kits Knda Kore Kpel
    Krai Kthi Lana Laoo Latf Latg Latn Leke Lepc Limb Lina Linb Lisu Loma Lyci Lydi Mahj Maka Mand Mani Marc Maya
    Medf Mend Merc Mero Mlym Modi Mong Moon Mroo Mtei Mult Mymr Nagm Nand Narb Nbat Newa Nkdb Nkgb Nkoo Nshu Ogam
    Olck Onao Orkh Orya Osge Osma Ougr Palm Pauc Pcun Perm Phag Phli Phlp Phlv Phnx Piqd Plrd Prti Ranj Rjng Rohg
    Roro Runr Samr Sara Sarb Saur Seal Sgnw Shaw Shrd Shui Sidd Sidt Sind Sinh Sogd Sogo Sora Soyo Sund Sunu Sylo
    Syrc Syre Syrj Syrn Tagb Takr Tale Talu Taml Tang Tavt Tayo Telu Teng Tfng Tglg Thaa Thai Tibt Tirh Tnsa Todr
    Tols Toto Tutg Ugar Vaii Visp Vith Wara Wcho Wole Xpeo Xsux Yezi Yiii Zanb
    """.split()  # noqa: SIM905 - two hundred quoted codes read worse
)

_VARIANTS = {
    "Arab": "Aran",
    "Cyrl": "Cyrs",
    "Hang": "Jamo Kore",
    "Hani": "Hanb Hans Hant",
    "Jpan": "Hira Hrkt Kana",
    "Latn": "Latf Latg",
    "Syrc": "Syre Syrj Syrn",
}
"""Codes of writing that shares its characters with another: forms of letters, simplified and traditional characters,
and parts of a mixture or a mixture that in today's texts is one of its parts, as Korean is Hangul."""

_ONE = {code: script for script, codes in _VARIANTS.items() for code in codes.split()}


def one_script(code: str) -> str:
    """The script that a code is counted as where it is asked whether two texts share one: `Hani` for `Hans`.

    The Japanese mixture stays apart from `Hani`, which has no kana. Other codes stand for themselves.

    Examples
    --------
    >>> one_script("Hant"), one_script("Kore"), one_script("Jpan"), one_script("")
    ('Hani', 'Hang', 'Jpan', '')
    """
    return _ONE.get(code, code)
