"""The figures of each layer and module alone, and those of each weight matrix as a grid."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from langgeo_core.api import Metric
from langgeo_report.classes import COLOURS
from langgeo_report.page.layers import Network, Part
from langgeo_report.plots.marks import FAINT, TOOL_BAR, Plot

PANEL_HEIGHT = 230
ROW = 26
GRID_MARGIN = 90
LEFT, RIGHT = [0.0, 0.56], [0.64, 1.0]


def layers_plot(network: Network) -> Plot | None:
    """A row of panels for each figure, by layer and by module, and below them the grid; None without parts.

    Dots are values with their intervals over languages, the line is the whole network, the band what shuffled labels
    give.
    """
    figures = list(dict.fromkeys((part.figure, part.clusterer) for part in network.parts if part.kind != "matrix"))
    if not figures:
        return None
    grid = _grid(network.parts)
    height, bottom = _heights(len(figures), grid)
    traces: list[Plot] = []
    layout: Plot = {"height": height, "margin": {"l": 60, "r": 20, "t": TOOL_BAR, "b": 60}, "showlegend": False}
    layout |= {"shapes": [], "annotations": []}
    for row, (figure, clusterer) in enumerate(figures):
        own = [part for part in network.parts if (part.figure, part.clusterer) == (figure, clusterer)]
        top = 1 - row * (1 - bottom) / len(figures)
        domain = [top - 0.7 * (1 - bottom) / len(figures), top - 0.06 * (1 - bottom) / len(figures)]
        for kind, sides in (("layer", LEFT), ("module", RIGHT)):
            _panel(traces, layout, own, kind, sides, domain)
    if grid:
        _add_grid(traces, layout, grid, bottom)
    return {"data": traces, "layout": layout}


def _heights(figures: int, grid: Plot | None) -> tuple[int, float]:
    """The height of all, and the share of it that the grid takes."""
    panels, below = figures * PANEL_HEIGHT, len(grid["y"]) * ROW + GRID_MARGIN if grid else 0
    height = panels + below
    return height + TOOL_BAR + 60, below / height


def _panel(
    traces: list[Plot], layout: Plot, parts: Sequence[Part], kind: str, sides: list[float], domain: list[float]
) -> None:
    own = [part for part in parts if part.kind == kind]
    if not own:
        return
    number = sum(key.startswith("xaxis") for key in layout) + 1
    suffix = "" if number == 1 else str(number)
    traces.append(_dots(own, suffix, COLOURS[0] if kind == "layer" else COLOURS[3]))
    name = f"{own[0].figure} {own[0].clusterer}".strip()
    category = {"type": "category"} if kind == "module" else {}
    x_title = {"title": {"text": kind, "standoff": 4}} if kind == "layer" else {}
    layout[f"xaxis{suffix}"] = {"domain": sides, "anchor": f"y{suffix}", "zeroline": False, **x_title, **category}
    y_title = {"title": {"text": escape(name)}} if kind == "layer" else {}
    layout[f"yaxis{suffix}"] = {"domain": domain, "anchor": f"x{suffix}", "zeroline": False, **y_title}
    layout["shapes"] += [*_null(own, suffix), *_whole(parts, suffix)]


def _dots(parts: Sequence[Part], suffix: str, colour: str) -> Plot:
    values = [part.metric.value for part in parts]
    ends = [_ends(part.metric) for part in parts]
    return {
        "type": "scatter",
        "mode": "lines+markers" if parts[0].kind == "layer" else "markers",
        "x": _places(parts),
        "y": values,
        "error_y": {
            "type": "data",
            "symmetric": False,
            "array": [high - value for value, (_, high) in zip(values, ends, strict=True)],
            "arrayminus": [value - low for value, (low, _) in zip(values, ends, strict=True)],
            "thickness": 1,
            "width": 2,
        },
        "line": {"color": colour, "width": 1.2},
        "marker": {"color": colour, "size": 6},
        "xaxis": f"x{suffix}",
        "yaxis": f"y{suffix}",
        "hovertext": [escape(f"{part.kind} {part.name}") for part in parts],
        "hovertemplate": "%{hovertext}: %{y:.3f}<extra></extra>",
    }


def _places(parts: Sequence[Part]) -> list[int] | list[str]:
    """Numbers of layers; the last words of modules where these differ, else all of their names."""
    if parts[0].kind == "layer":
        return [int(part.name) for part in parts]
    short = [part.name.rpartition(".")[2] for part in parts]
    return [escape(name) for name in (short if len(set(short)) == len(short) else [part.name for part in parts])]


def _ends(metric: Metric) -> tuple[float, float]:
    if metric.ci_low is None or metric.ci_high is None:
        return metric.value, metric.value
    return metric.ci_low, metric.ci_high


def _null(parts: Sequence[Part], suffix: str) -> list[Plot]:
    """A band from the least to the greatest of what two deviations of the nulls reach."""
    known = [(one.null_mean, one.null_sd) for one in (part.metric for part in parts) if one.null_mean is not None]
    if not known:
        return []
    low = min(mean - 2 * (sd or 0) for mean, sd in known)
    high = max(mean + 2 * (sd or 0) for mean, sd in known)
    return [_shape("rect", suffix, low, high) | {"fillcolor": "rgba(128,128,128,0.18)", "line": {"width": 0}}]


def _whole(parts: Sequence[Part], suffix: str) -> list[Plot]:
    values = [part.metric.value for part in parts if part.kind == "whole"]
    return [_shape("line", suffix, value, value) | {"line": {"color": FAINT, "dash": "dash"}} for value in values]


def _shape(kind: str, suffix: str, low: float, high: float) -> Plot:
    place = {"xref": f"x{suffix} domain", "x0": 0, "x1": 1, "yref": f"y{suffix}", "y0": low, "y1": high}
    return {"type": kind, "layer": "below", **place}


def _grid(parts: Sequence[Part]) -> Plot | None:
    """A cell for each weight matrix, of the first figure that these have."""
    own = [part for part in parts if part.kind == "matrix"]
    if not own:
        return None
    found = {_place(part): part.metric.value for part in own if part.figure == own[0].figure}
    layers = sorted({layer for layer, _ in found})
    modules = list(dict.fromkeys(module for _, module in found))
    return {
        "type": "heatmap",
        "x": layers,
        "y": [escape(module) for module in modules],
        "z": [[found.get((layer, module)) for layer in layers] for module in modules],
        "colorscale": "Viridis",
        "hovertemplate": f"layer %{{x}}, %{{y}}: {escape(own[0].figure)} %{{z:.3f}}<extra></extra>",
        "name": own[0].figure,
    }


def _place(part: Part) -> tuple[int, str]:
    layer, _, module = part.name.partition("-")
    return int(layer), module


def _add_grid(traces: list[Plot], layout: Plot, grid: Plot, height: float) -> None:
    number = sum(key.startswith("xaxis") for key in layout) + 1
    bar = {"thickness": 12, "len": 0.8 * height, "y": 0.42 * height, "outlinewidth": 0, "title": {"text": grid["name"]}}
    traces.append({**grid, "colorbar": bar, "xaxis": f"x{number}", "yaxis": f"y{number}"})
    top = 0.82 * height
    layout[f"xaxis{number}"] = {"anchor": f"y{number}", "domain": [0.12, 1], "title": {"text": "layer", "standoff": 4}}
    layout[f"yaxis{number}"] = {
        "anchor": f"x{number}", "domain": [0, top], "autorange": "reversed", "ticks": "", "automargin": True,
    }  # fmt: skip
    text = f"each weight matrix alone: {escape(grid['name'])}"
    place = {"xref": "paper", "yref": "paper", "x": 0, "y": top, "yanchor": "bottom", "xanchor": "left"}
    layout["annotations"].append({"text": text, "showarrow": False, **place})
