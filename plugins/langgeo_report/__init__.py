"""Exporters for reading a run: an interactive page, tables as text, figures, the spanning tree; and what is printed."""

from collections.abc import Iterable

from langgeo_core.hooks import hookimpl, records


@hookimpl
def langgeo_exporters() -> Iterable[records.Exporter]:
    """Register the exporters."""
    yield records.Exporter(
        "html",
        "One self-contained page: verdict, score card, interactive maps, provenance.",
        "langgeo_report.page:HtmlExporter",
        "langgeo_report.options:HtmlOptions",
        opens="report.html",
    )
    yield records.Exporter(
        "markdown",
        "The tables of the page as text: score card, paired differences, trees, confounds, layers.",
        "langgeo_report.markdown:MarkdownExporter",
    )
    yield records.Exporter(
        "figures",
        "Maps, tree, heat map and dendrogram as SVG, PNG and PDF for papers.",
        "langgeo_report.figures:FiguresExporter",
        "langgeo_report.options:FiguresOptions",
    )
    yield records.Exporter(
        "mst",
        "The minimum spanning tree of the distances as mst.csv.",
        "langgeo_report.neighbours:TreeExporter",
        "langgeo_formats.api:FormatOptions",
        source="Kruskal 1956, On the Shortest Spanning Subtree of a Graph and the Traveling Salesman Problem",
    )


@hookimpl
def langgeo_commands() -> Iterable[records.Command]:
    """Register `report`, with what is printed of a finished run, and `cite`."""
    yield records.Command(
        "report",
        "Write the reports of a finished run again.",
        "langgeo_report.showing:report",
        show="langgeo_report.showing:show_run",
    )
    yield records.Command("cite", "Print how to cite a run or a packaged space.", "langgeo_report.showing:cite")
