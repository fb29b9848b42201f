"""Groupings of the embedded languages: k-means, HDBSCAN, agglomerative and spectral clustering."""

from __future__ import annotations

from collections.abc import Iterator

from langgeo_core.hooks import hookimpl, records


@hookimpl
def langgeo_clusterers() -> Iterator[records.Clusterer]:
    """Register `kmeans`, `hdbscan`, `agglomerative` and `spectral`."""
    yield records.Clusterer(
        "kmeans",
        "k-means over many seeds; by default k is the number of classes of each level.",
        "langgeo_clusterers.clusterers:KMeans",
        options="langgeo_clusterers.options:KMeansOptions",
        source="Lloyd 1982, Least Squares Quantization in PCM; "
        "Arthur & Vassilvitskii 2007, k-means++: The Advantages of Careful Seeding; "
        "Shamrai & Hamolia 2025",
    )
    yield records.Clusterer(
        "hdbscan",
        "Density-based clusters, with noise; it finds the number of clusters itself.",
        "langgeo_clusterers.clusterers:Hdbscan",
        options="langgeo_clusterers.options:HdbscanOptions",
        source="Campello, Moulavi & Sander 2013, Density-Based Clustering Based on Hierarchical Density Estimates; "
        "Shamrai & Hamolia 2025",
    )
    yield records.Clusterer(
        "agglomerative",
        "Merges the closest clusters until k remain: average, Ward, complete or single linkage.",
        "langgeo_clusterers.clusterers:Agglomerative",
        options="langgeo_clusterers.options:AgglomerativeOptions",
        source="Sokal & Michener 1958, A Statistical Method for Evaluating Systematic Relationships; "
        "Ward 1963, Hierarchical Grouping to Optimize an Objective Function",
    )
    yield records.Clusterer(
        "spectral",
        "Spectral clustering with a Gaussian kernel, over many seeds.",
        "langgeo_clusterers.clusterers:Spectral",
        options="langgeo_clusterers.options:SpectralOptions",
        source="Ng, Jordan & Weiss 2001, On Spectral Clustering: Analysis and an Algorithm; "
        "von Luxburg 2007, A Tutorial on Spectral Clustering",
    )
