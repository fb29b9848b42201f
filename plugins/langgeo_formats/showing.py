"""What is told of a finished run by the commands that make one."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from langgeo_core.api import ResolvedConfig, Run
from langgeo_core.hooks import records

RECORDED = ("name", "status", "languages", "matrix", "cells_calibrated", "cells_reused", "incidents", "exported")


def run_as_json(record: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    """How a run went, its figures (None where there is none), and where it is."""
    figures = [{**asdict(one), "value": None if math.isnan(one.value) else one.value} for one in Run(folder).metrics]
    return {key: record[key] for key in RECORDED if key in record} | {"metrics": figures, "folder": str(folder)}


def what_to_open(config: ResolvedConfig, folder: Path, record: Mapping[str, Any]) -> str:
    """The last line of a command that made a run: the file to open first, or the folder where no exporter names one.

    `record` is that of the run, as run.json has it.
    """
    for chosen in config.choices["exporters"]:
        opens = chosen.component.opens if isinstance(chosen.component, records.Exporter) else ""
        if opens and opens in record.get("exported", {}).get(chosen.name, ()):
            return f"report: {folder / opens}"
    return f"run folder: {folder}"
