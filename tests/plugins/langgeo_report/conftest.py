from __future__ import annotations

import csv
from pathlib import Path

import pytest
from report_run import example_metrics, tree_distances, write_run

from langgeo_core.api import Language, Run


@pytest.fixture(scope="session")
def languages() -> tuple[Language, ...]:
    with Path(__file__).with_name("languages.csv").open(encoding="utf-8", newline="") as file:
        return tuple(_language(row) for row in csv.DictReader(file))


def _language(row: dict[str, str]) -> Language:
    text = {key: value for key, value in row.items() if key not in ("lineage", "latitude", "longitude")}
    latitude, longitude = (float(row[key]) if row[key] else None for key in ("latitude", "longitude"))
    lineage = tuple(filter(None, row["lineage"].split("/")))
    return Language(**text, lineage=lineage, latitude=latitude, longitude=longitude)


@pytest.fixture
def run(tmp_path: Path, languages: tuple[Language, ...]) -> Run:
    values = tree_distances(languages)
    return Run(write_run(tmp_path / "run", languages, values, example_metrics(len(languages))))
