"""Names for other plugins: lengths of time, citations, the page of distances."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from langgeo_core.api import DistanceMatrix, Run, write_text
from langgeo_report.citing import Citations as Citations, citations as citations
from langgeo_report.printing import duration as duration


def write_page(
    run: Run,
    file: Path,
    record: Mapping[str, Any] | None = None,
    without: Sequence[DistanceMatrix] | None = None,
) -> None:
    """Write the page of a finished run into a file.

    Parameters
    ----------
    record : of given distances, added to that of the run: its name, and models, corpora, components and `about`, what
        the distances were made from
    without : the distances without each replicate of the texts, of whose trees the support of clades is a share; by
        default the run's own
    """
    from langgeo_report.options import HtmlOptions  # plotly and jinja take long to import
    from langgeo_report.page import page
    from langgeo_report.trees import left_out

    told = run.record
    if record:
        components = {**told.get("components", {}), **record.get("components", {})}
        told = {**told, **record, "components": components}
    write_text(file, page(run, HtmlOptions(), told, left_out(run) if without is None else without))
