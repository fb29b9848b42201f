"""`langgeo nearest` on a finished run."""

from __future__ import annotations

import json
from pathlib import Path

from tiny_run import Finished, Langgeo

from langgeo_core import load_run


def test_nearest(whole_run: Finished, langgeo: Langgeo) -> None:
    expected = load_run(whole_run.folder).nearest("deu", 3)
    lines = [line.split() for line in langgeo("nearest", whole_run.folder, "German", "-k", "3").out.splitlines()]
    assert [line[0] for line in lines] == [identifier for identifier, _ in expected]
    found = json.loads(langgeo("nearest", whole_run.folder, "de", "-k", "3", "--json").out)
    assert [(one["language"], one["distance"]) for one in found["nearest"]] == expected
    assert (found["language"], found["name"]) == ("deu", "German")


def test_nearest_s_mistakes(whole_run: Finished, langgeo: Langgeo, tmp_path: Path) -> None:
    absent = langgeo("nearest", whole_run.folder, "Welsh")
    assert (absent.code, absent.err.splitlines()[0]) == (2, "error: 'cym' is not in this space")
    assert langgeo("nearest", whole_run.folder, "Welshh").code == 2
    assert "is not a run folder" in langgeo("nearest", tmp_path, "deu").err
