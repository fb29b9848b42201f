"""Formats that packages of others add, as pip installs them."""

from __future__ import annotations

from pathlib import Path

import pytest
from installed_packages import install, langgeo_with
from tiny_run import incidents, record_of

READER = """
import numpy as np

from langgeo_core.hooks import hookimpl, records

class Pairs:
    example = "deu eng 0.25\\n"

    def recognises(self, beginning):
        {recognises}

    def read(self, text):
        {read}
        from langgeo_core.api import RawMatrix

        pairs = [line.split() for line in text.splitlines()]
        names = tuple(dict.fromkeys(name for one, other, _ in pairs for name in (one, other)))
        values = np.zeros((len(names), len(names)))
        for one, other, distance in pairs:
            row, column = names.index(one), names.index(other)
            values[row, column] = values[column, row] = float(distance)
        return [RawMatrix(names, values)]

@hookimpl
def langgeo_readers():
    yield records.Reader("{name}", "Two languages and their distance on each line.", "{module}:Pairs")
"""
SURE = "return 0.5 * (len(beginning.partition('\\n')[0].split()) == 3)"


def reader(site: Path, distribution: str, name: str, recognises: str = SURE, read: str = "") -> None:
    module = distribution.replace("-", "_")
    install(site, distribution, READER.format(name=name, recognises=recognises, read=read, module=module))


@pytest.fixture
def site(tmp_path: Path) -> Path:
    return tmp_path / "site"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "theirs.txt"
    file.write_text("deu eng 1\ndeu fra 5\ndeu ita 5\neng fra 5\neng ita 6\nfra ita 2\n", encoding="utf-8")
    return file


QUICK = ("evaluators=[]", "baselines=[]", "clusterers=[]", "exporters=[]")


def test_the_format_of_another_package_is_recognised_and_read(site: Path, file: Path, tmp_path: Path) -> None:
    reader(site, "pairs-of-others", "pairs")
    reader(site, "broken-reader", "broken", recognises="return 1 / 0")
    assert "Two languages and their distance on each line." in langgeo_with(site, "list", "readers").out
    out = tmp_path / "out"
    done = langgeo_with(site, "-q", "evaluate", file, *QUICK, "--out", out)
    assert (done.code, done.err) == (0, "")
    assert done.out.splitlines()[0] == f"done: 4 languages of {file} (pairs)"
    assert record_of(out)["matrix"]["format"] == "pairs"
    assert "the reader broken was not asked about theirs.txt: ZeroDivisionError" in incidents(out)


def test_a_file_that_two_readers_recognise_needs_its_format(site: Path, file: Path, tmp_path: Path) -> None:
    reader(site, "first-idea", "pairs")
    reader(site, "second-idea", "triples")
    refused = langgeo_with(site, "evaluate", file, *QUICK, "--out", tmp_path / "out")
    assert refused.code == 2
    assert f"{file} may have several formats" in refused.err
    assert "choose one with --format: first-idea:pairs, second-idea:triples" in refused.err
    chosen = ("--format", "second-idea:triples")
    assert langgeo_with(site, "-q", "evaluate", file, *QUICK, *chosen, "--out", tmp_path / "out").code == 0


def test_a_reader_that_fails_is_named_with_its_package(site: Path, file: Path, tmp_path: Path) -> None:
    reader(site, "broken-reader", "pairs", read="1 / 0")
    refused = langgeo_with(site, "evaluate", file, *QUICK, "--out", tmp_path / "out")
    assert refused.code == 2
    assert "theirs.txt: the reader pairs fails: ZeroDivisionError: division by zero" in refused.err
    assert "this is a bug in the plugin broken_reader of broken-reader 1.0; please report it" in refused.err
    assert "Traceback" not in refused.err
