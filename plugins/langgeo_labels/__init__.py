"""Agreement of the space and its clusters with classes of one's own: dialects, typology, scripts."""

from __future__ import annotations

from collections.abc import Iterator

from langgeo_core.hooks import hookimpl, records


@hookimpl
def langgeo_evaluators() -> Iterator[records.Evaluator]:
    """Register `labels`."""
    yield records.Evaluator(
        "labels",
        "Agreement with the classes of a table of your own, each figure with its null and interval.",
        "langgeo_labels.evaluator:Labels",
        options="langgeo_labels.options:LabelsOptions",
        columns=(
            *("script_null_mean", "script_null_sd", "script_p", "distinct", "distinct_n"),
            *("classes", "class_ci_low", "class_ci_high"),
        ),
        headline=("map", "map-across-scripts", "map-within-script", "nn1"),
        source="as the evaluator glottolog",
        shorthand="file",
    )
