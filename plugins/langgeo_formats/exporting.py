"""What the exporters share: their options, the names of the languages, and a file in the folder `exports` of a run."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Literal

from pydantic import Field

from langgeo_core.api import Options, Run, write_text

FOLDER = "exports"

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
        write_text(target, self.text(run, labels(run, self._options.names)))
        return [target]

    def text(self, run: Run, names: list[str]) -> str:
        """The content of the file; `names` are those of the languages, in the order of the distances."""
        raise NotImplementedError


def labels(run: Run, names: Names) -> list[str]:
    """A unique label for each language, in the order of the distances.

    A language without such a name keeps its id. Where two languages share a name, their ids are added to it.
    """
    wanted = {language.id: getattr(language, names) or language.id for language in run.languages}
    counts = Counter(wanted.values())
    return [label if counts[label] == 1 else f"{label} {identifier}" for identifier, label in wanted.items()]
