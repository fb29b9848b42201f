from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from unittest import SkipTest

import numpy as np
import pytest
from safetensors.numpy import load_file

from langgeo_core.api import ConfigError, UserError
from langgeo_hf.folder import FolderModel
from langgeo_hf.options import FolderOptions
from langgeo_synthetic.models import RandomInit
from langgeo_synthetic.options import RandomInitOptions
from langgeo_testing import checks


def random_init(model: Path, seed: int = 0) -> RandomInit:
    return RandomInit(RandomInitOptions(model={"name": "huggingface", "path": str(model)}, seed=seed))


def test_the_shape_and_tokenizer_are_the_model_s_and_the_weights_are_not(tiny_model: Path, cache: Path) -> None:
    control, trained = random_init(tiny_model, 1), FolderModel(FolderOptions(path=str(tiny_model)))
    name = "layers.0.self_attn.q_proj"
    found, original = control.weights().read(name), trained.weights().read(name)
    assert found.shape == original.shape
    assert not np.allclose(found, original)
    assert control.tokenizer().encode("ñ и 語") == trained.tokenizer().encode("ñ и 語")


def test_weights_follow_the_initialiser_of_the_architecture(tiny_model: Path, cache: Path) -> None:
    tensors = load_file(random_init(tiny_model).folder() / "model.safetensors")
    linear = np.concatenate([tensor.ravel() for name, tensor in tensors.items() if "_proj" in name])
    assert linear.std() == pytest.approx(0.2, rel=0.02)
    assert all((tensor == 1).all() for name, tensor in tensors.items() if "norm" in name)


def test_the_seed_draws_others_and_the_same_seed_the_same(tiny_model: Path, cache: Path) -> None:
    first = random_init(tiny_model).identity()
    assert random_init(tiny_model, 1).identity().weights_sha256 != first.weights_sha256
    assert random_init(tiny_model).identity() == first
    assert len(list((cache / "models").glob("random-*"))) == 2


def test_contract(tiny_model: Path, cache: Path) -> None:
    for check in checks("models", "random-init", instance=random_init(tiny_model)):
        with suppress(SkipTest):
            check()


def test_a_wrong_model_is_told_in_plain_words(tmp_path: Path, cache: Path) -> None:
    with pytest.raises(ConfigError) as refused:
        RandomInit(RandomInitOptions(model="gemma"))
    assert "no model is named 'gemma'" in str(refused.value)
    with pytest.raises(UserError, match="is not a model folder"):
        random_init(tmp_path).check()


def test_a_model_that_lies_in_no_folder_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("langgeo_synthetic.models.build_component", lambda kind, written: object())
    with pytest.raises(UserError, match="random-init cannot take object"):
        RandomInit(RandomInitOptions(model="any"))


def test_a_model_that_is_not_downloaded_is_absent(tiny_model: Path, cache: Path) -> None:
    away = RandomInit(RandomInitOptions(model={"name": "huggingface", "repo": "nobody/nothing-here"}))
    absence = away.absent()
    assert absence and "nobody/nothing-here" in absence.what
    not_drawn = random_init(tiny_model).absent()
    assert not_drawn and not_drawn.comes
