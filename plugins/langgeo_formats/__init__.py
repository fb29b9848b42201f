"""The distances and their tree in the formats of other programs."""

from __future__ import annotations

from collections.abc import Iterator

from langgeo_core.api import components, hookimpl

_OPTIONS = "langgeo_formats.options:FormatOptions"


@hookimpl
def langgeo_exporters() -> Iterator[components.Exporter]:
    """Register `csv`, `phylip`, `nexus`, `json` and `newick`."""
    yield components.Exporter(
        "csv",
        "The distances as a square table, for spreadsheets.",
        "langgeo_formats.exporters:CsvExporter",
        _OPTIONS,
    )
    yield components.Exporter(
        "phylip",
        "The distances as a square PHYLIP matrix with names of any length.",
        "langgeo_formats.exporters:PhylipExporter",
        _OPTIONS,
        source="Felsenstein, PHYLIP",
    )
    yield components.Exporter(
        "nexus",
        "The distances as a NEXUS file with TAXA and DISTANCES, for SplitsTree.",
        "langgeo_formats.exporters:NexusExporter",
        _OPTIONS,
        source="Maddison, Swofford & Maddison 1997; Huson & Bryant 2006",
    )
    yield components.Exporter(
        "json",
        "The average and the matrix of each model and corpus, in the layout of the published study.",
        "langgeo_formats.exporters:JsonExporter",
        _OPTIONS,
        source="Shamrai & Hamolia 2025, arXiv 2508.11676",
    )
    yield components.Exporter(
        "newick",
        "The average-linkage (UPGMA) tree of the distances in Newick's format.",
        "langgeo_formats.exporters:NewickExporter",
        _OPTIONS,
        source="Sokal & Michener 1958",
    )
