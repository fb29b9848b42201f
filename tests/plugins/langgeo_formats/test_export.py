"""`langgeo export` on a finished run."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tiny_run import Finished, Langgeo


def test_export_prints_what_it_wrote(own_run: Finished, langgeo: Langgeo) -> None:
    done = langgeo("export", own_run.folder, "--format", "newick", "names=name")
    assert done.out == f"{own_run.folder / 'exports' / 'tree.nwk'}\n"
    text = (own_run.folder / "exports" / "tree.nwk").read_text(encoding="utf-8")
    assert text.endswith(");\n")
    assert "German:" in text


def test_files_as_json(own_run: Finished, langgeo: Langgeo) -> None:
    done = langgeo("export", own_run.folder, "--format", "csv", "--json")
    assert json.loads(done.out) == {"files": [str(own_run.folder / "exports" / "distances.csv")]}
    assert json.loads(langgeo("report", own_run.folder, "--json").out)["files"]


def test_any_exporter_is_a_format(own_run: Finished, langgeo: Langgeo) -> None:
    (own_run.folder / "mst.csv").unlink()
    assert langgeo("export", own_run.folder, "--format", "mst").out == f"{own_run.folder / 'mst.csv'}\n"


def test_a_copy_elsewhere(own_run: Finished, langgeo: Langgeo, tmp_path: Path) -> None:
    target = tmp_path / "new" / "x.phy"
    assert langgeo("export", own_run.folder, "--format", "phylip", "--out", target).out == f"{target}\n"
    assert target.read_bytes() == (own_run.folder / "exports" / "distances.phy").read_bytes()
    folder = tmp_path / "folder"
    folder.mkdir()
    assert langgeo("export", own_run.folder, "--format", "csv", "--out", folder).out == f"{folder / 'distances.csv'}\n"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--format", "nexsus"], "did you mean 'nexus'?"),
        (["--format", "nexus", "nams=id"], "unknown option 'nams'"),
        (["--format", "nexus", "names=iso"], "must be id, glottocode or name"),
        (["--format", "figures", "--out", "nowhere"], "files were written, and nowhere is not a folder"),
    ],
)
def test_export_s_mistakes(own_run: Finished, langgeo: Langgeo, words: list[str], message: str) -> None:
    refused = langgeo("export", own_run.folder, *words)
    assert refused.code == 2
    assert message in refused.err
