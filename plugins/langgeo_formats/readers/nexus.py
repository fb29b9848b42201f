"""The DISTANCES block of a NEXUS file (Maddison, Swofford & Maddison 1997)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from langgeo_core.contract.errors import UserError
from langgeo_formats.readers.raw import RawMatrix, number, square

_TOKEN = re.compile(r"'((?:[^']|'')*)'|([;=])|([^\s;=']+)")
_Token = tuple[str, bool]
"""A word, and whether it stood in quotes."""


def looks_like_nexus(text: str) -> bool:
    """Whether it opens as every NEXUS file does."""
    return text.lstrip()[:6].upper() == "#NEXUS"


def read_nexus(text: str, place: str) -> list[RawMatrix]:
    """The matrix of the DISTANCES block: triangle lower, upper or both, rows with or without labels.

    Raises
    ------
    UserError
        If there is no such block, or its numbers do not fit its labels.
    """
    commands = list(_commands(re.sub(r"\[[^\]]*\]", " ", text)))
    inside = _block(commands, place)
    taxa = [word for command in commands if _is(command, "taxlabels") for word, _ in command[1:]]
    settings = [word.lower() for command in inside if _is(command, "format") for word, _ in command]
    matrix = next((command[1:] for command in inside if _is(command, "matrix")), None)
    if matrix is None:
        raise UserError(f"{place}: the block DISTANCES has no MATRIX")
    names, rows = _rows(matrix, taxa, settings, place)
    return [RawMatrix(tuple(names), square(rows, place))]


def _commands(text: str) -> Iterator[list[_Token]]:
    command: list[_Token] = []
    for quoted, mark, word in _TOKEN.findall(text):
        if mark == ";":
            yield command
            command = []
        elif not mark:
            command.append((word, False) if word else (quoted.replace("''", "'"), True))


def _is(command: Sequence[_Token], name: str) -> bool:
    return bool(command) and command[0][0].lower() == name


def _block(commands: Sequence[Sequence[_Token]], place: str) -> Sequence[Sequence[_Token]]:
    begins = [index for index, command in enumerate(commands) if _opens_distances(command)]
    if not begins:
        raise UserError(f"{place}: this NEXUS file has no block DISTANCES")
    inside = commands[begins[0] + 1 :]
    ends = [index for index, command in enumerate(inside) if _is(command, "end") or _is(command, "endblock")]
    return inside[: ends[0]] if ends else inside


def _opens_distances(command: Sequence[_Token]) -> bool:
    words = [word.lower() for word, _ in command]
    return words[-2:] == ["begin", "distances"]


def _rows(
    tokens: Sequence[_Token], taxa: Sequence[str], settings: Sequence[str], place: str
) -> tuple[list[str], list[list[float]]]:
    """Labels and rows: widths follow from the triangle, so that no line has to be trusted."""
    labelled = "nolabels" not in settings
    labels, rows, at = [], [], 0
    for width in _widths(_count(tokens, taxa, settings, labelled, place), settings):
        labels.append(tokens[at][0] if labelled and at < len(tokens) else "")
        at += labelled
        rows.append([number(word, f"{place}, row of {labels[-1]}") for word, _ in tokens[at : at + width]])
        at += width
    if "triangle" in settings and "upper" in settings:
        rows = [row[::-1] for row in rows][::-1]
        labels = labels[::-1]
        taxa = list(taxa)[::-1]
    return (labels if labelled else list(taxa)), rows


def _count(tokens: Sequence[_Token], taxa: Sequence[str], settings: Sequence[str], labelled: bool, place: str) -> int:
    """The number of rows whose widths use up all tokens."""
    count, size = 0, 0
    while size < len(tokens):
        count += 1
        size = sum(_widths(count, settings)) + labelled * count
    if count and size == len(tokens) and (labelled or count == len(taxa)):
        return count
    raise UserError(
        f"{place}: {len(tokens)} words in MATRIX are no matrix of FORMAT {' '.join(settings[1:])}",
        "FORMAT says TRIANGLE=LOWER, UPPER or BOTH, DIAGONAL or NODIAGONAL, LABELS or NOLABELS",
    )


def _widths(count: int, settings: Sequence[str]) -> list[int]:
    if "both" in settings:
        return [count] * count
    diagonal = "nodiagonal" not in settings
    lower = [index + diagonal for index in range(count)]
    return lower[::-1] if "upper" in settings else lower
