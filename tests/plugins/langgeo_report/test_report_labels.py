from __future__ import annotations

from time import process_time

import numpy as np

from langgeo_report.layout import Frame, Obstacles, place_labels, text_sizes


def _boxes(points: np.ndarray, sizes: np.ndarray) -> list[tuple[float, float, float, float]]:
    labels = place_labels(points, sizes, (600.0, 400.0), 4.0)
    shift = {"left": 0.0, "center": -0.5, "right": -1.0}
    boxes = []
    for (x, y), (width, height), label in zip(points, sizes, labels, strict=True):
        left, low = x + label.dx + shift[label.anchor] * width, y + label.dy - height / 2
        boxes.append((left, low, left + width, low + height))
    return boxes


def _overlap(one: tuple[float, ...], other: tuple[float, ...]) -> float:
    wide = min(one[2], other[2]) - max(one[0], other[0])
    high = min(one[3], other[3]) - max(one[1], other[1])
    return max(wide, 0.0) * max(high, 0.0)


def test_names_of_crowded_points_do_not_overlap() -> None:
    points = np.random.default_rng(0).normal((300, 200), 40, (30, 2))
    boxes = _boxes(points, text_sizes(["Norwegian"] * 30, 8.0))
    overlaps = [_overlap(one, other) for index, one in enumerate(boxes) for other in boxes[:index]]
    assert max(overlaps) < 0.03 * max(width * height for width, height in text_sizes(["Norwegian"], 8.0))


def test_names_stay_inside_and_off_their_markers() -> None:
    points = np.array([(3.0, 3.0), (597.0, 397.0), (300.0, 200.0)])
    for (left, low, right, high), (x, y) in zip(
        _boxes(points, text_sizes(["Esperanto"] * 3, 10.0)), points, strict=True
    ):
        assert left >= -0.1 and low >= -0.1 and right <= 600.1 and high <= 400.1
        assert _overlap((left, low, right, high), (x - 3, y - 3, x + 3, y + 3)) == 0


def test_identical_points_are_marked_as_crowded_only_where_names_collide() -> None:
    points = np.full((3, 2), 200.0)
    labels = place_labels(points, text_sizes(["a", "b", "c"], 10.0), (600.0, 400.0), 4.0)
    assert all(label.clear for label in labels)


def test_frame_keeps_one_scale_and_its_margin() -> None:
    points = np.array([(0.0, 0.0), (10.0, 1.0)])
    pixels = Frame.around(points, 200.0, 100.0, 20.0).pixels(points)
    np.testing.assert_allclose(pixels, [(20, 42), (180, 58)])


def test_frame_of_one_place_is_centred() -> None:
    points = np.full((4, 2), 0.5)
    np.testing.assert_allclose(Frame.around(points, 200.0, 100.0, 20.0).pixels(points), [(100, 50)] * 4)


def test_covered_obstacles_are_counted_by_area() -> None:
    obstacles = Obstacles((20.0, 10.0))
    obstacles.add(np.array([(5.0, 5.0), (6.0, 5.0), (19.0, 9.0)]), 2.0, 3.0)
    low = np.array([(4.0, 4.0), (5.5, 0.0), (10.0, 0.0), (-50.0, -50.0)])
    high = np.array([(6.0, 6.0), (6.5, 10.0), (15.0, 10.0), (50.0, 50.0)])
    np.testing.assert_allclose(obstacles.covered(low, high), [3 * (4 + 2), 3 * (1 + 2), 0, 3 * 12])


def test_four_hundred_names_are_placed_in_seconds() -> None:
    points = np.random.default_rng(0).normal((440, 320), 90, (400, 2))
    started = process_time()
    labels = place_labels(points, text_sizes(["Norwegian"] * 400, 11.0), (880.0, 640.0), 5.0)
    assert process_time() - started < 10
    assert sum(label.clear for label in labels) > 150
