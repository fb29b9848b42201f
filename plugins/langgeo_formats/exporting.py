"""What the exporters share: their options, the names of the languages, and a file in the folder `exports` of a run."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from langgeo_core.api import Language, Options, Run, write_text

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
