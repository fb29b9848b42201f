"""`langgeo export` on a finished run."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from tiny_run import Finished, Langgeo

import langgeo_core as lg


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


def test_a_packaged_space_and_a_file_of_distances(langgeo: Langgeo, tmp_path: Path, cache: Path) -> None:
    done = langgeo("export", "best", "--format", "phylip", "--out", tmp_path / "best.phy")
    assert (done.code, done.out) == (0, f"{tmp_path / 'best.phy'}\n")
    space = lg.space("best")
    first, *lines = (tmp_path / "best.phy").read_text(encoding="utf-8").splitlines()
    assert int(first) == len(space) == len(lines)
    read = np.array([[float(entry) for entry in line.split()[1:]] for line in lines])
    np.testing.assert_allclose(read, space.distances.values, rtol=1e-12)
    (tmp_path / "own.csv").write_text("language,deu,eng\ndeu,0,1.5\neng,1.5,0\n", encoding="utf-8")
    done = langgeo("export", tmp_path / "own.csv", "--format", "csv", "--out", tmp_path / "copy.csv")
    assert done.code == 0 and "1.5" in (tmp_path / "copy.csv").read_text(encoding="utf-8")
    refused = langgeo("export", "bets", "--format", "csv")
    assert refused.code == 2 and "best" in refused.err


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
