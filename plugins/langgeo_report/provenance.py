"""What the run was made from: models, texts, licences, versions, components, times."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from langgeo_report.printing import duration


@dataclass(frozen=True)
class Terms:
    """Something that the run or the page contains, and its licence."""

    what: str
    licence: str


@dataclass(frozen=True)
class Provenance:
    """run.json in printed form."""

    facts: list[tuple[str, str]]
    incidents: list[Mapping[str, Any]]
    models: list[Mapping[str, Any]]
    corpora: list[Mapping[str, Any]]
    matrix: Mapping[str, Any] | None
    components: list[tuple[str, Mapping[str, Any], str]]
    calibration: str
    versions: list[tuple[str, str]]
    times: list[tuple[str, str, float]]
    terms: list[Terms]


def provenance(record: Mapping[str, Any], languages: int) -> Provenance:
    """The record of run.json; entries that an older run did not write are left out."""
    kinds: Mapping[str, list[Mapping[str, Any]]] = record.get("components", {})
    return Provenance(
        facts=_facts(record, languages),
        incidents=list(record.get("incidents", ())),
        models=list(record.get("models", ())),
        corpora=list(record.get("corpora", ())),
        matrix=record.get("matrix"),
        components=[
            (kind, item, _settings(item.get("options", {}))) for kind, items in kinds.items() for item in items
        ],
        calibration=_settings(record.get("calibration", {})),
        versions=sorted(record.get("versions", {}).items()),
        times=[(stage, duration(seconds), seconds) for stage, seconds in record.get("times", {}).items()],
        terms=_terms(record),
    )


def _facts(record: Mapping[str, Any], languages: int) -> list[tuple[str, str]]:
    matrix = record.get("matrix")
    known = {
        "languages": languages,
        "distances from": Path(matrix["file"]).name if matrix else None,
        "models": len(record.get("models", ())) or None,
        "corpora": len(record.get("corpora", ())) or None,
        "summed over": _summed_over(record.get("parts") or {}),
        "cells calibrated": None if matrix else record.get("cells_calibrated"),
        "cells reused": None if matrix else record.get("cells_reused"),
        "seed": record.get("seed"),
        "langgeo": record.get("langgeo"),
        "started": str(record.get("started") or "").replace("T", " ")[:16] or None,
    }
    return [(name, str(value)) for name, value in known.items() if value is not None]


def _summed_over(parts: Mapping[str, list[str]]) -> str | None:
    """The layers and modules that the distances use, if these are not all."""
    return ", ".join(f"{key} {', '.join(chosen)}" for key, chosen in parts.items() if chosen) or None


def _settings(options: Mapping[str, Any]) -> str:
    return ", ".join(f"{key}: {_setting(value)}" for key, value in options.items())


def _setting(value: Any) -> str:
    """As a config would say it; an empty text in quotes."""
    return value if value and isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)


def _terms(record: Mapping[str, Any]) -> list[Terms]:
    parts = (*record.get("models", ()), *record.get("corpora", ()))
    used = [Terms(str(part.get("name", "")), str(part.get("licence") or "not stated")) for part in parts]
    if matrix := record.get("matrix"):
        used.append(Terms(Path(matrix["file"]).name, "not stated"))
    inside = [
        Terms("Names, classification and coordinates of languages: Glottolog", "CC BY 4.0"),
        Terms("Coastlines of the world map: Natural Earth", "public domain"),
        Terms("plotly.js, inside this page", "MIT"),
    ]
    return used + inside
