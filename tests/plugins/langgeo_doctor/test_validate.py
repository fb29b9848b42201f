"""`langgeo validate`: every problem of a config at once, and no model loaded."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from tiny_run import Langgeo, with_files

from langgeo_core.api import installed
from langgeo_core.config.catalog import bundled_configs
from langgeo_core.contract.records import KINDS
from langgeo_doctor.validate import examine

PLANTED = """\
name: planted
exporter: [mst]
models:
  - name: huggingface
    path: {folder}/absent
  - name: huggingface
    path: {model}
corpora:
  - name: text-folder
    path: {texts}
  - name: text-folder
    as: missing
    path: {folder}/no-texts
languages: [deu, eng, Klingon, no, nob, fin]
calibration:
  tokens: 8
  windw: 32
  damping: -1
scorer: {{name: sparsegpt, diagonal: invers}}
quantizer: none
distance: hamming
embedder: umap
clusterers:
  - {{name: kmeans, k: 50}}
  - {{name: hdbscan, min_cluster_size: many}}
evaluators: [glotolog]
baselines: [char-ngrams, char-ngrams]
ablate:
  quantizer: [median, medain]
  colour: [red, green]
"""

FOUND = [
    (2, "exporter", "unknown key 'exporter'", "did you mean 'exporters'?"),
    (4, "models.huggingface", "absent is not a model folder: it has no config.json", "check `path` of the model"),
    (6, "models.huggingface", "two models are named 'huggingface'", "`as: …`"),
    (11, "corpora.missing", "no-texts does not exist", "set `path`"),
    (14, "languages.2", "unknown language or language set 'Klingon'", "did you mean `tlh` (Klingon)?"),
    (14, "languages", "no and nob both name nob (Norwegian Bokmål)", "leave one out"),
    (16, "calibration.tokens", "must be a whole number ≥ 16 where `calibration.unit` is tokens, got '8'", ""),
    (17, "calibration.windw", "unknown key 'windw'", "did you mean 'window'?"),
    (18, "calibration.damping", "must be a number > 0, got '-1'", ""),
    (19, "scorer.diagonal", "must be inverse or cholesky, got 'invers'", "did you mean 'inverse'?"),
    (20, "quantizer", "the quantizer none and the distance hamming do not fit", "that fit"),
    (22, "embedder", "umap needs packages that are not installed: umap-learn", "pip install"),
    (24, "clusterers.kmeans", "50 clusters of 4 languages cannot be made", "lower their number"),
    (25, "clusterers.hdbscan.min_cluster_size", "must be a whole number ≥ 2, got 'many'", ""),
    (26, "evaluators.glotolog", "no evaluator is named 'glotolog'", "did you mean 'glottolog'?"),
    (27, "baselines.char-ngrams", "two baselines are named 'char-ngrams'", "`as: …`"),
    (29, "ablate.quantizer", "medain: no quantizer is named 'medain'", "did you mean 'median'?"),
    (30, "ablate.colour", "red, green: unknown key 'colour'", "keys: "),
]


@pytest.fixture
def planted(tmp_path: Path, tiny_model: Path, text_folder: Path) -> Path:
    file = tmp_path / "planted.yaml"
    file.write_text(PLANTED.format(folder=tmp_path, model=tiny_model, texts=text_folder), encoding="utf-8")
    return file


@pytest.fixture
def without_umap(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    from langgeo_core.hooks import records

    whole = records._is_installed
    monkeypatch.setattr(records, "_is_installed", lambda name: name != "umap-learn" and whole(name))
    yield


@pytest.mark.usefixtures("without_umap")
def test_every_planted_problem_is_found_at_once(langgeo: Langgeo, planted: Path) -> None:
    refused = langgeo("validate", planted)
    assert (refused.code, refused.out) == (2, "")
    assert refused.err.startswith(f"error: {len(FOUND)} problems found\n")
    told = refused.err.split(f"  {planted}:")[1:]
    for (line, path, what, hint), said in zip(FOUND, told, strict=True):
        assert said.startswith(f"{line}: {path}: "), said
        assert what in said
        assert hint in said


def test_the_choice_nearest_to_the_user_is_blamed(langgeo: Langgeo, tiny_config: Path) -> None:
    """Not the registry's default, which nobody wrote."""
    result = langgeo("validate", str(tiny_config), "distance=l2")
    assert "command line: distance: the quantizer median and the distance l2 do not fit" in result.err


@pytest.mark.usefixtures("without_umap")
def test_the_problems_as_json(langgeo: Langgeo, planted: Path) -> None:
    refused = langgeo("validate", planted, "--json")
    assert refused.code == 2
    problems = json.loads(refused.out)
    assert [problem["where"] for problem in problems] == [f"{planted}:{line}: {path}" for line, path, _, _ in FOUND]
    assert set(problems[0]) == {"where", "message", "hint"}


LIGHT = """
import sys
from langgeo_core.cli import _exit_code
from torch import nn
built = []
nn.Linear.__init__ = nn.Embedding.__init__ = lambda self, *sizes, **more: built.append(type(self).__name__)
for config in sys.argv[1:]:
    code = _exit_code(["validate", config])
    print("\\nended", code, *sorted({"sklearn", "umap", "plotly"} & set(sys.modules)), *built)
"""


def test_no_network_is_built(planted: Path, tiny_config: Path, tmp_path: Path) -> None:
    words = [sys.executable, "-c", LIGHT, str(planted), str(tiny_config)]
    environment = {**os.environ, "LANGGEO_CACHE": str(tmp_path / "cache")}
    done = subprocess.run(words, capture_output=True, text=True, check=True, env=environment)
    assert [line for line in done.stdout.splitlines() if line.startswith("ended")] == ["ended 2", "ended 0"]
    assert not (tmp_path / "cache").exists()


def test_weights_are_not_read(langgeo: Langgeo, tiny_config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from langgeo_hf import folder

    def refuse(files: object) -> str:
        raise AssertionError("weights were hashed")

    monkeypatch.setattr(folder, "sha256_of", refuse)
    checked = langgeo("validate", tiny_config)
    assert (checked.code, checked.out) == (0, "tiny: no problems; 8 languages, 8 cells\n")


def faults(langgeo: Langgeo, *words: object) -> list[str]:
    return [problem["message"] for problem in json.loads(langgeo("validate", *words, "--json").out)]


def test_languages_without_a_text_are_named_together(langgeo: Langgeo, tiny_config: Path) -> None:
    told = langgeo("validate", tiny_config, "languages=[deu, eng, fin, hun]").err
    assert "command line: languages: no corpus has text in fin, hun (asked: text-folder)" in told
    assert faults(langgeo, tiny_config, "languages=[deu]") == ["a space of languages needs at least two of them"]


def test_texts_that_cannot_be_read_are_told(
    langgeo: Langgeo, tiny_config: Path, text_folder: Path, tmp_path: Path
) -> None:
    texts = with_files(text_folder, tmp_path / "texts", {"deu.txt": b"\xff", "eng.txt": "  "})
    problems = faults(langgeo, tiny_config, "--text", texts)
    assert [message.partition(" ")[0] for message in problems] == [str(texts / "deu.txt"), str(texts / "eng.txt")]


def test_many_texts_that_cannot_be_read_are_told_in_a_line(
    langgeo: Langgeo, tiny_config: Path, text_folder: Path, tmp_path: Path
) -> None:
    empty = {f"{language}.txt": "" for language in ("deu", "eng", "fra", "ita", "nld")}
    problems = faults(langgeo, tiny_config, "--text", with_files(text_folder, tmp_path / "texts", empty))
    assert [message.partition(" ")[0] for message in problems[:3]] == [
        str(tmp_path / "texts" / f"{language}.txt") for language in ("deu", "eng", "fra")
    ]
    assert problems[3:] == ["2 more texts cannot be read: ita, nld"]


def test_texts_that_take_too_long_are_counted(
    langgeo: Langgeo, tiny_config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("langgeo_doctor.validate.examine", partial(examine, seconds=-1.0))
    assert langgeo("validate", tiny_config).out == "tiny: no problems; 8 languages, 8 cells; 8 texts were not read\n"


def test_a_component_that_breaks_is_a_fault_of_its_plugin(
    langgeo: Langgeo, tiny_config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from langgeo_glottolog.evaluator import Glottolog

    def broken(self: object, languages: object) -> None:
        raise ZeroDivisionError("oops")

    monkeypatch.setattr(Glottolog, "labels", broken)
    told = langgeo("validate", tiny_config).err
    assert "evaluators.glottolog: glottolog breaks: ZeroDivisionError: oops" in told
    assert "this is a bug in the plugin langgeo_glottolog of langgeo" in told


def test_choices_that_no_combination_can_read(langgeo: Langgeo, tiny_config: Path, tmp_path: Path) -> None:
    file = tmp_path / "swept.yaml"
    swept = "ablate:\n  scorer: [wanda, sparsegpt]\n  scorer.diagonal: [cholesky, inverse, transposed]\n"
    file.write_text(tiny_config.read_text(encoding="utf-8") + swept + "  seed: [1, x, y]\n", encoding="utf-8")
    assert faults(langgeo, file) == [
        "transposed: must be inverse or cholesky, got 'transposed'",
        "x: must be a whole number ≥ 0 and ≤ 2147483647, got 'x'",
        "y: must be a whole number ≥ 0 and ≤ 2147483647, got 'y'",
    ]


def test_a_check_that_breaks_is_a_bug_of_its_plugin(
    langgeo: Langgeo, tiny_config: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(draft: object) -> None:
        raise ZeroDivisionError("oops")

    monkeypatch.setattr("langgeo_ablation.choices.problems", broken)
    file = tmp_path / "swept.yaml"
    file.write_text(tiny_config.read_text(encoding="utf-8") + "ablate: {seed: [1, 2]}\n", encoding="utf-8")
    told = langgeo("validate", file).err
    assert "ablate: the command ablate cannot check it: ZeroDivisionError: oops" in told
    assert "this is a bug in the plugin langgeo_ablation of langgeo" in told


@pytest.mark.parametrize(
    "swept",
    ["{seed: [1, 1]}", "{seed: []}", "{seed: {a: b}}", "{seed: ['']}", "5"],
    ids=["twice", "none", "map", "empty", "number"],
)
def test_choices_that_are_none(langgeo: Langgeo, tiny_config: Path, tmp_path: Path, swept: str) -> None:
    file = tmp_path / "swept.yaml"
    file.write_text(tiny_config.read_text(encoding="utf-8") + f"ablate: {swept}\n", encoding="utf-8")
    assert langgeo("validate", file).code == 2
    assert langgeo("ablate", file).code == 2


TEXTS = {
    "too short": ("x" * 127, (), "the text has 127 tokens, fewer than the 128 asked for"),
    "three quarters are not there": (
        "x" * 95,
        ("calibration.short=use",),
        "the text has 95 tokens, fewer than the 128",
    ),
    "fewer than the minimum": ("Satz", ("calibration.short=skip",), "the text has 4 tokens, fewer than the minimum"),
    "fewer windows than replicates": (
        "ein Satz. " * 400,
        ("calibration.window=100", "reliability.replicates=2", "calibration.tokens=100"),
        "the text has 1 full window, fewer than the 2 replicates",
    ),
}


def refused_alike(langgeo: Langgeo, folder: Path, *words: object) -> str:
    """The error that `validate` and `run` end with."""
    checked, run = langgeo("validate", *words), langgeo("run", *words, "--out", folder)
    assert (checked.code, run.code) == (2, 2)
    assert checked.err == run.err[run.err.index("error: ") :]
    return checked.err


@pytest.mark.parametrize(("text", "words", "told"), TEXTS.values(), ids=TEXTS)
def test_what_a_run_refuses_about_texts_is_told_before(
    langgeo: Langgeo,
    tiny_config: Path,
    text_folder: Path,
    tmp_path: Path,
    text: str,
    words: tuple[str, ...],
    told: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from langgeo_hf import network

    def refuse(*which: object) -> None:
        raise AssertionError("a network was loaded")

    monkeypatch.setattr(network, "load_network", refuse)
    texts = with_files(text_folder, tmp_path / "texts", {"deu.txt": text})
    refused = refused_alike(langgeo, tmp_path / "run", tiny_config, "--text", texts, *words)
    assert f"huggingface, text-folder, deu: {told}" in refused


def test_too_few_tokens_are_refused_by_every_command(langgeo: Langgeo, tiny_config: Path, text_folder: Path) -> None:
    told = [
        langgeo(command, tiny_config, "--text", text_folder, "calibration.tokens=15").err
        for command in ("validate", "plan", "run")
    ]
    assert len({*told}) == 1
    assert "calibration.tokens: must be a whole number ≥ 16 where `calibration.unit` is tokens, got '15'" in told[0]
    few = ("calibration.tokens=15", "calibration.unit=lines", "calibration.short=cycle")
    assert "must be" not in langgeo("validate", tiny_config, *few).err


@pytest.fixture
def unconverted(monkeypatch: pytest.MonkeyPatch) -> None:
    """A model that has to be made before its tokenizer can be read."""
    from langgeo_hf.folder import FolderModel

    def make(self: FolderModel) -> None:
        raise AssertionError("the model was made")

    monkeypatch.setattr(FolderModel, "here", lambda self: None)
    monkeypatch.setattr(FolderModel, "tokenizer", make)


@pytest.mark.usefixtures("unconverted")
def test_texts_too_short_for_any_tokenizer_are_refused_before_a_model_is_made(
    langgeo: Langgeo, tiny_config: Path, text_folder: Path, tmp_path: Path
) -> None:
    texts = with_files(text_folder, tmp_path / "texts", {"deu.txt": "ein Satz", "fra.txt": "une phrase"})
    refused = refused_alike(langgeo, tmp_path / "run", tiny_config, "--text", texts)
    assert "1 problem found" in refused
    told = "calibration.tokens, languages deu (8 bytes), fra (10 bytes): too little text in text-folder for 128 tokens"
    assert told in refused
    assert "leave these languages out, lower it, or set calibration.short to skip or cycle" in refused


@pytest.mark.usefixtures("unconverted")
def test_a_tokenizer_that_is_not_here_is_not_asked(langgeo: Langgeo, tiny_config: Path) -> None:
    known = "huggingface: whether 8 texts are long enough is known when a run tokenizes them"
    assert langgeo("validate", tiny_config).out == f"tiny: no problems; 8 languages, 8 cells\n  {known}\n"


@pytest.mark.parametrize(
    ("key", "component"),
    [("models", "huggingface, path"), ("corpora", "text-folder, path"), ("evaluators", "labels, file")],
)
def test_a_path_that_no_file_system_has_is_no_bug(
    langgeo: Langgeo, tiny_config: Path, key: str, component: str
) -> None:
    refused = langgeo("validate", tiny_config, f"{key}=[{{name: {component}: /{'x' * 300}}}]")
    assert refused.code == 2
    assert "File name too long" in refused.err and "report it" not in refused.err


@pytest.mark.parametrize("name", bundled_configs())
def test_a_bundled_config_has_no_problems(langgeo: Langgeo, name: str) -> None:
    models, corpora = installed().all("models"), installed().all("corpora")
    if any(entry.component.missing_packages() for entry in (*models, *corpora)):
        pytest.skip("the starter packages are not installed")
    checked = langgeo("validate", name)
    assert (checked.code, checked.err) == (0, "")


def test_the_planted_components_exist() -> None:
    """Or else the test above would find them missing for another reason."""
    assert "umap" in installed().names(KINDS["embedders"].kind)
    assert "none" in installed().names("quantizers")
