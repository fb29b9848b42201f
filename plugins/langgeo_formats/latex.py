"""`latex`: the score card, and the distances of few languages, as tables for a paper."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from pydantic import Field

from langgeo_core.api import Metric, Run, write_text
from langgeo_formats.exporting import FOLDER, FormatOptions, labels

_SPECIAL = re.compile(r"[&%$#_{}]")


class LatexOptions(FormatOptions):
    """What the tables hold."""

    digits: int = Field(3, ge=1, le=15, description="Digits after the point.")
    most: int = Field(20, ge=2, description="Languages up to which the distances are a table as well.")


class LatexExporter:
    """`exports/scores.tex` and `exports/distances.tex`: environments `tabular` for the package booktabs."""

    def __init__(self, options: LatexOptions) -> None:
        self._options = options

    def export(self, run: Run) -> list[Path]:
        """Write the run's own figures, and the lower triangle of the distances where there are few enough."""
        folder, digits = run.path / FOLDER, self._options.digits
        own = [metric for metric in run.metrics if metric.source == "run" and not metric.clusterer]
        columns = ("level", "figure", "value", "95\\,\\% interval", "by chance", "$p$", "$n$")
        tables = {"scores.tex": as_tabular("llrrrrr", columns, [_row(metric, digits) for metric in own])}
        if len(run.languages) <= self._options.most:
            names, values = labels(run.languages, self._options.names), run.distances.values
            rows = [
                [
                    escaped(name),
                    *(_number(value, digits) for value in values[place, :place]),
                    *[""] * (len(names) - 1 - place),
                ]
                for place, name in enumerate(names)
            ]
            header = ("", *map(escaped, names[:-1]))
            tables["distances.tex"] = as_tabular("l" + "r" * (len(names) - 1), header, rows)
        for name, text in tables.items():
            write_text(folder / name, text)
        return [folder / name for name in tables]


def as_tabular(columns: str, header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A `tabular` with the rules of booktabs; entries are LaTeX already."""
    lines = [" & ".join(row) + r" \\" for row in (header, *rows)]
    body = [lines[0], r"\midrule", *lines[1:]]
    return "\n".join([rf"\begin{{tabular}}{{{columns}}}", r"\toprule", *body, r"\bottomrule", r"\end{tabular}", ""])


def escaped(text: str) -> str:
    """Text as LaTeX sets it.

    Examples
    --------
    >>> escaped("cmn_Hant & 50 % \\\\ ~")
    'cmn\\\\_Hant \\\\& 50 \\\\% \\\\textbackslash{} \\\\textasciitilde{}'
    """
    words = text.replace("\\", "\0").replace("~", "\1").replace("^", "\2")
    words = _SPECIAL.sub(lambda found: "\\" + found[0], words)
    for mark, name in (("\0", "backslash"), ("\1", "asciitilde"), ("\2", "asciicircum")):
        words = words.replace(mark, rf"\text{name}{{}}")
    return words


def _row(metric: Metric, digits: int) -> list[str]:
    interval = metric.interval
    within = "" if interval is None else f"{_number(interval[0], digits)} to {_number(interval[1], digits)}"
    chance = "" if metric.null_mean is None else _number(metric.null_mean, digits)
    p = "" if metric.p is None else f"{metric.p:.3f}"
    return [
        escaped(metric.level),
        escaped(metric.metric),
        _number(metric.value, digits),
        within,
        chance,
        p,
        str(metric.n),
    ]


def _number(value: float, digits: int) -> str:
    return "" if np.isnan(value) else f"${value:.{digits}f}$"
