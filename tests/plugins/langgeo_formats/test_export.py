"""`langgeo export` on a finished run."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from tiny_run import Finished, Langgeo

import langgeo_core as lg
from langgeo_core.api import UserError


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


def test_some_languages_and_groups(langgeo: Langgeo, own_run: Finished, tmp_path: Path, cache: Path) -> None:
    target = tmp_path / "some.csv"
    words = ["--format", "csv", "--out", target, "--languages", "German, nl", "--languages", "spa"]
    for given in (own_run.folder, own_run.folder / "distances.csv"):
        assert langgeo("export", given, *words).code == 0
        assert target.read_text(encoding="utf-8").splitlines()[0] == "language,deu,nld,spa"
    words = ["--format", "phylip", "--out", tmp_path / "g.phy", "--languages", "Germanic,Finnish"]
    assert langgeo("export", "best", *words).code == 0
    listed = [line.split()[0] for line in (tmp_path / "g.phy").read_text(encoding="utf-8").splitlines()[1:]]
    assert listed == [*lg.space("best").subset(["Germanic", "Finnish"]).ids]
    refused = langgeo("export", own_run.folder, "--format", "csv", "--languages", "Germn")
    assert (refused.code, "did you mean `deu` (German)?" in refused.err) == (2, True)


def test_it_is_told_as_what_words_are_read(langgeo: Langgeo, tmp_path: Path) -> None:
    words = ["export", "best", "--format", "csv", "--out", tmp_path / "some.csv", "--overwrite", "--languages"]
    told = langgeo(*words, "Norwegian,German,Germanic,hun").err.splitlines()
    germanic = lg.space("best").subset("Germanic")
    assert told == [
        "Norwegian: Norwegian Bokmål (nob); the group Norwegian is norw1258",
        f"Germanic: {len(germanic)} languages",
        f"{len(germanic) + 1} languages of best",
    ]
    assert langgeo(*words, "norw1258").err.splitlines()[0] == "norw1258: 2 languages"
    refused = langgeo(*words, "Norwegian")
    assert refused.code == 2 and "Norwegian is one language of best, Norwegian Bokmål" in refused.err
    assert langgeo("-q", *words, "Norwegian,Germanic").err == f"{len(germanic)} languages of best\n"


def test_what_is_there_is_not_replaced_unasked(
    langgeo: Langgeo, own_run: Finished, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    mine = tmp_path / "letters-deu-nld.csv"
    words = ["export", "letters", "--format", "csv", "--languages", "deu,nld"]
    assert langgeo(*words).out == "letters-deu-nld.csv\n", "called after the space and the languages"
    assert langgeo(*words).code == 0, "the same again"
    mine.write_text("mine", encoding="utf-8")
    refused = langgeo(*words)
    assert refused.code == 2 and mine.read_text(encoding="utf-8") == "mine"
    assert "letters-deu-nld.csv is there already, and different" in refused.err and "--overwrite" in refused.err
    assert langgeo(*words, "--overwrite").code == 0
    assert mine.read_text(encoding="utf-8").startswith("language,deu,nld\n")
    refused = langgeo("export", own_run.folder, "--format", "csv", "--out", mine)
    assert refused.code == 2 and "letters-deu-nld.csv is there already" in refused.err


def test_files_of_the_run_that_are_replaced_are_named(langgeo: Langgeo, own_run: Finished) -> None:
    file = own_run.folder / "exports" / "distances.nex"
    words = ["export", own_run.folder, "--format", "nexus"]
    first, second = (langgeo(*words, f"names={names}") for names in ("id", "name"))
    assert (first.err, second.err) == ("", f"replaced: {file}\n")
    assert first.out == second.out == f"{file}\n"


def test_several_files_of_a_space_get_a_folder(
    langgeo: Langgeo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cache: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    done = langgeo("export", "letters", "--format", "latex", "--languages", "deu,nld,fra")
    assert done.out.splitlines() == [
        str(Path("letters-deu-nld-fra") / name) for name in ("scores.tex", "distances.tex")
    ]
    assert all((tmp_path / file).is_file() for file in done.out.splitlines())


def test_the_same_from_python(
    langgeo: Langgeo, own_run: Finished, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    space = lg.load_run(own_run.folder)
    assert space.export("nexus", names="name") == [Path("run.nex")]
    langgeo("export", own_run.folder, "--format", "nexus", "names=name", "--out", tmp_path / "cli.nex")
    one, other = ((tmp_path / name).read_text(encoding="utf-8").splitlines() for name in ("run.nex", "cli.nex"))
    assert [one[0], *one[2:]] == [other[0], *other[2:]], "without the name of the space, which is that of the folder"
    assert one[1].startswith("[8 languages of run, langgeo "), one[1]
    (written,) = space.subset(["deu", "nld"]).export("csv", tmp_path / "two.csv")
    assert written.read_text(encoding="utf-8").splitlines()[0] == "language,deu,nld"
    with pytest.raises(UserError, match=r"two\.csv is there already(.|\n)*overwrite=True"):
        space.export("csv", tmp_path / "two.csv")
    space.export("csv", str(tmp_path / "two.csv"), overwrite=True)
    assert len(written.read_text(encoding="utf-8").splitlines()) == 9
    with pytest.raises(UserError, match="unknown option 'nams'"):
        space.export("csv", nams="id")
    with pytest.raises(UserError, match="did you mean 'nexus'"):
        space.export("nexsus")


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


def test_a_missing_pair_is_exported_as_such(langgeo: Langgeo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    table = "language,deu,nld,fra,ita\ndeu,0,,2,3\nnld,,0,1,2\nfra,2,1,0,1\nita,3,2,1,0\n"
    (tmp_path / "gap.csv").write_text(table, encoding="utf-8")
    done = langgeo("export", "gap.csv", "--format", "csv", "--out", "again.csv")
    assert (done.code, done.out) == (0, "again.csv\n")
    assert "deu,0.0,,2.0,3.0" in (tmp_path / "again.csv").read_text(encoding="utf-8")
    assert langgeo("export", "gap.csv", "--format", "nexus", "--languages", "nld,fra,ita", "--out", "few.nex").code == 0
    assert langgeo("evaluate", "gap.csv", "--out", "run").code == 2
