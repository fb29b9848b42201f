"""The table of nearest neighbours."""

from __future__ import annotations

from dataclasses import dataclass

from langgeo_report.classes import Group
from langgeo_report.neighbours import agreement, nearest
from langgeo_report.view import View


@dataclass(frozen=True)
class Near:
    """A neighbour as it is printed."""

    name: str
    distance: str
    same: bool


@dataclass(frozen=True)
class Row:
    """A language and its neighbours; `same` of a neighbour is about the class shown."""

    id: str
    name: str
    label: str
    colour: str
    near: tuple[Near, ...]


@dataclass(frozen=True)
class Closeness:
    """All rows, and how many of the languages that could agree with their nearest neighbour do."""

    level: str
    rows: list[Row]
    agreeing: int
    able: int
    columns: int


def closeness(view: View, count: int) -> Closeness:
    """The table for the level that colours the report, sorted by class and name."""
    classes = view.levels[view.level]
    neighbours = nearest(view.distances, count)
    colours = _colours(view.groups())
    rows = [
        Row(
            language.id,
            name,
            label or "",
            colours[index],
            tuple(
                Near(
                    view.names[other.index],
                    f"{other.distance:.4g}",
                    label is not None and classes[other.index] == label,
                )
                for other in near
            ),
        )
        for index, (language, name, label, near) in enumerate(
            zip(view.languages, view.names, classes, neighbours, strict=True)
        )
    ]
    rows.sort(key=lambda row: (row.label, row.name, row.id))
    return Closeness(view.level, rows, *agreement(neighbours, classes), max(len(row.near) for row in rows))


def _colours(groups: tuple[Group, ...]) -> dict[int, str]:
    return {member: group.colour for group in groups for member in group.members}
