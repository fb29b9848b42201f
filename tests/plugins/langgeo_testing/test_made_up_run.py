"""The run folder that exporters are tried on is like one that the pipeline writes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tiny_run import Finished

from langgeo_core.api import Run, schema
from langgeo_testing import write_run


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_run(tmp_path_factory.mktemp("made") / "run")


def header(file: Path) -> list[str]:
    return file.read_text(encoding="utf-8").splitlines()[0].split(",")


def test_it_has_the_tables_of_a_run_with_their_columns(made: Path, whole_run: Finished) -> None:
    tables = {file.name for file in made.glob("*.csv")}
    written = {file.name for file in whole_run.folder.glob("*.csv")} - {"mst.csv"}
    assert tables == written
    same = tables - {"distances.csv", "embedding.csv"}
    columns = {name: set(header(made / name)) for name in same}
    found = {name: set(header(whole_run.folder / name)) for name in same}
    assert columns.pop("metrics.csv") == set(schema.METRICS.header) <= found.pop("metrics.csv")
    assert columns == found


def test_what_it_records_is_what_a_run_records(made: Path, whole_run: Finished) -> None:
    one, other = (json.loads((folder / "run.json").read_text(encoding="utf-8")) for folder in (made, whole_run.folder))
    assert one.keys() <= other.keys()
    for kind in ("models", "corpora"):
        assert one[kind][0].keys() <= other[kind][0].keys()
    for kind, components in one["components"].items():
        assert components[0].keys() <= other["components"][kind][0].keys()


def test_every_part_of_it_can_be_read(made: Path) -> None:
    run = Run(made)
    ids = run.distances.ids
    assert tuple(one.id for one in run.languages) == run.embedding.ids == ids
    assert {len(one.labels) for one in run.clusterings} == {len(ids)}
    assert {len(classes) for classes in run.labels.values()} == {len(ids)}
    assert len(run.metrics) >= 3
    assert list(run.cell_distances) == ["model--corpus"]
