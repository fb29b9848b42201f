"""Maps of the languages: classical MDS, SMACOF, t-SNE, Isomap and UMAP."""

from __future__ import annotations

from collections.abc import Iterator

from langgeo_core.hooks import hookimpl, records


@hookimpl
def langgeo_embedders() -> Iterator[records.Embedder]:
    """Register `torgerson`, `smacof`, `tsne`, `isomap` and `umap`."""
    yield records.Embedder(
        "torgerson",
        "Classical MDS: all positive axes of the double-centred squared distances.",
        "langgeo_embedders.torgerson:Torgerson",
        options="langgeo_embedders.options:TorgersonOptions",
        source="Torgerson 1952, Multidimensional Scaling: I. Theory and Method; "
        "Gower 1966, Some Distance Properties of Latent Root and Vector Methods Used in Multivariate Analysis; "
        "Shamrai & Hamolia 2025",
    )
    yield records.Embedder(
        "smacof",
        "Metric or non-metric MDS in a few dimensions, by minimising stress.",
        "langgeo_embedders.maps:Smacof",
        options="langgeo_embedders.options:SmacofOptions",
        source="Kruskal 1964, Multidimensional Scaling by Optimizing Goodness of Fit to a Nonmetric Hypothesis; "
        "de Leeuw 1977",
    )
    yield records.Embedder(
        "tsne",
        "t-SNE: a map that preserves neighbourhoods; distances between groups have no meaning.",
        "langgeo_embedders.maps:TSne",
        options="langgeo_embedders.options:TSneOptions",
        source="van der Maaten & Hinton 2008, Visualizing Data Using t-SNE; Shamrai & Hamolia 2025",
    )
    yield records.Embedder(
        "isomap",
        "Classical MDS of shortest-path distances between nearest neighbours.",
        "langgeo_embedders.maps:Isomap",
        options="langgeo_embedders.options:IsomapOptions",
        source="Tenenbaum, de Silva & Langford 2000, A Global Geometric Framework for Nonlinear Dimensionality "
        "Reduction",
    )
    yield records.Embedder(
        "umap",
        "UMAP: a map of the fuzzy neighbourhood graph; distances between groups have no meaning.",
        "langgeo_embedders.umap:Umap",
        options="langgeo_embedders.options:UmapOptions",
        requires=("umap-learn",),
        install='"langgeo[umap]"',
        source="McInnes, Healy & Melville 2018, UMAP: Uniform Manifold Approximation and Projection for Dimension "
        "Reduction, arXiv 1802.03426; "
        "Shamrai & Hamolia 2025",
    )
