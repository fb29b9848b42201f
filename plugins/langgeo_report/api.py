"""Names for other plugins: a length of time in words, and the page of distances with more than a run knows of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from langgeo_core.api import DistanceMatrix, Run, write_text
from langgeo_report.printing import duration as duration


def write_page(run: Run, record: Mapping[str, Any], without: Sequence[DistanceMatrix]) -> Path:
    """Write `report.html` of a finished run of given distances, and return it.

    Parameters
    ----------
    record : added to that of the run: models, corpora, components and `about`, what the distances were made from
    without : the distances without each replicate of the texts, of whose trees the support of clades is a share
    """
    from langgeo_report.options import HtmlOptions  # plotly and jinja take long to import
    from langgeo_report.page import page

    components = {**run.record.get("components", {}), **record.get("components", {})}
    file = run.path / "report.html"
    write_text(file, page(run, HtmlOptions(), {**run.record, **record, "components": components}, without))
    return file
