"""The exporter `trees`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from langgeo_core.api import DistanceMatrix, Run, write_text
from langgeo_formats.api import FOLDER, as_nexus, labels
from langgeo_statistics.options import TreeFilesOptions
from langgeo_statistics.other_distances import keeps_layers, of_cells, of_layers, of_replicates
from langgeo_statistics.support import support
from langgeo_statistics.trees import ROOTED, TREES, Float64, Tree, from_lineages, placed


class TreeFiles:
    """Writes the trees of the distances, with the support of their clades, beside Glottolog's."""

    def __init__(self, options: TreeFilesOptions) -> None:
        self._options = options

    def export(self, run: Run) -> list[Path]:
        """`exports/trees/<tree>.nwk`, `glottolog.nwk` of the languages that it places, and `trees.nex` with all of it.

        Raises
        ------
        NumericalError
            If a pair is missing.
        UserError
            If the run has nothing that the chosen support is made of.
        """
        run.distances.require_complete("the exporter trees")
        folder = run.path / FOLDER / "trees"
        called = dict(zip(run.distances.ids, labels(run.languages, self._options.names), strict=True))
        texts = self._newicks(run, called)
        files = {f"{name}.nwk": text for name, text in texts.items()}
        files["trees.nex"] = _nexus(tuple(called.values()), run.distances.values, texts)
        homed = placed(run.languages)
        if len(homed) > 1:
            files["glottolog.nwk"] = _renamed(from_lineages(homed), called).newick()
        for name, text in files.items():
            write_text(folder / name, text)
        return [folder / name for name in files]

    def _newicks(self, run: Run, called: Mapping[str, str]) -> dict[str, str]:
        replicates = self._replicates(run)
        texts: dict[str, str] = {}
        for name in self._options.trees:
            tree = TREES[name](run.distances.values, run.distances.ids)
            texts[name] = _renamed(tree, called).newick(_shares(name, tree, replicates))
        return texts

    def _replicates(self, run: Run) -> list[DistanceMatrix]:
        chosen = self._options.support if self._options.support != "auto" else _most_telling(run)
        if chosen == "replicates":
            return of_replicates(run)
        if chosen == "cells":
            return list(of_cells(run))
        return list(of_layers(run, self._options.draws, self._options.seed)) if chosen == "layers" else []


def _most_telling(run: Run) -> str:
    """Of what the run has, the choice of text before the parts of the model."""
    if run.replicates and run.replicates.count > 2:
        return "replicates"
    return "layers" if keeps_layers(run) else "none"


def _shares(name: str, tree: Tree, replicates: list[DistanceMatrix]) -> tuple[float | None, ...]:
    others = [TREES[name](replicate.values, replicate.ids) for replicate in replicates]
    return support(tree, others, name in ROOTED) if others else ()


def _renamed(tree: Tree, called: Mapping[str, str]) -> Tree:
    return replace(tree, ids=tuple(called[one] for one in tree.ids))


def _nexus(names: Sequence[str], values: Float64, texts: Mapping[str, str]) -> str:
    """The distances and their trees; `[&U]` marks one without a root."""
    marks = {name: "R" if name in ROOTED else "U" for name in texts}
    trees = "".join(f"  TREE {name} = [&{marks[name]}] {text}" for name, text in texts.items())
    return f"{as_nexus(names, values)}BEGIN TREES;\n{trees}END;\n"
