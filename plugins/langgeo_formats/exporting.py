"""What the exporters share: their options, the names of the languages, and a file in the folder `exports` of a run."""

from __future__ import annotations

import filecmp
import logging
import shutil
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from langgeo_core.api import Language, Options, Run, UserError, replacing, write_text

FOLDER = "exports"

notice = logging.getLogger("langgeo.notice")

Names = Literal["id", "glottocode", "name"]


class FormatOptions(Options):
    """What languages are called in the file."""

    names: Names = Field("id", description="Call languages by their id, their glottocode or their name in Glottolog.")


class Format:
    """An exporter that writes one file; a subclass gives its name and its text."""

    file = ""

    def __init__(self, options: FormatOptions) -> None:
        self._options = options

    def export(self, run: Run) -> list[Path]:
        """Write `exports/<file>` in the run folder."""
        target = run.path / FOLDER / self.file
        write_text(target, self.text(run, labels(run.languages, self._options.names)))
        return [target]

    def text(self, run: Run, names: list[str]) -> str:
        """The content of the file; `names` are those of the languages, in the order of the distances."""
        raise NotImplementedError


def copied(files: Sequence[Path], out: Path | None, name: str = "", overwrite: bool = False) -> list[Path]:
    """Copy the files that an exporter wrote, and return where the copies are.

    Parameters
    ----------
    out : a file, or a folder; None for the current one, where several files get a folder of their own
    name : what a single file in a folder is called, and the folder of several; what the exporter calls them if empty
    overwrite : whether other files of the same names are replaced

    Raises
    ------
    UserError
        If there are such files and they are not to be replaced, or several files are to be copied to one.
    """
    folder = out or Path()
    if len(files) > 1 and out is None and name:
        folder = Path(name)
        folder.mkdir(exist_ok=True)
    if len(files) > 1 and not folder.is_dir():
        raise UserError(f"{len(files)} files were written, and {out} is not a folder", "create it, or leave --out out")
    if not folder.is_dir():
        targets = [folder]
    elif len(files) == 1 and name:
        targets = [folder / f"{name}{files[0].suffix}"]
    else:
        targets = [folder / file.name for file in files]
    pairs = list(zip(files, targets, strict=True))
    others = [str(target) for file, target in pairs if target.exists() and not _same(file, target)]
    if others and not overwrite:
        hint = "choose another place, or replace what is there by --overwrite (Python: overwrite=True)"
        raise UserError(f"{', '.join(others)} {'are' if len(others) > 1 else 'is'} there already, and different", hint)
    for file, target in pairs:
        with replacing(target) as scratch:
            shutil.copyfile(file, scratch)
    return targets


def _same(one: Path, other: Path) -> bool:
    return other.is_file() and filecmp.cmp(one, other, shallow=False)


def labels(languages: Iterable[Language], names: Names) -> list[str]:
    """A unique label for each language, in their order.

    A language without such a name keeps its id. Where two languages share a name, their ids are added to it.
    """
    wanted = {language.id: getattr(language, names) or language.id for language in languages}
    counts = Counter(wanted.values())
    return [label if counts[label] == 1 else f"{label} {identifier}" for identifier, label in wanted.items()]


def complete(run: Run, names: list[str], what: str) -> tuple[list[str], NDArray[np.float64]]:
    """Labels and distances of the languages that lack no pair, for formats that know none missing; names the others."""
    ids, values = complete_ids(run, what)
    called = dict(zip(run.distances.ids, names, strict=True))
    return [called[identifier] for identifier in ids], values


def complete_ids(run: Run, what: str) -> tuple[list[str], NDArray[np.float64]]:
    """The same by id."""
    lacking = run.distances.lacking_pairs()
    if lacking:
        notice.warning("%s: left out, since they lack distances: %s", what, ", ".join(lacking))
    ids = [identifier for identifier in run.distances.ids if identifier not in lacking]
    return ids, run.distances.subset(ids).values
