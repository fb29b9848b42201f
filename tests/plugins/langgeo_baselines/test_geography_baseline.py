"""Great circles between places whose distance is known."""

from __future__ import annotations

import numpy as np
import pytest

from langgeo_baselines.facts import Geography
from langgeo_core.api import BaselineContext, DistanceMatrix, Language

PLACES = {
    "Paris": (48.8566, 2.3522),
    "London": (51.5074, -0.1278),
    "New York": (40.7128, -74.0060),
    "Auckland": (-36.8485, 174.7633),
    "Honolulu": (21.3069, -157.8583),
}


def distances(places: dict[str, tuple[float | None, float | None]]) -> DistanceMatrix:
    languages = tuple(Language(name, name, latitude=place[0], longitude=place[1]) for name, place in places.items())
    return Geography().distances(BaselineContext(languages, lambda id: ()))


@pytest.mark.parametrize(
    ("one", "other", "kilometres"),
    [("Paris", "London", 343.6), ("London", "New York", 5570), ("Auckland", "Honolulu", 7086)],
)
def test_known_distances(one: str, other: str, kilometres: float) -> None:
    assert distances({one: PLACES[one], other: PLACES[other]}).values[0, 1] == pytest.approx(kilometres, rel=0.002)


def test_poles_and_antipodes_are_half_the_earth_apart() -> None:
    half = np.pi * 6371.0088
    assert distances({"north": (90, 0), "south": (-90, 77)}).values[0, 1] == pytest.approx(half)
    assert distances({"here": (12.3, 45.6), "there": (-12.3, 45.6 - 180)}).values[0, 1] == pytest.approx(half)


def test_the_date_line_is_no_border() -> None:
    assert distances({"west": (0, 179.5), "east": (0, -179.5)}).values[0, 1] == pytest.approx(111.195, rel=1e-4)


def test_the_order_of_the_languages_does_not_matter() -> None:
    back = distances(dict(reversed(PLACES.items())))
    assert np.allclose(back.subset(PLACES).values, distances(PLACES).values)


def test_a_language_without_a_place_is_missing() -> None:
    found = distances(
        {"Paris": PLACES["Paris"], "nowhere": (None, None), "London": PLACES["London"], "half": (1.0, None)}
    )
    assert found.lacking_pairs() == ("half", "nowhere")
