"""The page on transfer has the figures that its table of measured gains gives."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path

import pytest
from tiny_run import Langgeo

PAGE = Path(__file__).parents[3] / "docs" / "results" / "transfer.md"
TABLE = PAGE.with_name("transfer-study.csv")
SECTION = "## Transfer of this model itself"


def section() -> str:
    return PAGE.read_text(encoding="utf-8").split(SECTION)[1].split("\n## ")[0]


def printed(space: str) -> list[float]:
    """The values of a row of the section's table: spearman, ndcg-3, loss-1, loss-3, regret-english."""
    row = next(line for line in section().splitlines() if line.startswith(f"| {space} |"))
    return [float(re.match(r"[−\d.]+", cell)[0].replace("−", "-")) for cell in row.split(" | ")[1:]]  # type: ignore[index]


def test_the_table_is_that_of_the_page() -> None:
    with TABLE.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    sources, targets, seeds = ({row[key] for row in rows} for key in ("source", "target", "seeds"))
    assert f"{len(sources)} sources, {len(targets)} targets" in section() and f"{len(rows)} pairs" in section()
    assert seeds == {"3"} and not {"swe", "nob", "ekk", "npi"} & (sources | targets)
    gains = sorted(float(row["score"]) for row in rows)
    spreads = sorted(float(row["sd"]) for row in rows)
    assert f"{gains[0]:.3f} to {gains[-1]:.3f}".replace("-", "−") in section()
    assert f"{spreads[len(spreads) // 2]:.4f}" in section()


def test_figures_of_the_page_are_those_of_the_table(langgeo: Langgeo) -> None:
    found = json.loads(langgeo("transfer", TABLE, "--permutations", "0", "--json").out)
    values = {(row["distance"], row["metric"]): row["value"] for row in found["figures"] if not row["scope"]}
    for space in dict.fromkeys(row["distance"] for row in found["figures"] if not row["distance"].startswith("source")):
        measured = [values[space, metric] for metric in ("spearman", "ndcg-3", "loss-1", "loss-3", "regret-english")]
        assert measured == pytest.approx(printed(space), abs=6e-4), space
