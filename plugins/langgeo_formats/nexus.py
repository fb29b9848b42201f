"""`nexus`: the DISTANCES block of a NEXUS file (Maddison, Swofford & Maddison 1997)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from langgeo_core.api import RawMatrix, Run, UserError
from langgeo_formats.entries import Float64, number, number_text, square
from langgeo_formats.exporting import Format

_TOKEN = re.compile(r"'((?:[^']|'')*)'|([;=])|([^\s;=']+)")


class NexusReader:
    """Reads NEXUS files."""

    example = "#NEXUS\nBEGIN DISTANCES;\nFORMAT TRIANGLE=LOWER;\nMATRIX\ndeu 0\neng 1 0\nfra 2 ? 0\n;\nEND;\n"

    def recognises(self, beginning: str) -> float:
        """Certain where the file begins with `#NEXUS`, as all of them do."""
        return float(beginning.lstrip()[:6].upper() == "#NEXUS")

    def read(self, text: str) -> list[RawMatrix]:
        """The matrix of the DISTANCES block: its lower or upper triangle or both, rows with or without labels.

        Raises
        ------
        UserError
            If there is no such block, or its numbers do not fit its labels.
        """
        commands = list(_commands(re.sub(r"\[[^\]]*\]", " ", text)))
        inside = _distances_block(commands)
        taxa = [word for command in commands if _is(command, "taxlabels") for word in command[1:]]
        settings = [word.lower() for command in inside if _is(command, "format") for word in command]
        matrix = next((command[1:] for command in inside if _is(command, "matrix")), None)
        if matrix is None:
            raise UserError("the block DISTANCES has no MATRIX")
        names, rows = _rows(matrix, taxa, settings)
        return [RawMatrix(tuple(names), square(rows))]


def _commands(text: str) -> Iterator[list[str]]:
    """The words of each command, up to its semicolon; quotes are removed."""
    command: list[str] = []
    for quoted, mark, word in _TOKEN.findall(text):
        if mark == ";":
            yield command
            command = []
        elif not mark:
            command.append(word or quoted.replace("''", "'"))


def _is(command: Sequence[str], name: str) -> bool:
    return bool(command) and command[0].lower() == name


def _distances_block(commands: Sequence[Sequence[str]]) -> Sequence[Sequence[str]]:
    begins = [
        index for index, command in enumerate(commands) if [*map(str.lower, command[-2:])] == ["begin", "distances"]
    ]
    if not begins:
        raise UserError("this NEXUS file has no block DISTANCES")
    inside = commands[begins[0] + 1 :]
    ends = [index for index, command in enumerate(inside) if _is(command, "end") or _is(command, "endblock")]
    return inside[: ends[0]] if ends else inside


def _rows(tokens: Sequence[str], taxa: Sequence[str], settings: Sequence[str]) -> tuple[list[str], list[list[float]]]:
    """Labels and rows. The widths of the rows follow from the triangle, so line breaks do not matter."""
    labelled = "nolabels" not in settings
    labels, rows, at = [], [], 0
    for width in _widths(_count(tokens, taxa, settings, labelled), settings):
        labels.append(tokens[at] if labelled and at < len(tokens) else "")
        at += labelled
        rows.append([number(word, f"row of {labels[-1]}") for word in tokens[at : at + width]])
        at += width
    if "triangle" in settings and "upper" in settings:
        rows = [row[::-1] for row in rows][::-1]
        labels = labels[::-1]
        taxa = list(taxa)[::-1]
    return (labels if labelled else list(taxa)), rows


def _count(tokens: Sequence[str], taxa: Sequence[str], settings: Sequence[str], labelled: bool) -> int:
    """The number of rows whose widths use all tokens."""
    count, size = 0, 0
    while size < len(tokens):
        count += 1
        size = sum(_widths(count, settings)) + labelled * count
    if count and size == len(tokens) and (labelled or count == len(taxa)):
        return count
    raise UserError(
        f"the {len(tokens)} words in MATRIX do not fit FORMAT {' '.join(settings[1:])}",
        "FORMAT says TRIANGLE=LOWER, UPPER or BOTH, DIAGONAL or NODIAGONAL, LABELS or NOLABELS",
    )


def _widths(count: int, settings: Sequence[str]) -> list[int]:
    if "both" in settings:
        return [count] * count
    diagonal = "nodiagonal" not in settings
    lower = [index + diagonal for index in range(count)]
    return lower[::-1] if "upper" in settings else lower


def as_nexus(labels: Sequence[str], values: Float64) -> str:
    """A TAXA block and the lower triangle in a DISTANCES block; a missing pair is a question mark."""
    words = [quoted(label) for label in labels]
    rows = [
        " ".join([label, *(number_text(value, "?") for value in row[: index + 1])])
        for index, (label, row) in enumerate(zip(words, values, strict=True))
    ]
    lines = [
        "#NEXUS",
        "BEGIN TAXA;",
        f"  DIMENSIONS NTAX={len(labels)};",
        f"  TAXLABELS {' '.join(words)};",
        "END;",
        "BEGIN DISTANCES;",
        f"  DIMENSIONS NTAX={len(labels)};",
        "  FORMAT TRIANGLE=LOWER DIAGONAL LABELS MISSING=?;",
        "  MATRIX",
        *(f"    {row}" for row in rows),
        "  ;",
        "END;",
    ]
    return "\n".join(lines) + "\n"


def quoted(label: str) -> str:
    """A label for NEXUS or Newick: quoted unless it is one plain word, with quotes inside it doubled."""
    return label if re.fullmatch(r"[A-Za-z0-9_]+", label) else "'" + label.replace("'", "''") + "'"


class NexusExporter(Format):
    """`distances.nex`."""

    file = "distances.nex"

    def text(self, run: Run, names: list[str]) -> str:
        return as_nexus(names, run.distances.values)
