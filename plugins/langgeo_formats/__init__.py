"""Distance matrices and trees in the formats of other programs, written and read."""

from __future__ import annotations

from collections.abc import Iterator

from langgeo_core.hooks import hookimpl, records

_OPTIONS = "langgeo_formats.exporting:FormatOptions"
_STUDY = "Shamrai & Hamolia 2025, arXiv 2508.11676"


@hookimpl
def langgeo_exporters() -> Iterator[records.Exporter]:
    """Register the exporters of distances, trees and tables."""
    yield records.Exporter(
        "csv",
        "The distances as a square table, for spreadsheets.",
        "langgeo_formats.table:CsvExporter",
        "langgeo_formats.table:CsvOptions",
    )
    yield records.Exporter(
        "phylip",
        "The distances as a PHYLIP matrix: names of any length or of ten letters, square or a triangle.",
        "langgeo_formats.phylip:PhylipExporter",
        "langgeo_formats.phylip:PhylipOptions",
        source="Felsenstein, PHYLIP",
    )
    yield records.Exporter(
        "nexus",
        "The distances as a NEXUS file with TAXA, DISTANCES and TREES, for SplitsTree.",
        "langgeo_formats.nexus:NexusExporter",
        _OPTIONS,
        source="Maddison, Swofford & Maddison 1997; Huson & Bryant 2006",
    )
    yield records.Exporter(
        "json",
        "The average and the matrix of each model and corpus, in the layout of the published study.",
        "langgeo_formats.study:JsonExporter",
        _OPTIONS,
        source=_STUDY,
    )
    yield records.Exporter(
        "newick",
        "The average-linkage (UPGMA) tree of the distances in Newick's format.",
        "langgeo_formats.newick:NewickExporter",
        _OPTIONS,
        source="Sokal & Michener 1958, A Statistical Method for Evaluating Systematic Relationships",
    )
    yield records.Exporter(
        "lsmat",
        "The distances as a labelled square matrix, for scikit-bio.",
        "langgeo_formats.lsmat:LsmatExporter",
        _OPTIONS,
        source="https://scikit.bio",
    )
    yield records.Exporter(
        "pairs",
        "A row for every two languages, with names, glottocodes and places, as CSV or Parquet.",
        "langgeo_formats.pairs:PairsExporter",
        "langgeo_formats.pairs:PairsOptions",
    )
    yield records.Exporter(
        "geojson",
        "The languages as points on a map, each with its nearest one.",
        "langgeo_formats.geography:GeojsonExporter",
        _OPTIONS,
        source="RFC 7946",
    )
    yield records.Exporter(
        "graphml",
        "The network of nearest neighbours with the minimum spanning tree, for Gephi and others.",
        "langgeo_formats.geography:GraphmlExporter",
        "langgeo_formats.geography:GraphmlOptions",
        source="Brandes et al. 2002",
    )
    yield records.Exporter(
        "latex",
        "The score card, and the distances of few languages, as tables for a paper.",
        "langgeo_formats.latex:LatexExporter",
        "langgeo_formats.latex:LatexOptions",
    )
    yield records.Exporter(
        "cldf",
        "A CLDF data set: languages, distances and the tree of UPGMA.",
        "langgeo_formats.cldf:CldfExporter",
        _OPTIONS,
        requires=("pycldf",),
        install="pycldf",
        source="Forkel et al. 2018",
    )


@hookimpl
def langgeo_commands() -> Iterator[records.Command]:
    """Register `evaluate` and `export`."""
    yield records.Command(
        "evaluate",
        "Score a distance matrix from a file like a run.",
        "langgeo_formats.evaluate:command",
        matrix="langgeo_formats.given_matrix:read_with_scripts",
    )
    yield records.Command("export", "Write a finished run in another format.", "langgeo_formats.export:command")


@hookimpl
def langgeo_readers() -> Iterator[records.Reader]:
    """Register `csv`, `phylip`, `nexus` and `json`."""
    yield records.Reader(
        "csv",
        "A square table with commas, semicolons or tabs, languages in its header and first column.",
        "langgeo_formats.table:CsvReader",
    )
    yield records.Reader(
        "phylip",
        "A square or lower-triangular PHYLIP matrix, with names of any length.",
        "langgeo_formats.phylip:PhylipReader",
        source="Felsenstein, PHYLIP",
    )
    yield records.Reader(
        "nexus",
        "The DISTANCES block of a NEXUS file.",
        "langgeo_formats.nexus:NexusReader",
        source="Maddison, Swofford & Maddison 1997",
    )
    yield records.Reader(
        "json",
        "The average or one of the matrices of each model and corpus, in the layout of the published study.",
        "langgeo_formats.study:JsonReader",
        source=_STUDY,
    )
