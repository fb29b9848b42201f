"""A drawing surface: which part of the plane it shows, and how data become pixels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Float64 = NDArray[np.float64]


@dataclass(frozen=True)
class Frame:
    """A window of `width` x `height` pixels (or points) on the plane, with one scale for both axes."""

    left: float
    bottom: float
    scale: float
    width: float
    height: float

    @classmethod
    def around(cls, points: Float64, width: float, height: float, margin: float) -> Frame:
        """The window that shows all points, `margin` pixels away from its border; points in one place sit centred."""
        low, high = (points.min(axis=0), points.max(axis=0)) if len(points) else (np.zeros(2), np.zeros(2))
        room = np.array([width, height]) - 2 * margin
        extent = high - low
        scale = float(min(room[extent > 0] / extent[extent > 0], default=1.0))
        corner = (low + high) / 2 - np.array([width, height]) / scale / 2
        return cls(float(corner[0]), float(corner[1]), scale, width, height)

    @property
    def x_range(self) -> tuple[float, float]:
        """What the window shows from left to right."""
        return self.left, self.left + self.width / self.scale

    @property
    def y_range(self) -> tuple[float, float]:
        """What the window shows from bottom to top."""
        return self.bottom, self.bottom + self.height / self.scale

    def pixels(self, points: Float64) -> Float64:
        """(n, 2) data to pixels from the lower left corner."""
        return np.asarray((points - np.array([self.left, self.bottom])) * self.scale)
