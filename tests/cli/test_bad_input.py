"""Every mistake ends with one clear message: what, where (file and line, dotted path), and what to do."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from tiny_run import Langgeo, made_up_text, with_files

Refuse = Callable[..., str]


@pytest.fixture
def refuse(langgeo: Langgeo, tiny_config: Path, tmp_path: Path) -> Refuse:
    """Runs the tiny config with changes; the message with which it is refused."""

    def call(*words: object) -> str:
        refused = langgeo("-q", "run", tiny_config, *words, "--out", tmp_path / "run")
        assert refused.code == 2, refused.out + refused.err
        assert refused.out == ""
        assert "Traceback" not in refused.err
        return refused.err

    return call


def message(where: str, what: str, hint: str) -> str:
    return f"  {where}: {what}\n    {hint}"


# The config


def config_line(tiny_config: Path, start: str) -> int:
    lines = tiny_config.read_text(encoding="utf-8").splitlines()
    return 1 + next(number for number, line in enumerate(lines) if line.strip().startswith(start))


@pytest.mark.parametrize(
    ("old", "new", "path", "what", "hint"),
    [
        ("name: kmeans", "name: kmens", "clusterers.kmens", "no clusterer is named 'kmens'", "did you mean 'kmeans'?"),
        ("seeds:", "seds:", "clusterers.kmeans.seds", "unknown option 'seds'", "did you mean 'seeds'?"),
        ("tokens:", "tokns:", "calibration.tokns", "unknown key 'tokns'", "did you mean 'tokens'?"),
        ("exporters:", "exporter:", "exporter", "unknown key 'exporter'", "did you mean 'exporters'?"),
    ],
)
def test_a_misspelt_word_of_the_file(
    langgeo: Langgeo, tiny_config: Path, tmp_path: Path, old: str, new: str, path: str, what: str, hint: str
) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text(tiny_config.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    refused = langgeo("run", file)
    line = config_line(file, new) if "name" not in old else config_line(file, "- name: kmens")
    assert refused.code == 2
    assert refused.err.startswith("error: 1 problem found\n" + message(f"{file}:{line}: {path}", what, hint))
    assert refused.err.count("\n") == 3


@pytest.mark.parametrize(
    ("change", "what", "hint"),
    [
        ("scorer=sparsegtp", "scorer: no scorer is named 'sparsegtp'", "did you mean 'sparsegpt'?"),
        ("corpora=[udrh]", "corpora.udrh: no corpus is named 'udrh'", "did you mean 'udhr'?"),
        ("scorer.diagnal=inverse", "scorer.diagnal: unknown option 'diagnal'", "did you mean 'diagonal'?"),
        ("calibraton.tokens=5", "calibraton: unknown key 'calibraton'", "did you mean 'calibration'?"),
        ("calibration.replicates=8", "unknown key 'replicates'", "did you mean 'reliability.replicates'?\n"),
        ("tokens=512", "tokens: unknown key 'tokens'", "did you mean 'calibration.tokens'?\n"),
        ("scorer.layers=7", "scorer.layers: unknown option 'layers'", "did you mean 'parts.layers'?\n"),
        (
            "scorer.models=x",
            "unknown option 'models'",
            "did you mean 'models' at the top of the config?\n",
        ),
        ("evaluators.glotolog.permutations=9", "evaluators has no item 'glotolog'", "did you mean 'glottolog'?"),
        ("scorer", "'scorer' is not a setting", "write key=value"),
        ("calibration.tokens=many", "must be a whole number ≥ 1, got 'many'", ""),
        ("calibration.tokens=0", "must be a whole number ≥ 1, got '0'", ""),
        ("calibration.tokens=1e3", "must be a whole number ≥ 1, got '1e3'", "write a whole number out in digits"),
        ("calibration.damping=-1", "calibration.damping: must be a number > 0, got '-1'", ""),
        (
            "calibration.dtype=float23",
            "must be float32, float64, bfloat16 or auto, got 'float23'",
            "did you mean 'float",
        ),
        ("calibration.short=skp", "must be error, skip, cycle or use, got 'skp'", "did you mean 'skip'?"),
        ("scorer.diagonal=invers", "must be inverse or cholesky, got 'invers'", "did you mean 'inverse'?"),
        ("models=[]", "models: must be a list of at least 1, got an empty list", ""),
        ("models=[huggingface]", "models.huggingface: one of path, repo and file is needed, got none", ""),
        ("languages=[all, deu]", "`all` cannot be combined", ""),
        ("corpora=[text-folder, text-folder]", "two corpora are named 'text-folder'", "another name with `as: …`"),
        ("models=[huggingface, {name: huggingface}]", "two models are named 'huggingface'", "`as: …`"),
    ],
)
def test_a_mistake_on_the_command_line(refuse: Refuse, change: str, what: str, hint: str) -> None:
    told = refuse(change)
    assert "command line: " in told
    assert what in told
    assert hint in told


def test_two_corpora_of_the_same_name(refuse: Refuse, text_folder: Path) -> None:
    corpus = f"{{name: text-folder, path: {text_folder}}}"
    told = refuse(f"corpora=[{corpus}, {corpus}]")
    assert message("command line: corpora.text-folder", "two corpora are named 'text-folder'", "give one of") in told
    assert "1 problem found" in told


def test_all_mistakes_are_told_at_once(refuse: Refuse) -> None:
    told = refuse("scorer=sparsegtp", "calibration.tokens=0", "oops", "distance=haming")
    assert told.startswith("error: 4 problems found\n")


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"models: [a\ncorpora", ":2: not valid YAML"),
        (b"models: \xff\xfe", ":1: is not UTF-8 text\n    save the file as UTF-8"),
        (b"", "is empty"),
        (b"- models", ":1: a config must be a map of keys"),
        (b"models: &a [x]\n", ":1: not valid YAML: anchors and aliases are not supported"),
        (b"seed: 1\nseed: 2\n", ":2: the key 'seed' is written twice"),
    ],
)
def test_a_file_that_is_no_config(langgeo: Langgeo, tmp_path: Path, content: bytes, says: str) -> None:
    file = tmp_path / "mine.yaml"
    file.write_bytes(content)
    refused = langgeo("run", file)
    assert refused.code == 2
    assert f"{file}" in refused.err
    assert says in refused.err


def test_a_model_folder_that_is_none(refuse: Refuse, tmp_path: Path) -> None:
    told = refuse(f"models.huggingface.path={tmp_path / 'absent'}")
    assert f"{tmp_path / 'absent'} is not a model folder: it has no config.json" in told
    assert "check `path` of the model" in told


def test_a_model_without_safetensors(refuse: Refuse, tmp_path: Path) -> None:
    (tmp_path / "pickled").mkdir()
    (tmp_path / "pickled" / "config.json").write_text("{}")
    assert "pickled weights are not supported" in refuse(f"models.huggingface.path={tmp_path / 'pickled'}")


# Languages


def test_a_language_that_does_not_exist(refuse: Refuse) -> None:
    told = refuse("languages=[deu, German]")
    assert "unknown language or language set 'German'" in told
    assert "did you mean `deu` (German)?" in told


def test_every_language_that_no_corpus_has_is_named(refuse: Refuse) -> None:
    told = refuse("languages=[deu, fin, eng, hun]")
    assert "1 problem found" in told
    where = "command line: languages"
    assert message(where, "no corpus has text in fin, hun (asked: text-folder)", "leave out what no corpus has") in told


def test_a_script_that_no_corpus_has(refuse: Refuse) -> None:
    assert "there is text for deu" in refuse("languages=[deu_Latf, eng]")


def test_a_language_twice(refuse: Refuse) -> None:
    assert "de and deu both name deu (German)" in refuse("languages=[de, eng, deu]")


def test_one_language_makes_no_space(refuse: Refuse) -> None:
    assert "a space of languages needs at least two of them" in refuse("languages=[deu]")


# Texts


@pytest.fixture
def with_text(refuse: Refuse, text_folder: Path, tmp_path: Path) -> Callable[..., str]:
    """Runs the tiny config over texts of which some are changed; the message with which it is refused."""

    def call(changes: dict[str, str | bytes | None], *words: object) -> str:
        return refuse("--text", with_files(text_folder, tmp_path / "mine", changes), *words)

    return call


def test_a_folder_that_does_not_exist(refuse: Refuse, tmp_path: Path) -> None:
    told = refuse("--text", tmp_path / "absent")
    assert f"the text folder {tmp_path / 'absent'} does not exist" in told
    assert "set `path` to a folder of texts" in told


def test_a_folder_without_texts(refuse: Refuse, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert f"{tmp_path / 'empty'} contains no texts" in refuse("--text", tmp_path / "empty")


def test_a_file_in_place_of_a_folder(refuse: Refuse, text_folder: Path) -> None:
    assert "is a file" in refuse("--text", text_folder / "deu.txt")


def test_empty_texts_are_all_named(with_text: Callable[..., str]) -> None:
    told = with_text({"deu.txt": "", "swe.txt": " \n"})
    assert "2 problems found" in told
    for language in ("deu", "swe"):
        assert f"{language}.txt has no text\n    add text, or leave the language out" in told


def test_a_text_in_another_encoding(with_text: Callable[..., str], tmp_path: Path) -> None:
    told = with_text({"deu.txt": "Grüße aus Köln".encode("latin-1")})
    assert f"{tmp_path / 'mine' / 'deu.txt'} is not UTF-8: byte 2 (0xfc) is invalid" in told
    assert "save the file as UTF-8" in told


def test_two_files_of_one_language(with_text: Callable[..., str], tmp_path: Path) -> None:
    told = with_text({"de.txt": "a text"})
    assert f"{tmp_path / 'mine' / 'deu.txt'}: de.txt is also in deu\n    merge them or remove one" in told


def test_a_file_that_is_no_languages(with_text: Callable[..., str], tmp_path: Path) -> None:
    told = with_text({"German.txt": "a text"})
    assert f"{tmp_path / 'mine' / 'German.txt'}: 'German' is not a language id" in told
    assert "rename or remove the file; did you mean `deu` (German)?" in told


SHORT = {"deu.txt": made_up_text("deu", 100), "swe.txt": made_up_text("swe", 40)}
TINY = {"deu.txt": "ninebytes"}


def test_short_texts_are_an_error_that_names_them_all(with_text: Callable[..., str]) -> None:
    told = with_text(SHORT)
    assert "2 problems found" in told
    assert "huggingface, text-folder, deu: the text has 100 tokens, fewer than the 128 asked for" in told
    assert "huggingface, text-folder, swe: the text has 40 tokens" in told
    assert "lower calibration.tokens, leave the language out, or set calibration.short to use, skip or cycle" in told


def test_short_texts_may_be_used_if_they_are_nearly_long_enough(with_text: Callable[..., str]) -> None:
    told = with_text(SHORT, "calibration.short=use")
    assert "1 problem found" in told
    assert "swe: the text has 40 tokens" in told
    assert "lower calibration.tokens to 53 (75% is enough) or leave the language out" in told


@pytest.mark.parametrize("policy", ["error", "skip", "cycle", "use"])
def test_a_tiny_text_is_an_error_under_every_policy(with_text: Callable[..., str], policy: str) -> None:
    told = with_text(TINY, f"calibration.short={policy}")
    assert "huggingface, text-folder, deu: the text has 9 tokens, fewer than the minimum" in told
    assert "leave the language out" in told


@pytest.mark.parametrize(
    ("policy", "changes", "status", "tokens", "incident"),
    [
        ("skip", SHORT, "skipped", {"deu": "100", "swe": "40"}, "text-folder, swe: only 40 tokens; skipped"),
        ("cycle", SHORT, "calibrated", {"deu": "128", "swe": "128"}, "swe: only 40 of 128 tokens available; repeated"),
        (
            "use",
            {"deu.txt": SHORT["deu.txt"]},
            "calibrated",
            {"deu": "100"},
            "100 of 128 tokens available; all used",
        ),
    ],
)
def test_the_other_policies_go_on_and_say_so(
    langgeo: Langgeo,
    tiny_config: Path,
    text_folder: Path,
    tmp_path: Path,
    policy: str,
    changes: dict[str, str | bytes | None],
    status: str,
    tokens: dict[str, str],
    incident: str,
) -> None:
    texts = with_files(text_folder, tmp_path / "mine", changes)
    words = ["--text", texts, f"calibration.short={policy}", "--out", tmp_path / "run"]
    assert langgeo("run", tiny_config, *words).code == 0
    cells = (tmp_path / "run" / "cells.csv").read_text(encoding="utf-8").splitlines()
    for language, count in tokens.items():
        assert [line for line in cells if f",{language},{status},{count}," in line]
    assert incident in (tmp_path / "run" / "run.json").read_text(encoding="utf-8")
    assert ("deu" in (tmp_path / "run" / "distances.csv").read_text(encoding="utf-8")) is (status != "skipped")


def test_nothing_is_left_when_all_but_one_are_skipped(with_text: Callable[..., str], text_folder: Path) -> None:
    short = {file.name: made_up_text(file.stem, 50) for file in sorted(text_folder.iterdir())[1:]}
    told = with_text(short, "calibration.short=skip")
    assert "huggingface--text-folder has too few languages with statistics (deu); distances need two" in told


# Packages and a run folder that is not whole


@pytest.mark.parametrize(("package", "path"), [("gguf", "models.gemma-3-270m"), ("notofonttools", "corpora.udhr")])
def test_a_missing_starter_package(
    langgeo: Langgeo, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, package: str, path: str
) -> None:
    monkeypatch.setattr("langgeo_core.contract.records._is_installed", lambda name: name != package)
    refused = langgeo("run", "starter-small", "--out", tmp_path / "run")
    assert refused.code == 2
    assert f"{path}: " in refused.err
    assert f"needs packages that are not installed: {package}" in refused.err
    assert 'pip install "langgeo[starter]"' in refused.err
    assert not (tmp_path / "run").exists()


def test_a_run_folder_whose_config_is_damaged(own_run_damaged: tuple[Path, str]) -> None:
    folder, told = own_run_damaged
    assert f"{folder / 'config.yaml'}" in told
    assert "Traceback" not in told


@pytest.fixture
def own_run_damaged(refuse: Refuse, tmp_path: Path) -> tuple[Path, str]:
    folder = tmp_path / "run"
    folder.mkdir()
    (folder / "config.yaml").write_text("models: [")
    return folder, refuse()


def test_a_run_record_that_is_damaged(langgeo: Langgeo, own_run: object, tiny_config: Path, tmp_path: Path) -> None:
    (tmp_path / "run" / "run.json").write_text("{")
    refused = langgeo("run", tiny_config, "exporters=[mst]", "--from", "report", "--out", tmp_path / "run")
    assert refused.code == 2
    assert f"{tmp_path / 'run' / 'run.json'} cannot be read" in refused.err
