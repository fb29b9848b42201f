"""`nexus`: the DISTANCES block of a NEXUS file (Maddison, Swofford & Maddison 1997)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np

from langgeo_core.api import RawMatrix, Run, UserError
from langgeo_formats.entries import Float64, number, number_text, square
from langgeo_formats.exporting import Format, complete
from langgeo_formats.newick import as_newick, quoted as quoted

_TOKEN = re.compile(r"""\s+|[;=]|'(?:[^']|'')*+'|"[^"]*+"|[^\s;=\[\]'"][^\s;=\[\]]*""")
_BRACKET = re.compile(r"[\[\]]")
_SWITCHES = ("diagonal", "labels", "interleave")


@dataclass(frozen=True)
class _Word:
    """A word of a command without its quotes, or an equals sign (`is_sign`), and the line it stands in."""

    text: str
    line: int
    is_sign: bool = False


class NexusReader:
    """Reads NEXUS files."""

    example = "#NEXUS\nBEGIN DISTANCES;\nFORMAT TRIANGLE=LOWER;\nMATRIX\ndeu 0\neng 1 0\nfra 2 ? 0\n;\nEND;\n"

    def recognises(self, beginning: str) -> float:
        """Certain where the file begins with `#NEXUS`, as all of them do."""
        return float(beginning.lstrip()[:6].upper() == "#NEXUS")

    def read(self, text: str) -> list[RawMatrix]:
        """The matrix of each DISTANCES block: its lower or upper triangle or both, rows with or without labels.

        Raises
        ------
        UserError
            If there is no such block, its numbers do not fit its labels, or a quote or comment is not closed.
        """
        commands = list(_commands(text))
        blocks = _distances_blocks(commands)
        taxa = [*dict.fromkeys(word.text for command in commands if _is(command, "taxlabels") for word in command[1:])]
        names = [""] if len(blocks) == 1 else [str(number) for number, _ in enumerate(blocks, start=1)]
        return [_matrix(block, taxa, name) for block, name in zip(blocks, names, strict=True)]


def _matrix(block: Sequence[Sequence[_Word]], taxa: Sequence[str], name: str) -> RawMatrix:
    settings = _settings(next((command[1:] for command in block if _is(command, "format")), []))
    words = next((command[1:] for command in block if _is(command, "matrix")), None)
    if words is None:
        raise UserError("the block DISTANCES has no MATRIX")
    labels, rows = (_interleaved if settings["interleave"] == "yes" else _rows)(words, taxa, settings)
    if taxa and len(labels) != len(taxa):
        raise UserError(f"MATRIX has {len(labels)} rows, and TAXLABELS {len(taxa)} names", "give each name its row")
    missing = settings["missing"]
    numbers = [
        [np.nan if word == missing else number(word, f"row of {label}") for word in row]
        for label, row in zip(labels, rows, strict=True)
    ]
    if settings["triangle"] == "upper":
        labels, numbers = labels[::-1], [row[::-1] for row in numbers][::-1]
    elif settings["triangle"] == "both" and settings["diagonal"] == "no":
        numbers = [[*row[:index], 0.0, *row[index:]] for index, row in enumerate(numbers)]
    return RawMatrix(tuple(labels), square(numbers), name)


def _commands(text: str) -> Iterator[list[_Word]]:
    """The words of each command, up to its semicolon. Quotes are read before comments, and comments may be nested."""
    command: list[_Word] = []
    at, line = 0, 1
    while at < len(text):
        end = _after_comment(text, at, line) if text[at] == "[" else None
        if end is None:
            match = _TOKEN.match(text, at)
            if not match:
                what = "a bracket closes no comment" if text[at] == "]" else "a quote is not closed"
                raise UserError(f"line {line}: {what}", "put names with brackets or quotes in single quotes")
            end, found = match.end(), match[0]
            if found == ";":
                yield command
                command = []
            elif not found[0].isspace():
                word = found[1:-1].replace(found[0] * 2, found[0]) if found[0] in "'\"" else found
                command.append(_Word(word, line, found == "="))
        line += text.count("\n", at, end)
        at = end


def _after_comment(text: str, start: int, line: int) -> int:
    depth = 0
    for bracket in _BRACKET.finditer(text, start):
        depth += 1 if bracket[0] == "[" else -1
        if not depth:
            return bracket.end()
    raise UserError(f"line {line}: the comment that begins here is not closed", "close it with ]")


def _is(command: Sequence[_Word], name: str) -> bool:
    return bool(command) and command[0].text.lower() == name


def _distances_blocks(commands: Sequence[Sequence[_Word]]) -> list[Sequence[Sequence[_Word]]]:
    """The commands of each block DISTANCES."""
    blocks: list[Sequence[Sequence[_Word]]] = []
    for index, command in enumerate(commands):
        if [word.text.lower() for word in command[-2:]] == ["begin", "distances"]:
            inside = commands[index + 1 :]
            end = next((at for at, one in enumerate(inside) if _is(one, "end") or _is(one, "endblock")), None)
            blocks.append(inside[:end])
    if not blocks:
        raise UserError("this NEXUS file has no block DISTANCES")
    return blocks


def _settings(words: Sequence[_Word]) -> dict[str, str]:
    """What FORMAT says: `triangle`, `missing`, and for each switch "yes" or "no", however it is spelt.

    SplitsTree writes `no diagonal` and `labels=no` where the standard has NODIAGONAL and NOLABELS.
    """
    found = {"triangle": "lower", "diagonal": "yes", "labels": "yes", "interleave": "no", "missing": "?"}
    at, negated = 0, False
    while at < len(words):
        name, value = words[at].text.lower(), "yes"
        at += 1
        if name == "no":
            negated = True
            continue
        if words[at : at + 1] and words[at].is_sign and words[at + 1 : at + 2]:
            value = words[at + 1].text
            at += 2
        if name[2:] in _SWITCHES and name[:2] == "no":
            name, negated = name[2:], True
        found[name] = "no" if negated else value if name == "missing" else value.lower()
        negated = False
    for name, known in {"triangle": ("lower", "upper", "both"), "labels": ("yes", "no", "left")}.items():
        if found[name] not in known:
            raise UserError(f"FORMAT says {name}={found[name]}", f"it can be {', '.join(known)}")
    return found


def _rows(
    words: Sequence[_Word], taxa: Sequence[str], settings: Mapping[str, str]
) -> tuple[list[str], list[list[str]]]:
    """Labels and rows. The widths of the rows follow from the triangle, so line breaks do not matter."""
    labelled = settings["labels"] != "no"
    count, size = 0, 0
    while size < len(words):
        count += 1
        size = _size(count, settings) + labelled * count
    if not count or size != len(words) or (not labelled and count != len(taxa)):
        raise _misfit(f"the {len(words)} words in MATRIX do not fit FORMAT", settings, taxa)
    labels, rows, at = [] if labelled else list(taxa), [], 0
    for width in _widths(count, settings):
        if labelled:
            labels.append(words[at].text)
        at += labelled
        rows.append([word.text for word in words[at : at + width]])
        at += width
    return labels, rows


def _interleaved(
    words: Sequence[_Word], taxa: Sequence[str], settings: Mapping[str, str]
) -> tuple[list[str], list[list[str]]]:
    """Labels and rows of a matrix whose columns are cut into pieces, one below the other."""
    labelled = settings["labels"] != "no"
    rows: dict[str, list[str]] = {} if labelled else {name: [] for name in taxa}
    for index, (_, group) in enumerate(groupby(words, key=lambda word: word.line)):
        line = [word.text for word in group]
        label = line.pop(0) if labelled else taxa[index % len(taxa)] if taxa else ""
        rows.setdefault(label, []).extend(line)
    if [*map(len, rows.values())] != _widths(len(rows), settings):
        raise _misfit("the rows of the interleaved MATRIX do not fit FORMAT", settings, taxa)
    return list(rows), list(rows.values())


def _misfit(what: str, settings: Mapping[str, str], taxa: Sequence[str]) -> UserError:
    said = " ".join(f"{name} {value}" for name, value in settings.items())
    known = f" and {len(taxa)} TAXLABELS" if taxa else ""
    return UserError(f"{what} {said}{known}", "say otherwise in FORMAT, as in TRIANGLE=BOTH NODIAGONAL NOLABELS")


def _size(count: int, settings: Mapping[str, str]) -> int:
    """The number of distances of so many rows."""
    whole = count * count - count * (settings["diagonal"] == "no")
    return whole if settings["triangle"] == "both" else (whole + count * (settings["diagonal"] != "no")) // 2


def _widths(count: int, settings: Mapping[str, str]) -> list[int]:
    diagonal = settings["diagonal"] != "no"
    if settings["triangle"] == "both":
        return [count - 1 + diagonal] * count
    lower = [index + diagonal for index in range(count)]
    return lower[::-1] if settings["triangle"] == "upper" else lower


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


class NexusExporter(Format):
    """`distances.nex`: TAXA and DISTANCES, and in TREES the tree of UPGMA."""

    file = "distances.nex"

    def text(self, run: Run, names: list[str]) -> str:
        """Languages that lack a pair are left out: SplitsTree, for one, reads no missing distance."""
        labels, values = complete(run, names, self.file)
        tree = as_newick(labels, values).strip()
        made = f"of {run.record.get('name', run.path.name)}, langgeo {run.record.get('langgeo', '')}".rstrip()
        comment = re.sub(r"[\[\]]", " ", f"{len(labels)} languages {made}")
        matrix = as_nexus(labels, values).replace("#NEXUS\n", f"#NEXUS\n[{comment}]\n", 1)
        return f"{matrix}BEGIN TREES;\n  TREE upgma = [&R] {tree}\nEND;\n"
