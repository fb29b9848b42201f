"""The distances and their tree in the formats of other programs."""

from __future__ import annotations

from collections.abc import Iterator

from langgeo_core.hooks import hookimpl, records

_OPTIONS = "langgeo_formats.options:FormatOptions"


@hookimpl
def langgeo_exporters() -> Iterator[records.Exporter]:
    """Register `csv`, `phylip`, `nexus`, `json` and `newick`."""
    yield records.Exporter(
        "csv",
        "The distances as a square table, for spreadsheets.",
        "langgeo_formats.exporters:CsvExporter",
        _OPTIONS,
    )
    yield records.Exporter(
        "phylip",
        "The distances as a square PHYLIP matrix with names of any length.",
        "langgeo_formats.exporters:PhylipExporter",
        _OPTIONS,
        source="Felsenstein, PHYLIP",
    )
    yield records.Exporter(
        "nexus",
        "The distances as a NEXUS file with TAXA and DISTANCES, for SplitsTree.",
        "langgeo_formats.exporters:NexusExporter",
        _OPTIONS,
        source="Maddison, Swofford & Maddison 1997; Huson & Bryant 2006",
    )
    yield records.Exporter(
        "json",
        "The average and the matrix of each model and corpus, in the layout of the published study.",
        "langgeo_formats.exporters:JsonExporter",
        _OPTIONS,
        source="Shamrai & Hamolia 2025, arXiv 2508.11676",
    )
    yield records.Exporter(
        "newick",
        "The average-linkage (UPGMA) tree of the distances in Newick's format.",
        "langgeo_formats.exporters:NewickExporter",
        _OPTIONS,
        source="Sokal & Michener 1958",
    )
