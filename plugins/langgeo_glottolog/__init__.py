"""Agreement of the space and its clusters with Glottolog's classification."""

from __future__ import annotations

from collections.abc import Iterator

from langgeo_core.hooks import hookimpl, records


@hookimpl
def langgeo_evaluators() -> Iterator[records.Evaluator]:
    """Register `glottolog`."""
    yield records.Evaluator(
        "glottolog",
        "Agreement with Glottolog's families and branches, each figure with its null and interval.",
        "langgeo_glottolog.evaluator:Glottolog",
        options="langgeo_glottolog.options:GlottologOptions",
        columns=(
            *("script_null_mean", "script_null_sd", "script_p", "distinct", "distinct_n"),
            *("classes", "class_ci_low", "class_ci_high"),
        ),
        headline=("map", "map-across-scripts", "map-within-script", "nn1"),
        source="Glottolog (Hammarström et al., CC BY 4.0); "
        "McSherry & Najork 2008, Computing Information Retrieval Performance Measures Efficiently in the Presence of "
        "Tied Scores; "
        "Hubert & Arabie 1985, Comparing Partitions; "
        "Vinh, Epps & Bailey 2010, Information Theoretic Measures for Clusterings Comparison",
        headline_level="branch",
    )
