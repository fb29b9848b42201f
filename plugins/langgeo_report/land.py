"""The land of the world, for a map that needs no network."""

from __future__ import annotations

import json
from importlib.resources import files

Ring = list[tuple[float, float]]


def land_rings() -> list[Ring]:
    """Coasts as rings of longitude and latitude in degrees; a lake's ring runs the other way round."""
    text = files("langgeo_report").joinpath("data", "land.json").read_text(encoding="utf-8")
    return [[(point[0], point[1]) for point in ring] for ring in json.loads(text)["rings"]]
