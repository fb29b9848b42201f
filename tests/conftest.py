"""Fixtures over a tiny random model: its texts, a config, a finished run, and `langgeo` in this process."""

from __future__ import annotations

import logging
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from installed_packages import built_wheels
from tiny_run import CONFIG, LANGUAGES, PICTURES, Finished, Langgeo, Outcome, made_up_text, save_tiny_model

# Fewer examples than Hypothesis draws by itself: there are many properties. No limits of time: machines are busy.
settings.register_profile("suite", max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("suite")


@pytest.fixture(scope="session", autouse=True)
def _no_waiting_for_the_disk() -> Iterator[None]:
    """Thousands of small files are written; waiting until each is safe on disk would take most of the time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", lambda _: None)
        yield


@pytest.fixture(scope="session")
def text_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Eight files of 700 letters, one token each; not to be changed."""
    folder = tmp_path_factory.mktemp("texts")
    for language in LANGUAGES:
        (folder / f"{language}.txt").write_text(made_up_text(language), encoding="utf-8")
    return folder


@pytest.fixture(scope="session")
def tiny_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two Llama blocks with random weights and a tokenizer of bytes; not to be changed."""
    return save_tiny_model(tmp_path_factory.mktemp("models") / "tiny", seed=0)


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache of this test's own."""
    folder = tmp_path / "cache"
    monkeypatch.setenv("LANGGEO_CACHE", str(folder))
    return folder


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this checkout, built without a network."""
    (wheel,) = built_wheels(tmp_path_factory.mktemp("wheel"), Path(__file__).parents[1])
    return wheel


@pytest.fixture(scope="session")
def tiny_config(tmp_path_factory: pytest.TempPathFactory, tiny_model: Path, text_folder: Path) -> Path:
    """A config over the tiny model and the made-up texts, with little resampling and no pictures."""
    file = tmp_path_factory.mktemp("configs") / "tiny.yaml"
    file.write_text(CONFIG.format(model=tiny_model, texts=text_folder), encoding="utf-8")
    return file


@pytest.fixture
def langgeo(cache: Path, capsys: pytest.CaptureFixture[str]) -> Langgeo:
    """Runs a command in this process: `langgeo("list", "scorers").out`."""
    from langgeo_core.cli import _exit_code

    def call(*arguments: object) -> Outcome:
        capsys.readouterr()
        logging.getLogger("langgeo.notice").handlers.clear()  # an earlier command's, for a stream that is closed
        code = _exit_code([str(argument) for argument in arguments])
        printed = capsys.readouterr()
        return Outcome(code, printed.out, printed.err)

    return call


@pytest.fixture(scope="session")
def whole_run(tmp_path_factory: pytest.TempPathFactory, tiny_config: Path) -> Iterator[Finished]:
    """The tiny config run to the end with every exporter; not to be changed, which is checked for its files' names."""
    from langgeo_core.cli import _exit_code

    folder = tmp_path_factory.mktemp("whole")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LANGGEO_CACHE", str(folder / "cache"))
        logging.getLogger("langgeo.notice").handlers.clear()  # an earlier command's, for a stream that is closed
        words = ["-q", "run", str(tiny_config), PICTURES, "--out", str(folder / "run")]
        assert _exit_code(words) == 0
    files = sorted(folder.rglob("*.*"))
    yield Finished(folder / "run", folder / "cache", tiny_config)
    assert sorted(folder.rglob("*.*")) == files


@pytest.fixture
def own_run(whole_run: Finished, tmp_path: Path, cache: Path) -> Finished:
    """A copy of the finished run and its cache, to be changed at will."""
    shutil.copytree(whole_run.folder, tmp_path / "run")
    shutil.copytree(whole_run.cache, cache)
    return Finished(tmp_path / "run", cache, whole_run.config)
