from __future__ import annotations

import csv

import networkx as nx
import numpy as np
import pytest

from langgeo_core.api import DistanceMatrix, Run
from langgeo_formats.api import FormatOptions
from langgeo_report.neighbours import TreeExporter, spanning_tree


def _matrix(values: np.ndarray) -> DistanceMatrix:
    return DistanceMatrix(tuple(f"l{index}" for index in range(len(values))), values)


def _random(count: int, seed: int) -> np.ndarray:
    upper = np.triu(np.random.default_rng(seed).random((count, count)), k=1)
    return upper + upper.T


@pytest.mark.parametrize("seed", range(5))
def test_same_tree_as_networkx(seed: int) -> None:
    values = _random(25, seed)
    expected = nx.minimum_spanning_tree(nx.from_numpy_array(values))
    found = spanning_tree(_matrix(values))
    assert {frozenset((edge.source, edge.target)) for edge in found} == {frozenset(edge) for edge in expected.edges}
    assert all(edge.distance == values[edge.source, edge.target] for edge in found)


def test_identical_languages_are_joined() -> None:
    values = _random(12, 3)
    values[:4, :4] = 0.0
    tree = spanning_tree(_matrix(values))
    graph = nx.Graph((edge.source, edge.target) for edge in tree)
    assert len(tree) == 11 and nx.is_connected(graph)
    assert sum(edge.distance for edge in tree) == pytest.approx(
        nx.minimum_spanning_tree(nx.from_numpy_array(values + (1 - np.eye(12)))).size("weight") - 11
    )


def test_all_zero_distances_still_span() -> None:
    assert len(spanning_tree(_matrix(np.zeros((6, 6))))) == 5


def test_missing_pairs_give_a_forest() -> None:
    values = _random(6, 1)
    values[:3, 3:] = values[3:, :3] = np.nan
    tree = spanning_tree(_matrix(values))
    assert len(tree) == 4
    assert all((edge.source < 3) == (edge.target < 3) for edge in tree)


def test_one_language_has_no_edges() -> None:
    assert spanning_tree(_matrix(np.zeros((1, 1)))) == ()


def test_written_tree_names_the_languages(run: Run) -> None:
    (file,) = TreeExporter(FormatOptions()).export(run)
    with file.open(encoding="utf-8", newline="") as handle:
        rows = list(csv.DictReader(handle))
    ids = list(run.distances.ids)
    assert len(rows) == len(ids) - 1
    for row in rows:
        assert float(row["distance"]) == run.distances.values[ids.index(row["source"]), ids.index(row["target"])]
