"""What the scripts of the languages decide: a null within them, and candidates in other scripts or in the same."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from langgeo_core.api import Language, one_script
from langgeo_inference.api import shuffles

Int64 = NDArray[np.int64]
Pairs = NDArray[np.bool_]

ACROSS, WITHIN = "map-across-scripts", "map-within-script"
"""The metrics whose candidates are chosen by script."""

notice = logging.getLogger("langgeo.notice")


def shuffles_within_scripts(scripts: Sequence[str], count: int, rng: np.random.Generator) -> Int64 | None:
    """(count, n) random orders of n languages within each script; None if these are unknown or no two share one.

    Languages of unknown script count as one script.
    """
    known = [one_script(script) for script in scripts]
    return shuffles(known, count, rng) if any(known) and len(set(known)) < len(known) else None


def pairs_by_script(scripts: Sequence[str]) -> tuple[Pairs, Pairs]:
    """(n, n) each: whether two languages are in different scripts, and in the same; neither where one is unknown.

    Nor of any two where most scripts are unknown: the few that are known are no sample of the languages.
    """
    codes = np.array([one_script(script) for script in scripts])
    same, known = codes[:, np.newaxis] == codes, (codes != "") & _mostly_known(scripts)
    both = known[:, np.newaxis] & known
    return both & ~same, both & same


def _mostly_known(scripts: Sequence[str]) -> bool:
    return 2 * sum(map(bool, scripts)) >= len(scripts)


def note_what_scripts_leave_out(
    languages: Sequence[Language], labels: Mapping[str, tuple[str | None, ...]]
) -> dict[str, tuple[str | None, ...]]:
    """Say which metrics by script are left out at which levels, and why; returns the labels.

    Parameters
    ----------
    labels : per level the class of each language, None where it has none
    """
    levels: dict[tuple[str, str], list[str]] = {}
    for level, classes in labels.items():
        for absent in _left_out(languages, classes):
            levels.setdefault(absent, []).append(level)
    for (metric, reason), found in levels.items():
        notice.info("%s is left out (%s): %s", metric, ", ".join(found), reason)
    return dict(labels)


def _left_out(languages: Sequence[Language], classes: Sequence[str | None]) -> Iterator[tuple[str, str]]:
    """The metrics that no language can be a query of, each with the reason."""
    placed = Counter(
        (label, one_script(language.script))
        for language, label in zip(languages, classes, strict=True)
        if label is not None and language.script
    )
    if not placed:
        yield f"{ACROSS}, {WITHIN}", "no script is known; an id such as srp_Cyrl names it"
        return
    if not _mostly_known([language.script for language in languages]):
        yield f"{ACROSS}, {WITHIN}", "the scripts of most languages are unknown; an id such as srp_Cyrl names one"
        return
    if max(Counter(label for label, _ in placed).values()) < 2:
        yield ACROSS, "no class has languages in two known scripts"
    if max(placed.values()) < 2:
        yield WITHIN, "no class has two languages in one known script"
