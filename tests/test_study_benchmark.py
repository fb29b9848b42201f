"""The script that measures a machine with the shapes of the study runs, at a size that takes seconds."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tiny_models import one_thread

from langgeo_core.api import ModelShape

TINY = ModelShape(layers=2, hidden=32, intermediate=64, heads=4, kv_heads=2, head_dim=8, vocabulary=50)


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    monkeypatch.syspath_prepend(str(Path(__file__).parents[1]))
    from benchmarks import comparing, study

    def here(scope: Any, blocks: int, device: str) -> dict[str, Any]:
        comparing.save_blocks(comparing.replace(comparing.MISTRAL, layers=blocks), tmp_path)
        return comparing.measured_here(scope, blocks, device, tmp_path)

    monkeypatch.setattr(comparing, "MISTRAL", TINY)
    monkeypatch.setattr(comparing, "LANGUAGES", 5)
    monkeypatch.setattr(comparing, "measured", here)
    monkeypatch.setattr(study, "shape_of", lambda name: TINY)
    monkeypatch.setattr(study, "matmul_rate", lambda *machine: 1e9)
    monkeypatch.setitem(study.SIZES, "cpu", study.Size(windows=3, window=24, batch=2, plain_windows=2, plain_blocks=1))
    with one_thread():
        yield


def test_the_table_has_a_row_for_each_model_and_scope(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    from benchmarks import study

    assert study.main(["--device", "cpu", "--out", str(tmp_path / "table.md")]) == 0
    table = (tmp_path / "table.md").read_text("utf-8")
    assert capsys.readouterr().out == table
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in table.splitlines() if line.startswith("|")]
    assert {len(row) for row in rows[:5]} == {8}
    assert [row[:2] for row in rows[2:5]] == [[name, "72"] for name in study.STUDY]
    assert all(float(cell.replace(",", "")) >= 0 for row in rows[2:5] for cell in row[1:])
    assert [row[0] for row in rows[7:]] == ["matrix", "global"]
    assert table.count("Ratio ") == 2


def test_a_row_fails_where_memory_or_the_integers_are_missed():
    from benchmarks import comparing

    quick = {"scope": "global", "seconds": 1.0, "peak": 10, "start": 10, "equal": True}
    assert [row.equal for row in comparing.against_limits("global", quick)] == [True, True]
    assert [row.equal for row in comparing.against_limits("global", quick | {"equal": False})] == [False, False]
    large = comparing.against_limits("global", quick | {"peak": 7 * comparing.GIB})
    assert [row.equal for row in large] == [True, False]
    slow = comparing.against_limits("global", quick | {"seconds": 31 * 60.0})
    assert [row.equal for row in slow] == [True, True]
    assert slow[0].ratio < 1
