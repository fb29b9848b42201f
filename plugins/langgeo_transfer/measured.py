"""What choosing by distance was worth in published tables: summary figures that come with the plugin."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from langgeo_core.api import Language
from langgeo_glottolog.api import family_of

FILE = Path(__file__).with_name("data") / "measured.json"
TASKS = {
    "dep": ("dependency parsing, attachment score", 1.0),
    "pos": ("part-of-speech tagging, accuracy", 100.0),
    "el": ("entity linking, accuracy", 100.0),
    "mt-to-eng": ("translation into English, BLEU", 100.0),
}
"""Of LangRank's table: what each task is, and by what its scores are multiplied to be points of a hundred."""


@dataclass(frozen=True)
class Measured:
    """What choices lose against the best source, in points of a hundred, as means over the targets of a task.

    Parameters
    ----------
    related : whether these are the targets with a source of their branch, or those without
    first, three, english, random : of the nearest source, of the best of the three nearest, of English, of a source at
        random; `english` None without it
    low, high : 95 % interval of `first` over the families of targets, None for too few families
    """

    space: str
    task: str
    related: bool
    targets: int
    first: float
    low: float | None
    high: float | None
    three: float
    english: float | None
    random: float


@cache
def measured() -> tuple[Measured, ...]:
    """The packaged figures."""
    return tuple(Measured(**row) for row in json.loads(FILE.read_text(encoding="utf-8")))


def has_relative(target: Language, sources: Sequence[Language]) -> bool:
    """Whether a source is of the target's branch, or of its family where that has no branches; isolates have none."""
    own = (target.family, target.branch)
    return bool(family_of(target)) and any((one.family, one.branch) == own for one in sources)
