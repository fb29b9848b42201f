from __future__ import annotations

import os
import subprocess
import sys
from itertools import pairwise

import numpy as np

import langgeo_report
from langgeo_core.api import DistanceMatrix, Run
from langgeo_report.layout import leaf_order, tree_positions
from langgeo_report.neighbours import spanning_tree
from langgeo_report.view import land_rings


def test_every_record_loads() -> None:
    for record in langgeo_report.langgeo_exporters():
        options = record.load("options")
        exporter = record.load("factory")(options()) if options else record.load("factory")()
        assert callable(exporter.export)


def test_registering_imports_nothing_heavy() -> None:
    code = "import sys, langgeo_report; list(langgeo_report.langgeo_exporters()); print(*sys.modules)"
    paths = {"PYTHONPATH": os.pathsep.join(sys.path)}
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=paths)
    loaded = ran.stdout.split()
    assert not {"numpy", "scipy", "plotly", "matplotlib", "jinja2", "networkx", "pydantic"} & set(loaded)


def test_land_is_small_closed_and_on_the_map() -> None:
    rings = land_rings()
    assert all(ring[0] == ring[-1] for ring in rings)
    points = np.array([point for ring in rings for point in ring])
    assert np.abs(points[:, 0]).max() == 180.0 and np.abs(points[:, 1]).max() == 90.0
    # No outline jumps across the map; only Antarctica's lower edge runs along all of it.
    jumps = [abs(a[0] - b[0]) for ring in rings for a, b in pairwise(ring) if a[1] > -89]
    assert max(jumps) < 30


def test_leaf_order_sets_like_beside_like() -> None:
    places = np.array([0.0, 10.0, 0.1, 10.1, 0.2])
    order = leaf_order(DistanceMatrix(tuple("abcde"), np.abs(places[:, None] - places)))
    assert order in ([0, 2, 4, 1, 3], [3, 1, 4, 2, 0])


def test_drawn_tree_has_few_crossings_and_no_collisions(run: Run) -> None:
    edges = spanning_tree(run.distances)
    points = tree_positions(len(run.languages), edges)
    gaps = np.linalg.norm(points[:, None] - points[None], axis=2)[~np.eye(len(points), dtype=bool)]
    lengths = [np.linalg.norm(points[edge.source] - points[edge.target]) for edge in edges]
    assert gaps.min() > 0.2 * np.mean(lengths)
    segments = [(points[edge.source], points[edge.target], edge) for edge in edges]
    crossings = sum(_cross(one, other) for index, one in enumerate(segments) for other in segments[:index])
    assert crossings <= 2


def _cross(one: tuple, other: tuple) -> bool:  # type: ignore[type-arg]
    (a, b, first), (c, d, second) = one, other
    if {first.source, first.target} & {second.source, second.target}:
        return False

    def side(p: np.ndarray, q: np.ndarray, r: np.ndarray) -> float:
        return float((q[0] - p[0]) * (r[1] - p[1]) - (q[1] - p[1]) * (r[0] - p[0]))

    return side(a, b, c) * side(a, b, d) < 0 and side(c, d, a) * side(c, d, b) < 0
