"""Faults of models, corpora and exporters."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from contract_faults import CALLS, broken

from langgeo_core.api import (
    Run,
    Text,
)
from langgeo_core.plugins.registry import installed


def exporter(function: Callable[[Run], Any]) -> Any:
    return SimpleNamespace(export=function)


def write(file: Path) -> Path:
    file.write_text(str(next(CALLS)), encoding="utf-8")
    return file


@pytest.mark.parametrize(
    ("function", "check", "said"),
    [
        (lambda run: [], "files_written_are_given_back", "export gives []"),
        (lambda run: [run.path / "absent.txt"], "files_written_are_given_back", "there is no"),
        (
            lambda run: [write(run.path / "a.txt"), write(run.path / "b.txt")][:1],
            "files_written_are_given_back",
            "b.txt",
        ),
        (lambda run: [write(run.path.parent / "beside.txt")], "files_lie_in_the_run_folder", "beside.txt"),
        (lambda run: [write(run.path / "metrics.csv")], "tables_of_the_run_are_left_as_they_are", "metrics.csv"),
        (
            lambda run: [write(run.path / f"{next(CALLS)}.txt")],
            "exporting_again_gives_the_same_files",
            "the second time",
        ),
    ],
)
def test_a_faulty_exporter(function: Callable[[Run], Any], check: str, said: str) -> None:
    assert said in broken("exporters", exporter(function))[check]


class Texts:
    def identity(self) -> Any:
        return SOUND_CORPUS.identity()

    def languages(self) -> Any:
        return ["deu", "fin"]

    def read(self, language: str) -> Text:
        if language not in self.languages():
            return SOUND_CORPUS.read(language)
        return Text(language, (f"Some text in {language}.",), "made up")


SOUND_CORPUS = (
    installed()
    .get("corpora", "text-folder")
    .component.load("factory")(
        installed()
        .get("corpora", "text-folder")
        .component.load("options")(path=Path(__file__).parent / "no-such-folder")
    )
)


class Aliases(Texts):
    def languages(self) -> Any:
        return ["est", "no"]


class Twice(Texts):
    def languages(self) -> Any:
        return ["deu", "deu"]


class Blank(Texts):
    def read(self, language: str) -> Text:
        return replace(super().read(language), documents=("", "text"))


class Growing(Texts):
    def read(self, language: str) -> Text:
        return replace(super().read(language), documents=(f"{next(CALLS)}",))


class Willing(Texts):
    def read(self, language: str) -> Text:
        return Text(language, ("text",), "made up")


class Changing(Texts):
    def identity(self) -> Any:
        return replace(super().identity(), version=str(next(CALLS)))


@pytest.mark.parametrize(
    ("instance", "check", "said"),
    [
        (Changing(), "identity_is_stable", "the second time"),
        (Aliases(), "languages_are_known_and_unique", "gives est, no; langgeo knows ['ekk', 'nob']"),
        (Twice(), "languages_are_known_and_unique", "gives deu twice"),
        (Blank(), "texts_have_documents", "1 of 2 documents of deu"),
        (Growing(), "texts_are_stable", "the text of deu has fingerprint"),
        (Willing(), "a_language_without_text_is_refused", "raises nothing"),
    ],
)
def test_a_faulty_corpus(instance: Texts, check: str, said: str) -> None:
    assert said in broken("corpora", instance)[check]


def test_a_sound_corpus_breaks_nothing() -> None:
    assert broken("corpora", Texts()) == {}


class Wrapped:
    """The tiny model with one method replaced."""

    def __init__(self, folder: Path, **replaced: Any) -> None:
        record = installed().get("models", "huggingface").component
        self.model = record.load("factory")(record.load("options")(path=str(folder)))
        self.replaced = replaced

    def __getattr__(self, name: str) -> Any:
        return (
            (lambda *given: self.replaced[name](self.model, *given))
            if name in self.replaced
            else getattr(self.model, name)
        )


def training(model: Any, dtype: str) -> Any:
    loaded = model.load(dtype)
    loaded.network.train()
    return loaded


class TurnedWeights:
    def __init__(self, reader: Any) -> None:
        self.reader = reader

    def read(self, name: str) -> Any:
        return 2 * self.reader.read(name)


@pytest.mark.parametrize(
    ("name", "function", "check", "said"),
    [
        (
            "identity",
            lambda one: replace(one.identity(), weights_sha256="abc"),
            "identity_is_stable",
            "weights_sha256 is 'abc'",
        ),
        (
            "identity",
            lambda one: replace(one.identity(), name=f"{next(CALLS)}"),
            "identity_is_stable",
            "the second time",
        ),
        (
            "tokenizer",
            lambda one: SimpleNamespace(encode=lambda text: [1, *map(ord, text)]),
            "tokens_are_whole_numbers",
            "encode('') gives [1]",
        ),
        (
            "tokenizer",
            lambda one: SimpleNamespace(encode=lambda text: list(map(ord, text))),
            "loaded_network_encodes_like_the_tokenizer",
            "the tokens differ",
        ),
        ("load", training, "network_is_ready_for_a_forward_pass", "in training mode"),
        ("load", lambda one, dtype: one.load("float64"), "network_is_ready_for_a_forward_pass", "torch.float64"),
        ("weights", lambda one: TurnedWeights(one.weights()), "weights_are_those_of_the_network", "instead of"),
        ("load_causal", lambda one, dtype: 1 / 0, "a_model_without_a_head_says_so", "ZeroDivisionError"),
    ],
)
def test_a_faulty_model(tiny_model: Path, name: str, function: Any, check: str, said: str) -> None:
    assert said in broken("models", Wrapped(tiny_model, **{name: function}))[check]
