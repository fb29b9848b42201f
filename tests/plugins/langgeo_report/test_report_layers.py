"""The section Layers and modules, from rows as the evaluator writes them."""

from __future__ import annotations

from dataclasses import replace

from langgeo_core.api import Metric
from langgeo_report.layers import layers_plot, networks


def row(name: str, value: float, clusterer: str = "", **more: float) -> Metric:
    return Metric("layers", name, value, 30, clusterer, "branch", **more)


TESTED = {"null_mean": 0.1, "null_sd": 0.02, "p": 0.005}
ALONE = [
    row("nn1:whole", 0.7, ci_low=0.6, ci_high=0.8, **TESTED),
    row("ari:whole", 0.3, "kmeans", **TESTED),
    row("nn1:layer-0", 0.5, ci_low=0.4, ci_high=0.6, **TESTED),
    row("ari:layer-0", 0.2, "kmeans", **TESTED),
    row("nn1:layer-1", 0.65, ci_low=0.5, ci_high=0.8, **TESTED),
    row("nn1-lost:layer-0", 0.01, ci_low=-0.1, ci_high=0.12, p=0.9),
    row("nn1-lost:layer-1", 0.2, ci_low=0.1, ci_high=0.3, p=0.01),
    row("nn1:module-attn.q", 0.4, **TESTED),
    row("nn1:module-mlp.down", 0.75, **TESTED),
    row("nn1-lost:module-mlp.down", 0.02, ci_low=-0.03, ci_high=0.07, p=0.4),
    row("nn1:depth-0.00-0.50", 0.5, **TESTED),
    *(
        row(f"nn1:matrix-{layer}-{module}", value)
        for layer, module, value in [
            (0, "attn.q", 0.3), (0, "mlp.down", 0.6), (1, "attn.q", 0.35), (1, "mlp.down", 0.7),
        ]
    ),
]  # fmt: skip
GREEDY = [
    row("nn1-greedy-promised:layers", 0.8),
    row("nn1-greedy-kept:layers", 0.6),
    row("nn1-greedy-whole:layers", 0.65),
    row("nn1-greedy-gain:layers", -0.05, ci_low=-0.1, ci_high=0.0),
    row("greedy-steps:layers", 1.5),
    row("nn1-greedy-kept@1:layers", 0.55),
    row("greedy-taken:layer-0", 0.0),
    row("greedy-taken:layer-1", 1.0),
]


def test_what_is_said_of_the_best_and_the_missed() -> None:
    (network,) = networks([*ALONE, *GREEDY, Metric("glottolog", "nn1", 0.9, 30)])
    assert (network.name, network.level) == ("", "branch")
    assert network.sentences == (
        "The best single layer is 1: nearest-neighbour agreement 0.650 (whole network: 0.700).",
        "Without layer 1 it is lower by 0.200 (0.100 to 0.300); p 0.020, adjusted by Holm’s method for 2.",
        "The best single module is mlp.down: nearest-neighbour agreement 0.750 (whole network: 0.700).",
        "Removing any one module has no significant effect; largest drop: 0.020 (−0.030 to 0.070) without mlp.down; "
        "p 0.400, adjusted by Holm’s method for 1.",
    )


def test_the_most_missed_of_many_is_corrected_for_them() -> None:
    """Of twenty equal layers one has an interval above zero by chance."""
    rows = [row(f"nn1-lost:layer-{layer}", 0.01 * layer, ci_low=-0.1, ci_high=0.5, p=0.5) for layer in range(19)]
    luckiest = row("nn1-lost:layer-19", 0.2, ci_low=0.01, ci_high=0.39, p=0.04)
    (network,) = networks([row("nn1:whole", 0.7), *rows, luckiest])
    assert network.sentences == (
        "Removing any one layer has no significant effect; largest drop: 0.200 (0.010 to 0.390) without 19; "
        "p 0.800, adjusted by Holm’s method for 20.",
    )


def test_what_was_not_tested_is_not_said_to_be() -> None:
    (network,) = networks([row("nn1-lost:layer-0", 0.1, ci_low=0.1, ci_high=0.1), row("nn1:whole", 0.7)])
    assert network.sentences == ("Largest drop without one layer: 0.100 without 0; not tested.",)


def test_a_choice_is_printed_with_what_it_keeps() -> None:
    (network,) = networks([*ALONE, *GREEDY])
    (choice,) = network.choices
    assert (choice.kind, choice.promised, choice.kept, choice.whole) == ("layers", "0.800", "0.600", "0.650")
    assert (choice.gain, choice.interval, choice.steps) == ("−0.050", "−0.100 to 0.000", "1.5")
    assert choice.taken == "1 (100%)"


def test_panels_for_each_figure_and_a_grid() -> None:
    (network,) = networks(ALONE)
    plot = layers_plot(network)
    assert plot is not None
    *panels, grid = plot["data"]
    assert [panel["x"] for panel in panels] == [[0, 1], ["q", "down"], [0]]
    assert panels[0]["y"] == [0.5, 0.65]
    assert [round(reach, 9) for reach in panels[0]["error_y"]["array"]] == [0.1, 0.15]
    assert panels[1]["error_y"]["array"] == [0.0, 0.0], "no interval, no bar"
    assert (grid["x"], grid["y"]) == ([0, 1], ["attn.q", "mlp.down"])
    assert grid["z"] == [[0.3, 0.35], [0.6, 0.7]]
    dashed = [shape["y0"] for shape in plot["layout"]["shapes"] if shape["type"] == "line"]
    assert dashed == [0.7, 0.7, 0.3]


def test_modules_that_end_alike_keep_their_names() -> None:
    (network,) = networks([row("nn1:module-attention.dense", 0.2), row("nn1:module-output.dense", 0.3)])
    plot = layers_plot(network)
    assert plot is not None
    assert plot["data"][0]["x"] == ["attention.dense", "output.dense"]


def test_each_model_has_its_own() -> None:
    both = [
        replace(metric, metric=metric.metric.replace(":", f":{model}/")) for model in ("one", "two") for metric in ALONE
    ]
    first, second = networks(both)
    assert (first.name, second.name) == ("one", "two")
    assert first.sentences == second.sentences == networks(ALONE)[0].sentences
    assert len(first.parts) == len(networks(ALONE)[0].parts)


def test_runs_without_the_evaluator_have_no_section() -> None:
    assert networks([Metric("glottolog", "nn1", 0.9, 30)]) == []
    assert networks([replace(ALONE[0], source="char-ngrams")]) == []
