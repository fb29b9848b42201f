"""Places for names beside their points, in pixels (y up), so that few overlap."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Float64 = NDArray[np.float64]

SWEEPS = 20
DIRECTIONS = 16
GAPS = (2.0, 8.0, 16.0, 28.0, 42.0, 60.0, 80.0, 105.0)
# From this gap on, a line leads from the point to its label.
LED_FROM = 16.0
LINE_STEP = 6.0
# What a square pixel of overlap costs, and a pixel of distance.
OVER_LABEL, OVER_MARKER, OVER_LINE, PER_GAP = 4.0, 3.0, 0.7, 5.0
OUTSIDE = 1000.0


@dataclass(frozen=True)
class Label:
    """Where a name goes.

    Parameters
    ----------
    dx, dy : from the point to the label's anchor, which is at mid height
    anchor : which edge of the label the anchor is: `left`, `center` or `right`
    led : whether it is so far away that a line should lead to it
    clear : whether it hardly touches any clear label before it
    """

    dx: float
    dy: float
    anchor: str
    led: bool
    clear: bool


def text_sizes(names: Sequence[str], font_size: float) -> Float64:
    """(n, 2) estimated width and height of each name in a sans-serif font."""
    return np.array([(text_width(name, font_size), 1.25 * font_size) for name in names]).reshape(-1, 2)


def text_width(text: str, font_size: float) -> float:
    """Estimated width of a line of sans-serif text."""
    narrow, wide = sum(text.count(letter) for letter in "fijlrtI .,'()-"), sum(text.count(letter) for letter in "mwMW@")
    capital = sum(letter.isupper() for letter in text)
    return font_size * (0.3 + 0.6 * len(text) - 0.26 * narrow + 0.28 * wide + 0.1 * capital)


def line_samples(starts: Float64, ends: Float64) -> Float64:
    """(m, 2) points along straight lines, for labels to keep away from."""
    pieces = [
        np.linspace(start, end, max(2, int(np.linalg.norm(end - start) / LINE_STEP)))
        for start, end in zip(starts, ends, strict=True)
    ]
    return np.concatenate(pieces) if pieces else np.empty((0, 2))


def place_labels(
    points: Float64, sizes: Float64, frame: tuple[float, float], marker: float, lines: Float64 | None = None
) -> list[Label]:
    """Find each label's place by moving one at a time to where it overlaps least, until none moves.

    Parameters
    ----------
    points : (n, 2) pixels from the lower left corner of the frame
    sizes : (n, 2) width and height of the labels
    frame : width and height that labels must stay within
    marker : radius of the points' markers
    lines : (m, 2) points of lines that labels had better not cover
    """
    obstacles = np.empty((0, 2)) if lines is None else lines
    options = [_candidates(size, marker) for size in sizes]
    costs = [
        _fixed_costs(point + offsets, size, frame) + _covering(point + offsets, size, points, marker, obstacles)
        for point, size, offsets in zip(points, sizes, options, strict=True)
    ]
    chosen = _settled(points, sizes, options, costs)
    offsets = np.array([option[choice] for option, choice in zip(options, chosen, strict=True)]).reshape(-1, 2)
    led = np.repeat(GAPS, DIRECTIONS)[chosen] >= LED_FROM
    return _labels(offsets, sizes, led, _clear(points + offsets, sizes))


def _candidates(size: Float64, marker: float) -> Float64:
    """Offsets of the label's centre: in each direction and gap, where its box just leaves the marker."""
    angles = np.linspace(0, 2 * np.pi, DIRECTIONS, endpoint=False)
    directions = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    # Points on a square, so that labels above and below may sit centred and those beside sit level.
    square = directions / np.abs(directions).max(axis=1, keepdims=True)
    return np.concatenate([square * size / 2 + directions * (marker + gap) for gap in GAPS])


def _fixed_costs(centres: Float64, size: Float64, frame: tuple[float, float]) -> Float64:
    """Distance from the point, and leaving the frame."""
    half = np.array(frame) / 2
    outside = np.maximum(0, np.abs(centres - half) + size / 2 - half).sum(axis=1)
    return np.asarray(PER_GAP * np.repeat(GAPS, DIRECTIONS) + OUTSIDE * outside)


def _covering(centres: Float64, size: Float64, points: Float64, marker: float, lines: Float64) -> Float64:
    """Markers and lines beneath the label."""
    over_markers = _overlaps(centres, size, points, np.full_like(points, 2 * marker)).sum(axis=1)
    over_lines = _overlaps(centres, size, lines, np.full_like(lines, LINE_STEP)).sum(axis=1)
    return np.asarray(OVER_MARKER * over_markers + OVER_LINE * over_lines)


def _settled(points: Float64, sizes: Float64, options: list[Float64], costs: list[Float64]) -> NDArray[np.int64]:
    """Which option each label ends at when none would rather move, or after enough sweeps."""
    chosen = np.array([np.argmin(cost) for cost in costs], dtype=np.int64)
    centres = np.array([point + option[choice] for point, option, choice in zip(points, options, chosen, strict=True)])
    reach = [np.abs(option).max() + size.max() / 2 for option, size in zip(options, sizes, strict=True)]
    for _ in range(SWEEPS):
        before = chosen.copy()
        for index, point in enumerate(points):
            others = np.abs(centres - point).max(axis=1) < reach[index] + sizes.max(axis=1) / 2
            others[index] = False
            overlaps = _overlaps(point + options[index], sizes[index], centres[others], sizes[others]).sum(axis=1)
            chosen[index] = np.argmin(costs[index] + OVER_LABEL * overlaps)
            centres[index] = point + options[index][chosen[index]]
        if np.array_equal(before, chosen):
            break
    return chosen


def _overlaps(centres: Float64, size: Float64, others: Float64, other_sizes: Float64) -> Float64:
    """(candidates, others) areas shared by boxes about `centres` and the other boxes."""
    reach = (size + other_sizes) / 2 - np.abs(centres[:, None] - others[None])
    return np.asarray(np.prod(np.clip(reach, 0, np.minimum(size, other_sizes)), axis=2))


def _clear(centres: Float64, sizes: Float64) -> NDArray[np.bool_]:
    clear = np.zeros(len(centres), dtype=bool)
    for index in range(len(centres)):
        overlaps = _overlaps(centres[index : index + 1], sizes[index], centres[clear], sizes[clear])
        clear[index] = not (overlaps > 2.0).any()
    return clear


def _labels(offsets: Float64, sizes: Float64, led: NDArray[np.bool_], clear: NDArray[np.bool_]) -> list[Label]:
    """Labels beside their point are held at the near edge, where a wrong estimate of their width does no harm."""
    labels = []
    for (dx, dy), (width, _), line, free in zip(offsets.tolist(), sizes.tolist(), led, clear, strict=True):
        side = 0 if abs(dx) < 0.45 * width else 1 if dx > 0 else -1
        anchor = ("center", "left", "right")[side]
        labels.append(Label(round(dx - side * width / 2, 1), round(dy, 1), anchor, bool(line), bool(free)))
    return labels
