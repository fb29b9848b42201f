"""What else people write for a language: other ISO codes, macrolanguages, retired codes."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_FILE = Path(__file__).with_name("data") / "aliases.csv"


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
    with _FILE.open(encoding="utf-8", newline="") as file:
        return {row["alias"]: Alias(row["alias"], row["id"], row["kind"], row["name"]) for row in csv.DictReader(file)}
