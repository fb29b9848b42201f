"""Groupings of the embedded languages: k-means, HDBSCAN, agglomerative and spectral clustering."""

from __future__ import annotations

from collections.abc import Iterator

from langgeo_core.hooks import hookimpl, records


@hookimpl
def langgeo_clusterers() -> Iterator[records.Clusterer]:
    """Register `kmeans`, `hdbscan`, `agglomerative` and `spectral`."""
    yield records.Clusterer(
        "kmeans",
        "k-means over many seeds; k follows the classes of each level unless given.",
        "langgeo_clusterers.kmeans:KMeans",
        options="langgeo_clusterers.options:KMeansOptions",
        source="Lloyd 1982; Arthur & Vassilvitskii 2007; Shamrai & Hamolia 2025",
    )
    yield records.Clusterer(
        "hdbscan",
        "Density-based clusters of its own number, with noise.",
        "langgeo_clusterers.density:Hdbscan",
        options="langgeo_clusterers.options:HdbscanOptions",
        source="Campello, Moulavi & Sander 2013; Shamrai & Hamolia 2025",
    )
    yield records.Clusterer(
        "agglomerative",
        "Merges the nearest clusters until k are left: average, Ward, complete or single linkage.",
        "langgeo_clusterers.agglomerative:Agglomerative",
        options="langgeo_clusterers.options:AgglomerativeOptions",
        source="Sokal & Michener 1958; Ward 1963",
    )
    yield records.Clusterer(
        "spectral",
        "Spectral clustering of a Gaussian kernel, over many seeds.",
        "langgeo_clusterers.spectral:Spectral",
        options="langgeo_clusterers.options:SpectralOptions",
        source="Ng, Jordan & Weiss 2001; von Luxburg 2007",
    )
