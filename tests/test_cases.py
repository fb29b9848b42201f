"""Small inputs that once gave a wrong number or a traceback; the READMEs in `cases` say what must happen."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from tiny_models import one_thread
from tiny_run import Langgeo, Outcome, incidents

from langgeo_core.api import Run

CASES = Path(__file__).parent / "cases"
FEW = ("exporters=[]", "evaluators=[]", "baselines=[]", "clusterers=[{name: kmeans, k: 2, seeds: 1}]")
EXACT = "calibration.dtype=float64"


@dataclass(frozen=True)
class Done:
    """A command in the folder of a case that has ended; `again` is another command in the same place."""

    outcome: Outcome
    folder: Path
    cache: Path
    again: Callable[..., Path]

    @property
    def told(self) -> str:
        """Everything that the user reads: what was printed, and the incidents of the run."""
        return self.outcome.out + self.outcome.err + (incidents(self.folder) if self.outcome.code == 0 else "")


Check = Callable[[Done], None]


@dataclass(frozen=True)
class Row:
    """A command and how it may end.

    Parameters
    ----------
    words : the command, in the folder of the case; `--out` is added
    reads : what must hold if it ends with 0; None if it must not
    says : what its message must contain if it is refused with 2; None if it must not be
    never : what its message must not contain
    also : what must hold however it ends
    """

    case: str
    words: tuple[str, ...]
    reads: Check | None = None
    says: tuple[str, ...] | None = None
    never: tuple[str, ...] = ()
    also: Check | None = None

    @property
    def name(self) -> str:
        """The case and its file."""
        return f"{self.case}/{self.words[1]}"


# What must hold of a run that ends with 0


def same_as(*words: str) -> Check:
    """The distances are those of another command in the same folder, up to rounding."""

    def check(done: Done) -> None:
        _assert_same(Run(done.folder), Run(done.again(*words)))

    return check


def matrix_of(name: str, scale: float = 1.0, missing: tuple[tuple[str, str], ...] = ()) -> Check:
    """The distances are those of the file `case/name` times `scale`; missing pairs are missing; the points differ."""

    def check(done: Done) -> None:
        found, given = Run(done.folder), np.genfromtxt(CASES / name, delimiter=",", skip_header=1)[:, 1:]
        assert found.distances.ids == ("deu", "eng", "swe", "fra", "ita", "spa", "rus", "ces")
        for one, other in missing:
            places = found.distances.ids.index(one), found.distances.ids.index(other)
            given[places] = given[places[::-1]] = np.nan
        np.testing.assert_allclose(found.distances.values / scale, given, rtol=1e-12)
        assert len(np.unique(found.embedding.coordinates, axis=0)) == len(given)
        assert {len(set(clustering.labels.tolist())) for clustering in found.clusterings} == {2}

    return check


def languages(*expected: str | None) -> Check:
    """The ids of the languages, in the file's order; None for one that any reading but the wrong one is allowed for."""

    def check(done: Done) -> None:
        found = Run(done.folder).distances.ids
        assert [one for one, known in zip(found, expected, strict=True) if known] == [one for one in expected if one]

    return check


def not_languages(*wrong: str) -> Check:
    """None of the languages is one of these."""

    def check(done: Done) -> None:
        assert not {one.partition("_")[0] for one in Run(done.folder).distances.ids} & set(wrong)

    return check


def labels(**levels: str) -> Check:
    """The classes of each level in the order of the languages, a letter each; `-` is missing."""

    def check(done: Done) -> None:
        stored = json.loads((done.folder / "labels.json").read_text(encoding="utf-8"))
        assert stored == {level: [None if one == "-" else one for one in classes] for level, classes in levels.items()}

    return check


def tells(*words: str) -> Check:
    """What is printed or recorded as an incident contains these."""

    def check(done: Done) -> None:
        assert [word for word in words if word not in done.told] == []

    return check


def no_cells(done: Done) -> None:
    """Nothing was computed before the command ended."""
    assert not list((done.cache / "cells").rglob("*.safetensors"))


def _assert_same(one: Run, other: Run) -> None:
    assert one.distances.ids == other.distances.ids
    assert one.distances.values.max() > 0
    np.testing.assert_allclose(one.distances.values, other.distances.values, atol=1e-6 * one.distances.values.max())


def run(case: str, file: str, *overrides: str, **wanted: object) -> Row:
    return Row(case, ("run", file, *overrides), **wanted)  # type: ignore[arg-type]


def evaluate(case: str, file: str, *overrides: str, **wanted: object) -> Row:
    few = [word for word in FEW if not any(given.startswith(word.partition("=")[0]) for given in overrides)]
    return Row(case, ("evaluate", file, *few, *overrides), **wanted)  # type: ignore[arg-type]


OK = "labels-na/ok.csv"
EIGHT, ALONE = "calibration.batch=8", "calibration.batch=1"
ROWS = (
    evaluate("carriage-returns", "matrix.csv", reads=matrix_of(OK), says=("matrix.csv", "line"), never=("bug",)),
    evaluate(
        "carriage-returns",
        "ok.csv",
        "evaluators=[{name: labels, file: labels.csv, permutations: 3, subsamples: 2}]",
        reads=labels(group="abababab"),
        says=("labels.csv", "line"),
        never=("bug",),
    ),
    evaluate(
        "codes-in-capitals",
        "matrix.csv",
        reads=languages("deu", "eng", "swe", "fra", "hun", "kor", "pol", "dan", "tha"),
        says=("EN",),
    ),
    run("config-and-weights-disagree", "vocab.yaml", says=("vocab", "tokenizer"), never=("bug",)),
    run("config-and-weights-disagree", "size.yaml", says=("size", "layers.0."), never=("bug",)),
    run("config-and-weights-disagree", "rope.yaml", says=("rope", "yarn2"), never=("bug",)),
    *(
        run("encoders-without-is-decoder", f"{name}.yaml", EXACT, EIGHT, reads=same_as(f"{name}.yaml", EXACT, ALONE))
        for name in ("modernbert", "distilbert", "deberta")
    ),
    run(
        "encoders-without-is-decoder",
        "albert.yaml",
        EXACT,
        EIGHT,
        reads=same_as("albert.yaml", EXACT, ALONE),
        says=("albert",),
        never=("mixture",),
    ),
    run("float64-and-padding", "run.yaml", reads=same_as("run.yaml", ALONE)),
    run("fp8-scales", "fp8.yaml", reads=same_as("dequantised.yaml"), says=("fp8",)),
    run(
        "fp8-scales", "fp8.yaml", "calibration.mode=sequential", reads=same_as("dequantised.yaml"), says=("fp8",)
    ),
    run("gguf-cut-in-its-header", "run.yaml", says=("cut.gguf",), never=("bug",)),
    run("gguf-missing-tensors", "run.yaml", says=("part-00001-of-00002.gguf",), never=("bug",), also=no_cells),
    evaluate(
        "labels-na",
        "ok.csv",
        "evaluators=[{name: labels, file: na.csv, permutations: 3, subsamples: 2}]",
        reads=labels(group="-bababab"),
    ),
    evaluate(
        "labels-na",
        "ok.csv",
        "evaluators=[{name: labels, file: pandas.csv, permutations: 3, subsamples: 2}]",
        says=("pandas.csv", "name"),
    ),
    run("lone-surrogate", "run.yaml", says=("fra.jsonl, line 1",)),
    Row("lone-surrogate", ("validate", "run.yaml"), says=("fra.jsonl, line 1",)),
    evaluate("names-read-as-codes", "matrix.csv", reads=not_languages("wln", "yid", "idu", "aka"), says=("Wa",)),
    evaluate(
        "nexus-brackets-in-quotes",
        "matrix.nex",
        reads=languages("nno", None, None, None, None, None, None, None),
        says=("Norwegian [Nynorsk]",),
    ),
    *(
        run(
            "not-a-mixture-of-experts",
            f"{name}.yaml",
            EXACT,
            EIGHT,
            reads=same_as(f"{name}.yaml", EXACT, ALONE),
            says=(name,),
            never=("ixture",),
        )
        for name in ("mamba", "rwkv", "xlnet")
    ),
    run("padding-changes-numbers", "run.yaml", EXACT, EIGHT, reads=same_as("run.yaml", EXACT, ALONE), says=("batch",)),
    *(
        run("quantised-checkpoints", f"{file}.yaml", says=(file, method), never=("bug",), also=no_cells)
        for file, method in {
            "gptq": "gptq",
            "awq": "awq",
            "bitsandbytes": "bitsandbytes",
            "compressed": "compressed-tensors",
            "torchao": "torchao",
            "hqq": "hqq",
            "unknown": "quantization_config",
        }.items()
    ),
    run("qwen2-5-vl-names", "run.yaml", EXACT, EIGHT, reads=same_as("run.yaml", EXACT, ALONE), says=("layers.0.",)),
    evaluate("scale-of-distances", "tiny.csv", reads=matrix_of(OK, scale=1e-300)),
    evaluate("scale-of-distances", "huge.csv", reads=matrix_of(OK, scale=1e300)),
    *(
        evaluate("splitstree-format", f"{name}.nex", reads=matrix_of(OK))
        for name in ("st4_nodiag", "st4_nolabels", "nodiag_both")
    ),
    evaluate("splitstree-format", "inter.nex", reads=matrix_of(OK), says=("inter.nex", "interleave")),
    evaluate(
        "splitstree-format",
        "missing_x.nex",
        reads=matrix_of(OK, missing=(("deu", "eng"),)),
        says=("missing_x.nex", "missing"),
    ),
    run(
        "texts-left-out-silently",
        "run.yaml",
        reads=tells("fra.txt", "ita.TXT", "spa.jsonl.gz"),
        says=("fra.txt",),
    ),
    run("utf16-without-bom", "run.yaml", says=("ukr.txt", "byte")),
    *(
        run("weights-that-are-no-weights", f"{name}.yaml", says=(name, "model.safetensors"), never=("bug",))
        for name in ("lfs", "empty", "html", "truncated")
    ),
)  # fmt: skip


OPEN: frozenset[str] = frozenset()
"""Rows that do not hold yet, by case and file."""


def _row(row: Row) -> object:
    words = [word.partition("=")[0] if "[" in word else word for word in row.words if word not in FEW]
    marks = pytest.mark.xfail(strict=True) if row.name in OPEN else ()
    return pytest.param(row, id=f"{row.case}: {' '.join(words)}", marks=marks)


@pytest.mark.parametrize("row", [_row(row) for row in ROWS])
def test_a_case_gives_what_its_readme_says(
    row: Row, langgeo: Langgeo, cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(CASES / row.case)

    def again(*words: str) -> Path:
        monkeypatch.setenv("LANGGEO_CACHE", str(tmp_path / "other cache"))
        assert langgeo("-q", "run", *words, "--out", tmp_path / "other").code == 0
        return tmp_path / "other"

    out = () if row.words[0] == "validate" else ("--out", tmp_path / "run")
    with one_thread():
        done = Done(langgeo("-q", *row.words, *out), tmp_path / "run", cache, again)
        assert "Traceback" not in done.told
        assert [word for word in row.never if word in done.told] == []
        if done.outcome.code:
            assert done.outcome.code == 2, done.told
            assert row.says is not None, done.told
            assert [word for word in row.says if word not in done.told] == [], done.told
            assert len(done.outcome.err.strip().splitlines()) <= 6, done.told
        else:
            assert row.reads is not None, "it must be refused"
            row.reads(done)
        if row.also:
            row.also(done)


def test_every_case_is_tried() -> None:
    assert {row.case for row in ROWS} == {folder.name for folder in CASES.iterdir() if folder.is_dir()}
