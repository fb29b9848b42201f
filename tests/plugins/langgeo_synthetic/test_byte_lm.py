from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from pydantic import ValidationError

from langgeo_core.api import NumericalError, UserError
from langgeo_synthetic.corpus import Synthetic
from langgeo_synthetic.models import NOTES, ByteLm
from langgeo_synthetic.options import ByteLmOptions, SyntheticOptions
from langgeo_synthetic.training import architecture, byte_tokenizer, train
from langgeo_testing import Check, checks

TINY: dict[str, Any] = {"layers": 1, "width": 16, "heads": 2, "window": 16, "batch": 2, "steps": 3}
WORLD = {"families": 1, "branches": 1, "languages": 3, "sentences": 20}


def byte_lm(seed: int = 0, world: int = 0, **options: Any) -> ByteLm:
    model = ByteLm(ByteLmOptions(**{**TINY, "seed": seed, **options}))
    model.learn_from({"synthetic": Synthetic(SyntheticOptions(**WORLD, seed=world))})
    return model


@pytest.fixture(scope="module")
def shared_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("byte-lm")


@pytest.mark.parametrize("check", checks("models", "byte-lm", instance=byte_lm()), ids=str)
def test_contract(check: Check, shared_cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANGGEO_CACHE", str(shared_cache))
    check()


def test_it_is_trained_once_and_says_so(cache: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO", "langgeo.notice")
    first = byte_lm().identity()
    assert [record.message for record in caplog.records] == ["training byte-lm on synthetic: once, some minutes"]
    (folder,) = (cache / "models").glob("byte-lm-*")
    written = (folder / "model.safetensors").stat().st_mtime_ns
    assert byte_lm().identity() == first
    assert len(caplog.records) == 1
    assert (folder / "model.safetensors").stat().st_mtime_ns == written


def test_options_texts_and_seed_make_another_model(cache: Path) -> None:
    made = [byte_lm(), byte_lm(seed=1), byte_lm(world=1), byte_lm(steps=2)]
    assert len({model.identity().weights_sha256 for model in made}) == 4


def test_training_again_gives_the_same_weights(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = byte_lm().identity()
    monkeypatch.setenv("LANGGEO_CACHE", str(cache / "other"))
    assert byte_lm().identity() == first


def test_the_loss_is_recorded_and_falls(cache: Path) -> None:
    losses = []
    for steps in (0, 60):
        model = byte_lm(steps=steps)
        notes = json.loads((model.folder() / NOTES).read_text(encoding="utf-8"))
        losses.append(notes["loss"])
        assert f"{steps} steps, last loss {notes['loss']:.3f} nats a byte" == model.identity().revision
    assert losses[0] == pytest.approx(math.log(258))
    assert losses[1] < 4.5


def test_without_texts_it_says_where_it_works() -> None:
    with pytest.raises(UserError, match="byte-lm has no texts to learn from"):
        ByteLm(ByteLmOptions(**TINY)).identity()


def test_tokens_are_the_bytes() -> None:
    tokenizer = byte_tokenizer()
    text = "Aß ж\n語 "
    tokens = tokenizer(text)["input_ids"]
    assert len(tokens) == len(text.encode())
    assert tokenizer.decode(tokens) == text
    assert max(tokens) < 256
    assert tokenizer.convert_tokens_to_ids(["<s>", "<pad>"]) == [256, 257]


def test_a_text_shorter_than_a_window_is_learned_whole() -> None:
    options = ByteLmOptions(**{**TINY, "steps": 1})
    _, loss = train(architecture(options, 256, 257), [np.arange(5)], options)
    assert math.isfinite(loss)


def test_a_loss_that_runs_away_is_an_error() -> None:
    options = ByteLmOptions(**{**TINY, "steps": 5, "learning_rate": 1e30})
    with pytest.raises(NumericalError, match="infinite"):
        train(architecture(options, 256, 257), [np.arange(200)], options)


def test_training_leaves_the_caller_s_random_numbers_alone() -> None:
    options = ByteLmOptions(**{**TINY, "steps": 1})
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    train(architecture(options, 256, 257), [np.arange(200)], options)
    assert torch.equal(torch.rand(3), expected)


def test_heads_must_divide_the_width() -> None:
    with pytest.raises(ValidationError, match="twice the number of heads"):
        ByteLmOptions(width=24, heads=4 + 1)
