"""Over which pairs of languages distances are held against others: all, or those within one script."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from langgeo_core.api import Language, one_script

FEWEST_PAIRED = 3
"""Languages of a script that say something about pairs within it: two make one pair, which is its own mean."""


@dataclass(frozen=True)
class Scope:
    """Some languages, and the group of each; pairs within a group count.

    `name` is empty for all pairs, `within-script` for all that share a script, or a script as `one_script` gives it.
    """

    name: str
    groups: dict[str, str]


def scopes(languages: Sequence[Language], fewest: int) -> Iterator[Scope]:
    """All languages, and where there are several scripts, within any of them and within each that is large enough."""
    yield Scope("", {language.id: "" for language in languages})
    scripts = {language.id: one_script(language.script) for language in languages if language.script}
    counts = Counter(scripts.values())
    if len(counts) < 2:
        return
    paired = {one: name for one, name in scripts.items() if counts[name] >= FEWEST_PAIRED}
    if len(set(paired.values())) > 1:
        yield Scope("within-script", paired)
    for name, count in sorted(counts.items()):
        if count >= fewest:
            yield Scope(name, {one: "" for one, script in scripts.items() if script == name})
