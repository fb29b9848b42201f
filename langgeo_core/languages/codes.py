"""Ids of languages, what else people write for them, and codes of scripts: read once, on first use."""

from __future__ import annotations

import csv
import gzip
import re
from dataclasses import dataclass, fields, replace
from functools import cache
from pathlib import Path
from typing import Any

from langgeo_core.contract.types import Language

_DATA = Path(__file__).with_name("data")
_ID = re.compile(r"([a-z]{2,3})(?:_([A-Za-z0-9]+))?")
_SCRIPT = re.compile(r"[A-Z][a-z]{3}")
COLUMNS = [one.name for one in fields(Language) if one.name not in ("id", "script")]
_PRIVATE = re.compile(r"q[a-t][a-z]")


def find(identifier: str) -> Language | None:
    """The language of an id or an alias, None if there is none; scripts must be written as ISO 15924 does.

    Letters of a region become capitals, those of another variety small: `pt_br` and `pt_BR` are one id, `por_BR`.
    """
    match = _ID.fullmatch(identifier)
    base, suffix = (match[1], match[2] or "") if match else ("", "")
    if alias := aliases().get(base):
        base, suffix = alias.iso639_3, suffix or alias.id.partition("_")[2]
    row = language_of(base) if base in table_rows() else None
    if row is None and _PRIVATE.fullmatch(base):
        row = Language(base, base, name=f"Private use {base}")
    is_script = suffix in SCRIPTS
    if row is None or (not is_script and (suffix.capitalize() in SCRIPTS or _SCRIPT.fullmatch(suffix))):
        return None
    if not suffix:
        return row
    if not is_script:
        suffix = suffix.upper() if len(suffix) == 2 else suffix.lower()
    script = suffix if is_script else ""
    return replace(row, id=f"{row.iso639_3}_{suffix}", name=f"{row.name} ({suffix})", script=script)


def is_private(language: Language) -> bool:
    """Whether its code is one that ISO 639-3 keeps for private use."""
    return _PRIVATE.fullmatch(language.iso639_3) is not None


@cache
def table_rows() -> dict[str, list[str]]:
    """The rows of every language of Glottolog's that has an ISO 639-3 code, by that code."""
    with gzip.open(_DATA / "languages.csv.gz", "rt", encoding="utf-8", newline="") as file:
        return {row[0]: row for row in csv.reader(file) if row[0] != COLUMNS[0]}


@cache
def language_of(code: str) -> Language:
    """The language of a row; to make those of all rows takes longer than to read them."""
    row = dict(zip(COLUMNS, table_rows()[code], strict=True))
    degrees = {axis: float(row[axis]) if row[axis] else None for axis in ("latitude", "longitude")}
    facts: dict[str, Any] = {**row, **degrees, "lineage": tuple(filter(None, row["lineage"].split("/")))}
    return Language(id=row["iso639_3"], **facts)


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


with (_DATA / "scripts.csv").open(encoding="utf-8", newline="") as _file:
    _COUNTED_AS = {row["code"]: row["counted_as"] for row in csv.DictReader(_file)}
SCRIPTS = frozenset(_COUNTED_AS)
"""The codes of ISO 15924."""


def one_script(code: str) -> str:
    """The script that a code is counted as where it is asked whether two texts share one: `Hani` for `Hans`.

    The Japanese mixture stays apart from `Hani`, which has no kana. Other codes stand for themselves.

    Examples
    --------
    >>> one_script("Hant"), one_script("Kore"), one_script("Jpan"), one_script("")
    ('Hani', 'Hang', 'Jpan', '')
    """
    return _COUNTED_AS.get(code, code)
