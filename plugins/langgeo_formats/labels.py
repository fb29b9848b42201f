"""What languages are called in a file for other programs."""

from __future__ import annotations

from collections import Counter
from typing import Literal

from langgeo_core.api import Run


def labels(run: Run, names: Literal["id", "glottocode", "name"]) -> list[str]:
    """One label a language in the order of the distances, each only once.

    A language without the name asked for keeps its id; one that shares it with another gets its id in addition.
    """
    wanted = {language.id: getattr(language, names) or language.id for language in run.languages}
    counts = Counter(wanted.values())
    return [label if counts[label] == 1 else f"{label} {identifier}" for identifier, label in wanted.items()]
