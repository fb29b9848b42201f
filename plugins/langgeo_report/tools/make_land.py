"""Make `data/land.json` from `land-110m.json` of the npm package world-atlas (Natural Earth, public domain).

npm pack world-atlas@2 && tar xzf world-atlas-2*.tgz
python plugins/langgeo_report/tools/make_land.py package/land-110m.json
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from itertools import accumulate, groupby, pairwise
from pathlib import Path
from typing import Any

Point = tuple[float, float]
Ring = list[Point]

TARGET = Path(__file__).parents[1] / "data" / "land.json"
EDGE = 180.0
POLE = -90.0


def main(source: Path) -> None:
    """Write each land ring as [longitude, latitude] pairs rounded to a tenth of a degree."""
    topology = json.loads(source.read_text(encoding="utf-8"))
    arcs = [_decoded(arc, topology["transform"]) for arc in topology["arcs"]]
    rings = [piece for ring in _rings(topology, arcs) for piece in _within_map(_unwrapped(ring))]
    rounded = [_rounded(ring) for ring in rings]
    kept = sorted((ring for ring in rounded if len(ring) > 3), key=len, reverse=True)
    TARGET.write_text(json.dumps({"rings": kept}, separators=(",", ":")) + "\n", encoding="utf-8")


def _decoded(arc: list[list[int]], transform: dict[str, list[float]]) -> Ring:
    """A TopoJSON arc: the first position, then differences, all quantised."""
    positions = accumulate(arc, lambda position, step: [position[0] + step[0], position[1] + step[1]])
    (x_scale, y_scale), (x_start, y_start) = transform["scale"], transform["translate"]
    return [(x * x_scale + x_start, y * y_scale + y_start) for x, y in positions]


def _rings(topology: dict[str, Any], arcs: list[Ring]) -> Iterator[Ring]:
    for geometry in topology["objects"]["land"]["geometries"]:
        for polygon in geometry["arcs"]:
            for references in polygon:
                yield _joined(references, arcs)


def _joined(references: list[int], arcs: list[Ring]) -> Ring:
    """A ring from its arcs; ~i is arc i in reverse, and consecutive arcs share an end point."""
    ring: Ring = []
    for reference in references:
        arc = arcs[reference] if reference >= 0 else arcs[~reference][::-1]
        ring.extend(arc[1:] if ring else arc)
    return ring


def _unwrapped(ring: Ring) -> Ring:
    """The ring without jumps at the antimeridian; a ring around the pole is closed along it."""
    unwrapped = [ring[0]]
    for longitude, latitude in ring[1:]:
        turns = round((longitude - unwrapped[-1][0]) / 360)
        unwrapped.append((longitude - 360 * turns, latitude))
    (start, _), (end, _) = unwrapped[0], unwrapped[-1]
    if abs(end - start) > EDGE:
        unwrapped += [(end, POLE), (start, POLE), unwrapped[0]]
    return unwrapped


def _within_map(ring: Ring) -> Iterator[Ring]:
    """The parts of the ring between -180 and 180 degrees, after shifts by full turns."""
    for turn in (-360, 0, 360):
        moved = [(longitude + turn, latitude) for longitude, latitude in ring]
        east = _clipped(moved, lambda longitude: longitude + EDGE, -EDGE)
        both = _clipped(east, lambda longitude: EDGE - longitude, EDGE)
        if both:
            yield both


def _clipped(ring: Ring, inside: Callable[[float], float], border: float) -> Ring:
    """Sutherland-Hodgman clipping at one meridian: points with `inside(longitude)` >= 0 are kept."""
    clipped: Ring = []
    for (x, y), (next_x, next_y) in pairwise(ring):
        here, there = inside(x), inside(next_x)
        if here >= 0:
            clipped.append((x, y))
        if here * there < 0:
            clipped.append((border, y + (next_y - y) * here / (here - there)))
    return [*clipped, clipped[0]] if clipped else []


def _rounded(ring: Ring) -> Ring:
    points = ((round(longitude, 1), round(latitude, 1)) for longitude, latitude in ring)
    return [point for point, _ in groupby(points)]


if __name__ == "__main__":
    main(Path(sys.argv[1]))
