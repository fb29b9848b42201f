"""Which layers and modules of the network the agreement with the classification lies in."""

from __future__ import annotations

from collections.abc import Iterator

from langgeo_core.hooks import hookimpl, records


@hookimpl
def langgeo_evaluators() -> Iterator[records.Evaluator]:
    """Register `layers`."""
    yield records.Evaluator(
        "layers",
        "Agreement with the classes from each layer and module alone, without each, and from a choice of them.",
        "langgeo_layers.evaluator:Layers",
        options="langgeo_layers.options:LayersOptions",
        whole_network=True,
        source="Shao & Wu 1989; Cawley & Talbot 2010",
    )
