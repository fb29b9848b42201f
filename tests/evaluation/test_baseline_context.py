"""What the baselines of a run may read: its texts, and the tokens that its models read, without a network."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tiny_run import LANGUAGES, Finished, Langgeo, made_up_text, with_files

from langgeo_core.calibration.windows import RunWindows
from langgeo_core.config.catalog import bundled_catalog
from langgeo_core.config.load import draft_config
from langgeo_core.contract.errors import UnavailableError
from langgeo_core.contract.types import BaselineContext
from langgeo_core.evaluation.baselines import Outcome, baseline_context, run_baselines
from langgeo_core.planning.plan import Plan, make_plan
from langgeo_core.plugins.registry import installed
from langgeo_core.storage.run_folder import Run
from langgeo_core.storage.schema import read_distances

TOKENS = "baselines=[token-overlap, token-distribution]"

Planned = Callable[..., Plan]


@pytest.fixture
def planned(tiny_config: Path) -> Planned:
    def plan(*words: str) -> Plan:
        return make_plan(draft_config(str(tiny_config), words, installed(), bundled_catalog()).resolved())

    return plan


def text_of(language: str) -> str:
    return made_up_text(language).strip()


def as_bytes(text: str) -> list[int]:
    """The tokens of the tiny model's alphabet, which has an id for each letter."""
    from tokenizers import pre_tokenizers

    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    return [alphabet.index("Ġ" if letter == " " else letter) for letter in text]


def incidents(outcome: Outcome) -> list[str]:
    return [incident.message for incident in outcome.incidents]


def context_of(plan: Plan, languages: Sequence[str]) -> BaselineContext:
    return baseline_context(plan, languages, RunWindows(plan).ids)


def test_all_tokens_are_those_of_the_whole_text(planned: Planned) -> None:
    context = context_of(planned(), LANGUAGES)
    assert [language.id for language in context.languages] == list(LANGUAGES)
    assert list(context.tokens) == ["huggingface"]
    assert context.documents("fra") == (text_of("fra"),)
    assert context.tokens["huggingface"]("fra", True).tolist() == as_bytes(text_of("fra"))


@pytest.mark.parametrize("seed", ["0", "1"])
def test_the_tokens_of_calibration_are_those_that_the_model_reads(
    planned: Planned, langgeo: Langgeo, tiny_config: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: str
) -> None:
    from langgeo_core.calibration.collect import Collector

    read: dict[str, list[int]] = {}
    collect = Collector.collect_each

    def noted(self: Collector, language: str, windows: Any, parts: Any) -> Any:
        read[language] = [token for window in windows.ids for token in window]
        return collect(self, language, windows, parts)

    monkeypatch.setattr(Collector, "collect_each", noted)
    words = [f"calibration.seed={seed}", "languages=[deu, fra]", "exporters=[]", "baselines=[]"]
    assert langgeo("run", tiny_config, *words, "--out", tmp_path / "run").code == 0
    context = context_of(planned(*words), ["deu", "fra"])
    assert {language: context.tokens["huggingface"](language, False).tolist() for language in read} == read
    assert [len(tokens) for tokens in read.values()] == [128, 128]


def test_passages_are_the_text_of_the_tokens_that_calibration_reads(planned: Planned) -> None:
    plan = planned()
    context, settings = context_of(plan, LANGUAGES), plan.config.settings.calibration
    passages = context.passages["huggingface"]("fra")
    assert [len(passage) for passage in passages] == [settings.window] * (settings.tokens // settings.window)
    assert all(passage in text_of("fra") for passage in passages)
    assert as_bytes("".join(passages)) == context.tokens["huggingface"]("fra", False).tolist()


def test_corpora_follow_one_another_and_a_skipped_text_has_no_tokens(
    planned: Planned, text_folder: Path, tmp_path: Path
) -> None:
    short = with_files(text_folder, tmp_path / "short", {"fra.txt": "a" * 64, "ita.txt": None})
    corpora = f"corpora=[{{name: text-folder, path: {text_folder}}}, {{name: text-folder, as: other, path: {short}}}]"
    read = context_of(planned(corpora, "calibration.short=skip"), LANGUAGES).tokens["huggingface"]
    assert read("deu", True).tolist() == as_bytes(text_of("deu")) * 2
    assert [len(read(language, False)) for language in ("deu", "fra", "ita")] == [256, 128, 128]
    lengths = [2 * len(text_of("deu")), len(text_of("fra")) + 64, len(text_of("ita"))]
    assert [len(read(language, True)) for language in ("deu", "fra", "ita")] == lengths


def test_a_text_is_tokenized_once_and_no_network_is_loaded(
    own_run: Finished, langgeo: Langgeo, monkeypatch: pytest.MonkeyPatch
) -> None:
    from langgeo_hf.folder import FolderModel
    from langgeo_hf.network import FolderTokenizer

    encoded: list[str] = []
    encode = FolderTokenizer.encode
    monkeypatch.setattr(FolderTokenizer, "encode", lambda self, text: encoded.append(text) or encode(self, text))
    monkeypatch.delattr(FolderModel, "load")
    words = [TOKENS, "exporters=[]", "--from", "evaluate", "--out", own_run.folder]
    assert langgeo("run", own_run.config, *words).code == 0
    assert sorted(encoded) == sorted(text_of(language) for language in LANGUAGES)
    for name in ("token-overlap", "token-distribution"):
        matrix = read_distances(own_run.folder / "baselines" / f"{name}.csv")
        assert matrix.ids == LANGUAGES and matrix.complete and matrix.values.any()
    assert {metric.source for metric in Run(own_run.folder).metrics} == {"run", "token-overlap", "token-distribution"}


def test_tokens_cannot_be_changed_by_a_baseline(planned: Planned) -> None:
    with pytest.raises(ValueError, match="read-only"):
        context_of(planned(), LANGUAGES).tokens["huggingface"]("deu", True)[0] = 1


def test_without_models_and_texts_what_needs_them_is_left_out_and_the_rest_is_done(
    planned: Planned,
) -> None:
    plan = planned("baselines=[char-ngrams, token-overlap, glottolog-tree]")
    outcome = run_baselines(replace(plan, models={}, corpora={}), LANGUAGES, RunWindows(plan).ids)
    assert incidents(outcome) == [
        "the baseline char-ngrams is left out: it reads the text that a model reads, and this run has no model",
        "the baseline token-overlap is left out: it reads the tokens of a model, and this run has no model",
    ]
    assert list(outcome.distances) == ["glottolog-tree"]
    assert {metric.source for metric in outcome.metrics} == {"glottolog-tree"}


def test_a_model_without_texts_has_no_tokens(planned: Planned) -> None:
    context = context_of(replace(planned(), corpora={}), LANGUAGES)
    for whole in (True, False):
        with pytest.raises(UnavailableError, match="reads texts"):
            context.tokens["huggingface"]("deu", whole)
