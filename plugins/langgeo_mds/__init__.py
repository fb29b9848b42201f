"""Classical multidimensional scaling."""

from __future__ import annotations

from collections.abc import Iterator

from langgeo_core.api import components, hookimpl


@hookimpl
def langgeo_embedders() -> Iterator[components.Embedder]:
    """Register `torgerson`."""
    yield components.Embedder(
        "torgerson",
        "Classical MDS: all positive axes of the double-centred squared distances.",
        "langgeo_mds.torgerson:Torgerson",
        options="langgeo_mds.options:TorgersonOptions",
        source="Torgerson 1952; Gower 1966; Shamrai & Hamolia 2025",
    )
