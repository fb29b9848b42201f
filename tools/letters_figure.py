"""The figure of docs/results/letters.md: systems by how well they find relatives across scripts and within scripts.

python tools/letters_figure.py docs/images/letters.svg NAME=RUN[:SOURCE] …; SOURCE is a baseline of the run.
"""

from __future__ import annotations

import sys
from pathlib import Path

import matplotlib

from langgeo_core.api import Metric, Run

matplotlib.use("svg")
matplotlib.rcParams.update({"svg.hashsalt": "langgeo", "font.size": 10, "svg.fonttype": "path"})


def figures(system: str) -> tuple[Metric, Metric]:
    """Across and within scripts, at branch level."""
    folder, _, source = system.partition(":")
    metrics = Run(Path(folder)).metrics
    found = {one.metric: one for one in metrics if (one.level, one.source) == ("branch", source or "run")}
    return found["map-across-scripts"], found["map-within-script"]


def main(target: str, *systems: str) -> None:
    """Draw a point for each system with the intervals over languages, and the nulls as lines."""
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(7, 5))
    for place, (name, system) in enumerate(one.split("=", 1) for one in systems):
        across, within = figures(system)
        colour = f"C{place}"
        axes.plot([across.ci_low, across.ci_high], [within.value] * 2, color=colour, alpha=0.35, linewidth=1)
        axes.plot([across.value] * 2, [within.ci_low, within.ci_high], color=colour, alpha=0.35, linewidth=1)
        axes.plot(across.value, within.value, "o", color=colour)
        axes.annotate(name, (across.value, within.value), xytext=(5, 5), textcoords="offset points", color=colour)
        if not place:
            axes.axvline(across.null_mean, color="grey", linestyle=":", linewidth=1)
            axes.axhline(within.null_mean, color="grey", linestyle=":", linewidth=1)
    axes.set_xlabel("relatives written in another script (mean average precision)")
    axes.set_ylabel("relatives written in the same script")
    axes.set_xlim(0, 1)
    axes.set_ylim(0.2, 1)
    figure.tight_layout()
    figure.savefig(target, metadata={"Date": None})


if __name__ == "__main__":
    main(*sys.argv[1:])
