"""What stages say about themselves."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from langgeo_core.config.schema import RunSettings, first_stage
from langgeo_core.contract.errors import UserError
from langgeo_core.contract.records import KEYS
from langgeo_core.pipeline.stages import NAMES, STAGES, position
from langgeo_core.storage.schema import remove_stale


def test_no_two_stages_write_the_same_file_or_find_the_same_fact() -> None:
    for kind in ("writes", "facts"):
        found = [one for stage in STAGES for one in getattr(stage, kind)]
        assert len(found) == len(set(found)) > 3


def test_every_stage_has_its_function() -> None:
    assert [stage.load().__name__ for stage in STAGES] == [f"stage_{name}" for name in NAMES]


def test_the_stages_are_known_without_what_they_import() -> None:
    code = "import sys, langgeo_core.pipeline.stages; print(*{'numpy', 'torch', 'pydantic'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""


def test_every_key_of_a_config_begins_with_a_stage() -> None:
    found = {key: first_stage(key) for key in (*KEYS, *RunSettings.model_fields)}
    assert [key for key, stage in found.items() if not stage] == ["executor", "store"]  # they change no result
    assert {stage for stage in found.values() if stage} <= set(NAMES)
    assert {key: found[key] for key in ("calibration", "parts", "seed", "name", "scorer", "exporters")} == {
        "calibration": "calibrate",
        "parts": "compare",
        "seed": "cluster",
        "name": "report",
        "scorer": "compare",
        "exporters": "report",
    }


def test_an_unknown_stage_is_refused() -> None:
    with pytest.raises(UserError, match="there is no stage 'conjure'"):
        position("conjure")


def test_files_of_an_earlier_config_are_removed(tmp_path: Path) -> None:
    names = ("kept.csv", "distances/a--b.csv", "distances/old--b.csv", "distances/notes.txt", "report.html")
    for name in names:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    remove_stale(tmp_path, ("distances/*.csv", "kept.csv"), {"distances/a--b.csv"})
    left = {str(file.relative_to(tmp_path)) for file in tmp_path.rglob("*") if file.is_file()}
    assert left == {"distances/a--b.csv", "distances/notes.txt", "report.html"}
