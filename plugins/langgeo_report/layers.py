"""The section Layers and modules: which parts of a network carry the agreement, as sentences, a plot and a table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from langgeo_core.api import Metric
from langgeo_inference.api import holm
from langgeo_report.point_plots import FAINT, TOOL_BAR, Plot, flat_text
from langgeo_report.printing import interval, number, probability, title, with_interval
from langgeo_report.reading import LAYERS, SIGNIFICANT
from langgeo_report.view import COLOURS

GREEDY = "nn1-greedy-"
MOST_TAKEN = 3
PREFERRED = "branch"
PANEL_HEIGHT = 230
ROW = 26
GRID_MARGIN = 90
LEFT, RIGHT = [0.0, 0.56], [0.64, 1.0]


@dataclass(frozen=True)
class Part:
    """A figure of one part of a network: `kind` is whole, layer, module, depth or matrix; `name` tells which one."""

    figure: str
    clusterer: str
    kind: str
    name: str
    metric: Metric


@dataclass(frozen=True)
class Choice:
    """A printed row: a greedy choice among one kind of parts, at one level."""

    level: str
    kind: str
    promised: str
    kept: str
    whole: str
    gain: str
    interval: str
    steps: str
    taken: str


@dataclass(frozen=True)
class Network:
    """The section's content for one model."""

    name: str
    level: str
    parts: tuple[Part, ...]
    sentences: tuple[str, ...]
    choices: tuple[Choice, ...]


def networks(metrics: Sequence[Metric]) -> list[Network]:
    """One for each model, at branch level or else the last level; none if the evaluator did not run."""
    models: dict[str, list[Metric]] = {}
    for metric in metrics:
        if metric.evaluator == LAYERS and metric.source == "run":
            models.setdefault(_model(metric), []).append(metric)
    return [_network(name, own) for name, own in models.items()]


def _model(metric: Metric) -> str:
    return metric.metric.partition(":")[2].rpartition("/")[0]


def _network(name: str, metrics: Sequence[Metric]) -> Network:
    levels = list(dict.fromkeys(metric.level for metric in metrics))
    level = PREFERRED if PREFERRED in levels else levels[-1]
    own = {(_unprefixed(metric), metric.clusterer): metric for metric in metrics if metric.level == level}
    return Network(name, level, tuple(_parts(own)), tuple(_sentences(own)), tuple(_choices(metrics)))


def _unprefixed(metric: Metric) -> str:
    figure, _, part = metric.metric.partition(":")
    return f"{figure}:{part.rpartition('/')[2]}"


def _parts(metrics: Mapping[tuple[str, str], Metric]) -> Iterator[Part]:
    for (text, clusterer), metric in metrics.items():
        figure, _, part = text.partition(":")
        if not figure.endswith("-lost") and "greedy" not in figure:
            kind, _, name = part.partition("-")
            yield Part(figure, clusterer, kind, name, metric)


def _sentences(metrics: Mapping[tuple[str, str], Metric]) -> Iterator[str]:
    """For the first figure: the best single layer and module, and those whose removal lowers it most."""
    parts = list(_parts(metrics))
    if not parts:
        return
    figure, clusterer = parts[0].figure, parts[0].clusterer
    whole = [number(part.metric.value) for part in parts if part.kind == "whole"]
    for kind in ("layer", "module"):
        alone = [part for part in parts if (part.figure, part.clusterer, part.kind) == (figure, clusterer, kind)]
        if alone:
            best = max(alone, key=lambda part: part.metric.value)
            best_one = f"The best single {kind} is {best.name}: {title(figure)} {number(best.metric.value)}"
            yield f"{best_one} (whole network: {whole[0]})." if whole else f"{best_one}."
        lost = [one for (text, _), one in metrics.items() if text.startswith(f"{figure}-lost:{kind}-")]
        if lost:
            yield _missed(kind, lost)


def _missed(kind: str, lost: Sequence[Metric]) -> str:
    """The part whose removal lowers the figure most; its p is corrected for choosing among all parts."""
    most = max(lost, key=lambda metric: metric.value)
    name, change = most.metric.rpartition(f"{kind}-")[2], with_interval(most)
    if most.p is None:
        return f"Largest drop without one {kind}: {change} without {name}; not tested."
    others = [metric.p for metric in lost if metric.p is not None and metric is not most]
    p = holm([most.p, *others])[0]
    tested = f"p {probability(p)}, adjusted by Holm’s method for {1 + len(others)}"
    if most.value > 0 and p < SIGNIFICANT:
        return f"Without {kind} {name} it is lower by {change}; {tested}."
    return f"Removing any one {kind} has no significant effect; largest drop: {change} without {name}; {tested}."


def _choices(metrics: Sequence[Metric]) -> Iterator[Choice]:
    for metric in metrics:
        figure, _, kind = _unprefixed(metric).partition(":")
        if figure == f"{GREEDY}gain":
            found = {_unprefixed(one): one for one in metrics if one.level == metric.level}
            promised, kept, whole = (found[f"{GREEDY}{name}:{kind}"] for name in ("promised", "kept", "whole"))
            steps = f"{found[f'greedy-steps:{kind}'].value:.1f}"
            taken = _taken(found, kind)
            yield Choice(
                metric.level,
                kind,
                number(promised.value),
                number(kept.value),
                number(whole.value),
                number(metric.value),
                interval(metric),
                steps,
                taken,
            )


def _taken(metrics: Mapping[str, Metric], kind: str) -> str:
    """The parts that are chosen most often."""
    start = f"greedy-taken:{'matrix' if kind == 'matrices' else kind[:-1]}-"
    shares = {text.removeprefix(start): metric.value for text, metric in metrics.items() if text.startswith(start)}
    most = sorted(shares, key=lambda name: -shares[name])[:MOST_TAKEN]
    return ", ".join(f"{name} ({shares[name]:.0%})" for name in most if shares[name])


def layers_plot(network: Network) -> Plot | None:
    """A row of panels for each figure, by layer and by module, and the grid below them; None without parts.

    Dots are values with their intervals over languages, the line is the whole network, the band is the null of
    shuffled labels.
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
    """The total height in pixels, and the grid's share of it."""
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
    y_title = {"title": {"text": flat_text(name)}} if kind == "layer" else {}
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
        "hovertext": [flat_text(f"{part.kind} {part.name}") for part in parts],
        "hovertemplate": "%{hovertext}: %{y:.3f}<extra></extra>",
    }


def _places(parts: Sequence[Part]) -> list[int] | list[str]:
    """Layer numbers; for modules the last word of their names if these are distinct, else the whole names."""
    if parts[0].kind == "layer":
        return [int(part.name) for part in parts]
    short = [part.name.rpartition(".")[2] for part in parts]
    return [flat_text(name) for name in (short if len(set(short)) == len(short) else [part.name for part in parts])]


def _ends(metric: Metric) -> tuple[float, float]:
    return metric.interval or (metric.value, metric.value)


def _null(parts: Sequence[Part], suffix: str) -> list[Plot]:
    """A band that contains all null means plus and minus two standard deviations."""
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
    """A heat map with an entry for each weight matrix, of the first figure that matrices have."""
    own = [part for part in parts if part.kind == "matrix"]
    if not own:
        return None
    found = {_place(part): part.metric.value for part in own if part.figure == own[0].figure}
    layers = sorted({layer for layer, _ in found})
    modules = list(dict.fromkeys(module for _, module in found))
    return {
        "type": "heatmap",
        "x": layers,
        "y": [flat_text(module) for module in modules],
        "z": [[found.get((layer, module)) for layer in layers] for module in modules],
        "colorscale": "Viridis",
        "hovertemplate": f"layer %{{x}}, %{{y}}: {flat_text(own[0].figure)} %{{z:.3f}}<extra></extra>",
        "name": flat_text(own[0].figure),
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
    text = f"single weight matrices: {grid['name']}"
    place = {"xref": "paper", "yref": "paper", "x": 0, "y": top, "yanchor": "bottom", "xanchor": "left"}
    layout["annotations"].append({"text": text, "showarrow": False, **place})
