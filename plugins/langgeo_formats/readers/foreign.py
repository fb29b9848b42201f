"""A matrix of somebody else's as this project's distances: found, read, checked, its languages known."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from langgeo_core.contract.errors import UserError
from langgeo_core.contract.types import DistanceMatrix, Incident
from langgeo_core.languages.names import find_languages
from langgeo_core.system.files import sha256_file
from langgeo_formats.readers.checks import as_distances
from langgeo_formats.readers.nexus import looks_like_nexus, read_nexus
from langgeo_formats.readers.phylip import looks_like_phylip, read_phylip
from langgeo_formats.readers.raw import RawMatrix
from langgeo_formats.readers.study import looks_like_json, read_study
from langgeo_formats.readers.table import looks_like_table, read_table_layout

Layout = Literal["csv", "phylip", "nexus", "json"]
Reader = Callable[[str, str], list[RawMatrix]]

LAYOUTS: dict[Layout, tuple[Callable[[str], bool], Reader]] = {
    "nexus": (looks_like_nexus, read_nexus),
    "json": (looks_like_json, read_study),
    "phylip": (looks_like_phylip, read_phylip),
    "csv": (looks_like_table, read_table_layout),
}
"""How each layout is told by its beginning, in the order of asking, and read."""


@dataclass(frozen=True, eq=False)
class ForeignMatrix:
    """Distances from a file that stand in for those of a run.

    `notes` say what names were read as, and what was done to the numbers.
    """

    file: Path
    sha256: str
    layout: Layout
    name: str
    distances: DistanceMatrix
    notes: tuple[Incident, ...] = ()

    def described(self) -> dict[str, str]:
        """What run.json records of the file."""
        return {"file": str(self.file), "sha256": self.sha256, "format": self.layout, "name": self.name}


def read_foreign(
    file: Path, layout: Layout | None = None, name: str | None = None, skip_unknown: bool = False
) -> ForeignMatrix:
    """Read a matrix and find its languages.

    Parameters
    ----------
    layout : how the file is written; None finds it out by its beginning
    name : which of several matrices; None for the average, or the only one
    skip_unknown : leave out languages that nobody knows, with a note

    Raises
    ------
    UserError
        If the file cannot be read, holds no such matrix, or holds what are no distances.
    ConfigError
        With every name that is no language, or names one twice.
    """
    text = _text(file)
    found = layout or _layout_of(text, file)
    raw = _chosen(LAYOUTS[found][1](text, file.name), name, file)
    _refuse_repeated(raw.names, file)
    languages = find_languages(raw.names, file.name, skip_unknown, "leave them out with --skip-unknown")
    kept = [index for index, written in enumerate(raw.names) if written in languages.languages]
    names = [raw.names[index] for index in kept]
    if len(names) < 2:
        raise UserError(f"{file} has {len(names)} known languages; distances need two")
    values, remarks = as_distances(raw.values[kept][:, kept], names, file.name)
    ids = tuple(languages.languages[written].id for written in names)
    notes = (*languages.notes, *(Incident("plan", f"{file.name}: {remark}") for remark in remarks))
    return ForeignMatrix(file, sha256_file(file), found, raw.name, DistanceMatrix(ids, values), notes)


def _text(file: Path) -> str:
    try:
        text = file.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise UserError(f"{file} cannot be read: {error.strerror}", "pass a file with a distance matrix") from error
    except UnicodeDecodeError as error:
        raise UserError(f"{file} is not UTF-8 text", "pass a matrix as CSV, PHYLIP, NEXUS or JSON") from error
    if not text.strip():
        raise UserError(f"{file} is empty")
    return text


def _layout_of(text: str, file: Path) -> Layout:
    for layout, (is_one, _) in LAYOUTS.items():
        if is_one(text):
            return layout
    raise UserError(
        f"{file} begins like none of the known layouts: {text.lstrip().partition(chr(10))[0][:60]!r}",
        f"say which it is with --format: {', '.join(LAYOUTS)}",
    )


def _chosen(matrices: Sequence[RawMatrix], name: str | None, file: Path) -> RawMatrix:
    known = [matrix.name for matrix in matrices]
    if name is None:
        if len(matrices) > 1 and matrices[0].name != "average":
            raise UserError(f"{file} holds several matrices and no average", f"say --matrix NAME: {', '.join(known)}")
        return matrices[0]
    found = [matrix for matrix in matrices if matrix.name == name]
    if not found:
        others = f"it holds {', '.join(known)}" if any(known) else "it holds a single matrix: leave --matrix out"
        raise UserError(f"{file} has no matrix {name!r}", others)
    return found[0]


def _refuse_repeated(names: Sequence[str], file: Path) -> None:
    repeated = sorted({name for name in names if list(names).count(name) > 1})
    if repeated:
        raise UserError(f"{file} names languages twice: {', '.join(repeated)}", "keep one row and column of each")
