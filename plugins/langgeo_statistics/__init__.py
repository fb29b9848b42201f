"""Trees of the distances, and what else than relatedness the distances go with."""

from __future__ import annotations

from collections.abc import Iterator

from langgeo_core.hooks import hookimpl, records


@hookimpl
def langgeo_evaluators() -> Iterator[records.Evaluator]:
    """Register `trees` and `confounds`."""
    yield records.Evaluator(
        "trees",
        "Trees of the distances: how tree-like they are, and their quartets and triplets against Glottolog's tree.",
        "langgeo_statistics.trees_evaluator:Trees",
        options="langgeo_statistics.options:TreesOptions",
        headline=("quartet-distance:nj",),
        source="Saitou & Nei 1987, The Neighbor-Joining Method: A New Method for Reconstructing Phylogenetic Trees; "
        "Pompei, Loreto & Tria 2011; "
        "Holland, Huber, Dress & Moulton 2002",
    )
    yield records.Evaluator(
        "confounds",
        "What share of the distances goes with script, place, classification and the run's baselines.",
        "langgeo_statistics.confounds:Confounds",
        options="langgeo_statistics.options:ConfoundsOptions",
        reliability="langgeo_statistics.reliability:Reliability",
        source="Mantel 1967, The Detection of Disease Clustering and a Generalized Regression Approach; "
        "Legendre, Lapointe & Casgrain 1994, Modeling Brain Evolution from Behavior: A Permutational Regression "
        "Approach; "
        "Lindeman, Merenda & Gold 1980",
    )


@hookimpl
def langgeo_exporters() -> Iterator[records.Exporter]:
    """Register `trees`."""
    yield records.Exporter(
        "trees",
        "The trees of the distances as Newick and NEXUS files, with the support of their clades, beside Glottolog's.",
        "langgeo_statistics.exporter:TreeFiles",
        options="langgeo_statistics.options:TreeFilesOptions",
        source="Saitou & Nei 1987, The Neighbor-Joining Method: A New Method for Reconstructing Phylogenetic Trees; "
        "Ward 1963, Hierarchical Grouping to Optimize an Objective Function; "
        "Sokal & Michener 1958, A Statistical Method for Evaluating Systematic Relationships",
    )
