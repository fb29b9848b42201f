"""Which classes colour the languages, and with which colour and marker."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from langgeo_core.api import Run, UserError

Classes = tuple[str | None, ...]

# Six colours of Okabe and Ito's colour-blind-safe palette that show on white and on black. Six and the five
# markers have no common divisor: thirty classes differ, and neighbours in the legend differ in both.
COLOURS = ("#0072b2", "#e69f00", "#009e73", "#d55e00", "#56b4e9", "#cc79a7")
MARKERS = 5
OTHER_COLOUR = "#8c8c8c"
OTHER = "Other"
MOST_GROUPS = 20
FEW_GROUPS = 10


@dataclass(frozen=True)
class Group:
    """Languages drawn alike; `marker` counts from 0."""

    name: str
    colour: str
    marker: int
    members: tuple[int, ...]


def class_levels(run: Run) -> dict[str, Classes]:
    """The classes of every level that tells some languages apart: family, branch, script and those evaluated."""
    known: dict[str, Classes] = {
        field: tuple(getattr(language, field) or None for language in run.languages)
        for field in ("family", "branch", "script")
    }
    evaluated = run.labels if (run.path / "labels.json").is_file() else {}
    every = {**evaluated, **{level: classes for level, classes in known.items() if level not in evaluated}}
    telling = {level: classes for level, classes in every.items() if len(set(classes)) > 1}
    return telling or {"family": known["family"]}


def chosen_level(levels: Mapping[str, Classes], wanted: str = "") -> str:
    """The level asked for; else family, unless most languages are of one family; then branch, then any."""
    if wanted and wanted not in levels:
        raise UserError(f"no level {wanted!r} colours the report", f"choose one of {', '.join(levels)}")
    if wanted:
        return wanted
    preferred = [level for level in ("family", "branch", *levels) if level in levels]
    return next((level for level in preferred if _largest_share(levels[level]) <= 0.5), preferred[0])


def _largest_share(classes: Classes) -> float:
    counts = Counter(label for label in classes if label is not None)
    return max(counts.values(), default=len(classes)) / len(classes)


def grouped(classes: Sequence[str | None]) -> tuple[Group, ...]:
    """Groups in falling order of size; beyond a few, classes of one language are drawn as one."""
    counts = Counter(label for label in classes if label is not None)
    names = sorted(counts, key=lambda name: (-counts[name], name))
    several = sum(count > 1 for count in counts.values())
    shown = names[: min(max(several, FEW_GROUPS), MOST_GROUPS)]
    groups = [
        Group(name, COLOURS[index % len(COLOURS)], index % MARKERS, _members(classes, {name}))
        for index, name in enumerate(shown)
    ]
    rest = _members(classes, {None, *names} - set(shown))
    return (*groups, Group(OTHER, OTHER_COLOUR, 0, rest)) if rest else tuple(groups)


def _members(classes: Sequence[str | None], names: set[str | None]) -> tuple[int, ...]:
    return tuple(index for index, label in enumerate(classes) if label in names)
