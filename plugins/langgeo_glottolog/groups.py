"""The groups of Glottolog's tree by their names."""

from __future__ import annotations

import csv
import gzip
from functools import cache
from pathlib import Path

from langgeo_core.api import close_matches

_FILE = Path(__file__).with_name("data") / "groups.csv.gz"
CALLED = {"bantu": "narr1281"}
"""What most call a group that Glottolog names otherwise: Narrow Bantu."""


@cache
def group_names() -> dict[str, str]:
    """The name of every group that is in the lineage of a language, by glottocode."""
    with gzip.open(_FILE, "rt", encoding="utf-8", newline="") as file:
        return {row["glottocode"]: row["name"] for row in csv.DictReader(file)}


def group_named(written: str) -> str:
    """The glottocode of a group by that or by its name, whatever its capitals; empty if there is none.

    Examples
    --------
    >>> [group_named(word) for word in ("GERM1287", "narrow bantu", "Bantu", "East")]
    ['germ1287', 'narr1281', 'narr1281', '']
    """
    word = " ".join(written.casefold().split())
    if word in group_names():
        return word
    return next((code for code, name in group_names().items() if name.casefold() == word), CALLED.get(word, ""))


def groups_like(written: str) -> list[str]:
    """The glottocodes of the groups with these words in their names, or else with a name like it.

    Examples
    --------
    >>> [group_names()[code] for code in groups_like("slavic")[:3]]
    ['Balto-Slavic', 'East Slavic', 'Eastern South Slavic']
    """
    word = " ".join(written.casefold().replace("-", " ").split())
    names = {code: name.casefold().replace("-", " ") for code, name in group_names().items()}
    if found := [code for code, name in names.items() if f" {word} " in f" {name} "]:
        return found
    near = close_matches(word, names.values(), cutoff=0.8)
    return [code for one in near for code, name in names.items() if name == one]
